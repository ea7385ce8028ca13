"""A bar for each item and table: the tables side by side, a few in a row."""

from collections.abc import Sequence

from ..multiples import MultipleRow, Multiples
from . import letters
from .charts import draw_bar
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
from .sheet import QUIET, RIGHT, SMALL, Sheet, height_of

ACROSS = 4  # tables in a row, so that figures fit on their marks
LABELS = 300.0  # px, at most
GAP = 16.0  # between tables


def draw_multiples(sheet: Sheet, multiples: Multiples, top: float) -> float:
    """Draw the bars of all tables, four in a row; return where the last ones end."""
    rows = cut(sheet, multiples["rows"])
    y = legend(sheet, top, signs_of(multiples["legend"]))
    symbols = {mark["cls"]: mark["sym"] for mark in multiples["legend"]}
    tables = range(len(multiples["columns"]))
    for first in range(0, len(tables), ACROSS):
        shown = tables[first : first + ACROSS]
        y = _draw_some(sheet, multiples, rows, shown, y, symbols) + 24
    for row in rows:
        say(sheet, row, *_in_words(multiples, row))
    return y - 24


def _draw_some(
    sheet: Sheet,
    multiples: Multiples,
    rows: Sequence[MultipleRow],
    tables: Sequence[int],
    top: float,
    symbols: dict[str, str],
) -> float:
    labels = fitted_labels(rows, LABELS)
    left = labels.right + BETWEEN
    step = (RIGHT - left + GAP) / min(ACROSS, len(multiples["columns"]))
    at = {number: left + place * step for place, number in enumerate(tables)}
    wide = step - GAP
    columns = multiples["columns"]
    names: list[Head] = [
        (x, "start", letters.wrap(columns[number]["label"], wide, SMALL, most=2))
        for number, x in at.items()
    ]
    y = heads(sheet, top, names)
    for place, row in enumerate(rows):
        row_line(sheet, y)
        tall = max(BAR, labels.rows[place].height) + APART
        middle = y + tall / 2
        labels.draw(sheet, place, middle)
        for number, x in at.items():
            panel = row["panels"][number]
            if panel["bar"] is not None:
                draw_bar(sheet, panel["bar"], x, middle - BAR / 2, wide, symbols)
                continue
            lines = letters.wrap(panel["words"], wide, SMALL, most=1)
            begin = middle - height_of(lines, SMALL) / 2
            sheet.lines(x, begin, lines, SMALL, fill=QUIET)
        y += tall
    row_line(sheet, y)
    return y


def _in_words(multiples: Multiples, row: MultipleRow) -> list[str]:
    said = [
        panel["bar"]["label"] if panel["bar"] else panel["words"]
        for panel in row["panels"]
    ]
    return [
        f"{column['label']}: {words}"
        for column, words in zip(multiples["columns"], said, strict=True)
    ]
