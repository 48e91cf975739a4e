"""Tell the marketplace what has shipped: at least once, and never twice.

The shipment's row is the outbox. Each attempt is claimed and counted before it starts,
reads the order first, posts only what the marketplace does not show yet, and believes
only an answer that names the order as shipped with this number.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone as clock

from backoffice.clocks import SKEW
from orders import history, importing, receipts
from orders.judging import read_order, reason_not_to_post, shows
from orders.models import OrderEvent, Shipment
from orders.pacing import LONGEST_BACKOFF, backoff
from stores.marketplaces.base import (
    Marketplace,
    MarketplaceBusy,
    MarketplaceError,
    MarketplaceRefused,
    MarketplaceUnavailable,
    OrderStatus,
    ShipmentNotice,
    TokenRefused,
    UnreadableOrder,
)
from stores.sentences import Sentence as _
from stores.sentences import joined
from stores.tokens import TokenUnreadable
from stores.wording import in_words

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
FIRST_PAUSE = timedelta(seconds=60)
# Longer than the three calls of an attempt can take together.
CLAIM_TIME = timedelta(seconds=200)

Notification = Shipment.Notification


@dataclass(frozen=True)
class Outcome:
    """What an attempt ended with, as it goes on the shipment's row."""

    notification: str
    error: str = ""
    retry_after: float | None = None
    receipt: receipts.Receipt | None = None


def send_tracking(shipment: Shipment) -> None:
    """Tell the marketplace the order has shipped, and record its answer on the row.

    Does nothing while another process sends the same shipment, or once its notice is
    accepted, refused or not wanted.
    """
    claim = _claim(shipment)
    if claim is None:
        return
    if shipment.attempts > MAX_ATTEMPTS:
        outcome = Outcome(Notification.REFUSED, _gave_up(shipment))
    else:
        outcome = _attempt(shipment)
    _record(shipment, claim, outcome)


def request_sending(
    shipments: QuerySet[Shipment], *, retry_refused: bool = False
) -> QuerySet[Shipment]:
    """Put shipments in the outbox, due now, and return those that will be sent.

    Accepted ones stay as they are; refused ones go again only when asked for.
    """
    closed = [Notification.NOT_SENT]
    if retry_refused:
        closed.append(Notification.REFUSED)
    now = clock.now()
    pks = list(shipments.order_by().values_list("pk", flat=True))
    chosen = Shipment.objects.filter(pk__in=pks)
    with transaction.atomic():
        chosen.filter(notification__in=closed).update(
            notification=Notification.PENDING,
            notification_error="",
            attempts=0,
            queued_at=now,
            next_attempt_at=now,
        )
        chosen.unsent().update(next_attempt_at=now)
    return chosen.unsent().select_related("order__store").defer("order__payload")


def pull_back() -> None:
    """Make due what was queued in the future, when a clock was ahead."""
    future = Shipment.objects.unsent().filter(queued_at__gt=Now() + SKEW)
    future.update(queued_at=Now(), next_attempt_at=Now())


def _claim(shipment: Shipment) -> str | None:
    """Count the attempt and keep others off, in a commit of its own."""
    mark = secrets.token_hex(16)
    # Twice as far ahead as any claim reaches: the clock has been set back since. Not
    # once: a statement that waited for the row has an older time than the winner's.
    from_the_future = Q(claimed_until__gt=Now() + 2 * CLAIM_TIME)
    unclaimed = Q(claimed_until=None) | Q(claimed_until__lte=Now()) | from_the_future
    claimed = (
        Shipment.objects.unsent()
        .filter(unclaimed, pk=shipment.pk)
        .update(
            claim=mark, claimed_until=Now() + CLAIM_TIME, attempts=F("attempts") + 1
        )
    )
    shipment.refresh_from_db()
    return mark if claimed else None


def _attempt(shipment: Shipment) -> Outcome:
    """Read the order, and post its notice unless the marketplace shows it already."""
    order = shipment.order
    try:
        marketplace = order.store.connect()
        reading = read_order(order, marketplace)
        if not shows(reading.facts, shipment):
            if reason := reason_not_to_post(reading.facts, shipment):
                return Outcome(Notification.REFUSED, reason)
            return _post(shipment, marketplace)
    except TokenUnreadable as error:
        return _still_open(shipment, str(error))
    except TokenRefused as error:
        importing.note_refusal(order.store, error)
        return _still_open(shipment, in_words(error))
    except MarketplaceRefused as error:
        return Outcome(Notification.REFUSED, in_words(error))
    except MarketplaceUnavailable as error:
        return _still_open(shipment, _for_later(error), error.retry_after)
    except UnreadableOrder as error:
        return _still_open(shipment, in_words(error))
    receipt = receipts.write(order.store, read_back=reading)
    return Outcome(Notification.ACCEPTED, receipt=receipt)


def _post(shipment: Shipment, marketplace: Marketplace) -> Outcome:
    """Send the notice, read the order back, and judge by what it shows."""
    order = shipment.order
    notice = ShipmentNotice(
        order.marketplace_order_id, shipment.carrier, shipment.tracking_number
    )
    sent_at = clock.now()
    raw = answer = reading = failure = None
    try:
        raw = marketplace.fulfill(notice)
        answer = marketplace.parse_order(raw, order.store.zone)
    except TokenRefused:
        raise
    except MarketplaceError as error:
        failure = error
    try:
        reading = read_order(order, marketplace)
    except MarketplaceError as error:
        logger.info("Order %s not read back: %s", order.pk, error)
    shown = reading.facts if reading else answer
    if shown and shows(shown, shipment):
        receipt = receipts.write(order.store, notice, sent_at, raw, reading)
        return Outcome(Notification.ACCEPTED, receipt=receipt)
    if shown and shown.status == OrderStatus.SHIPPED and not failure:
        return Outcome(Notification.REFUSED, reason_not_to_post(shown, shipment))
    if isinstance(failure, MarketplaceRefused):
        return Outcome(Notification.REFUSED, in_words(failure))
    if isinstance(failure, MarketplaceBusy):
        return _still_open(shipment, _for_later(failure), failure.retry_after)
    return Outcome(
        Notification.UNCONFIRMED,
        _for_later(failure) if failure else _not_shown(shipment),
        getattr(failure, "retry_after", None),
    )


def _not_shown(shipment: Shipment) -> str:
    return _(
        "%(marketplace)s took the shipment of order %(order)s but does not show it; "
        "it is read again before anything is sent."
    ) % _names(shipment)


def _gave_up(shipment: Shipment) -> str:
    message = _(
        "%(marketplace)s did not confirm the shipment of order %(order)s in %(count)d "
        "attempts; the last one said: %(error)s"
    )
    return message % {
        **_names(shipment),
        "count": MAX_ATTEMPTS,
        "error": shipment.notification_error or "–",
    }


def _names(shipment: Shipment) -> dict[str, str]:
    return {
        "order": shipment.order.marketplace_order_id,
        "marketplace": shipment.order.store.get_marketplace_display(),
    }


def _for_later(error: MarketplaceError) -> str:
    return joined([in_words(error), _("The next attempt follows by itself.")])


def _still_open(
    shipment: Shipment, error: str, retry_after: float | None = None
) -> Outcome:
    """Stay as it was: an unconfirmed notice does not become a fresh one."""
    return Outcome(shipment.notification, error, retry_after)


def _record(shipment: Shipment, claim: str, outcome: Outcome) -> None:
    now = clock.now()
    shipment.notification = outcome.notification
    shipment.notification_error = outcome.error
    shipment.notified_at = None
    shipment.next_attempt_at = None
    if outcome.notification == Notification.ACCEPTED:
        shipment.notified_at = now
    elif outcome.notification != Notification.REFUSED:
        shipment.next_attempt_at = _next_attempt(shipment, outcome, now)
    shipment.receipt = outcome.receipt
    with transaction.atomic():
        is_ours = Shipment.objects.filter(pk=shipment.pk, claim=claim).update(
            notification=shipment.notification,
            notification_error=shipment.notification_error,
            notified_at=shipment.notified_at,
            next_attempt_at=shipment.next_attempt_at,
            receipt=shipment.receipt,
            claim="",
            claimed_until=None,
        )
        if is_ours and outcome.notification == Notification.REFUSED:
            kind = OrderEvent.Kind.REFUSED
            history.record(shipment.order, kind, text=outcome.error)
    logger.info(
        "Shipment %s of order %s: %s after attempt %s",
        shipment.pk,
        shipment.order_id,
        shipment.notification,
        shipment.attempts,
        extra={
            "store_id": shipment.order.store_id,
            "order_id": shipment.order_id,
            "shipment_id": shipment.pk,
        },
    )


def _next_attempt(shipment: Shipment, outcome: Outcome, now: datetime) -> datetime:
    if outcome.retry_after is not None:
        wished = timedelta(seconds=outcome.retry_after)
        return now + min(wished, LONGEST_BACKOFF)
    return now + backoff(shipment.attempts, FIRST_PAUSE)
