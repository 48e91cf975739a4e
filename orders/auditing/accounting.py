"""Account for every order the marketplace lists, and name where both sides differ.

Nothing of this is stored: it is what the newest complete listing and the rows here
make of each other now, so an entry is gone as soon as its cause is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from backoffice.kit.sheets import Row
from orders.auditing import listings
from orders.auditing.differences import (
    Difference,
    awaited_since,
    compare_order,
    is_awaited,
    not_here,
    not_there,
)
from orders.auditing.listings import counted_orders, last_listing, last_listings
from orders.models import ImportProblem, ListedOrder, Order, Reconciliation, Shipment
from stores.marketplaces.abilities import Evidence
from stores.marketplaces.base import OrderStatus
from stores.models import Store


class Fate(TextChoices):
    """What became here of an order that the marketplace lists."""

    HERE = "here", _("Here")
    SKIPPED = "skipped", _("Skipped")
    REJECTED = "rejected", _("Rejected")
    UNEXPLAINED = "unexplained", _("Unexplained")


# The problems that explain why an order is not here; one of them stands at a time. An
# order that was skipped and is done with stays so, though nothing stands any more.
EXPLAINED = {
    Fate.REJECTED: Q(
        kind__in=set(ImportProblem.KEEPS_OUT) - {ImportProblem.Kind.NO_ADDRESS},
        resolved_at=None,
    ),
    Fate.SKIPPED: Q(kind=ImportProblem.Kind.NO_ADDRESS),
}


@dataclass(frozen=True)
class Day:
    """A day's orders at the marketplace by what became of them; no day: no date."""

    day: date | None
    here: int = 0
    skipped: int = 0
    rejected: int = 0
    unexplained: int = 0

    @property
    def seen(self) -> int:
        return self.here + self.skipped + self.rejected + self.unexplained


@dataclass(frozen=True)
class Explained:
    """A listed order, what became of it, and the row here that says so."""

    listed: ListedOrder
    outcome: Fate
    order: Order | None
    problem: ImportProblem | None


def days(store: Store) -> list[Day]:
    """Return the days of the last listing, the newest first, those without a date last.

    Days are cut in the store's zone, as it was when the store was listed.
    """
    listing = last_listing(store)
    if listing is None:
        return []
    counts: dict[date | None, dict[str, int]] = defaultdict(dict)
    first, last = (
        moment.astimezone(store.zone).date()
        for moment in (listing.window_start, listing.started_at)
    )
    for number in range((last - first).days + 1):
        counts[first + timedelta(days=number)] = {}
    grouped = outcomes(listing).order_by().values_list("day", "outcome")
    for day, outcome, count in grouped.annotate(count=Count("pk")):
        counts[day][outcome] = count
    newest_first = sorted(counts, key=lambda day: day or date.min, reverse=True)
    return [Day(day, **counts[day]) for day in newest_first]


def unexplained(listing: Reconciliation) -> int:
    """Return how many listed orders are not here for no reason that is known.

    Those placed, or changed, since the last import come by themselves with the next.
    """
    rows = outcomes(listing).filter(outcome=Fate.UNEXPLAINED)
    if listings.lists_changes(listing.store):
        return 0 if is_awaited(listing) else rows.count()
    if since := awaited_since(listing.store):
        rows = rows.exclude(ordered_at__gte=since)
    return rows.count()


def outcomes(listing: Reconciliation) -> QuerySet[Any]:
    """Return the listed orders with the `outcome` of each."""
    same = {
        "store": listing.store_id,
        "marketplace_order_id": OuterRef("marketplace_order_id"),
    }
    here = Order.objects.filter(**same)
    problems = ImportProblem.objects.filter(**same).order_by()
    return counted_orders(listing).annotate(
        outcome=Case(
            When(Exists(here), then=Value(Fate.HERE.value)),
            *(
                When(Exists(problems.filter(reason)), then=Value(outcome.value))
                for outcome, reason in EXPLAINED.items()
            ),
            default=Value(Fate.UNEXPLAINED.value),
            output_field=CharField(),
        ),
    )


def explain(rows: Iterable[Any], store: Store) -> list[Explained]:
    """Return listed orders, as `outcomes` gives them, with their rows here."""
    rows = list(rows)
    numbers = [row.marketplace_order_id for row in rows]
    orders = Order.objects.filter(store=store).numbered(numbers).without_texts()
    here = {order.marketplace_order_id: order for order in orders}
    named = ImportProblem.objects.filter(store=store, marketplace_order_id__in=numbers)
    problems = {
        (problem.marketplace_order_id, outcome): problem
        for outcome, reason in EXPLAINED.items()
        for problem in named.filter(reason).defer("payload").order_by("last_seen_at")
    }
    return [
        Explained(
            row,
            Fate(row.outcome),
            here.get(row.marketplace_order_id),
            problems.get((row.marketplace_order_id, Fate(row.outcome))),
        )
        for row in rows
    ]


def open_differences(store: Store | None = None) -> list[Difference]:
    """Return where a store and its marketplace differ, of all active stores for None.

    An order whose marketplace side changed here after the listing began is left out:
    the next listing compares it.
    """
    newest: Iterable[Reconciliation] = last_listings()
    if store:
        last = last_listing(store)
        newest = [last] if last else []
    return [found for listing in newest for found in compare_listing(listing)]


def compare_listing(
    listing: Reconciliation, numbers: Collection[str] | None = None
) -> list[Difference]:
    """Return where a listing and the rows here differ, or only of these orders."""
    named = {} if numbers is None else {"marketplace_order_id__in": numbers}
    only_there = outcomes(listing).filter(outcome=Fate.UNEXPLAINED, **named)
    found = [not_here(listing, listed) for listed in only_there]
    if listings.proves_absence(listing.store):
        absent = _unchanged_since(listing).filter(
            _unread_since(listing),
            ~Exists(_listed_as(listing)),
            ordered_at__gte=listing.window_start,
            **named,
        )
        found += [not_there(listing, order) for order in absent]
    compared = (compare_order(listing, *both) for both in _unlike(listing, named))
    return [*found, *filter(None, compared)]


def _unchanged_since(listing: Reconciliation) -> QuerySet[Order]:
    """Return the orders whose marketplace side is here as it was before the listing."""
    began = listing.started_at
    return (
        Order.objects.filter(
            store=listing.store_id, imported_at__lt=began, changed_at__lt=began
        )
        .select_related("store")
        .without_texts()
    )


def _unread_since(listing: Reconciliation) -> Q:
    return Q(rechecked_at=None) | Q(rechecked_at__lt=listing.started_at)


def _listed_as(listing: Reconciliation) -> QuerySet[ListedOrder]:
    number = OuterRef("marketplace_order_id")
    return listing.orders.filter(marketplace_order_id=number).order_by()


def _unlike(
    listing: Reconciliation, named: dict[str, Any]
) -> Iterator[tuple[Order, ListedOrder]]:
    """Yield the orders on both sides that may differ; `compare_order` decides."""
    listed = _listed_as(listing)
    # Not `iexact`, which fails beside a subquery.
    numbers = Shipment.objects.filter(order=OuterRef("pk")).annotate(
        upper=Upper("tracking_number")
    )
    other_number = numbers.exclude(upper=Upper(OuterRef("listed_number")))
    if listing.store.abilities.evidence < Evidence.NUMBER:
        other_number = numbers.none()
    closed = [OrderStatus.SHIPPED, OrderStatus.CANCELLED]
    orders = list(
        _unchanged_since(listing)
        .filter(**named)
        .filter(
            marketplace_order_id__in=listing.orders.order_by().values(
                "marketplace_order_id"
            )
        )
        .annotate(
            listed_pk=Subquery(listed.values("pk")[:1]),
            listed_state=Subquery(listed.values("marketplace_state")[:1]),
            listed_number=Subquery(listed.values("tracking_number")[:1]),
        )
        # What was read again since and is as it was listed still differs from us.
        .filter(_unread_since(listing) | Q(listed_state=F("marketplace_state")))
        .filter(
            ~Q(listed_state=F("marketplace_state"))
            | Q(has_shipment=True) & ~Q(listed_state__in=closed)
            | Q(has_shipment=True, listed_state=OrderStatus.SHIPPED)
            & Exists(other_number)
        )
        .exclude(listed_state="")
        .prefetch_related("shipments")
    )
    rows = listing.orders.in_bulk([order.listed_pk for order in orders])
    for order in orders:
        yield order, rows[order.listed_pk]


DAYS = ["store", "day", "time_zone", "seen", *Fate.values]
DIFFERENCES = [
    "store",
    "difference",
    "marketplace_order_id",
    "order_number",
    "ordered_at",
    "status",
    "status_at_marketplace",
    "tracking_number_at_marketplace",
    "since",
    "time_zone",
    "text",
]


def day_rows(store: Store) -> Iterator[Row]:
    """Yield the days of the last listing as rows of a file, the head first."""
    yield DAYS
    for day in days(store):
        name = day.day.isoformat() if day.day else "unknown"
        counts = [getattr(day, outcome) for outcome in Fate.values]
        yield [store.name, name, store.timezone, day.seen, *counts]


def difference_rows(store: Store) -> Iterator[Row]:
    """Yield where a store and its marketplace differ as rows, the head first."""
    yield DIFFERENCES
    for one in open_differences(store):
        order, listed = one.order, one.listed
        placed = order or listed
        ordered_at, since = (
            moment.astimezone(store.zone).isoformat(timespec="seconds")
            if moment
            else ""
            for moment in (placed and placed.ordered_at, one.since)
        )
        yield [
            store.name,
            one.kind.value,
            one.marketplace_order_id,
            order.number if order else one.marketplace_order_id,
            ordered_at,
            order.status if order else "",
            listed.marketplace_state if listed else "",
            listed.tracking_number if listed else "",
            since,
            store.timezone,
            one.text,
        ]
