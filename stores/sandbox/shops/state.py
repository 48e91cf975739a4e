"""What a practice shop keeps: its orders, and the notices it was sent."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from stores.sandbox.armed import Armed
from stores.sandbox.shops.keeping import read_orders, write_orders
from stores.sandbox.shops.orders import ADDRESS, Line, Notice, Order, now
from stores.sandbox.shops.profiles import PROFILES, Refusals, wrong_request
from stores.sandbox.shops.writing import Form

FIRST_ID = 1001
# Names whose values nobody may see.
SECRETS = ("password", "auth_key", "token", "consumer_key", "consumer_secret")


class ShopState(Armed):
    """A practice shop without its server.

    `secrets` and `settings` replace what is made up for the profile. `page_size`,
    `exported` (the words of status that come) and `zone` replace the profile's.
    `site_zone` is the zone of the shop's own clock, where that shows. `version` "5"
    is WooCommerce's plug-in of 2026, "4" the one before; without `has_plugin` its REST
    is WooCommerce's alone. `date_format` writes dates otherwise than the profile does.
    """

    # The address to connect, whole.
    url: str

    def __init__(
        self,
        profile: str = "guide",
        *,
        secrets: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
        page_size: int = 0,
        exported: tuple[str, ...] = (),
        zone: str = "UTC",
        site_zone: str = "America/Los_Angeles",
        version: str = "",
        has_plugin: bool = True,
        date_format: str = "",
        state_file: Path | None = None,
    ) -> None:
        super().__init__()
        if profile not in PROFILES:
            raise ValueError(f"There is no profile {profile!r}: {', '.join(PROFILES)}.")
        self.profile_name = profile
        self.name = profile.partition("-")[0]
        self.profile = PROFILES[profile]
        if date_format:
            self.profile = replace(self.profile, date_format=date_format)
        self.keys = _made_up() | {**(settings or {}), **(secrets or {})}
        self.page_size = page_size or self.profile.page_size
        self.exported = exported or self.profile.exported
        self.zone = self.window_zone = ZoneInfo(zone)
        self.site_zone = ZoneInfo(site_zone)
        self.version = version or ("5" if profile == "woo-rest" else "4")
        self.has_plugin = has_plugin
        self.state_file = state_file
        self.orders: dict[str, Order] = {}
        if state_file and state_file.exists():
            self.orders = {order.id: order for order in read_orders(state_file)}
        self.notices: list[Notice] = []

    @property
    def secrets(self) -> dict[str, str]:
        """Return what a person types that is secret, by name."""
        return {name: self.keys[name] for name in self.profile.secrets}

    @property
    def settings(self) -> dict[str, str]:
        """Return what else a person types, by name."""
        return {name: self.keys[name] for name in self.profile.settings}

    @property
    def words(self) -> Mapping[str, str]:
        return self.profile.words

    @property
    def form(self) -> Form:
        codes_notes = self.name == "woo" and self.version == "4"
        return Form(self.name, self.profile, self.zone, self.site_zone, codes_notes)

    @property
    def refusals(self) -> Refusals:
        if self.name == "woo" and self.version != "4":
            return {**self.profile.refusals, "dates": wrong_request("Invalid request")}
        return self.profile.refusals

    def add_order(self, **changes: Any) -> Order:
        """Add an order to ship; `changes` are fields of `Order`.

        `lines` may be dicts of a line's fields, and `address` a part of one. Amounts
        and quantities may be any number.
        """
        with self.lock:
            place = max([FIRST_ID - 1, *map(int, self.orders)]) + 1
            order = Order(str(place), "", self.words["to_ship"])
            order.number, order.parent_number = _numbers(self.name, place)
            order.paid_at = order.modified_at = order.created_at
            if moment := changes.get("created_at"):
                order.paid_at = order.modified_at = moment
            self._apply(order, changes)
            self.orders[order.id] = order
            self.save()
            return order

    def change_order(self, order: Order, **changes: Any) -> Order:
        """Change fields of an order, which is thereby modified now."""
        with self.lock:
            self._apply(order, {"modified_at": now(), **changes})
            self.save()
            return order

    def find(self, **wanted: str) -> Order | None:
        """Return the first order of which all these fields are so."""
        with self.lock:
            for order in self.orders.values():
                if all(getattr(order, name) == at for name, at in wanted.items()):
                    return order
        return None

    def save(self) -> None:
        """Keep the orders in the file of the state, if there is one."""
        if self.state_file:
            write_orders(self.state_file, list(self.orders.values()))

    def _apply(self, order: Order, changes: dict[str, Any]) -> None:
        known = {field.name for field in fields(Order)}
        for name, value in changes.items():
            if name not in known:
                raise TypeError(f"An order has no {name!r}.")
            setattr(order, name, self._readied(order, name, value))
        for place, line in enumerate(order.lines, 1):
            line.id = line.id or f"{order.id}0{place}"

    def _readied(self, order: Order, name: str, value: Any) -> Any:
        if name == "status":
            return self.words.get(value, value)
        if name == "lines":
            return [one if isinstance(one, Line) else _line(one) for one in value]
        if name == "address" and value is not None:
            return ADDRESS | value
        if name in {"discounts", "fees"}:
            return {key: Decimal(str(amount)) for key, amount in value.items()}
        if name in {"shipping_amount", "tax_amount", "refunded"}:
            return Decimal(str(value))
        if isinstance(value, datetime):
            return value.replace(microsecond=0)
        return value


def _line(given: dict[str, Any]) -> Line:
    numbers = {"quantity", "price", "weight", "shipped"}
    readied: dict[str, Any] = {
        name: Decimal(str(value)) if name in numbers else value
        for name, value in given.items()
    }
    return Line(**readied)


def _numbers(name: str, place: int) -> tuple[str, str]:
    """Return the number that is exported, and the order's own where that differs."""
    if name == "magento":
        return f"{place:09d}", ""
    if name == "nop":
        return str(uuid.uuid5(uuid.NAMESPACE_OID, str(place))), ""
    if name == "craft":
        return uuid.uuid5(uuid.NAMESPACE_OID, str(place)).hex[:7], ""
    if name == "spree":
        return f"H{place:011d}", f"R{place:09d}"
    return str(place), ""


def _made_up() -> dict[str, str]:
    keys = {"user": "seller"}
    keys |= {name: secrets.token_hex(16) for name in SECRETS}
    keys["auth_key"] = f"WCSS-{keys['auth_key']}"
    keys["consumer_key"] = f"ck_{keys['consumer_key']}"
    keys["consumer_secret"] = f"cs_{keys['consumer_secret']}"
    return keys
