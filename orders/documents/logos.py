"""Logos made fit for paper: small, of one kind, and never a reason not to print."""

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

# Enough for the few centimetres a logo has on paper.
LARGEST = (800, 320)
MOST_PIXELS = 25_000_000


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


def picture(image: bytes) -> Picture | None:
    """Return the image for paper, or None when it cannot be read."""
    try:
        with Image.open(BytesIO(image), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
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
