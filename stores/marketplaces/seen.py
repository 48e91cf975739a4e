"""The numbers of all orders that one reading has met, a million in a few megabytes."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable


class SeenOrders:
    """A set of order numbers that only grows; it keeps two bytes of most of them.

    Numbers that share all but their last 16 bits stand in one sorted array. What is
    no plain number is kept as it is.
    """

    def __init__(self) -> None:
        self._endings: dict[int, array[int]] = {}
        self._others: set[str] = set()

    def __contains__(self, order_id: object) -> bool:
        if not isinstance(order_id, str) or not _is_plain(order_id):
            return order_id in self._others
        beginning, ending = divmod(int(order_id), 1 << 16)
        endings = self._endings.get(beginning, ())
        place = bisect_left(endings, ending)
        return place < len(endings) and endings[place] == ending

    def add(self, order_ids: Iterable[str]) -> list[str]:
        """Take these numbers in, and return those that had not come before."""
        return [order_id for order_id in order_ids if self._take(order_id)]

    def _take(self, order_id: str) -> bool:
        if not _is_plain(order_id):
            is_new = order_id not in self._others
            self._others.add(order_id)
            return is_new
        beginning, ending = divmod(int(order_id), 1 << 16)
        endings = self._endings.get(beginning)
        if endings is None:
            endings = self._endings[beginning] = array("H")
        place = bisect_left(endings, ending)
        if place < len(endings) and endings[place] == ending:
            return False
        endings.insert(place, ending)
        return True


def _is_plain(order_id: str) -> bool:
    """Return whether the number alone, as a number, is the same text again."""
    return (
        order_id.isascii()
        and order_id.isdecimal()
        and (order_id[0] != "0" or order_id == "0")
    )
