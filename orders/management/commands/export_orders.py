"""Write orders, line items or shipments to a file."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tqdm import tqdm

from backoffice.kit.commands import OperatorCommand, open_new, wrong_usage
from backoffice.kit.sheets import FORMATS, TooManyRows
from orders import jobs
from orders.exporting import EXPORTS, note_export
from orders.jobs.kinds import file_of
from orders.models import Job, Order
from stores.commands import find_stores

TURN = timedelta(minutes=5)


class Command(OperatorCommand):
    help = gettext_lazy(
        "Write all orders, of all stores or of those named, to a CSV or XLSX file, as "
        "the export of the list does. Killed, the worker goes on, and a superuser "
        "finds the file among the jobs. Example: manage.py export_orders orders.csv"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", metavar="FILE", type=Path, help=_("new file, .csv or .xlsx")
        )
        parser.add_argument(
            "stores", metavar="STORE", nargs="*", help=_("store names (all stores)")
        )
        parser.add_argument(
            "--what",
            choices=list(EXPORTS[Order]),
            default="orders",
            help=_("what to write (orders)"),
        )

    def handle(self, **options: Any) -> None:
        path = options["file"]
        kind = path.suffix.removeprefix(".")
        if kind not in FORMATS:
            message = _("“%(path)s” is neither .csv nor .xlsx; give another name.")
            raise wrong_usage(message % {"path": path})
        orders = Order.objects.all()
        if stores := find_stores(options["stores"]):
            orders = orders.filter(store__in=stores)
        file = open_new(path)
        try:
            job = jobs.ask_for_export(orders, options["what"], kind, path.stem, None)
            self._work(job)
            with os.fdopen(os.dup(file), "wb") as target:
                target.writelines(file_of(job))
            names = ", ".join(options["stores"])
            note_export(path.name, job.facts["rows"] - 1, names and f"store={names}")
        except BaseException as error:
            # Half a file looks like one.
            path.unlink()
            if isinstance(error, TooManyRows):
                raise CommandError(str(error)) from None
            raise
        finally:
            os.close(file)
        self.stdout.write(_("“%(path)s” is written.") % {"path": path})

    def _work(self, job: Job) -> None:
        """Do the job in this process, or wait while a worker does it."""
        with tqdm(total=job.total, unit="", disable=None, leave=False) as bar:

            def advance(job: Job) -> None:
                bar.update(job.done - bar.n)

            while not job.finished_at:
                if not jobs.work_on(job, clock.now() + TURN, on_batch=advance):
                    time.sleep(0.1)
                job.refresh_from_db(fields=["done", "finished_at", "error"])
                advance(job)
        if not job.is_complete:
            raise CommandError(job.error or _("Somebody stopped this job."))
