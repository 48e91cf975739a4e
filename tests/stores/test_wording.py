"""What is said of a connector follows from its description."""

from dataclasses import replace

import pytest

from stores.accounts import default_marketplace
from stores.marketplaces import MARKETPLACES
from stores.marketplaces.abilities import Abilities, Evidence, Fact, Window
from stores.wording import account_words, limits_in_words, mail_note, with_links

ALL = Abilities(
    window=Window.MODIFIED,
    evidence=Evidence.NUMBER,
    reads_single_orders=True,
    repeats_harmlessly=True,
    has_closed_carriers=False,
    has_global_ids=True,
    gives=frozenset(Fact),
)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"window": Window.PLACED}, "the day on which an order was placed"),
        ({"evidence": Evidence.STATUS}, "does not show tracking numbers"),
        ({"evidence": Evidence.ANSWERED}, "neither tracking numbers nor"),
        ({"reads_single_orders": False}, "Single orders cannot be read"),
        ({"repeats_harmlessly": False}, "none goes out twice"),
        ({"has_closed_carriers": True}, "Only the carriers of its list"),
        ({"gives": frozenset(Fact) - {Fact.OFFSETS}}, "carry no offset"),
        (
            {"gives": frozenset({Fact.OFFSETS, Fact.CURRENCY})},
            "the time of payment, e-mail addresses, phone numbers, weights, pictures.",
        ),
    ],
)
def test_each_limit_is_a_sentence(change, said):
    limited = limits_in_words(replace(ALL, **change))

    assert said in " ".join(limited)
    assert said not in " ".join(limits_in_words(ALL))
    assert all(one.endswith(".") for one in limited)


def test_mails_go_by_whether_addresses_are_given():
    without = replace(ALL, gives=frozenset())

    assert "gives no e-mail addresses" in mail_note(without)
    assert "gives no e-mail addresses" not in mail_note(ALL)


def test_a_token_is_called_so_and_anything_else_is_not():
    words = {key: str(account_words(key).title) for key in MARKETPLACES}

    assert words.pop(default_marketplace()) == "Replace the access token"
    assert len(words) > 0
    assert {*words.values()} == {"Replace the address and credentials"}


def test_an_address_in_a_text_is_a_link_and_the_rest_stays_text():
    shown = with_links("See https://a.example.com/x, <then> go on.")

    assert 'href="https://a.example.com/x"' in shown
    assert ">https://a.example.com/x</a>, &lt;then&gt; go on." in shown
