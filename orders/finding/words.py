"""How one searches: what was typed, cut into the words that must all be found."""

import re

from backoffice.kit.folding import folded
from orders.search_text import parcel_keys
from orders.tracking_numbers import tidied

# Databases refuse conditions without end.
MOST_WORDS = 50
WORD = re.compile(r'"[^"]*"|\S+')
# What people write before a number; “#” is one of the signs that don't matter.
NUMBER_SIGN = re.compile(r"^\W*(?:№|n[°º]|no\.)\s*(?=\d)", re.IGNORECASE)


def words_of(typed: str) -> list[str]:
    """Return the words as `search_text` holds them; what is quoted is one word.

    Digits alone are one number, however it is grouped.
    """
    typed = NUMBER_SIGN.sub("", typed)
    is_number = folded(typed).isdecimal()
    words = [typed] if is_number else WORD.findall(typed)
    # Scanned with its ZIP code or not, a parcel's number is found by its shortest form.
    shortest = (key for word in words for key in parcel_keys(word)[-1:])
    return list(dict.fromkeys(shortest))[:MOST_WORDS]


def as_number(typed: str) -> str:
    """Return an order's number as it is stored, of how people write and paste it."""
    return tidied(NUMBER_SIGN.sub("", typed)).lstrip("#")
