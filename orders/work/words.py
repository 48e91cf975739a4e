"""Say in words what needs a person: each item in a sentence, with the step that fits.

What a kind of item means, and what to do first, is said once for all of its items.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.advice import Advice, Step, minute_of, names_of
from orders.models import ImportProblem, Order, Shipment
from orders.work.items import Item, Kind, open_problems
from stores.models import Store

MEANINGS = {
    Kind.TOKEN: gettext_lazy(
        "The marketplace refuses the store’s access token: nothing comes in and no "
        "tracking goes out. First make a new token at the marketplace, then replace "
        "it here; the lost time is read by itself."
    ),
    Kind.ZONE: gettext_lazy(
        "The times of the store’s orders fit another zone than the one that is set, "
        "so their dates may be wrong. First look at the evidence on the store’s page;"
        " from there the orders are dated anew, and that can be undone."
    ),
    Kind.GAP: gettext_lazy(
        "No import has completely read the orders of this time, so some may be "
        "missing. First import the gap; one younger than 30 days is imported by "
        "itself where imports are automatic."
    ),
    Kind.ADDRESS: gettext_lazy(
        "The address was corrected here, and the marketplace has changed its own "
        "since. First compare both; the order does not ship before one of them is "
        "chosen."
    ),
    Kind.NOTICE: gettext_lazy(
        "The parcel has left, but the marketplace does not take its tracking: the "
        "buyer sees no number. First read why; then correct the shipment or send it "
        "again."
    ),
    Kind.DOUBT: gettext_lazy(
        "The parcel has left, but its tracking did not go out by itself, because "
        "something about it is in doubt. First have a last look at the shipment; then "
        "send it, or correct it."
    ),
    Kind.REVIEW: gettext_lazy(
        "The marketplace gives the order a status that is not known here, so it "
        "cannot ship. First look at the order on the marketplace’s own page."
    ),
    Kind.PROBLEM: gettext_lazy(
        "The order could not come in, or something on it has to be looked at. First "
        "read why; one without an address comes in by itself once it has one."
    ),
    Kind.DIFFERENCE: gettext_lazy(
        "The order says something else here than at the marketplace, as it was last "
        "listed. First import the order; what is still different has to be looked at."
    ),
    Kind.MAIL: gettext_lazy(
        "The marketplace has accepted the shipment, but the customer could not be "
        "told by mail. First check how mail leaves and the address on the order: "
        "saved again within a week, it is tried once more; left empty, no mail is "
        "sent."
    ),
}

Teller = Callable[[Item, Any], Advice]


def tell(items: Iterable[Item]) -> list[tuple[Item, Advice]]:
    """Return the items with a sentence and a step each; one whose row is gone, not."""
    items = list(items)
    rows = _rows(items)
    told = []
    for item in items:
        if row := rows[item.kind].get(_key(item)):
            told.append((item, TELLERS[Kind(item.kind)](item, row)))
    return told


def _token(item: Item, store: Store) -> Advice:
    text = _("%(store)s is refused: %(error)s")
    names = {"store": store.name, "error": store.connection_error}
    return Advice("", text % names, Step.REPLACE_TOKEN, store=store)


def _zone(item: Item, store: Store) -> Advice:
    text = _("The server of %(store)s looks like %(zone)s, not %(now)s.")
    names = {"zone": store.suspected_timezone, "now": store.timezone}
    names["store"] = store.name
    return Advice("", text % names, Step.SEE_EVIDENCE, store=store)


def _gap(item: Item, store: Store) -> Advice:
    gap = item.about
    text = _("%(store)s was never completely read from %(start)s to %(end)s.")
    names = {
        "store": store.name,
        "start": minute_of(gap.start, store),
        "end": minute_of(gap.end, store),
    }
    return Advice("", text % names, Step.IMPORT_GAP, store=store, gap_start=gap.start)


def _address(item: Item, order: Order) -> Advice:
    text = _(
        "%(marketplace)s changed the address of order %(order)s of %(store)s after it "
        "was corrected here."
    )
    return _about(order, text, Step.DECIDE)


def _notice(item: Item, shipment: Shipment) -> Advice:
    text = _("The tracking of order %(order)s of %(store)s was refused: %(error)s")
    return _about(
        shipment.order,
        text,
        Step.OPEN_SHIPMENT,
        shipment=shipment,
        error=shipment.notification_error,
    )


def _doubt(item: Item, shipment: Shipment) -> Advice:
    text = _(
        "The tracking of order %(order)s of %(store)s, %(parcel)s, is not sent yet."
    )
    parcel = str(shipment)
    return _about(
        shipment.order, text, Step.OPEN_SHIPMENT, shipment=shipment, parcel=parcel
    )


def _review(item: Item, order: Order) -> Advice:
    text = _(
        "Order %(order)s of %(store)s has a status that is not known here, “%(word)s”."
    )
    return _about(order, text, Step.OPEN, word=order.marketplace_status)


def _problem(item: Item, problem: ImportProblem) -> Advice:
    names = names_of(problem.store, problem.marketplace_order_id)
    text = _("Order %(order)s of %(store)s: %(message)s")
    return Advice(
        problem.marketplace_order_id,
        text % {**names, "message": problem.message},
        Step.OPEN_PROBLEM,
        store=problem.store,
        problem=problem,
    )


def _difference(item: Item, store: Store) -> Advice:
    found = item.about
    return Advice(item.number, found.text, found.step, store=store, order=found.order)


def _mail(item: Item, shipment: Shipment) -> Advice:
    text = _("The mail about order %(order)s of %(store)s could not leave: %(error)s")
    error = shipment.customer_mail_error or _("It was not sent in time.")
    return _about(shipment.order, text, Step.OPEN, error=error)


def _about(
    order: Order,
    text: str,
    step: Step,
    shipment: Shipment | None = None,
    **facts: str,
) -> Advice:
    names = names_of(order.store, order.marketplace_order_id) | facts
    return Advice(
        order.marketplace_order_id,
        text % names,
        step,
        store=order.store,
        order=order,
        shipment=shipment,
    )


TELLERS: dict[Kind, Teller] = {
    Kind.TOKEN: _token,
    Kind.ZONE: _zone,
    Kind.GAP: _gap,
    Kind.ADDRESS: _address,
    Kind.NOTICE: _notice,
    Kind.DOUBT: _doubt,
    Kind.REVIEW: _review,
    Kind.PROBLEM: _problem,
    Kind.DIFFERENCE: _difference,
    Kind.MAIL: _mail,
}
ORDERS = {Kind.ADDRESS, Kind.REVIEW}
SHIPMENTS = {Kind.DOUBT, Kind.NOTICE, Kind.MAIL}


def _key(item: Item) -> Any:
    """Return the key of the row an item's sentence is about."""
    if item.kind == Kind.PROBLEM:
        return item.store_id, item.number
    if item.kind in ORDERS | SHIPMENTS:
        return int(item.cause)
    return item.store_id


def _rows(items: list[Item]) -> dict[str, dict[Any, Any]]:
    """Return the rows the sentences are about, by kind and key, a query a kind."""
    keys: dict[str, set[Any]] = defaultdict(set)
    for item in items:
        keys[item.kind].add(_key(item))
    return {kind: _read(Kind(kind), found) for kind, found in keys.items()}


def _read(kind: Kind, keys: set[Any]) -> dict[Any, Any]:
    if kind in ORDERS:
        return Order.objects.select_related("store").defer("payload").in_bulk(keys)
    if kind in SHIPMENTS:
        shipments = Shipment.objects.select_related("order__store")
        return shipments.defer("order__payload").in_bulk(keys)
    if kind == Kind.PROBLEM:
        # Of several on one order, the first one counts.
        problems = (
            open_problems()
            .filter(marketplace_order_id__in=[number for _store, number in keys])
            .select_related("store")
            .defer("payload")
            .order_by("-first_seen_at", "-pk")
        )
        return {(one.store_id, one.marketplace_order_id): one for one in problems}
    return Store.objects.in_bulk(keys)
