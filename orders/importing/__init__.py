"""Bring the orders of a store in: by its windows, by number, and again when asked."""

from orders.importing.runs import (
    AlreadyRunning,
    execute,
    hold_store,
    import_one,
    import_page,
    preview,
    queue_run,
    read_lost_time,
    refresh_store,
)

__all__ = [
    "AlreadyRunning",
    "execute",
    "hold_store",
    "import_one",
    "import_page",
    "preview",
    "queue_run",
    "read_lost_time",
    "refresh_store",
]
