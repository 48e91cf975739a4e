"""Read from the marketplace what a run asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone as clock

from orders.importing.pages import Page
from orders.importing.paging import Paging
from orders.importing.windows import PADDING
from orders.models import ImportProblem, ImportRun, Order
from stores.connecting import in_words
from stores.marketplaces.base import (
    Marketplace,
    MarketplaceOrder,
    MarketplaceUnavailable,
    OrderNotFound,
    gettext_noop,
)
from stores.models import Store

OnPage = Callable[[ImportRun], None]


def read(
    run: ImportRun,
    marketplace: Marketplace,
    take: Callable[..., Page],
    on_page: OnPage,
) -> None:
    """Read what the run asks for, handing each page to `take` and counting it."""
    if run.kind in {ImportRun.Kind.ORDERS, ImportRun.Kind.RECHECK}:
        _read_single_orders(run, marketplace, take, on_page)
    else:
        _read_window(run, marketplace, take, on_page)


def _read_window(
    run: ImportRun,
    marketplace: Marketplace,
    take: Callable[..., Page],
    on_page: OnPage,
) -> None:
    """Page from the newest order back until all that follows is before the window.

    New orders push known ones onto the next page, and a page may come again, so the
    ids of all pages are remembered.
    """
    start = run.window_start - PADDING
    end = run.window_end + PADDING
    if run.kind == ImportRun.Kind.REFRESH:
        # An order from the future is a wrong clock's, never a reason to lose it.
        end = datetime.max.replace(tzinfo=run.window_end.tzinfo)
    paging = Paging(start)
    for raws in marketplace.list_orders():
        page = take(run.store, raws, window=(start, end), already_seen=paging.seen)
        _count(run, page)
        on_page(run)
        if paging.is_past(page.ids, page.newest_at):
            return


def _read_single_orders(
    run: ImportRun,
    marketplace: Marketplace,
    take: Callable[..., Page],
    on_page: OnPage,
) -> None:
    for order_id in run.order_ids:
        try:
            page = take(run.store, [marketplace.retrieve_order(order_id)])
        except OrderNotFound as error:
            if run.pk:
                _note_not_found(run.store, order_id, in_words(error))
            run.seen += 1
            run.rejected += 1
        else:
            _count(run, page)
        # Not a preview, which has no row, and not what has only now come in.
        if run.pk:
            Order.objects.filter(
                store=run.store,
                marketplace_order_id=order_id,
                imported_at__lt=run.started_at,
            ).update(rechecked_at=clock.now())
        on_page(run)


def _note_not_found(store: Store, order_id: str, message: str) -> None:
    now = clock.now()
    ImportProblem.objects.update_or_create(
        store=store,
        marketplace_order_id=order_id,
        kind=ImportProblem.Kind.NOT_FOUND,
        defaults={"message": message, "last_seen_at": now, "resolved_at": None},
        create_defaults={
            "message": message,
            "first_seen_at": now,
            "last_seen_at": now,
        },
    )


def _count(run: ImportRun, page: Page) -> None:
    run.pages += 1
    for name, number in page.counts.items():
        setattr(run, name, getattr(run, name) + number)
    run.seen += page.seen


@dataclass(frozen=True)
class Fetched:
    """What the marketplace shows of an order: when, understood and as received."""

    facts: MarketplaceOrder
    raw: dict[str, Any]
    at: datetime


def fetch_order(order_id: str, marketplace: Marketplace, zone: ZoneInfo) -> Fetched:
    """Read an order from the marketplace, touching no row; another one is a failure."""
    raw = marketplace.retrieve_order(order_id)
    at = clock.now()
    facts = marketplace.parse_order(raw, zone)
    if facts.order_id != order_id:
        raise MarketplaceUnavailable(
            gettext_noop("%(marketplace)s answered with another order (%(other)s)."),
            marketplace=marketplace.label,
            other=facts.order_id,
        )
    return Fetched(facts, raw, at)
