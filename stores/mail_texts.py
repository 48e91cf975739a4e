"""The texts of customers' mails: what may stand in braces, and what it becomes."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# What staff may write in braces, and what it stands for.
PLACEHOLDERS = {
    "customer": _("the customer’s name"),
    "order": _("the order’s number"),
    "items": _("what is in the parcel, an item a line"),
    "carrier": _("the carrier"),
    "tracking_number": _("the tracking number"),
    "tracking_link": _("the carrier’s page of the parcel, where it is known"),
    "company": _("the company’s name, or the store’s"),
}
BRACES = re.compile(r"\{([^{}]*)\}")

SUBJECT = _("Your order {order} has shipped")
BODY = _(
    "Hello {customer},\n"
    "\n"
    "your order {order} is on its way with {carrier}.\n"
    "Tracking number: {tracking_number}\n"
    "{tracking_link}\n"
    "\n"
    "{items}\n"
    "\n"
    "{company}\n"
)


def check(text: str) -> str:
    """Return the text, or raise `ValidationError` naming a placeholder it got wrong."""
    for name in BRACES.findall(text):
        if name not in PLACEHOLDERS:
            message = _("There is no placeholder {%(name)s}; there are %(known)s.")
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise ValidationError(message % {"name": name[:40], "known": known})
    return text


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders filled in; what they bring is no text.

    A line falls away when it only holds placeholders that stand for nothing.
    """
    lines = []
    for line in text.splitlines():
        filled = BRACES.sub(lambda found: values.get(found[1], found[0]), line)
        if filled.strip() or not line.strip():
            lines.append(filled)
    return "\n".join(lines)
