"""What is kept of what came: every database takes it, and it says the same."""

import json
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import importing
from orders.importing.payloads import is_kept_as, storable, text_to_keep
from orders.models import Order
from stores.marketplaces.base import Received
from tests.support.payloads import ORDER_2021

# Where a database might read something else, or refuse it.
HOSTILE = [
    r'"a\u0000b"',
    r'"\ud800"',
    r'"\uD83D\uDE00"',
    r'"\\u0000"',
    '"\ud800"',
    "1e400",
    "-1E+999999999",
    "1" * 400,
    "0." + "1" * 400,
    "[" * 200 + "]" * 200,
    "1e5",
    "1.10",
    '"3e4 rue de l’Essai 🎧"',
    "12345678901234567890",
]
texts = st.text(max_size=9) | st.sampled_from(["a\0b", "\ud800", "\\u0000"])
leaves = st.none() | st.booleans() | st.integers() | texts
leaves |= st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=6,
)


def came_as(text: str) -> Received:
    raw = Received(json.loads(text, parse_float=Decimal))
    raw.text = text
    return raw


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(texts, values, max_size=4), st.booleans())
def test_what_is_kept_says_what_came(given_values, ascii_only):
    raw = came_as(json.dumps(given_values, ensure_ascii=ascii_only))

    kept = json.loads(text_to_keep(raw))

    assert kept == storable(raw)
    assert is_kept_as(raw, kept)


def test_ordinary_json_is_kept_as_received():
    raw = came_as('{"order_id":  7, "fee": 10.00, "name": "Zo\\u00eb 🎧"}')

    assert text_to_keep(raw) == raw.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_database_takes_whatever_is_kept(store, hostile):
    text = json.dumps(ORDER_2021, default=str)[:-1] + f', "annotation": {hostile}}}'
    raw = came_as(text)

    pages = [importing.import_page(store, [raw]) for _ in range(2)]

    assert [len(page.created) for page in pages] == [1, 0]
    assert [len(page.unchanged) for page in pages] == [0, 1]
    kept = Order.objects.get().payload["annotation"]
    assert kept == storable(raw)["annotation"]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT json_valid(payload) FROM orders_order")
            assert cursor.fetchone() == (1,)
