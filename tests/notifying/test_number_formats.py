"""Only a number that is clearly another carrier's raises a doubt."""

import pytest

from orders.shipping import number_formats
from stores.marketplaces.tophatter.carriers import CARRIERS


@pytest.mark.parametrize(
    ("carrier", "number"),
    [
        ("USPS", "9400111899562173406594"),
        ("USPS", "9400 1118 9956 2173 4065 94"),
        ("USPS", "420940229400111899562173406594"),
        ("USPS", "70123460000112345678"),
        ("USPS", "CX000000000US"),
        ("usps", "ea000000000us"),
        ("UPS", "1Z9999999999999999"),
        ("UPS", "1z 999 aa1 01 2345 6784"),
        ("UPS", "T9999999999"),
        ("FedEx", "999999999999"),
        ("FedEx", "9999 9999 9999 999"),
        ("DHL", "1234567890"),
        ("DHL", "JD014600003456789012"),
        ("China Post", "RB123456789CN"),
        ("EUB", "LK123456789CN"),
        ("Royal Mail", "AA123456789GB"),
        ("Japan Post", "EJ123456789JP"),
        ("Canada Post", "1234567890123456"),
        ("Australia Post", "33ABC0123456"),
        ("German Post", "RT123456789DE"),
    ],
)
def test_a_number_of_the_carrier_raises_no_doubt(carrier, number):
    assert number_formats.looks_right(carrier, number)


@pytest.mark.parametrize(
    ("carrier", "number"),
    [
        ("USPS", "1Z9999999999999999"),
        ("USPS", "94001"),
        ("UPS", "9400111899562173406594X"),
        ("UPS", "RB123456789CN"),
        ("FedEx", "1Z9999999999999999"),
        ("DHL", "1Z9999999999999999"),
        ("China Post", "1Z9999999999999999"),
        ("Royal Mail", "PARCEL-TO-JOE"),
        ("Japan Post", "94001"),
        ("Canada Post", "RB12345678CN"),
        ("USPS", "94OO111899562173406594"),
    ],
)
def test_a_number_unlike_the_carriers_raises_one(carrier, number):
    assert not number_formats.looks_right(carrier, number)


@pytest.mark.parametrize("carrier", ["OnTrac", "Yanwen", "A carrier of tomorrow"])
def test_a_carrier_whose_numbers_are_not_known_never_raises_one(carrier):
    assert number_formats.looks_right(carrier, "anything")


def test_the_formats_are_of_carriers_that_the_marketplace_names():
    assert set(number_formats.FORMATS) <= set(CARRIERS)
