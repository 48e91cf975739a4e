"""Bar codes of order numbers, as bars to draw on any paper, and logos for it."""

from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby

from barcode import Code128
from barcode.errors import BarcodeError
from PIL import Image

from stores.models import Logo

# White on both sides, without which a reader finds no beginning (ISO/IEC 15417).
QUIET = 10


@dataclass(frozen=True)
class Barcode:
    """A Code 128: its width in modules, quiet zones included, and its black bars."""

    width: int
    bars: tuple[tuple[int, int], ...]

    @property
    def millimetres(self) -> float:
        """How wide it is on a page that a browser prints."""
        return round(self.width * 0.35, 2)


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


# Enough for the few centimetres a logo has on paper.
LARGEST = (800, 320)


@dataclass(frozen=True)
class Picture:
    """A PNG and its size in pixels."""

    png: bytes
    width: int
    height: int

    @property
    def address(self) -> str:
        """The picture itself as an address, so that a page needs no other request."""
        return f"data:image/png;base64,{b64encode(self.png).decode()}"


# A store's page and each mail ask for the same few logos again and again.
@lru_cache(maxsize=8)
def picture(image: bytes) -> Picture | None:
    """Return the image for paper, or None when it cannot be read."""
    try:
        with Image.open(BytesIO(image), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > Logo.MOST_PIXELS:
                return None
            small = opened.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    small.thumbnail(LARGEST)
    # Paper is white, and a PDF keeps a picture without transparency in one piece.
    flat = Image.new("RGB", small.size, "white")
    flat.paste(small, mask=small)
    kept = BytesIO()
    flat.save(kept, "PNG")
    return Picture(kept.getvalue(), *flat.size)
