"""What a cause is: something wrong with an order or a store, known alike everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    TextField,
)
from django.db.models.functions import Cast, Concat
from django.utils import timezone as clock
from django.utils.functional import Promise

from backoffice.kit import zones
from orders.advice import Step
from orders.models import ImportProblem, Order, Shipment, WorkMark
from stores.models import Store

# The way from a row to its store.
WAYS = {
    Store: "",
    Order: "store__",
    ImportProblem: "store__",
    Shipment: "order__store__",
}
ROW, EACH = F("pk"), Q()


@dataclass(frozen=True, eq=False, kw_only=True)
class Cause:
    """Something that can be wrong, as it is named, explained and said everywhere."""

    # What marks and alerts are stored under. Without an alarm, no mail tells of it.
    kind: str
    alarm: str = ""
    title: Promise
    # What it means, and what to do first.
    meaning: Promise
    # Who may act is whoever may take this step.
    step: Step
    # Said of one row, with its facts, and of how many a store has.
    one: Promise | str
    facts: Callable[[Any], dict[str, Any]] = lambda row: {}
    many: Any = ""
    # It stops the work: every page says it.
    is_urgent: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Derived(Cause):
    """A cause that is worked out, and kept by store (see `figures`)."""

    figure: str
    # Those that are shown: each with its store, its order and since when.
    rows: Callable[[list[Any]], list[tuple[Any, Any]]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Stored(Cause):
    """A cause that rows of one model say."""

    rows: Callable[[datetime], QuerySet]
    # The column that says since when.
    since: str
    # What an item is known by, and the columns its rows share where they are several.
    key: F | Concat = ROW
    shared: tuple[str, ...] = ()
    # The rows its alarm is about.
    alarming: Q = EACH
    # Of its tile on the front page.
    icon: str = ""

    @cached_property
    def model(self) -> type[Model]:
        return self.rows(clock.now()).model

    def standing(self, now: datetime) -> QuerySet:
        """Return its rows with their `work_cause`; of no store that is off."""
        rows = self.rows(now).order_by()
        # Not by those that are on: SQLite would begin with all the orders of each.
        off = Store.objects.filter(is_active=False)
        rows = rows.exclude(**{f"{WAYS[rows.model]}pk__in": off})
        return rows.annotate(work_cause=Cast(self.key, TextField()))

    def items(self, now: datetime) -> QuerySet:
        """Return its standing rows, of several with one key the oldest alone."""
        rows = self.standing(now)
        if not self.shared:
            return rows
        since = OuterRef(self.since)
        is_older = Q(**{f"{self.since}__lt": since})
        is_older |= Q(**{self.since: since}, pk__lt=OuterRef("pk"))
        same = {name: OuterRef(name) for name in self.shared}
        return rows.filter(~Exists(self.rows(now).filter(is_older, **same)))

    def awake(self, now: datetime) -> QuerySet:
        """Return the rows of the items that nobody lets sleep."""
        asleep = WorkMark.objects.filter(kind=self.kind, snoozed_until__gt=now)
        marked = asleep.filter(cause=OuterRef("work_cause"))
        return self.items(now).filter(~Exists(marked))


def with_store(rows: QuerySet) -> QuerySet:
    """Return rows with the key of their store as `of`.

    As a sum: SQLite would rather read all orders of a store by an index that begins
    with it than the few that are wanted.
    """
    return rows.annotate(of=F(f"{WAYS[rows.model]}pk") + 0)


def counted(rows: QuerySet) -> list[tuple[Store, int]]:
    """Return each store of these rows with their number."""
    found = rows.order_by().values_list(f"{WAYS[rows.model]}pk")
    counts = dict(found.annotate(Count("pk")))
    return [(one, counts[one.pk]) for one in Store.objects.filter(pk__in=counts)]


def written_moment(at: datetime) -> str:
    return zones.local(at).strftime("%Y-%m-%d %H:%M %Z")
