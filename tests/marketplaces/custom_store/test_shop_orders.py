"""An order is understood in the forms of every server that is known."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from stores.marketplaces.base import OrderStatus, UnreadableOrder
from stores.marketplaces.custom_store.client import CustomStore
from stores.marketplaces.custom_store.documents import read_document
from tests.support.custom_stores import (
    SHIP_TO,
    customer,
    item_xml,
    items_xml,
    option_xml,
    order_of,
    order_xml,
    orders_xml,
    raw_of,
)


def test_an_order_of_the_guide_is_understood_whole():
    bill_to = "<Name>Bob Ex</Name><Phone>555 0199</Phone><Email>bob@example.com</Email>"
    option = option_xml("Size", "L")
    item = item_xml(
        LineItemID="11",
        ImageUrl="https://shop.example/mug.png",
        Weight="2",
        WeightUnits="Ounces",
    ).replace("</Item>", f"{option}</Item>")

    order = order_of(
        customer(SHIP_TO, bill_to) + items_xml(item),
        CurrencyCode="usd",
        CustomerNotes="Ring the bell.",
        Gift="true",
        GiftMessage="For you",
        ShippingMethod="Ground",
    )

    assert (order.order_id, order.order_number) == ("1", "ABC-1")
    assert (order.status, order.marketplace_status) == (
        OrderStatus.AWAITING_SHIPMENT,
        "paid",
    )
    assert order.ordered_at == datetime(2025, 12, 8, 21, 56, tzinfo=UTC)
    assert order.paid_at is None
    assert order.customer_name == "Bob Ex"
    assert order.ship_to_name == "Ann Ex"
    assert order.ship_to_company == "Ex & Co"
    assert order.ship_to_address1 == "1 Example Street"
    assert order.ship_to_address2 == "2nd floor"
    assert (order.ship_to_city, order.ship_to_state) == ("Los Altos", "CA")
    assert (order.ship_to_postal_code, order.ship_to_country) == ("94022", "US")
    assert (order.email, order.phone) == ("bob@example.com", "555 0100")
    assert order.currency == "USD"
    assert order.buyer_note == "Ring the bell."
    assert order.gift_message == "For you"
    assert order.shipping_service == "Ground"
    assert order.weight == Decimal("113.40")
    assert not order.unread
    assert order.has_ship_to
    [line] = order.lines
    assert (line.sku, line.name, line.quantity) == ("A-1", "Mug", 2)
    assert (line.line_item_id, line.unit_price) == ("11", Decimal("5.00"))
    assert (line.weight, line.quantity_received) == (Decimal("56.70"), "")
    assert line.options == (("Size", "L"),)


@pytest.mark.parametrize(
    ("written", "hour", "minute"),
    [
        ("12/08/2025 21:56", 21, 56),
        ("12/8/2025 21:56", 21, 56),
        ("12/8/2025 9:56 PM", 21, 56),
        ("12/8/2025 9:56 AM", 9, 56),
        ("12/8/2025 9:56pm", 21, 56),
        # The guide's own sample.
        ("12/8/2025 21:56 PM", 21, 56),
        ("12/8/2025 12:05 AM", 0, 5),
        ("12/8/2025 12:05 PM", 12, 5),
        ("12/8/2025 9:5", 9, 5),
        # One server writes the month where minutes belong, which cannot be told.
        ("12/8/2025 21:12", 21, 12),
        ("12/08/2025 21:56:30", 21, 56),
        ("2025-12-08 21:56:30", 21, 56),
        ("2025-12-08T21:56:30Z", 21, 56),
        ("2025-12-08T22:56:30.123+01:00", 21, 56),
    ],
)
def test_a_date_is_read_in_every_form_that_is_known(written, hour, minute):
    ordered_at = order_of(OrderDate=written).ordered_at

    assert ordered_at.replace(second=0, microsecond=0) == datetime(
        2025, 12, 8, hour, minute, tzinfo=UTC
    )


def test_a_date_without_an_offset_is_in_the_stores_zone():
    order = order_of(zone="America/Los_Angeles", OrderDate="07/01/2025 09:00")

    assert order.ordered_at == datetime(2025, 7, 1, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["13/31/2025 10:00", "12/08/2025 25:00", "12/08/2025", "soon", "", " "]
)
def test_an_order_without_a_date_is_not_guessed(written):
    with pytest.raises(UnreadableOrder, match=r"Order 1 .*OrderDate") as caught:
        order_of(OrderDate=written or " ")

    assert caught.value.order_id == "1"


def test_without_an_id_the_number_tells_an_order():
    order = order_of(OrderID="", OrderNumber="000000012")

    assert (order.order_id, order.order_number) == ("000000012", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"OrderID": "", "OrderNumber": ""},
        {"OrderID": "1" * 51},
        {"OrderID": "<a>1</a>"},
        {"OrderID": "1</OrderID><OrderID>2"},
    ],
)
def test_an_order_without_an_identity_is_rejected(changes):
    with pytest.raises(UnreadableOrder) as caught:
        CustomStore.order_id(raw_of(**changes))

    assert caught.value.order_id == ""


@pytest.mark.parametrize("raw", [None, "text", 5, [], {}])
def test_what_is_no_order_is_rejected(raw):
    with pytest.raises(UnreadableOrder):
        CustomStore.order_id(raw)
    assert CustomStore.read_amounts(raw) == []
    assert CustomStore.read_stamps(raw) == {}
    assert CustomStore.without_person(raw) == {}


@pytest.mark.parametrize(
    ("written", "service"),
    [
        ("Flat rate", "Flat rate"),
        ("Flat rate|flatrate_flatrate", "Flat rate"),
        ("Ground | Letter", "Ground | Letter"),
        ("", ""),
    ],
)
def test_the_service_is_the_name_that_the_buyer_saw(written, service):
    assert order_of(ShippingMethod=written).shipping_service == service


def test_a_word_of_status_means_what_the_store_says_whatever_its_case():
    words = {"ready to go": OrderStatus.AWAITING_SHIPMENT}
    raw = raw_of(OrderStatus="Ready to GO")

    known = CustomStore.parse_order(raw, ZoneInfo("UTC"), words)
    unknown = CustomStore.parse_order(raw, ZoneInfo("UTC"), {})

    assert known.status == OrderStatus.AWAITING_SHIPMENT
    assert unknown.status == OrderStatus.NEEDS_REVIEW
    assert unknown.marketplace_status == "Ready to GO"


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "<Customer/>",
        customer(None),
        customer({}),
        customer(dict.fromkeys(SHIP_TO, "")),
    ],
)
def test_an_order_without_an_address_has_none(inner):
    order = order_of(inner)

    assert not order.has_any_ship_to
    assert not order.unread


def test_an_address_that_cannot_be_read_is_not_taken_for_none():
    order = order_of(customer(SHIP_TO | {"Address1": "<a>1</a>", "City": ""}))

    assert order.is_ship_to_unread
    assert not order.has_ship_to
    assert "ShipTo.Address1" in order.unread[0]


@pytest.mark.parametrize(
    ("country", "code", "unknown"),
    [
        ("US", "US", ""),
        ("de", "DE", ""),
        # What could not be converted, as Virto sends it.
        ("MRT", "MR", ""),
        ("France", "FR", ""),
        ("Atlantis", "", "Atlantis"),
        ("", "", ""),
    ],
)
def test_a_country_is_a_code_of_two_or_three_letters_or_a_name(country, code, unknown):
    order = order_of(customer(SHIP_TO | {"Country": country}))

    assert (order.ship_to_country, order.unknown_country) == (code, unknown)


@pytest.mark.parametrize(
    ("code", "mail", "email"),
    [
        ("ann@example.com", "", "ann@example.com"),
        ("ann@example.com", "bob@example.com", "bob@example.com"),
        ("77", "", ""),
    ],
)
def test_the_customers_code_may_be_an_address_of_mail(code, mail, email):
    order = order_of(customer(SHIP_TO, f"<Email>{mail}</Email>", code))

    assert order.email == email


def test_what_is_not_needed_may_be_unreadable():
    bill_to = "<Email>none</Email><Name><b>x</b></Name>"
    order = order_of(
        customer(SHIP_TO, bill_to)
        + items_xml(
            item_xml(UnitPrice="-5", Weight="1", WeightUnits="stone", LineItemID="<a/>")
        ),
        CurrencyCode="dollars",
        OrderNumber="9" * 51,
    )

    assert order.has_ship_to
    assert [one.partition(" ")[0] for one in order.unread] == [
        "OrderNumber",
        "Items.UnitPrice",
        "Items.LineItemID",
        "Items.Weight",
        "CurrencyCode",
        "BillTo.Name",
        "BillTo.Email",
    ]
    assert (order.currency, order.order_number, order.email) == ("", "", "")
    assert order.lines[0].unit_price is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Salt &amp; pepper", "Salt & pepper"),
        # Coded once more than XML wants it, inside CDATA or not.
        ("Salt &amp;amp; pepper", "Salt & pepper"),
        ("<![CDATA[Salt &amp; pepper]]>", "Salt & pepper"),
        ("<![CDATA[&lt;3 &quot;us&quot;]]>", '<3 "us"'),
        ("<![CDATA[I <3 you & me]]>", "I <3 you & me"),
        ("<![CDATA[<b>Blue</b><br/>mug]]>", "Blue mug"),
        ("<![CDATA[Ann <ann@example.com>]]>", "Ann <ann@example.com>"),
        ("a&amp;nbsp;b", "a b"),
        ("first\nsecond", "first second"),
        ("caf\ufffd", "caf"),
        ("M&M", "M&M"),
    ],
)
def test_what_people_wrote_is_decoded_once_more_where_it_needs_it(written, read):
    inner = items_xml(item_xml(Name=written)) + customer(SHIP_TO | {"Name": written})
    order = order_of(inner, CustomerNotes=written)

    assert order.buyer_note == order.lines[0].name == order.ship_to_name == read


def test_the_stamp_of_an_order_is_what_came():
    assert CustomStore.read_stamps(raw_of()) == {"ordered_at": "12/08/2025 21:56"}


def test_nothing_of_the_buyer_is_left_without_them():
    secret = "canary"
    ship_to = dict.fromkeys(SHIP_TO, secret)
    option = option_xml("Engraving", secret)
    item = item_xml(LineItemID="11").replace("</Item>", f"{option}</Item>")
    raw = raw_of(
        customer(ship_to, f"<Email>{secret}</Email>", secret) + items_xml(item),
        CustomerNotes=secret,
        InternalNotes=secret,
        GiftMessage=secret,
        CustomField1=secret,
        Unknown=secret,
        PaymentMethod=secret,
    )

    kept = CustomStore.without_person(raw)

    assert secret in str(raw)
    assert secret not in str(kept)
    again = CustomStore.parse_order(kept, ZoneInfo("UTC"))
    assert (again.order_id, again.marketplace_status) == ("1", "paid")
    assert [(line.sku, line.quantity) for line in again.lines] == [("A-1", 2)]
    assert not again.has_any_ship_to


def test_nothing_is_kept_of_an_order_that_could_not_be_read_and_names_a_buyer():
    raw = read_document(orders_xml(order_xml("<Open>", CustomerNotes="canary"))).orders[
        0
    ]

    assert "canary" in raw.text
    assert CustomStore.without_person(raw) == {}
