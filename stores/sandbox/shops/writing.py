"""An order of the shop, written as its profile exports it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from stores.sandbox import tables
from stores.sandbox.shops.orders import Line, Order, now, renamed
from stores.sandbox.shops.profiles import Profile

GRAMS_OF_AN_OUNCE = Decimal("28.349523125")
STATE_NAMES = {code: name for name, code in tables.METADATA["states"].items()}
# Texts that people typed, as bytes may be cut; the other ones are short.
LONGEST = {"CustomerNotes": 1000, "InternalNotes": 1000, "GiftMessage": 1000}
SHIP_TO = "Name Company Address1 Address2 City State PostalCode Country Phone"
Fields = list[tuple[str, Any]]


@dataclass(frozen=True)
class Form:
    """A profile's form, with what may be otherwise at one shop of the kind."""

    name: str
    profile: Profile
    zone: ZoneInfo
    site_zone: ZoneInfo
    codes_notes: bool = False

    def date(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        if self.profile.date_format == "no zeros":
            return f"{local.month}/{local.day}/{local.year} {local:%H:%M}"
        return local.strftime(self.profile.date_format)

    def amount(self, number: Decimal) -> str:
        if self.name == "magento":
            return f"{number:.4f}"
        if self.name == "woo":
            return f"{number.normalize():f}"
        return f"{number:.2f}"


def write_order(order: Order, form: Form) -> str:
    """Return the order's element."""
    return _element("Order", _order(order, form), form)


def _element(name: str, value: Any, form: Form) -> str:
    if isinstance(value, list):
        text = "".join(_element(inner_name, inner, form) for inner_name, inner in value)
        return f"<{name}>{text}</{name}>\n"
    if isinstance(value, str):
        text = form.profile.write_text(value, LONGEST.get(name, 200))
        return f"<{name}>{text}</{name}>"
    return f"<{name}>{value}</{name}>"


def _order(order: Order, form: Form) -> Fields:
    fields: Fields = [] if form.name == "magento" else [("OrderID", order.id)]
    ordered_at = order.created_at
    modified_at = now() if form.name == "nop" else order.modified_at
    if form.name == "woo":
        ordered_at = order.paid_at or order.completed_at or order.created_at
    status, method = order.status, order.shipping_method
    if form.name == "magento":
        method = f"{method}|flatrate_flatrate"
    if form.name == "woo" and status == "refunded":
        status = "cancelled"
    last_modified = form.date(modified_at)
    if form.name == "nop":
        # The server's own clock, in a zone of its own.
        last_modified = modified_at.astimezone(form.site_zone).strftime(
            form.profile.date_format
        )
    fields += [
        ("OrderNumber", order.number),
        ("OrderDate", form.date(ordered_at)),
        ("OrderStatus", status),
        ("LastModified", last_modified),
        ("ShippingMethod", method),
        ("PaymentMethod", order.payment_method),
        ("OrderTotal", form.amount(order.total)),
        ("TaxAmount", form.amount(order.tax_amount)),
        ("ShippingAmount", form.amount(order.shipping_amount)),
    ]
    if form.name != "craft":
        fields.append(("CurrencyCode", order.currency))
    if order.store_code:
        fields.append(("StoreCode", order.store_code))
    fields += _notes(order, form)
    if form.name == "spree":
        fields.append(("CustomField1", order.parent_number))
    elif form.name == "woo":
        fields.append(("CustomField1", " | ".join(order.discounts)))
    fields.append(("Customer", _customer(order, form)))
    fields.append(("Items", [("Item", item) for item in _items(order, form)]))
    return fields


def _notes(order: Order, form: Form) -> Fields:
    code = escape if form.codes_notes else str
    history = " | ".join(order.notes)
    fields: Fields = [("CustomerNotes", code(order.note))]
    fields.append(("InternalNotes", code(history)))
    if order.gift:
        fields.append(("Gift", "true"))
        fields.append(("GiftMessage", code(order.gift_message)))
    return fields


def _customer(order: Order, form: Form) -> Fields:
    code = order.customer_id if form.name == "craft" else order.email
    bill_to: Fields = [
        ("Name", order.buyer),
        ("Company", order.company),
        ("Phone", order.phone),
    ]
    if form.name != "spree":
        bill_to.append(("Email", order.email))
    fields: Fields = [("CustomerCode", code), ("BillTo", bill_to)]
    address = order.address
    if address is None and form.name in {"magento", "spree"}:
        return fields
    address = dict(address or {})
    if form.name == "nop":
        state = address.get("state", "")
        address["state"] = STATE_NAMES.get(state, state)
    ship_to = renamed(address, SHIP_TO)
    return [*fields, ("ShipTo", list(ship_to.items()))]


def _items(order: Order, form: Form) -> Iterator[Fields]:
    for line in order.lines:
        yield _item(line, form)
    for fee_id, title, amount in order.fee_lines:
        # A fee is an item like any other, without SKU and weight.
        fee: Fields = [("LineItemID", fee_id)]
        fee = fee if form.name in {"woo", "guide"} else []
        price = ("UnitPrice", form.amount(amount))
        yield [*fee, ("SKU", ""), ("Name", title), ("Quantity", 1), price]
    if form.name == "woo" and order.discounts:
        amount = sum(order.discounts.values(), Decimal(0))
        yield _discount("total-discount", "Total Discount", amount, form)
        return
    for discount, amount in order.discounts.items():
        names = {"magento": (discount, ""), "craft": ("", "couponCode")}
        yield _discount(*names.get(form.name, (discount, "Discount")), amount, form)


def _item(line: Line, form: Form) -> Fields:
    fields: Fields = []
    if form.name in {"guide", "woo"}:
        fields.append(("LineItemID", line.id))
    if line.sku or form.name != "woo":
        fields.append(("SKU", line.sku))
    name, weight = line.name, line.weight
    if form.name == "woo":
        name = name.replace("&", "&amp;")
    if form.profile.weight_units == "Ounces":
        weight = (weight / GRAMS_OF_AN_OUNCE).quantize(Decimal("0.01"))
    fields += [
        ("Name", name),
        ("ImageUrl", line.picture),
        ("Weight", f"{weight.normalize():f}"),
        ("WeightUnits", form.profile.weight_units),
        ("Quantity", f"{line.quantity.normalize():f}"),
        ("UnitPrice", form.amount(line.price)),
    ]
    if line.options:
        pairs = line.options.items()
        options = [("Option", [("Name", key), ("Value", text)]) for key, text in pairs]
        fields.append(("Options", options))
    return fields


def _discount(sku: str, name: str, amount: Decimal, form: Form) -> Fields:
    return [
        ("SKU", sku),
        ("Name", name),
        ("Quantity", 1),
        ("UnitPrice", form.amount(-amount)),
        ("Adjustment", "true"),
    ]
