"""Read from the marketplace what a run asks for, and decide what each order is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone as clock

from orders.importing.triage import Page, Problem, triage
from orders.models import ImportProblem, ImportRun
from stores.failures import in_words
from stores.marketplaces.abilities import Window
from stores.marketplaces.base import (
    PADDING,
    Marketplace,
    MarketplaceOrder,
    MarketplaceUnavailable,
    OrderIncomplete,
    OrderNotFound,
    gettext_noop,
)
from stores.marketplaces.seen import SeenOrders
from stores.models import Store


@dataclass(frozen=True)
class Fetched:
    """What the marketplace shows of an order: when, understood and as received.

    What was written here since `asked_at` is newer.
    """

    facts: MarketplaceOrder
    raw: dict[str, Any]
    at: datetime
    asked_at: datetime


def fetch_order(
    order_id: str,
    marketplace: Marketplace,
    store: Store,
    placed_at: datetime | None = None,
) -> Fetched:
    """Read an order from the marketplace, touching no row; another one is a failure."""
    asked_at = clock.now()
    raw = marketplace.retrieve_order(order_id, placed_at)
    at = clock.now()
    facts = marketplace.parse_order(raw, store.zone, store.words)
    if facts.order_id != order_id:
        raise MarketplaceUnavailable(
            gettext_noop("%(marketplace)s answered with another order (%(other)s)."),
            marketplace=marketplace.label,
            other=facts.order_id,
        )
    return Fetched(facts, raw, at, asked_at)


def fetch_pages(run: ImportRun, marketplace: Marketplace) -> Iterator[Page]:
    """Yield the pages that the run asks for, decided on and not stored.

    The next page is read once the caller has done with this one.
    """
    if run.kind in {ImportRun.Kind.ORDERS, ImportRun.Kind.RECHECK}:
        for order_id in run.order_ids:
            yield _single(run, marketplace, order_id)
    else:
        yield from _window(run, marketplace)


def _window(run: ImportRun, marketplace: Marketplace) -> Iterator[Page]:
    """Read the orders of the run's window, and leave other ones aside.

    An order that comes again, on the next page or over and over, counts once. Where
    the window is about changes, each order that comes counts, however old it is.
    """
    start, end = run.window
    counted = None
    if run.store.abilities.window == Window.PLACED:
        # An order from the future is a wrong clock's, never a reason to lose it.
        ends_now = run.kind == ImportRun.Kind.REFRESH
        last = datetime.max.replace(tzinfo=UTC) if ends_now else end + PADDING
        counted = start - PADDING, last
    seen = SeenOrders()
    asked_at = clock.now()
    for raws in marketplace.list_orders(start, end):
        page = triage(
            run.store, raws, window=counted, already_seen=seen, asked_at=asked_at
        )
        yield page
        seen.add(page.ids)
        # The next page comes where this one was.
        del raws, page
        asked_at = clock.now()


def _single(run: ImportRun, marketplace: Marketplace, order_id: str) -> Page:
    """Return the page of one order by its number; `ids` is what was asked for."""
    asked_at = clock.now()
    try:
        raw = marketplace.retrieve_order(order_id)
        page = triage(run.store, [raw], asked_at=asked_at)
    except OrderIncomplete as error:
        kind = ImportProblem.Kind.UNREADABLE
        page = Page(rejected=[Problem(order_id, kind, in_words(error), None)])
    except OrderNotFound as error:
        kind = ImportProblem.Kind.NOT_FOUND
        problem = Problem(order_id, kind, in_words(error), None)
        page = Page(rejected=[problem], is_given=False)
    page.ids = [order_id]
    return page
