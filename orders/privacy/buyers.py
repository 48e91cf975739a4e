"""One buyer, by e-mail address or by name and postal code: what is kept of him."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model, Prefetch, Q
from django.http import HttpRequest

from backoffice.kit.folding import folded
from backoffice.kit.sentences import sentence
from orders.finding import searching
from orders.finding.words import words_of
from orders.models import ImportProblem, Job, Order, OrderEvent, Shipment, TrackingFile
from orders.models.orders import OrderQuerySet
from orders.models.told import by_number
from orders.privacy.erasing import closed, erase
from orders.tracking_files.reading import Line, read_line
from orders.tracking_numbers import spellings
from stores.access import Limit, within

# Of no use to the buyer, and made of what else is in the file.
LEFT_OUT = {"search_text", "digest", "read_with", "claim", "claimed_until"}
BETWEEN = re.compile(r"[\W_]+")
FILES_OF = (Job.Kind.EXPORT, Job.Kind.SLIPS)


@dataclass(frozen=True)
class Buyer:
    """Who is looked for: the address of the mails, or name and postal code together."""

    email: str = ""
    name: str = ""
    postal_code: str = ""

    def orders(self, among: OrderQuerySet) -> list[Order]:
        """Return this buyer's orders among those, the newest first, no payload read."""
        rows = among.select_related("store", "correction").without_texts()
        if self.email:
            typed = rows.exclude(customer_email="")
            given = rows.exclude(buyer_email="")
            keys = typed.filter(customer_email__iexact=self.email).order_by()
            others = given.filter(buyer_email__iexact=self.email).order_by()
            both = keys.values("pk").union(others.values("pk"))
            return list(rows.filter(pk__in=both))
        words = words_of(self.name)
        found = searching.search(rows, words)
        if found.is_of_newest:
            # All of them, though it takes a while: no order may be missed.
            named = (Q(search_text__contains=word) for word in words)
            return [one for one in rows.filter(*named) if self._is_of(one)]
        return [one for one in found.rows if self._is_of(one)]

    def _is_of(self, order: Order) -> bool:
        codes = {folded(one.ship_to_postal_code) for one in (order, order.ship_to)}
        names = {order.customer_name, order.ship_to_name, order.ship_to.ship_to_name}
        is_named = folded(self.name) in map(folded, names)
        return is_named and folded(self.postal_code) in codes


@dataclass(frozen=True)
class Traces:
    """How rows beside the orders may name a buyer: by an order, or by all of a set."""

    # Those that no other order has, of another store for example.
    numbers: frozenset[str]
    parcels: frozenset[str]
    words: tuple[frozenset[str], ...]
    # The stores whose rows count; carriers’ files are then looked up by numbers alone.
    limit: Limit = None

    @classmethod
    def of(cls, buyer: Buyer, orders: Sequence[Order], limit: Limit = None) -> "Traces":
        words = {frozenset({folded(buyer.email)}) if buyer.email else frozenset()}
        if buyer.name:
            words.add(frozenset({folded(buyer.name), folded(buyer.postal_code)}))
        for order in orders:
            words.add(frozenset({folded(order.mail_address)}))
            for one in (order, order.ship_to):
                place = {folded(one.ship_to_name), folded(one.ship_to_postal_code)}
                words.add(frozenset(place))
        whole = tuple(some for some in words if some and all(some))
        keys = [order.pk for order in orders]
        numbers = {one for order in orders for one in order.numbers}
        others = Order.objects.called(numbers).exclude(pk__in=keys)
        names = Shipment.objects.filter(order__in=keys)
        parcels = map(spellings, names.values_list("tracking_number", flat=True))
        return cls(
            frozenset(numbers.difference(by_number(others.without_texts()))),
            frozenset().union(*parcels),
            whole,
            limit,
        )

    def is_meant(self, line: Line) -> bool:
        """Whether a line of a carrier's file is about an order or parcel of these."""
        # A number format may put zeros before a number.
        numbers = {line.order_id, line.order_id.lstrip("0")}
        parcels = spellings(line.tracking_number)
        return not (
            self.numbers.isdisjoint(numbers) and self.parcels.isdisjoint(parcels)
        )

    def are_in(self, value: Any) -> bool:
        text = " ".join(_texts(value))
        whole = folded(text)
        likely = [some for some in self.words if all(one in whole for one in some)]
        if not likely:
            return False
        # Jan Berg is not in Jan Bergmann, who may live next door.
        parts = [folded(part) for part in BETWEEN.split(text)]
        return any(all(_is_run_of(parts, one) for one in some) for some in likely)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts and numbers of a JSON value, without what they are called."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
    elif isinstance(value, str) or type(value) in {int, float}:
        yield str(value)


def _is_run_of(parts: Sequence[str], word: str) -> bool:
    """Whether parts that follow each other make the word: a name has several."""
    for start in range(len(parts)):
        made = ""
        for part in parts[start:]:
            made += part
            if made == word:
                return True
            if not word.startswith(made):
                break
    return False


def facts_of(
    buyer: Buyer, orders: Sequence[Order], limit: Limit = None
) -> dict[str, Any]:
    """Return everything that is kept of a buyer, as JSON takes it."""
    traces = Traces.of(buyer, orders, limit)
    whole = Order.objects.filter(pk__in=[order.pk for order in orders])
    events = Prefetch("events", OrderEvent.objects.select_related("by"))
    whole = whole.select_related("store", "correction").prefetch_related(
        "line_items", "shipments", "slips", events
    )
    return {
        "orders": [_order_facts(order) for order in whole],
        "import_problems": [_row(one) for one in _problems(traces)],
        "tracking_files": [
            {"file": file.name, "header": file.header, "lines": lines}
            for file, lines in _lines(traces)
        ],
    }


def as_file(buyer: Buyer, orders: Sequence[Order], limit: Limit = None) -> str:
    """Return everything that is kept of a buyer as a JSON file says it."""
    facts = facts_of(buyer, orders, limit)
    return json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def _order_facts(order: Order) -> dict[str, Any]:
    correction = getattr(order, "correction", None)
    return _row(order) | {
        "store": order.store.name,
        "line_items": [_row(one) for one in order.line_items.all()],
        "shipments": [_row(one) for one in order.shipments.all()],
        "correction": _row(correction) if correction else None,
        "packing_slips": [_row(one) for one in order.slips.all()],
        "history": [
            _row(one) | {"by": str(one.by or "")} for one in order.events.all()
        ],
    }


def _row(row: Model) -> dict[str, Any]:
    """Return a row's columns; whose keys they are says nothing to anybody."""
    return {
        field.name: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if not (field.is_relation or field.primary_key or field.name in LEFT_OUT)
    }


@dataclass(frozen=True)
class Erased:
    """How many orders were erased, and which are open and need their address."""

    count: int
    open: list[Order]


def split(orders: Sequence[Order]) -> tuple[list[Order], list[Order]]:
    """Return which of these orders are closed, and which are open."""
    rows = closed(Order.objects.filter(pk__in=[order.pk for order in orders]))
    over = set(rows.values_list("pk", flat=True))
    return (
        [order for order in orders if order.pk in over],
        [order for order in orders if order.pk not in over],
    )


def erase_buyer(
    buyer: Buyer,
    among: OrderQuerySet,
    request: HttpRequest | None = None,
    limit: Limit = None,
) -> Erased:
    """Erase a buyer wherever rows name him; orders that are open stay as they are."""
    with transaction.atomic():
        orders = buyer.orders(among)
        over, still_open = split(orders)
        traces = Traces.of(buyer, over, limit)
        reason = sentence("asked for by the buyer of %(numbers)s") % {
            "numbers": ", ".join(map(str, over))
        }
        keys = erase([order.pk for order in over], reason, request)
        _erase_traces(traces, set(keys))
    return Erased(len(keys), still_open)


def _erase_traces(traces: Traces, keys: set[int]) -> None:
    """Erase the buyer from problems, carriers' files, and files made for download."""
    ImportProblem.objects.filter(pk__in=[one.pk for one in _problems(traces)]).delete()
    for file, named in _lines(traces):
        wanted = set(file.mapping.values())
        numbers = {number for number, _row in named}
        file.lines = [
            [number, _only(row, wanted) if number in numbers else row]
            for number, row in file.lines
        ]
        file.save(update_fields=["lines"])
    jobs = Job.objects.filter(kind__in=FILES_OF).only("keys", "facts", "kind")
    parcels = set(Shipment.objects.filter(order__in=keys).values_list("pk", flat=True))
    rows = {"auditentry": set[int](), "shipment": parcels}
    holding = [
        job.pk
        for job in jobs.iterator(chunk_size=1)
        if not rows.get(job.facts.get("list", ""), keys).isdisjoint(job.keys)
    ]
    Job.objects.filter(pk__in=holding).delete()


def _problems(traces: Traces) -> list[ImportProblem]:
    rows = within(ImportProblem.objects.filter(payload__isnull=False), traces.limit)
    return [one for one in rows.iterator() if traces.are_in(one.payload)]


def _lines(traces: Traces) -> Iterator[tuple[TrackingFile, list[list[Any]]]]:
    """Yield the carriers' files that name the buyer, with the lines that do."""
    for file in TrackingFile.objects.iterator(chunk_size=1):
        named = [
            [number, row]
            for number, row in file.lines
            if traces.is_meant(read_line(number, row, file.mapping, "", {}))
            or (traces.limit is None and traces.are_in(row))
        ]
        if named:
            yield file, named


def _only(row: list[str], wanted: set[int]) -> list[str]:
    return [cell if place in wanted else "" for place, cell in enumerate(row)]
