"""What only some marketplaces tell: shown where it is told, and erased with a buyer."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone as clock

from orders import mailing, tasks
from orders.documents import slips
from orders.models import ImportProblem, Order, Shipment
from orders.privacy.buyers import Buyer, erase_buyer, facts_of
from orders.templatetags.units import grams
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import NUMBER
from tests.support.papers import PICK_LIST, SLIPS, ask, order, pages
from tests.support.plans import count_rows, explained, reading_no_table_whole

pytestmark = pytest.mark.django_db

TOLD = {
    "order_number": "WC-1042",
    "currency": "EUR",
    "buyer_email": "jane@shop.example",
    "buyer_phone": "+33 1 23 45",
    "buyer_note": "Ring twice.\nNo dog.",
    "gift_message": "For Ada, with love.",
    "shipping_service": "Express",
    "weight": Decimal("1250.00"),
    "ship_to_company": "Example & Co.",
}
FABRIC = {
    "name": "Linen",
    "sku": "LINEN",
    "quantity_received": "0.375",
    "weight": 80,
    "unit_price": Decimal("12.50"),
}


@pytest.fixture
def outbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


def shown(client, order: Order) -> str:
    answer = client.get(reverse("admin:orders_order_change", args=[order.pk]))
    return answer.content.decode()


def told_store(**fields) -> Store:
    since = clock.now() - timedelta(days=30)
    return StoreFactory(mail_customers=True, mail_customers_since=since, **fields)


def accepted(order: Order, **fields) -> Shipment:
    facts = {"shipped_at": clock.now(), "notified_at": clock.now()} | fields
    return order.shipments.create(
        carrier="USPS", tracking_number=NUMBER, notification="accepted", **facts
    )


def test_the_page_shows_what_was_told(admin_client):
    text = shown(admin_client, order(FABRIC, **TOLD))

    for words in (
        "jane@shop.example",
        "+33 1 23 45",
        "Ring twice.",
        "For Ada, with love.",
        "Express",
        "1.25 kg",
        "Example &amp; Co.",
        "0.375 → 1 piece",
        "80 g a piece",
        "12.50 EUR",
    ):
        assert words in text
    assert "names no currency" not in text


def test_the_page_leaves_out_what_was_not_told(admin_client):
    text = shown(admin_client, order({"unit_price": Decimal("12.50")}))

    for title in (
        "What the buyer asks for",
        "ID at the marketplace",
        "Phone",
        "Weight",
        "E-mail address at the marketplace",
        "a piece",
        ">Marketplace<",
    ):
        assert title not in text
    assert "names no currency" in text


def test_the_list_says_that_there_is_a_note_a_gift_and_a_wish(admin_client):
    OrderFactory(**TOLD)

    listed = admin_client.get(reverse("admin:orders_order_changelist"))

    text = listed.content.decode()
    assert "Los Altos, US<br>Express" in text
    for title in ("Note", "Gift"):
        assert f">{title}<" in "".join(text.split("\n")).replace("  ", "")


def test_a_slip_says_what_the_packer_and_the_buyer_need(admin_client):
    made = order(FABRIC, store=StoreFactory(slip_shows_prices=True), **TOLD)

    (drawn,) = pages(ask(admin_client, SLIPS, made))
    page = ask(admin_client, SLIPS, made, **{"as": "page"}).content.decode()

    for words in (
        "Order WC-1042",
        "Shipping service: Express",
        "Gift message",
        "For Ada, with love.",
        "Buyer’s note",
        "Ring twice.",
        "Ordered: 0.375",
        "12.50 EUR",
    ):
        assert words in drawn
        assert words in page
    assert "Example & Co." in drawn
    assert "jane@shop.example" not in drawn + page


def test_a_slip_without_a_gift_or_a_note_has_no_title_for_them(admin_client):
    made = order()

    (drawn,) = pages(ask(admin_client, SLIPS, made))
    page = ask(admin_client, SLIPS, made, **{"as": "page"}).content.decode()

    for title in ("Gift message", "Buyer’s note", "Shipping service", "Ordered: "):
        assert title not in drawn + page


def test_a_long_gift_message_is_on_paper_to_its_end(admin_client):
    lines = [f"Line {number}." for number in range(1, 121)]

    texts = pages(ask(admin_client, SLIPS, order(gift_message="\n".join(lines))))

    assert len(texts) > 1
    assert all(line in "\n".join(texts) for line in lines)


def test_two_lengths_of_a_fabric_are_two_lines_of_a_pick_list(admin_client):
    other = FABRIC | {"quantity_received": "1.5", "quantity": 2}

    (text,) = pages(ask(admin_client, PICK_LIST, order(FABRIC), order(other)))

    assert "Ordered: 0.375" in text
    assert "Ordered: 1.5" in text
    found = slips.pick_list(list(Order.objects.all()), clock.now())
    assert sorted(line.quantity for line in found.lines) == [1, 2]


@pytest.mark.parametrize(
    ("weight", "words"),
    [("80", "80 g"), ("0.5", "0.5 g"), ("1250", "1.25 kg"), ("2000.00", "2 kg")],
)
def test_a_weight_is_said_as_one_says_it(weight, words):
    assert grams(Decimal(weight)) == words


def test_the_address_that_came_is_used_where_none_is_typed(outbox, admin_client):
    made = OrderFactory(store=told_store(), **TOLD)
    accepted(made)
    text = shown(admin_client, made)

    assert mailing.send_due_mails(clock.now()) == 1
    assert mailing.send_due_mails(clock.now()) == 0

    assert [one.to for one in outbox] == [["jane@shop.example"]]
    assert "Your order WC-1042 has shipped" in outbox[0].subject
    assert "told at jane@shop.example, which the marketplace gives" in text


def test_the_typed_address_counts_more(outbox, admin_client):
    store = told_store()
    made = OrderFactory(store=store, customer_email="ada@example.com", **TOLD)
    accepted(made)
    text = shown(admin_client, made)

    tasks.mail_customers()

    assert [one.to for one in outbox] == [["ada@example.com"]]
    assert "told at ada@example.com once" in text


def test_no_mail_leaves_to_an_address_that_came_unless_the_store_says_so(
    outbox, admin_client
):
    made = OrderFactory(**TOLD)
    accepted(made)
    text = shown(admin_client, made)

    tasks.mail_customers()

    assert outbox == []
    assert "This store sends its customers no mails." in text


def test_a_mail_to_an_address_that_came_is_given_up_after_it_was_tried():
    store = told_store()
    old = clock.now() - timedelta(days=9)
    tried = accepted(
        OrderFactory(store=store, **TOLD), notified_at=old, customer_mail_attempts=2
    )

    assert list(mailing.given_up(clock.now())) == [tried]
    Shipment.objects.update(customer_mail_attempts=0)
    assert list(mailing.given_up(clock.now())) == []


def test_what_is_to_be_mailed_is_found_by_indexes():
    store = told_store()
    accepted(OrderFactory(store=store, **TOLD))
    for _ in range(100):
        accepted(OrderFactory(store=store, **TOLD), customer_mailed_at=clock.now())
    if connection.vendor == "postgresql":
        # What an earlier test counted stays there, rolled back or not.
        count_rows()

    with reading_no_table_whole() as asked:
        list(mailing.due(clock.now()))
        list(mailing.given_up(clock.now()))

    plans = ["\n".join(explained(one["sql"])) for one in asked.captured_queries]
    assert all("orders_shipment_to_mail" in plan for plan in plans)


def test_a_buyer_is_found_by_the_address_that_came():
    made = OrderFactory(**TOLD)
    OrderFactory()
    buyer = Buyer(email="JANE@shop.example")

    with reading_no_table_whole():
        found = buyer.orders(Order.objects.all())
    facts = facts_of(buyer, found)

    assert found == [made]
    (one,) = facts["orders"]
    for name in (*TOLD,):
        assert str(one[name]) == str(TOLD[name])


def test_an_erased_buyer_leaves_no_note_and_no_address_behind(admin_client):
    made = OrderFactory(marketplace_state="shipped", **TOLD)
    ImportProblem.objects.create(
        store=made.store,
        marketplace_order_id="9",
        kind="unreadable",
        payload={"mail": "jane@shop.example"},
        first_seen_at=clock.now(),
        last_seen_at=clock.now(),
    )

    erase_buyer(Buyer(email="jane@shop.example"), Order.objects.all())

    made.refresh_from_db()
    told = [made.buyer_email, made.buyer_phone, made.buyer_note, made.gift_message]
    assert told == [""] * 4
    assert made.ship_to_company == ""
    # What is no person's stays.
    assert (made.order_number, made.shipping_service) == ("WC-1042", "Express")
    assert not ImportProblem.objects.exists()
    assert "Ring twice" not in shown(admin_client, made)
