"""Paper to draw on: text in any script, bars and pictures, as pages of a PDF.

The libraries are imported where something is drawn: they take a fifth of a second,
which every command and process would pay at its start.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import cast

from orders.documents.images import Barcode, Picture

FONTS = Path(__file__).resolve().parent / "fonts"
MAIN = "NotoSans-Regular.ttf"
BOLD = "NotoSans-Bold.ttf"
# Asked in this order for what the main font lacks.
OTHERS = [
    "NotoSansArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansArmenian-Regular.ttf",
    "NotoSansGeorgian-Regular.ttf",
    "wqy-microhei.ttc",
]
PAPERS = {"a4": "A4", "letter": "Letter"}
MARGIN = 15.0
# Of a line, as a multiple of its letters' size in points, in millimetres.
LINE_HEIGHT = 0.47
# Stands for a letter that no font here has.
MISSING = "□"
ZERO_WIDTH_NON_JOINER = "\u200c"
# A bar narrower than this, in millimetres, is lost on a common printer.
NARROWEST, WIDEST = 0.19, 0.35


@cache
def _font_by_character() -> dict[int, str]:
    """Return each character that our fonts can draw, with the first that can."""
    from fontTools.ttLib import TTFont

    found: dict[int, str] = {}
    for name in reversed([MAIN, *OTHERS]):
        with TTFont(FONTS / name, fontNumber=0, lazy=True) as font:
            found |= dict.fromkeys(font.getBestCmap(), name)
    return found


def printable(text: str) -> str:
    """Return the text without emoji and control characters.

    A letter that no font has becomes a box: it must not vanish from an address.
    """
    kept = []
    for character in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(character)
        if kind.startswith("Z") or character in "\t\n":
            kept.append(" ")
        elif kind.startswith("C") and character != ZERO_WIDTH_NON_JOINER:
            continue
        elif ord(character) in _font_by_character():
            kept.append(character)
        elif kind[0] in "LN":
            kept.append(MISSING)
    return " ".join("".join(kept).split())


def _needs_shaping(text: str) -> bool:
    """Whether letters join, stack or run from right to left; shaping costs time."""
    return any(
        "\u0300" <= character < "\u1e00" or "\ufb1d" <= character <= "\ufeff"
        for character in text
    )


def put_together(documents: Iterable[bytes]) -> bytes:
    """Return PDFs as one, in their order; of none, nothing."""
    from pypdf import PdfWriter

    whole, kept = PdfWriter(), BytesIO()
    for document in documents:
        whole.append(BytesIO(document))
    if whole.pages:
        whole.write(kept)
    return kept.getvalue()


class Paper:
    """Pages in the making; places and sizes in millimetres from the top left."""

    def __init__(self, paper: str, title: str) -> None:
        from fpdf import FPDF

        self._pdf = pdf = FPDF(format=PAPERS[paper])
        pdf.set_title(title)
        pdf.set_auto_page_break(False)
        pdf.set_margin(MARGIN)
        pdf.c_margin = 0
        pdf.add_font("main", "", FONTS / MAIN)
        pdf.add_font("main", "B", FONTS / BOLD)
        self._others: list[str] = []
        self.width, self.height = pdf.epw, pdf.h
        self.left, self.right = MARGIN, pdf.w - MARGIN
        self.top, self.bottom = MARGIN, pdf.h - MARGIN
        # The library measures text only where there is a page.
        pdf.add_page()
        self._is_begun = False

    def turn(self) -> None:
        """Begin a new page."""
        if self._is_begun:
            self._pdf.add_page()
        self._is_begun = True

    def wrap(
        self, text: str, width: float, size: float, bold: bool = False
    ) -> list[str]:
        """Return the text as lines that fit the width."""
        text = printable(text)
        if not text:
            return []
        self._use(text, size, bold)
        # Most texts are short; laying out a paragraph takes much longer.
        if self._pdf.get_string_width(text) <= width:
            return [text]
        lines = self._pdf.multi_cell(
            width, 5, text, align="L", dry_run=True, output="LINES"
        )
        return cast(list[str], lines)

    def write(
        self,
        lines: Iterable[str],
        x: float,
        y: float,
        width: float,
        size: float,
        *,
        bold: bool = False,
        align: str = "L",
    ) -> float:
        """Write lines that `wrap` made, and return where the next one would be."""
        height = self.line(size)
        for line in lines:
            self._use(line, size, bold)
            self._pdf.set_xy(x, y)
            self._pdf.cell(width, height, line, align=align)
            y += height
        return y

    @staticmethod
    def line(size: float) -> float:
        """Return the height of a line of letters of this size."""
        return size * LINE_HEIGHT

    def rule(self, y: float, *, strong: bool = False) -> None:
        self._pdf.set_draw_color(0 if strong else 190)
        self._pdf.set_line_width(0.2)
        self._pdf.line(self.left, y, self.right, y)

    def box(self, x: float, y: float, side: float) -> None:
        self._pdf.set_draw_color(90)
        self._pdf.set_line_width(0.2)
        self._pdf.rect(x, y, side, side)

    def bars(self, code: Barcode, width: float, y: float, height: float) -> None:
        """Draw a bar code against the right margin, unless no reader could read it."""
        module = min(WIDEST, width / code.width)
        if module < NARROWEST:
            return
        x = self.right - code.width * module
        self._pdf.set_fill_color(0)
        for start, modules in code.bars:
            self._pdf.rect(x + start * module, y, modules * module, height, style="F")

    @staticmethod
    def picture_height(picture: Picture, width: float, height: float) -> float:
        """Return how high a picture is within this room."""
        return min(height, picture.height * width / picture.width)

    def picture(self, picture: Picture, y: float, width: float, height: float) -> None:
        """Draw a picture at the left margin, as large as the room allows."""
        shown = self.picture_height(picture, width, height)
        self._pdf.image(BytesIO(picture.png), self.left, y, h=shown)

    def finish(self) -> bytes:
        return bytes(self._pdf.output())

    def _use(self, text: str, size: float, bold: bool) -> None:
        self._add_fonts(text)
        self._pdf.set_font("main", "B" if bold else "", size)
        # fpdf2 2.8.9 believes that a font it set within a line, for a letter of another
        # script, still holds after it, and writes the next line in an older size.
        self._pdf.current_font_is_set_on_page = False
        self._pdf.set_text_shaping(_needs_shaping(text))

    def _add_fonts(self, text: str) -> None:
        """Add the fonts that the text needs: each one costs a document 50 ms."""
        fonts = _font_by_character()
        needed = {fonts.get(ord(character), MAIN) for character in text}
        added = needed - {MAIN, *self._others}
        for name in added:
            self._pdf.add_font(name, "", FONTS / name)
        if added:
            # A letter takes the first of these that has it.
            self._others = [one for one in OTHERS if one in {*self._others, *added}]
            self._pdf.set_fallback_fonts(self._others, exact_match=False)
