"""Parcels whose customers are told by mail."""

from smtplib import SMTPRecipientsRefused

from django.core.mail.backends import locmem

from orders import importing, shipping
from orders.models import Order, Shipment
from orders.shipping import notes
from stores.models import Store


def parcel(store: Store, tophatter, email: str = "jane@example.com") -> Shipment:
    """Ship an order that came in, its customer's address typed by staff."""
    number = tophatter.add_order()["order_id"]
    importing.import_one(store, str(number))
    order = Order.objects.get(marketplace_order_id=number)
    notes.set_email(order, email, None)
    return shipping.ship_order(
        order, carrier="USPS", tracking_number=f"94001000000000{number}"
    )


class GoneAddress(locmem.EmailBackend):
    """A mail server that knows no gone@example.com."""

    def send_messages(self, messages: list) -> int:
        for message in messages:
            if "gone@example.com" in message.to:
                raise SMTPRecipientsRefused({})
        return super().send_messages(messages)
