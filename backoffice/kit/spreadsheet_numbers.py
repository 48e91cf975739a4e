"""What a spreadsheet program makes of a long number, and how that is told."""

import re

# Excel keeps as many digits of a number, and zeros instead of the others.
EXACT_DIGITS = 15

# As Excel writes a long number: 9.4E+21, or 9,4E+21 in other countries. People and
# other programs write 9.4×10^21.
SCIENTIFIC = re.compile(
    r"[+-]?(\d+([.,]\d+)?E\+\d+|\d+[.,]\d+E-?\d+|\dE\d{1,3}"
    r"|\d+([.,]\d+)?[x×*·]10\^?\d+)",
    re.IGNORECASE,
)
WHOLE = re.compile(r"(\d+)[.,]0+")
# In full, or as a column of numbers shows it: 9,400,111,899,562,170,000,000.00
GROUPED = re.compile(r"\d{1,3}([.,'’]\d{3})+[.,]0+")
THOUSANDS = re.compile(r"(\d{1,3}(?:[.,'’]\d{3})+)(?:[.,]0{1,2})?")
GROUPING = re.compile(r"[\s.,'’_-]")
ZEROS_FOR_DIGITS = re.compile(rf"\d{{{EXACT_DIGITS}}}0+")


def without_fraction(text: str) -> str:
    """Return the digits of 59010920.0, and any other text as it is.

    Three zeros may be thousands.
    """
    whole = WHOLE.fullmatch(text)
    is_exact = whole and len(whole[1]) <= EXACT_DIGITS
    return whole[1] if whole and is_exact and text[-4:-3] not in ",." else text


def without_thousands(text: str) -> str:
    """Return the digits of 59,010,920 or 59.010.920,00, and other texts as they are."""
    whole = THOUSANDS.fullmatch(text)
    return re.sub(r"\D", "", whole[1]) if whole else text


def is_damaged(text: str) -> bool:
    """Return whether a spreadsheet made a quantity of a number, and may have cut it."""
    patterns = (SCIENTIFIC, WHOLE, GROUPED)
    if any(pattern.fullmatch(text) for pattern in patterns):
        return True
    return ZEROS_FOR_DIGITS.fullmatch(GROUPING.sub("", text)) is not None
