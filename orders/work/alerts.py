"""Tell people by mail what is wrong: once when it begins, once when it is over."""

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.kit import languages
from backoffice.kit.mails import mail_or_log
from backoffice.models import AuditEntry, Preferences
from orders.models import Alert
from orders.work import alarms

logger = logging.getLogger(__name__)

# Who guesses at many accounts fills the audit, and nobody's mailbox.
QUIET_AFTER_LOCK_OUT = timedelta(minutes=10)


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


def tell_of_lock_out(entry: AuditEntry) -> None:
    """Mail that a sign-in was locked out; of many in a row, of the first alone."""
    others = AuditEntry.objects.filter(
        kind=entry.kind, pk__lt=entry.pk, at__gt=entry.at - QUIET_AFTER_LOCK_OUT
    )
    if others.exists():
        return
    for language, addresses in _readers().items():
        with translation.override(language):
            facts = {"name": entry.user, "address": entry.address or "?"}
            message = _(
                "After too many failed tries nobody can log in as “%(name)s” from "
                "%(address)s for a while. If that is not one of yours who forgot the "
                "password, somebody is guessing; the audit has every try."
            )
            _send(_("Back office: %(message)s"), str(message % facts), addresses)


def _record(raised: list[alarms.Alarm], now: datetime) -> None:
    """Open a row for each new alarm and close those whose cause is gone."""
    standing = {(one.cause, one.store_id): one for one in _open()}
    new = [alarm for alarm in raised if not standing.pop(_key(alarm), None)]
    said = _said(now) if new else {}
    for alarm in new:
        try:
            with transaction.atomic():
                Alert.objects.create(
                    cause=alarm.cause,
                    store=alarm.store,
                    message=alarm.message,
                    translations=said.get(_key(alarm), {}),
                    raised_at=now,
                )
        except IntegrityError:
            logger.debug("Another process raised the alarm %s just now.", alarm.cause)
    gone = [alert.pk for alert in standing.values()]
    _open().filter(pk__in=gone).update(cleared_at=now)


def _key(alarm: alarms.Alarm) -> tuple[str, int | None]:
    return alarm.cause, alarm.store.pk if alarm.store else None


def _said(now: datetime) -> dict[tuple[str, int | None], dict[str, str]]:
    """Return what each alarm says, by language."""
    said: dict[tuple[str, int | None], dict[str, str]] = defaultdict(dict)
    for language, _name in languages.choices():
        with translation.override(language):
            for alarm in alarms.raised(now):
                said[_key(alarm)].setdefault(language, alarm.message)
    return said


def _open() -> QuerySet[Alert]:
    return Alert.objects.filter(cleared_at=None)


def _tell(alerts: QuerySet[Alert], mark: str, subject: Promise, now: datetime) -> None:
    """Mail each alert once, whoever else is doing the same at this moment."""
    if not settings.ALERT_EMAILS:
        return
    readers = _readers()
    for alert in alerts:
        mine = Alert.objects.filter(pk=alert.pk, **{mark: None}).update(**{mark: now})
        if not mine:
            continue
        # Who was told is not told again for the sake of somebody who cannot be.
        left = [_mail(alert, subject, *one) for one in readers.items()]
        if not any(left):
            Alert.objects.filter(pk=alert.pk).update(**{mark: None})
            return


def _mail(alert: Alert, subject: Promise, language: str, addresses: list[str]) -> bool:
    """Mail an alert to the readers of a language; return whether the mail left."""
    message = alert.translations.get(language, alert.message)
    with translation.override(language):
        return _send(subject, message, addresses)


def _send(subject: Promise, message: str, addresses: list[str]) -> bool:
    line = " ".join((subject % {"message": message}).split())
    return mail_or_log(
        EmailMessage(line[:150], f"{message}\n", None, addresses), "An alert"
    )


def _readers() -> dict[str, list[str]]:
    """Return who is told, by language: a user's own, the server's for all others."""
    chosen = {
        one.user.email.casefold(): one.language
        for one in Preferences.objects.exclude(language="").select_related("user")
    }
    readers = defaultdict(list)
    for address in settings.ALERT_EMAILS:
        _name, email = parseaddr(address)
        readers[chosen.get(email.casefold(), languages.default())].append(address)
    return readers
