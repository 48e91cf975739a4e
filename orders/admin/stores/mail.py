"""The preview of a customer's mail, and the test mail to oneself."""

from csp.constants import UNSAFE_INLINE
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.urls import URLPattern
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.kit.admin import StaffRequest, find_row, page, routes, row_url
from backoffice.kit.policy import allow
from orders import mailing
from orders.models import Shipment
from stores import mail_texts
from stores.access import stores_seen_by
from stores.models import Store

# The settings that a mail is made of.
WRITTEN = ("language", "mail_subject", "mail_body")


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(model_admin, ("<int:store_id>/mail/", mail_view, "mail"))


def mail_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, store_id: int
) -> HttpResponse:
    """Show the mail that the texts make, saved or not, and send it to who looks."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    may_send = model_admin.has_change_permission(request)
    if "step" in request.POST and not may_send:
        raise PermissionDenied
    store = find_row(stores_seen_by(request.user), store_id)
    # Not saved: a preview of what the form of the settings holds.
    for name in WRITTEN:
        setattr(store, name, request.POST.get(name, getattr(store, name)))
    shipment = None
    if request.user.has_perm("orders.view_order"):
        shipments = Shipment.objects.filter(order__store=store)
        shipment = shipments.select_related("order").first()
    mail = None
    if reason := _reason_against(store):
        model_admin.message_user(request, reason, messages.ERROR)
    else:
        mail = mailing.compose(store, shipment)
        if request.POST.get("step") == "send":
            level, message = _send(request, mail)
            model_admin.message_user(request, str(message), level)
    # A mail brings its style in attributes, and its frame has the policy of this page.
    allow(request, "style-src-attr", UNSAFE_INLINE)
    return page(
        request,
        model_admin,
        "stores/mail.html",
        _("Mail to customers of %(store)s") % {"store": store},
        original=store,
        settings_url=row_url(store),
        mail=mail,
        html=mail and mail.as_html(mail.logo.address if mail.logo else ""),
        shipment=shipment,
        may_send=may_send,
        address=request.user.email,
    )


def _reason_against(store: Store) -> str:
    """Return what is wrong with the texts of a mail, if anything."""
    try:
        mail_texts.check(store.mail_subject)
        mail_texts.check(store.mail_body)
        Store._meta.get_field("language").clean(store.language, store)
    except ValidationError as error:
        return error.messages[0]
    return ""


def _send(request: StaffRequest, mail: mailing.Mail) -> tuple[int, Promise | str]:
    address = request.user.email
    if not address:
        return messages.ERROR, _("Your login has no e-mail address to send a test to.")
    try:
        mailing.send(mail, address)
    except mailing.FAILURES as error:
        return messages.ERROR, mailing.failure_in_words(error)
    return messages.SUCCESS, _("A test mail is on its way to %(address)s.") % {
        "address": address
    }
