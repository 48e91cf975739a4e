"""A number that a spreadsheet program cut is told from one that is whole."""

import pytest

from backoffice.kit.spreadsheet_numbers import (
    is_damaged,
    without_fraction,
    without_thousands,
)


@pytest.mark.parametrize(
    "text",
    [
        "9.40011E+21",
        "9,4E+21",
        "4.00011E+13",
        "9.40011e21",
        "9.4e-7",
        "94.0011E+20",
        "9.40E+021",
        "9E+21",
        "9e21",
        "9.40011×10^21",
        "9.4x1021",
        "123.0",
        "123,00",
        "9400111899562170000000.0",
        "9400111899562170000000",
        "420537049200190000000000000000",
        "1234567890123450",
        "9,400,111,899,562,170,000,000",
        "9.400.111.899.562.170.000.000,00",
        "9 400 111 899 562 170 000 000",
        "1,234,567.00",
    ],
)
def test_a_number_that_a_spreadsheet_made_a_quantity_of_is_damaged(text):
    assert is_damaged(text)


@pytest.mark.parametrize(
    "text",
    [
        "9400111899562173406594",
        "420940229400111899562173406594",
        "92023999991043543415313958",
        "123456789012345",
        "100000000000000",
        "1E1234567",
        "1Z999X10123456784",
        "123E45",
        "1234E5678901",
        "1Z9999999999999999",
        "99.60.012345.12345678",
        "JD014600003456789000",
        "",
    ],
)
def test_a_number_with_all_its_digits_is_not(text):
    assert not is_damaged(text)


def test_a_number_that_was_read_as_a_quantity_loses_its_fraction_while_exact():
    assert without_fraction("59010920.0") == "59010920"
    assert without_fraction("59010920,00") == "59010920"
    assert without_fraction("9400111899562170000000.0").endswith(".0")
    assert without_fraction("A1.0") == "A1.0"
    assert without_fraction("1,000") == "1,000"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        *(("1,000", "1000"), ("59.010.920,00", "59010920"), ("59’010’920", "59010920")),
        *(("1,00", "1,00"), ("12,3456", "12,3456"), ("A,000", "A,000"), ("", "")),
    ],
)
def test_groups_of_thousands_are_taken_out(text, digits):
    assert without_thousands(text) == digits
