"""Which tests are slow, ask over HTTP, or use the queue or the cache."""

import sys
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from tests.support.http_use import uses_http

# What starts programs of its own, or breaks what it runs on; “make fast” leaves it out.
STARTERS = {"demo", "manage", "page", "shell"}
SLOW_FOLDERS = {"browser", "faults", "storage"}
# With these a test commits, and what is committed hands its tasks to the queue.
COMMITTERS = {"transactional_db", "live_server", "django_capture_on_commit_callbacks"}
# A test that imports from these speaks to the queue or to the cache itself.
QUEUE = (
    *("django_q", "django.core.cache", "tests.support.queues"),
    *("backoffice.cluster", "backoffice.kit.queue", "orders.tasks"),
)


def mark(items: list[pytest.Item]) -> None:
    for item in items:
        if _starts_programs(item):
            item.add_marker(pytest.mark.slow)
        if uses_http(item):
            item.add_marker(pytest.mark.http)
        if _commits(item) or speaks_to_queue(item.module):
            item.add_marker(pytest.mark.queue)


def spread(items: list[pytest.Item]) -> None:
    """Put slow tests that wait among the quick ones: they leave a core idle.

    pytest-django has them one after another. They go between files: within one they
    would have its fixtures made again. What commits stays where pytest-django has it,
    behind all that rolls back: PostgreSQL plans otherwise for tables that were emptied.
    """
    apart = [
        item
        for item in items
        if (_starts_programs(item) or _runs_alone(item)) and not _commits(item)
    ]
    chosen = set(apart)
    quick = [item for item in items if item not in chosen]
    # The last is begun half-way, so that its file is not the last one.
    step = len(quick) // (2 * len(apart) + 1)
    items.clear()
    placed = 0
    for place, item in enumerate(quick):
        if not items or items[-1].path != item.path:
            due = min(len(apart), place // (step or 1) + 1)
            items += apart[placed:due]
            placed = max(placed, due)
        items.append(item)
    items += apart[placed:]


def _starts_programs(item: pytest.Item) -> bool:
    # What a test is given by parametrize may be called as a fixture is.
    given = item.callspec.params if hasattr(item, "callspec") else {}
    fixtures = set(item.fixturenames).difference(given)
    return bool(STARTERS & fixtures or item.path.parent.name in SLOW_FOLDERS)


def _runs_alone(item: pytest.Item) -> bool:
    """Return whether it is slow, and not for the database of the tests."""
    is_slow = item.get_closest_marker("slow") is not None
    uses = {"db", "transactional_db"} & set(item.fixturenames)
    return is_slow and not (uses or item.get_closest_marker("django_db"))


def _commits(item: pytest.Item) -> bool:
    database = item.get_closest_marker("django_db")
    is_marked = database is not None and database.kwargs.get("transaction")
    return bool(is_marked or COMMITTERS & set(item.fixturenames))


@cache
def speaks_to_queue(module: ModuleType) -> bool:
    """Return whether it, or what of tests/support it uses, imports from the queue."""
    origins = {_origin(value) for value in vars(module).values()} - {module.__name__}
    return any(
        origin in QUEUE
        or origin.startswith(tuple(f"{name}." for name in QUEUE))
        or (origin.startswith("tests.") and speaks_to_queue(sys.modules[origin]))
        for origin in origins
    )


def _origin(value: Any) -> str:
    name = value.__name__ if isinstance(value, ModuleType) else None
    return name or getattr(value, "__module__", None) or ""
