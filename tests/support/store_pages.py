"""The settings of a store, as its page posts them, and its steps."""

from django.urls import reverse

from orders.models import ImportRun
from stores.models import Store

SETTINGS = {
    "name": "Main store",
    "is_active": "on",
    "timezone": "UTC",
    "auto_import": "on",
    "import_interval": "15",
    "auto_send_tracking": "on",
    "confirm_green": "on",
    "ship_within_days": "5",
    "language": "en",
    "return_address": "",
    "slip_message": "",
}


def save(client, store: Store, **fields):
    url = reverse("admin:stores_store_change", args=[store.pk])
    return client.post(url, SETTINGS | fields)


def step(store: Store, name: str) -> str:
    return reverse(f"admin:stores_store_{name}", args=[store.pk])


def link_to_run() -> str:
    """Return how a page leads to the only import."""
    run = ImportRun.objects.get()
    return f'href="{reverse("admin:orders_importrun_change", args=[run.pk])}"'
