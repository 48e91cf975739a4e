"""The practice marketplace's state; what is not known of the real one is a switch.

Nothing of the connector is used, so that a wrong idea of its cannot hide here.
"""

import copy
import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from stores.sandbox import tables
from stores.sandbox.armed import Armed
from stores.sandbox.listings import LISTINGS

Order = dict[str, Any]
PACIFIC = "America/Los_Angeles"
FIRST_ID = 120_000_001


class Marketplace(Armed):
    """Accounts by token, each with its orders."""

    url = "https://api.example.com"
    pictures_url = "https://images.example.com"

    def __init__(
        self,
        *,
        tokens: list[str] | None = None,
        profile: str = "2021",
        country_style: str = "",
        amounts: str = "number",
        offset: str = "true",
        zone: str = PACIFIC,
        date_parameter: str = "",
        lag: timedelta = timedelta(),
        takes_twice: bool = False,
        largest_page: int = 1000,
        state_file: Path | None = None,
    ) -> None:
        super().__init__()
        self.profile = profile
        usual_style = "name" if profile == "2017" else "alpha3"
        self.country_style = country_style or usual_style
        self.amounts = amounts
        self.offset = offset
        self.zone = ZoneInfo(zone)
        self.date_parameter = date_parameter
        # For how long reads show an order as it was before its notice was taken.
        self.lag = lag
        self.takes_twice = takes_twice
        # How many orders a page has at the most, however many are asked for.
        self.largest_page = largest_page
        # The pages of practice shops that run beside it, by name.
        self.neighbours: dict[str, str] = {}
        self.state_file = state_file
        self.carriers = dict(tables.METADATA["carriers"])
        self.fulfillments: list[dict[str, Any]] = []
        self.unsettled_refunds: dict[int, float] = {}
        self.before_notice: dict[int, tuple[float, Order]] = {}
        self.listings: dict[str, str] = {}
        self.accounts: dict[str, dict[int, Order]] = {}
        if state_file and state_file.exists():
            self._load(state_file)
        for token in tokens or ([] if self.accounts else [secrets.token_hex(16)]):
            self.accounts.setdefault(token, {})

    @property
    def token(self) -> str:
        return next(iter(self.accounts))

    def add_account(self) -> str:
        token = secrets.token_hex(16)
        self.accounts[token] = {}
        return token

    def add_order(self, token: str | None = None, **fields: Any) -> Order:
        """Add a complete order of the profile; `fields` override, datetimes allowed."""
        with self.lock:
            order = self._blank_order()
            order |= {
                key: self.stamp(value) if isinstance(value, datetime) else value
                for key, value in fields.items()
            }
            if self.profile == "2017":
                order = {
                    key: order[key]
                    for key in [*tables.PROFILE_2017, *fields]
                    if key in order
                }
            self.accounts[token or self.token][order["order_id"]] = order
            self.save()
            return order

    def orders(self, token: str | None = None) -> list[Order]:
        return list(self.accounts[token or self.token].values())

    def order(self, order_id: int | str) -> Order:
        for orders in self.accounts.values():
            if int(order_id) in orders:
                return orders[int(order_id)]
        raise KeyError(order_id)

    def take_notice(self, order: Order, **facts: Any) -> None:
        """Show the order as shipped, in reads once the lag is over."""
        self.before_notice.setdefault(order["order_id"], (time.monotonic(), {**order}))
        order |= {"status": "shipped", **facts}
        self.save()

    def shown(self, order: Order) -> Order:
        """Return the order as a read shows it."""
        taken_at, before = self.before_notice.get(order["order_id"], (0, order))
        is_late = time.monotonic() - taken_at < self.lag.total_seconds()
        return before if is_late else order

    def list_as(self, name: str, token: str | None = None) -> None:
        """List an account's orders otherwise than newest first, the default."""
        if name and name not in LISTINGS:
            raise ValueError(f"There is no listing {name!r}: {', '.join(LISTINGS)}.")
        self.listings[token or self.token] = name

    def stamp(self, moment: datetime) -> str:
        if self.offset == "none":
            return moment.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M:%S")
        if self.offset == "true":
            return moment.astimezone(self.zone).isoformat(timespec="seconds")
        hours = timedelta(hours=int(self.offset[:3]))
        local = (moment.astimezone(UTC) + hours).replace(tzinfo=None)
        return local.isoformat(timespec="seconds") + self.offset

    def save(self) -> None:
        if not self.state_file:
            return
        state = {
            token: list(orders.values()) for token, orders in self.accounts.items()
        }
        draft = self.state_file.with_suffix(".new")
        draft.write_text(json.dumps(state, ensure_ascii=False))
        draft.replace(self.state_file)

    def _load(self, path: Path) -> None:
        for token, orders in json.loads(path.read_text()).items():
            self.accounts[token] = {order["order_id"]: order for order in orders}

    def _blank_order(self) -> Order:
        ids = [order_id for orders in self.accounts.values() for order_id in orders]
        order_id = max([FIRST_ID - 1, *ids]) + 1
        now = self.stamp(datetime.now(UTC))
        return copy.deepcopy(tables.BLANK_ORDER) | {
            "order_id": order_id,
            "country": self.country("US"),
            "available_refunds": {
                "buyer_fee": self.amount(10.0),
                "shipping_fee": self.amount(4.0),
            },
            "refund_amount": self.amount(0.0),
            "disbursement_amount": self.amount(11.9),
            "seller_fees_amount": self.amount(2.1),
            "seller_fees": [{"type": "commission_fee", "amount": self.amount(2.1)}],
            **dict.fromkeys(["paid_at", "created_at", "updated_at"], now),
        }

    def country(self, code: str) -> str:
        name, alpha3 = tables.COUNTRIES[code]
        return {"name": name, "alpha3": alpha3, "alpha2": code}[self.country_style]

    def amount(self, number: float) -> float | str:
        return str(number) if self.amounts == "string" else number
