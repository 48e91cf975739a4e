"""What goes on paper: packing slips and pick lists, and which slips were printed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone as clock
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.kit import zones
from orders import history
from orders.documents import images
from orders.documents.images import Barcode, barcode
from orders.models import LineItem, Order, OrderEvent, PackingSlip
from stores.marketplaces import countries
from stores.marketplaces.base import OrderStatus
from stores.models import Logo, Store

MOST_ORDERS = 500


@dataclass(frozen=True)
class Branding:
    """How a store shows itself on paper; its logo is a PNG, or empty."""

    store: int
    name: str
    lines: tuple[str, ...]
    message: str
    logo: images.Picture | None


@dataclass(frozen=True)
class SlipLine:
    sku: str
    name: str
    options: str
    # Where it is no whole number of pieces, what came.
    received: str
    quantity: int
    # None where the marketplace does not tell.
    price: Decimal | None


@dataclass(frozen=True)
class Slip:
    """A packing slip, in the words it has on paper."""

    place: int
    number: str
    barcode: Barcode | None
    ordered: str
    printed: str
    is_reprint: bool
    ship_to: tuple[str, ...]
    lines: tuple[SlipLine, ...]
    brand: Branding
    has_prices: bool
    currency: str
    service: str
    gift_message: str
    buyer_note: str

    @property
    def total(self) -> str:
        return _items(line.quantity for line in self.lines)


@dataclass(frozen=True)
class PickLine:
    """An item to take from the shelf, and which orders of the pile want it."""

    sku: str
    name: str
    options: str
    quantity: int
    places: str


@dataclass(frozen=True)
class PilePlace:
    place: int
    number: str
    ship_to: str
    quantity: int


@dataclass(frozen=True)
class PickList:
    printed: str
    lines: tuple[PickLine, ...]
    orders: tuple[PilePlace, ...]

    @property
    def total(self) -> str:
        count = len(self.orders)
        orders = ngettext("%d order", "%d orders", count) % count
        return f"{orders} · {_items(line.quantity for line in self.lines)}"


def is_printable(order: Order) -> bool:
    """Whether the order gets a slip; a cancelled one must not leave the house."""
    return order.status != OrderStatus.CANCELLED


def slips_of(orders: list[Order], now: datetime, first: int = 1) -> list[Slip]:
    """Return the slips of a pile in its order, which begin at the first one's place."""
    brands = _brands({order.store_id: order.store for order in orders})
    printed = last_slips(orders)
    return [
        Slip(
            place=place,
            number=order.number,
            barcode=barcode(order.number),
            ordered=_moment(order.ordered_at, order.store),
            printed=date_format(now.astimezone(order.store.zone), "DATE_FORMAT"),
            is_reprint=order.pk in printed,
            ship_to=_ship_to(order),
            lines=tuple(
                SlipLine(
                    item.sku,
                    item.name,
                    item.options_in_words,
                    _received(item),
                    item.quantity,
                    item.unit_price,
                )
                for item in order.line_items.all()
            ),
            brand=brands[order.store_id],
            has_prices=order.store.slip_shows_prices,
            currency=order.currency,
            service=_("Shipping service: %(service)s")
            % {"service": order.shipping_service}
            if order.shipping_service
            else "",
            gift_message=order.gift_message,
            buyer_note=order.buyer_note,
        )
        for place, order in enumerate(orders, start=first)
    ]


def pick_list(orders: list[Order], now: datetime) -> PickList:
    """Sum a pile's items by SKU and options, each with its places in the pile."""
    wanted: dict[tuple[str, str], dict[int, int]] = {}
    names: dict[tuple[str, str], LineItem] = {}
    for place, order in enumerate(orders, start=1):
        for item in order.line_items.all():
            # Two lengths of a fabric are two things to cut.
            details = filter(None, [item.options_in_words, _received(item)])
            key = (item.sku or item.name, ", ".join(details))
            names.setdefault(key, item)
            places = wanted.setdefault(key, {})
            places[place] = places.get(place, 0) + item.quantity
    return PickList(
        printed=date_format(zones.local(now), "DATETIME_FORMAT"),
        lines=tuple(
            PickLine(
                names[key].sku,
                names[key].name,
                key[1],
                sum(places.values()),
                _in(places),
            )
            for key, places in sorted(wanted.items())
        ),
        orders=tuple(
            PilePlace(
                place,
                order.number,
                order.ship_to.ship_to_name,
                sum(item.quantity for item in order.line_items.all()),
            )
            for place, order in enumerate(orders, start=1)
        ),
    )


@transaction.atomic
def mark_printed(orders: Iterable[Order], by: User | None) -> None:
    """Record that these orders, as they were read, are on paper now."""
    orders = list(orders)
    now = clock.now()
    PackingSlip.objects.bulk_create(
        PackingSlip(
            order=order, printed_at=now, printed_by=by, address=order.ship_to.address
        )
        for order in orders
    )
    ids = [order.pk for order in orders]
    history.record_all(ids, OrderEvent.Kind.PRINTED, by=by)


def last_slips(orders: Iterable[Order]) -> dict[int, PackingSlip]:
    """Return the newest slip of each order that has one; one query in all."""
    by_pk = {order.pk: order for order in orders}
    newest: dict[int, PackingSlip] = {}
    printed = PackingSlip.objects.filter(order__in=list(by_pk))
    # The rows come newest first.
    for slip in printed.select_related("printed_by"):
        newest.setdefault(slip.order_id, slip)
    for pk, slip in newest.items():
        slip.order = by_pk[pk]
    return newest


def void_slip_ids(orders: Iterable[Order]) -> set[int]:
    """Return which orders' newest slip is void, in one query.

    The orders bring their correction along (`select_related`).
    """
    return {pk for pk, slip in last_slips(orders).items() if slip.is_void}


def logo_of(store: Store) -> images.Picture | None:
    """Return the store's logo, or None where it has none that can be read."""
    kept = Logo.objects.filter(store=store).first()
    return images.picture(bytes(kept.image)) if kept else None


def _brands(stores: dict[int, Store]) -> dict[int, Branding]:
    # Apart from the orders: a join would repeat each logo for each of them.
    kept = {logo.store_id: logo for logo in Logo.objects.filter(store__in=stores)}
    return {
        pk: Branding(
            store=pk,
            name=store.company_name or store.name,
            lines=tuple(
                filter(
                    str.strip,
                    [*store.return_address.splitlines(), store.phone, store.website],
                )
            ),
            message=store.slip_message.strip(),
            logo=images.picture(bytes(kept[pk].image)) if pk in kept else None,
        )
        for pk, store in stores.items()
    }


def _ship_to(order: Order) -> tuple[str, ...]:
    """Return the address as lines, with the country's name for its code."""
    lines = order.ship_to.address.splitlines()
    if code := order.ship_to.ship_to_country:
        lines[-1] = countries.name(code)
    return tuple(lines)


def _items(quantities: Iterable[int]) -> str:
    count = sum(quantities)
    return ngettext("%d item", "%d items", count) % count


def _received(item: LineItem) -> str:
    if not item.quantity_received:
        return ""
    return _("Ordered: %(quantity)s") % {"quantity": item.quantity_received}


def _moment(moment: datetime, store: Store) -> str:
    return date_format(moment.astimezone(store.zone), "DATETIME_FORMAT")


def _in(places: dict[int, int]) -> str:
    """Write places like “1–3, 5 (×2), 7”; several for one order are told."""
    runs: list[list[int]] = []
    for place, quantity in places.items():
        if runs and quantity == 1 == places[runs[-1][-1]] and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    parts = []
    for run in runs:
        if len(run) > 2:
            parts.append(f"{run[0]}–{run[-1]}")
        else:
            parts += [
                f"{place} (×{places[place]})" if places[place] > 1 else str(place)
                for place in run
            ]
    return ", ".join(parts)
