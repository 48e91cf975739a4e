"""Time zones that say their name in a way everybody reads, and the viewer's own."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone as clock

known = cache(available_timezones)

# The cookie of the viewer's zone: written by zone.js, and read by nothing but the next
# page.
COOKIE = "zone"

# Of zones whose clocks show the same, the first is named: the vendor's own zone (API
# notes, 2.10), then where many people live.
FAMILIAR = (
    "America/Los_Angeles",
    "UTC",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Anchorage",
    "America/Halifax",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Paris",
    "Europe/Athens",
    "Europe/Moscow",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Pacific/Honolulu",
)


class Zone(ZoneInfo):
    """A zone of the tz database; one whose hours have no name of letters says UTC+5:45.

    Every way to write a time asks the zone for its name, so that this is the one place.
    """

    def __new__(cls, name: str) -> "Zone":
        return _read(name)

    def tzname(self, moment: datetime | None) -> str | None:
        if moment is None:
            # Django then takes the zone's key, and not “-05” of Etc/GMT+5.
            return None
        name, offset = super().tzname(moment), self.utcoffset(moment)
        if offset is None or name is None or name[0] not in "+-":
            return name
        return offset_name(offset)


@cache
def _read(name: str) -> Zone:
    """Read a zone once; of a subclass `ZoneInfo` keeps only what somebody holds."""
    return ZoneInfo.__new__(Zone, name)


@cache
def names() -> tuple[str, ...]:
    """Return the zones a store may be in: UTC, and the places of the tz database."""
    return ("UTC", *sorted(name for name in known() if "/" in name))


@cache
def zones() -> tuple[Zone, ...]:
    """Return the zones of these names."""
    return tuple(map(Zone, names()))


def familiarity(name: str) -> tuple[int, bool, str]:
    """Return a sort key: well-known zones first, old names and bare offsets last."""
    place = FAMILIAR.index(name) if name in FAMILIAR else len(FAMILIAR)
    return place, name not in _in_use(), name


@cache
def _in_use() -> frozenset[str]:
    """Return the names that the tz database keeps no newer one for."""
    table = files("tzdata.zoneinfo").joinpath("zone1970.tab").read_text()
    rows = (line.split("\t") for line in table.splitlines() if line[:1] != "#")
    return frozenset(row[2] for row in rows)


def offset_name(offset: timedelta) -> str:
    """Return an offset as UTC+5:45, UTC−8, UTC."""
    minutes = round(abs(offset) / timedelta(minutes=1))
    hours, minutes = divmod(minutes, 60)
    if not hours and not minutes:
        return "UTC"
    sign = "−" if offset < timedelta(0) else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def here() -> Zone:
    """Return the current zone: the viewer's on a page, elsewhere the server's."""
    return Zone(str(clock.get_current_timezone()))


def local(moment: datetime) -> datetime:
    """Return a moment in the current zone."""
    return moment.astimezone(here())


def viewers_zone(request: HttpRequest) -> Zone:
    """Return the zone the browser names, the server's while it names none."""
    name = request.COOKIES.get(COOKIE)
    return Zone(name if name in known() else settings.TIME_ZONE)


def in_viewers_zone(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer each request in the zone of whoever asks."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with clock.override(viewers_zone(request)):
            return answer(request)

    return middleware


def last_day(now: datetime, among: Iterable[Zone]) -> date:
    """Return the day it is where, among these zones, the clocks are ahead."""
    return max((now.astimezone(zone).date() for zone in among), default=now.date())
