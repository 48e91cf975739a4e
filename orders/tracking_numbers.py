"""Tracking numbers as they come: made tidy, and whether two are the same one."""

import re
import unicodedata

MINUS = "\u2212"
# What nobody sees: zero-width characters, and the marks that choose a sign's look.
UNSEEN = {"Cf", "Mn", "Me"}
# Blanks that Unicode counts among letters and symbols.
LIKE_BLANKS = "\u115f\u1160\u2800"
# What spreadsheets put around a text that looks like a number: '9400…, ="9400…".
WRAPPING = "='’\""
# Before its number itself, USPS may print the addressee's ZIP code.
ZIP_CODE = r"420\d{5}(?:\d{4})?"
_behind_zip_code = [
    re.compile(rf"420\d{{{digits}}}(\d{{20,22}}|\d{{26}})", re.ASCII)
    for digits in (5, 9)
]


def tidied(text: str) -> str:
    """Return what was typed without blanks of any kind, in plain letters and digits."""
    return "".join(plain(text).split()).strip(WRAPPING)


def plain(text: str) -> str:
    """Return what was typed as it looks, in plain letters, digits, marks and blanks."""
    return "".join(map(_plain, unicodedata.normalize("NFKC", text)))


def is_same(one: str, other: str) -> bool:
    """Return whether both are one parcel's number, which not everybody writes alike.

    Marketplaces and carriers leave out blanks, hyphens, dots and the ZIP code before
    a number of USPS, and change the case.
    """
    return not spellings(one).isdisjoint(spellings(other))


def spellings(number: str) -> set[str]:
    """Return the number bare, and without the ZIP code it may begin with."""
    bare = re.sub("[-.]", "", tidied(number)).casefold() or number
    found = (pattern.fullmatch(bare) for pattern in _behind_zip_code)
    return {bare, *(match[1] for match in found if match)}


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category in UNSEEN:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if character in LIKE_BLANKS:
        return " "
    is_dash = category == "Pd" or character == MINUS
    return "-" if is_dash else character
