"""Orders without an offset, and all that a replay may change."""

from itertools import chain

from orders import importing
from orders.models import LineItem, Order
from stores.models import Store
from tests.support.payloads import ORDER_2021

ROW = [field.attname for field in Order._meta.concrete_fields]


LINE = ["order_id", "position", "sku", "name", "quantity", "unit_price", "options"]


def bring(store: Store, *payloads: dict) -> None:
    importing.import_page(store, payloads)


def naive(order_id: int, **fields) -> dict:
    return ORDER_2021 | NAIVE | {"order_id": order_id} | fields


def everything(store: Store) -> list:
    orders = store.orders.order_by("pk")
    lines = LineItem.objects.filter(order__store=store).order_by("order_id", "position")
    return list(chain(orders.values_list(*ROW), lines.values_list(*LINE)))


NAIVE = {"created_at": "2021-03-20T22:30:00", "paid_at": "2021-03-20T22:31:00"}
