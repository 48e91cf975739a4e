"""Bar codes of order numbers, as bars to draw on any paper."""

from dataclasses import dataclass
from itertools import groupby

from barcode import Code128
from barcode.errors import BarcodeError

# White on both sides, without which a reader finds no beginning (ISO/IEC 15417).
QUIET = 10


@dataclass(frozen=True)
class Barcode:
    """A Code 128: its width in modules, quiet zones included, and its black bars."""

    width: int
    bars: tuple[tuple[int, int], ...]


def barcode(text: str) -> Barcode | None:
    """Return the bars of a text, or None where Code 128 lacks one of its letters."""
    try:
        (modules,) = Code128(text).build()
    except BarcodeError:
        return None
    bars, start = [], QUIET
    for module, run in groupby(modules):
        width = len(list(run))
        if module == "1":
            bars.append((start, width))
        start += width
    return Barcode(start + QUIET, tuple(bars))
