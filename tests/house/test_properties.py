"""Whatever happens on the way, one clean run later everything is here once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.utils import timezone as clock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import importing
from orders.importing import windows
from orders.importing.windows import OVERLAP, WINDOW
from orders.models import ImportProblem, ImportRun, Order
from stores.marketplaces.base import PADDING
from stores.models import Store
from tests.factories import StoreFactory

STATUSES = {
    "paid": "awaiting_shipment",
    "unpaid": "awaiting_payment",
    "pending_verification": "awaiting_payment",
    "pending_consolidation_decision": "on_hold",
    "shipped": "shipped",
    "refunded": "cancelled",
    "canceled": "cancelled",
    "mystery": "needs_review",
}
FAULTS = [
    *("401", "403", "422", "429", "500", "503"),
    *("html", "truncated", "reset", "reset_body", "object", "null"),
]


class Killed(BaseException):
    """Stands for a process that ends between two pages."""


def die(run: ImportRun) -> None:
    raise Killed


words = st.sampled_from(sorted(STATUSES))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("order"), words),
        st.tuples(st.just("no address"), words),
        st.tuples(st.just("becomes"), words),
        st.tuples(st.just("address comes"), st.none()),
        st.tuples(st.just("fault"), st.sampled_from(FAULTS)),
        st.tuples(st.just("refresh"), st.none()),
        st.tuples(st.just("killed"), st.none()),
    ),
    max_size=12,
)


def take(step: str, word: str, store: Store, tophatter) -> None:
    orders = tophatter.orders()
    if step == "order":
        tophatter.add_order(status=word)
    elif step == "no address":
        tophatter.add_order(status=word, address1=None, city=None, postal_code=None)
    elif step == "becomes" and orders:
        orders[len(orders) // 2]["status"] = word
    elif step == "address comes":
        for raw in orders:
            raw |= {"address1": "1 New Street", "city": "Reno", "postal_code": "89501"}
    elif step == "fault":
        tophatter.fault(word, on="orders")
    elif step == "refresh":
        importing.refresh_store(store)
    elif step == "killed":
        run = windows.plan_refresh(store, "manual")
        try:
            importing.execute(run, on_page=die)
        except Killed:
            # A killed process closes nothing: undo what the exception still did.
            ImportRun.objects.filter(pk=run.pk).update(
                status="running", finished_at=None
            )


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=steps)
def test_after_one_clean_run_every_order_is_here_once_in_its_last_state(
    steps, store, tophatter
):
    Order.objects.all().delete()
    ImportProblem.objects.all().delete()
    ImportRun.objects.all().delete()
    tophatter.accounts[tophatter.token].clear()
    tophatter.clear_faults()
    for step, word in steps:
        take(step, word, store, tophatter)
    tophatter.clear_faults()

    run = importing.refresh_store(store)

    there = {
        str(raw["order_id"]): STATUSES[raw["status"]]
        for raw in tophatter.orders()
        if raw["address1"]
    }
    # What came in once stays, with or without an address, in its last state.
    here = dict(Order.objects.values_list("marketplace_order_id", "status"))
    waiting = {
        str(raw["order_id"])
        for raw in tophatter.orders()
        if not raw["address1"]
        and STATUSES[raw["status"]] not in {"shipped", "cancelled"}
    }
    open_problems = ImportProblem.objects.filter(resolved_at=None)
    kept_out = open_problems.filter(kind="no_address")
    assert run.status == "complete"
    assert here == there
    assert set(kept_out.values_list("marketplace_order_id", flat=True)) == waiting
    for one in ImportRun.objects.all():
        assert one.seen == sum(getattr(one, name) for name in ImportRun.COUNTS[1:])
    assert not ImportRun.objects.filter(finished_at=None).exists()


ZONES = sorted(available_timezones())
moments = st.datetimes(
    min_value=datetime(2020, 1, 1),
    max_value=datetime(2030, 1, 1),
    timezones=st.just(UTC),
)
gaps = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))


@given(now=moments, gap=st.none() | gaps)
def test_the_window_reaches_back_three_days_and_over_every_gap(now, gap):
    store = StoreFactory.build()
    store.last_import_at = now - gap if gap is not None else None

    start, end = windows.refresh_window(store, now)

    assert end == now
    assert start <= now - WINDOW
    if store.last_import_at:
        assert start <= store.last_import_at - OVERLAP
        assert start == now - WINDOW or start == store.last_import_at - OVERLAP


@given(
    now=moments,
    age=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2)),
    actual=st.sampled_from(ZONES),
    assumed=st.sampled_from(ZONES),
)
def test_no_wrong_zone_hides_an_order_of_the_last_two_days(now, age, actual, assumed):
    wall = (now - age).astimezone(ZoneInfo(actual)).replace(tzinfo=None)
    believed = wall.replace(tzinfo=ZoneInfo(assumed)).astimezone(UTC)

    start, _ = windows.refresh_window(StoreFactory.build(), now)

    assert believed >= start - PADDING


@pytest.mark.django_db
@pytest.mark.parametrize("hours", [-26, -14, 14, 26])
def test_an_order_whose_date_is_a_day_wrong_still_comes_in(store, tophatter, hours):
    wrong = clock.now() + timedelta(hours=hours)
    raw = tophatter.add_order(created_at=wrong, paid_at=wrong)

    importing.refresh_store(store)

    assert Order.objects.get().marketplace_order_id == str(raw["order_id"])
