"""What a spreadsheet program shows of a whole number in a form as 000-000."""

import re
from functools import lru_cache

# Up to the form for negative numbers.
FIRST_FORM = re.compile(r'(?:"[^"]*"|\\.|[^;])*')
# A place for a digit, texts that stand as they are, and what shows nothing: a blank as
# wide as another character, one that fills the cell, a colour, a country.
PART = re.compile(
    r"(?P<place>[0#?])"
    r'|"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<plain>[ ()+:\'{}<>=!^&~-])'
    r"|\[\$(?P<currency>[^\]-]+)[^\]]*\]"
    r"|_.|\*.|\[\$-[^\]]*\]|\[[A-Za-z]+\d*\]"
)
TEXTS = ("quoted", "escaped", "plain", "currency")


def shown(number: int, form: str) -> str:
    """Return the number with the zeros, marks and letters that its form adds to it.

    A form of quantities, with a point or groups of thousands, leaves it as it is.
    """
    parts = _parts(form)
    places = sum(bool(part["place"]) for part in parts)
    if number < 0 or not places:
        return str(number)
    digits = f"{number:>{places}}"
    # What has no place of its own stands before the first.
    waiting, rest = digits[:-places], iter(digits[-places:])
    texts: list[str] = []
    has_begun = False
    for part in parts:
        if not part["place"]:
            texts += filter(None, map(part.group, TEXTS))
            continue
        has_begun = has_begun or part["place"] == "0"
        digit = next(rest).replace(" ", "0" if has_begun else "")
        texts.append(waiting + digit)
        waiting = ""
    return "".join(texts)


# A sheet has few forms, and thousands of cells of each.
@lru_cache(maxsize=1000)
def _parts(form: str) -> list[re.Match[str]]:
    """Return what a form is made of, nothing for one with other things in it."""
    first = FIRST_FORM.match(form)
    text = first[0] if first else ""
    parts, at = [], 0
    while part := PART.match(text, at):
        parts.append(part)
        at = part.end()
    return parts if at == len(text) else []
