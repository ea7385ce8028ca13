"""Items down, tables across: a cell is a colour, a symbol and, with room, a word."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from ..grids import Cell, Grid, GridRow
from . import letters
from .charts import draw_bar
from .letters import STRONG
from .rows import (
    APART,
    BAR,
    BETWEEN,
    Head,
    cut,
    fitted_labels,
    heads,
    legend,
    row_line,
    say,
    signs_of,
)
from .sheet import (
    RIGHT,
    SMALL,
    WHITE,
    Look,
    Sheet,
    height_of,
    look_of,
    symbol_of,
)

MOST_TABLES = 20  # beyond, cells are narrower than their sign
FEW_TABLES = 8
LABELS = {True: 300.0, False: 250.0}  # with few tables, with many; px, at most
SPREAD = {True: 160.0, False: 130.0}
WIDEST_LABELS, WIDEST_CELL = 420.0, 220.0
GAP = 6.0  # between cells
PADDING = 6.0
HATCHED = 8.0  # above and below what is written in a cell that is split
SIGN = 22.0
MOST_LINES = 4  # in a cell
LOW = 44.0  # a row, at least


class Columns(NamedTuple):
    """Where cells stand: the left of the first, how far apart, how wide; in px."""

    left: float
    step: float
    wide: float


def draw_grid(sheet: Sheet, grid: Grid, top: float, *, bars: bool) -> float:
    """Draw a cell for each item and table; return where the grid ends.

    bars: whether the spread of all answers stands at the right. Of too many tables
    there is only the spread, wide.
    """
    rows = cut(sheet, grid["rows"])
    is_wide = len(grid["columns"]) > MOST_TABLES
    signs = signs_of(grid["legend"])
    if is_wide:  # no cell is drawn
        signs = [sign for sign in signs if sign.kind != "split"]
    top = legend(sheet, top, signs)
    if is_wide:
        said = _("%(n)d tables are too many to draw one by one; bars add them up.")
        sheet.notes.append(said % {"n": len(grid["columns"])})
        return _draw_spread(sheet, grid, rows, top)
    return _draw_cells(sheet, grid, rows, top, bars=bars)


def _draw_cells(
    sheet: Sheet, grid: Grid, rows: Sequence[GridRow], top: float, *, bars: bool
) -> float:
    tables = len(grid["columns"])
    is_small = tables <= FEW_TABLES
    labels = fitted_labels(rows, LABELS[is_small])
    left = labels.right + BETWEEN
    end = RIGHT - (SPREAD[is_small] + BETWEEN) * bars
    step = min((end - left + GAP) / max(tables, 1), WIDEST_CELL)
    columns = Columns(left, step, step - GAP)
    spread_left = left + step * tables - GAP + BETWEEN
    cells = [cell for row in rows for cell in row["cells"]]
    # The same for all: words and details, words, or signs alone, which are explained.
    written = next(
        (n for n in (2, 1) if all(_fits(c, columns.wide, n) for c in cells)), 0
    )

    over = _heads(grid, columns)
    if bars:
        over.append((spread_left, "start", [_("Spread")]))
    y = heads(sheet, top, over)
    symbols = {mark["cls"]: mark["sym"] for mark in grid["legend"]}
    for place, row in enumerate(rows):
        row_line(sheet, y)
        heights = [_height(cell, columns.wide, written) for cell in row["cells"]]
        inner = max([LOW, *heights])
        tall = max(inner, labels.rows[place].height) + APART
        middle = y + tall / 2
        labels.draw(sheet, place, middle)
        for number, cell in enumerate(row["cells"]):
            x = columns.left + number * columns.step
            box = (x, middle - inner / 2, columns.wide, inner)
            _draw_cell(sheet, cell, box, written)
        if bars:
            wide = RIGHT - spread_left
            bar_top = middle - BAR / 2
            draw_bar(sheet, row["bar"], spread_left, bar_top, wide, symbols)
        say(sheet, row, *_in_words(grid, row))
        y += tall
    row_line(sheet, y)
    return y


def _draw_spread(
    sheet: Sheet, grid: Grid, rows: Sequence[GridRow], top: float
) -> float:
    labels = fitted_labels(rows, WIDEST_LABELS)
    left = labels.right + BETWEEN
    y = heads(sheet, top, [(left, "start", [_("Spread")])])
    symbols = {mark["cls"]: mark["sym"] for mark in grid["legend"]}
    for place, row in enumerate(rows):
        row_line(sheet, y)
        tall = max(BAR, labels.rows[place].height) + APART
        middle = y + tall / 2
        labels.draw(sheet, place, middle)
        draw_bar(sheet, row["bar"], left, middle - BAR / 2, RIGHT - left, symbols)
        say(sheet, row, row["bar"]["label"])
        y += tall
    row_line(sheet, y)
    return y


def _heads(grid: Grid, columns: Columns) -> list[Head]:
    names = [column["label"] for column in grid["columns"]]
    if not all(letters.fits(n, columns.wide, SMALL, most=1) for n in names):
        names = [column["short"] for column in grid["columns"]]
    return [
        (
            columns.left + place * columns.step + columns.wide / 2,
            "middle",
            letters.wrap(name, columns.wide, SMALL, most=2),
        )
        for place, name in enumerate(names)
    ]


def _draw_cell(
    sheet: Sheet,
    cell: Cell,
    box: tuple[float, float, float, float],
    written: int,
) -> None:
    x, y, wide, tall = box
    look = look_of(cell["cls"])
    sheet.rect(x, y, wide, tall, look, rounded=6)
    sym = symbol_of(cell["cls"], cell["sym"])
    lines = _lines(cell, wide, written)
    sign, words = SIGN * bool(sym), letters.widest(lines, SMALL, STRONG)
    both = sign + words + 6 * bool(sign and words)
    begin, middle = x + (wide - both) / 2, y + tall / 2
    if cell["split"]:
        sheet.hatch(x + 2, y + 2, wide - 4, tall - 4, look.edge or WHITE)
        # What is written stands on a plain ground.
        high = max(sign + 4, height_of(lines, SMALL) + PADDING)
        ground = Look(look.fill, look.ink, None, False)
        corner = max(x + 3, begin - 5)
        sheet.rect(
            corner, middle - high / 2, min(wide - 6, both + 10), high, ground, rounded=3
        )
    sheet.symbol(sym, begin + sign / 2, middle, SIGN, look.ink)
    top = middle - height_of(lines, SMALL) / 2
    sheet.lines(begin + both - words, top, lines, SMALL, STRONG, fill=look.ink)


def _lines(cell: Cell, wide: float, written: int) -> list[str]:
    """Return what is written in a cell, beside its sign, in lines."""
    room = _room(cell, wide)
    texts = _texts(cell)[:written]
    found = [letters.wrap(text, room, SMALL, STRONG) for text in texts]
    return [line for lines in found for line in lines]


def _fits(cell: Cell, wide: float, written: int) -> bool:
    room = _room(cell, wide)
    texts = _texts(cell)[:written]
    return len(_lines(cell, wide, written)) <= MOST_LINES and all(
        letters.fits(text, room, SMALL, STRONG, most=MOST_LINES) for text in texts
    )


def _height(cell: Cell, wide: float, written: int) -> float:
    band = HATCHED if cell["split"] else 0.0
    return height_of(_lines(cell, wide, written), SMALL) + 2 * (PADDING + band)


def _room(cell: Cell, wide: float) -> float:
    sign = (SIGN + 6) * bool(symbol_of(cell["cls"], cell["sym"]))
    return wide - sign - 2 * PADDING


def _texts(cell: Cell) -> list[str]:
    return [text for text in (cell["word"], cell["detail"]) if text]


def _in_words(grid: Grid, row: GridRow) -> list[str]:
    """Say each cell: `Table 1 Difficult`."""
    pairs = zip(grid["columns"], row["cells"], strict=True)
    return [" ".join([column["label"], *_texts(cell)]) for column, cell in pairs]
