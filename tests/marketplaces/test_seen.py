"""Order numbers that have come, in little memory."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.marketplaces.seen import SeenOrders

numbers = st.one_of(
    st.integers(0, 2**31).map(str),
    st.integers(120_000_000, 120_000_040).map(str),
    st.sampled_from(["0", "00", "007", "7", "no-id-ab12", "", "9" * 50, "٣", "-7"]),
)


@given(st.lists(st.lists(numbers)))
def test_it_knows_what_has_come_as_a_set_does(pages):
    seen, known = SeenOrders(), set()
    for page in pages:
        new = seen.add(page)

        assert new == list(dict.fromkeys(one for one in page if one not in known))
        known.update(page)
        assert all(one in seen for one in known)
    assert "120000041" not in seen


@pytest.mark.slow
def test_a_hundred_thousand_take_less_than_a_megabyte():
    tracemalloc.start()
    try:
        seen = SeenOrders()
        for start in range(120_000_000, 120_500_000, 5000):
            seen.add(str(number) for number in range(start, start + 5000, 5))
        taken, _most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert "120499995" in seen
    assert taken < 1_000_000
