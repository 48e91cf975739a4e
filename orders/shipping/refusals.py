"""What is no tracking number, whatever the carrier: sent, it could not be undone."""

import re

from django.contrib.auth.models import User
from django.utils.translation import gettext_noop

from backoffice import audit
from backoffice.kit.errors import NotAllowed
from backoffice.kit.sentences import Sentence, sentence
from backoffice.kit.spreadsheet_numbers import GROUPING, is_damaged
from backoffice.models import AuditEntry
from orders import history
from orders.models import Order, OrderEvent
from orders.shipping.number_formats import S10
from orders.tracking_numbers import ZIP_CODE, plain, tidied

# Of one number, carriers print groups; two of these, whatever is between, are two.
WHOLE_NUMBER = re.compile(rf"(?!{ZIP_CODE}$)(?=(?:.*\d){{6}}).{{10,}}", re.ASCII)
BETWEEN = re.compile(r"[\W_]+")
S10_NUMBER = re.compile(S10, re.ASCII | re.IGNORECASE)
BESIDE = re.compile(r"[a-z]\d|\d[a-z]", re.ASCII | re.IGNORECASE)

# #N/A, #VALEUR!, #¡DIV/0!, Err:502: every language has its own words.
SPREADSHEET_ERROR = r"#\D*(/0!?)?|(err|erreur|fehler):?\d{3}"
E_MAIL_ADDRESS = r".+@.+\..+"
# A number in groups has dots, and may end in a country's letters: only these three.
WEB_ADDRESS = (
    r".*(://|www\.).*|(//)?([\w-]+\.)+[a-z]{2,}[/?#:].*|([\w-]+\.)+(com|net|org)"
)
CLOCK = r"(T?\d\d?:\d\d.*)?"
YEAR = r"(19|20)\d\d"
MONTH = (
    "(jan|feb|f[eé]v|m[aä]r|apr|avr|abr|mai|may|mag|jun|juin|giu|jul|juil|lug|aug"
    "|ao[uû]|ago|sep|set|oct|okt|ott|out|nov|dec|d[eé]c|dez|dic|gen|ene)[^\\W\\d]*"
)
DAY = (
    rf"{YEAR}(?P<a>[-/.])[01]?\d(?P=a)[0-3]?\d{CLOCK}"
    rf"|[0-3]?\d(?P<b>[-/.])[0-3]?\d(?P=b){YEAR}{CLOCK}"
    r"|(0?[1-9]|[12]\d|3[01])(?P<c>[-/.])(0?[1-9]|[12]\d|3[01])(?P=c)\d\d"
    rf"|[0-3]?\d(de)?[-/.,]*{MONTH}(de)?[-/.,]*{YEAR}{CLOCK}"
    rf"|{MONTH}[0-3]?\d,{YEAR}{CLOCK}"
    rf"|\d\d?:\d\d(:\d\d)?([.,]\d+)?([ap]m)?|{YEAR}[01]\d[0-3]\dT\d{{4,6}}Z?"
)
# No carrier has numbers so short: a box, “see note 5”, words as n/a. The others are
# what somebody typed who had no number, as 000000 or test123456, and whole addresses.
NOTHING = (
    r"(\D*\d){0,4}\D*|(\W*\w){0,5}\W*|[0\W_]*|(demo|dummy|essai|exemple|fake|none|null"
    r"|pending|sample|tb[acd]|test|unknown|xx+)[\W_]*\d{0,6}|(?=.*[a-z]{4}).*[,:;!?].*"
)
# A letter that only looks like one of a label, or a word of another language.
FOREIGN = r".*[^\x00-\x7f].*"

DAMAGED = gettext_noop(
    "“%(text)s” is a number without all its digits; format the column as text in the "
    "spreadsheet program and fill it again."
)
SEVERAL = gettext_noop(
    "“%(text)s” is more than one number; enter the one of the parcel."
)
KINDS = {
    SPREADSHEET_ERROR: gettext_noop(
        "“%(text)s” is an error of the spreadsheet program; mend its cell and fill in "
        "the tracking number again."
    ),
    E_MAIL_ADDRESS: gettext_noop(
        "“%(text)s” is an e-mail address; enter the parcel’s tracking number."
    ),
    WEB_ADDRESS: gettext_noop(
        "“%(text)s” is a web address; enter the tracking number alone."
    ),
    DAY: gettext_noop("“%(text)s” is a day; enter the parcel’s tracking number."),
    NOTHING: gettext_noop(
        "“%(text)s” is not a tracking number; enter the one on the parcel’s label."
    ),
    FOREIGN: gettext_noop(
        "“%(text)s” has characters in it that no carrier prints; type the number as it "
        "stands on the parcel’s label."
    ),
}
_kinds = [(re.compile(one, re.IGNORECASE), text) for one, text in KINDS.items()]


class ReasonNeeded(NotAllowed):
    """A number that goes only for a reason, which a person gives."""


def reason_against_number(typed: str) -> Sentence | None:
    """Return why this cannot be a tracking number, in words, asking nobody."""
    number = tidied(typed)
    if damage := damage_to(number):
        return damage
    parts = BETWEEN.split(plain(typed))
    if sum(bool(WHOLE_NUMBER.fullmatch(part)) for part in parts) > 1:
        return sentence(SEVERAL) % {"text": typed.strip()}
    for pattern, text in _kinds:
        if pattern.fullmatch(number):
            return sentence(text) % {"text": number}
    return None


def damage_to(number: str) -> Sentence | None:
    """Return what a spreadsheet did to the number of a parcel or order, in words."""
    return sentence(DAMAGED) % {"text": number} if is_damaged(number) else None


def order_numbers_in(typed: str) -> set[str]:
    """Return the numbers of the orders that were meant, should there be such orders.

    Around the digits of an order people write words, zeros and marks; letters right
    beside the digits are a carrier's, and the post writes two on either side.
    """
    number = tidied(typed).strip("#.")
    bare = GROUPING.sub("", number)
    digits = re.findall(r"\d+", bare)
    is_of_a_carrier = BESIDE.search(plain(typed)) or S10_NUMBER.fullmatch(bare)
    if len(digits) != 1 or is_of_a_carrier:
        return {number}
    return {number, digits[0].lstrip("0")}


def names_an_order(order: Order, typed: str) -> Sentence:
    """Say that the number is no parcel's, but that of an order of the same store."""
    message = sentence(
        "“%(text)s” is the number of an order of %(store)s; enter the parcel’s "
        "tracking number."
    )
    return message % {"text": tidied(typed), "store": order.store}


def refuse_unless_meant(
    order: Order, typed: str, despite: str, by: User | None
) -> None:
    """Raise `ReasonNeeded` for what is no tracking number, unless `despite` gives one.

    The order's history keeps the reason.
    """
    despite = despite.strip()
    meant = Order.objects.called(order_numbers_in(typed))
    is_order = meant.filter(store=order.store_id).exists()
    found = names_an_order(order, typed) if is_order else reason_against_number(typed)
    if found and not despite:
        raise ReasonNeeded(found)
    if found:
        record_override(order, found, despite, by)


def record_override(order: Order, doubt: str, reason: str, by: User | None) -> None:
    """Write into history and audit why the order's notice goes despite a doubt."""
    message = sentence("%(doubt)s Reason: %(reason)s")
    text = message % {"doubt": doubt, "reason": reason}
    history.record(order, OrderEvent.Kind.OVERRIDDEN, by=by, text=text)
    kind, store = AuditEntry.Kind.OVERRIDDEN, order.store_id
    audit.record(kind, by=by, about=order, text=text, store_key=store)
