"""A note says that the shop was told only where a program wrote this very number."""

import pytest

from stores.marketplaces.woocommerce.notices import is_named, written_by_programs


@pytest.mark.parametrize(
    ("note", "is_told"),
    [
        ("Mug x 1 shipped via UPS on May 1, 2026 with tracking number 1Z7.", True),
        ("Shipped with UPS, 1z7.", True),
        ("1Z7", True),
        ("Shipped with UPS, 1Z77.", False),
        ("Shipped with UPS, 11Z7.", False),
        ("Order status changed from Processing to Completed.", False),
    ],
)
def test_a_number_is_told_where_it_stands_alone(note, is_told):
    assert is_named("1Z7", [note]) is is_told


def test_signs_in_a_number_are_signs():
    assert is_named("A.(1)+", ["Shipped with DHL, A.(1)+."])
    assert not is_named("A.7", ["Shipped with DHL, AB7."])


def test_a_number_of_blanks_is_in_no_note():
    assert not is_named("  ", ["Shipped with DHL, 7."])


def test_what_a_person_wrote_tells_nothing():
    notes = [
        {"author": "system", "note": "<p>Shipped &amp; done</p>"},
        {"author": "Grace", "note": "Will go with 1Z7"},
        {"note": "Of an older WooCommerce"},
        "junk",
    ]

    assert written_by_programs(notes) == ["Shipped & done", "Of an older WooCommerce"]
