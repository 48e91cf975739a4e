"""Whatever was kept of orders, in any zone: foretold, read again, and back exactly."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import available_timezones

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orders import importing
from orders.importing import replays, rereading
from orders.importing.rereading import Settings
from orders.models import LineItem
from stores.marketplaces.base import OrderStatus
from tests.factories import StoreFactory
from tests.support.payloads import ORDER_2017, ORDER_2021
from tests.support.replaying import LINE, ROW, everything

NOT_COMPARED = {"id", "order_id", "store_id", "imported_at", "changed_at"}

# Summer and winter, the hours of the clock change in both hemispheres, any other.
stamps = st.one_of(
    st.sampled_from(["2021-03-14T02:30:00", "2021-11-07T01:30:00", "2021-04-04T02:15"]),
    st.datetimes(datetime(2012, 1, 1), datetime(2030, 1, 1)).map(datetime.isoformat),
)
offsets = st.sampled_from(["", "", "Z", "-07:00", "+0530"])
times = st.builds("{}{}".format, stamps, offsets)
payloads = st.builds(
    lambda profile, values: profile | values,
    st.sampled_from([ORDER_2017, ORDER_2021]),
    st.fixed_dictionaries(
        {"created_at": times, "paid_at": st.none() | times},
        optional={
            "variation_identifier": st.none() | st.text("ABÉ -1", max_size=8),
            "product_quantity": st.integers(1, 9) | st.just(Decimal("2.0")),
            "refund_amount": st.none() | st.decimals(0, 99, places=2),
            "status": st.sampled_from(["paid", "unpaid", "shipped", "mystery"]),
        },
    ),
)
own_words = st.dictionaries(
    st.sampled_from(["mystery", "paid", "shipped"]),
    st.sampled_from(OrderStatus.values),
)
kinds = st.builds(
    Settings, st.sampled_from(sorted(available_timezones())), st.booleans(), own_words
)


def as_read(store) -> list:
    names = [name for name in ROW if name not in NOT_COMPARED]
    lines = LineItem.objects.filter(order__store=store).order_by("order_id", "position")
    return [
        *store.orders.order_by("marketplace_order_id").values_list(*names),
        *lines.values_list(*LINE[1:]),
    ]


def store_with(kind: Settings, raws: list[dict]):
    store = StoreFactory(
        timezone=kind.timezone,
        import_variation_as_option=kind.import_variation_as_option,
        status_words=kind.status_words,
    )
    importing.import_page(store, raws)
    return store


@pytest.mark.slow
@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(raws=st.lists(payloads, min_size=1, max_size=4), old=kinds, new=kinds)
@example(
    raws=[ORDER_2021 | {"created_at": "2021-03-14T02:30:00"}],
    old=Settings("UTC", False),
    new=Settings("America/Los_Angeles", True),
)
def test_orders_read_again_are_as_if_they_came_in_now_and_go_back_exactly(
    raws, old, new
):
    raws = [raw | {"order_id": number} for number, raw in enumerate(raws, 1)]
    store, fresh = store_with(old, raws), store_with(new, raws)
    before = everything(store)
    foretold = rereading.rehearse(store, new)

    replay = replays.apply(store, new, None)

    assert as_read(store) == as_read(fresh)
    assert replay.changed == sum(bool(one.changes) for one in foretold)
    now = store.orders.in_bulk()
    for one in foretold:
        dates = {change.title: change.after for change in one.changes if change.moved}
        order = now[one.order.pk]
        assert dates.get("ordered", one.order.ordered_at) == order.ordered_at
        assert dates.get("paid", one.order.paid_at) == order.paid_at
    assert not any(one.changes for one in rereading.rehearse(store, new))
    if replay.pk:
        replays.undo(replay, None)
    assert everything(store) == before
