"""Orders asked for by their numbers that the marketplace does not give out."""

from datetime import timedelta
from itertools import cycle

import pytest

from orders import importing
from orders.importing import fetching, windows
from orders.models import ImportRun
from stores.marketplaces.base import MarketplaceUnavailable

pytestmark = pytest.mark.django_db


def test_once_the_patience_is_over_an_unread_order_ends_it(store, tophatter):
    raws = [tophatter.add_order() for _ in range(3)]
    run = windows.plan_orders(store, [str(raw["order_id"]) for raw in raws], "manual")
    tophatter.fault("422", on="orders/retrieve")

    with pytest.raises(MarketplaceUnavailable):
        list(fetching.fetch_pages(run, store.connect(), timedelta(0)))

    assert len(tophatter.requests) == 1


def test_of_many_orders_that_cannot_be_read_some_are_named(store, tophatter):
    raws = [tophatter.add_order() for _ in range(14)]
    ids = [str(raw["order_id"]) for raw in raws]
    run = windows.plan_orders(store, ids, "manual")
    turns = cycle([True, False])

    def refuse_every_other(run: ImportRun) -> None:
        if next(turns):
            tophatter.fault("422", on="orders/retrieve")

    importing.execute(run, refuse_every_other)

    assert (run.status, run.seen) == ("partial", 7)
    assert run.error.count("could not be read: Tophatter") == 5
    assert run.error.endswith("Others that could not be read: 2.")
