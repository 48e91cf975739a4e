"""Which stretches of time were completely read, from the imports' own rows."""

import json
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone as clock
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from backoffice.health import beat
from orders import importing, tasks
from orders.auditing.coverage import Interval, coverage, fill_gaps, gaps_by_store
from orders.models import ImportRun, Order
from stores.models import Store
from tests.factories import StoreFactory
from tests.support import queues
from tests.support.coverage import NOW, days_ago, was_read
from tests.support.order_pages import staff

pytestmark = pytest.mark.django_db


def gaps(store: Store, now: datetime = NOW) -> list[tuple[float, float]]:
    """Return the gaps in days ago."""
    found = coverage(store, now)
    return [
        ((NOW - gap.start) / timedelta(days=1), (NOW - gap.end) / timedelta(days=1))
        for gap in found.gaps
    ]


def test_windows_that_overlap_leave_no_gap():
    store = StoreFactory()
    was_read(store, 10, 6)
    was_read(store, 7, 3)
    was_read(store, 9, 8)
    was_read(store, 3, 0)

    found = coverage(store, NOW)

    assert found.span == Interval(days_ago(10), NOW)
    assert found.gaps == []


@pytest.mark.parametrize(("seconds", "count"), [(1, 0), (2, 1)])
def test_windows_a_second_apart_leave_no_gap(seconds, count):
    store = StoreFactory()
    first = was_read(store, 10, 5)
    after = first.window_end + timedelta(seconds=seconds)
    was_read(store, 3, 0, window_start=after)

    assert len(gaps(store)) == count


def test_what_no_complete_run_has_read_is_a_gap():
    store = StoreFactory()
    was_read(store, 10, 8)
    was_read(store, 3, 0)
    for status in (ImportRun.Status.PARTIAL, ImportRun.Status.FAILED):
        was_read(store, 9, 2, status=status)
    was_read(store, 9, 2, kind=ImportRun.Kind.ORDERS)

    assert gaps(store) == [(8, 3)]


def test_no_run_has_read_what_was_ordered_after_it_began():
    store = StoreFactory()
    was_read(store, 10, 0, started_at=days_ago(8), kind=ImportRun.Kind.RANGE)
    was_read(store, 10, 8)
    was_read(store, 3, 0)

    assert gaps(store) == [(8, 3)]


def test_days_read_by_hand_close_a_gap():
    store = StoreFactory()
    was_read(store, 10, 8)
    was_read(store, 3, 0)
    was_read(store, 8, 5, kind=ImportRun.Kind.RANGE)

    assert gaps(store) == [(5, 3)]


def test_what_lies_before_the_first_refresh_is_no_gap():
    store = StoreFactory()
    was_read(store, 60, 50, kind=ImportRun.Kind.RANGE)
    was_read(store, 3, 0)

    assert gaps(store) == []


def test_what_was_pruned_is_no_gap(settings):
    settings.RUN_RETENTION_DAYS = 5
    store = StoreFactory()
    was_read(store, 12, 10)
    was_read(store, 4, 0)

    found = coverage(store, NOW)

    assert found.span == Interval(days_ago(4), NOW)
    assert found.gaps == []


def test_one_stores_windows_cover_no_other():
    one, other = StoreFactory(), StoreFactory()
    for store in (one, other):
        was_read(store, 10, 8)
        was_read(store, 3, 0)
    was_read(other, 9, 2)

    assert list(gaps_by_store(NOW)) == [one]


def test_a_store_that_was_never_read_has_no_coverage():
    assert coverage(StoreFactory(), NOW) is None


spans = st.tuples(
    st.integers(0, 40), st.integers(1, 12), st.sampled_from(["complete", "failed"])
)


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.lists(spans, min_size=1, max_size=8))
def test_a_moment_is_covered_when_some_complete_run_has_read_it(runs):
    ImportRun.objects.all().delete()
    store = Store.objects.first() or StoreFactory()
    read = set()
    for end, length, status in runs:
        was_read(store, end + length, end, status=status)
        if status == "complete":
            read |= set(range(end, end + length))

    found = coverage(store, NOW)

    if not read:
        assert found is None
        return
    # Half past each hour of "days ago" is inside a window or outside of it.
    for day in range(min(read), max(read) + 1):
        moment = days_ago(day + 0.5)
        in_a_gap = any(gap.start < moment < gap.end for gap in found.gaps)
        assert in_a_gap == (day not in read)


def test_a_young_gap_is_imported_by_itself(
    store, tophatter, django_capture_on_commit_callbacks
):
    was_read(store, 12, 9)
    was_read(store, 3, 0)
    tophatter.add_order(created_at=days_ago(6))
    queues.purge()

    with django_capture_on_commit_callbacks(execute=True):
        tasks.fill_gaps()
        tasks.fill_gaps()
    waiting = [task["args"] for task in queues.waiting()]
    (run,) = ImportRun.objects.filter(started_at=None)
    tasks.run_import(run.pk)

    assert waiting == [(run.pk,)]
    assert (run.kind, run.trigger) == ("range", "schedule")
    assert Order.objects.count() == 1
    assert gaps(store, clock.now()) == []


def test_an_old_gap_waits_for_a_person():
    store = StoreFactory()
    was_read(store, 60, 50)
    was_read(store, 40, 0)

    assert gaps(store) == [(50, 40)]
    assert fill_gaps(NOW) == []


def test_of_a_long_gap_the_young_part_is_imported():
    store = StoreFactory()
    was_read(store, 60, 50)
    was_read(store, 20, 0)

    (run,) = fill_gaps(NOW)

    assert (run.window_start, run.window_end) == (days_ago(30), days_ago(20))


@pytest.mark.parametrize(
    "fields",
    [
        {"is_active": False},
        {"connection": "refused"},
        {"token_ciphertext": ""},
        {"auto_import": False},
    ],
)
def test_a_store_that_is_not_read_by_itself_is_left_alone(fields):
    store = StoreFactory(**fields)
    was_read(store, 10, 8)
    was_read(store, 3, 0)

    assert fill_gaps(NOW) == []


def test_a_gap_that_could_not_be_read_is_tried_again_after_hours(store, tophatter):
    was_read(store, 10, 8)
    was_read(store, 3, 0)
    tophatter.fault("500", times=None)

    (run,) = fill_gaps(NOW)
    importing.execute(run)

    assert run.status == ImportRun.Status.FAILED
    assert fill_gaps(clock.now()) == []
    assert len(fill_gaps(clock.now() + timedelta(hours=7))) == 1


def test_check_sync_counts_gaps(capsys):
    beat()
    store = StoreFactory(name="Main", last_import_at=clock.now())
    was_read(store, 10, 8)
    was_read(store, 7, 6)
    was_read(store, 3, 0)

    with pytest.raises(SystemExit) as exit_status:
        call_command("check_sync", "--json")

    assert exit_status.value.code == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "cause": "gap",
        "store": "Main",
        "message": "2 stretches of time of Main were never completely read; its page "
        "imports them.",
    }


def page(store: Store, name: str = "change") -> str:
    return reverse(f"admin:stores_store_{name}", args=[store.pk])


def test_the_stores_page_draws_its_gaps(admin_client):
    store = StoreFactory(timezone="America/Los_Angeles")
    was_read(store, 10, 8)
    was_read(store, 3, 0)

    text = admin_client.get(page(store)).content.decode()

    assert text.count('class="coverage-gap"') == 1
    assert "1 stretch of time since" in text
    assert "Import this gap" in text
    assert "PST" in text or "PDT" in text


def test_the_stores_page_says_that_nothing_is_missing(admin_client):
    store = StoreFactory()
    was_read(store, 10, 0)

    text = admin_client.get(page(store)).content.decode()

    assert "was asked for, without a gap." in text
    assert "coverage-gap" not in text


def test_a_gap_is_imported_with_one_click(admin_client, store, tophatter):
    was_read(store, 10, 8)
    was_read(store, 3, 0)

    answer = admin_client.post(page(store, "gap"), {"start": days_ago(8).isoformat()})

    run = ImportRun.objects.get(started_at=None)
    assert (run.window_start, run.window_end) == (days_ago(8), days_ago(3))
    assert answer["Location"].endswith(f"/orders/importrun/{run.pk}/change/")
    importing.execute(run)
    again = admin_client.post(
        page(store, "gap"), {"start": days_ago(8).isoformat()}, follow=True
    )
    assert "is no gap any more" in again.content.decode()


@pytest.mark.parametrize("start", ["", "yesterday", "2026-13-40T99:99:99+00:00"])
def test_what_is_no_gap_is_not_imported(admin_client, start):
    store = StoreFactory()
    was_read(store, 10, 8)
    was_read(store, 3, 0)

    answer = admin_client.post(page(store, "gap"), {"start": start}, follow=True)

    assert "is no gap any more" in answer.content.decode()
    assert not ImportRun.objects.filter(started_at=None).exists()


def test_who_may_not_import_closes_no_gap(client):
    store = StoreFactory()
    was_read(store, 10, 8)
    was_read(store, 3, 0)
    staff(client, "view_store")

    text = client.get(page(store)).content.decode()
    answer = client.post(page(store, "gap"), {"start": days_ago(8).isoformat()})

    assert "Import this gap" not in text
    assert answer.status_code == 403
