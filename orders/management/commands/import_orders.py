"""Import orders now, in this process."""

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Q
from django.utils import timezone as clock
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tqdm import tqdm

from backoffice.kit.commands import OperatorCommand, add_flag, wrong_usage
from backoffice.kit.sentences import in_english
from orders import importing
from orders.advice import reason_not_alone
from orders.finding.called import keys_called
from orders.importing import windows
from orders.models import ImportProblem, ImportRun
from stores.commands import (
    add_orders_argument,
    add_stores_argument,
    find_stores_or_active,
)
from stores.models import Store

COMMAND = ImportRun.Trigger.COMMAND


class Command(OperatorCommand):
    help = gettext_lazy(
        "Import orders now: of all active stores or of those named; the last three "
        "days, a range of days, or single orders by number. "
        "Example: manage.py import_orders 'Main store' --from 2026-11-01 "
        "--to 2026-11-07"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_stores_argument(parser)
        parser.add_argument(
            "--from",
            dest="start",
            metavar="DATE",
            help=_("first day, as 2026-11-01, in the store's time zone"),
        )
        parser.add_argument(
            "--to",
            dest="end",
            metavar="DATE",
            help=_("last day, inclusive (until now)"),
        )
        add_orders_argument(parser, _("import these orders only, by their numbers"))
        add_flag(parser, "--dry-run", _("count only and write nothing"))
        add_flag(parser, "--json", _("print one JSON object a run"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["order_ids"] and (options["start"] or options["end"]):
            raise wrong_usage(_("Give either days or order numbers."))
        if options["end"] and not options["start"]:
            raise wrong_usage(_("Give the first day too, with --from."))
        stores, failed = find_stores_or_active(options["stores"]), 0
        if options["order_ids"]:
            stores, failed = self._able(stores, options)
        runs = [self._plan(store, options) for store in stores]
        for planned in runs:
            run: ImportRun | None = planned
            while run:
                self._carry_out(run, options)
                failed += not self._report(run, options["json"])
                run = self._next(run)
        if not runs and not failed and not options["json"]:
            self.stdout.write(_("There is no active store to import from."))
        if failed:
            raise SystemExit(1)

    def _next(self, run: ImportRun) -> ImportRun | None:
        """Return the run that goes on where a refresh was about a part of the time."""
        if not windows.has_more(run):
            return None
        return windows.plan_refresh(Store.objects.get(pk=run.store_id), COMMAND)

    def _able(
        self, stores: list[Store], options: dict[str, Any]
    ) -> tuple[list[Store], int]:
        """Return the stores that show single orders, and how many others there are."""
        able = []
        for store in stores:
            reason = reason_not_alone(store)
            if not reason:
                able.append(store)
            elif options["json"]:
                run = windows.plan_orders(store, options["order_ids"], COMMAND)
                run.status, run.error = ImportRun.Status.FAILED, reason
                self.print_json(as_facts(run))
            else:
                self.stderr.write(reason)
        return able, len(stores) - len(able)

    def _plan(self, store: Store, options: dict[str, Any]) -> ImportRun:
        if options["order_ids"]:
            ids = keys_called(store, options["order_ids"])
            return windows.plan_orders(store, ids, COMMAND)
        if options["start"]:
            start = read_moment(options["start"], store)
            end = clock.now()
            if options["end"]:
                end = read_moment(options["end"], store, is_end=True)
            if end < start:
                raise wrong_usage(_("The last day lies before the first."))
            return windows.plan_range(store, start, end, COMMAND)
        return windows.plan_refresh(store, COMMAND)

    def _carry_out(self, run: ImportRun, options: dict[str, Any]) -> None:
        work = importing.preview if options["dry_run"] else importing.execute
        # With None, only a terminal gets a bar.
        silent = options["json"] or None
        with tqdm(
            desc=run.store.name, unit=_(" orders"), disable=silent, leave=False
        ) as bar:

            def advance(run: ImportRun) -> None:
                bar.update(run.seen - bar.n)

            try:
                work(run, on_page=advance)
            except importing.AlreadyRunning as error:
                run.status = ImportRun.Status.FAILED
                run.error = str(error)

    def _report(self, run: ImportRun, as_json: bool) -> bool:
        """Say what became of the run and return whether all is well.

        An order that is rejected is not; one that waits for its address is.
        """
        is_complete = run.status == ImportRun.Status.COMPLETE
        if as_json:
            self.print_json(as_facts(run))
            return is_complete and not run.rejected
        if run.error:
            self.stderr.write(f"{run.store}: {run.error}")
        if run.pages or is_complete:
            counts = _(
                "%(seen)d orders seen: %(created)d created, %(updated)d updated, "
                "%(unchanged)d unchanged, %(skipped)d skipped, %(rejected)d rejected."
            ) % {name: getattr(run, name) for name in ImportRun.COUNTS}
            self.stdout.write(f"{run.store}: {counts}")
        stands = Q(resolved_at=None)
        if run.started_at:
            stands |= Q(last_seen_at__gte=run.started_at)
        for problem in ImportProblem.objects.filter(
            stands,
            store=run.store,
            marketplace_order_id__in=run.order_ids,
            kind=ImportProblem.Kind.NO_ADDRESS,
        ):
            self.stderr.write(problem.message)
        return is_complete and not run.rejected


def as_facts(run: ImportRun) -> dict[str, Any]:
    """Return the run as outside scripts read it."""
    return {
        "store": run.store.name,
        "status": run.status,
        "window_start": run.window_start and run.window_start.isoformat(),
        "window_end": run.window_end and run.window_end.isoformat(),
        "pages": run.pages,
        **{name: getattr(run, name) for name in ImportRun.COUNTS},
        "error": in_english(run.error),
    }


def read_moment(text: str, store: Store, is_end: bool = False) -> datetime:
    """Return a day's beginning or end in the store's zone, or an exact moment."""
    try:
        if day := parse_date(text):
            if is_end:
                day += timedelta(days=1)
            return store.start_of(day)
        if moment := parse_datetime(text):
            return moment if moment.tzinfo else moment.replace(tzinfo=store.zone)
    except (ValueError, OverflowError):
        pass
    raise wrong_usage(
        _("“%(text)s” is not a date; an example is 2026-11-01.") % {"text": text}
    )
