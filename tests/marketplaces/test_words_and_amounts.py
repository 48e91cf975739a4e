"""Words and amounts are read as people wrote them, however a shop coded them."""

from decimal import Decimal

import pytest

from stores.marketplaces.base import UnreadableOrder
from stores.marketplaces.values import prose, signed_money


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Mug &amp; <b>saucer</b>", "Mug & saucer"),
        ("2 < 3 & 4 > 1", "2 < 3 & 4 > 1"),
        ("I &lt;3 tea", "I <3 tea"),
        ("Caf\u00e9 &#8211; &nope; &hearts;", "Café – &nope; ♥"),
        ("one<br />two", "one two"),
        ("cut \ufffd", "cut"),
        (7, "7"),
        (None, ""),
    ],
)
def test_words_are_what_a_browser_would_show(written, shown):
    assert prose({"name": written}, "name", 50) == shown


def test_words_are_clipped_after_they_are_decoded():
    assert prose({"name": "&amp;" * 10 + "<b>x</b>"}, "name", 11) == "&" * 10


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ("-3.00", "-3.00"),
        (" -3 ", "-3.00"),
        ("19.4", "19.40"),
        (-2.5, "-2.50"),
        (Decimal("-0.005"), "-0.01"),
        (3.0000000000000004, "3.00"),
        (0, "0.00"),
    ],
)
def test_an_amount_may_be_below_zero(given, amount):
    assert signed_money({"total": given}, "total") == Decimal(amount)


@pytest.mark.parametrize("given", [None, ""])
def test_an_amount_that_is_not_given_is_none(given):
    assert signed_money({"total": given}, "total") is None


@pytest.mark.parametrize("given", ["--3", "-", "-x", "-1e99", [], True, "- inf"])
def test_what_is_no_amount_is_refused(given):
    with pytest.raises(UnreadableOrder):
        signed_money({"total": given}, "total")
