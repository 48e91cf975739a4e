"""The queue's entry points: find the row, call the function, nothing more.

Each may run zero, one or five times; what is due is found again from the rows.
"""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone as clock

from backoffice.kit.queue import MOST_WAITING, enqueue, room
from backoffice.models import AuditEntry
from orders import importing, jobs, mailing, pruning
from orders.auditing import coverage, listings, recheck, zone_doctor
from orders.importing import due, pictures, runs, windows
from orders.jobs import working
from orders.models import ImportRun, Job, Sending
from orders.notifying import senders, sendings, waiting
from orders.privacy import erasing
from orders.shipping import holds
from orders.work import alerts, figures, to_do
from stores.models import Store


def refresh_due_stores() -> None:
    """Every minute: hand out the imports and jobs that are due or left lying."""
    runs.close_dead_runs()
    listings.close_dead()
    # Else an earlier minute's stores still wait, and what hands out more behind them.
    is_idle = room() == MOST_WAITING
    if _hand_out_due_stores() and is_idle:
        enqueue("refresh_more_stores")
    for pk in _waiting().values_list("pk", flat=True)[: room()]:
        enqueue("run_import", pk)
    lying = Job.objects.unfinished().unclaimed()
    for pk in lying.values_list("pk", flat=True)[: room()]:
        enqueue("work_on_job", pk)


def refresh_more_stores() -> None:
    """Hand out the due stores for which there was no room, behind those that had it."""
    if _hand_out_due_stores():
        enqueue("refresh_more_stores")


def refresh_store(store_id: int) -> None:
    """Refresh a store that is still due."""
    now = clock.now()
    store = Store.objects.get(pk=store_id)
    if due.is_due(store, now):
        run = windows.plan_refresh(store, ImportRun.Trigger.SCHEDULE, now)
        _execute(run)


def run_import(run_id: int) -> None:
    """Carry out an import that waits in its row."""
    run = ImportRun.objects.select_related("store").get(pk=run_id)
    if run.started_at or run.finished_at:
        return
    _execute(run)
    if run.kind == ImportRun.Kind.RECHECK and recheck.is_asked(run, clock.now()):
        enqueue("recheck_store", run.store_id)


def work_on_job(job_id: int, time: timedelta = working.WORKING_TIME) -> None:
    """Do as much of a job as the time allows; another task goes on."""
    if jobs.work_on(Job.objects.get(pk=job_id), clock.now() + time):
        enqueue("work_on_job", job_id)


def read_pictures(store_id: int) -> None:
    """Ask where the pictures of a store's latest products are."""
    pictures.record_pictures(Store.objects.get(pk=store_id))


def send_due_notices() -> None:
    """Every minute: hand out the stores with notices due, and the last looks."""
    waiting.pull_back()
    now = clock.now()
    for pk in sendings.not_looked_at(now).values_list("pk", flat=True)[: room()]:
        enqueue("look_over_sending", pk)
    for pk in senders.stores_to_send(now)[: room()]:
        enqueue("send_notices", pk)


def look_over_sending(sending_id: int, time: timedelta = sendings.LOOKING_TIME) -> None:
    """Look at a sending's shipments as far as the time goes; another task goes on."""
    one = Sending.objects.get(pk=sending_id)
    if not one.looked_at and not sendings.look_over(one, clock.now() + time):
        enqueue("look_over_sending", sending_id)


def send_notices(store_id: int, time: timedelta = senders.SENDING_TIME) -> None:
    """Send a store's due notices as far as the time goes; another task goes on."""
    store = Store.objects.get(pk=store_id)
    if not senders.send_due(store, clock.now() + time):
        enqueue("send_notices", store_id)


def recheck_open_orders() -> None:
    """Daily: hand out the re-check of open orders that no refresh reads any more."""
    for store in recheck.stores_to_recheck(clock.now()):
        enqueue("recheck_store", store.pk)


def recheck_store(store_id: int) -> None:
    """Plan the re-check of a store's next share of old open orders."""
    store = Store.objects.get(pk=store_id)
    if store.import_runs.filter(kind=ImportRun.Kind.RECHECK, started_at=None).exists():
        return
    if run := recheck.plan_recheck(store, clock.now()):
        importing.queue_run(run)


def reconcile_due_stores() -> None:
    """Every hour: hand out the daily listings that are due."""
    for store in listings.stores_to_list(clock.now())[: room()]:
        enqueue("reconcile_due_store", store.pk)


def reconcile_due_store(store_id: int) -> None:
    """List a store that is still due."""
    if listings.stores_to_list(clock.now()).filter(pk=store_id).exists():
        reconcile_store(store_id)


def reconcile_store(store_id: int) -> None:
    """List a store at its marketplace, due or not; what is open again is read anew."""
    store = Store.objects.get(pk=store_id)
    try:
        listings.reconcile(store)
        to_do.note_new(clock.now())
        if run := recheck.plan_reopened(store):
            importing.queue_run(run)
    except importing.AlreadyRunning as error:
        listings.note_busy(error)


def release_due_holds() -> None:
    """Every quarter of an hour: end the holds whose day has come."""
    holds.release_due_holds(clock.now())


def fill_gaps() -> None:
    """Every hour: import what was never completely read, while it is young."""
    now = clock.now()
    coverage.fill_gaps(now, to_do.stores_with_gaps(now))


def keep_figures() -> None:
    """Every minute: count anew what pages show, so that no page has to."""
    figures.keep_all(clock.now())


def examine_zones() -> None:
    """Every quarter of an hour: hold stores' zones against when orders came in."""
    zone_doctor.record_suspicions()


def send_alerts() -> None:
    """Every five minutes: tell people what is wrong, and what is over."""
    alerts.announce(clock.now(), from_the_worker=True)


def mail_customers() -> None:
    """Every five minutes: tell customers whose parcel the marketplace knows of."""
    mailing.send_due_mails(clock.now())


def prune() -> None:
    """Daily: delete what is older than its retention."""
    pruning.prune(clock.now())
    enqueue("erase_due_buyers")


def erase_due_buyers(time: timedelta = erasing.ERASING_TIME) -> None:
    """Erase buyers that stores keep no longer; another task goes on."""
    now = clock.now()
    if erasing.erase_due(now, now + time):
        enqueue("erase_due_buyers")


def _hand_out_due_stores() -> bool:
    """Fill the queue with due stores, and return whether more are due than it takes."""
    stores, free = due.stores_due(clock.now()), room()
    for store in stores[:free]:
        enqueue("refresh_store", store.pk)
    return len(stores) > free


def _waiting() -> QuerySet[ImportRun]:
    return ImportRun.objects.filter(started_at=None, finished_at=None)


def _execute(run: ImportRun) -> None:
    """Carry a run out, then those that waited for its store meanwhile.

    While another run holds the store, this one waits too. The pictures of what it
    brought in are read in a task of their own.
    """
    try:
        importing.execute(run)
    except importing.AlreadyRunning:
        return
    if run.status == ImportRun.Status.COMPLETE and pictures.is_any_unknown(run.store):
        enqueue("read_pictures", run.store_id)
    for pk in _waiting().filter(store=run.store).values_list("pk", flat=True):
        enqueue("run_import", pk)
    # At once where a refresh was about the oldest of the lost time alone.
    if windows.has_more(run):
        store = Store.objects.get(pk=run.store_id)
        importing.queue_run(windows.plan_refresh(store, run.trigger))


def mail_lock_out(entry_id: int) -> None:
    """Tell by mail that a sign-in was locked out."""
    alerts.tell_of_lock_out(AuditEntry.objects.get(pk=entry_id))
