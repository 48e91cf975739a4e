"""Learn where the pictures of products are; only the browser ever loads them."""

import logging
import time
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone as clock

from orders.models import LineItem, ProductPicture
from stores.marketplaces.base import (
    MarketplaceBusy,
    MarketplaceRefused,
    MarketplaceUnavailable,
    ProductNotFound,
    TokenRefused,
)
from stores.models import Store
from stores.tokens import TokenUnreadable

logger = logging.getLogger(__name__)

# Of older orders nobody looks for a picture that is not here yet.
RECENT = timedelta(days=30)
READ_AGAIN = timedelta(days=30)
MOST_PRODUCTS = 50
# One product whose answer always fails must not hide the pictures of all others.
MOST_FAILURES = 3
BUDGET = 60.0


def unknown_products(store: Store) -> list[str]:
    """Return the products whose picture is to be asked for, of newest orders first."""
    newest = _without_picture(store).values("product_id")
    newest = newest.annotate(at=Max("order__ordered_at")).order_by("-at", "product_id")
    return list(newest.values_list("product_id", flat=True)[:MOST_PRODUCTS])


def is_any_unknown(store: Store) -> bool:
    """Return whether there is a picture to ask for."""
    return _without_picture(store).exists()


def record_pictures(store: Store, budget: float = BUDGET) -> None:
    """Ask the marketplace for the pictures not known, for `budget` seconds at most.

    What is not answered now is asked for again after the next import.
    """
    if not store.is_active or store.connection == Store.Connection.REFUSED:
        return
    until = time.monotonic() + budget
    try:
        marketplace = store.connect()
    except (TokenUnreadable, MarketplaceUnavailable) as error:
        logger.warning("Pictures of store %s not read: %s", store.pk, error)
        return
    failures = 0
    for product_id in unknown_products(store):
        if failures == MOST_FAILURES or time.monotonic() >= until:
            return
        try:
            url = marketplace.picture_url(product_id)
        except (TokenRefused, MarketplaceBusy) as error:
            logger.warning("Pictures of store %s not read: %s", store.pk, error)
            return
        except MarketplaceUnavailable as error:
            logger.warning("A picture of store %s not read: %s", store.pk, error)
            failures += 1
            continue
        except ProductNotFound:
            url = ""
        except MarketplaceRefused as error:
            logger.warning("A picture of store %s refused: %s", store.pk, error)
            url = ""
        ProductPicture.objects.update_or_create(
            store=store,
            product_id=product_id,
            defaults={"url": url, "read_at": clock.now()},
        )


def picture_urls(items: Iterable[LineItem], store: Store) -> dict[str, str]:
    """Return the addresses of these items' pictures by product, of those that have one.

    A page shows one as `<img src="…" alt="" loading="lazy"
    referrerpolicy="no-referrer">`.
    """
    wanted = {item.product_id for item in items} - {""}
    pictures = ProductPicture.objects.filter(store=store, product_id__in=wanted)
    return dict(pictures.exclude(url="").values_list("product_id", "url"))


def _without_picture(store: Store) -> QuerySet[LineItem]:
    now = clock.now()
    known = ProductPicture.objects.filter(
        store=store, product_id=OuterRef("product_id"), read_at__gt=now - READ_AGAIN
    )
    return LineItem.objects.filter(
        ~Exists(known), order__store=store, order__ordered_at__gt=now - RECENT
    ).exclude(product_id="")
