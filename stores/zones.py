"""Time zones that say their name in a way everybody reads."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone as clock

known = cache(available_timezones)


class Zone(ZoneInfo):
    """A zone of the tz database; one whose hours have no name of letters says UTC+5:45.

    Every way to write a time asks the zone for its name, so that this is the one place.
    """

    def tzname(self, moment: datetime | None) -> str | None:
        if moment is None:
            # Django then takes the zone's key, and not “-05” of Etc/GMT+5.
            return None
        name = super().tzname(moment)
        if name[0] not in "+-":
            return name
        minutes = round(self.utcoffset(moment).total_seconds() / 60)
        hours, minutes = divmod(abs(minutes), 60)
        sign = "−" if name.startswith("-") else "+"
        return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def here() -> Zone:
    """Return the current zone: the viewer's on a page, elsewhere the server's."""
    return Zone(str(clock.get_current_timezone()))


def local(moment: datetime) -> datetime:
    """Return a moment in the current zone."""
    return moment.astimezone(here())
