"""A change of how a store's orders are read, applied to those that are here."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from itertools import chain
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from backoffice import audit
from backoffice.kit.errors import NotAllowed
from backoffice.kit.paging import count_rows
from backoffice.kit.sentences import sentence
from backoffice.models import AuditEntry
from orders.importing import runs
from orders.importing.rereading import Settings, read_again, read_alike, read_otherwise
from orders.importing.triage import name_of_words
from orders.models import Job, Replay
from orders.models.readings import settings_of
from stores.models import Store

# More are read by a job, in batches of their own transactions.
MOST_AT_ONCE = 2000
ORDERS_A_TIME = 500

# How orders had been read, by `Order.read_with`: their keys.
Readings = dict[str, list[int]]
# An order's key, and how it is to be read: as it once was, or as its store says.
Step = tuple[int, str | None]


def apply(
    store: Store, settings: Settings, by: User | None, seen: Settings | None = None
) -> Replay:
    """Give the store these settings and read all its stored orders with them.

    In one transaction, without asking the marketplace. An order whose payload cannot
    be read stays as it is. Raises `AlreadyRunning` during an import, and `NotAllowed`
    when the settings are others by now than those that were `seen`.
    """
    with _held(store):
        replay, keys = _begin(store, settings, by, seen)
        keep_readings(replay, [read_on(replay, some) for some in _chunks(keys)])
        replay.refresh_from_db()
        # The second of two clicks leaves nothing to undo.
        if not _earlier(replay) and replay.before == replay.after:
            replay.delete()
    return replay


def is_long(store: Store, settings: Settings) -> bool:
    """Whether so many orders are to be read that a job does it."""
    otherwise = read_otherwise(settings.on(store))
    return count_rows(otherwise, MOST_AT_ONCE) > MOST_AT_ONCE


def begin_replay(
    store: Store, settings: Settings, by: User | None, seen: Settings | None = None
) -> Job:
    """Give the store these settings; the job reads its stored orders with them.

    What comes in meanwhile is read with them too. Raises what `apply` raises.
    """
    with _held(store):
        replay, keys = _begin(store, settings, by, seen)
        facts = {"store": store.pk, "name": store.name, "replay": replay.pk}
        return Job.objects.ask(Job.Kind.REPLAY, facts, keys, by)


def read_on(replay: Replay, keys: list[int]) -> Readings:
    """Read orders as the replay says, and return how they had been read.

    Raises `NotAllowed` once the store has yet other settings.
    """
    store = Store.objects.get(pk=replay.store_id)
    if Settings.of(store) != Settings(**replay.after):
        message = sentence("%(store)s has other settings by now.")
        raise NotAllowed(message % {"store": store})
    done = read_again(store, keys)
    changed = F("changed") + done.changed
    Replay.objects.filter(pk=replay.pk).update(changed=changed)
    return done.readings


def keep_readings(replay: Replay, parts: Iterable[Readings]) -> None:
    """Keep how orders had been read, for the way back."""
    with transaction.atomic():
        row = Replay.objects.select_for_update().get(pk=replay.pk)
        for part in parts:
            for reading, keys in part.items():
                row.readings.setdefault(reading, []).extend(keys)
        row.save(update_fields=["readings"])


def save(
    store: Store, settings: Settings, by: User | None, seen: Settings | None = None
) -> None:
    """Give the store these settings; stored orders stay until they come in again."""
    with _held(store):
        _refuse_newer(store, seen)
        _set(store, settings, by)


def undo(replay: Replay, by: User | None) -> Replay:
    """Give the store its earlier settings and every order its earlier reading.

    Orders that were read since are read with the store's earlier settings. Raises
    `NotAllowed` when it is not the last replay, and `AlreadyRunning` during an import.
    """
    with _held(replay.store):
        for steps in _chunks(_begin_undo(replay, by)):
            undo_on(replay, steps)
        return end_undo(replay, by)


def is_undoing_long(replay: Replay) -> bool:
    """Whether so many orders are to be read as before that a job does it."""
    return sum(map(len, _earlier(replay).values())) > MOST_AT_ONCE


def begin_undo(replay: Replay, by: User | None) -> Job:
    """Give the store its earlier settings; the job reads its orders as they were.

    Raises what `undo` raises.
    """
    with _held(replay.store):
        store = replay.store
        facts = {"store": store.pk, "name": store.name, "replay": replay.pk}
        return Job.objects.ask(Job.Kind.UNDO, facts, _begin_undo(replay, by), by)


def undo_on(replay: Replay, steps: list[Step]) -> None:
    """Read orders as they had been read before the replay."""
    store = Store.objects.get(pk=replay.store_id)
    tables = _tables(store)
    keys = defaultdict(list)
    for key, reading in steps:
        keys[reading].append(key)
    for reading, some in keys.items():
        settings = Settings.of(store)
        if reading:
            zone, has_variation, words = settings_of(reading)
            own = tables.get(words, store.status_words)
            settings = Settings(zone, has_variation, own)
        read_again(settings.on(store), some)


def end_undo(replay: Replay, by: User | None) -> Replay:
    """Note that the replay is undone."""
    replay = Replay.objects.get(pk=replay.pk)
    replay.undone_at, replay.undone_by = clock.now(), by
    replay.save(update_fields=["undone_at", "undone_by"])
    return replay


def last_replay(store: Store) -> Replay | None:
    """Return the replay that can be undone: the last one, while its settings stand."""
    replay = store.replays.filter(undone_at=None).first()
    if replay and Settings(**replay.after) == Settings.of(store):
        return replay
    return None


@contextmanager
def _held(store: Store) -> Iterator[None]:
    """Hold the store for one transaction, unless a job reads its orders again."""
    with runs.hold_store(store) as guard, transaction.atomic():
        guard()
        if Job.objects.unfinished().filter(facts__store=store.pk).exists():
            message = _(
                "The stored orders of %(store)s are being read again; wait for the end "
                "of that job, or stop it."
            )
            raise NotAllowed(message % {"store": store})
        store.refresh_from_db()
        yield


def _begin(
    store: Store, settings: Settings, by: User | None, seen: Settings | None
) -> tuple[Replay, list[int]]:
    """Give the store these settings; return the replay and the orders to read."""
    _refuse_newer(store, seen)
    replay = Replay(
        store=store,
        made_by=by,
        made_at=clock.now(),
        before=asdict(Settings.of(store)),
        after=asdict(settings),
    )
    _set(store, settings, by)
    # Read so already, they stay so when the change is undone.
    alike = store.orders.filter(read_alike(store))
    for reading, pk in alike.values_list("read_with", "pk"):
        replay.readings.setdefault(reading, []).append(pk)
    replay.save()
    return replay, list(read_otherwise(store).values_list("pk", flat=True))


def _begin_undo(replay: Replay, by: User | None) -> list[Step]:
    """Give the store its earlier settings; return how its orders are to be read."""
    store = replay.store
    replay = Replay.objects.select_for_update().get(pk=replay.pk)
    if last_replay(store) != replay:
        raise NotAllowed(_("This change cannot be undone any more."))
    had = set(chain.from_iterable(replay.readings.values()))
    alike = store.orders.filter(read_alike(store)).values_list("pk", flat=True)
    steps: list[Step] = [
        (pk, reading) for reading, pks in _earlier(replay).items() for pk in pks
    ]
    steps += [(pk, None) for pk in alike if pk not in had]
    _set(store, Settings(**replay.before), by)
    return steps


def _earlier(replay: Replay) -> dict[str, list[int]]:
    """Return how the orders that were read again had been read: in another way."""
    settings = Settings(**replay.after)
    after = (
        settings.timezone,
        settings.import_variation_as_option,
        name_of_words(settings.status_words),
    )
    return {
        reading: pks
        for reading, pks in replay.readings.items()
        if settings_of(reading) != after
    }


def _tables(store: Store) -> dict[str, Mapping[str, str]]:
    """Return all that own words of status have meant here, by what names them.

    They change by a replay alone.
    """
    pairs = store.replays.values_list("before", "after")
    found = (one.get("status_words", {}) for pair in pairs for one in pair)
    return {"": {}} | {name_of_words(words): words for words in found}


def _refuse_newer(store: Store, seen: Settings | None) -> None:
    if seen and seen != Settings.of(store):
        message = _(
            "Somebody changed how orders of %(store)s are read meanwhile; look at what "
            "would change now."
        )
        raise NotAllowed(message % {"store": store})


def _set(store: Store, settings: Settings, by: User | None) -> None:
    """Store the settings; what was suspected of the earlier zone is void."""
    changes = _what_differs(Settings.of(store), settings)
    if changes:
        kind = AuditEntry.Kind.SETTINGS
        audit.record(kind, by=by, about=store, changes=changes, store_key=store.pk)
    for name, value in asdict(settings).items():
        setattr(store, name, value)
    store.suspected_timezone, store.suspected_since = "", None
    store.save(
        update_fields=[*asdict(settings), "suspected_timezone", "suspected_since"]
    )


def _what_differs(before: Settings, after: Settings) -> list[audit.Change]:
    """Return what changes from one to the other, of words each by itself."""
    was, is_now = asdict(before), asdict(after)
    words = audit.what_differs(was.pop("status_words"), is_now.pop("status_words"))
    return audit.what_differs(was, is_now) + [
        ("status_words", _said(word, had), _said(word, has)) for word, had, has in words
    ]


def _said(word: str, status: str | None) -> str:
    return f"{word}: {status}" if status else ""


def _chunks(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), ORDERS_A_TIME):
        yield items[start : start + ORDERS_A_TIME]
