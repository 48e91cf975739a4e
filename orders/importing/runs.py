"""Bring a marketplace's orders in: one run a store at a time, every order accounted."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from backoffice.clocks import is_recent
from backoffice.kit import zones
from backoffice.kit.backoff import LONGEST_BACKOFF, backoff
from backoffice.kit.database import retried
from backoffice.kit.errors import NotAllowed
from backoffice.kit.queue import enqueue
from backoffice.kit.sentences import Sentence, joined, sentence
from orders.importing.fetching import MOST_TOLD, fetch_pages
from orders.importing.storing import Guard, record_asked, store_page
from orders.importing.triage import Page, triage
from orders.importing.windows import has_more, plan_orders, plan_refresh
from orders.models import ImportRun, note_change
from stores import leases
from stores.connecting import save_health, token_accepted, token_refused
from stores.failures import in_words
from stores.marketplaces.base import (
    Marketplace,
    MarketplaceError,
    MarketplaceUnavailable,
    TokenRefused,
)
from stores.models import Store
from stores.tokens import TokenUnreadable

logger = logging.getLogger(__name__)

CARRIERS_KEPT = timedelta(days=1)

OnPage = Callable[[ImportRun], None]


class SwitchedOff(Exception):
    """Somebody switched the store off while a scheduled run was reading it."""


class AlreadyRunning(Exception):
    """Another run holds the store; one runs at a time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = ImportRun.objects.filter(
            store=store, started_at__isnull=False, finished_at=None
        ).first()

    def __str__(self) -> str:
        if not (self.run and self.run.started_at):
            return sentence(
                "Another task is already running for %(store)s; try again in a minute."
            ) % {"store": self.store}
        return sentence("An import of %(store)s is already running since %(time)s.") % {
            "store": self.store,
            "time": zones.local(self.run.started_at).strftime("%H:%M:%S %Z"),
        }


def refresh_store(store: Store, trigger: str = ImportRun.Trigger.MANUAL) -> ImportRun:
    """Bring in the last days' orders and return the run, or raise `AlreadyRunning`.

    After a long outage it may be the last of several runs.
    """
    run = execute(plan_refresh(store, trigger))
    while has_more(run):
        run = execute(plan_refresh(store, trigger))
    return run


def import_one(store: Store, order_id: str) -> ImportRun:
    """Bring in one order by its number and return the run."""
    return execute(plan_orders(store, [order_id], ImportRun.Trigger.MANUAL))


def import_page(
    store: Store,
    raws: Iterable[Any],
    *,
    asked_at: datetime | None = None,
    guard: Guard = lambda: None,
) -> Page:
    """Store a page of raw orders and return what became of each.

    What was written here since it was asked for is newer, and stays.
    """
    page = triage(store, raws, asked_at=asked_at)
    store_page(store, page, guard)
    note_change([store.pk])
    return page


def queue_run(run: ImportRun) -> ImportRun:
    """Save a planned run, have the queue carry it out, and return it."""
    run.save()
    enqueue("run_import", run.pk)
    return run


def read_lost_time(store: Store, trigger: str) -> ImportRun:
    """Plan a refresh whatever the schedule says, or raise `NotAllowed` in words."""
    if not store.is_active:
        raise NotAllowed(_("It is switched off, so nothing comes in."))
    if not store.token_ciphertext:
        raise NotAllowed(str(store.account_words.not_there))
    return queue_run(plan_refresh(store, trigger))


def preview(run: ImportRun, on_page: OnPage = lambda run: None) -> ImportRun:
    """Read what a run would read and count what it would do, writing nothing."""
    told: list[str] = []
    try:
        for page in fetch_pages(run, run.store.connect()):
            _count(run, page)
            told += _why(page, told)
            on_page(run)
        _complete(run, told)
    except (MarketplaceError, TokenUnreadable) as error:
        _explain(run, error)
    return run


def execute(run: ImportRun, on_page: OnPage = lambda run: None) -> ImportRun:
    """Carry a planned run out, or raise `AlreadyRunning`; failures end on its row."""
    with _lease(run) as guard:
        _begin(run)
        failure = None
        told: list[str] = []
        try:
            marketplace = run.store.connect()
            _read_carriers(run.store, marketplace)
            guard()
            for page in fetch_pages(run, marketplace):
                guard()
                store_page(run.store, page, guard)
                _count(run, page)
                _save_progress(run, page)
                told += _why(page, told)
                on_page(run)
                # The next page comes where this one was.
                del page
            _complete(run, told)
            if marketplace.clock_ahead is not None:
                run.clock_ahead = round(marketplace.clock_ahead.total_seconds())
        except (
            MarketplaceError,
            TokenUnreadable,
            leases.LeaseLost,
            SwitchedOff,
        ) as error:
            failure = error
        except BaseException as error:
            retried(partial(_close, run, error))
            raise
        retried(partial(_close, run, failure))
    return run


def _count(run: ImportRun, page: Page) -> None:
    run.pages += page.is_given
    for name, number in page.counts.items():
        setattr(run, name, getattr(run, name) + number)
    run.seen += page.seen


def _why(page: Page, told: list[str]) -> list[str]:
    """Return why the page's orders were rejected, as far as there is room to tell."""
    room = MOST_TOLD - len(told)
    return [problem.message for problem in page.rejected[:room]]


def _complete(run: ImportRun, told: list[str]) -> None:
    """Say on the run that all was read, and what of it was rejected."""
    run.status = ImportRun.Status.COMPLETE
    if more := run.rejected - len(told):
        others = sentence("And %(count)d more; the import problems say why.")
        told = [*told, others % {"count": more}]
    run.error = joined(told)


def _save_progress(run: ImportRun, page: Page) -> None:
    """Save the counts, and that orders which were here already were looked up."""
    counts = {name: getattr(run, name) for name in ("pages", *ImportRun.COUNTS)}
    retried(lambda: ImportRun.objects.filter(pk=run.pk).update(**counts))
    if run.order_ids:
        record_asked(run.store, page)


@contextmanager
def hold_store(store: Store) -> Iterator[Guard]:
    """Keep every import off the store, or raise `AlreadyRunning`.

    The guard renews the lease; in a transaction it guards the write.
    """
    owner = leases.acquire(store)
    if owner is None:
        raise AlreadyRunning(store)
    try:
        yield lambda: retried(lambda: leases.renew(store, owner))
    finally:
        leases.end_lease(store, owner)


@contextmanager
def _lease(run: ImportRun) -> Iterator[Guard]:
    """Hold the run's store; the guard keeps the lease and stops a run that must."""
    with hold_store(run.store) as keep:

        def guard() -> None:
            keep()
            active = Store.objects.filter(pk=run.store_id, is_active=True)
            if run.trigger == ImportRun.Trigger.SCHEDULE and not active.exists():
                raise SwitchedOff

        yield guard


def close_dead_runs() -> int:
    """Close the runs whose process died, those of a store that nobody holds."""
    free = Q(store__lease_until=None) | Q(store__lease_until__lte=Now())
    return _close_as_dead(ImportRun.objects.filter(free))


def _close_as_dead(runs: QuerySet[ImportRun]) -> int:
    return runs.filter(started_at__isnull=False, finished_at=None).update(
        status=ImportRun.Status.FAILED,
        finished_at=clock.now(),
        error=sentence("The process died in the middle of this import."),
    )


def _begin(run: ImportRun) -> None:
    """Open the run and count the attempt first, in a commit of its own.

    A run that kills its process then still backs off, and the next one closes its
    row here.
    """
    now = clock.now()
    store = run.store
    with transaction.atomic():
        _close_as_dead(ImportRun.objects.filter(store=store))
        run.started_at = now
        run.save()
        if run.kind == ImportRun.Kind.REFRESH:
            store.last_import_attempt_at = now
            store.import_failures += 1
            store.backoff_until = now + backoff(
                store.import_failures, timedelta(minutes=store.import_interval)
            )
            save_health(
                store, "last_import_attempt_at", "import_failures", "backoff_until"
            )


def _read_carriers(store: Store, marketplace: Marketplace) -> None:
    """Read the marketplace's carriers once a day; the old list serves meanwhile."""
    now = clock.now()
    if store.carriers_read_at and is_recent(store.carriers_read_at, now, CARRIERS_KEPT):
        return
    try:
        carriers = marketplace.list_carriers()
    except TokenRefused:
        raise
    except MarketplaceError as error:
        logger.warning("Carriers of store %s not read: %s", store.pk, error)
        return
    if carriers:
        store.carriers, store.carriers_read_at = carriers, now
        save_health(store, "carriers", "carriers_read_at")


def why_it_ended(failure: BaseException, otherwise: Sentence) -> str:
    """Say what ended the reading of a store; `otherwise` is said of a bug."""
    if isinstance(failure, MarketplaceError):
        return in_words(failure)
    if isinstance(failure, TokenUnreadable):
        return str(failure)
    if isinstance(failure, leases.LeaseLost):
        return sentence("Another run has taken this store over.")
    return otherwise % {"name": type(failure).__name__}


def _explain(run: ImportRun, failure: BaseException) -> None:
    """Say on the run, in words, how far it came and why no further."""
    run.status = ImportRun.Status.PARTIAL if run.pages else ImportRun.Status.FAILED
    stopped = sentence("The import stopped on an error in this program (%(name)s).")
    run.error = why_it_ended(failure, stopped)
    if isinstance(failure, SwitchedOff):
        run.error = sentence("The store was switched off during this import.")
    # Of these kinds, the schedule does the same again by itself.
    is_repeated = run.kind in {ImportRun.Kind.REFRESH, ImportRun.Kind.RECHECK}
    if is_repeated and isinstance(failure, MarketplaceUnavailable):
        run.error = joined([run.error, sentence("The next import tries again.")])


def _close(run: ImportRun, failure: BaseException | None) -> None:
    """Close the run and note on its store what it says about the connection."""
    if failure:
        _explain(run, failure)
    run.finished_at = clock.now()
    ImportRun.objects.filter(pk=run.pk).update(
        status=run.status,
        error=run.error,
        clock_ahead=run.clock_ahead,
        finished_at=run.finished_at,
    )
    # What was merely read again tells at most which time has been read.
    is_news = bool(failure or run.seen > run.unchanged)
    note_change([run.store_id], "" if is_news else "gaps")
    logger.info(
        "Import %s of store %s: %s, %s seen",
        run.pk,
        run.store_id,
        run.status,
        run.seen,
        extra={"store_id": run.store_id, "run_id": run.pk},
    )
    store = run.store
    if not failure:
        token_accepted(store)
        if run.kind == ImportRun.Kind.REFRESH:
            store.last_import_at = run.window_end
            store.import_failures, store.backoff_until = 0, None
            save_health(store, "last_import_at", "import_failures", "backoff_until")
    elif isinstance(failure, TokenRefused):
        token_refused(store, failure)
    elif run.kind == ImportRun.Kind.REFRESH:
        store.connection_error = run.error
        if isinstance(failure, MarketplaceUnavailable) and failure.retry_after:
            wished = timedelta(seconds=failure.retry_after)
            store.backoff_until = run.finished_at + min(wished, LONGEST_BACKOFF)
        save_health(store, "connection_error", "backoff_until")
