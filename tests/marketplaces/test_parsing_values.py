"""`parse_order` reads numbers, countries, times and texts in every form they come."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.support.payloads import ORDER_2021, parse, refusal

PACIFIC = ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    ("given_id", "order_id"),
    [(120000001, "120000001"), ("120000001", "120000001"), (0, "0"), ("9" * 50,) * 2],
)
def test_an_order_id_is_a_number_or_its_digits(given_id, order_id):
    assert parse(order_id=given_id).order_id == order_id


@pytest.mark.parametrize(
    "given_id",
    [
        None,
        "",
        "12a",
        " 12",
        "-1",
        -1,
        "1.0",
        Decimal("1.5"),
        True,
        [1],
        {"id": 1},
        "٣",
        "9" * 51,
    ],
)
def test_without_an_order_id_the_order_cannot_be_named(given_id):
    error = refusal(ORDER_2021 | {"order_id": given_id})

    assert error.order_id == ""
    assert "order_id" in str(error)


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (10, "10.00"),
        (Decimal("10.0"), "10.00"),
        ("10.0", "10.00"),
        ("10", "10.00"),
        (0, "0.00"),
        ("0.005", "0.01"),
        (Decimal("19.994999"), "19.99"),
        (Decimal("1E+2"), "100.00"),
        (Decimal("1E-400"), "0.00"),
        ("9999999.99", "9999999.99"),
        (None, None),
        ("", None),
        (" ", None),
    ],
)
def test_an_amount_is_a_number_or_a_text_of_one(value, amount):
    order = parse(refund_amount=value)

    assert order.refund_amount == (Decimal(amount) if amount else None)
    assert amount is None or str(order.refund_amount) == amount


@pytest.mark.parametrize(
    "value",
    [
        "12,50",
        "ten",
        "$10",
        -1,
        "-0.01",
        "NaN",
        "Infinity",
        Decimal("1E+400"),
        "1e99999999999999999999",
        10_000_000,
        True,
        [10],
        {"amount": 10},
    ],
)
@pytest.mark.parametrize("field", ["refund_amount", "buyer_fee", "amount"])
def test_an_amount_that_makes_no_sense_stays_empty_and_is_named(field, value):
    places = {
        "refund_amount": {"refund_amount": value},
        "buyer_fee": {"available_refunds": {"buyer_fee": value}},
        "amount": {"upsells": [{"amount": value}]},
    }

    order = parse(places[field])

    prices = {
        "refund_amount": order.refund_amount,
        "buyer_fee": order.lines[0].unit_price,
        "amount": order.lines[-1].unit_price,
    }
    assert prices[field] is None
    assert len(order.unread) == 1
    assert field in order.unread[0]


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("United States", "US"),
        ("USA", "US"),
        ("US", "US"),
        ("usa", "US"),
        (" united  states ", "US"),
        ("United States of America", "US"),
        ("United Kingdom", "GB"),
        ("GBR", "GB"),
        ("UK", "GB"),
        ("CAN", "CA"),
        ("AUS", "AU"),
        ("Germany", "DE"),
        ("Taiwan, Republic Of China", "TW"),
        ("Korea, Republic of", "KR"),
        ("Venezuela, Bolivarian Republic of", "VE"),
        ("Côte D'Ivoire", "CI"),
        ("Cote d’Ivoire", "CI"),
        ("Curaçao", "CW"),
        ("Russia", "RU"),
    ],
)
def test_a_country_is_known_by_name_and_by_either_code(country, code):
    order = parse(country=country)

    assert order.ship_to_country == code
    assert order.unknown_country == ""


@pytest.mark.parametrize("country", ["Atlantis", "XX", "XYZ", "840", "U", "🇺🇸"])
def test_an_unknown_country_is_kept_as_it_came(country):
    order = parse(country=country)

    assert order.ship_to_country == ""
    assert order.unknown_country == country


@pytest.mark.parametrize("country", [None, "", "  "])
def test_no_country_is_no_unknown_one(country):
    order = parse(country=country)

    assert (order.ship_to_country, order.unknown_country) == ("", "")


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2017-03-31T16:32:24-07:00", "2017-03-31 23:32:24"),
        ("2026-11-22T01:00:00-08:00", "2026-11-22 09:00:00"),
        ("2026-11-22T01:00:00-0800", "2026-11-22 09:00:00"),
        ("2026-11-22T01:00:00+05:45", "2026-11-21 19:15:00"),
        ("2026-11-22T01:00:00Z", "2026-11-22 01:00:00"),
        ("2026-11-22T01:00:00.5Z", "2026-11-22 01:00:00.500000"),
        ("2026-11-22T01:00:00.123456789Z", "2026-11-22 01:00:00.123456"),
        ("2026-11-22T01:00:00,123Z", "2026-11-22 01:00:00.123000"),
        ("2026-11-22 01:00:00 -0800", "2026-11-22 09:00:00"),
        ("2026-11-22 01:00:00+00:00", "2026-11-22 01:00:00"),
        ("2026-11-22T01:00Z", "2026-11-22 01:00:00"),
        (" 2026-11-22T01:00:00Z\n", "2026-11-22 01:00:00"),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Tokyo"])
def test_a_stamp_with_an_offset_is_taken_at_its_word(stamp, moment, zone):
    order = parse(created_at=stamp, zone=ZoneInfo(zone))

    assert order.ordered_at == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert order.ordered_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("zone", "stamp", "moment"),
    [
        ("UTC", "2026-11-22T01:00:00", "2026-11-22 01:00"),
        ("America/Los_Angeles", "2026-07-01T17:30:00", "2026-07-02 00:30"),
        ("America/Los_Angeles", "2026-12-01T17:30:00", "2026-12-02 01:30"),
        ("Asia/Kathmandu", "2026-12-01T00:00:00", "2026-11-30 18:15"),
        # 1:30 comes twice on 1 November 2026: the first is meant.
        ("America/Los_Angeles", "2026-11-01T01:30:00", "2026-11-01 08:30"),
        ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25 00:30"),
        # 2:30 does not come on 8 March 2026: the clock goes from 2 to 3.
        ("America/Los_Angeles", "2026-03-08T02:30:00", "2026-03-08 10:30"),
        ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29 01:30"),
        # This one goes forward by half an hour only.
        ("Australia/Lord_Howe", "2026-10-04T02:10:00", "2026-10-03 15:40"),
    ],
)
def test_a_stamp_without_an_offset_is_read_in_the_stores_zone(zone, stamp, moment):
    order = parse(created_at=stamp, zone=ZoneInfo(zone))

    assert order.ordered_at == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_a_time_that_does_not_exist_moves_forward_by_the_gap():
    order = parse(created_at="2026-03-08T02:30:00", zone=PACIFIC)

    local = order.ordered_at.astimezone(PACIFIC)
    assert local.isoformat() == "2026-03-08T03:30:00-07:00"


@pytest.mark.parametrize(
    "stamp",
    [
        "yesterday",
        "0000-00-00 00:00:00",
        "2026-11-22",
        "2026-02-30T00:00:00Z",
        "2026-11-22T25:00:00Z",
        "2026-11-22T01:00:00+25:00",
        "2026-11-22T01:00:00 PDT",
        "22/11/2026 01:00",
        "0001-01-01T00:00:00+01:00",
        "1999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-01:00",
        "٢٠٢٦-11-22T01:00:00Z",
        1_700_000_000,
        Decimal("1.5"),
        True,
        ["2026-11-22T01:00:00Z"],
        {},
    ],
)
def test_a_stamp_that_makes_no_sense_is_no_date(stamp):
    error = refusal(ORDER_2021 | {"created_at": stamp, "paid_at": None})
    order = parse(paid_at=stamp)

    assert error.order_id == "120000001"
    assert "created_at" in str(error)
    assert order.paid_at is None
    assert order.unread[0].startswith("paid_at ")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Zoë O’Test", "Zoë O’Test"),
        ("Emoji 🎧 Fan", "Emoji 🎧 Fan"),
        ("👩🏽\u200d🚀 Ada", "👩🏽\u200d🚀 Ada"),
        ("أحمد مثال", "أحمد مثال"),
        ("דנה \u200fדוגמה", "דנה \u200fדוגמה"),
        ("王小明", "王小明"),
        ("e\u0301", "e\u0301"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("Ada\x00 Ex\x00ample", "Ada Example"),
        ("Ada\ud800 Example", "Ada Example"),
        ("\x1b[31mAda\x07", "[31mAda"),
        ("  Ada \r\n\t Example\u00a0", "Ada Example"),
        (12, "12"),
        ("x" * 10_000, "x" * 200),
        ("x" * 199 + " y", "x" * 199),
    ],
)
def test_a_name_is_one_clean_line_of_bounded_length(text, kept):
    order = parse(customer_name=text)

    assert order.customer_name == kept
    assert order.ship_to_name == kept


@pytest.mark.parametrize(
    ("field", "attribute", "length"),
    [
        ("address1", "ship_to_address1", 200),
        ("address2", "ship_to_address2", 200),
        ("city", "ship_to_city", 100),
        ("state", "ship_to_state", 100),
        ("postal_code", "ship_to_postal_code", 20),
        ("country", "unknown_country", 100),
        ("carrier", "carrier", 100),
        ("tracking_number", "tracking_number", 100),
        ("status", "marketplace_status", 50),
    ],
)
def test_every_text_has_its_length(field, attribute, length):
    order = parse({field: "é" * 10_000})

    assert getattr(order, attribute) == "é" * length


def test_a_postal_code_that_came_as_a_number_is_a_text():
    assert parse(postal_code=94022).ship_to_postal_code == "94022"
