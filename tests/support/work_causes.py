"""What needs a person, one of each kind."""

from django.utils import timezone as clock

from orders.models import ImportProblem, Order, Shipment
from orders.shipping import addresses
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.addresses import GIVEN
from tests.support.counting import days_ago
from tests.support.coverage import was_read
from tests.support.order_pages import NUMBER


def refused_token() -> Store:
    return StoreFactory(
        connection="refused", connection_error="Go away.", refused_since=days_ago(1)
    )


def suspected_zone() -> Store:
    return StoreFactory(
        suspected_timezone="America/Los_Angeles", suspected_since=days_ago(1)
    )


def gap() -> Store:
    store = StoreFactory()
    was_read(store, 10, 8)
    was_read(store, 3, 0)
    return store


def undecided_address() -> Order:
    order = OrderFactory()
    addresses.correct_address(order, GIVEN, None, None)
    Order.objects.filter(pk=order.pk).update(ship_to_changed_at=clock.now())
    return order


def reopened_order() -> Order:
    order = OrderFactory(has_shipment=True, changed_at=days_ago(1))
    order.shipments.create(
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=days_ago(3),
        notification="accepted",
        notified_at=days_ago(2),
    )
    return order


def refused_notice() -> Shipment:
    return Shipment.objects.create(
        order=OrderFactory(),
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=days_ago(1),
        notification="refused",
        notification_error="unknown carrier.",
    )


def shipment_in_doubt() -> Shipment:
    return Shipment.objects.create(
        order=OrderFactory(),
        carrier="USPS",
        tracking_number="123456",
        shipped_at=days_ago(1),
        notification="not_sent",
        not_sent_because="doubt",
        notification_error="The number looks odd.",
    )


def untold_shipment() -> Shipment:
    return Shipment.objects.create(
        order=OrderFactory(store__auto_send_tracking=False),
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=days_ago(1),
        notification="not_sent",
        not_sent_because="store",
    )


def unknown_status() -> Order:
    return OrderFactory(marketplace_state="needs_review", marketplace_status="odd")


def incomplete_address() -> Order:
    return OrderFactory(is_address_incomplete=True, ship_to_address1="")


def import_problem() -> ImportProblem:
    return ImportProblem.objects.create(
        store=StoreFactory(),
        marketplace_order_id="7",
        kind=ImportProblem.Kind.UNREADABLE,
        message="The date makes no sense.",
        first_seen_at=days_ago(2),
        last_seen_at=days_ago(1),
    )


def unsent_mail() -> Shipment:
    store = StoreFactory(mail_customers=True, mail_customers_since=days_ago(3))
    return Shipment.objects.create(
        order=OrderFactory(store=store, customer_email="jane@example.com"),
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=days_ago(1),
        notification="accepted",
        notified_at=days_ago(1),
        customer_mail_attempts=5,
        customer_mail_error="The mail could not leave.",
    )


CAUSES = {
    "token": refused_token,
    "zone": suspected_zone,
    "gap": gap,
    "address": undecided_address,
    "reopened": reopened_order,
    "notice": refused_notice,
    "doubt": shipment_in_doubt,
    "untold": untold_shipment,
    "review": unknown_status,
    "incomplete": incomplete_address,
    "problem": import_problem,
    "mail": unsent_mail,
}
CLOSED = {
    "token": lambda row: Store.objects.update(connection="connected"),
    "zone": lambda row: Store.objects.update(suspected_timezone=""),
    "gap": lambda row: was_read(row, 9, 2),
    "address": lambda row: Order.objects.update(ship_to_changed_at=None),
    "reopened": lambda row: Order.objects.update(marketplace_state="shipped"),
    "notice": lambda row: Shipment.objects.update(notification="accepted"),
    "doubt": lambda row: Shipment.objects.update(notification="pending"),
    "untold": lambda row: Shipment.objects.update(notification="pending"),
    "review": lambda row: Order.objects.update(marketplace_state="cancelled"),
    "incomplete": lambda row: addresses.correct_address(row, GIVEN, None, None),
    "problem": lambda row: ImportProblem.objects.update(resolved_at=clock.now()),
    "mail": lambda row: Shipment.objects.update(customer_mailed_at=clock.now()),
}
