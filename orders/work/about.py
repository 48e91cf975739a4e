"""Which rows of a list causes are about: an order, for its shipments and problems."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Model, OuterRef, QuerySet, Subquery

from orders.models import ImportProblem, Order, Shipment
from orders.work.base import Stored
from orders.work.causes import STORED


def kinds_about(model: type[Model]) -> list[str]:
    """Return the causes that rows of a model say, or that are about them."""
    through = {Shipment, ImportProblem} if model is Order else set()
    return [one.kind for one in STORED if one.model in {model, *through}]


def about(model: type[Model], kinds: Iterable[str], now: datetime) -> QuerySet:
    """Return the keys of the rows of a model that these causes are about.

    Joined and not one `OR` of all: no index answers that one.
    """
    first, *others = [_keys(model, one, now) for one in STORED if one.kind in kinds]
    return first.union(*others) if others else first


def _keys(model: type[Model], cause: Stored, now: datetime) -> QuerySet:
    rows = cause.standing(now)
    if cause.model is model:
        return rows.values("pk")
    if cause.model is Shipment:
        return rows.values("order")
    order = Order.objects.filter(
        store=OuterRef("store"), marketplace_order_id=OuterRef("marketplace_order_id")
    )
    # Of the problems whose order is here.
    here = rows.annotate(order_here=Subquery(order.values("pk")))
    return here.filter(order_here__isnull=False).values("order_here")
