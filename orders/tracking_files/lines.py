"""Say of each line of a carrier's file what would become of it, and why."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from backoffice.kit.uploads import exact
from orders.models import Order, Shipment
from orders.shipping import NotAllowed, check_notice, reason_against
from orders.shipping.doubts import doubts
from orders.shipping.rules import sent_already
from orders.tracking_files.columns import Mapping, cell, moment, read_day

ORDERS_A_TIME = 500


class Result(TextChoices):
    """What becomes of a line, and what became of it once taken."""

    READY = "ready", pgettext_lazy("line", "Ready")
    CHANGE = "change", pgettext_lazy("line", "Will change")
    DONE = "done", pgettext_lazy("line", "Here already")
    REFUSED = "refused", pgettext_lazy("line", "Refused")
    SHIPPED = "shipped", pgettext_lazy("line", "Shipped")
    CORRECTED = "corrected", pgettext_lazy("line", "Corrected")


TO_TAKE = {Result.READY, Result.CHANGE}


@dataclass
class Line:
    """A line of the file, what will become of it, and why in a sentence."""

    number: int
    order_id: str
    tracking_number: str
    carrier: str
    result: Result = Result.REFUSED
    sentence: str = ""
    order: Order | None = None
    shipment: Shipment | None = None
    shipped_at: datetime | None = None


class _Refused(Exception):
    """Why a line cannot be taken, said in one sentence."""


def judge(
    lines: list[list[Any]], mapping: Mapping, carrier: str, now: datetime
) -> list[Line]:
    """Return what would become of each line now; nothing is written."""
    judged = [read_line(number, row, mapping, carrier) for number, row in lines]
    orders = _find({line.order_id for line in judged if line.order_id})
    numbers = defaultdict(set)
    for line in judged:
        numbers[line.order_id] |= {line.tracking_number} - {""}
    first: dict[str, Line] = {}
    for line, (_number, row) in zip(judged, lines, strict=True):
        try:
            _refuse_unreadable(line)
            if len(numbers[line.order_id]) > 1:
                message = _("Order %(order)s is on several lines with other numbers.")
                raise _Refused(message % {"order": line.order_id})
            if earlier := first.get(line.order_id):
                if earlier.result == Result.REFUSED:
                    raise _Refused(earlier.sentence)
                line.result = Result.DONE
                message = _("The same as line %(line)d.")
                line.sentence = message % {"line": earlier.number}
                continue
            first[line.order_id] = line
            line.order = _only(line, orders.get(line.order_id, []))
            line.shipped_at = _moment(line, cell(row, mapping.get("shipped_at")), now)
            _judge(line)
        except (_Refused, NotAllowed) as error:
            line.result, line.sentence = Result.REFUSED, str(error)
    return judged


def read_line(number: int, row: list[str], mapping: Mapping, carrier: str) -> Line:
    order_id = cell(row, mapping.get("order")).lstrip("#")
    tracking_number = cell(row, mapping.get("tracking_number"))
    return Line(
        number=number,
        # What is rounded stays as it is, to be shown and refused.
        order_id=exact(order_id) or order_id,
        tracking_number=exact(tracking_number) or tracking_number,
        carrier=cell(row, mapping.get("carrier")) or carrier,
    )


def _find(order_ids: set[str]) -> dict[str, list[Order]]:
    """Return the orders of these numbers, which several stores may use."""
    found: dict[str, list[Order]] = defaultdict(list)
    ids = sorted(order_ids)
    for start in range(0, len(ids), ORDERS_A_TIME):
        for order in (
            Order.objects.filter(
                marketplace_order_id__in=ids[start : start + ORDERS_A_TIME]
            )
            .select_related("store")
            .prefetch_related("shipments")
            .defer("payload")
        ):
            found[order.marketplace_order_id].append(order)
    return found


def _refuse_unreadable(line: Line) -> None:
    for text in (line.order_id, line.tracking_number):
        if exact(text) is None:
            message = _(
                "“%(text)s” is a number without all its digits; format the column as "
                "text in the spreadsheet program and fill it again."
            )
            raise _Refused(message % {"text": text})
    if not line.order_id:
        raise _Refused(_("The line has no order number."))
    if not line.tracking_number:
        raise _Refused(_("The line has no tracking number."))


def _only(line: Line, orders: list[Order]) -> Order:
    """Return the one order of the line's number."""
    names = {"order": line.order_id}
    if not orders:
        raise _Refused(_("There is no order %(order)s here.") % names)
    if len(orders) > 1:
        names["stores"] = ", ".join(sorted(order.store.name for order in orders))
        message = _(
            "Order %(order)s is in several stores (%(stores)s); ship it on its page."
        )
        raise _Refused(message % names)
    return orders[0]


def _moment(line: Line, text: str, now: datetime) -> datetime | None:
    if not text:
        return None
    day = read_day(text)
    if day is None:
        message = _("“%(text)s” is not a day as 2026-11-24.")
        raise _Refused(message % {"text": text})
    shipped_at = moment(day, line.order.store, now)
    if shipped_at > now:
        raise _Refused(_("The day %(text)s has not come yet.") % {"text": text})
    return shipped_at


def _judge(line: Line) -> None:
    """Say what becomes of the line; raises when nothing can."""
    order, shipments = line.order, list(line.order.shipments.all())
    for shipment in shipments:
        same_carrier = line.carrier.casefold() in {"", shipment.carrier.casefold()}
        if shipment.tracking_number == line.tracking_number and same_carrier:
            line.result, line.sentence = Result.DONE, has_it(order)
            return
    _refuse_order(order, shipments)
    if not line.carrier:
        raise _Refused(_("The line names no carrier, and none is chosen for the file."))
    if order.store.find_carrier(line.carrier) is None:
        # Without the long list of those it accepts, which every line would repeat.
        message = _("%(marketplace)s does not accept the carrier “%(carrier)s”.")
        marketplace = order.store.get_marketplace_display()
        names = {"marketplace": marketplace, "carrier": line.carrier}
        raise _Refused(message % names)
    line.carrier, line.tracking_number = check_notice(
        order, line.carrier, line.tracking_number
    )
    names = {"carrier": line.carrier, "number": line.tracking_number}
    if shipments:
        line.result, line.shipment = Result.CHANGE, shipments[0]
        _refuse_doubtful_correction(line)
        names["before"] = str(line.shipment)
        message = _("%(before)s becomes %(carrier)s %(number)s.")
    else:
        line.result = Result.READY
        message = _("Ships with %(carrier)s %(number)s.")
    line.sentence = message % names


def add_orders(lines: list[Line]) -> None:
    """Give lines that were taken before the orders that they are about."""
    orders = _find({line.order_id for line in lines})
    for line in lines:
        if len(orders.get(line.order_id, [])) == 1:
            line.order = orders[line.order_id][0]


def add_doubts(line: Line) -> None:
    """Say of a line that will ship what keeps its notice from being sent at once."""
    if line.result != Result.READY or not line.order.store.auto_send_tracking:
        return
    if found := doubts(line.order, line.carrier, line.tracking_number):
        names = {"ships": line.sentence, "doubts": " ".join(found)}
        message = _("%(ships)s The notice waits for a last look: %(doubts)s")
        line.sentence = message % names


def _refuse_doubtful_correction(line: Line) -> None:
    """Refuse what would be sent with its correction, unlooked at."""
    if line.shipment.notification == Shipment.Notification.NOT_SENT:
        return
    if found := doubts(line.order, line.carrier, line.tracking_number):
        message = _("Correct order %(order)s by hand: %(doubts)s")
        raise _Refused(message % {"order": line.order, "doubts": " ".join(found)})


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
