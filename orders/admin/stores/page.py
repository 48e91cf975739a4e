"""What a store's page shows above its settings."""

from typing import Any

from django.utils import timezone as clock

from backoffice.kit.admin import StaffRequest
from orders.admin.stores import coverage, zone_doctor
from orders.admin.stores.replay import describe_last, replay_url
from orders.admin.word_links import words_url
from orders.importing import rereading
from orders.importing.status_words import count_unknown
from stores.models import Store


def describe(request: StaffRequest, store: Store) -> dict[str, Any]:
    """Return what the page shows of a store."""
    may_change = request.user.has_perm("stores.change_store")
    return {
        "store": store,
        **coverage.describe(store, clock.now()),
        **zone_doctor.describe(request, store),
        "may_import": request.user.has_perm("stores.import_now"),
        **(describe_last(store) if may_change else {}),
        "read_otherwise": rereading.read_otherwise(store).count() if may_change else 0,
        "unknown_words": count_unknown(store) if may_change else {},
        "words_url": words_url(store),
        "replay_url": replay_url(store, rereading.Settings.of(store)),
    }
