"""The practice shops of the soak: their life, their faults, and what they were told."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise

from django.db.models import QuerySet

from orders.models import Shipment
from orders.models.shipments import REPOST_AFTER
from stores.models import Store
from stores.sandbox.shops.orders import Notice, Order
from stores.sandbox.shops.server import Shop
from tests.benchmarks.there import There
from tests.support.connected_shops import connect_shop

# By name, in the order in which a trial with few shops takes them.
KINDS = {
    "woo": {"profile": "woo"},
    "woo-rest": {"profile": "woo-rest"},
    "spree": {"profile": "spree"},
    "woo-rest without its plug-in": {"profile": "woo-rest", "has_plugin": False},
    "magento": {"profile": "magento"},
    "nop": {"profile": "nop"},
    "craft": {"profile": "craft"},
    "guide": {"profile": "guide"},
}
# Whose second notice changes nothing.
HARMLESS = {"spree", "nop", "craft"}
STATES = {
    "to_ship": "awaiting_shipment",
    "shipped": "shipped",
    "cancelled": "cancelled",
}
# By which doors a notice tells the buyer; a word of status alone tells nothing twice.
TELLING = {"shipnotify", "rest", "note"}
TAKEN = {"shipped", "noted", "repeated"}
# A notice's time is kept to the second.
SECONDS = timedelta(seconds=5)

OF_EVERY_CALL = ["html_500", "html_200", "lost_request", "slow"]
OF_LISTS = ["reset_body", "truncated", "empty", "shifting", "redirect"]
OF_XML = [
    *("control_character", "bad_byte", "bare_ampersand", "blank_line", "php_notice"),
    *("byte_order_mark", "window_in_los_angeles", "dates_in_los_angeles"),
    *("page_ignored", "repeat_page"),
]
OF_NOTICES = ["lost_answer", "error_after_apply", "ignored"]
FAULTS = {
    "export": [*OF_EVERY_CALL, *OF_LISTS, *OF_XML],
    "shipnotify": [*OF_EVERY_CALL, *OF_NOTICES],
    "rest": [*OF_EVERY_CALL, *OF_LISTS],
    "rest_notice": [*OF_EVERY_CALL, *OF_NOTICES],
}


class Shops:
    """Shops of several kinds, each a server of its own in this process."""

    def __init__(self, count: int, dice: random.Random) -> None:
        kinds = list(KINDS)[:count]
        self.dice = dice
        self.done: Counter[str] = Counter()
        self.shops = {f"Shop {kind}": Shop(**KINDS[kind]) for kind in kinds}

    def open(self) -> None:
        """Serve them all, and connect a store to each."""
        for name, shop in self.shops.items():
            shop.start()
            connect_shop(shop, name=name)

    def stop(self) -> None:
        for shop in self.shops.values():
            shop.stop()

    def live(self, orders: int) -> None:
        """Have so many orders placed, and for some of them one changed or cancelled."""
        for shop in self.dice.choices(list(self.shops.values()), k=orders):
            shop.add_order()
            self.done["orders placed at shops"] += 1
            if self.dice.random() < 0.3:
                self._change_some_order()
            if self.dice.random() < 0.15:
                self._cancel_some_order()

    def _change_some_order(self) -> None:
        shop = self.dice.choice([one for one in self.shops.values() if one.orders])
        with shop.lock:
            order = self.dice.choice(list(shop.orders.values()))
            shop.change_order(order, note=f"{order.note} Changed.".strip()[-100:])
        self.done["orders changed at shops"] += 1

    def _cancel_some_order(self) -> None:
        shop = self.dice.choice(list(self.shops.values()))
        with shop.lock:
            to_ship = [one for one in shop.orders.values() if _is_to_ship(shop, one)]
            # A shop that lists open orders alone would never say so.
            if to_ship and not _lists_open_alone(shop):
                shop.change_order(self.dice.choice(to_ship), status="cancelled")
                self.done["orders cancelled at shops"] += 1

    def arm_a_fault(self, refuses: bool) -> None:
        """Have the next call of a kind go wrong; `refuses`: some refuse the key."""
        shop = self.dice.choice(list(self.shops.values()))
        if len(shop.faults) >= 3:
            return
        kinds = ("rest", "rest_notice")
        if shop.profile_name != "woo-rest":
            kinds = ("export", "shipnotify")
        action = self.dice.choice(kinds)
        more = ["lost_authorization"] if refuses else []
        name = self.dice.choice([*FAULTS[action], *more])
        options = {"seconds": 3} if name == "slow" else {}
        shop.fault(name, on=action, **options)
        self.done["faults at shops"] += 1

    def clear_faults(self) -> None:
        for shop in self.shops.values():
            shop.clear_faults()

    def orders_there(self) -> dict[tuple[str, str], There]:
        """Return all orders by store and by the number they have here."""
        return {
            (name, _key(shop, order)): There(_state(shop, order), _numbers(order))
            for name, shop in self.shops.items()
            for order in shop.orders.values()
        }

    def ask_a_person(self) -> QuerySet[Shipment]:
        """Return what is refused although its order is still to ship at the shop."""
        refused = Shipment.objects.filter(notification="refused")
        found = refused.select_related("order__store").filter(
            order__store__name__in=self.shops
        )
        to_ship = {
            (name, _key(shop, order))
            for name, shop in self.shops.items()
            for order in shop.orders.values()
            if _is_to_ship(shop, order)
        }
        return refused.filter(
            pk__in=[
                one.pk
                for one in found
                if (one.order.store.name, one.order.marketplace_order_id) in to_ship
            ]
        )

    def decided_by_reads(self) -> QuerySet[Shipment]:
        """Return what was posted, and what no program posts again, however it reads."""
        stores = Store.objects.filter(name__in=self.shops)
        harmful = [store.pk for store in stores if not store.abilities.may_repeat]
        posted = Shipment.objects.unsent().exclude(posted_at=None)
        return posted.filter(order__store__in=harmful)

    def taken(self) -> int:
        return sum(len(notices) for notices in self._told().values())

    def told_twice(self) -> int:
        """Return of how many orders a shop was told twice, against the rules."""
        return sum(
            _is_twice(notices, may_repeat=_is_harmless(self.shops[name]))
            for (name, _), notices in self._told().items()
        )

    def told_and_refused(self) -> int:
        """Return how many notices the shops have that are held for refused here."""
        refused = Shipment.objects.filter(notification="refused")
        keys = refused.values_list("order__store__name", "order__marketplace_order_id")
        return len(self._told().keys() & set(keys))

    @property
    def calls(self) -> int:
        return sum(len(shop.requests) for shop in self.shops.values())

    def _told(self) -> dict[tuple[str, str], list[Notice]]:
        """Return the notices that were taken, by store and order."""
        found: dict[tuple[str, str], list[Notice]] = defaultdict(list)
        for name, shop in self.shops.items():
            for one in _taken_at(shop):
                found[name, _key(shop, one.order)].append(one)
        return found


def _lists_open_alone(shop: Shop) -> bool:
    return shop.exported == (shop.words["to_ship"],)


def _is_harmless(shop: Shop) -> bool:
    return shop.name in HARMLESS


def _is_to_ship(shop: Shop, order: Order) -> bool:
    return order.status == shop.words["to_ship"]


def _key(shop: Shop, order: Order) -> str:
    # Magento exports its number alone.
    return order.number if shop.name == "magento" else order.id


def _state(shop: Shop, order: Order) -> str:
    if _lists_open_alone(shop):
        return STATES["to_ship"]
    [kind] = [kind for kind in STATES if shop.words[kind] == order.status]
    # Its merchants make up their words, and no preset knows this one.
    is_unknown = shop.name == "craft" and kind == "cancelled"
    return "needs_review" if is_unknown else STATES[kind]


def _numbers(order: Order) -> str:
    told = [str(one["tracking_number"]) for one in order.tracking]
    return " ".join([*told, *order.notes])


def _taken_at(shop: Shop) -> Iterator[Notice]:
    for one in shop.notices:
        if one.effect in TAKEN and one.through in TELLING:
            yield one


def _is_twice(notices: Iterable[Notice], may_repeat: bool) -> bool:
    times = sorted(one.received_at for one in notices)
    pauses = [later - sooner for sooner, later in pairwise(times)]
    if may_repeat:
        return any(pause < REPOST_AFTER - SECONDS for pause in pauses)
    return bool(pauses)
