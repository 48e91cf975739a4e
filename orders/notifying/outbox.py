"""Tell the marketplace what has shipped: at least once, and never twice.

The shipment's row is the outbox. Each attempt is claimed and counted before it starts,
reads the order first, and posts only what the marketplace does not show yet. Nothing
is written between that read and the post but the note that it is posted now. From
then on reads decide: the notice may be at the marketplace and not show yet.
"""

import logging
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone as clock

from backoffice.kit.backoff import LONGEST_BACKOFF, backoff
from backoffice.kit.database import retried
from orders import history, importing
from orders.importing.fetching import Fetched
from orders.importing.payloads import storable
from orders.models import OrderEvent, Shipment, note_change
from orders.models.shipments import (
    CLAIM_TIME,
    READS_BEFORE_REPOST,
    ShipmentQuerySet,
)
from orders.notifying.judging import (
    FIRST_PAUSE,
    Attempt,
    fetch,
    fetch_if_listed,
    judge_post,
    pause_after,
    proof_of,
    reason_not_to_post,
    still_open,
)
from orders.notifying.notices import notice_of, receipt_of
from orders.notifying.words import (
    ask_a_person,
    gave_up,
    not_shown,
    read_too_long_ago,
)
from stores.connecting import token_refused
from stores.failures import in_words
from stores.marketplaces.base import (
    Marketplace,
    MarketplaceBusy,
    MarketplaceError,
    MarketplaceRefused,
    MarketplaceUnavailable,
    NotTheMarketplace,
    TokenRefused,
    UnreadableOrder,
)
from stores.models import Store
from stores.tokens import TokenUnreadable

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
# So many attempts follow soon on a notice that may have been lost on the way: it is
# posted again once enough reads did not show it.
SOON = 3
# An order that was read longer ago, in seconds, may have changed since.
FRESH = 5
RECORDED = [
    "notification",
    "notification_error",
    "notified_at",
    "next_attempt_at",
    "posted_at",
    "reads_since_post",
    "answer",
    "receipt",
    "proof",
]

Notification = Shipment.Notification


class ClaimLost(Exception):
    """Another process sends this shipment by now, or its number was corrected."""


Connect = Callable[[Store], Marketplace]


def send_tracking(shipment: Shipment, claim_time: timedelta = CLAIM_TIME) -> None:
    """Tell the marketplace the order has shipped, and record its answer on the row.

    Does nothing while another process sends the same shipment, or once its notice is
    accepted, refused or not wanted. `claim_time` is how long others are kept off.
    """
    outcome = deliver(shipment, claim_time=claim_time)
    if outcome and outcome.fetched:
        keep(shipment.order.store, [outcome.fetched])


def deliver(
    shipment: Shipment,
    connect: Connect = Store.connect,
    claim_time: timedelta = CLAIM_TIME,
) -> Attempt | None:
    """Send as `send_tracking`, and leave it to the caller to keep what was read.

    Returns None where nothing was attempted, or recorded.
    """
    claim = _claim(shipment, claim_time)
    if claim is None:
        return None
    try:
        if shipment.attempts > MAX_ATTEMPTS:
            outcome = Attempt(Notification.REFUSED, gave_up(shipment, MAX_ATTEMPTS))
        else:
            outcome = _attempt(shipment, claim, connect)
        retried(lambda: _record(shipment, claim, outcome))
    except ClaimLost:
        logger.warning("Shipment %s is in other hands by now.", shipment.pk)
        shipment.refresh_from_db()
        return None
    return outcome


def _claim(shipment: Shipment, claim_time: timedelta = CLAIM_TIME) -> str | None:
    """Count the attempt and keep others off, in a commit of its own."""
    mark = secrets.token_hex(16)
    claimed = (
        Shipment.objects.unsent()
        .unclaimed()
        .filter(pk=shipment.pk)
        .update(
            claim=mark, claimed_until=Now() + claim_time, attempts=F("attempts") + 1
        )
    )
    shipment.refresh_from_db(from_queryset=Shipment.objects.with_order())
    return mark if claimed else None


def _attempt(shipment: Shipment, claim: str, connect: Connect) -> Attempt:
    """Read the order, and post its notice unless the marketplace may have it."""
    order = shipment.order
    try:
        marketplace = connect(order.store)
        fetched = fetch_if_listed(order, marketplace)
        read_at = time.monotonic()
        facts = fetched.facts if fetched else None
        if proof := proof_of(facts, shipment) if facts else None:
            receipt = receipt_of(shipment, shipment.answer, fetched)
            return Attempt(
                Notification.ACCEPTED, receipt=receipt, fetched=fetched, proof=proof
            )
        if reason := reason_not_to_post(facts, shipment):
            return Attempt(Notification.REFUSED, reason, fetched=fetched)
        posted_at = _note_post(shipment, claim)
        if posted_at is None:
            shipment.reads_since_post += 1
            return replace(_not_shown(shipment), fetched=fetched)
        if time.monotonic() - read_at > FRESH:
            return still_open(shipment, read_too_long_ago(shipment))
        return _post(shipment, marketplace, posted_at)
    except TokenUnreadable as error:
        return still_open(shipment, str(error))
    except TokenRefused as error:
        token_refused(order.store, error)
        outcome = still_open(shipment, in_words(error))
        return replace(outcome, pause=pause_after(error))
    except (NotTheMarketplace, UnreadableOrder) as error:
        return still_open(shipment, in_words(error))
    except MarketplaceRefused as error:
        return Attempt(Notification.REFUSED, in_words(error))
    except MarketplaceUnavailable as error:
        outcome = still_open(shipment, in_words(error), error.retry_after)
        return replace(outcome, pause=pause_after(error))


def _not_shown(shipment: Shipment) -> Attempt:
    """Read on, or leave it to a person where a second notice may do harm."""
    is_read_enough = shipment.reads_since_post >= READS_BEFORE_REPOST
    if is_read_enough and not shipment.order.store.abilities.may_repeat:
        return Attempt(Notification.REFUSED, ask_a_person(shipment))
    return Attempt(Notification.UNCONFIRMED, not_shown(shipment))


def _note_post(shipment: Shipment, claim: str) -> datetime | None:
    """Renew the claim and note the post in one statement, the last before the post.

    Returns when it is posted by the database's clock, or None while the notice may
    be at the marketplace already, so that only reads are allowed. Raises `ClaimLost`
    when another process has the shipment or somebody corrected it.
    """
    ours = _claimed(shipment, claim)
    may_repeat = shipment.order.store.abilities.may_repeat
    noted = ours.may_be_posted(may_repeat=may_repeat).update(
        claimed_until=Now() + CLAIM_TIME, posted_at=Now(), reads_since_post=0
    )
    row = ours.values_list("posted_at").first()
    if row is None:
        raise ClaimLost
    return row[0] if noted else None


def _claimed(shipment: Shipment, claim: str) -> ShipmentQuerySet:
    """Return the row while the claim holds, with the number that is being sent."""
    return Shipment.objects.filter(
        pk=shipment.pk,
        claim=claim,
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
    )


def _post(shipment: Shipment, marketplace: Marketplace, posted_at: datetime) -> Attempt:
    """Send the notice, read the order back, and judge by what it shows.

    An answer that names the order as shipped with this number is kept as the proof,
    also when the read does not show it yet.
    """
    order = shipment.order
    notice = notice_of(shipment)
    raw = answer = fetched = failure = unread = None
    try:
        raw = marketplace.fulfill(notice)
        if raw:
            answer = marketplace.parse_order(raw, order.store.zone, order.store.words)
    except TokenRefused:
        raise
    except MarketplaceError as error:
        failure = error
    if not isinstance(failure, (MarketplaceRefused, MarketplaceBusy)):
        shipment.posted_at, shipment.reads_since_post = posted_at, 0
    if answer and proof_of(answer, shipment):
        shipment.answer = storable(raw)
    try:
        fetched = fetch(order, marketplace)
    except MarketplaceError as error:
        logger.info("Order %s not read back: %s", order.pk, error)
        unread = error
    shown = fetched.facts if fetched else answer
    outcome = judge_post(shipment, shown, failure)
    if outcome.proof:
        receipt = receipt_of(shipment, raw, fetched)
        outcome = replace(outcome, receipt=receipt)
    pause = pause_after(unread) or pause_after(failure)
    return replace(outcome, fetched=fetched, pause=pause)


def _record(shipment: Shipment, claim: str, outcome: Attempt) -> None:
    """Write what the attempt ended with, or raise `ClaimLost`."""
    now = clock.now()
    shipment.notification = outcome.notification
    shipment.notification_error = outcome.error
    shipment.notified_at = None
    shipment.next_attempt_at = None
    if outcome.notification == Notification.ACCEPTED:
        shipment.notified_at = now
        # From here on the receipt has it.
        shipment.answer = None
    elif outcome.notification != Notification.REFUSED:
        shipment.next_attempt_at = _next_attempt(shipment, outcome, now)
    shipment.receipt = outcome.receipt
    shipment.proof = outcome.proof.name.lower() if outcome.proof else ""
    with transaction.atomic():
        facts = {name: getattr(shipment, name) for name in RECORDED}
        recorded = _claimed(shipment, claim).update(
            **facts, claim="", claimed_until=None
        )
        if not recorded:
            raise ClaimLost
        note_change([shipment.order.store_id])
        if outcome.notification == Notification.REFUSED:
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


def keep(store: Store, read: Collection[Fetched]) -> None:
    """Store what was read; a database that is busy costs only that, not the results."""
    try:
        # In a transaction of ours there is one try, so that a row that somebody holds
        # does not hold this worker for minutes.
        with transaction.atomic():
            asked_at = min(one.asked_at for one in read)
            raws = [fetched.raw for fetched in read]
            importing.import_page(store, raws, asked_at=asked_at)
    except (OperationalError, InterfaceError) as error:
        name, count = type(error).__name__, len(read)
        logger.warning(
            "%s orders of store %s read, not stored: %s", count, store.pk, name
        )


def _next_attempt(shipment: Shipment, outcome: Attempt, now: datetime) -> datetime:
    """Return when to try again: later each time, and no earlier than was wished.

    A wish alone would use up all attempts within minutes.
    """
    growth = shipment.attempts
    if shipment.posted_at and shipment.answer is None:
        growth = max(min(growth, SOON), growth - SOON)
    wished = timedelta(seconds=outcome.retry_after or 0)
    return now + max(min(wished, LONGEST_BACKOFF), backoff(growth, FIRST_PAUSE))
