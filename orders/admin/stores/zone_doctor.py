"""What the orders say of a store's time zone: a sentence, and the evidence drawn."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.kit import zones
from backoffice.kit.admin import StaffRequest
from backoffice.kit.zones import Zone
from orders.admin.stores.replay import replay_url
from orders.auditing import zone_doctor
from orders.auditing.zone_doctor import Diagnosis, Witness, ZoneVerdict
from orders.importing.rereading import Settings
from stores.models import Store

# The drawing: offsets from the left to the right, an order a line.
WIDTH, LINE = 700, 6
FURTHEST = timedelta(hours=14)
# A few minutes must still be seen.
NARROWEST = 4

SAID: dict[ZoneVerdict, Promise] = {
    ZoneVerdict.OFFSETS: _(
        "The marketplace’s times carry their own offset, so the time zone changes no "
        "date."
    ),
    ZoneVerdict.UNSEEN: _(
        "No order is from the future in %(now)s. Whether it is right cannot be told: "
        "this shop lists what has changed, and not when an order came. Compare an "
        "order’s time with the one that the shop shows."
    ),
    ZoneVerdict.RIGHT: _(
        "%(now)s is right: the times of the newest %(count)d orders agree with when "
        "they came in."
    ),
    ZoneVerdict.WRONG: _(
        "This store’s server looks like %(zone)s, not %(now)s: only then do the times "
        "of the newest %(count)d orders agree with when they came in."
    ),
    ZoneVerdict.FUTURE: _(
        "%(now)s cannot be right, because %(future)d of the newest %(count)d orders "
        "would be from the future; which zone is right cannot be told."
    ),
}
UNCLEAR = _(
    "It cannot be told whether %(now)s is right: the newest %(count)d orders fit no "
    "zone, or several."
)


def describe(request: StaffRequest, store: Store) -> dict[str, Any]:
    """Return what the store's page shows of its zone; nothing before any order."""
    found = zone_doctor.examine(store)
    if found.verdict == ZoneVerdict.TOO_FEW and not found.witnesses:
        return {}
    may_change = request.user.has_perm("stores.change_store")
    wanted = None
    if found.verdict == ZoneVerdict.WRONG and found.zone and may_change:
        settings = replace(Settings.of(store), timezone=found.zone.key)
        wanted = replay_url(store, settings)
    return {
        "diagnosis": found,
        "doctor_says": said_of(store, found),
        "alike": ", ".join(found.alike[:3]),
        "bars": [_bar(one, place) for place, one in enumerate(found.witnesses)],
        "lines": _lines(found),
        "doctor_height": LINE * len(found.witnesses),
        "doctor_width": WIDTH,
        "redate_url": wanted,
    }


def said_of(store: Store, found: Diagnosis) -> str:
    """Say in a sentence what the orders tell."""
    names = {
        "store": store.name,
        "now": store.timezone,
        "count": len(found.witnesses),
        "more": found.needed,
        "future": found.from_the_future,
    }
    text: Promise | str = SAID.get(found.verdict, UNCLEAR)
    if found.verdict == ZoneVerdict.WRONG and found.zone:
        names["zone"] = _with_offset(found, found.zone)
    elif found.verdict == ZoneVerdict.WRONG:
        text = UNCLEAR
    elif found.verdict == ZoneVerdict.TOO_FEW:
        text = ngettext(
            "It cannot be told yet whether %(now)s is right: %(more)d more order "
            "that a refresh brings in is needed.",
            "It cannot be told yet whether %(now)s is right: %(more)d more orders "
            "that a refresh brings in are needed.",
            found.needed,
        )
    return str(text) % names


def _with_offset(found: Diagnosis, zone: Zone) -> str:
    """Return the offset of the newest order in a zone, and the zone: UTC−8 (…)."""
    return f"{zones.offset_name(_offset(found, zone))} ({zone.key})"


def _offset(found: Diagnosis, zone: Zone) -> timedelta:
    """Return a zone's offset at the newest order's stamp."""
    return found.witnesses[0].stamp.replace(tzinfo=zone).utcoffset() or timedelta(0)


def _bar(witness: Witness, place: int) -> dict[str, float]:
    """Return the offsets that one order allows, in units of the drawing."""
    most, least = witness.offsets
    left = _at(least)
    right = WIDTH if most is None else _at(most)
    width = max(right - left, NARROWEST)
    x = round(min(left, WIDTH - width), 1)
    return {"x": x, "y": place * LINE + 1, "width": round(width, 1)}


def _lines(found: Diagnosis) -> list[dict[str, Any]]:
    """Return the offsets of the zone that is set and of the one that fits."""
    if not found.witnesses:
        return []
    lines = [("set", found.configured)]
    if found.verdict == ZoneVerdict.WRONG and found.zone:
        lines.append(("fits", found.zone))
    return [
        {
            "kind": kind,
            "x": round(_at(_offset(found, zone)), 1),
            "name": _with_offset(found, zone),
        }
        for kind, zone in lines
    ]


def _at(offset: timedelta) -> float:
    within = min(max(offset, -FURTHEST), FURTHEST)
    return (within + FURTHEST) / (2 * FURTHEST) * WIDTH
