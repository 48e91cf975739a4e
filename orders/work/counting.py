"""Count by store what pages show, all stores in one question each."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from backoffice.kit.zones import last_day
from orders.auditing import accounting, listings
from orders.auditing.coverage import gaps_by_store
from orders.models import Order, Shipment
from orders.work.base import WAYS, with_store
from orders.work.causes import STORED
from orders.work.order_lists import LISTS
from orders.work.rows import standing_differences
from stores.models import Store, stores_by_zone

# More stores than these are counted as if all were asked for.
FEW = 50
COUNTED_LISTS = ("to_ship", "due_today", "late", "on_hold")
UNSENT, TO_DO = "unsent", "to_do"
# The others are about stores themselves, which are few enough to be asked at once.
OF_ORDERS = [cause for cause in STORED if cause.model is not Store]
# Of the charts; the last ones still change most.
DAYS, LATELY = 30, 2
# Shipped before it was paid: a day typed afterwards counts from its noon.
PAID_BEFORE = Q(shipped_at__gte=F("order__paid_at"))

Days = dict[int, dict[str, dict[str, int]]]


def counts(stores: list[int], now: datetime) -> dict[int, dict[str, int]]:
    """Return how many rows each list and each cause has, and how much there is to do.

    Causes are named by their kinds, and what is none is left out.
    """
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(name: str, rows: QuerySet) -> bool:
        """Add their numbers, and return whether there are any."""
        rows = with_store(rows.order_by())
        if len(stores) <= FEW:
            rows = rows.filter(of__in=stores)
        numbers = rows.values_list("of").annotate(Count("pk"))
        for pk, number in numbers:
            found[pk][name] += number
        return bool(numbers)

    for name in COUNTED_LISTS:
        add(name, LISTS[name].select(Order.objects.all(), now))
    add(UNSENT, Shipment.objects.unsent())
    for cause in OF_ORDERS:
        # Where nothing is wrong, as with most, nothing is to be done.
        if add(cause.kind, cause.standing(now)):
            add(TO_DO, cause.awake(now))
    return found


def gaps(stores: list[int], now: datetime) -> dict[int, dict[str, Any]]:
    """Return the gaps of active stores as things to do: key, since when, and until.

    A gap is known by its end: the beginning of a long one moves with the days.
    """
    found = {}
    for store, ones in gaps_by_store(now, stores).items():
        ends = [(one.start.isoformat(), one.end.isoformat()) for one in ones]
        items = [[f"{store.pk}:{end}", start, end] for start, end in ends]
        found[store.pk] = {"items": items, "alarming": len(items)}
    return found


def differences(stores: list[int], now: datetime) -> dict[int, dict[str, Any]]:
    """Return the orders that differ as things to do: key, since when, and number.

    Not those that another cause is about already. What is not here, and nothing says
    why, raises the alarm; the others may be the staff's own doing.
    """
    listed = listings.last_listings().filter(store__in=stores)
    standing = {listing: standing_differences(listing) for listing in listed}
    numbers = {one.marketplace_order_id for found in standing.values() for one in found}
    known = _known(numbers, now)
    return {
        listing.store_id: {
            "items": [
                [f"{one.store.pk}:{number}", one.since.isoformat(), number]
                for one in found
                if (one.store.pk, number := one.marketplace_order_id) not in known
            ],
            "alarming": accounting.unexplained(listing),
        }
        for listing, found in standing.items()
    }


def days_of(stores: list[int], now: datetime, number: int = DAYS) -> Days:
    """Return of each of the last days how many orders came and shipments left.

    By its date in the store's zone; of shipments also the seconds from paid to shipped
    and how many of them have both.
    """
    found: Days = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    zones = stores_by_zone()
    first = last_day(now, zones) - timedelta(days=number - 1)
    paid = {
        "timed": Count("pk", filter=PAID_BEFORE),
        "taken": Sum(F("shipped_at") - F("order__paid_at"), filter=PAID_BEFORE),
    }
    for zone, keys in zones.items():
        chosen = sorted(set(keys).intersection(stores))
        if not chosen:
            continue
        since = datetime.combine(first, time.min, tzinfo=zone)
        for model, field, name, more in (
            (Order, "ordered_at", "orders", {}),
            (Shipment, "shipped_at", "shipments", paid),
        ):
            way = WAYS[model]
            recent = {f"{way}pk__in": chosen, f"{field}__gte": since}
            rows = model.objects.filter(**recent).order_by()
            cut = rows.annotate(day=TruncDate(field, tzinfo=zone))
            for row in cut.values(f"{way}pk", "day").annotate(
                **{name: Count("pk")}, **more
            ):
                day = found[row.pop(f"{way}pk")][row.pop("day").isoformat()]
                taken = row.pop("taken", None) or timedelta(0)
                day["seconds"] += round(taken.total_seconds())
                for counted, value in row.items():
                    day[counted] += value
    return found


def _known(numbers: set[str], now: datetime) -> set[tuple[int, str]]:
    """Return which orders of these numbers stored causes are about, by their stores."""
    found: set[tuple[int, str]] = set()
    for cause in OF_ORDERS if numbers else []:
        way = WAYS[cause.model]
        number = way.removesuffix("store__") + "marketplace_order_id"
        rows = cause.standing(now).filter(**{f"{number}__in": numbers})
        found.update(rows.values_list(f"{way}pk", number))
    return found
