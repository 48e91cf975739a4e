"""Which orders hold all words of a search, found without reading all orders.

The index is asked for so many keys as a list is made of. Where there are more, the
newest orders show whether the rows of a page are soon met in the order of the list.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import F, Func, Model, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from orders import search_index
from orders.models import Order
from orders.search_index import LETTERS
from stores.access import Limit, within

# Of more orders no list of keys is made, and no list need count them.
MOST_KEYS = 1000
# Words that are in no index are looked for among so many orders.
NEWEST = 5000
# So many of the newest orders show how common words are.
SAMPLE = 1000
# From this share on, rows are met sooner than the index is read.
COMMON = 0.05
# Below this one they are met too late, and all that the index has are sorted.
RARE = 0.01
# More trigrams narrow no search, and each costs.
TRIGRAMS_A_WORD, MOST_TRIGRAMS, LONGEST = 6, 60, 40

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Found(Generic[Row]):
    rows: QuerySet[Any, Row]
    # Whether only the `NEWEST` orders were looked at, because words are too short for
    # the index and the others find more than `MOST_KEYS` orders.
    is_of_newest: bool = False


def search(
    rows: QuerySet[Any, Row],
    words: Collection[str],
    order: str = "",
    limit: Limit = None,
) -> Found[Row]:
    """Narrow rows to those whose order, at the path `order`, holds all words."""
    hold = _hold(words, order)
    if not search_index.is_whole():
        return Found(rows.filter(hold))
    newest = list(_newest(SAMPLE).values())
    long = [word for word in words if len(word) >= LETTERS]
    is_of_newest = False
    keys = _keys(long, newest) if long else []
    if len(long) < len(words) and (not long or len(keys) > MOST_KEYS):
        among = _newest(NEWEST, limit)
        keys = [key for key, text in among.items() if _holds(text, words)]
        is_of_newest = len(among) == NEWEST
    if len(keys) <= MOST_KEYS:
        found = rows.filter(hold, **{f"{order}pk__in": keys})
        return Found(found, is_of_newest=is_of_newest)
    if _share(long, newest) >= COMMON:
        return Found(rows.filter(_hold_on_the_way(words, order)))
    return Found(_by_index(rows, f"{order}pk", long, newest).filter(hold))


def with_part(part: str) -> list[int]:
    """Return the keys of orders in whose text it is, at least three letters long."""
    return _keys_by_index([part], list(_newest(SAMPLE).values()))[:MOST_KEYS]


def _newest(most: int, limit: Limit = None) -> dict[int, str]:
    """Return the texts of the newest orders by their keys."""
    newest = within(Order.objects.order_by("-ordered_at", "-pk"), limit)
    return dict(newest.values_list("pk", "search_text")[:most])


def _holds(text: str, words: Iterable[str]) -> bool:
    return all(word in text for word in words)


def _hold(words: Iterable[str], order: str = "") -> Q:
    path = f"{order}search_text__contains"
    return reduce(and_, (Q(**{path: word}) for word in words))


def _hold_on_the_way(words: Iterable[str], order: str = "") -> Q:
    """Return the same in a form that no index answers, so that rows are walked.

    PostgreSQL takes the words of a common name for rare together, and would read and
    sort all orders that hold them.
    """
    text = F(f"{order}search_text")
    return Q(*(GreaterThan(StrIndex(text, Value(word)), 0) for word in words))


def _share(words: Collection[str], texts: Collection[str]) -> float:
    return sum(_holds(text, words) for text in texts) / max(len(texts), 1)


def _keys(words: Collection[str], newest: Collection[str]) -> list[int]:
    """Return the keys of the orders with these words, or of more than `MOST_KEYS`."""
    if connection.vendor == "postgresql" and _share(words, newest) >= COMMON:
        # Its index is read whole before the first row comes.
        rows = Order.objects.filter(_hold_on_the_way(words)).order_by(
            "-ordered_at", "-pk"
        )
        return list(rows.values_list("pk", flat=True)[: MOST_KEYS + 1])
    return _keys_by_index(words, newest)


def _keys_by_index(words: Collection[str], newest: Collection[str]) -> list[int]:
    trigrams = _trigrams(words, newest)
    if connection.vendor == "postgresql":
        sql, values = _by_trigrams(words, trigrams)
    else:
        tables, tests, values = "orders_order", [], list[Any]()
        if search_index.is_whole():
            tables = "orders_search CROSS JOIN orders_order ON id = orders_search.rowid"
            tests.append("orders_search MATCH %s")
            values.append(_as_match(trigrams))
        tests += ["instr(orders_order.search_text, %s) > 0"] * len(words)
        values += words
        sql = f"SELECT id FROM {tables} WHERE {' AND '.join(tests)}"  # nosec B608 # constants and placeholders
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT %s", [*values, MOST_KEYS + 1])
        return [key for (key,) in cursor.fetchall()]


def _by_index(
    rows: QuerySet[Any, Row],
    path: str,
    words: Collection[str],
    newest: Collection[str],
) -> QuerySet[Any, Row]:
    """Narrow rows to those whose order's key is in the index."""
    trigrams, is_rare = _trigrams(words, newest), _share(words, newest) < RARE
    if connection.vendor == "sqlite":
        keys = "SELECT rowid FROM orders_search WHERE orders_search MATCH %s"
        key = F(path) if is_rare else _KeyOnTheWay(F(path))
        found = RawSQL(keys, [_as_match(trigrams)])  # nosec B611 # constants and placeholders
        return rows.alias(order_key=key).filter(order_key__in=found)
    if is_rare:
        found = RawSQL(*_by_trigrams(words, trigrams))  # nosec B611 # constants and placeholders
        return rows.filter(**{f"{path}__in": found})
    return rows


def _by_trigrams(
    words: Collection[str], trigrams: Collection[str]
) -> tuple[str, list[Any]]:
    """Return how PostgreSQL finds the keys of all orders with these words."""
    # It takes an equality for rare, and so asks the index: two common words may have no
    # order in common, for which it would read them all.
    tests = ["search_text LIKE %s"] * len(trigrams)
    tests += ["sign(strpos(search_text, %s)) = 1"] * len(words)
    values = [f"%{one}%" for one in trigrams] + [*words]
    return f"SELECT id FROM orders_order WHERE {' AND '.join(tests)}", values  # nosec B608 # constants and placeholders


def _trigrams(words: Iterable[str], newest: Iterable[str]) -> list[str]:
    """Return what any text with these words holds too, the rarest first."""
    texts = "".join(newest)
    often: dict[str, int] = {}
    for word in words:
        ends = range(LETTERS, min(len(word), LONGEST) + 1)
        found = {word[end - LETTERS : end] for end in ends}
        counts = {one: texts.count(one) for one in found}
        rarest = sorted(counts, key=lambda one: (counts[one], one))
        often |= {one: counts[one] for one in rarest[:TRIGRAMS_A_WORD]}
    return sorted(often, key=lambda one: (often[one], one))[:MOST_TRIGRAMS]


def _as_match(trigrams: Iterable[str]) -> str:
    return " AND ".join(f'"{one}"' for one in trigrams)


class _KeyOnTheWay(Func):
    """A key that tells of a row on the way whether it is found.

    Otherwise SQLite would read and sort all that are found. Rows in no order, as those
    that are counted, come by the index.
    """

    template = "%(expressions)s"
    output_field = Order._meta.pk

    def as_sqlite(self, compiler: Any, connection: Any, **options: Any) -> Any:
        template = "+%(expressions)s" if compiler.query.order_by else self.template
        return self.as_sql(compiler, connection, template=template, **options)
