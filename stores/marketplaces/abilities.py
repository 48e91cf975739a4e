"""What a connector can do, and what a store is connected with, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Window(StrEnum):
    """What the days of a list are about: when orders were placed, or last changed."""

    PLACED = "placed"
    MODIFIED = "modified"


class Evidence(IntEnum):
    """How far a marketplace can show that it has a notice, the most last.

    It answered that it took it; it shows the order as shipped; it shows the number.
    """

    ANSWERED = 1
    STATUS = 2
    NUMBER = 3


class Fact(StrEnum):
    """What some marketplaces tell of an order and others do not."""

    PAID_AT = "paid_at"
    EMAIL = "email"
    PHONE = "phone"
    CURRENCY = "currency"
    WEIGHT = "weight"
    PICTURES = "pictures"
    # Times with an offset, which no zone can put wrong.
    OFFSETS = "offsets"


@dataclass(frozen=True)
class Abilities:
    """What a connector can do; pages, tasks and alarms follow it.

    `evidence` is the most it can show of a notice. `repeats_harmlessly`: a second
    notice of the same parcel changes nothing. `has_closed_carriers`: only those of its
    list are taken. `has_global_ids`: an order ID names one order at the whole
    marketplace, whoever sells there.
    """

    window: Window
    evidence: Evidence
    reads_single_orders: bool
    repeats_harmlessly: bool
    has_closed_carriers: bool
    has_global_ids: bool
    gives: frozenset[Fact]

    @property
    def may_repeat(self) -> bool:
        """Whether a notice that may be lost is sent again, once reads do not show it.

        Where they would show its number, it has not arrived.
        """
        return self.repeats_harmlessly or self.evidence == Evidence.NUMBER


@dataclass(frozen=True)
class ConnectionField:
    """One thing to type, or to choose, when a store is connected.

    `label`, `help_text` and the names of `choices` (value to name) are English texts
    marked for the catalogue. A secret is stored encrypted and never shown again.
    `is_account`: it tells which account it is at the shop's address. `is_plain`: it has
    only letters and digits.
    """

    name: str
    label: str
    help_text: str = ""
    is_secret: bool = False
    is_account: bool = False
    is_plain: bool = False
    is_required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""


@dataclass(frozen=True)
class Account:
    """What opens a shop: its whole address, and what was typed by the field's name.

    The address may carry a query, which is no more shown than the secrets are.
    """

    address: str = field(default="", repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)
