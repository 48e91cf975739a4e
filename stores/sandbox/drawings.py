"""Drawings in place of photographs, so that practice shows pictures of products."""

import zlib
from urllib.parse import quote, unquote

PATH = "/pictures"
# The marketplace's sizes; how many pixels each has is not known.
SIZES = {"thumbnail": 60, "square": 150, "medium": 300, "large": 600, "original": 900}


def images(pictures_url: str, product: str) -> dict[str, str]:
    """Return the addresses of a product's picture by size."""
    folder = f"{pictures_url}/{quote(product, safe='')}"
    return {size: f"{folder}/{size}.svg" for size in SIZES}


def draw(path: str) -> str:
    """Return the picture of an address: a product's letters on its own colour."""
    product, _, name = path.removeprefix(f"{PATH}/").partition("/")
    pixels = SIZES.get(name.removesuffix(".svg"), SIZES["original"])
    product = unquote(product)
    words = product.replace("-", " ").split()
    letters = "".join(word[0] for word in words if word[0].isalnum())[:2]
    hue = zlib.crc32(product.encode()) % 360
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{pixels}" '
        'viewBox="0 0 100 100">'
        f'<rect width="100" height="100" fill="hsl({hue} 45% 40%)"/>'
        '<text x="50" y="50" dy=".35em" text-anchor="middle" fill="#fff" '
        'font-family="sans-serif" font-size="44">'
        f"{letters.upper()}</text></svg>"
    )
