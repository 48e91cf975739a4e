"""What words of status mean at a store: those that nobody knows, and its own."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KT

from orders.models import ImportProblem, Order
from stores.marketplaces.base import OrderStatus
from stores.marketplaces.values import clean
from stores.models import Store

UNKNOWN = OrderStatus.NEEDS_REVIEW
# What a store may have of its own, and how long a word may be.
MOST_WORDS = 200
LONGEST_WORD = 50
# Of those nobody knows, the most frequent.
MOST_UNKNOWN = 100


@dataclass(frozen=True)
class Counted:
    """How many orders wait because of a word, and how many open problems say it."""

    orders: int = 0
    problems: int = 0


def fold_word(word: str) -> str:
    """Return a word of status as it is looked up."""
    return clean(word).lower()


def known_meanings(store: Store) -> Mapping[str, OrderStatus]:
    """Return what words mean before the store's own."""
    return store.connector.status_words(store.connection_settings)


def own_words(store: Store, meant: Mapping[str, str]) -> dict[str, str]:
    """Return what of these meanings the store has to keep.

    A word that means what it means anyway is none of its own.
    """
    preset = known_meanings(store)
    return {
        word: OrderStatus(status).value
        for word, status in sorted(meant.items())
        if status != preset.get(word, UNKNOWN)
    }


def are_words(given: object) -> bool:
    """Whether something that came from outside is a table of words, within bounds."""
    return (
        isinstance(given, dict)
        and len(given) <= MOST_WORDS
        and all(is_word(word) for word in given)
        and all(status in OrderStatus.values for status in given.values())
    )


def is_word(word: str) -> bool:
    """Whether a store may say what it means."""
    return 0 < len(word) <= LONGEST_WORD and word == fold_word(word)


def count_waiting(store: Store) -> dict[str, Counted]:
    """Return how often each word keeps orders waiting, the most frequent first."""
    orders: Counter[str] = Counter()
    # Held, they wait too. Each by itself: with `IN`, SQLite would use no index.
    for status in (UNKNOWN, OrderStatus.ON_HOLD):
        waiting = store.orders.filter(status=status, marketplace_state=UNKNOWN)
        orders += _by_word(waiting.order_by().values_list("marketplace_status"))
    standing = ImportProblem.objects.filter(
        store=store, kind=ImportProblem.Kind.UNKNOWN_STATUS, resolved_at=None
    ).order_by()
    problems = _by_word(standing.values_list(KT("message_facts__facts__word")))
    counted = {
        word: Counted(orders[word], problems[word])
        for word in orders | problems
        if is_word(word)
    }
    by_count = sorted(
        counted.items(), key=lambda one: (-one[1].orders, -one[1].problems, one[0])
    )
    return dict(by_count)


def count_unknown(store: Store) -> dict[str, Counted]:
    """Return how often the most frequent of the words occur that nobody knows."""
    known, waiting = store.words, count_waiting(store).items()
    unknown = ((word, counted) for word, counted in waiting if word not in known)
    return dict(islice(unknown, MOST_UNKNOWN))


def orders_that_say(store: Store, words: Iterable[str]) -> QuerySet[Order]:
    """Return the store's orders whose word of status is one of these."""
    wanted = set(words)
    # The database's own lower case is not everybody's.
    said = store.orders.order_by().values_list("marketplace_status", flat=True)
    spelled = [word for word in said.distinct() if fold_word(word) in wanted]
    return store.orders.filter(marketplace_status__among=spelled)


def _by_word(rows: QuerySet[Any, Any]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for word, count in rows.annotate(count=Count("pk")):
        counted[fold_word(word or "")] += count
    return counted
