"""Who takes care of an order, and what staff noted about it."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from backoffice.kit.errors import NotAllowed
from orders import mailing
from orders.history import is_told, record, refuse_newer
from orders.models import Order, OrderEvent

LONGEST_NOTE = 2000


def assign(order: Order, user: User | None, by: User, seen: int | None = None) -> None:
    """Give the order to somebody, or to nobody.

    `seen` is the last line of its history that the person saw, here and below.
    """
    with transaction.atomic():
        order = Order.objects.locked(order.pk)
        refuse_newer(order, [OrderEvent.Kind.ASSIGNED], seen, by)
        changed = (
            Order.objects.filter(pk=order.pk)
            .exclude(assigned_to=user)
            .update(assigned_to=user)
        )
        if changed:
            name = str(user) if user else ""
            record(order, OrderEvent.Kind.ASSIGNED, by=by, text=name)


def set_email(order: Order, email: str, by: User, seen: int | None = None) -> None:
    """Keep where the customer is told of the parcel; empty for nowhere.

    A mail that could not leave is tried again, also when the address is the same.
    """
    email = email.strip()
    if email:
        try:
            Order._meta.get_field("customer_email").run_validators(email)
        except ValidationError:
            message = _("“%(email)s” is not an e-mail address.")
            raise NotAllowed(message % {"email": email[:60]}) from None
    with transaction.atomic():
        locked = Order.objects.locked(order.pk)
        before = locked.customer_email
        if email and locked.erased_at:
            message = _("The buyer of order %(order)s is erased; no mail goes to him.")
            raise NotAllowed(message % {"order": order})
        if email != before:
            refuse_newer(order, [OrderEvent.Kind.EMAIL], seen, by, typed=email)
        mailing.begin_anew(order, clock.now())
        if email == before:
            return
        Order.objects.filter(pk=order.pk).update(customer_email=email)
        change = ("customer_email", before, email)
        record(order, OrderEvent.Kind.EMAIL, by=by, changes=[change])


def add_note(order: Order, text: str, by: User, seen: int | None = None) -> None:
    """Add a note, which nobody can change or delete; `NotAllowed` when empty."""
    # A browser posts a break as two characters, and counts one of what is typed.
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not text:
        raise NotAllowed(_("Write the note first."))
    if len(text) > LONGEST_NOTE:
        message = _("A note has at most %(most)d characters; this one has %(count)d.")
        raise NotAllowed(message % {"most": LONGEST_NOTE, "count": len(text)})
    with transaction.atomic():
        order = Order.objects.locked(order.pk)
        if order.is_erased_for_good:
            message = _(
                "The buyer of order %(order)s is erased, and a note would not be "
                "erased again; write none about it."
            )
            raise NotAllowed(message % {"order": order})
        if not is_told(order, OrderEvent.Kind.NOTE, text, seen, by):
            record(order, OrderEvent.Kind.NOTE, by=by, text=text)
