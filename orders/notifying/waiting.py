"""What waits in the outbox: asked for, pulled back, put off."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone as clock

from backoffice.clocks import SKEW
from orders.models import Shipment, note_change
from orders.models.shipments import ASKED_AGAIN
from stores.models import Store

Notification = Shipment.Notification


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
        reopened = chosen.filter(notification__in=closed)
        # Whoever has it sent again has looked whether it arrived.
        reopened.exclude(posted_at=None).update(reads_since_post=ASKED_AGAIN)
        reopened.update(
            notification=Notification.PENDING,
            not_sent_because="",
            notification_error="",
            attempts=0,
            queued_at=now,
            next_attempt_at=now,
        )
        chosen.unsent().update(next_attempt_at=now)
        stores = chosen.order_by().values_list("order__store", flat=True)
        note_change(stores.distinct())
    return chosen.unsent().with_order()


def pull_back() -> None:
    """Make due what was queued in the future, when a clock was ahead."""
    future = Shipment.objects.unsent().filter(queued_at__gt=Now() + SKEW)
    future.update(queued_at=Now(), next_attempt_at=Now())


def put_off(store: Store, until: datetime) -> None:
    """Have all the store's notices that would go earlier wait until then."""
    waiting = Shipment.objects.unsent().unclaimed().filter(order__store=store)
    earlier = Q(next_attempt_at=None) | Q(next_attempt_at__lt=until)
    waiting.filter(earlier).update(next_attempt_at=until)
