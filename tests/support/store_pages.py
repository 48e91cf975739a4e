"""The settings of a store, as its page posts them."""

from django.urls import reverse

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
