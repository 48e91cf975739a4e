"""Read from the marketplace what a run asks for, and decide what each order is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone as clock

from orders.importing.paging import Paging
from orders.importing.triage import Page, Problem, triage
from orders.importing.windows import PADDING
from orders.models import ImportProblem, ImportRun
from stores.connecting import in_words
from stores.marketplaces.base import (
    Marketplace,
    MarketplaceOrder,
    MarketplaceUnavailable,
    OrderNotFound,
    gettext_noop,
)


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
    """Page from the newest order back until all that follows is before the window.

    New orders push known ones onto the next page, and a page may come again, so the
    ids of all pages are remembered.
    """
    start, end = run.window
    start, end = start - PADDING, end + PADDING
    if run.kind == ImportRun.Kind.REFRESH:
        # An order from the future is a wrong clock's, never a reason to lose it.
        end = datetime.max.replace(tzinfo=UTC)
    paging = Paging(start)
    asked_at = clock.now()
    for raws in marketplace.list_orders():
        page = triage(
            run.store,
            raws,
            window=(start, end),
            already_seen=paging.seen,
            asked_at=asked_at,
        )
        yield page
        if paging.is_past(page.ids, page.newest_at):
            return
        # The next page comes where this one was.
        del raws, page
        asked_at = clock.now()


def _single(run: ImportRun, marketplace: Marketplace, order_id: str) -> Page:
    """Return the page of one order by its number; `ids` is what was asked for."""
    try:
        page = triage(run.store, [marketplace.retrieve_order(order_id)])
    except OrderNotFound as error:
        kind = ImportProblem.Kind.NOT_FOUND
        problem = Problem(order_id, kind, in_words(error), None)
        page = Page(rejected=[problem], is_given=False)
    page.ids = [order_id]
    return page
