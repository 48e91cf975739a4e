"""When the clocks of the tz database change, found by asking them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

FROM, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
# No two changes of a clock are nearer; Ramadan keeps Morocco's a month apart.
STEP = timedelta(days=7)
SECOND = timedelta(seconds=1)

Change = tuple[datetime, timedelta]


def changes_of(zone: ZoneInfo) -> Iterator[Change]:
    """Yield each moment a clock is put forward or back, and by how much."""
    before, old = FROM, _offset(FROM, zone)
    while before < UNTIL:
        after = before + STEP
        if (new := _offset(after, zone)) != old:
            early, late = before, after
            while late - early > SECOND:
                middle = early + (late - early) // 2 // SECOND * SECOND
                if _offset(middle, zone) == old:
                    early = middle
                else:
                    late = middle
            yield late, _offset(late, zone) - old
        before, old = after, new


@cache
def clocks() -> dict[str, list[Change]]:
    """Return the changes of each clock there is, under one of its names."""
    found: dict[tuple, tuple[str, list[Change]]] = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        changes = list(changes_of(zone))
        found.setdefault((_offset(FROM, zone), *changes), (name, changes))
    return dict(found.values())


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset()
