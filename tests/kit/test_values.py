"""The values of a column, a step of its index for each."""

import pytest

from backoffice.kit.values import values_in_use
from orders.models import LineItem, Order
from tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


def test_each_value_comes_once_and_in_order():
    for sku in ("MUG", "CUP", "MUG", ""):
        OrderFactory().line_items.create(position=0, sku=sku, quantity=1)

    assert values_in_use(LineItem, "sku") == ["", "CUP", "MUG"]


def test_no_rows_have_no_values_and_none_is_no_value():
    assert values_in_use(Order, "corrected_country") == []
    OrderFactory()
    assert values_in_use(Order, "corrected_country") == []
