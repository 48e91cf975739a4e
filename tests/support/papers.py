"""Packing slips and pick lists as tests ask for them, and what they say."""

from io import BytesIO
from typing import Any

from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from orders.models import LineItem, Order
from tests.factories import OrderFactory

SLIPS = "admin:orders_order_slips"
PICK_LIST = "admin:orders_order_pick_list"


def order(*items: dict[str, Any], **fields: Any) -> Order:
    """Return an order with these items, or with one mug."""
    made = OrderFactory(**fields)
    for position, item in enumerate(items or [{}]):
        values = {"sku": "MUG-01", "name": "Ceramic Mug, Blue", "quantity": 1} | item
        LineItem.objects.create(order=made, position=position, **values)
    return made


def ask(client, name: str, *orders: Order, **options: str):
    """Print, as the buttons of the page do."""
    chosen = ",".join(str(one.pk) for one in orders)
    return client.post(reverse(name), {"orders": chosen, "as": "pdf"} | options)


def pages(answer) -> list[str]:
    """Return the text of each page of a PDF."""
    assert answer["Content-Type"] == "application/pdf"
    return [page.extract_text() for page in read(answer.content).pages]


def read(pdf: bytes) -> PdfReader:
    return PdfReader(BytesIO(pdf))


def logo() -> bytes:
    kept = BytesIO()
    Image.new("RGBA", (300, 100), "teal").save(kept, "PNG")
    return kept.getvalue()
