"""What only some marketplaces tell of an order, as its columns."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# Of the buyer, so erased with him.
OF_BUYER = ("buyer_email", "buyer_phone", "buyer_note", "gift_message")
TOLD = (
    "order_number",
    "currency",
    *OF_BUYER,
    "shipping_service",
    "weight",
)

# A text that the marketplace need not say.
EMPTY: dict[str, Any] = {"blank": True, "default": "", "db_default": ""}

Row = TypeVar("Row", bound="Told")


class CalledQuerySet(models.QuerySet[Row]):
    def numbered(self, numbers: Iterable[str]) -> Self:
        """Orders with these keys, in no order.

        Asked for them in order, SQLite walks all orders of the store.
        """
        return self.filter(marketplace_order_id__among=numbers).order_by()

    def called(self, numbers: Iterable[str]) -> Self:
        """Orders with these keys, and those that people call so, in no order."""
        numbers = list(numbers)
        # The condition of the number's index.
        has_own = ~Q(order_number="")
        keyed = Q(marketplace_order_id__among=numbers)
        return self.filter(keyed | has_own & Q(order_number__among=numbers)).order_by()


class Told(models.Model):
    """Written by the import alone; empty where the marketplace does not say."""

    marketplace_order_id: str
    customer_email: str

    # What people call the order by, where that is not its ID.
    order_number = models.CharField(_("number"), max_length=50, **EMPTY)
    currency = models.CharField(_("currency"), max_length=3, **EMPTY)
    buyer_email = models.CharField(
        _("e-mail address at the marketplace"),
        max_length=254,
        **EMPTY,
    )
    buyer_phone = models.CharField(_("phone"), max_length=50, **EMPTY)
    buyer_note = models.TextField(_("buyer’s note"), **EMPTY)
    gift_message = models.TextField(_("gift message"), **EMPTY)
    shipping_service = models.CharField(
        _("shipping service asked for"),
        max_length=200,
        **EMPTY,
    )
    weight = models.DecimalField(
        _("weight (g)"), max_digits=12, decimal_places=2, null=True
    )

    class Meta:
        abstract = True

    @property
    def number(self) -> str:
        """What people call the order by."""
        return self.order_number or self.marketplace_order_id

    @property
    def mail_address(self) -> str:
        """Where the customer is told: what staff typed, else what the order says."""
        return self.customer_email or self.buyer_email

    @property
    def numbers(self) -> set[str]:
        """What the order may be called: its number, and the marketplace's key."""
        return {self.number, self.marketplace_order_id}


def by_number(orders: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the orders by each number they may be called, none for any other."""
    found: dict[str, list[Row]] = defaultdict(list)
    for order in orders:
        for number in order.numbers:
            found[number].append(order)
    return found


def names_beside(number: str, orders: Iterable["Told"]) -> str:
    """Return by what else orders are called that one number may mean."""
    names = (min(order.numbers - {number}, default=number) for order in orders)
    return ", ".join(sorted(names))
