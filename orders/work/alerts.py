"""Tell people by mail what is wrong: once when it begins, once when it is over."""

import logging
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders.models import Alert
from orders.work import alarms

logger = logging.getLogger(__name__)


def announce(now: datetime, *, from_the_worker: bool = False) -> None:
    """Record the alarms that stand and mail what is new, to `ALERT_EMAILS`.

    A mail that cannot leave is tried again the next time. The worker, which is alive
    when it asks, says nothing of itself.
    """
    raised = alarms.raised(now)
    if from_the_worker:
        raised = [alarm for alarm in raised if alarm.cause != "worker"]
    _record(raised, now)
    new = Alert.objects.filter(told_at=None, cleared_at=None)
    _tell(new, "told_at", _("Back office: %(message)s"), now)
    over = Alert.objects.filter(end_told_at=None).exclude(cleared_at=None)
    _tell(over.exclude(told_at=None), "end_told_at", _("Over: %(message)s"), now)


def _record(raised: list[alarms.Alarm], now: datetime) -> None:
    """Open a row for each new alarm and close those whose cause is gone."""
    standing = {(one.cause, one.store_id): one for one in _open()}
    for alarm in raised:
        key = (alarm.cause, alarm.store.pk if alarm.store else None)
        if standing.pop(key, None):
            continue
        try:
            with transaction.atomic():
                Alert.objects.create(
                    cause=alarm.cause,
                    store=alarm.store,
                    message=alarm.message,
                    raised_at=now,
                )
        except IntegrityError:
            logger.debug("Another process raised the alarm %s just now.", alarm.cause)
    gone = [alert.pk for alert in standing.values()]
    _open().filter(pk__in=gone).update(cleared_at=now)


def _open() -> QuerySet[Alert]:
    return Alert.objects.filter(cleared_at=None)


def _tell(alerts: QuerySet[Alert], mark: str, subject: str, now: datetime) -> None:
    """Mail each alert once, whoever else is doing the same at this moment."""
    if not settings.ALERT_EMAILS:
        return
    for alert in alerts:
        mine = Alert.objects.filter(pk=alert.pk, **{mark: None}).update(**{mark: now})
        if not mine:
            continue
        line = " ".join((subject % {"message": alert.message}).split())
        try:
            send_mail(line[:150], f"{alert.message}\n", None, settings.ALERT_EMAILS)
        except (OSError, SMTPException) as error:
            logger.warning("Alert %s not mailed: %s", alert.pk, type(error).__name__)
            Alert.objects.filter(pk=alert.pk).update(**{mark: None})
            return
