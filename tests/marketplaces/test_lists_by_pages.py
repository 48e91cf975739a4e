"""A list of orders is read to its end, whatever pages a marketplace makes of it."""

from collections.abc import Callable

import pytest

from stores.marketplaces.base import MarketplaceUnavailable
from stores.marketplaces.tophatter.client import Tophatter
from stores.sandbox.server import Sandbox

# Page and size as asked for; page and size as served.
Cut = Callable[[int, int], tuple[int, int]]


def read(tophatter: Sandbox, orders: int, cut: Cut) -> list[list[int]]:
    """Return the pages that are read of so many orders, as places in the list."""
    for _ in range(orders - len(tophatter.orders())):
        tophatter.add_order()
    newest = max(order["order_id"] for order in tophatter.orders())

    def serve(request) -> None:
        asked = int(request.body["page"]), int(request.body["per_page"])
        page, size = cut(*asked)
        request.body.update(page=str(page), per_page=str(size))

    tophatter.on_request = serve
    connector = Tophatter(tophatter.token, tophatter.url, may_be_private=True)
    pages = list(connector.list_orders())
    return [[newest - raw["order_id"] for raw in page] for page in pages]


def places(pages: list[list[int]]) -> set[int]:
    return {place for page in pages for place in page}


def test_pages_that_are_cut_at_the_size_asked_for_hide_no_order(tophatter):
    pages = read(tophatter, 150, lambda page, size: ((page - 1) * size // 60 + 1, 60))

    assert [len(page) for page in pages] == [60, 60, 30]
    assert places(pages) == set(range(150))


@pytest.mark.parametrize("sizes", [[60, 30], [60, 30, 10], [60, 50, 20, 5]])
def test_pages_that_become_smaller_hide_no_order(tophatter, sizes):
    pages = read(
        tophatter, 120, lambda page, size: (page, sizes[min(page, len(sizes)) - 1])
    )

    assert places(pages) == set(range(120))


def test_an_empty_page_is_the_end(tophatter):
    asked = []

    def cut(page: int, size: int) -> tuple[int, int]:
        asked.append(page)
        return page, size

    read(tophatter, 3, cut)

    assert asked == [1, 2]


def test_short_pages_that_come_again_and_do_not_end_the_list_are_no_end(tophatter):
    # The first page, then two of its parts by turns.
    with pytest.raises(MarketplaceUnavailable, match="repeats itself"):
        read(
            tophatter,
            90,
            lambda page, size: (1, 60) if page == 1 else (page % 2 + 1, 30),
        )
