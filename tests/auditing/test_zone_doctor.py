"""The zone doctor: right on every clock there is, and never a false alarm."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

import pytest

from backoffice.kit.zones import Zone, names
from orders.auditing.zone_doctor import ENOUGH, Witness, ZoneVerdict, diagnose
from tests.support.simulating import SUMMER, WINTER, witnesses

ZONES = sorted(available_timezones())
LOS_ANGELES, NEW_YORK = "America/Los_Angeles", "America/New_York"


def same_clock(zone: Zone, other: str, found: list[Witness]) -> bool:
    return all(
        one.stamp.replace(tzinfo=zone).utcoffset()
        == one.stamp.replace(tzinfo=Zone(other)).utcoffset()
        for one in found
    )


@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.parametrize("begins", [WINTER, SUMMER], ids=["winter", "summer"])
@pytest.mark.parametrize("count", [ENOUGH, 20])
def test_the_zone_of_every_server_is_found(begins, count):
    wrong = []
    for zone in ZONES:
        found = witnesses(zone, count, begins=begins)
        is_utc = same_clock(Zone("UTC"), zone, found)
        diagnosis = diagnose(found, Zone(LOS_ANGELES if is_utc else "UTC"))
        if diagnosis.verdict != ZoneVerdict.WRONG or not same_clock(
            diagnosis.zone, zone, found
        ):
            wrong.append((zone, diagnosis.verdict, diagnosis.zone))

    assert wrong == []


@pytest.mark.slow
@pytest.mark.sweep
def test_the_right_zone_is_never_suspected():
    """1,000 stores: rare and frequent refreshes, slow lists, clocks that differ."""
    chance = random.Random(1000)
    alarms = []
    for number in range(1000):
        zone = chance.choice(names())
        minutes = chance.choice([1, 5, 15, 15, 15, 30, 60, 240, 1440])
        begins = chance.choice([WINTER, SUMMER])
        found = witnesses(
            zone,
            chance.randint(0, 30),
            seed=number,
            begins=begins + timedelta(days=chance.randint(0, 180)),
            interval=timedelta(minutes=minutes),
            slow=chance.choice([0, 0, 0.1, 0.3, 1]),
            skew=timedelta(seconds=chance.choice([0, 0, 3, -3, 40, -40])),
            lasts=timedelta(days=chance.choice([6, 20, 60])),
        )
        diagnosis = diagnose(found, Zone(zone))
        if diagnosis.verdict in {ZoneVerdict.WRONG, ZoneVerdict.FUTURE}:
            alarms.append((number, zone, minutes, diagnosis.zone))

    assert alarms == []


def test_a_right_zone_is_said_to_be_right():
    found = witnesses("Asia/Kolkata", 10)

    assert diagnose(found, Zone("Asia/Kolkata")).verdict == ZoneVerdict.RIGHT


def test_a_zone_with_the_same_clock_is_right_too():
    found = witnesses("America/Vancouver", 10)

    assert diagnose(found, Zone(LOS_ANGELES)).verdict == ZoneVerdict.RIGHT


def test_the_well_known_zone_of_a_clock_is_named():
    diagnosis = diagnose(witnesses("America/Vancouver", 5), Zone("UTC"))

    assert diagnosis.zone.key == LOS_ANGELES
    assert diagnosis.alike[:2] == ("America/Tijuana", "America/Vancouver")


def test_orders_on_both_sides_of_a_clock_change_tell_the_zone_from_its_offset():
    begins = datetime(2026, 10, 30, tzinfo=UTC)
    found = witnesses(LOS_ANGELES, 30, begins=begins)

    diagnosis = diagnose(found, Zone("UTC"))

    assert diagnosis.zone.key == LOS_ANGELES
    assert "America/Phoenix" not in diagnosis.alike


@pytest.mark.parametrize("count", range(ENOUGH))
def test_too_few_orders_tell_nothing(count):
    diagnosis = diagnose(witnesses(LOS_ANGELES, count), Zone("UTC"))

    assert diagnosis.verdict == ZoneVerdict.TOO_FEW
    assert diagnosis.needed == ENOUGH - count


def test_orders_of_two_clocks_tell_nothing():
    found = witnesses(LOS_ANGELES, 6) + witnesses("Asia/Tokyo", 6)

    assert diagnose(found, Zone("Europe/Paris")).verdict in {
        ZoneVerdict.UNCLEAR,
        ZoneVerdict.FUTURE,
    }


def test_refreshes_too_rare_to_tell_tell_nothing():
    daily = timedelta(days=1)
    found = witnesses(LOS_ANGELES, 5, interval=daily, lasts=timedelta(days=20))

    assert diagnose(found, Zone(NEW_YORK)).verdict in {
        ZoneVerdict.RIGHT,
        ZoneVerdict.UNCLEAR,
    }


def test_orders_that_no_refresh_had_missed_before_tell_only_of_the_future():
    moment = datetime(2026, 3, 3, 12, tzinfo=UTC)
    found = [
        Witness(str(number), moment.replace(tzinfo=None), None, moment)
        for number in range(6)
    ]

    too_few = diagnose(found, Zone("UTC"))
    assert (too_few.verdict, too_few.needed) == (ZoneVerdict.TOO_FEW, ENOUGH)
    future = diagnose(found, Zone(LOS_ANGELES))
    assert (future.verdict, future.from_the_future) == (ZoneVerdict.FUTURE, 6)


def test_one_order_that_the_list_was_slow_to_show_changes_nothing():
    found = witnesses(LOS_ANGELES, 15)
    late = found[3]
    hours = timedelta(hours=5)
    found[3] = Witness("late", late.stamp - hours, late.after, late.before)

    assert diagnose(found, Zone(LOS_ANGELES)).verdict == ZoneVerdict.RIGHT
    assert diagnose(found, Zone("UTC")).zone.key == LOS_ANGELES


def test_a_time_that_the_zones_clock_never_shows_speaks_against_it():
    stamp = datetime(2026, 3, 8, 2, 30)
    before = datetime(2026, 3, 8, 10, 30, tzinfo=UTC)
    one = Witness("1", stamp, before - timedelta(minutes=15), before)

    assert not one.fits(Zone(LOS_ANGELES))
    assert one.fits(Zone("Etc/GMT+8"))


@pytest.mark.parametrize("hour", [8, 9])
def test_a_time_that_the_zones_clock_shows_twice_is_either(hour):
    stamp = datetime(2026, 11, 1, 1, 30)
    before = datetime(2026, 11, 1, hour, 31, tzinfo=UTC)
    one = Witness("1", stamp, before - timedelta(minutes=15), before)

    assert one.fits(Zone(LOS_ANGELES))
