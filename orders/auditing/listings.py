"""List a store's last month at the marketplace, to hold against what is here."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone as clock

from backoffice.kit.database import retried
from backoffice.kit.sentences import sentence
from orders import importing
from orders.auditing.coverage import coverage
from orders.importing.runs import why_it_ended
from orders.importing.storing import Guard
from orders.importing.triage import nameless
from orders.models import ImportRun, ListedOrder, Reconciliation, note_change
from stores.connecting import token_refused
from stores.leases import LeaseLost
from stores.marketplaces.abilities import Window
from stores.marketplaces.base import (
    PADDING,
    Marketplace,
    MarketplaceError,
    TokenRefused,
    UnreadableOrder,
)
from stores.marketplaces.values import moment
from stores.models import Store
from stores.tokens import TokenUnreadable

logger = logging.getLogger(__name__)

WINDOW = timedelta(days=30)
# Daily: an hourly task must not miss its day by minutes.
LISTED_AGAIN = timedelta(hours=20)
TRIED_AGAIN = timedelta(hours=4)

Status = ImportRun.Status


def reconcile(store: Store) -> Reconciliation:
    """List the store's last 30 days and return the listing, or raise `AlreadyRunning`.

    Imports nothing. A listing that fails counts as none: the last complete one stays.
    """
    with importing.hold_store(store) as guard:
        listing = _begin(store)
        try:
            _list(listing, store.connect(), guard)
            retried(partial(_complete, listing, guard))
        except (MarketplaceError, TokenUnreadable, LeaseLost) as error:
            retried(partial(_fail, listing, error))
        except BaseException as error:
            retried(partial(_fail, listing, error))
            raise
    logger.info(
        "Listing %s of store %s: %s, %s seen",
        listing.pk,
        store.pk,
        listing.status,
        listing.seen,
        extra={"store_id": store.pk},
    )
    return listing


def stores_to_list(now: datetime) -> QuerySet[Store]:
    """Return the stores whose daily listing has come."""
    # One from the future is a clock's that has been set back since.
    tried = Reconciliation.objects.filter(store=OuterRef("pk"), started_at__lte=now)
    recent = Q(started_at__gt=now - TRIED_AGAIN)
    recent |= Q(status=Status.COMPLETE, started_at__gt=now - LISTED_AGAIN)
    return _listable().filter(~Exists(tried.filter(recent)))


def never_listed(now: datetime, patience: timedelta) -> QuerySet[Store]:
    """Return the stores that were tried, and could not be listed for so long."""
    tried = Reconciliation.objects.filter(store=OuterRef("pk"))
    too_long_ago = tried.filter(status=Status.FAILED, started_at__lt=now - patience)
    return _listable().filter(
        Exists(too_long_ago), ~Exists(tried.filter(status=Status.COMPLETE))
    )


def is_listable(store: Store) -> bool:
    """Return whether the store is listed daily."""
    return _listable().filter(pk=store.pk).exists()


def _listable() -> QuerySet[Store]:
    # Before the first complete import there is nothing to compare with.
    return Store.objects.filter(
        is_active=True,
        connection=Store.Connection.CONNECTED,
        last_import_at__isnull=False,
    )


def lists_changes(store: Store) -> bool:
    """Whether a list holds what has changed in its days, whenever it was placed."""
    return store.abilities.window == Window.MODIFIED


def proves_absence(store: Store) -> bool:
    """Whether an order of its days that a list does not hold is not there.

    Only of all orders placed, and where the order itself can be asked for too.
    """
    return not lists_changes(store) and store.abilities.reads_single_orders


def last_listing(store: Store) -> Reconciliation | None:
    """Return the newest complete listing, which everything is compared with."""
    return store.reconciliations.filter(status=Status.COMPLETE).first()


def last_listings() -> QuerySet[Reconciliation]:
    """Return the newest complete listing of every active store, with the store."""
    # One a store: `_complete` deletes those before it.
    listings = Reconciliation.objects.filter(status=Status.COMPLETE)
    return listings.filter(store__is_active=True).select_related("store")


def last_attempt(store: Store) -> Reconciliation | None:
    """Return the newest listing, also one that failed or is at work."""
    return store.reconciliations.first()


def counted_orders(listing: Reconciliation) -> QuerySet[ListedOrder]:
    """Return the listed orders of the listing's days, and those without a date.

    Where the days are those of changes, all that were listed.
    """
    if lists_changes(listing.store):
        return listing.orders.all()
    within = Q(ordered_at=None) | Q(ordered_at__gte=listing.window_start)
    return listing.orders.filter(within)


def note_busy(error: importing.AlreadyRunning) -> None:
    """Record an attempt that found its store busy, where the person looks who asked."""
    now = clock.now()
    Reconciliation.objects.create(
        store=error.store,
        window_start=_window_start(error.store, now),
        started_at=now,
        finished_at=now,
        status=Status.FAILED,
        error=str(error),
    )


def close_dead() -> int:
    """Close the listings whose process died, those of a store that nobody holds."""
    free = Q(store__lease_until=None) | Q(store__lease_until__lte=Now())
    return _close_as_dead(Reconciliation.objects.filter(free))


def _close_as_dead(listings: QuerySet[Reconciliation]) -> int:
    unfinished = listings.filter(finished_at=None)
    with transaction.atomic():
        # None that is completed meanwhile loses its rows.
        locked = unfinished.select_for_update(of=("self",))
        dead = Reconciliation.objects.filter(pk__in=[one.pk for one in locked])
        ListedOrder.objects.filter(reconciliation__in=dead).delete()
        return dead.update(
            status=Status.FAILED,
            finished_at=clock.now(),
            error=sentence("The process died in the middle of this listing."),
        )


def _begin(store: Store) -> Reconciliation:
    now = clock.now()
    _close_as_dead(Reconciliation.objects.filter(store=store))
    return Reconciliation.objects.create(
        store=store, window_start=_window_start(store, now), started_at=now
    )


def _window_start(store: Store, now: datetime) -> datetime:
    """Return the beginning of a day, so that the first day is a whole one too.

    Not before the first refresh looked back: those orders nobody has asked for.
    """
    found = coverage(store, now)
    asked_since = now - WINDOW
    if found:
        asked_since = max(found.span.start, asked_since)
    elif not store.last_import_at:
        asked_since = now
    day = asked_since.astimezone(store.zone).date()
    if found and asked_since == found.span.start > store.start_of(day):
        day += timedelta(days=1)
    return store.start_of(day)


def _list(listing: Reconciliation, marketplace: Marketplace, guard: Guard) -> None:
    """Keep what the marketplace lists of the window's orders."""
    oldest = listing.window_start - PADDING
    has_all = lists_changes(listing.store)
    for raws in marketplace.list_orders(listing.window_start):
        rows = [_row(listing, raw) for raw in raws]
        kept = [
            row
            for row in rows
            if has_all or not row.ordered_at or row.ordered_at >= oldest
        ]
        retried(partial(_store, listing, kept, guard))


def _store(listing: Reconciliation, rows: Iterable[ListedOrder], guard: Guard) -> None:
    with transaction.atomic():
        guard()
        _refuse_unless_open(listing)
        # New orders push known ones onto the next page: the first one counts.
        ListedOrder.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def _row(listing: Reconciliation, raw: Any) -> ListedOrder:
    zone = listing.store.zone
    connector = listing.store.connector
    try:
        order = connector.parse_order(raw, zone, listing.store.words)
    except UnreadableOrder as error:
        row = ListedOrder(marketplace_order_id=error.order_id or nameless(raw))
        try:
            row.ordered_at = moment(connector.read_stamps(raw), "ordered_at", zone)
        except UnreadableOrder:
            row.ordered_at = None
    else:
        row = ListedOrder(
            marketplace_order_id=order.order_id,
            ordered_at=order.ordered_at,
            marketplace_state=order.status,
            tracking_number=order.tracking_number,
        )
    row.reconciliation = listing
    row.day = row.ordered_at and row.ordered_at.astimezone(zone).date()
    return row


def _complete(listing: Reconciliation, guard: Guard) -> None:
    """Make the listing the one that counts; those before it are done with."""
    with transaction.atomic():
        guard()
        _refuse_unless_open(listing)
        _close(listing, Status.COMPLETE, seen=counted_orders(listing).count())
        listing.store.reconciliations.exclude(pk=listing.pk).delete()
        note_change([listing.store_id], "differences")


def _refuse_unless_open(listing: Reconciliation) -> None:
    """Raise `LeaseLost` when it was closed as dead meanwhile, and its rows deleted."""
    rows = Reconciliation.objects.filter(pk=listing.pk, finished_at=None)
    if not rows.select_for_update().exists():
        raise LeaseLost


def _fail(listing: Reconciliation, failure: BaseException) -> None:
    """Say why the listing is none, and keep nothing of it but that."""
    stopped = sentence("The listing stopped on an error in this program (%(name)s).")
    with transaction.atomic():
        listing.orders.all().delete()
        _close(listing, Status.FAILED, error=why_it_ended(failure, stopped))
        failed = listing.store.reconciliations.filter(status=Status.FAILED)
        # The first one says since when.
        since = failed.order_by("started_at", "pk").values_list("pk", flat=True)[:1]
        failed.exclude(pk__in=[*since, listing.pk]).delete()
    if isinstance(failure, TokenRefused):
        token_refused(listing.store, failure)


def _close(listing: Reconciliation, status: str, **facts: Any) -> None:
    facts |= {"status": status, "finished_at": clock.now()}
    for name, value in facts.items():
        setattr(listing, name, value)
    Reconciliation.objects.filter(pk=listing.pk).update(**facts)
