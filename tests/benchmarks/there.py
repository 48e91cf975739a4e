"""An order as its marketplace has it at the end, for the count."""

from dataclasses import dataclass


@dataclass(frozen=True)
class There:
    """`state` is what it has to be here; `told` holds the tracking numbers told."""

    state: str
    told: str
