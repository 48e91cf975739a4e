"""Say of each line of a carrier's file what would become of it, and why."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from orders.models import Order, Shipment
from orders.models.told import by_number, names_beside
from orders.shipping import NotAllowed, check_notice, reason_against
from orders.shipping.doubts import doubts
from orders.shipping.refusals import (
    damage_to,
    names_an_order,
    order_numbers_in,
    reason_against_number,
)
from orders.shipping.rules import is_long_before, sent_already
from orders.tracking_files.columns import (
    ORDERS_A_TIME,
    Mapping,
    read_day,
    read_moment,
    status_columns,
)
from orders.tracking_files.reading import (
    Line,
    contradicted,
    read_line,
    with_dead_numbers,
)
from orders.tracking_numbers import is_same
from stores.access import Limit, is_within, within


class Result(TextChoices):
    """What becomes of a line, and what became of it once taken."""

    READY = "ready", pgettext_lazy("line", "Ready")
    CHANGE = "change", pgettext_lazy("line", "Will change")
    DONE = "done", pgettext_lazy("line", "Here already")
    REFUSED = "refused", pgettext_lazy("line", "Refused")
    LEFT_OUT = "left_out", pgettext_lazy("line", "Left out")
    SHIPPED = "shipped", pgettext_lazy("line", "Shipped")
    CORRECTED = "corrected", pgettext_lazy("line", "Corrected")


TO_TAKE = {Result.READY, Result.CHANGE}


@dataclass(frozen=True)
class JudgedLine(Line):
    """A line with what becomes of it, and why in a sentence."""

    result: Result = Result.REFUSED
    sentence: str = ""
    order: Order | None = None
    shipment: Shipment | None = None
    shipped_at: datetime | None = None


class _Refused(Exception):
    """Why a line cannot be taken, said in one sentence."""


def judge(
    rows: list[list[Any]],
    mapping: Mapping,
    carrier: str,
    now: datetime,
    *,
    header: Sequence[str] = (),
    left_out: Set[int] = frozenset(),
    limit: Limit = None,
) -> list[JudgedLine]:
    """Return what would become of each line now; nothing is written."""
    # A person who chose no column for the status wants none asked.
    states = status_columns(header, rows, mapping) if "status" in mapping else {}
    lines = with_dead_numbers(
        [read_line(number, row, mapping, carrier, states) for number, row in rows]
    )
    # What stands for a tracking number may be an order's.
    mistaken = [order_numbers_in(line.tracking_number) for line in lines]
    orders = _find({line.order_id for line in lines}.union(*mistaken), limit)
    disputed = contradicted(
        (_order_meant(line, orders), line.tracking_number)
        for line in lines
        if not line.dead and line.number not in left_out
    )
    first: dict[int | str, JudgedLine] = {}
    judged = []
    for line in lines:
        order = _order_meant(line, orders)
        if line.number in left_out:
            sentence = _("A person left this line out.")
            one = JudgedLine(**vars(line), result=Result.LEFT_OUT, sentence=sentence)
        elif reason := _reason_against(line, is_disputed=order in disputed):
            one = JudgedLine(**vars(line), sentence=reason)
        elif earlier := first.get(order):
            one = _like(earlier, line)
        else:
            one = _judge(line, orders, now)
            first[order] = one
        judged.append(one)
    return judged


def _find(order_ids: set[str], limit: Limit = None) -> dict[str, list[Order]]:
    """Return the orders of these numbers, which several stores may use."""
    orders: dict[int, Order] = {}
    # A number format may put zeros before a number.
    bare = {number: number.lstrip("0") for number in order_ids}
    ids = sorted({*bare, *bare.values()} - {""})
    for start in range(0, len(ids), ORDERS_A_TIME):
        some = ids[start : start + ORDERS_A_TIME]
        # One that is found by its key and by its number is one order.
        orders |= (
            within(Order.objects.called(some), limit)
            .select_related("store")
            .prefetch_related("shipments")
            .defer("payload")
            .in_bulk()
        )
    found = by_number(orders.values())
    return {number: found[number] or found[bare[number]] for number in order_ids}


def _order_meant(line: Line, orders: dict[str, list[Order]]) -> int | str:
    """Return the row of the line's one order, however its number is written."""
    found = orders[line.order_id]
    return found[0].pk if len(found) == 1 else line.order_id


def _reason_against(line: Line, is_disputed: bool) -> str:
    """Return why the line cannot be judged; empty when it can."""
    if line.dead:
        message = _("The file says “%(word)s” of this label; ship with another one.")
        return message % {"word": line.dead}
    if damage := damage_to(line.order_id):
        return damage
    if not line.order_id:
        return _("The line has no order number.")
    if not line.tracking_number:
        return _("The line has no tracking number.")
    if is_disputed:
        message = _("Order %(order)s is on several lines with other numbers.")
        return message % {"order": line.order_id}
    return ""


def _like(earlier: JudgedLine, line: Line) -> JudgedLine:
    """Return what becomes of a line that says the same as an earlier one."""
    if earlier.result == Result.REFUSED:
        return JudgedLine(**vars(line), sentence=earlier.sentence)
    sentence = _("The same as line %(line)d.") % {"line": earlier.number}
    return JudgedLine(**vars(line), result=Result.DONE, sentence=sentence)


def _judge(line: Line, orders: dict[str, list[Order]], now: datetime) -> JudgedLine:
    order = None
    try:
        order = _only(line, orders.get(line.order_id, []))
        meant = order_numbers_in(line.tracking_number)
        mistaken = [one for number in meant for one in orders[number]]
        shipped_at = _moment(line, order, now)
        return _judge_order(line, order, shipped_at, mistaken)
    except (_Refused, NotAllowed) as error:
        return JudgedLine(**vars(line), sentence=str(error), order=order)


def _only(line: Line, orders: list[Order]) -> Order:
    """Return the one order of the line's number."""
    names = {"order": line.order_id}
    if not orders:
        raise _Refused(_unknown(line))
    if len({order.store for order in orders}) < len(orders):
        names["orders"] = names_beside(line.order_id, orders)
        message = _(
            "“%(order)s” may mean any of these orders: %(orders)s; name the one."
        )
        raise _Refused(message % names)
    if len(orders) > 1:
        names["stores"] = ", ".join(sorted(order.store.name for order in orders))
        message = _(
            "Order %(order)s is in several stores (%(stores)s); ship it on its page."
        )
        raise _Refused(message % names)
    return orders[0]


def _unknown(line: Line) -> str:
    return _("There is no order %(order)s here.") % {"order": line.order_id}


def _moment(line: Line, order: Order, now: datetime) -> datetime | None:
    if not line.day:
        return None
    day = read_day(line.day)
    if day is None:
        message = _("“%(text)s” is not a day as 2026-11-24.")
        raise _Refused(message % {"text": line.day})
    shipped_at = read_moment(day, order.store, now)
    if shipped_at is None:
        raise _Refused(_("The day %(text)s has not come yet.") % {"text": line.day})
    if is_long_before(order, shipped_at):
        message = _(
            "The day %(text)s is long before order %(order)s was placed; correct it in "
            "the file."
        )
        raise _Refused(message % {"text": line.day, "order": order})
    return shipped_at


def _judge_order(
    line: Line, order: Order, shipped_at: datetime | None, mistaken: list[Order]
) -> JudgedLine:
    """Return what becomes of a line of this order; raises when nothing can.

    `mistaken` are the orders whose number stands where the parcel's should.
    """
    shipments = list(order.shipments.all())
    accepted = order.store.find_carrier(line.carrier)
    for shipment in shipments:
        same_carrier = not line.carrier or shipment.carrier in {accepted, line.carrier}
        if is_same(shipment.tracking_number, line.tracking_number) and same_carrier:
            done, sentence = Result.DONE, has_it(order)
            return JudgedLine(**vars(line), result=done, sentence=sentence, order=order)
    _refuse_order(order, shipments)
    if any(one.store_id == order.store_id for one in mistaken):
        raise _Refused(names_an_order(order, line.tracking_number))
    in_file = line.carrier
    line = _as_shipped(line, order, accepted)
    said = _as_said(in_file, line.carrier)
    ready = JudgedLine(**vars(line), order=order, shipped_at=shipped_at)
    names = {"carrier": line.carrier, "number": line.tracking_number}
    if not shipments:
        sentence = _("Ships with %(carrier)s %(number)s.") % names
        return replace(ready, result=Result.READY, sentence=sentence + said)
    [parcel] = shipments
    if reason := _reason_against_correction(ready, parcel):
        return replace(ready, sentence=reason)
    names["before"] = str(parcel)
    said = _("%(before)s becomes %(carrier)s %(number)s.") % names + said
    return replace(ready, result=Result.CHANGE, sentence=said, shipment=parcel)


def _as_shipped(line: Line, order: Order, accepted: str | None) -> Line:
    """Return the line with carrier and number as they are stored and sent."""
    if not line.carrier:
        raise _Refused(_("The line names no carrier, and none is chosen for the file."))
    if accepted is None:
        # Without the long list of those it accepts, which every line would repeat.
        message = _("%(marketplace)s does not accept the carrier “%(carrier)s”.")
        marketplace = order.store.get_marketplace_display()
        names = {"marketplace": marketplace, "carrier": line.carrier}
        raise _Refused(message % names)
    carrier, number = check_notice(order, accepted, line.tracking_number)
    if reason := reason_against_number(line.tracking_number):
        raise _Refused(reason)
    return replace(line, carrier=carrier, tracking_number=number)


def _as_said(name: str, carrier: str) -> str:
    """Return what the file calls the carrier, where that is another name."""
    if name.casefold() == carrier.casefold():
        return ""
    return " " + _("The file says “%(name)s”.") % {"name": name}


def as_seen(lines: list[JudgedLine], limit: Limit) -> list[JudgedLine]:
    """Return lines that somebody took as one sees them who is limited to stores."""
    orders = _find({line.order_id for line in lines})
    hidden = {
        number
        for number, found in orders.items()
        if not all(is_within(one.store_id, limit) for one in found)
    }
    return [
        replace(line, result=Result.REFUSED, sentence=_unknown(line))
        if line.order_id in hidden and line.result != Result.LEFT_OUT
        else line
        for line in lines
    ]


def with_orders(lines: Iterable[JudgedLine], limit: Limit = None) -> list[JudgedLine]:
    """Return lines that were taken before with the orders that they are about."""
    lines = list(lines)
    orders = _find({line.order_id for line in lines}, limit)
    only = {number: found[0] for number, found in orders.items() if len(found) == 1}
    return [replace(line, order=only.get(line.order_id)) for line in lines]


def with_doubts(line: JudgedLine) -> JudgedLine:
    """Return a line that will ship with what keeps its notice from going at once."""
    if not line.order or line.result != Result.READY:
        return line
    if found := doubts(line.order, line.carrier, line.tracking_number):
        names = {"ships": line.sentence, "doubts": " ".join(found)}
        message = _("%(ships)s The notice waits for a last look: %(doubts)s")
        return replace(line, sentence=message % names)
    return line


def _reason_against_correction(line: JudgedLine, shipment: Shipment) -> str:
    """Return why a correction, which would take a notice back, has to be by hand."""
    if shipment.notification == Shipment.Notification.NOT_SENT:
        return ""
    if found := doubts(shipment.order, line.carrier, line.tracking_number):
        message = _("Correct order %(order)s by hand: %(doubts)s")
        return message % {"order": line.order, "doubts": " ".join(found)}
    return ""


def _refuse_order(order: Order, shipments: list[Shipment]) -> None:
    status = order.status
    if shipments:
        if not all(one.may_be_corrected for one in shipments):
            raise _Refused(sent_already(order))
        if len(shipments) > 1:
            message = _("Order %(order)s has several shipments; correct one by hand.")
            raise _Refused(message % {"order": order})
        # Shipped here, which is no reason against another number.
        status = order.marketplace_state
    if reason := reason_against(order, status, order.marketplace_status):
        raise _Refused(reason)


def has_it(order: Order) -> str:
    return _("Order %(order)s has this number already.") % {"order": order}
