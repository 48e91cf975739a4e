"""Say in one sentence where an order is: here, among the problems, or elsewhere."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit.fields import most_characters
from orders.advice import Advice, Step, day_of, minute_of, missing_parts, names_of
from orders.finding.live import find_live, may_be_known
from orders.finding.searching import with_part
from orders.finding.words import as_number
from orders.models import ImportProblem, Order, Shipment
from orders.search_text import PARCEL, parcel_keys
from stores.access import Limit, within
from stores.marketplaces.base import OrderStatus
from stores.models import Store

# Parcels with one number, at most.
MOST_ORDERS = 20
NUMBER_LENGTH = most_characters(Order, "marketplace_order_id")
# In order numbers and in tracking numbers, as labels print them.
PUNCTUATION = str.maketrans("", "", "-_.()")
Kind = ImportProblem.Kind
Notification = Shipment.Notification

STATES: dict[OrderStatus, Promise] = {
    OrderStatus.AWAITING_PAYMENT: gettext_lazy(
        "Order %(order)s of %(store)s is here and not paid yet."
    ),
    OrderStatus.AWAITING_SHIPMENT: gettext_lazy(
        "Order %(order)s of %(store)s is here, paid and waiting to be shipped."
    ),
    OrderStatus.ON_HOLD: gettext_lazy(
        "Order %(order)s of %(store)s is here, on hold at %(marketplace)s (“%(word)s”)."
    ),
    OrderStatus.SHIPPED: gettext_lazy(
        "Order %(order)s of %(store)s is here, and %(marketplace)s shows it as shipped "
        "with %(carrier)s %(number)s."
    ),
    OrderStatus.CANCELLED: gettext_lazy(
        "Order %(order)s of %(store)s is here and cancelled at %(marketplace)s "
        "(“%(word)s”)."
    ),
    OrderStatus.NEEDS_REVIEW: gettext_lazy(
        "Order %(order)s of %(store)s is here and needs review, because "
        "%(marketplace)s calls its status “%(word)s”."
    ),
}
SHIPPED_THERE = gettext_lazy(
    "Order %(order)s of %(store)s is here, and %(marketplace)s shows it as shipped "
    "without a number."
)
NOTICES: dict[Notification, Promise] = {
    Notification.ACCEPTED: gettext_lazy(
        "Order %(order)s of %(store)s is here, shipped on %(day)s with %(parcel)s, "
        "which %(marketplace)s has accepted."
    ),
    Notification.PENDING: gettext_lazy(
        "Order %(order)s of %(store)s is here, shipped on %(day)s with %(parcel)s; its "
        "notice waits to be sent."
    ),
    Notification.UNCONFIRMED: gettext_lazy(
        "Order %(order)s of %(store)s is here, shipped on %(day)s with %(parcel)s; "
        "%(marketplace)s has not confirmed its notice yet."
    ),
    Notification.NOT_SENT: gettext_lazy(
        "Order %(order)s of %(store)s is here, shipped on %(day)s with %(parcel)s; its "
        "notice has not been sent."
    ),
    Notification.REFUSED: gettext_lazy(
        "Order %(order)s of %(store)s is here, shipped on %(day)s with %(parcel)s, but "
        "its notice is refused: %(error)s"
    ),
}


class NotANumber(ValueError):
    """What was typed cannot be an order's number, said in one sentence."""


def clean_number(text: str) -> str:
    """Return the number in what somebody typed, pasted or scanned, or `NotANumber`."""
    number = as_number(text)
    if not number:
        raise NotANumber(
            _("Enter an order number or a tracking number, for example 120000001.")
        )
    plain = number.translate(PUNCTUATION)
    if len(number) > NUMBER_LENGTH or not (plain.isascii() and plain.isalnum()):
        shown = "".join(one for one in text if one.isprintable()).strip()
        message = _(
            "“%(number)s” is not an order number or a tracking number; an example is "
            "120000001."
        )
        raise NotANumber(message % {"number": shown[:NUMBER_LENGTH]})
    return number


def find_order(order_id: str, now: datetime, live: bool = True) -> list[Advice]:
    """Say where an order is, once for each store that knows its number.

    Looks here, by the tracking number too, then among the open problems, then at the
    connected stores, which may take `live.PATIENCE` seconds; nothing is written.
    Raises `NotANumber`.
    """
    number = clean_number(order_id)
    found = find_here(number, now)
    if live and is_worth_asking(number, found):
        found = find_live(number)
    return found or [unknown_here(number)]


def find_here(number: str, now: datetime, limit: Limit = None) -> list[Advice]:
    """Say what the rows of this house know of an order, or of a parcel."""
    rows = (
        within(Order.objects.select_related("store"), limit)
        .prefetch_related("shipments")
        .without_texts()
        .order_by("store__name", "pk")
    )
    called = within(Order.objects.called([number]), limit).values_list("pk", flat=True)
    keys = list(called[:MOST_ORDERS]) or _with_parcel(number)
    here = [_about_order(order) for order in rows.filter(pk__in=keys)[:MOST_ORDERS]]
    problems = (
        within(ImportProblem.objects.all(), limit)
        .filter(
            marketplace_order_id=number,
            kind__in=ImportProblem.KEEPS_OUT,
            resolved_at=None,
        )
        .exclude(store__in=[one.store for one in here if one.store])
        .select_related("store")
        .defer("payload")
        .order_by("store__name", "-last_seen_at")
    )
    return here + [_about_problem(problem) for problem in problems]


def _with_parcel(number: str) -> list[int]:
    """Return the orders of a parcel with this number, however either is written."""
    spellings = (f"{PARCEL}{key} " for key in parcel_keys(number))
    return [key for one in spellings for key in with_part(one)]


def is_worth_asking(number: str, found: list[Advice]) -> bool:
    """Whether a marketplace may know more of the number than what is known here."""
    is_answered = any(
        finding.order or (finding.problem and finding.problem.kind != Kind.NOT_FOUND)
        for finding in found
    )
    return not is_answered and may_be_known(number)


def unknown_here(number: str) -> Advice:
    sentence = _(
        "Order %(order)s is not here and not among the problems; the stores were not "
        "asked."
    )
    if not may_be_known(number):
        sentence = _(
            "No order and no parcel here has the number %(order)s; the stores were not "
            "asked, because no order number of theirs looks like it."
        )
    return Advice(number, sentence % {"order": number})


def _about_order(order: Order) -> Advice:
    shipments = list(order.shipments.all())
    if order.status == OrderStatus.SHIPPED and shipments:
        sentence, step = _about_shipment(order, shipments[0])
    else:
        sentence, step = _about_state(order)
    return Advice(
        order.marketplace_order_id, sentence, step, store=order.store, order=order
    )


def _about_state(order: Order) -> tuple[str, Step]:
    names = names_of(order.store, order.number) | {
        "word": order.marketplace_status,
        "reason": order.hold_reason,
        "carrier": order.marketplace_carrier,
        "number": order.marketplace_tracking_number,
    }
    if order.status == OrderStatus.ON_HOLD and order.held_at:
        names["day"] = day_of(order.held_at, order.store)
        sentence = _(
            "Order %(order)s of %(store)s is here, on hold since %(day)s because of "
            "“%(reason)s”."
        )
        return sentence % names, Step.RELEASE
    if order.lacks_address:
        names["parts"] = missing_parts(order)
        sentence = _(
            "Order %(order)s of %(store)s is here and needs review, because its "
            "address lacks %(parts)s."
        )
        return sentence % names, Step.COMPLETE
    said = STATES[OrderStatus(order.status)]
    if order.status == OrderStatus.SHIPPED and not order.marketplace_tracking_number:
        said = SHIPPED_THERE
    return str(said) % names, Step.OPEN


def _about_shipment(order: Order, shipment: Shipment) -> tuple[str, Step]:
    store = order.store
    names = names_of(store, order.number) | {
        "day": day_of(shipment.shipped_at, store),
        "parcel": str(shipment),
        "error": shipment.notification_error,
    }
    if order.is_reopened:
        sentence = _(
            "Order %(order)s of %(store)s is here, shipped on %(day)s with %(parcel)s, "
            "which %(marketplace)s had accepted; it shows the order as open again."
        )
        return sentence % names, Step.OPEN
    waits = shipment.notification in Shipment.OPEN
    if waits and not store.is_active:
        sentence = _(
            "Order %(order)s of %(store)s is here, shipped on %(day)s with %(parcel)s; "
            "its notice waits because the store is switched off."
        )
        return sentence % names, Step.OPEN
    if waits and store.connection == Store.Connection.REFUSED:
        sentence = (
            _(
                "Order %(order)s of %(store)s is here, shipped on %(day)s with "
                "%(parcel)s; its notice waits because %(marketplace)s refuses the "
                "store's access token."
            )
            if store.is_opened_by_token
            else _(
                "Order %(order)s of %(store)s is here, shipped on %(day)s with "
                "%(parcel)s; its notice waits because %(marketplace)s refuses the "
                "store’s credentials."
            )
        )
        return sentence % names, Step.REPLACE_TOKEN
    # A refused notice needs a look before it goes again, and an accepted one nothing.
    settled = {Notification.ACCEPTED, Notification.REFUSED}
    step = Step.OPEN if shipment.notification in settled else Step.SEND
    return str(NOTICES[Notification(shipment.notification)]) % names, step


def _about_problem(problem: ImportProblem) -> Advice:
    store, number = problem.store, problem.marketplace_order_id
    names = names_of(store, number) | {
        "day": day_of(problem.first_seen_at, store),
        "at": minute_of(problem.last_seen_at, store),
        "message": problem.message,
    }
    if problem.kind == Kind.NO_ADDRESS and not store.is_active:
        sentence = _(
            "Order %(order)s of %(store)s has had no ship-to address since %(day)s; "
            "the store is switched off, so it does not come in by itself."
        )
    elif problem.kind == Kind.NO_ADDRESS:
        sentence = _(
            "Order %(order)s of %(store)s has had no ship-to address since %(day)s; it "
            "comes in by itself once it has one."
        )
    elif problem.kind == Kind.NOT_FOUND:
        sentence = _(
            "Order %(order)s is not here, and %(store)s was last asked for it at "
            "%(at)s: %(message)s"
        )
    else:
        sentence = _(
            "Order %(order)s of %(store)s has been rejected since %(day)s: %(message)s"
        )
    step = Step.OPEN_PROBLEM
    return Advice(number, sentence % names, step, store=store, problem=problem)
