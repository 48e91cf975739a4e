"""Read from the marketplace what a run asks for, and decide what each order is."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.utils import timezone as clock

from backoffice.kit.sentences import joined, sentence
from orders.importing.triage import Page, Problem, triage
from orders.models import ImportProblem, ImportRun
from stores.failures import in_words
from stores.marketplaces.abilities import Window
from stores.marketplaces.base import (
    PADDING,
    Marketplace,
    MarketplaceBusy,
    MarketplaceError,
    MarketplaceOrder,
    MarketplaceUnavailable,
    OrderIncomplete,
    OrderNotFound,
    TokenRefused,
    gettext_noop,
)
from stores.marketplaces.seen import SeenOrders
from stores.models import Store

# When so many in a row cannot be read, it is not for something about each.
MOST_UNREAD = 3
# So long a run goes on in which an order could not be read: with the calls that it is
# in by then, each of which may take 45 seconds, it ends within a task's time.
PATIENCE = timedelta(seconds=150)
# Of so many orders it is said why they could not come in.
MOST_TOLD = 5


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


def fetch_pages(
    run: ImportRun, marketplace: Marketplace, patience: timedelta = PATIENCE
) -> Iterator[Page]:
    """Yield the pages that the run asks for, decided on and not stored.

    The next page is read once the caller has done with this one.
    """
    if run.kind in {ImportRun.Kind.ORDERS, ImportRun.Kind.RECHECK}:
        yield from _singles(run, marketplace, patience)
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


def _singles(
    run: ImportRun, marketplace: Marketplace, patience: timedelta
) -> Iterator[Page]:
    """Yield the page of each order, an empty one where it cannot be read.

    Such an order costs only itself; it ends the run where we are turned away, where
    others could not be read right before it, or once the patience is over.
    """
    ends_at = time.monotonic() + patience.total_seconds()
    failures: dict[str, MarketplaceError] = {}
    in_a_row = 0
    for order_id in run.order_ids:
        try:
            page, in_a_row = _single(run, marketplace, order_id), 0
        except MarketplaceError as error:
            if _is_turned_away(error):
                raise
            failures[order_id] = error
            page, in_a_row = Page(ids=[order_id], is_given=False), in_a_row + 1
        yield page
        if in_a_row == MOST_UNREAD or (failures and time.monotonic() >= ends_at):
            break
    if failures:
        raise MarketplaceUnavailable("%(why)s", why=_why_unread(failures))


def _is_turned_away(error: MarketplaceError) -> bool:
    """Return whether the answer is about us and not about the order."""
    wish = error.retry_after if isinstance(error, MarketplaceUnavailable) else None
    return bool(wish) or isinstance(error, TokenRefused | MarketplaceBusy)


def _why_unread(failures: dict[str, MarketplaceError]) -> str:
    because = sentence("Order %(order)s could not be read: %(reason)s")
    told = [
        because % {"order": order_id, "reason": in_words(error)}
        for order_id, error in islice(failures.items(), MOST_TOLD)
    ]
    if more := len(failures) - len(told):
        others = sentence("Others that could not be read: %(count)d.")
        told.append(others % {"count": more})
    return joined(told)


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
