"""How one searches: what was typed, cut into the words that must all be found."""

import re

from django.db.models import Q

from backoffice.kit.folding import squeezed
from orders.search_text import PARCEL, parcel_key

# Databases refuse conditions without end.
MOST_WORDS = 50
WORD = re.compile(r'"[^"]*"|\S+')


def words_of(typed: str) -> list[str]:
    """Return the words as `search_text` holds them; what is quoted is one word.

    Digits alone are one number, however it is grouped.
    """
    number = parcel_key(typed)
    if number.isdecimal():
        return [number]
    words = map(parcel_key, WORD.findall(typed))
    return list(dict.fromkeys(filter(None, words)))[:MOST_WORDS]


def as_number(typed: str) -> str:
    """Return an order's number as it is stored, of how people write and paste it."""
    return squeezed(typed).lstrip("#")


def has_parcel(number: str) -> Q:
    """Return the condition for orders of a parcel with this number, however written."""
    return Q(search_text__contains=f"{PARCEL}{parcel_key(number)} ")
