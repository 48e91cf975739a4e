"""A practice shop of some cart, connected as a person connects it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone as clock

from stores import connecting
from stores.models import Store
from stores.sandbox.shops.server import Shop

# A practice shop's profile, and what a person says the cart is.
CARTS = {
    "guide": "other",
    "woo": "woocommerce",
    "magento": "magento",
    "nop": "nopcommerce",
    "craft": "craft",
    "spree": "spree",
}


def to_type(shop: Shop) -> dict[str, str]:
    """Return what a person types to connect it, by the names of the fields."""
    secrets = dict(shop.secrets)
    password = secrets.get("password") or secrets.get("auth_key", "")
    return {"user": shop.settings.get("user", ""), "password": password}


def connect_shop(shop: Shop, name: str = "", **typed: str) -> Store:
    """Connect a store to a practice shop, by the way of its profile."""
    if shop.profile_name == "woo-rest":
        return connecting.connect(
            name=name or f"The {shop.name} shop by REST",
            marketplace="woocommerce",
            address=shop.address,
            **{**shop.secrets, **typed},
        )
    return connecting.connect(
        name=name or f"The {shop.name} shop",
        marketplace="custom_store",
        address=shop.address,
        **{"cart": CARTS[shop.name], **to_type(shop), **typed},
    )


def was_read_lately(store: Store) -> datetime:
    """Have the store's next refresh be about the last hours, in one run."""
    store.last_import_at = clock.now() - timedelta(hours=1)
    store.save(update_fields=["last_import_at"])
    return store.last_import_at


@contextmanager
def connected_shop(profile: str, **typed: str) -> Iterator[tuple[Shop, Store]]:
    """Serve a practice shop and connect a store to it."""
    with Shop(profile=profile) as shop:
        yield shop, connect_shop(shop, **typed)
