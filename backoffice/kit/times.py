"""Times on pages: each with its zone, and in UTC where one looks closer."""

from datetime import UTC, datetime
from functools import partial

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from backoffice.kit import zones
from backoffice.kit.zones import Zone


def in_zone(moment: datetime | None, zone: Zone, closer: str = "") -> str:
    """Return a moment in a zone, named beside it; in UTC under the pointer."""
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    return format_html(
        '<time datetime="{}" title="{}"><span class="whitespace-nowrap">{}</span> '
        '<span class="whitespace-nowrap">{} {}</span></time>',
        local.isoformat(),
        closer or in_utc(moment),
        date_format(local, "SHORT_DATE_FORMAT"),
        date_format(local, "TIME_FORMAT"),
        local.tzname(),
    )


def at_store(moment: datetime | None, zone: Zone, closer: str = "") -> str:
    """Return a moment in the store's zone and, where that differs, in the viewer's."""
    shown = in_zone(moment, zone, closer)
    if moment is None:
        return shown
    theirs, ours = moment.astimezone(zone), zones.local(moment)
    if theirs.utcoffset() == ours.utcoffset():
        return shown
    is_same_day = theirs.date() == ours.date()
    write = partial(date_format, ours)
    return format_html(
        '{} <span class="font-normal text-font-subtle-light whitespace-nowrap '
        'dark:text-font-subtle-dark" title="{}">{}</span>',
        shown,
        _("In your time zone, %(zone)s") % {"zone": ours.tzinfo},
        f"{write('TIME_FORMAT')} {ours.tzname()}"
        if is_same_day
        else write("SHORT_DATETIME_FORMAT"),
    )


def in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
