"""The preview of a customer's mail, and the test mail to oneself."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.kit.admin import StaffRequest, page, routes
from orders import mailing
from orders.models import Shipment
from stores import mail_texts
from stores.models import Store


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
    store = get_object_or_404(Store, pk=store_id)
    given = request.POST if request.method == "POST" else {}
    subject = given.get("mail_subject", store.mail_subject)
    body = given.get("mail_body", store.mail_body)
    shipment = None
    if request.user.has_perm("orders.view_order"):
        shipments = Shipment.objects.filter(order__store=store)
        shipment = shipments.select_related("order").first()
    mail = None
    try:
        mail_texts.check(subject)
        mail_texts.check(body)
    except ValidationError as error:
        model_admin.message_user(request, error.messages[0], messages.ERROR)
    else:
        mail = mailing.compose(store, subject, body, shipment)
        if given.get("step") == "send":
            level, message = _send(request, store, mail)
            model_admin.message_user(request, str(message), level)
    return page(
        request,
        model_admin,
        "stores/mail.html",
        _("Mail to customers of %(store)s") % {"store": store},
        original=store,
        settings_url=reverse("admin:stores_store_change", args=[store.pk]),
        mail=mail,
        shipment=shipment,
        mail_subject=subject,
        mail_body=body,
        may_send=may_send,
        address=request.user.email,
    )


def _send(
    request: StaffRequest, store: Store, mail: mailing.Mail
) -> tuple[int, Promise | str]:
    address = request.user.email
    if not address:
        return messages.ERROR, _("Your login has no e-mail address to send a test to.")
    try:
        mailing.send(store, mail, address)
    except mailing.FAILURES as error:
        return messages.ERROR, mailing.failure_in_words(error)
    return messages.SUCCESS, _("A test mail is on its way to %(address)s.") % {
        "address": address
    }
