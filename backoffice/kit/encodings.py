"""Read a text whose encoding nobody says: the one in which it looks like language."""

import unicodedata
from collections.abc import Callable

BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
# Of those that say the same of a text, the first is taken.
ENCODINGS = (
    "cp1252",  # Windows in the West
    "utf-8",  # with a broken byte
    "gb18030",  # China
    "cp932",  # Windows in Japan
    "euc_jp",  # older tools there
    "big5",  # Taiwan
    "euc_kr",  # Korea
    "cp850",  # DOS
    "mac_roman",
    "cp1254",  # Windows in Turkey
    "cp1250",  # Windows in the East of Europe
    "iso8859_2",
    "cp852",  # DOS there
    "cp1251",  # Windows in Russia
    "koi8_u",
    "cp866",
    "mac_cyrillic",
    "cp1253",  # Windows in Greece
)
# Mails' own way to write in Japan: all ASCII, and each script begun by a sign.
ESCAPED = {b"\x1b$B": "iso2022_jp", b"\x1b$@": "iso2022_jp", b"\x1b$)C": "iso2022_kr"}
# Where an encoding keeps its everyday characters: first and last lead byte, and the
# lowest second one. French letters read in it are rare characters, beyond these.
EVERYDAY = {
    "gb18030": (0xB0, 0xD7, 0xA1),
    "cp932": (0x82, 0x98, 0x40),
    "euc_jp": (0xA4, 0xCF, 0xA1),
    "big5": (0xA4, 0xC6, 0x40),
    "euc_kr": (0xB0, 0xC8, 0xA1),
}
# Quotation marks, brackets, blanks, fractions and currencies say nothing.
NEUTRAL = {"Pi", "Pf", "Ps", "Pe", "Pd", "Po", "Zs", "No", "Sc"}
SIGNS = "©®™×±"
# Of control characters, and of codes that stand for none.
UNWRITTEN = {"Cc", "Cn", "Co", "Cs"}
SAMPLE = 20_000


def decode(data: bytes, rank: Callable[[str], int]) -> str | None:
    """Return the text of a file, None when it is none.

    `rank` says how many words it knows in the beginning of a text; between encodings in
    which it knows as many, the look of the other letters decides.
    """
    encoding = next(
        (name for mark, name in BYTE_ORDER_MARKS.items() if data.startswith(mark)),
        _escaped(data) or _wide(data) or "utf-8",
    )
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding.startswith(("utf-16", "utf-32")):
            return None
        text = data.decode(_likeliest(data, rank), "replace")
    return None if "\0" in text else text.removeprefix("\ufeff")


def _escaped(data: bytes) -> str:
    """Return the encoding whose sign for another script is in the text."""
    return next((name for sign, name in ESCAPED.items() if sign in data), "")


def _wide(data: bytes) -> str:
    """Return UTF-16 where digits and ends of lines have a zero on the same side each.

    Other scripts have other bytes there, and a file of them few zeros.
    """
    zeros = [data[start::2].count(0) for start in (0, 1)]
    if max(zeros) <= 4 * min(zeros) or max(zeros) * 20 < len(data) // 2:
        return ""
    encoding = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    text = data[:SAMPLE].decode(encoding, "replace")
    return encoding if all(map(_is_written, text)) else ""


def _is_written(one: str) -> bool:
    """Say whether a character stands in texts, and not in other files alone."""
    return one in "\t\r\n\0" or unicodedata.category(one) not in UNWRITTEN


def _likeliest(data: bytes, rank: Callable[[str], int]) -> str:
    head = data[:SAMPLE]
    lines = b"\n".join(line for line in data.splitlines() if not line.isascii())
    sample = lines[:SAMPLE]
    return max(
        ENCODINGS,
        key=lambda one: (
            rank(head.decode(one, "replace")),
            _likeness(sample.decode(one, "replace"), one),
        ),
    )


def _likeness(text: str, encoding: str) -> float:
    """Return how much a text looks like language, between -1 and 1."""
    framed = f" {text} "
    marks = [
        _mark(framed[at - 1], one, framed[at + 1], encoding)
        for at, one in enumerate(framed)
        if not one.isascii()
    ]
    return sum(marks) / len(marks) if marks else 0


def _mark(before: str, one: str, after: str, encoding: str) -> int:
    """Return 1 for a character that stands well where it is, -1 for noise."""
    if encoding == "utf-8":
        # So many bytes don't fit together by chance.
        return -1 if one == "\ufffd" else 1
    if one in "°º":
        return 1 if before in "Nn0123456789" else -1
    if one in "¿¡":
        return 1 if after.isalpha() else -1
    if one == "’":
        return 1 if before.isalpha() and after.isalpha() else 0
    if not one.isalpha():
        return 0 if one in SIGNS or unicodedata.category(one) in NEUTRAL else -1
    if ord(one) < 0x250:
        return 1 if _is_at_home(before, one, after) else -1
    near = [letter for letter in (before, after) if letter.isascii()]
    is_in_a_latin_word = any(letter.islower() for letter in near) or (
        len(near) == 2 and all(letter.isalpha() for letter in near)
    )
    if is_in_a_latin_word:
        return -1
    return _commonness(one, encoding, is_alone=len(near) == 2)


def _is_at_home(before: str, one: str, after: str) -> bool:
    """Say whether a letter with an accent stands among letters of its own case."""
    if not unicodedata.decomposition(one) and one not in "ŒœÆæß":
        return False
    near = [letter for letter in (before, after) if letter.isascii()]
    if not any(letter.isalpha() for letter in near):
        return one in "Àà"
    if one.islower():
        return any(letter.islower() for letter in near)
    return not before.islower()


def _commonness(one: str, encoding: str, is_alone: bool) -> int:
    """Return 1 for an everyday character of the encoding, 0 for one of its others."""
    if encoding not in EVERYDAY:
        return -1
    code = one.encode(encoding)
    if len(code) == 1:
        # Half a Japanese character wide; names are written in several of them.
        return -1 if is_alone else 1
    first, last, second = EVERYDAY[encoding]
    return 1 if first <= code[0] <= last and code[1] >= second else 0
