"""The order's page says of the customer's mail only what happens."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock

from orders import mailing
from orders.models import Order
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import page

pytestmark = pytest.mark.django_db

NOW = clock.now()
TYPED = {"customer_email": "jane@example.com"}
PROMISE = "The customer is told at jane@example.com once the marketplace accepted"


def order_of(**facts) -> Order:
    since = NOW - timedelta(days=20)
    store = {"mail_customers": True, "mail_customers_since": since, "timezone": "UTC"}
    return OrderFactory(store=StoreFactory(**store | facts.pop("store", {})), **facts)


def accept(order: Order, days: int, **facts) -> None:
    order.shipments.create(
        carrier="USPS",
        tracking_number="9400111899562173406594",
        notification="accepted",
        shipped_at=NOW,
        notified_at=NOW - timedelta(days=days),
        **facts,
    )


def said(order: Order) -> str:
    return mailing.mail_in_words(order, NOW)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (TYPED, PROMISE),
        ({"buyer_email": "b@example.com"}, "at b@example.com, which the marketplace"),
        ({}, "The marketplace gives none."),
        (TYPED | {"store": {"mail_customers": False}}, "sends its customers no mails"),
        (TYPED | {"store": {"is_active": False}}, "is switched off, so no mail leaves"),
        (TYPED | {"marketplace_state": "cancelled"}, "Nothing leaves from here"),
        (TYPED | {"marketplace_state": "shipped"}, "Nothing leaves from here"),
    ],
)
def test_where_the_customer_is_told_or_why_nowhere(facts, words):
    assert words in said(order_of(**facts))


@pytest.mark.parametrize(
    ("days", "facts", "words"),
    [
        (1, {}, PROMISE),
        (8, {}, "accepted too long ago"),
        (1, {"mail_customers_since": NOW}, "accepted too long ago"),
    ],
)
def test_of_an_accepted_parcel_there_is_a_mail_within_a_week(days, facts, words):
    order = order_of(**TYPED, store=facts)
    accept(order, days)

    assert words in said(order)


def test_a_mail_that_has_left_is_not_promised_again(admin_client):
    order = order_of(**TYPED)
    accept(order, 1, customer_mailed_at=NOW)

    assert "The customer was told by mail on" in said(order)
    assert "no second mail leaves" in admin_client.get(page(order)).text
