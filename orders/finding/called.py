"""Which order of a store a number means: the key first, then what people call it by."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from backoffice.kit.errors import NotAllowed
from orders.finding.words import as_number
from orders.models import Order
from orders.models.told import names_beside
from stores.models import Store


class MeansSeveral(NotAllowed):
    """A number that means several orders of one store, said in one sentence."""


def order_called(store: Store, number: str) -> Order | None:
    """Return the store's order of this key or number, or raise `MeansSeveral`.

    Where none is called just so, it is taken as people write it: “#1001”.
    """
    for written in dict.fromkeys((number, as_number(number))):
        if order := _called_just_so(store, written):
            return order
    return None


def _called_just_so(store: Store, number: str) -> Order | None:
    orders = Order.objects.filter(store=store)
    if order := orders.filter(marketplace_order_id=number).first():
        return order
    found = list(orders.exclude(order_number="").filter(order_number=number))
    if len(found) > 1:
        message = _(
            "“%(order)s” may mean any of these orders: %(orders)s; name the one."
        )
        names = {"order": number, "orders": names_beside(number, found)}
        raise MeansSeveral(message % names)
    return found[0] if found else None


def keys_called(store: Store, numbers: Iterable[str]) -> list[str]:
    """Return what the marketplace knows the orders by that numbers mean.

    One of an order that is not here is taken for the key. May raise `MeansSeveral`.
    """
    orders = {number: order_called(store, number) for number in numbers}
    keys = (
        order.marketplace_order_id if order else as_number(number) or number
        for number, order in orders.items()
    )
    return list(dict.fromkeys(keys))
