"""What a store's page shows above its settings."""

from typing import Any

from django.utils import timezone as clock

from backoffice.kit.admin import StaffRequest
from orders.admin.stores import coverage, zone_doctor
from orders.admin.stores.replay import replay_url
from orders.importing import replays, rereading
from stores.models import Store


def describe(request: StaffRequest, store: Store) -> dict[str, Any]:
    """Return what the page shows of a store."""
    may_change = request.user.has_perm("stores.change_store")
    return {
        "store": store,
        **coverage.describe(store, clock.now()),
        **zone_doctor.describe(request, store),
        "may_import": request.user.has_perm("stores.import_now"),
        "last": replays.last_replay(store) if may_change else None,
        "read_otherwise": rereading.read_otherwise(store).count() if may_change else 0,
        "replay_url": replay_url(store, rereading.Settings.of(store)),
    }
