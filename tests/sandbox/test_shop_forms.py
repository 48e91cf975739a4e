"""The practice shops write an order as each real one was seen to."""

from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import ParseError, fromstring

import pytest

from stores.sandbox.shops.server import Shop
from tests.support.shops import export, stamp


def test_magento_declares_another_encoding_than_it_has():
    with Shop("magento") as shop:
        shop.add_order(buyer="Zoë O’Test")

        answer = export(shop)

        assert answer.body.startswith(b'<?xml version="1.0" encoding="utf-16"?>')
        with pytest.raises(ParseError):
            fromstring(answer.body)
        [order] = answer.orders
        assert order.findtext("Customer/BillTo/Name") == "Zoë O’Test"


def test_magento_has_no_order_id_and_dates_as_its_database_has_them():
    moment = datetime(2026, 3, 4, 16, 51, 7, tzinfo=UTC)
    with Shop("magento") as shop:
        order = shop.add_order(created_at=moment, discounts={"SPRING": 2})

        [listed] = export(shop, start_date="03/01/2026 00:00").orders

        assert order.number == "000001001"
        assert listed.find("OrderID") is None
        assert listed.findtext("OrderDate") == "2026-03-04 16:51:07"
        assert listed.findtext("OrderTotal") == "12.0000"
        discount = listed.findall("Items/Item")[1]
        assert (discount.findtext("SKU"), discount.findtext("Name")) == ("SPRING", "")
        assert discount.findtext("Adjustment") == "true"


def test_magento_writes_an_ampersand_as_an_entity_inside_cdata():
    with Shop("magento") as shop:
        shop.add_order(lines=[{"name": "Salt & Pepper"}])

        assert export(shop).orders[0].findtext("Items/Item/Name") == "Salt &amp; Pepper"


@pytest.mark.parametrize(
    ("version", "note"),
    [("4", "Tom &amp; Jerry &lt;3 &quot;hi&quot;"), ("5", 'Tom & Jerry <3 "hi"')],
)
def test_woocommerce_codes_notes_in_the_older_version_and_names_in_both(version, note):
    with Shop("woo", version=version) as shop:
        shop.add_order(
            note='Tom & Jerry <3 "hi"', lines=[{"name": "Salt & <b>Pepper</b>"}]
        )

        [order] = export(shop).orders

        assert order.findtext("CustomerNotes") == note
        assert order.findtext("Items/Item/Name") == "Salt &amp; <b>Pepper</b>"


def test_woocommerce_dates_an_order_by_when_it_was_paid():
    paid_at = datetime(2026, 3, 5, 8, 30, tzinfo=UTC)
    with Shop("woo") as shop:
        shop.add_order(created_at=datetime(2026, 3, 4, tzinfo=UTC), paid_at=paid_at)

        [order] = export(shop, start_date="03/01/2026 00:00").orders

        assert order.findtext("OrderDate") == "03/05/2026 08:30"


def test_woocommerce_has_fees_as_lines_and_discounts_as_an_adjustment():
    with Shop("woo") as shop:
        shop.add_order(
            fees={"Gift wrap": "3.5"}, discounts={"a": 1, "b": "0.5"}, tax_amount="0.4"
        )

        [order] = export(shop).orders
        _line, fee, discount = order.findall("Items/Item")

        assert order.findtext("OrderTotal") == "16.4"
        assert order.findtext("CustomField1") == "a | b"
        assert fee.findtext("Name") == "Gift wrap"
        assert (fee.findtext("SKU"), fee.findtext("Weight")) == ("", None)
        assert discount.findtext("SKU") == "total-discount"
        assert discount.findtext("UnitPrice") == "-1.5"


def test_quantities_may_be_zero_or_fractions_and_a_sku_may_be_absent():
    with Shop("woo") as shop:
        shop.add_order(lines=[{"quantity": 0}, {"quantity": "0.375", "sku": ""}])

        first, second = export(shop).orders[0].findall("Items/Item")

        assert first.findtext("Quantity") == "0"
        assert second.findtext("Quantity") == "0.375"
        assert second.find("SKU") is None


def test_nopcommerce_has_a_long_number_the_state_s_name_and_now_as_the_change():
    with Shop("nop", site_zone="Asia/Tokyo") as shop:
        order = shop.add_order(created_at=datetime.now(UTC) - timedelta(days=3))

        [listed] = export(shop).orders

        assert len(order.number) == 36
        assert listed.findtext("OrderID") == "1001"
        assert listed.findtext("Customer/ShipTo/State") == "California"
        assert listed.findtext("OrderDate") == stamp(order.created_at)
        tokyo = datetime.now(UTC) + timedelta(hours=9)
        minutes = {stamp(tokyo - timedelta(minutes=back)) for back in (0, 1)}
        assert listed.findtext("LastModified") in minutes


def test_craft_escapes_twice_and_writes_dates_without_zeros_in_front():
    with Shop("craft") as shop:
        moment = datetime(2026, 3, 4, 6, 5, tzinfo=UTC)
        shop.add_order(created_at=moment, lines=[{"name": "Salt & Pepper"}])

        [order] = export(shop, start_date="03/01/2026 00:00").orders

        assert order.findtext("Items/Item/Name") == "Salt &amp; Pepper"
        assert order.findtext("OrderDate") == "3/4/2026 06:05"
        assert order.find("CurrencyCode") is None


def test_craft_may_cut_a_name_inside_a_character():
    with Shop("craft") as shop:
        shop.add_order(lines=[{"name": "x" * 199 + "é"}])

        body = export(shop).body

        assert b"x\xc3</Name>" in body
        with pytest.raises(UnicodeDecodeError):
            body.decode()


def test_spree_numbers_shipments_and_writes_without_cdata():
    with Shop("spree") as shop:
        order = shop.add_order(buyer="Tom & Jerry")

        answer = export(shop)
        [listed] = answer.orders

        assert order.number.startswith("H")
        assert listed.findtext("OrderNumber") == order.number
        assert listed.findtext("CustomField1") == order.parent_number
        assert order.parent_number.startswith("R")
        assert b"CDATA" not in answer.body
        assert listed.findtext("Customer/BillTo/Name") == "Tom & Jerry"
        assert listed.find("Customer/BillTo/Email") is None


def test_without_an_address_it_is_missing_or_empty():
    for profile, country in (("magento", None), ("spree", None), ("woo", "")):
        with Shop(profile) as shop:
            shop.add_order(address=None)

            [order] = export(shop).orders

            assert order.findtext("Customer/ShipTo/Country") == country


@pytest.mark.parametrize(
    ("date_format", "date"),
    [
        ("%m/%d/%Y %I:%M %p", "03/04/2026 04:51 PM"),
        # As the guide's own sample has it.
        ("%m/%d/%Y %H:%M %p", "03/04/2026 16:51 PM"),
        ("%Y-%m-%dT%H:%M:%SZ", "2026-03-04T16:51:00Z"),
        # A cart that has the month where minutes belong.
        ("%m/%d/%Y %H:%m", "03/04/2026 16:03"),
    ],
)
def test_dates_may_be_written_in_any_other_way(date_format, date):
    with Shop("guide", date_format=date_format) as shop:
        shop.add_order(created_at=datetime(2026, 3, 4, 16, 51, tzinfo=UTC))

        [order] = export(shop, start_date="03/01/2026 00:00").orders

        assert order.findtext("OrderDate") == order.findtext("LastModified") == date


def test_two_views_of_a_magento_shop_may_have_the_same_number():
    with Shop("magento") as shop:
        for code in ("default", "wholesale"):
            shop.add_order(number="000000042", store_code=code)

        orders = export(shop).orders

        assert {order.findtext("OrderNumber") for order in orders} == {"000000042"}
        codes = {order.findtext("StoreCode") for order in orders}
        assert codes == {"default", "wholesale"}
        methods = {order.findtext("ShippingMethod") for order in orders}
        assert methods == {"Flat rate|flatrate_flatrate"}
