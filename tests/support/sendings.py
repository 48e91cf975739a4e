"""Parcels that wait for somebody to send their notices, and a sending of them."""

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser, Permission
from django.utils import timezone as clock

from orders import importing
from orders.models import Order, Sending, Shipment
from orders.notifying import senders, sendings
from orders.shipping import ship_order
from stores.models import Store
from stores.sandbox.server import Sandbox
from tests.factories import UserFactory

NUMBERS = [f"94001118995621734060{place:02}" for place in range(20)]
ODD = "1Z9999999999999999"


def ship_unsent(store: Store, tophatter: Sandbox, *numbers: str) -> list[Shipment]:
    """Ship new paid orders with these numbers, telling the marketplace nothing."""
    shipments = []
    for number in numbers:
        raw = tophatter.add_order()
        importing.import_page(store, [raw])
        order = Order.objects.get(marketplace_order_id=str(raw["order_id"]))
        shipments.append(
            ship_order(order, carrier="USPS", tracking_number=number, send=False)
        )
    tophatter.requests.clear()
    return shipments


def person(*permissions: str) -> AbstractBaseUser:
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def soon() -> datetime:
    return clock.now() + timedelta(seconds=30)


def begin(by: AbstractBaseUser | None = None) -> Sending:
    """Ask for a sending of all shipments and look them over."""
    one = sendings.start_sending(Shipment.objects.all(), by)
    assert sendings.look_over(one, soon())
    one.refresh_from_db()
    return one


def looks(one: Sending) -> list[str]:
    return list(one.lines.values_list("look", flat=True))


def work_off() -> None:
    """Send what is due, as the queue would."""
    # One by one: a test whose rows no other connection sees has no use for threads.
    for shipment in Shipment.objects.due(clock.now()).select_related("order__store"):
        list(senders.send_named(shipment.order.store, [shipment]))
