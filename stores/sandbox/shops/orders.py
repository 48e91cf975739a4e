"""What a practice shop has sold, in words of its own, and what it was told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

ADDRESS = {
    "name": "Jane Example",
    "company": "",
    "address1": "1 Example Street",
    "address2": "",
    "city": "Los Altos",
    "state": "CA",
    "postal_code": "94022",
    "country": "US",
    "phone": "555 0100",
}


def renamed(address: dict[str, str] | None, names: str) -> dict[str, str]:
    """Return an address under these names for its parts, empty ones without any."""
    pairs = zip(names.split(), ADDRESS, strict=True)
    return {name: (address or {}).get(part, "") for name, part in pairs}


def now() -> datetime:
    """Return the time to the second, as a shop's database keeps it."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class Line:
    """Pieces of one product; `weight` is in grams, for one of them."""

    id: str = ""
    sku: str = "EX-HEADSET"
    name: str = "Example Headset"
    quantity: Decimal = Decimal(1)
    price: Decimal = Decimal("10.00")
    weight: Decimal = Decimal(250)
    options: dict[str, str] = field(default_factory=dict)
    picture: str = ""
    # How many pieces notices named so far, which may be more than there are.
    shipped: Decimal = Decimal(0)


@dataclass
class Order:
    """An order of a practice shop, whatever form it is exported in.

    `status` is the shop's own word; a kind of status ("unpaid", "to_ship", "shipped",
    "cancelled", "held") given instead becomes the shop's word for it. `number` is what
    the shop exports as OrderNumber; `parent_number` is the order's own number where
    that one is a shipment's (spree). `store_code` is the view of the shop it was placed
    in (magento), each of which may have the same numbers. `address` is where it goes,
    None for none. Times are aware and in UTC. `discounts` is code to amount, `fees` is
    title to amount, both positive. `tracking` holds a dict for each notice that was
    taken: carrier, service, tracking_number, lines. `notes` is the internal history.
    """

    id: str
    number: str
    status: str
    parent_number: str = ""
    store_code: str = ""
    created_at: datetime = field(default_factory=now)
    paid_at: datetime | None = field(default_factory=now)
    completed_at: datetime | None = None
    modified_at: datetime = field(default_factory=now)
    lines: list[Line] = field(default_factory=lambda: [Line()])
    address: dict[str, str] | None = field(default_factory=lambda: dict(ADDRESS))
    buyer: str = "Jane Example"
    email: str = "jane@example.com"
    phone: str = "555 0100"
    company: str = ""
    customer_id: str = "77"
    note: str = ""
    notes: list[str] = field(default_factory=list)
    gift: bool = False
    gift_message: str = ""
    discounts: dict[str, Decimal] = field(default_factory=dict)
    fees: dict[str, Decimal] = field(default_factory=dict)
    shipping_method: str = "Flat rate"
    shipping_amount: Decimal = Decimal("4.00")
    tax_amount: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    currency: str = "USD"
    payment_method: str = "Card"
    tracking: list[dict[str, Any]] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """What the buyer pays, less what was paid back."""
        goods = sum((line.price * line.quantity for line in self.lines), Decimal(0))
        added = sum(self.fees.values(), self.shipping_amount + self.tax_amount)
        return goods + added - sum(self.discounts.values(), self.refunded)

    @property
    def fee_lines(self) -> list[tuple[str, str, Decimal]]:
        """Return the fees as lines: id, title and amount."""
        fees = enumerate(self.fees.items(), 1)
        return [(f"{self.id}9{place}", *fee) for place, fee in fees]

    @property
    def pieces(self) -> Decimal:
        return sum((line.quantity for line in self.lines), Decimal(0))

    @property
    def pieces_shipped(self) -> Decimal:
        return sum((line.shipped for line in self.lines), Decimal(0))


@dataclass(frozen=True)
class NoticeLine:
    """An item as a notice names it; the quantity is None where it is no number."""

    line_item_id: str
    sku: str
    name: str
    quantity: Decimal | None


@dataclass
class Notice:
    """A ship notice as it came, and what the shop did with it.

    `order` is the order it was found to be about. `effect` is "shipped" (the order is
    now shipped), "noted" (kept, but the order is as it was), "repeated" (kept although
    the order was shipped before), "refused", "unknown" (no such order) or "ignored"
    (answered as if it were taken). `lines` is None where the body names none.
    """

    order_id: str
    order_number: str
    carrier: str
    service: str
    tracking_number: str
    lines: tuple[NoticeLine, ...] | None
    has_body: bool
    ship_date: str = ""
    notifies_buyer: bool = False
    order: Order | None = None
    effect: str = ""
    # By which of the shop's doors it came: "shipnotify" or "rest".
    through: str = "shipnotify"
    received_at: datetime = field(default_factory=now)
