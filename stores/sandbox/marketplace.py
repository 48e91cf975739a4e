"""The practice marketplace's state and rules; what is not known is a switch here.

Nothing of the connector is used, so that a wrong idea of its cannot hide here.
"""

import json
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any
from zoneinfo import ZoneInfo

from stores.sandbox import tables

Order = dict[str, Any]
PACIFIC = ZoneInfo("America/Los_Angeles")
FIRST_ID = 120_000_001


class Refusal(Exception):
    """An answer other than 200, with the marketplace's one-key JSON."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message


class Marketplace:
    """Accounts by token, each with its orders; every method is one call of the API."""

    def __init__(
        self,
        *,
        tokens: list[str] | None = None,
        profile: str = "2021",
        country_style: str = "",
        amounts: str = "number",
        offset: str = "true",
        date_parameter: str = "",
        state_file: Path | None = None,
    ) -> None:
        self.profile = profile
        self.country_style = country_style or (
            "name" if profile == "2017" else "alpha3"
        )
        self.amounts = amounts
        self.offset = offset
        self.date_parameter = date_parameter
        self.state_file = state_file
        self.lock = RLock()
        self.carriers = dict(tables.CARRIERS)
        self.fulfillments: list[dict[str, Any]] = []
        self.accounts: dict[str, dict[int, Order]] = {}
        if state_file and state_file.exists():
            self._load(state_file)
        for token in tokens or ([] if self.accounts else [secrets.token_hex(16)]):
            self.accounts.setdefault(token, {})

    # What tests and people do to it

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

    def stamp(self, moment: datetime) -> str:
        if self.offset == "none":
            return moment.astimezone(PACIFIC).strftime("%Y-%m-%dT%H:%M:%S")
        if self.offset == "true":
            return moment.astimezone(PACIFIC).isoformat(timespec="seconds")
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
        os.replace(draft, self.state_file)

    def _load(self, path: Path) -> None:
        for token, orders in json.loads(path.read_text()).items():
            self.accounts[token] = {order["order_id"]: order for order in orders}

    def _blank_order(self) -> Order:
        ids = [order_id for orders in self.accounts.values() for order_id in orders]
        order_id = max([FIRST_ID - 1, *ids]) + 1
        now = self.stamp(datetime.now(UTC))
        return {
            "order_id": order_id,
            "status": "paid",
            "carrier": None,
            "tracking_number": None,
            "service_type": None,
            "fulfillment_partner": None,
            "product_name": "Example Headset",
            "product_identifier": "EX-HEADSET",
            "product_internal_id": 25000001,
            "variation_identifier": "EX-HEADSET-BLACK",
            "variation_internal_id": 64000001,
            "product_quantity": 1,
            "customer_name": "Jane Example",
            "customer_id": 30000001,
            "address1": "1 Example Street",
            "address2": None,
            "city": "Los Altos",
            "state": "CA",
            "postal_code": "94022",
            "country": self.country("US"),
            "available_refunds": {
                "buyer_fee": self.amount(10.0),
                "shipping_fee": self.amount(4.0),
            },
            "refund_amount": self.amount(0.0),
            "disbursement_amount": self.amount(11.9),
            "seller_fees_amount": self.amount(2.1),
            "seller_fees": [{"type": "commission_fee", "amount": self.amount(2.1)}],
            "upsells": [],
            "related_order_ids": [],
            "annotation": None,
            "paid_at": now,
            "created_at": now,
            "updated_at": now,
            "refunded_at": None,
            "canceled_at": None,
        }

    def country(self, code: str) -> str:
        name, alpha3 = tables.COUNTRIES[code]
        return {"name": name, "alpha3": alpha3, "alpha2": code}[self.country_style]

    def amount(self, number: float) -> float | str:
        return str(number) if self.amounts == "string" else number

    # The API

    def call(
        self, method: str, resource: str, parameters: dict[str, Any], token: str | None
    ) -> Any:
        """Answer one call as JSON, or raise `Refusal`; KeyError is an unknown path."""
        handler, allowed, is_open = self.routes[method, resource]
        if not is_open and token not in self.accounts:
            raise Refusal(401, "The access token is missing or not valid.")
        given = {name: value for name, value in parameters.items() if value != ""}
        unknown = [name for name in given if name not in allowed]
        if self.date_parameter and resource == "orders":
            unknown = [name for name in unknown if name != self.date_parameter]
        if unknown:
            raise Refusal(
                400,
                "The following parameters were provided but are not recognized: "
                f"{', '.join(unknown)}.",
            )
        with self.lock:
            return handler(self, self.accounts.get(token or "", {}), given)

    def list_orders(self, orders: dict[int, Order], given: dict[str, Any]) -> Any:
        statuses = choice(given, "filter", tables.FILTERS)
        key, newest_first = choice(given, "sort", tables.SORTS)
        page, per_page = number(given, "page", 1), number(given, "per_page", 50)
        if not 1 <= per_page <= 1000:
            raise Refusal(400, "per_page must be between 1 and 1000.")
        chosen = [
            order
            for order in orders.values()
            if statuses is None or order.get("status") in statuses
        ]
        if after := self.date_parameter and given.get(self.date_parameter):
            chosen = [one for one in chosen if one["created_at"] > after]
        chosen.sort(key=lambda one: one.get(key) or 0, reverse=newest_first)
        return chosen[(page - 1) * per_page : page * per_page]

    def retrieve(self, orders: dict[int, Order], given: dict[str, Any]) -> Any:
        return find(orders, given)

    def fulfill(self, orders: dict[int, Order], given: dict[str, Any]) -> Any:
        require(given, "order_id", "carrier", "tracking_number")
        order = find(orders, given)
        if order["status"] != "paid":
            raise Refusal(400, f"The order is {order['status']}, not paid.")
        carrier = given["carrier"]
        if carrier not in {*self.carriers, *self.carriers.values(), "other"}:
            raise Refusal(400, f"unknown carrier {carrier}.")
        order |= {
            "status": "shipped",
            "carrier": self.carriers.get(carrier, carrier),
            "tracking_number": given["tracking_number"],
        }
        if "service_type" in order:
            order["service_type"] = given.get("service_type")
        self.fulfillments.append(
            {
                "order_id": order["order_id"],
                "carrier": carrier,
                "tracking_number": given["tracking_number"],
                "service_type": given.get("service_type"),
            }
        )
        self.save()
        return order

    def refund(self, orders: dict[int, Order], given: dict[str, Any]) -> Any:
        require(given, "order_id", "type", "reason")
        order = find(orders, given)
        choice(given, "type", {"full": 1, "partial": 1})
        choice(given, "reason", dict.fromkeys(tables.REASONS))
        if order["status"] == "pending_verification":
            raise Refusal(400, "The order is pending verification.")
        available = order.get("available_refunds") or {}
        fees = given.get("fees[]", list(available) if given["type"] == "full" else [])
        for fee in fees:
            if fee not in available:
                raise Refusal(400, f"The fee {fee} cannot be refunded.")
        refunded = sum(float(available.pop(fee)) for fee in list(fees))
        order["available_refunds"] = available
        if given["type"] == "full":
            order["status"] = "refunded"
            order["refund_amount"] = self.amount(refunded)
            order["refunded_at"] = self.stamp(datetime.now(UTC))
        self.save()
        return order

    def annotate(self, orders: dict[int, Order], given: dict[str, Any]) -> Any:
        require(given, "order_id", "annotation")
        order = find(orders, given)
        order["annotation"] = given["annotation"]
        self.save()
        return order

    def schema(self, orders: dict[int, Order], given: dict[str, Any]) -> Any:
        fields = list(tables.PROFILE_2017)
        at = fields.index("customer_name")
        fields[at : at + 2] = ["customer_id", "customer_name"]
        return [
            {
                "field": field,
                "required": field in {"order_id", "carrier", "tracking_number"},
                "readonly": field not in {"carrier", "tracking_number"},
                "name": field.replace("_", " ").capitalize(),
                "description": "",
            }
            for field in fields
        ]

    def metadata(self, orders: dict[int, Order], given: dict[str, Any]) -> Any:
        return {
            "conditions": tables.CONDITIONS,
            "colors": tables.COLORS,
            "countries": [name for name, _ in tables.COUNTRIES.values()],
            "country_codes": dict(tables.COUNTRIES.values()),
            "carriers": self.carriers,
        }

    def product(self, orders: dict[int, Order], given: dict[str, Any]) -> Any:
        require(given, "identifier")
        for order in orders.values():
            if given["identifier"] == order.get("product_identifier"):
                return {
                    "identifier": given["identifier"],
                    "internal_id": order.get("product_internal_id"),
                    "title": order.get("product_name"),
                    "condition": "New",
                    "weight": None,
                    "primary_image": None,
                    "buy_now_price": "10.0",
                    "shipping_price": 0,
                }
        raise Refusal(
            404, f"There is no product with the unique ID {given['identifier']}."
        )

    routes: dict[tuple[str, str], tuple[Callable[..., Any], set[str], bool]] = {
        ("GET", "orders"): (list_orders, {"filter", "sort", "page", "per_page"}, False),
        ("GET", "orders/retrieve"): (retrieve, {"order_id"}, False),
        ("GET", "orders/schema"): (schema, set(), True),
        ("POST", "orders/fulfill"): (
            fulfill,
            {"order_id", "carrier", "tracking_number", "service_type"},
            False,
        ),
        ("POST", "orders/refund"): (
            refund,
            {"order_id", "type", "reason", "fees[]"},
            False,
        ),
        ("POST", "orders/annotate"): (annotate, {"order_id", "annotation"}, False),
        ("POST", "orders/acknowledge"): (retrieve, {"order_id"}, False),
        ("GET", "products/retrieve"): (product, {"identifier"}, False),
        ("GET", "metadata"): (metadata, set(), False),
    } | {
        ("GET", f"metadata/{name}"): (
            lambda self, orders, given, name=name: self.metadata(orders, given)[name],
            set(),
            False,
        )
        for name in ("carriers", "conditions", "colors", "countries", "country_codes")
    }


def require(given: dict[str, Any], *names: str) -> None:
    missing = [name for name in names if not given.get(name)]
    if missing:
        raise Refusal(
            400, f"The following parameters are missing: {', '.join(missing)}."
        )


def find(orders: dict[int, Order], given: dict[str, Any]) -> Order:
    require(given, "order_id")
    order_id = number(given, "order_id", 0)
    if order_id not in orders:
        raise Refusal(404, f"There is no order with the ID {order_id}.")
    return orders[order_id]


def number(given: dict[str, Any], name: str, default: int) -> int:
    try:
        value = int(given.get(name, default))
    except ValueError:
        raise Refusal(400, f"{name} must be a number.") from None
    if value < 1:
        raise Refusal(400, f"{name} must be 1 or more.")
    return value


def choice(given: dict[str, Any], name: str, table: dict[str, Any]) -> Any:
    value = given.get(name, "")
    if value not in table:
        raise Refusal(400, f"{value} is not a valid {name}.")
    return table[value]
