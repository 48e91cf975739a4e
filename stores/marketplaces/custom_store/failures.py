"""Say what came instead of orders: a refusal, a failure, something else."""

import re
from dataclasses import dataclass
from typing import Any

from stores.marketplaces.answers import NOT_ORDERS, failure_of, kind_of, read_json
from stores.marketplaces.base import (
    MarketplaceError,
    MarketplaceRefused,
    MarketplaceUnavailable,
    NotTheMarketplace,
    TokenRefused,
    gettext_noop,
)
from stores.marketplaces.custom_store.documents import (
    UNREADABLE_XML,
    Document,
    NoDocument,
    read_document,
)
from stores.marketplaces.http import Reply
from stores.marketplaces.values import clean

LONGEST = 200
# As much of an answer as may be looked at for words.
MOST_LOOKED_AT = 100_000
HTML = re.compile(rb"\s*(?:<!doctype\s+html|<html)", re.IGNORECASE)
# What a JSON answer says its words by, the likeliest first.
SAYING = ("message", "data", "error", "detail")

NO_CREDENTIALS = gettext_noop(
    "%(marketplace)s refused the user name, password or key (%(status)s): %(message)s"
)
NOTHING_SAID = gettext_noop(
    "%(marketplace)s answered with nothing at all, as some shops do when the user "
    "name, password or key is wrong."
)
NOT_TAKEN = gettext_noop(
    "%(marketplace)s refused the shipment of order %(order)s (%(status)s): %(message)s"
)
WEB_PAGE = gettext_noop(
    "%(marketplace)s answered the shipment of order %(order)s with a web page, which "
    "says nothing of it."
)
EMPTY = gettext_noop("an empty answer")
OTHER_XML = gettext_noop("XML of another kind")


@dataclass(frozen=True)
class Said:
    """What an answer says in words, and whether that is a failure, of which code."""

    words: str = ""
    is_failure: bool = False
    code: str = ""

    def refuses(self, status: int) -> bool:
        """Whether it is about who asks. Some say so with a status of 200 or 400."""
        return (
            status in {401, 403}
            or self.code in {"401", "403"}
            or "authentication key" in self.words.lower()
        )


def said_by(reply: Reply) -> Said:
    """Return what an answer that is no list says."""
    answer = read_json(reply)
    if answer is not None:
        is_failure = isinstance(answer, dict) and answer.get("success") is False
        return Said(_words_of_json(answer), is_failure)
    if "html" in reply.content_type or HTML.match(reply.content):
        return Said()
    try:
        document = read_document(reply.content[:MOST_LOOKED_AT])
    except NoDocument:
        is_text = reply.content_type == "text/plain"
        text = reply.content[:MOST_LOOKED_AT].decode(errors="replace")
        return Said(clean(text) if is_text else "")
    return _said_in_xml(document)


def _words_of_json(answer: Any, depth: int = 3) -> str:
    if isinstance(answer, str):
        return clean(answer)
    if not isinstance(answer, dict) or not depth:
        return ""
    for name in SAYING:
        if words := _words_of_json(answer.get(name), depth - 1):
            return words
    return ""


def _said_in_xml(document: Document) -> Said:
    texts = {
        name: clean(value)
        for name, value in document.elements
        if isinstance(value, str)
    }
    words = " ".join(filter(None, texts.values())) or clean(document.text)
    words = words or OTHER_XML
    return Said(
        texts.get("faultstring") or texts.get("message") or words,
        document.root.lower() in {"fault", "error"},
        texts.get("faultcode", ""),
    )


def read_list(reply: Reply) -> Document | None:
    """Return the list that an answer is, or None when it is none.

    One with orders and a fault raises `NoDocument` in words.
    """
    try:
        document = read_document(reply.content)
    except NoDocument as error:
        if str(error) == UNREADABLE_XML or HTML.match(reply.content):
            return None
        raise
    return document if document.root == "Orders" else None


def failure_to_list(
    reply: Reply, said: Said, marketplace: str, has_worked: bool
) -> MarketplaceError:
    """Return what to raise for an answer that is no list of orders."""
    if reply.status != 200 or said.refuses(reply.status):
        # Of a list, a 404 is no word on an order.
        return _refusal(reply, said, marketplace, NotTheMarketplace)
    if not reply.content.strip() and not has_worked:
        return TokenRefused(NOTHING_SAID, marketplace=marketplace)
    return MarketplaceUnavailable(
        NOT_ORDERS, marketplace=marketplace, what=said.words[:LONGEST] or _kind(reply)
    )


def failure_to_ship(
    reply: Reply, said: Said, marketplace: str, order: str
) -> MarketplaceError | None:
    """Return what to raise for the answer to a notice; None where it was taken.

    Which proves nothing: some take what they do not know. A page for people, as one of
    maintenance, comes from no program that takes notices.
    """
    if said.refuses(reply.status):
        return _refusal(reply, said, marketplace)
    if 200 <= reply.status < 300:
        if HTML.match(reply.content):
            return MarketplaceUnavailable(
                WEB_PAGE, marketplace=marketplace, order=order
            )
        if not said.is_failure:
            return None
    elif not isinstance(
        error := _refusal(reply, said, marketplace), MarketplaceRefused
    ):
        return error
    return MarketplaceRefused(
        NOT_TAKEN,
        marketplace=marketplace,
        order=order,
        status=reply.status,
        message=said.words[:LONGEST] or _kind(reply),
    )


def _refusal(
    reply: Reply,
    said: Said,
    marketplace: str,
    unknown: type[MarketplaceRefused] = MarketplaceRefused,
) -> MarketplaceError:
    message = said.words[:LONGEST] or _kind(reply)
    if said.refuses(reply.status):
        return TokenRefused(
            NO_CREDENTIALS,
            marketplace=marketplace,
            status=reply.status,
            message=message,
        )
    return failure_of(reply, unknown, marketplace, message)


def _kind(reply: Reply) -> str:
    """Name what came."""
    if not reply.content.strip():
        return EMPTY
    answer = read_json(reply)
    if answer is None and not (
        "html" in reply.content_type or HTML.match(reply.content)
    ):
        return UNREADABLE_XML
    return "HTML" if answer is None else kind_of(reply, answer)
