"""Carriers in a carrier's file: by label, identifier or service, or one for all."""

import pytest

from orders.tracking_files.files import lines_of
from orders.tracking_files.lines import judge
from tests.factories import OrderFactory
from tests.support.order_pages import NUMBER
from tests.support.tracking_files import COLUMNS, NOW, ship, stored

pytestmark = pytest.mark.django_db


def judged(order, number, carrier):
    (line,) = judge([[2, [str(order), number, carrier]]], COLUMNS, "", NOW)
    return line


@pytest.mark.parametrize(
    ("name", "carrier", "number"),
    [
        ("china-post", "China Post", "LX123456785CN"),
        ("China_Post", "China Post", "LX123456785CN"),
        ("dhl-global-mail", "DHL eCommerce", "GM60511234500000001"),
        ("DHL Global Mail", "DHL eCommerce", "GM60511234500000001"),
        ("USPS First Class Package", "USPS", NUMBER),
        ("usps_first_class_mail", "USPS", NUMBER),
        ("USPS-Priority", "USPS", NUMBER),
        ("USPS® Ground Advantage™", "USPS", NUMBER),
        ("USPS/Stamps.com", "USPS", NUMBER),
        ("USPS (Pitney Bowes)", "USPS", NUMBER),
    ],
)
def test_a_carrier_is_known_by_its_identifier_or_its_service(name, carrier, number):
    order = OrderFactory()

    line = judged(order, number, name)

    assert line.carrier == carrier
    assert f"Ships with {carrier} {number}." in line.sentence
    assert f"The file says “{name}”." in line.sentence


@pytest.mark.parametrize("name", ["stamps_com", "DHL eCommerce Plus", "USPSFirst", "_"])
def test_a_carrier_that_may_be_several_or_none_is_not_guessed(name):
    line = judged(OrderFactory(), "A12345", name)

    assert f"does not accept the carrier “{name}”" in line.sentence


def test_a_shipment_under_the_carriers_identifier_is_here_already():
    order = OrderFactory()
    ship(order, "A12345", carrier="China Post", notification="accepted")

    line = judged(order, "A12345", "china-post")

    assert line.result == "done"


def test_one_carrier_goes_for_all_lines_of_this_file_alone():
    order = OrderFactory()

    file = stored(
        [str(order), NUMBER, "stamps"], carrier="USPS", is_carrier_for_all=True
    )
    again = stored([str(order), NUMBER, "stamps"])

    assert lines_of(file, NOW)[0].sentence == f"Ships with USPS {NUMBER}."
    assert "the carrier “stamps”" in lines_of(again, NOW)[0].sentence
