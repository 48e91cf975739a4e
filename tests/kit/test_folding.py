"""Text folded: what people write in different ways is the same text."""

import pytest

from backoffice.kit.folding import folded


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Liam O’Brien", "liam o'brien"),
        ("Liam OʼBrien", "liam o`brien"),
        ("José Álvarez", "JOSE ALVAREZ"),
        ("Jürgen Müller", "jurgen MÜLLER"),
        ("Łukasz Żak", "lukasz zak"),
        ("Søren Ærø", "soren aero"),
        ("Đặng Văn Đức", "dang van duc"),
        ("Weiß", "WEISS"),
        ("Cœur Þór", "coeur thor"),
        ("IŞIK İnan", "ışık inan"),
        ("ИВАН Петров", "иван петров"),
        ("Алёна", "алена"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσεύς"),
        ("ＡＢＣ１２３", "abc123"),
        ("١٢٠", "120"),
        ("שָׁלוֹם", "שלום"),
        ("ﾀﾅｶ", "タナカ"),
        ("Jean‑Pierre", "Jean Pierre"),
        ("Ana\u200b\u00a0Lima", "ana lima"),
        ("\u0041\u0301bel", "Ábel"),
    ],
)
def test_the_ways_to_write_one_thing_are_the_same(written, typed):
    assert folded(written) == folded(typed) != ""


@pytest.mark.parametrize("text", ["#", "--", " ' ", "\0", "\ud800", ""])
def test_nothing_is_left_of_what_is_neither_letter_nor_digit(text):
    assert folded(text) == ""
