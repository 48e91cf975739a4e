"""Ask the connected stores for an order that is not here; nothing is written."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime

from django.db.models import Max, Min
from django.utils.translation import gettext as _

from orders.advice import Advice, Step, day_of, minute_of, names_of
from orders.importing.fetching import fetch_order
from orders.models import ImportRun
from stores.access import Limit, within
from stores.failures import in_words
from stores.marketplaces import MARKETPLACES
from stores.marketplaces.abilities import Window
from stores.marketplaces.base import (
    PADDING,
    Marketplace,
    MarketplaceError,
    MarketplaceOrder,
    MarketplaceUnavailable,
    OrderNotFound,
    OrderStatus,
    TokenRefused,
    UnreadableOrder,
    gettext_noop,
)
from stores.models import Store
from stores.tokens import TokenUnreadable

MOST_STORES = 10
# Seconds for all stores together; they are asked at the same time.
PATIENCE = 15.0
TOO_SLOW = gettext_noop("%(marketplace)s did not answer (%(reason)s).")

Answer = MarketplaceOrder | MarketplaceError | TokenUnreadable


def find_live(
    number: str, patience: float = PATIENCE, limit: Limit = None
) -> list[Advice]:
    """Say what the marketplaces of the connected stores know of an order.

    Where none has it, all that keeps the answer from being certain is said too.
    """
    stores = list(within(Store.objects.all(), limit, "pk"))
    active = [store for store in stores if store.is_active]
    off = [store for store in stores if not store.is_active]
    refused = [one for one in active if one.connection == Store.Connection.REFUSED]
    connected = [store for store in active if store not in refused]
    in_lists = [one for one in connected if not one.abilities.reads_single_orders]
    able = [store for store in connected if store not in in_lists]
    fitting = [one for one in able if one.connector.is_order_id(number)]
    asked, left_out = fitting[:MOST_STORES], fitting[MOST_STORES:]
    answers = _ask(asked, number, patience)
    if found := list(_found(answers, number)):
        return found
    unclear = [
        _about_failure(store, number, answer)
        for store, answer in answers.items()
        if not isinstance(answer, MarketplaceOrder | OrderNotFound)
    ]
    unclear += [_refused(store, number) for store in refused]
    unclear += _not_asked(number, off, in_lists, left_out)
    unknown = [one for one in able if one not in fitting] + [
        store for store, answer in answers.items() if isinstance(answer, OrderNotFound)
    ]
    if unknown or not unclear:
        return [_nowhere(number, unknown, is_sure=not unclear), *unclear]
    return unclear


def _not_asked(
    number: str, off: list[Store], in_lists: list[Store], left_out: list[Store]
) -> Iterable[Advice]:
    """Yield why some stores were not asked."""
    for sentence, group in (
        (_("Switched off, and so not asked for order %(order)s: %(stores)s."), off),
        (
            _(
                "These shops show orders in lists alone, and so cannot be asked for "
                "order %(order)s: %(stores)s."
            ),
            in_lists,
        ),
        (_("Too many stores to ask all for order %(order)s: %(stores)s."), left_out),
    ):
        if group:
            names = {"order": number, "stores": _list(group)}
            yield Advice(number, sentence % names)


def may_be_known(number: str) -> bool:
    """Whether the order numbers of a marketplace of ours look like it."""
    keys = Store.objects.order_by().values_list("marketplace", flat=True).distinct()
    connectors = [MARKETPLACES[key] for key in keys] or MARKETPLACES.values()
    return any(one.is_order_id(number) for one in connectors)


def _ask(stores: list[Store], number: str, patience: float) -> dict[Store, Answer]:
    """Return what each store's marketplace says: the order, or why there is none."""
    answers: dict[Store, Answer] = {
        store: MarketplaceUnavailable(
            TOO_SLOW, marketplace=store.get_marketplace_display(), reason="Timeout"
        )
        for store in stores
    }
    calls = {}
    # No context manager: it would wait for calls that hang.
    pool = ThreadPoolExecutor(max_workers=MOST_STORES)
    for store in stores:
        try:
            # Less patience than an import has: somebody is waiting.
            marketplace = store.connect(
                connect_timeout=patience / 4,
                read_timeout=patience,
                deadline=patience * 0.9,
            )
        except (TokenUnreadable, MarketplaceUnavailable) as error:
            answers[store] = error
        else:
            calls[store] = pool.submit(_retrieve, marketplace, store, number)
    done, _late = wait(calls.values(), timeout=patience)
    pool.shutdown(wait=False, cancel_futures=True)
    answers |= {store: call.result() for store, call in calls.items() if call in done}
    return answers


def _retrieve(marketplace: Marketplace, store: Store, number: str) -> Answer:
    """Read the order; runs in a thread, so it neither reads nor writes rows."""
    try:
        return fetch_order(number, marketplace, store).facts
    except MarketplaceError as error:
        return error


def _found(answers: dict[Store, Answer], number: str) -> Iterable[Advice]:
    for store, answer in answers.items():
        names = names_of(store, number)
        if isinstance(answer, MarketplaceOrder):
            yield _about_order(store, answer)
        elif isinstance(answer, UnreadableOrder):
            sentence = _(
                "Order %(order)s is at %(marketplace)s under %(store)s, but cannot be "
                "read: %(error)s"
            )
            names["error"] = in_words(answer)
            yield Advice(number, sentence % names, Step.IMPORT, store=store)


def _about_order(store: Store, facts: MarketplaceOrder) -> Advice:
    """Say why an order that the marketplace has is not here."""
    step = Step.IMPORT
    names = names_of(store, facts.order_number or facts.order_id) | {
        "day": day_of(facts.ordered_at, store),
        "at": minute_of(facts.ordered_at, store),
        "status": _(facts.status.label),
    }
    if not facts.has_any_ship_to:
        # An import would only put it among the problems.
        step = Step.NONE
        sentence = _(
            "Order %(order)s of %(store)s is at %(marketplace)s (%(status)s), but has "
            "no ship-to address; it can be imported once it has one."
        )
    elif facts.status == OrderStatus.AWAITING_PAYMENT:
        sentence = _(
            "Order %(order)s of %(store)s is at %(marketplace)s, placed on %(day)s and "
            "not paid yet."
        )
    else:
        sentence = _why_missed(store, facts.ordered_at)
    return Advice(facts.order_id, sentence % names, step, store=store)


def _why_missed(store: Store, ordered_at: datetime) -> str:
    """Return the sentence for an order by the windows that imports have read."""
    if store.abilities.window == Window.MODIFIED:
        return _(
            "Order %(order)s of %(store)s is at %(marketplace)s (%(status)s) and not "
            "here: this shop lists what has changed, and the order has not since its "
            "imports began, or only just now."
        )
    windows = ImportRun.objects.filter(
        store=store,
        status=ImportRun.Status.COMPLETE,
        kind__in=[ImportRun.Kind.REFRESH, ImportRun.Kind.RANGE],
    )
    reach = windows.aggregate(first=Min("window_start"), last=Max("window_end"))
    if reach["first"] is None:
        return _(
            "Order %(order)s of %(store)s is at %(marketplace)s (%(status)s) and not "
            "here, because no import of the store has been complete yet."
        )
    if ordered_at > reach["last"]:
        return _(
            "Order %(order)s of %(store)s is at %(marketplace)s (%(status)s), placed "
            "after the last complete import (%(at)s); the next one brings it in."
        )
    if ordered_at < reach["first"] - PADDING:
        return _(
            "Order %(order)s of %(store)s is at %(marketplace)s (%(status)s) and not "
            "here, because it was placed on %(day)s, before any window read."
        )
    covering = windows.filter(
        window_start__lte=ordered_at + PADDING, window_end__gte=ordered_at
    )
    if not covering.exists():
        return _(
            "Order %(order)s of %(store)s is at %(marketplace)s (%(status)s) and not "
            "here, because it was placed on %(day)s, outside every window read."
        )
    return _(
        "Order %(order)s of %(store)s is at %(marketplace)s (%(status)s), placed on "
        "%(day)s in a window that was read, and yet not here."
    )


def _about_failure(
    store: Store, number: str, error: MarketplaceError | TokenUnreadable
) -> Advice:
    """Say that a store gave no answer, which tells nothing of the order."""
    if isinstance(error, TokenRefused):
        return _refused(store, number)
    if isinstance(error, TokenUnreadable):
        sentence = _("%(store)s could not be asked for order %(order)s: %(error)s")
        names = names_of(store, number) | {"error": str(error)}
        return Advice(number, sentence % names, Step.REPLACE_TOKEN, store=store)
    sentence = _(
        "%(store)s could not be asked, so whether it has order %(order)s is not known: "
        "%(error)s"
    )
    names = names_of(store, number) | {"error": in_words(error)}
    return Advice(number, sentence % names, store=store)


def _refused(store: Store, number: str) -> Advice:
    sentence = (
        _(
            "%(marketplace)s refuses the access token of %(store)s, so whether it has "
            "order %(order)s is not known."
        )
        if store.is_opened_by_token
        else _(
            "%(marketplace)s refuses the credentials of %(store)s, so whether it has "
            "order %(order)s is not known."
        )
    )
    return Advice(
        number, sentence % names_of(store, number), Step.REPLACE_TOKEN, store=store
    )


def _nowhere(number: str, unknown: list[Store], is_sure: bool) -> Advice:
    names = {"order": number, "stores": _list(unknown)}
    if not unknown:
        sentence = _("Order %(order)s is not here, and no store is connected.")
    elif is_sure:
        sentence = _(
            "Order %(order)s is not here, and the marketplace does not know it under "
            "any token: %(stores)s."
        )
    else:
        sentence = _(
            "Order %(order)s is not here, and the marketplace does not know it under "
            "the tokens that could be asked with: %(stores)s."
        )
    return Advice(number, sentence % names)


def _list(stores: list[Store]) -> str:
    return ", ".join(store.name for store in stores)
