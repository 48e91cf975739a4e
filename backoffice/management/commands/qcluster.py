"""Run the worker; this stands in for the queue's own command of the name."""

import gc
from typing import Any

from django.utils.translation import gettext_lazy

from backoffice.cluster import Cluster
from backoffice.kit.commands import OperatorCommand
from backoffice.kit.private_files import close_own_database


class Command(OperatorCommand):
    help = gettext_lazy(
        "Run the worker until it is told to stop. When nothing comes through any more "
        "it ends itself with 1, to be started again. Example: manage.py qcluster"
    )

    def handle(self, **options: Any) -> None:
        close_own_database()
        # What is loaded here stays: no worker looks through it for garbage, for 60 ms
        # in the midst of a task.
        gc.freeze()
        raise SystemExit(Cluster().run())
