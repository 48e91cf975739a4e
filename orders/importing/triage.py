"""Decide what each order of a page is: new, changed, unchanged, skipped, rejected."""

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone as clock

from backoffice.kit.database import retried
from backoffice.kit.sentences import Sentence, joined, sentence
from orders.importing.payloads import canonical_digest, digest_of, is_kept_as
from orders.models import ImportProblem, Order
from stores.failures import in_words
from stores.marketplaces.base import MarketplaceOrder, OrderStatus, UnreadableOrder
from stores.models import Store

# Raise it when `parse_order` reads something new, so that stored orders are read again.
READER_VERSION = 3
# An order without a number of its own goes by this and a part of its digest.
NAMELESS = "no-id-"


@dataclass(frozen=True)
class Arrival:
    """An order to be written, with the JSON it came as.

    `kept_digest` is the stored one where it stands for the same, written otherwise. Of
    an order whose buyer is erased, nothing of a buyer is kept again.
    """

    order: MarketplaceOrder
    raw: dict[str, Any]
    digest: str
    kept_digest: str = ""
    is_erased: bool = False

    @property
    def order_id(self) -> str:
        return self.order.order_id


@dataclass(frozen=True)
class Problem:
    """What is wrong with an order; of one that is done with, for the record alone."""

    order_id: str
    kind: str
    message: str
    raw: Any
    is_done: bool = False


@dataclass
class Page:
    """What became of each order of a page; the five outcomes add up to `seen`."""

    created: list[Arrival] = field(default_factory=list)
    updated: list[Arrival] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)
    rejected: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    # Of orders that came unchanged and written otherwise: the stored digest, the new.
    digests: dict[str, tuple[str, str]] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    # What was written here since is newer than the page.
    asked_at: datetime | None = None
    # Whether the marketplace gave it; no page for an order that it does not know.
    is_given: bool = True

    def is_older_than(self, known: Any, now: datetime) -> bool:
        """Return whether an order was changed here since; a date to come is no such."""
        return self.asked_at is not None and self.asked_at < known.changed_at <= now

    def leave(self, order_ids: Collection[str]) -> None:
        """Have these orders stay as they are here, with nothing noted on them."""
        for name in ("created", "updated"):
            kept = [one for one in getattr(self, name) if one.order_id not in order_ids]
            setattr(self, name, kept)
        self.remarks = [one for one in self.remarks if one.order_id not in order_ids]
        self.unchanged += order_ids

    @property
    def seen(self) -> int:
        return sum(self.counts.values())

    @property
    def counts(self) -> dict[str, int]:
        outcomes = ("created", "updated", "unchanged", "skipped", "rejected")
        return {name: len(getattr(self, name)) for name in outcomes}


def triage(
    store: Store,
    raws: Iterable[Any],
    *,
    window: tuple[datetime, datetime] | None = None,
    already_seen: Container[str] = frozenset(),
    asked_at: datetime | None = None,
) -> Page:
    """Decide what each order of a page is, reading the database but not writing.

    What was written here since the page was asked for is newer than the page.
    """
    connector, words = store.connector, store.words
    page = Page(asked_at=asked_at)
    by_id = _by_number(store, raws, page, already_seen)
    here = _here(store, by_id)
    settings, now = reader_settings(store), clock.now()
    digests = {order_id: digest_of(raw) for order_id, raw in by_id.items()}
    kept = _kept_as_came(store, by_id, here, digests)
    for order_id, raw in by_id.items():
        known = here.get(order_id)
        was, digest = known.digest if known else "", digests[order_id]
        is_same = was == digest or order_id in kept
        is_read_alike = known and known.read_with == settings
        is_newer_here = known and page.is_older_than(known, now)
        if known and (is_newer_here or (is_same and is_read_alike)):
            if order_id in kept and not is_newer_here:
                page.digests[order_id] = was, digest
            if order_id not in already_seen and _is_within(known.ordered_at, window):
                page.unchanged.append(order_id)
        elif order_id not in already_seen:
            is_erased = bool(known and known.erased_at)
            try:
                order = connector.parse_order(raw, store.zone, words)
            except UnreadableOrder as error:
                problem = _unreadable(order_id, error, None if is_erased else raw)
                page.rejected.append(problem)
            else:
                arrival = Arrival(order, raw, digest, was if is_same else "", is_erased)
                _decide(page, store, arrival, window, is_known=known is not None)
    return page


def _by_number(
    store: Store, raws: Iterable[Any], page: Page, already_seen: Container[str]
) -> dict[str, Any]:
    """Return the orders by their numbers; those without one are put on the page."""
    connector = store.connector
    by_id: dict[str, Any] = {}
    for raw in raws:
        try:
            by_id.setdefault(connector.order_id(raw), raw)
        except UnreadableOrder as error:
            name = nameless(raw)
            page.ids.append(name)
            if name not in already_seen:
                page.rejected.append(_unreadable(name, error, raw))
    page.ids += by_id
    return by_id


def _here(store: Store, order_ids: Iterable[str]) -> dict[str, Any]:
    """Return what is known of these orders, by their numbers."""
    rows = Order.objects.filter(store=store).numbered(order_ids)
    columns = (
        "marketplace_order_id",
        "digest",
        "read_with",
        "ordered_at",
        "changed_at",
        "erased_at",
    )
    # The call before took long: the database may have gone away meanwhile.
    found = retried(lambda: list(rows.values_list(*columns, named=True)))
    return {row.marketplace_order_id: row for row in found}


def _kept_as_came(
    store: Store, raws: dict[str, Any], here: dict[str, Any], digests: dict[str, str]
) -> set[str]:
    """Return of which of these orders the kept payload says the same as a new digest.

    The marketplace may write the same in another way, and digests of earlier days are
    of the JSON written anew.
    """
    differing = [key for key, known in here.items() if known.digest != digests[key]]
    if not differing:
        return set()
    rows = Order.objects.filter(store=store).numbered(differing)
    payloads = rows.values_list("marketplace_order_id", "payload")
    found = retried(lambda: list(payloads))
    return {order_id for order_id, kept in found if is_kept_as(raws[order_id], kept)}


def _decide(
    page: Page,
    store: Store,
    arrival: Arrival,
    window: tuple[datetime, datetime] | None,
    *,
    is_known: bool,
) -> None:
    """Put an order that is new or has changed where it belongs on the page."""
    order = arrival.order
    if is_known:
        page.updated.append(arrival)
    elif not _is_within(order.ordered_at, window):
        return
    elif not order.has_any_ship_to:
        page.skipped.append(_no_address(store, order, arrival.raw))
        return
    else:
        page.created.append(arrival)
    if not arrival.is_erased:
        page.remarks.extend(_remarks(store, order, arrival.raw))
    elif order.status == OrderStatus.NEEDS_REVIEW:
        page.remarks.append(status_not_known(store, order.order_id, order, None))


def reader_settings(store: Store, reader: str | int = READER_VERSION) -> str:
    """Name the settings that shape an order, so that a change of them reads it anew."""
    options = "options" if store.import_variation_as_option else "plain"
    words = name_of_words(store.status_words)
    known = _name_of_known(store)
    return f"{reader} {store.timezone} {options}{known} {words}".rstrip()


def _name_of_known(store: Store) -> str:
    """Name what words mean by themselves where that depends on how it is connected."""
    connector = store.connector
    known = connector.status_words(store.connection_settings)
    if known == connector.status_words({}):
        return ""
    return f"+{canonical_digest(dict(known))[:8]}"


def name_of_words(own: Mapping[str, str]) -> str:
    """Name what a store's own words of status mean, if it has any."""
    return canonical_digest(own)[:8] if own else ""


def nameless(raw: Any) -> str:
    """Return what stands for the number of an order that has none."""
    return f"{NAMELESS}{canonical_digest(raw)[:12]}"


def _is_within(moment: datetime, window: tuple[datetime, datetime] | None) -> bool:
    return window is None or window[0] <= moment <= window[1]


def _unreadable(order_id: str, error: UnreadableOrder, raw: Any) -> Problem:
    return Problem(order_id, ImportProblem.Kind.UNREADABLE, in_words(error), raw)


def _no_address(store: Store, order: MarketplaceOrder, raw: Any) -> Problem:
    message = sentence(
        "Order %(order)s has no ship-to address; it comes in by itself once it has one."
    )
    is_done = order.status in {OrderStatus.SHIPPED, OrderStatus.CANCELLED}
    if is_done:
        message = sentence(
            "Order %(order)s has no ship-to address, and %(marketplace)s calls it "
            "“%(word)s”: there is nothing left to ship."
        )
    names = {
        "order": order.order_number or order.order_id,
        "marketplace": store.get_marketplace_display(),
        "word": order.marketplace_status,
    }
    kind = ImportProblem.Kind.NO_ADDRESS
    return Problem(order.order_id, kind, message % names, raw, is_done)


def _remarks(store: Store, order: MarketplaceOrder, raw: Any) -> Iterable[Problem]:
    is_unknown = order.status == OrderStatus.NEEDS_REVIEW
    is_whole = not (order.unread or order.left_out)
    if is_whole and not (is_unknown or order.unknown_country):
        return
    names = {
        "order": order.order_number or order.order_id,
        "marketplace": store.get_marketplace_display(),
    }
    if is_unknown:
        yield status_not_known(store, order.order_id, order, raw)
    if order.unknown_country:
        message = sentence(
            "The country of order %(order)s, “%(word)s”, is not known here; check the "
            "address before it ships."
        ) % {**names, "word": order.unknown_country}
        yield Problem(order.order_id, ImportProblem.Kind.UNKNOWN_COUNTRY, message, raw)
    if not is_whole:
        missing = joined(_missing(order, names))
        yield Problem(order.order_id, ImportProblem.Kind.PARTLY_READ, missing, raw)


def _missing(order: MarketplaceOrder, names: dict[str, str]) -> Iterable[Sentence]:
    """Say what of an order is not here: what is no sense, and what is no parcel's."""
    if order.unread:
        yield sentence(
            "Order %(order)s came in, but %(fields)s could not be read and stays "
            "empty here; look it up at %(marketplace)s if you need it."
        ) % {**names, "fields": ", ".join(order.unread)}
    if order.left_out:
        yield sentence(
            "Of order %(order)s, no piece is left to pack of: %(items)s."
        ) % {**names, "items": ", ".join(order.left_out)}


def status_not_known(
    store: Store, order_id: str, order: MarketplaceOrder | Order, raw: Any
) -> Problem:
    """Return what stands on an order whose word of status is not known."""
    message = sentence(
        "%(marketplace)s calls the status of order %(order)s “%(word)s”, which is "
        "not known here; the order does not ship until its status is known."
    ) % {
        "order": order.order_number or order_id,
        "marketplace": store.get_marketplace_display(),
        "word": order.marketplace_status,
    }
    return Problem(order_id, ImportProblem.Kind.UNKNOWN_STATUS, message, raw)
