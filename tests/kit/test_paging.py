"""Pages of long lists: right rows at every edge, counted only so far."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock

from backoffice.kit.paging import LongPaginator, count_rows, written
from orders.models import Order
from tests.factories import OrderFactory, StoreFactory

pytestmark = pytest.mark.django_db

PAGE = 10


@pytest.fixture
def orders():
    """Return 95 orders, the newest first; some were placed at the same moment."""
    store, now = StoreFactory(), clock.now()
    facts = [
        OrderFactory.build(
            store=store, ordered_at=now - timedelta(hours=number // 3), paid_at=None
        )
        for number in range(95)
    ]
    Order.objects.bulk_create(facts)
    return Order.objects.order_by("-ordered_at", "-pk")


@pytest.fixture(params=[50, 95, 10_000], ids=["more", "exactly", "less"])
def counted(request, settings):
    settings.COUNTED_ROWS = request.param
    return request.param


def test_pages_together_are_the_list(orders, counted):
    paginator = LongPaginator(orders, PAGE)

    pages = [list(paginator.page(number).object_list) for number in range(1, 11)]

    assert [len(page) for page in pages] == [PAGE] * 9 + [5]
    assert [order for page in pages for order in page] == list(orders)


def test_a_number_beyond_the_end_shows_the_last_page(orders, counted):
    paginator = LongPaginator(orders, PAGE)

    last = list(paginator.page(-1).object_list)

    for number in (11, 12, 10**30):
        assert list(paginator.page(number).object_list) == last
    assert last[-1] == orders.last()
    assert not paginator.page(11).has_next()


def test_a_number_before_the_beginning_shows_the_first_page(orders, counted):
    first = list(orders[:PAGE])

    for number in (0, -12, -(10**30)):
        shown = LongPaginator(orders, PAGE).page(number)
        assert list(shown.object_list) == first
        assert not shown.has_previous()


def test_past_what_is_counted_pages_are_counted_from_the_end(orders, settings):
    settings.COUNTED_ROWS = 50
    paginator, rows = LongPaginator(orders, PAGE), list(orders)

    last, before = paginator.page(-1), paginator.page(-2)

    assert list(last.object_list) == rows[-10:]
    assert list(before.object_list) == rows[-20:-10]
    assert (last.has_next(), last.has_previous()) == (False, True)
    assert (before.has_next(), before.has_previous()) == (True, True)
    assert not paginator.page(-10).has_previous()


def test_a_list_that_ends_with_a_full_page_goes_on_no_further(orders, settings):
    settings.COUNTED_ROWS = 50
    paginator = LongPaginator(
        orders.filter(pk__in=[one.pk for one in orders[:90]]), PAGE
    )

    assert paginator.page(8).has_next()
    assert not paginator.page(9).has_next()


def test_rows_are_counted_only_so_far(orders, settings):
    settings.COUNTED_ROWS = 50
    assert (count_rows(orders), written(count_rows(orders))) == (51, "50+")

    settings.COUNTED_ROWS = 95
    assert (count_rows(orders), written(count_rows(orders))) == (95, "95")
