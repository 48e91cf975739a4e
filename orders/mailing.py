"""Tell customers that their order has shipped: once, and only who asked for it.

Marketplaces write to the buyer themselves, so a mail leaves only where staff switched
mails on in the store, and typed an address on the order or the marketplace gives one.
"""

import logging
import re
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.mime.image import MIMEImage
from email.utils import formataddr, parseaddr
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.kit.sentences import sentence
from orders.advice import day_of
from orders.documents import slips
from orders.documents.images import Picture
from orders.history import record
from orders.models import Order, OrderEvent, Shipment, note_change
from orders.models.shipments import ShipmentQuerySet
from stores import mail_texts
from stores.marketplaces.base import OrderStatus
from stores.marketplaces.tracking_pages import tracking_page
from stores.models import Store

logger = logging.getLogger(__name__)

# How long after its acceptance a shipment is mailed, by the attempts that failed.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (0, 5, 30, 120, 720))
# Later, the parcel has arrived before the mail.
TOLD_WITHIN = timedelta(days=7)
# No server, none that takes it, or an address or a name that no mail can have.
FAILURES = (OSError, smtplib.SMTPException, ValueError)
# Of these the next mail need not fail too.
FAILURES_OF_ONE = (
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    ValueError,
)
# A slow server must not keep the worker from orders.
LONGEST_ROUND = 60  # seconds
# As wide and high as a logo may be in a mail, in pixels.
LOGO_ROOM = (240, 96)
LOGO_ID = "logo"
# Without what ends the sentence around it.
ADDRESS = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)])")


@dataclass(frozen=True)
class Mail:
    """A mail as it is read, its text plain; `as_html` is the same with the logo."""

    subject: str
    body: str
    company: str
    language: str
    logo: Picture | None

    def as_html(self, logo_address: str = f"cid:{LOGO_ID}") -> SafeString:
        context = {
            "mail": self,
            "text": _linked(self.body),
            "logo_address": logo_address,
        }
        return render_to_string("orders/mail.html", context)

    @property
    def logo_width(self) -> int:
        """The width of the logo; some programs know no other way to shrink it."""
        width, height = LOGO_ROOM
        logo = self.logo
        return min(logo.width, width, logo.width * height // logo.height) if logo else 0


def compose(store: Store, shipment: Shipment | None) -> Mail:
    """Return the mail the store's texts make of a shipment, or of an example.

    Empty texts are those that come with the back office, in the store's language.
    """
    with translation.override(store.language):
        subject = store.mail_subject.strip() or str(mail_texts.SUBJECT)
        body = store.mail_body.strip() or str(mail_texts.BODY)
    values = _values(store, shipment)
    return Mail(
        # A line break in a subject would begin another header.
        subject=" ".join(mail_texts.fill(subject, values).split()),
        body=mail_texts.fill(body, values),
        company=values["company"],
        language=store.language,
        logo=slips.logo_of(store),
    )


def due(now: datetime) -> ShipmentQuerySet:
    """Return the shipments whose customer is to be told now."""
    has_waited = Q()
    for attempts, wait in enumerate(WAITS):
        has_waited |= Q(customer_mail_attempts=attempts, notified_at__lte=now - wait)
    wanted = Q(
        has_waited,
        notified_at__gt=now - TOLD_WITHIN,
        # Said once more for the index.
        customer_mail_attempts__in=range(len(WAITS)),
    )
    return _either(wanted, wanted).filter(order__store__is_active=True)


def given_up(now: datetime) -> QuerySet[Shipment]:
    """Return the shipments whose mail did not leave, and by itself never will."""
    # An address that was typed too late was never meant for this parcel.
    typed_late = OrderEvent.objects.filter(
        order=OuterRef("order"),
        kind=OrderEvent.Kind.EMAIL,
        at__gt=OuterRef("notified_at") + TOLD_WITHIN,
    )
    is_late = Q(notified_at__lte=now - TOLD_WITHIN)
    is_tried_enough = Q(customer_mail_attempts__gte=len(WAITS))
    # One that the marketplace gives is tried at once, or nothing was to be told.
    was_tried = Q(customer_mail_attempts__gte=1)
    return _either(
        is_tried_enough | is_late & Q(~Exists(typed_late)),
        was_tried & (is_tried_enough | is_late),
    )


def mail_in_words(order: Order, now: datetime) -> str:
    """Say where the customer is told of the parcel, or why nowhere, or that he was."""
    store, shipments = order.store, list(order.shipments.all())
    names = {"address": order.mail_address, "store": store.name}
    told_at = next(filter(None, (one.customer_mailed_at for one in shipments)), None)
    since = max(store.mail_customers_since or now, now - TOLD_WITHIN)
    is_late = any(one.notified_at and one.notified_at < since for one in shipments)
    closed = {OrderStatus.SHIPPED, OrderStatus.CANCELLED}
    if told_at:
        names["day"] = day_of(told_at, store)
        text = _("The customer was told by mail on %(day)s; no second mail leaves.")
    elif not store.mail_customers:
        text = _("This store sends its customers no mails.")
    elif not shipments and order.status in closed:
        text = _("Nothing leaves from here any more, so no mail does either.")
    elif is_late:
        text = _("The tracking was accepted too long ago: no mail about it leaves.")
    elif not store.is_active:
        text = _("%(store)s is switched off, so no mail leaves.")
    elif order.customer_email:
        text = _(
            "The customer is told at %(address)s once the marketplace accepted the "
            "shipment."
        )
    elif order.buyer_email:
        text = _(
            "The customer is told at %(address)s, which the marketplace gives, once it "
            "accepted the shipment; another address that is typed here is used instead."
        )
    else:
        text = _(
            "The marketplace gives none. Where one is typed here, the customer is told "
            "once the marketplace accepted the shipment."
        )
    return text % names


def begin_anew(order: Order, now: datetime) -> None:
    """Try the order's mail as if it had never been tried, unless it is too late."""
    _unmailed().filter(order=order, notified_at__gt=now - TOLD_WITHIN).update(
        customer_mail_attempts=0, customer_mail_error=""
    )


def send_due_mails(now: datetime) -> int:
    """Mail the customers that are to be told and return how many mails left.

    Stops where the server does not answer, and after a minute; the next round goes on.
    """
    if not Store.objects.filter(mail_customers=True, is_active=True).exists():
        # Else all that was accepted in a week would be looked at.
        return 0
    left, until = 0, monotonic() + LONGEST_ROUND
    for shipment in due(now).with_order():
        if monotonic() > until:
            break
        try:
            left += _tell(shipment, now)
        except FAILURES:
            break
    return left


def send(mail: Mail, address: str) -> None:
    """Send a mail in the company's name; raises one of `FAILURES`."""
    _name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    name = " ".join(mail.company.split())
    message = EmailMultiAlternatives(
        mail.subject,
        mail.body,
        formataddr((name, sender)),
        [address],
    )
    message.attach_alternative(mail.as_html(), "text/html")
    if mail.logo:
        # Part of the mail: many programs show no picture from elsewhere.
        message.mixed_subtype = "related"  # type: ignore[attr-defined] # of Django 5
        message.attach(_inline(mail.logo))
    message.send()


def failure_in_words(error: Exception) -> str:
    """Say why a mail could not leave, without what a server may repeat of a login."""
    code = getattr(error, "smtp_code", "")
    return sentence("The mail could not leave (%(reason)s).") % {
        "reason": f"{type(error).__name__} {code}".strip()
    }


def _either(typed: Q, given: Q) -> ShipmentQuerySet:
    """Narrow what is to be mailed, by whether staff typed the address or it came.

    Joined and not one `OR` of both: no index answers that one.
    """
    # Few orders have an address that was typed: it is them a database begins with.
    addressed = Order.objects.filter(~Q(customer_email=""))
    first = _unmailed().filter(typed, order__in=addressed)
    others = _unmailed().filter(
        given, ~Q(order__buyer_email=""), order__customer_email=""
    )
    keys = [rows.order_by().values("pk") for rows in (first, others)]
    return Shipment.objects.filter(pk__in=keys[0].union(keys[1]))


def _unmailed() -> QuerySet[Shipment]:
    return Shipment.objects.filter(
        notification=Shipment.Notification.ACCEPTED,
        customer_mailed_at=None,
        order__store__mail_customers=True,
        notified_at__gte=F("order__store__mail_customers_since"),
    )


def _tell(shipment: Shipment, now: datetime) -> bool:
    """Mail one customer, whoever else is doing the same; return whether it left.

    Raises what the next mail would fail of too.
    """
    order, attempts = shipment.order, shipment.customer_mail_attempts
    store = order.store
    # As it was read: the address may be another one since, or the store switched off.
    wanted = Order.objects.filter(
        pk=order.pk,
        customer_email=order.customer_email,
        buyer_email=order.buyer_email,
        store__is_active=True,
        store__mail_customers=True,
    )
    # Marked first, in a commit of its own: after a crash a mail is rather missing
    # than there twice.
    claimed = Shipment.objects.filter(
        pk=shipment.pk,
        customer_mailed_at=None,
        customer_mail_attempts=attempts,
        order__in=wanted,
    ).update(customer_mailed_at=now, customer_mail_attempts=attempts + 1)
    if not claimed:
        return False
    mail = compose(store, shipment)
    try:
        send(mail, order.mail_address)
    except FAILURES as error:
        logger.warning("Mail of shipment %s: %s", shipment.pk, type(error).__name__)
        Shipment.objects.filter(pk=shipment.pk).update(
            customer_mailed_at=None, customer_mail_error=failure_in_words(error)
        )
        note_change([store.pk])
        if not isinstance(error, FAILURES_OF_ONE):
            raise
        return False
    Shipment.objects.filter(pk=shipment.pk).update(customer_mail_error="")
    record(order, OrderEvent.Kind.MAILED, text=order.mail_address)
    return True


def _values(store: Store, shipment: Shipment | None) -> dict[str, str]:
    """Return what the placeholders stand for."""
    carrier, number = "USPS", "9400111899562173406594"
    customer, called, items = "Jane Example", "120000001", ["1 × EX-HEADSET-BLACK"]
    if shipment:
        order = shipment.order
        carrier, number = shipment.carrier, shipment.tracking_number
        customer = order.customer_name or order.ship_to.ship_to_name
        called = order.number
        lines = order.line_items.all()
        items = [f"{line.quantity} × {line.name or line.sku}" for line in lines]
    return {
        "customer": customer,
        "order": called,
        "items": "\n".join(items),
        "carrier": carrier,
        "tracking_number": number,
        "tracking_link": tracking_page(carrier, number),
        "company": store.company_name or store.name,
    }


def _linked(text: str) -> SafeString:
    """Return a text as HTML: escaped, its web addresses as links."""
    # Of what is split by a group, every other part is what the group found.
    parts = (
        format_html('<a href="{0}">{0}</a>', part) if place % 2 else part
        for place, part in enumerate(ADDRESS.split(text))
    )
    return format_html_join("", "{}", zip(parts))


def _inline(logo: Picture) -> MIMEImage:
    image = MIMEImage(logo.png)
    image.add_header("Content-ID", f"<{LOGO_ID}>")
    image.add_header("Content-Disposition", "inline", filename="logo.png")
    return image
