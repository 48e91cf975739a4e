"""In every zone there is and whenever clocks change: windows, stamps, re-dating."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import importing
from orders.importing import replays, rereading, windows
from orders.importing.rereading import Settings
from orders.importing.windows import WINDOW
from orders.models import ImportRun
from stores.marketplaces.base import PADDING
from stores.marketplaces.values import moment
from tests.factories import StoreFactory
from tests.support.clock_changes import FROM, SECOND, UNTIL, clocks
from tests.support.payloads import ORDER_2021

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# Around a change of the clock: before it, in the hours it repeats or skips, after it.
AROUND = [
    *(timedelta(hours=hours) for hours in (-3, -1, 0, 1, 3)),
    *(timedelta(minutes=minutes) for minutes in (-61, -30, -1, 1, 30, 59, 61)),
    *(timedelta(seconds=seconds) for seconds in (-1, 1)),
]
NAMES = sorted(available_timezones())
zones = st.sampled_from(NAMES)


def stamp(instant: datetime, zone: ZoneInfo) -> str:
    """Write a moment as a server of this zone does that leaves the offset out."""
    return instant.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")


def read(text: str, zone: ZoneInfo) -> datetime:
    return moment({"created_at": text}, "created_at", zone)


def instants(zone: ZoneInfo, text: str) -> list[datetime]:
    """Return when the clocks of a zone show a time: once, twice or never."""
    wall = datetime.fromisoformat(text)
    found = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(one for one in found if stamp(one, zone) == text)


def nights() -> Iterator[tuple[ZoneInfo, datetime, timedelta]]:
    """Yield each change of each clock there is."""
    for name, changes in clocks().items():
        for change, by in changes:
            yield ZoneInfo(name), change, by


def test_the_changes_of_all_clocks_are_found():
    found = list(nights())
    offsets = {FROM.astimezone(ZoneInfo(name)).utcoffset() for name in NAMES}
    known = {change for change, _by in clocks()["America/Adak"]}

    assert datetime(2026, 3, 8, 12, tzinfo=UTC) in known
    assert datetime(2026, 11, 1, 11, tzinfo=UTC) in known
    assert len(found) > 400
    assert {by for _zone, _change, by in found} >= {HOUR, -HOUR, HOUR / 2, 2 * HOUR}
    assert all(abs(by) <= 2 * HOUR for _zone, _change, by in found)
    # No two clocks are further apart than the padding.
    assert max(offsets) - min(offsets) == PADDING


# Windows


@pytest.mark.sweep
def test_no_zone_of_a_store_hides_an_order_from_its_refresh_when_clocks_change():
    stores = [ZoneInfo(name) for name in clocks()]
    for server, change, _by in nights():
        for away in AROUND:
            placed = change + away
            text = stamp(placed, server)
            # A new store; its first refresh looks back the least.
            start, end = windows.refresh_window(StoreFactory.build(), placed + WINDOW)
            assert end == placed + WINDOW
            for zone in stores:
                assert read(text, zone) >= start - PADDING, (server, zone, placed)


def test_no_zone_of_a_store_hides_an_order_from_the_import_of_some_days():
    stores = [ZoneInfo(name) for name in clocks()]
    for server, change, _by in nights():
        run = windows.plan_range(
            StoreFactory.build(), change - HOUR, change + HOUR, "manual"
        )
        for placed in (run.window_start, change, run.window_end):
            text = stamp(placed, server)
            for zone in stores:
                believed = read(text, zone)
                assert run.window_start - PADDING <= believed, (server, zone, placed)
                assert believed <= run.window_end + PADDING, (server, zone, placed)


changes = st.deferred(
    lambda: st.sampled_from([change for _zone, change, _by in nights()])
)
ages = st.lists(
    st.timedeltas(timedelta(0), WINDOW) | st.sampled_from([timedelta(0), WINDOW]),
    min_size=1,
    max_size=5,
)


@pytest.mark.sweep
@pytest.mark.django_db
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    server=zones,
    believed=zones,
    night=changes,
    since=st.timedeltas(-HOUR, WINDOW + HOUR),
    ages=ages,
)
def test_a_refresh_sees_every_order_of_three_days_whatever_the_zones(
    tophatter, server, believed, night, since, ages
):
    now = night + since // MINUTE * MINUTE
    store = StoreFactory.build(timezone=believed, access_token=tophatter.token)
    tophatter.accounts[tophatter.token].clear()
    for age in ages:
        text = stamp(now - age, ZoneInfo(server))
        tophatter.add_order(created_at=text, paid_at=text)
    store.pk = 1

    run = importing.preview(windows.plan_refresh(store, "manual", now))

    assert (run.status, run.created) == (ImportRun.Status.COMPLETE, len(ages))


# Stamps


def test_a_stamp_of_a_clock_that_changes_is_read_as_promised():
    kinds = {0: 0, 1: 0, 2: 0}
    for zone, change, by in nights():
        wall = (change + min(by, timedelta(0))).astimezone(zone).replace(tzinfo=None)
        first = datetime.fromisoformat(stamp(change - HOUR, zone)) + HOUR
        start = min(wall, first)
        for away in AROUND:
            text = (start + away).isoformat()
            shown = instants(zone, text)
            kinds[len(shown)] += 1
            if shown:
                # Once is that one, and of two it is the first.
                assert read(text, zone) == shown[0], (zone, text)
            else:
                moved = read(text, zone).astimezone(zone).replace(tzinfo=None)
                assert moved == start + away + by, (zone, text)
    assert all(count > 400 for count in kinds.values())


@given(zone=zones, seconds=st.integers(0, (UNTIL - FROM) // SECOND))
def test_a_stamp_is_the_moment_it_was_written_or_the_first_that_looks_alike(
    zone, seconds
):
    written = FROM + timedelta(seconds=seconds)
    zone = ZoneInfo(zone)
    text = stamp(written, zone)

    shown = instants(zone, text)

    assert written in shown
    assert read(text, zone) == shown[0]


def test_an_offset_is_taken_at_its_word_in_every_zone():
    for zone, change, _by in nights():
        for away in AROUND:
            instant = change + away
            text = instant.astimezone(zone).isoformat(timespec="seconds")
            for other in ("UTC", "Etc/GMT+12", "Etc/GMT-14", str(zone)):
                assert read(text, ZoneInfo(other)) == instant, (text, other)


# Re-dating


@pytest.mark.sweep
@pytest.mark.django_db
def test_re_dating_to_the_true_zone_gives_the_true_times_and_undoing_the_earlier():
    names = list(clocks())
    for place, (name, changes) in enumerate(clocks().items()):
        zone, wrong = ZoneInfo(name), names[(place * 7 + 3) % len(names)]
        around = changes[3:5] or [(FROM, None)]
        placed = [
            change + away
            for change, _by in around
            for away in (-26 * HOUR, -HOUR, -MINUTE, MINUTE, HOUR / 2, 26 * HOUR)
        ]
        placed.append(datetime(2026, 11, 3, 22, 30, tzinfo=UTC))
        store = StoreFactory(timezone=wrong)
        importing.import_page(store, [order(*one, zone) for one in enumerate(placed)])
        before = dates(store)
        foretold = rereading.rehearse(store, Settings(name, False))

        replay = replays.apply(store, Settings(name, False), None)

        redated = dates(store)
        for number, one in enumerate(placed):
            shown = instants(zone, stamp(one, zone))
            assert redated[str(number)] == (shown[0], shown[0]), (wrong, name, one)
            assert one == shown[0] or len(shown) == 2
        for one in foretold:
            after = {change.after for change in one.changes} or {one.order.ordered_at}
            assert set(redated[one.order.marketplace_order_id]) == after
        if replay.pk:
            replays.undo(replay, None)
        assert dates(store) == before


def order(number: int, placed: datetime, server: ZoneInfo) -> dict:
    stamps = dict.fromkeys(["created_at", "paid_at"], stamp(placed, server))
    return ORDER_2021 | stamps | {"order_id": number}


def dates(store) -> dict[str, tuple[datetime, datetime]]:
    return {
        number: (ordered_at, paid_at)
        for number, ordered_at, paid_at in store.orders.values_list(
            "marketplace_order_id", "ordered_at", "paid_at"
        )
    }
