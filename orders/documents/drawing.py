"""Draw packing slips and pick lists on paper, page by page."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from orders.documents.paper import Paper
from orders.documents.slips import PickList, Slip

SMALL, PLAIN, LARGE, TITLE = 8, 9, 11, 16
GAP = 5.0
FOOT = 6.0
PADDING = 3.0
LOGO = (60.0, 24.0)
BARS = (80.0, 12.0)
# A return address or message never takes the page from what must be on it.
MOST_BRAND_LINES = 12
# A row longer than this goes on as another row, on the next page if need be.
MOST_ROW_LINES = 30
UNKNOWN = "–"


@dataclass(frozen=True)
class Block:
    """A piece of a page that is not torn apart; a table's rows repeat their head."""

    height: float
    draw: Callable[[float], object]
    head: "Block | None" = None


@dataclass(frozen=True)
class Column:
    title: str
    width: float
    align: str = "L"
    bold: bool = False


@dataclass(frozen=True)
class Text:
    """Lines that fit their width, and the white after them."""

    lines: list[str]
    size: float
    bold: bool = False
    after: float = 0

    @property
    def height(self) -> float:
        return len(self.lines) * Paper.line(self.size) + self.after


def draw_slips(slips: list[Slip], paper: str) -> bytes:
    """Return the slips as a PDF, each from a page of its own."""
    sheet = Paper(paper, _("Packing slips"))
    # A batch of a long pile may be one slip.
    in_pile = len(slips) > 1 or slips[0].place > 1
    for slip in slips:
        order = _("Order %(order)s") % {"order": slip.number}
        blocks = [
            _slip_head(sheet, slip, order, in_pile=in_pile),
            *_slip_table(sheet, slip),
            _text(sheet, [slip.total], PLAIN, bold=True),
            *_titled(sheet, _("Gift message"), slip.gift_message),
            *_titled(sheet, _("Buyer’s note"), slip.buyer_note),
            _text(sheet, slip.brand.message.splitlines(), PLAIN),
        ]
        _flow(sheet, blocks, f"{slip.brand.name} · {order}", order)
    return sheet.finish()


def draw_pick_list(pick: PickList, paper: str) -> bytes:
    """Return the pick list as a PDF: what to fetch, then the pile it is for."""
    title = _("Pick list")
    sheet = Paper(paper, title)
    fetch = [
        Column("", 8),
        Column(_("Quantity"), 18, "R", bold=True),
        Column(_("SKU"), 40),
        Column(_("Item"), sheet.width - 122),
        Column(_("Place in the pile"), 56),
    ]
    pile = [
        Column(_("Place in the pile"), 34, "R", bold=True),
        Column(_("Order number"), 44),
        Column(_("Ship to"), sheet.width - 98),
        Column(_("Quantity"), 20, "R"),
    ]
    printed = _("Printed %(time)s") % {"time": pick.printed}
    items: list[list[list[object]]] = [
        [[], [line.quantity], [line.sku], [line.name, line.options], [line.places]]
        for line in pick.lines
    ]
    orders: list[list[list[object]]] = [
        [[one.place], [one.number], [one.ship_to], [one.quantity]]
        for one in pick.orders
    ]
    blocks = [
        _text(sheet, [title], TITLE, bold=True),
        _text(sheet, [pick.total, printed], PLAIN),
        Block(GAP, lambda y: None),
        *_table(sheet, fetch, items, has_box=True),
        Block(GAP, lambda y: None),
        *_table(sheet, pile, orders),
    ]
    _flow(sheet, blocks, title, title)
    return sheet.finish()


def _slip_head(sheet: Paper, slip: Slip, order: str, *, in_pile: bool) -> Block:
    """Who sends and where it goes at the left, which order it is at the right."""
    half = sheet.width / 2 - GAP
    brand, logo = slip.brand, slip.brand.logo
    place = _("Place in the pile: %(place)s") % {"place": slip.place}
    facts = [
        _("Ordered %(time)s") % {"time": slip.ordered},
        _("Printed %(time)s") % {"time": slip.printed},
        slip.service,
        place if in_pile else "",
        _("Reprint") if slip.is_reprint else "",
    ]
    sender = _wrapped(sheet, brand.lines, half, SMALL)[:MOST_BRAND_LINES]
    left = [
        Text(sheet.wrap(brand.name, half, LARGE, bold=True), LARGE, bold=True),
        Text(sender, SMALL, after=GAP),
        Text([_("Ship to")], SMALL),
        Text(_wrapped(sheet, slip.ship_to, half, LARGE) or [UNKNOWN], LARGE),
    ]
    right = [
        Text([_("Packing slip")], TITLE, bold=True, after=1),
        Text(sheet.wrap(order, half, LARGE, bold=True), LARGE, bold=True),
        Text(_wrapped(sheet, filter(None, facts), half, PLAIN), PLAIN, after=2),
    ]
    logo_height = sheet.picture_height(logo, *LOGO) + 2 if logo else 0
    height = max(
        logo_height + sum(text.height for text in left),
        sum(text.height for text in right) + BARS[1],
    )

    def draw(y: float) -> None:
        if logo:
            sheet.picture(logo, y, *LOGO)
        _write(sheet, left, sheet.left, y + logo_height, half)
        below = _write(sheet, right, sheet.right - half, y, half, "R")
        if slip.barcode:
            sheet.bars(slip.barcode, BARS[0], below, BARS[1])

    return Block(height + GAP, draw)


def _slip_table(sheet: Paper, slip: Slip) -> Iterator[Block]:
    price = 25 if slip.has_prices else 0
    columns = [
        Column(_("SKU"), 42),
        Column(_("Item"), sheet.width - 42 - 20 - price),
        Column(_("Quantity"), 20, "R", bold=True),
    ]
    rows: list[list[list[object]]] = [
        [[line.sku], [line.name, line.options, line.received], [line.quantity]]
        for line in slip.lines
    ]
    if slip.has_prices:
        columns.append(Column(_("Unit price"), price, "R"))
        for row, line in zip(rows, slip.lines, strict=True):
            row.append([_money(line.price, slip.currency)])
    return _table(sheet, columns, rows)


def _table(
    sheet: Paper,
    columns: list[Column],
    rows: Iterable[Sequence[Sequence[object]]],
    *,
    has_box: bool = False,
) -> Iterator[Block]:
    """Yield the rows as blocks under one head; `has_box` puts a box to tick in each."""
    titles = [
        sheet.wrap(column.title, column.width - PADDING, PLAIN, bold=True)
        for column in columns
    ]
    head = _row(sheet, columns, titles, bold=True)
    for texts in rows:
        cells = [
            _wrapped(
                sheet, map(str, parts), column.width - PADDING, PLAIN, bold=column.bold
            )
            for column, parts in zip(columns, texts, strict=True)
        ]
        for start in range(0, max(1, *map(len, cells)), MOST_ROW_LINES):
            part = [cell[start : start + MOST_ROW_LINES] for cell in cells]
            block = _row(sheet, columns, part, ticked=has_box and not start)
            yield Block(block.height, block.draw, head)


def _row(
    sheet: Paper,
    columns: list[Column],
    cells: list[list[str]],
    *,
    bold: bool = False,
    ticked: bool = False,
) -> Block:
    height = max(1, *map(len, cells)) * sheet.line(PLAIN) + 2

    def draw(y: float) -> None:
        x = sheet.left
        for column, lines in zip(columns, cells, strict=True):
            sheet.write(
                *(lines, x, y + 1, column.width - PADDING, PLAIN),
                bold=bold or column.bold,
                align=column.align,
            )
            x += column.width
        if ticked:
            sheet.box(sheet.left, y + 1.4, 3.4)
        sheet.rule(y + height, strong=bold)

    return Block(height, draw)


def _text(sheet: Paper, lines: Iterable[str], size: float, bold: bool = False) -> Block:
    wrapped = _wrapped(sheet, lines, sheet.width, size, bold=bold)
    text = Text(wrapped[:MOST_ROW_LINES], size, bold)
    return _paragraph(sheet, text, GAP / 2 if wrapped else 0)


def _titled(sheet: Paper, title: str, text: str) -> Iterator[Block]:
    """Yield all of a text below its title, in pieces that a page can hold."""
    lines = _wrapped(sheet, text.splitlines(), sheet.width, PLAIN)
    for start in range(0, len(lines), MOST_ROW_LINES):
        part = lines[start : start + MOST_ROW_LINES]
        if not start:
            yield _text(sheet, [title], PLAIN, bold=True)
        yield _paragraph(sheet, Text(part, PLAIN))


def _paragraph(sheet: Paper, text: Text, white: float = 0) -> Block:
    """Return a text over the whole width, with some white above it."""
    return Block(
        white + text.height,
        lambda y: _write(sheet, [text], sheet.left, y + white, sheet.width),
    )


def _flow(sheet: Paper, blocks: Iterable[Block], title: str, short_title: str) -> None:
    """Draw blocks on as many pages as they need, each numbered at its foot."""
    again = _text(sheet, [title], PLAIN)
    again = Block(again.height + GAP / 2, again.draw)
    pages = _pages(list(blocks), again, sheet.bottom - FOOT - sheet.top)
    for number, page in enumerate(pages, start=1):
        sheet.turn()
        y = sheet.top
        for block in page:
            block.draw(y)
            y += block.height
        foot = _("%(document)s, page %(page)d of %(pages)d") % {
            "document": short_title,
            "page": number,
            "pages": len(pages),
        }
        lines = sheet.wrap(foot, sheet.width, SMALL)
        top = sheet.bottom - sheet.line(SMALL)
        sheet.write(lines, sheet.left, top, sheet.width, SMALL, align="R")


def _pages(blocks: list[Block], again: Block, room: float) -> list[list[Block]]:
    """Share blocks among pages; a page that goes on says so, with the table's head."""
    pages: list[list[Block]] = [[]]
    left = room
    head: Block | None = None
    for block in blocks:
        needed = [block] if block.head in (None, head) else [block.head, block]
        if pages[-1] and sum(one.height for one in needed) > left:
            pages.append([again])
            left = room - again.height
            needed = [block.head, block] if block.head else [block]
        pages[-1] += needed
        left -= sum(one.height for one in needed)
        head = block.head
    return pages


def _write(
    sheet: Paper, texts: list[Text], x: float, y: float, width: float, align: str = "L"
) -> float:
    """Write texts one below the other and return where they end."""
    for text in texts:
        sheet.write(text.lines, x, y, width, text.size, bold=text.bold, align=align)
        y += text.height
    return y


def _wrapped(
    sheet: Paper,
    texts: Iterable[str],
    width: float,
    size: float,
    *,
    bold: bool = False,
) -> list[str]:
    return [line for text in texts for line in sheet.wrap(text, width, size, bold=bold)]


def _money(amount: Decimal | None, currency: str) -> str:
    if amount is None:
        return UNKNOWN
    return f"{number_format(amount, decimal_pos=2)} {currency}".strip()
