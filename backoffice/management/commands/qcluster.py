"""Run the worker; it stands in for django-q2's command of this name."""

import os
from typing import Any

from django_q.management.commands.qcluster import Command as QueueCommand


class Command(QueueCommand):
    def handle(self, **options: Any) -> None:
        if name := options["cluster_name"]:
            os.environ["Q_CLUSTER_NAME"] = name
        # The queue reads its settings when it is imported.
        from backoffice.cluster import Cluster

        cluster = Cluster()
        if options["run_once"]:
            cluster.stop()
        raise SystemExit(cluster.run())
