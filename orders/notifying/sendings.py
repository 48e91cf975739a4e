"""The life of a sending by hand: asked for, looked at, confirmed, sent."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone as clock

from backoffice.kit.queue import enqueue
from backoffice.kit.sentences import joined, sentence
from orders.models import Sending, SendingLine, Shipment, note_change
from orders.notifying import last_look, senders, waiting
from orders.shipping import NotAllowed
from orders.shipping.refusals import record_override
from stores.marketplaces.base import MarketplaceBusy
from stores.models import Store

logger = logging.getLogger(__name__)

MOST_LINES = 500
# With the last call a task stays well below its time limit.
LOOKING_TIME = timedelta(seconds=100)
# Older ones are looked at when somebody opens their page and asks for it.
LOOKED_AT_BY_ITSELF = timedelta(hours=1)

Look = SendingLine.Look
Notification = Shipment.Notification


class AlreadyLooking(NotAllowed):
    """The last look at just these shipments waits or is at work already."""

    def __init__(self, sending: Sending) -> None:
        super().__init__(
            sentence("The last look at these shipments is asked for already.")
        )
        self.sending = sending


@dataclass(frozen=True)
class Summary:
    """How far a sending has come, in numbers of its shipments."""

    total: int
    waiting: int
    green: int
    amber: int
    red: int
    accepted: int
    refused: int
    on_their_way: int
    retried: int
    left_out: int

    @property
    def looked_at(self) -> int:
        return self.total - self.waiting

    @property
    def not_accepted(self) -> int:
        return self.total - self.accepted

    @property
    def is_settled(self) -> bool:
        """Whether each notice that went has got an answer, or at least an attempt."""
        return not self.on_their_way


def start_sending(shipments: QuerySet[Shipment], by: User | None) -> Sending:
    """Begin a sending of these shipments; the queue looks at them one by one.

    Raises `NotAllowed` when there is nothing to send, or too much at once, and
    `AlreadyLooking` where a sending of the same shipments still waits for its look.
    """
    wanted = shipments.exclude(notification=Notification.ACCEPTED).order_by()
    pks = sorted(set(wanted.values_list("pk", flat=True)[: MOST_LINES + 1]))
    if not pks:
        raise NotAllowed(
            sentence("There is nothing to send: what was shipped is accepted already.")
        )
    if len(pks) > MOST_LINES:
        message = sentence(
            "At most %(most)d shipments are sent at a time; choose fewer."
        )
        raise NotAllowed(message % {"most": MOST_LINES})
    with transaction.atomic():
        # Of two at the same moment the second waits, and finds the first's.
        list(Shipment.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
        if other := _alike(pks):
            raise AlreadyLooking(other)
        _end_choices(pks)
        sending = Sending.objects.create(asked_by=by)
        SendingLine.objects.bulk_create(
            [SendingLine(sending=sending, shipment_id=pk) for pk in pks]
        )
        enqueue("look_over_sending", sending.pk)
    return sending


def _end_choices(pks: list[int]) -> None:
    """Count what was not to be told, now that it is, should its sending be left."""
    chosen = Shipment.objects.filter(
        pk__in=pks, not_sent_because=Shipment.NotSent.CHOICE
    )
    stores = list(chosen.order_by().values_list("order__store", flat=True).distinct())
    chosen.update(not_sent_because=Shipment.NotSent.STORE)
    note_change(stores)


def not_looked_at(now: datetime) -> QuerySet[Sending]:
    """Return the sendings whose last look has yet to end."""
    since = now - LOOKED_AT_BY_ITSELF
    return Sending.objects.filter(looked_at=None, asked_at__gt=since)


def _alike(shipments: list[int]) -> Sending | None:
    """Return the sending of just these shipments whose last look has yet to end."""
    of_first = SendingLine.objects.filter(shipment=shipments[0]).values("sending")
    for one in not_looked_at(clock.now()).filter(pk__in=of_first, confirmed_at=None):
        lines = one.lines.order_by("shipment").values_list("shipment", flat=True)
        if list(lines) == shipments:
            return one
    return None


def look_over(sending: Sending, until: datetime) -> bool:
    """Look at the shipments that wait for it, and return whether none is left.

    Each look is kept at once. May run twice at a time: in no fixed order, two share
    the work. A store that wants to be left alone is asked no more.
    """
    busy: dict[int, MarketplaceBusy] = {}
    lines = sending.lines.filter(look=Look.WAITING)
    while clock.now() < until:
        line = (
            lines.select_related("shipment__order__store")
            .defer("shipment__order__payload")
            .order_by("?")
            .first()
        )
        if line is None:
            _end_looking(sending)
            return True
        store_id = line.shipment.order.store_id
        found = last_look.take_last_look(line.shipment, busy.get(store_id))
        if found.busy:
            busy[store_id] = found.busy
        sending.lines.filter(pk=line.pk, look=Look.WAITING).update(
            look=found.colour, words=joined(found.sentences, by="\n")
        )
    return False


def look_again(
    sending: Sending,
    by: User | None,
    reasons: Mapping[int, str] | None = None,
) -> Sending:
    """Look once more at what did not go, and return the sending that does.

    Once confirmed, what was left out gets a sending of its own. Reasons typed so far
    are kept.
    """
    if sending.confirmed_at:
        left = sending.lines.filter(is_sent=False)
        return start_sending(Shipment.objects.filter(looks__in=left), by)
    keep_reasons(sending, reasons or {})
    with transaction.atomic():
        waiting = Sending.objects.filter(pk=sending.pk, confirmed_at=None)
        if waiting.update(looked_at=None):
            sending.lines.filter(look__in=[Look.AMBER, Look.RED]).update(
                look=Look.WAITING, words=""
            )
            enqueue("look_over_sending", sending.pk)
    sending.refresh_from_db()
    return sending


def confirm(
    sending: Sending,
    by: User | None,
    reasons: Mapping[int, str] | None = None,
) -> bool:
    """Send what is green, and what is in doubt with a reason; once, however often.

    `reasons` names lines by their key. Returns whether this did it, and nobody before.
    Raises `NotAllowed` before the last look is over, without the permission that
    reasons need, and when nothing would go.
    """
    reasons = {pk: text.strip()[:200] for pk, text in (reasons or {}).items()}
    _doubt_what_changed(sending)
    with transaction.atomic():
        sending = Sending.objects.select_for_update().get(pk=sending.pk)
        if sending.confirmed_at:
            return False
        if not sending.looked_at:
            raise NotAllowed(sentence("The last look is not over yet."))
        going = _going(sending, by, reasons)
        for line in going:
            line.is_sent = True
        SendingLine.objects.bulk_update(going, ["reason", "is_sent"])
        Sending.objects.filter(pk=sending.pk).update(confirmed_at=clock.now())
        keys = [line.shipment_id for line in going]
        chosen = waiting.request_sending(
            Shipment.objects.filter(pk__in=keys), retry_refused=True
        )
        for pk in chosen.order_by().values_list("order__store", flat=True).distinct():
            enqueue("send_notices", pk)
    return True


def _going(
    sending: Sending, by: User | None, reasons: Mapping[int, str]
) -> list[SendingLine]:
    """Return the lines that go, and note the reasons despite which some do."""
    lines = sending.lines.select_related("shipment__order").defer(
        "shipment__order__payload"
    )
    green = list(lines.filter(look=Look.GREEN))
    amber = [one for one in lines.filter(look=Look.AMBER) if reasons.get(one.pk)]
    if amber and not (by and by.has_perm("orders.override_amber")):
        raise NotAllowed(
            sentence("Sending despite a doubt needs a permission that you do not have.")
        )
    if not green and not amber:
        raise NotAllowed(sentence("None of these shipments can go as they are."))
    for line in amber:
        line.reason = reasons[line.pk]
        record_override(line.shipment.order, line.words, line.reason, by)
    return green + amber


def keep_reasons(sending: Sending, reasons: Mapping[int, str]) -> None:
    """Keep what was typed, so that looking again does not lose it."""
    lines = list(sending.lines.filter(pk__in=reasons))
    for line in lines:
        line.reason = reasons[line.pk].strip()[:200]
    SendingLine.objects.bulk_update(lines, ["reason"])


def send_here(sending: Sending, until: datetime) -> None:
    """Send what was confirmed in this process, as far as the time goes."""
    stores = Store.objects.filter(orders__shipments__looks__in=_on_their_way(sending))
    for store in stores.distinct():
        senders.send_due(store, until)


def summary(sending: Sending) -> Summary:
    """Count the sending's shipments by what became of them."""
    sent = Q(is_sent=True)
    unsent = Q(shipment__notification__in=Shipment.OPEN)
    counts = sending.lines.aggregate(
        total=Count("pk"),
        **{look.value: Count("pk", filter=Q(look=look)) for look in Look},
        accepted=Count("pk", filter=sent & _noticed(Notification.ACCEPTED)),
        refused=Count("pk", filter=sent & _noticed(Notification.REFUSED)),
        open=Count("pk", filter=sent & unsent),
        left_out=Count("pk", filter=~sent),
    )
    still_open = counts.pop("open")
    moving = _on_their_way(sending).count() if sending.confirmed_at else 0
    return Summary(**counts, on_their_way=moving, retried=max(0, still_open - moving))


def _noticed(notification: str) -> Q:
    return Q(shipment__notification=notification)


def _on_their_way(sending: Sending) -> QuerySet[SendingLine]:
    """Return the lines whose notice waits for its first attempt since, or is in it."""
    now = clock.now()
    due = Shipment.objects.due(now).filter(pk=OuterRef("shipment"))
    tried = Shipment.objects.unclaimed().filter(pk=OuterRef("shipment"))
    return sending.lines.filter(
        Exists(due) | ~Exists(tried),
        is_sent=True,
        shipment__notification__in=Shipment.OPEN,
    )


def _end_looking(sending: Sending) -> None:
    """Close the last look, and go on by itself where all is green and wished so."""
    ended = Sending.objects.filter(pk=sending.pk, looked_at=None).update(
        looked_at=clock.now()
    )
    if not ended:
        return
    sending.refresh_from_db()
    doubtful = sending.lines.exclude(look=Look.GREEN)
    stores = Store.objects.filter(orders__shipments__looks__sending=sending)
    if (
        sending.asked_by
        and not doubtful.exists()
        and not stores.filter(confirm_green=True).exists()
    ):
        try:
            confirm(sending, sending.asked_by)
        except NotAllowed as reason:
            logger.info("Sending %s waits for a person: %s", sending.pk, reason)


def _doubt_what_changed(sending: Sending) -> None:
    """Doubt a green line about which something has come up since the look."""
    # A green line with words is shipped at the marketplace already.
    green = sending.lines.filter(look=Look.GREEN, words="", is_sent=False)
    order = "shipment__order"
    lines = green.select_related(f"{order}__store", f"{order}__correction")
    for line in lines.defer(f"{order}__payload"):
        if found := last_look.doubts_about(line.shipment):
            green.filter(pk=line.pk).update(
                look=Look.AMBER, words=joined(found, by="\n")
            )
