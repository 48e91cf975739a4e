"""Fold text, so that the ways to write one thing become the same text."""

import unicodedata
from functools import lru_cache

# Letters of their own for Unicode, which people type without what sets them apart.
LETTERS = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
        "ŋ": "n",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        # Apostrophes and a stretched line that Unicode counts among the letters.
        **dict.fromkeys("ʹʻʼʽʾʿˈꞌ\u0640", ""),
    }
)


# The same towns and products come again and again.
@lru_cache(maxsize=10_000)
def folded(text: str) -> str:
    """Return the letters and digits of a text, without case and accents.

    Python folds it, not the database: SQLite knows the case of ASCII alone.
    """
    if text.isascii():
        return "".join(filter(str.isalnum, text)).lower()
    # Accents are parted from their letters, and are no letters themselves.
    parted = filter(str.isalnum, unicodedata.normalize("NFKD", text))
    return "".join(map(_digit, parted)).casefold().translate(LETTERS)


def _digit(character: str) -> str:
    """Return ASCII's own digit for one of another script, and letters as they are."""
    return str(unicodedata.decimal(character, character))
