"""A shop is told of a shipment as it understands it, once, and its answer as it is."""

from datetime import UTC, datetime
from decimal import Decimal
from xml.etree.ElementTree import fromstring

import pytest

from stores.marketplaces.base import (
    MarketplaceError,
    MarketplaceRefused,
    MarketplaceUnavailable,
    NoticeLine,
    OrderStatus,
    ShipmentNotice,
    TokenRefused,
)
from stores.marketplaces.custom_store.notices import notice_body, notice_parameters
from stores.sandbox.shops.server import Shop
from tests.support.custom_stores import (
    CARTS,
    connect_shop,
    each_profile,
    listed,
    notice_for,
    understood,
)

NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
NOTICE = ShipmentNotice(
    "77",
    "UPS",
    "1Z<&>",
    order_number="#A&B",
    service="Ground",
    shipped_at=datetime(2026, 3, 1, 23, 59, tzinfo=UTC),
    lines=(
        NoticeLine("11", "A&B", "Mug <blue>\x0b", 2),
        NoticeLine("", "C", "Cup ☃", 1),
    ),
)


def told(shop: Shop, connector=None):
    """Return the connector, and the one order of the shop as it understands it."""
    connector = connector or connect_shop(shop)
    [order] = understood(connector, listed(connector), CARTS[shop.name])
    return connector, order


def test_a_notice_says_all_it_has_in_its_xml():
    root = fromstring(notice_body(NOTICE, NOW))

    assert root.tag == "ShipNotice"
    assert {one.tag: one.text for one in root if one.tag != "Items"} == {
        "OrderID": "77",
        "OrderNumber": "#A&B",
        "NotifyCustomer": "true",
        "LabelCreateDate": "03/02/2026 09:05",
        "ShipDate": "03/01/2026",
        "Carrier": "UPS",
        "Service": "Ground",
        "TrackingNumber": "1Z<&>",
    }
    assert [[(one.tag, one.text) for one in item] for item in root.find("Items")] == [
        [
            ("LineItemID", "11"),
            ("SKU", "A&B"),
            ("Name", "Mug <blue>"),
            ("Quantity", "2"),
        ],
        [("SKU", "C"), ("Name", "Cup ☃"), ("Quantity", "1")],
    ]


def test_without_a_number_or_a_date_a_notice_has_the_id_and_the_day():
    notice = ShipmentNotice("77", "UPS", "1Z")

    root = fromstring(notice_body(notice, NOW))

    assert notice_parameters(notice)["order_number"] == "77"
    assert root.findtext("OrderID") == root.findtext("OrderNumber") == "77"
    assert root.findtext("ShipDate") == "03/02/2026"
    assert root.find("Items") is None


@each_profile
def test_a_notice_ships_the_order(profile):
    with Shop(profile) as shop:
        order = shop.add_order(lines=[{"quantity": 2}, {"sku": "B", "name": "Mug"}])
        connector, shown = told(shop)

        answer = connector.fulfill(notice_for(shown, service="Ground"))

        assert answer == {}
        [notice] = shop.notices
        assert (notice.order, notice.effect) == (order, "shipped")
        assert (notice.carrier, notice.service) == ("UPS", "Ground")
        assert notice.tracking_number == "1Z999AA10123456784"
        assert notice.order_number == order.number
        assert notice.order_id == (order.number if profile == "magento" else order.id)
        assert notice.notifies_buyer
        assert [(line.sku, line.quantity) for line in notice.lines] == [
            ("EX-HEADSET", Decimal(2)),
            ("B", Decimal(1)),
        ]
        [request] = [one for one in shop.requests if one.action == "shipnotify"]
        assert (request.method, request.was_let_in) == ("POST", True)
        assert request.query["order_number"] == order.number


@pytest.mark.parametrize("profile", ["guide", "woo", "magento", "nop", "craft"])
def test_what_was_told_is_read_back(profile):
    with Shop(profile) as shop:
        shop.add_order()
        connector, shown = told(shop)
        connector.fulfill(notice_for(shown))

        raw = connector.retrieve_order(shown.order_id)

        [again] = understood(connector, [raw], CARTS[profile])
        assert shown.status == OrderStatus.AWAITING_SHIPMENT
        assert again.status == OrderStatus.SHIPPED


def test_any_text_goes_for_a_carrier():
    with Shop("guide") as shop:
        shop.add_order()
        connector, shown = told(shop)

        connector.fulfill(notice_for(shown, carrier="Müller & Söhne #1"))

        assert shop.notices[0].carrier == "Müller & Söhne #1"


@each_profile
def test_a_discount_is_no_part_of_what_ships(profile):
    with Shop(profile) as shop:
        shop.add_order(discounts={"SAVE": 2})
        connector, shown = told(shop)

        connector.fulfill(notice_for(shown))

        assert [line.sku for line in shop.notices[0].lines] == ["EX-HEADSET"]


def test_half_an_order_of_woocommerce_stays_open():
    with Shop("woo") as shop:
        order = shop.add_order(lines=[{"quantity": 2}])
        connector, shown = told(shop)
        [line] = shown.lines
        half = (NoticeLine(line.line_item_id, line.sku, line.name, 1),)

        connector.fulfill(notice_for(shown, lines=half))

        assert shop.notices[0].effect == "noted"
        assert order.status == "processing"


@pytest.mark.parametrize("profile", ["woo", "nop"])
def test_an_answer_proves_nothing(profile):
    """These take a notice of an order that they do not know."""
    with Shop(profile) as shop:
        shop.add_order()
        connector, shown = told(shop)

        answer = connector.fulfill(notice_for(shown, order_id="5", order_number="5"))

        assert answer == {}
        assert shop.notices[0].effect == "unknown"


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("guide", "(404): There is no such order."),
        ("magento", "(400): Order does not exist"),
        ("craft", "(404): Order not found"),
        ("spree", "(400): an empty answer"),
    ],
)
def test_an_order_that_the_shop_does_not_know_is_refused_in_its_words(profile, words):
    with Shop(profile) as shop:
        shop.add_order()
        connector, shown = told(shop)

        with pytest.raises(MarketplaceRefused) as caught:
            connector.fulfill(notice_for(shown, order_id="5", order_number="N-5"))

        assert f"the shipment of order N-5 {words}" in str(caught.value)


def test_a_second_notice_is_refused_by_magento():
    with Shop("magento") as shop:
        shop.add_order()
        connector, shown = told(shop)
        connector.fulfill(notice_for(shown))

        with pytest.raises(MarketplaceRefused, match=r"\(400\): .* already shipped"):
            connector.fulfill(notice_for(shown))


@each_profile
@pytest.mark.parametrize(
    ("fault", "options", "arrives"),
    [
        ("lost_answer", {}, True),
        ("error_after_apply", {}, True),
        ("lost_request", {"on": "shipnotify"}, False),
        ("html_500", {"on": "shipnotify"}, False),
        ("redirect", {"on": "shipnotify"}, False),
        ("slow", {"on": "shipnotify", "seconds": 0.5}, True),
    ],
)
def test_a_notice_whose_fate_is_not_known_is_sent_once(
    profile, fault, options, arrives
):
    with Shop(profile) as shop:
        shop.add_order()
        connector, shown = told(shop, connect_shop(shop, {"read_timeout": 0.3}))
        shop.fault(fault, times=None, **options)

        with pytest.raises(MarketplaceError) as caught:
            connector.fulfill(notice_for(shown))

        assert type(caught.value) is MarketplaceUnavailable
        sent = [one for one in shop.requests if one.action == "shipnotify"]
        assert len(sent) == 1
        if fault != "slow":
            assert len(shop.notices) == arrives


@pytest.mark.parametrize(
    ("text", "code", "kind"),
    [
        ("<fault><faultcode>401</faultcode></fault>", 200, TokenRefused),
        ("<fault><faultcode>400</faultcode></fault>", 200, MarketplaceRefused),
        ('{"success":false,"data":"Invalid authentication key"}', 400, TokenRefused),
        ('{"success":false,"data":"No."}', 200, MarketplaceRefused),
        ("<Error><message>No.</message></Error>", 404, MarketplaceRefused),
        ("", 401, TokenRefused),
        ("", 403, TokenRefused),
        ("", 429, MarketplaceUnavailable),
    ],
)
def test_a_failure_to_tell_is_told_apart(text, code, kind):
    with Shop("guide") as shop:
        shop.add_order()
        connector, shown = told(shop)
        shop.fault("body", on="shipnotify", text=text, code=code)

        with pytest.raises(kind):
            connector.fulfill(notice_for(shown))


@pytest.mark.parametrize(
    ("text", "code"), [("", 200), ('{"success":true}', 201), ("OK <b>", 202), ("", 204)]
)
def test_whatever_is_said_with_success_is_one(text, code):
    with Shop("guide") as shop:
        shop.add_order()
        connector, shown = told(shop)
        shop.fault("body", on="shipnotify", text=text, code=code, kind="text/html")

        assert connector.fulfill(notice_for(shown)) == {}
