"""How long after a blow things go through again, all by themselves."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.utils import timezone as clock

from backoffice.models import Heartbeat
from orders.models import ImportRun
from stores.sandbox.server import Sandbox
from tests.benchmarks.clusters import Clusters

# Seconds, by the promise.
LIMIT = 300
# A beat may be noted a little after the moment it is of.
SURELY_AFTER = timedelta(seconds=30)


@dataclass
class Recovery:
    """A blow, what has to go through after it, and after how many seconds it did."""

    blow: str
    signs: dict[str, Callable[[], bool]]
    began: float = field(default_factory=time.monotonic)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        return len(self.seconds) == len(self.signs) or self.age > LIMIT

    @property
    def age(self) -> float:
        return time.monotonic() - self.began

    @property
    def missing(self) -> list[str]:
        return [sign for sign in self.signs if sign not in self.seconds]

    def look(self) -> None:
        for sign in self.missing:
            try:
                if self.signs[sign]():
                    self.seconds[sign] = round(self.age, 1)
            except DatabaseError:
                continue


class Recoveries:
    def __init__(self, clusters: Clusters, sandbox: Sandbox) -> None:
        self.clusters, self.sandbox = clusters, sandbox
        self.all: list[Recovery] = []

    def watch(self, blow: str) -> None:
        """Begin to measure, from now on."""
        now = clock.now()
        runs = ImportRun.objects.order_by("-pk").values_list("pk", flat=True)
        last_run = runs.first() or 0
        taken = len(self.sandbox.fulfillments)
        signs: dict[str, Callable[[], bool]] = {
            "import": lambda: runs.filter(pk__gt=last_run, status="complete").exists(),
            "notice": lambda: len(self.sandbox.fulfillments) > taken,
        }
        for place in range(len(self.clusters.processes)):
            signs[f"cluster {place + 1}"] = self._beat(place, now)
        self.all.append(Recovery(blow, signs))

    def look(self) -> None:
        for one in self.all:
            if not one.is_over:
                one.look()

    def begin_anew(self) -> None:
        """Measure what is still missing from now on: nothing could go through."""
        for one in self.all:
            if one.missing:
                one.began = time.monotonic()

    def are_over(self) -> bool:
        return all(one.is_over for one in self.all)

    def failures(self) -> list[str]:
        return [
            f"{sign} after {one.blow}"
            for one in self.all
            for sign in one.missing
            if one.age > LIMIT
        ]

    def _beat(self, place: int, since: datetime) -> Callable[[], bool]:
        def has_beaten() -> bool:
            beats = Heartbeat.objects.exclude(name="worker")
            if beats.exists():
                beats = beats.filter(name__endswith=f":{self.clusters.pid(place)}")
            else:
                beats = Heartbeat.objects.all()
            now = clock.now() + timedelta(seconds=5)
            return beats.filter(beat_at__range=(since + SURELY_AFTER, now)).exists()

        return has_beaten
