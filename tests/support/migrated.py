"""What migrations wrote, put back after each test that empties the tables."""

from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.db.models.signals import post_migrate

from tests.support.sequences import set_sequences

# Each after those that it refers to.
WRITTEN = (ContentType, Permission, Group, Group.permissions.through)


def keep_what_migrations_wrote() -> None:
    """Have every flush end with the rows of now, so that tests run in any order."""
    kept = {model: list(model.objects.order_by("pk")) for model in WRITTEN}

    def put_back(using: str, plan: Any = None, **_more: Any) -> None:
        if plan is not None:
            # A test migrates.
            return
        # Django has made these anew, under other keys.
        Permission.objects.using(using).delete()
        ContentType.objects.using(using).delete()
        for model, rows in kept.items():
            model.objects.using(using).bulk_create(rows)
        set_sequences(connections[using], WRITTEN)
        ContentType.objects.clear_cache()

    last = list(apps.get_app_configs())[-1]
    post_migrate.connect(put_back, sender=last, weak=False)
