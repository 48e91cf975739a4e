"""Customers are told of their parcel: once, after the marketplace, if wanted at all."""

import socket
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone as clock

from orders import importing, mailing, notifying, tasks
from orders.models import Order, OrderEvent, Shipment
from orders.shipping import NotAllowed, notes
from stores.models import Store
from tests.factories import StoreFactory
from tests.support.mailing import parcel
from tests.support.order_pages import staff
from tests.support.store_pages import save

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Back office <office@example.com>"
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def writing_store(store):
    """A store that tells its customers, since an hour ago."""
    store.mail_customers = True
    store.mail_customers_since = clock.now() - timedelta(hours=1)
    store.company_name = "Example & Co."
    store.save()
    return store


def test_a_customer_is_told_once_the_marketplace_accepted(
    writing_store, tophatter, outbox
):
    shipment = parcel(writing_store, tophatter)
    tasks.mail_customers()
    before = len(outbox)

    notifying.send_tracking(shipment)
    for _ in range(5):
        tasks.mail_customers()

    assert before == 0
    (one,) = outbox
    order = shipment.order
    assert one.to == ["jane@example.com"]
    assert one.subject == f"Your order {order} has shipped"
    assert shipment.tracking_number in one.body
    assert "USPS" in one.body
    assert order.line_items.first().name in one.body
    assert one.from_email == '"Example & Co." <office@example.com>'
    event = OrderEvent.objects.get(kind="mailed")
    assert (event.order, event.text) == (order, "jane@example.com")


def test_no_mail_leaves_by_default(store, tophatter, outbox):
    notifying.send_tracking(parcel(store, tophatter))

    tasks.mail_customers()

    assert not outbox


def test_no_mail_leaves_without_an_address(writing_store, tophatter, outbox):
    notifying.send_tracking(parcel(writing_store, tophatter, email=""))

    tasks.mail_customers()

    assert not outbox


def test_no_mail_leaves_for_what_was_accepted_before(writing_store, tophatter, outbox):
    notifying.send_tracking(parcel(writing_store, tophatter))
    Store.objects.update(mail_customers_since=clock.now() + timedelta(minutes=1))

    tasks.mail_customers()

    assert not outbox


def test_a_refused_notice_tells_nobody(writing_store, tophatter, outbox):
    shipment = parcel(writing_store, tophatter)
    tophatter.fault("422", on="orders/fulfill")
    notifying.send_tracking(shipment)

    tasks.mail_customers()

    assert shipment.notification == "refused"
    assert not outbox


def test_a_mail_that_cannot_leave_says_why_and_leaves_later(
    writing_store, tophatter, settings, outbox
):
    shipment = parcel(writing_store, tophatter)
    notifying.send_tracking(shipment)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = closed.getsockname()
    now = clock.now()

    mailing.send_due_mails(now)
    mailing.send_due_mails(now)
    shipment.refresh_from_db()
    error, attempts = shipment.customer_mail_error, shipment.customer_mail_attempts
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mailing.send_due_mails(now + timedelta(minutes=6))

    assert error == "The mail could not leave (ConnectionRefusedError)."
    assert attempts == 1
    shipment.refresh_from_db()
    assert (len(outbox), shipment.customer_mail_error) == (1, "")


def test_in_the_end_a_mail_waits_for_a_person(writing_store, tophatter, outbox):
    shipment = parcel(writing_store, tophatter)
    notifying.send_tracking(shipment)
    Shipment.objects.update(customer_mail_attempts=len(mailing.WAITS))

    mailing.send_due_mails(clock.now() + timedelta(days=1))

    assert not outbox
    assert list(mailing.given_up(clock.now())) == [shipment]


def test_a_mail_that_is_too_late_waits_for_a_person(writing_store, tophatter, outbox):
    shipment = parcel(writing_store, tophatter)
    notifying.send_tracking(shipment)
    in_time, late = (clock.now() + timedelta(days=days) for days in (6, 8))

    mailing.send_due_mails(late)

    assert not outbox
    assert list(mailing.given_up(late)) == [shipment]
    assert not mailing.given_up(in_time).exists()


def test_saving_the_address_again_tries_the_mail_again(
    writing_store, tophatter, outbox
):
    shipment = parcel(writing_store, tophatter)
    notifying.send_tracking(shipment)
    Shipment.objects.update(
        customer_mail_attempts=len(mailing.WAITS), customer_mail_error="It is full."
    )

    notes.set_email(shipment.order, "jane@example.com", None)
    tasks.mail_customers()

    assert not mailing.given_up(clock.now()).exists()
    assert len(outbox) == 1


def test_a_server_that_does_not_answer_is_asked_once_a_round(
    writing_store, tophatter, settings
):
    for _ in range(3):
        notifying.send_tracking(parcel(writing_store, tophatter))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = closed.getsockname()

    tasks.mail_customers()

    attempts = Shipment.objects.values_list("customer_mail_attempts", flat=True)
    assert sorted(attempts) == [0, 0, 1]


@pytest.mark.parametrize(
    ("where", "change"),
    [
        (Order, {"customer_email": ""}),
        (Store, {"is_active": False}),
        (Store, {"mail_customers": False}),
    ],
)
def test_what_changes_during_a_round_counts(
    writing_store, tophatter, outbox, where, change
):
    notifying.send_tracking(parcel(writing_store, tophatter))
    now = clock.now()
    (shipment,) = mailing.due(now).select_related("order__store")
    where.objects.update(**change)

    assert not mailing._tell(shipment, now)
    assert not mailing.due(now).exists()
    assert not outbox


def test_an_address_that_came_too_late_for_a_parcel_needs_nobody(
    writing_store, tophatter
):
    shipment = parcel(writing_store, tophatter, email="")
    notifying.send_tracking(shipment)
    Store.objects.update(mail_customers_since=clock.now() - timedelta(days=30))
    Shipment.objects.update(notified_at=clock.now() - timedelta(days=8))

    notes.set_email(shipment.order, "jane@example.com", None)

    assert not mailing.given_up(clock.now()).exists()


def test_a_mail_that_is_too_late_keeps_its_reason(writing_store, tophatter, outbox):
    shipment = parcel(writing_store, tophatter)
    notifying.send_tracking(shipment)
    Store.objects.update(mail_customers_since=clock.now() - timedelta(days=30))
    Shipment.objects.update(
        notified_at=clock.now() - timedelta(days=8),
        customer_mail_attempts=5,
        customer_mail_error="It is full.",
    )

    notes.set_email(shipment.order, "jane@example.com", None)
    tasks.mail_customers()

    (late,) = mailing.given_up(clock.now())
    assert (late.customer_mail_error, len(outbox)) == ("It is full.", 0)


def test_one_address_no_mail_can_have_stops_no_other(writing_store, tophatter, outbox):
    good, bad, other = (parcel(writing_store, tophatter) for _ in range(3))
    for shipment in (good, bad, other):
        notifying.send_tracking(shipment)
    Order.objects.filter(pk=bad.order_id).update(customer_email="jane\n@example.com")

    tasks.mail_customers()

    assert [one.to for one in outbox] == 2 * [["jane@example.com"]]
    bad.refresh_from_db()
    assert bad.customer_mail_error == "The mail could not leave (BadHeaderError)."


def test_a_store_named_in_two_lines_sends_mail(writing_store, tophatter, outbox):
    Store.objects.update(company_name="Example\r\nBcc: all@example.com")
    notifying.send_tracking(parcel(writing_store, tophatter))

    tasks.mail_customers()

    (one,) = outbox
    assert one.from_email.startswith('"Example Bcc: all@example.com" <')


def test_two_workers_mail_a_customer_once(writing_store, tophatter, outbox):
    notifying.send_tracking(parcel(writing_store, tophatter))
    now = clock.now()
    (ours,), (theirs,) = mailing.due(now), mailing.due(now)

    told = [mailing._tell(one, now) for one in (ours, theirs)]

    assert told == [True, False]
    assert len(outbox) == 1


def test_a_subject_stays_one_line_and_a_name_is_no_text(
    writing_store, tophatter, outbox
):
    Store.objects.update(mail_subject="{customer} {order}", mail_body="{customer}")
    shipment = parcel(writing_store, tophatter)
    name = "Eve\r\nBcc: all@example.com {carrier}"
    notifying.send_tracking(shipment)
    Order.objects.update(customer_name=name)

    tasks.mail_customers()

    (one,) = outbox
    assert one.subject == f"Eve Bcc: all@example.com {{carrier}} {shipment.order}"
    assert one.recipients() == ["jane@example.com"]
    assert "{carrier}" in one.body


def test_an_unknown_placeholder_is_refused_and_the_known_ones_named(admin_client):
    store = StoreFactory()

    page = save(admin_client, store, mail_subject="{ordre}")

    text = page.content.decode()
    assert "There is no placeholder {ordre}; there are {customer}, {order}" in text
    assert Store.objects.get().mail_subject == ""


def test_switching_mails_on_counts_from_now(admin_client):
    store = StoreFactory()
    began = clock.now()

    save(admin_client, store, mail_customers="on", mail_subject="{order}")
    save(admin_client, store, mail_customers="on", mail_subject="{order} is gone")

    store.refresh_from_db()
    assert store.mail_customers
    assert began <= store.mail_customers_since <= clock.now()


def test_a_mail_is_previewed_before_it_is_saved(admin_client, outbox):
    store = StoreFactory()
    page = reverse("admin:stores_store_mail", args=[store.pk])

    text = admin_client.post(page, {"mail_subject": "On its way: {order}"})

    assert "On its way: 120000001" in text.content.decode()
    assert Store.objects.get().mail_subject == ""
    assert not outbox


@pytest.mark.parametrize("may_see_orders", [True, False])
def test_the_preview_tells_of_an_order_only_who_may_see_it(
    client, store, tophatter, may_see_orders
):
    shipment = parcel(store, tophatter)
    staff(client, "view_store", *(["view_order"] if may_see_orders else []))
    page = reverse("admin:stores_store_mail", args=[store.pk])

    text = client.get(page).content.decode()

    assert (shipment.tracking_number in text) == may_see_orders


def test_a_test_mail_goes_to_who_asks_for_it(client, outbox):
    store = StoreFactory()
    user = staff(client, "view_store", "change_store")
    page = reverse("admin:stores_store_mail", args=[store.pk])
    wanted = {"mail_subject": "Test {order}", "mail_body": "x", "step": "send"}

    without = client.post(page, wanted).content.decode()
    user.email = "me@example.com"
    user.save()
    text = client.post(page, wanted).content.decode()

    assert "Your login has no e-mail address" in without
    assert "A test mail is on its way to me@example.com." in text
    (one,) = outbox
    assert (one.to, one.subject) == (["me@example.com"], "Test 120000001")


def test_who_may_only_look_sends_no_test(client, outbox):
    store = StoreFactory()
    staff(client, "view_store")
    page = reverse("admin:stores_store_mail", args=[store.pk])

    assert client.get(page).status_code == 200
    assert client.post(page, {"step": "send"}).status_code == 403
    assert not outbox


def test_staff_type_the_address_on_the_order(client, store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)
    order = Order.objects.get()
    staff(client, "view_order", "ship_order")
    page = reverse("admin:orders_order_email", args=[order.pk])

    bad = client.post(page, {"email": "jane@"}, follow=True).content.decode()
    client.post(page, {"email": " jane@example.com "})
    importing.import_one(store, order.marketplace_order_id)

    assert "“jane@” is not an e-mail address." in bad
    order.refresh_from_db()
    assert order.customer_email == "jane@example.com"
    (event,) = OrderEvent.objects.filter(kind="email")
    assert event.changes == [["customer_email", "", "jane@example.com"]]
    shown = client.get(reverse("admin:orders_order_change", args=[order.pk]))
    assert "Customer’s e-mail address changed" in shown.content.decode()


def test_what_is_no_address_is_never_kept(store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)

    with pytest.raises(NotAllowed):
        notes.set_email(Order.objects.get(), "a@b.c\nBcc: all@example.com", None)

    assert Order.objects.get().customer_email == ""
