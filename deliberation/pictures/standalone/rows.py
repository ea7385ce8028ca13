"""What pictures have beside their marks: a legend, labels and columns of figures."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from . import letters
from .letters import REGULAR, STRONG
from .sheet import (
    EDGE,
    INK,
    LEADING,
    LEFT,
    LINE,
    QUIET,
    RIGHT,
    SMALL,
    TEXT,
    WHITE,
    Anchor,
    Sheet,
    height_of,
    look_of,
    symbol_of,
)

MOST_ROWS = 40  # a page; more would be read by nobody
MOST_LINES = 4  # of a label
BAR = 30.0
APART = 14.0  # between rows, half of it on either side of the line
SWATCH = 28.0
BETWEEN = 24.0  # between columns

type Rows = Sequence[Mapping[str, Any]]
type Head = tuple[float, Anchor, list[str]]


class Sign(NamedTuple):
    """An entry of a legend: the class of an answer, or what else is drawn.

    That is `median`, `split`, or a ranking's `mean` and `range`.
    """

    kind: str
    sym: str
    label: str


class Label(NamedTuple):
    number: str
    lines: list[str]
    height: float


class Labels:
    """The first column: the number of each item, and its name in lines."""

    def __init__(
        self,
        rows: Rows,
        room: float,
        weights: Sequence[int] = (),
        *,
        begin: float = LEFT,
    ) -> None:
        numbers = [str(row["number"]) for row in rows]
        wide = letters.widest(numbers, TEXT, STRONG)
        self.begin, self.right = begin, begin + room
        self.left = begin + (wide + 14 if wide else 0)
        self.weights = weights or [REGULAR] * len(rows)
        self.rows = []
        for number, row, weight in zip(numbers, rows, self.weights, strict=True):
            room = self.right - self.left
            lines = letters.wrap(row["label"], room, TEXT, weight, most=MOST_LINES)
            self.rows.append(Label(number, lines, height_of(lines)))

    def draw(self, sheet: Sheet, place: int, middle: float) -> None:
        """Write a row's number and name around a height."""
        number, lines, height = self.rows[place]
        top = middle - height / 2
        sheet.lines(self.begin, top, [number], TEXT, STRONG, fill=QUIET)
        sheet.lines(self.left, top, lines, TEXT, self.weights[place])

    def natural(self) -> float:
        """Return how wide the column must be for what is in it."""
        weighed = zip(self.rows, self.weights, strict=True)
        widths = [letters.widest(row.lines, TEXT, weight) for row, weight in weighed]
        return self.left - self.begin + max(widths, default=0.0)


class Column:
    """Figures at the right, each in a line or more, below a name."""

    def __init__(
        self,
        name: str,
        texts: Sequence[str],
        right: float,
        most: float,
        weight: int = REGULAR,
    ) -> None:
        wide = letters.widest([name, *texts], SMALL, STRONG)
        self.texts, self.right, self.weight = texts, right, weight
        self.room = min(most, wide + 1)
        self.left = right - self.room
        self.head: Head = (right, "end", letters.wrap(name, self.room, SMALL, most=3))

    def draw(
        self, sheet: Sheet, place: int, middle: float, weight: int | None = None
    ) -> None:
        weight = weight or self.weight
        lines = letters.wrap(self.texts[place], self.room, SMALL, weight, most=2)
        top = middle - height_of(lines, SMALL) / 2
        sheet.lines(self.right, top, lines, SMALL, weight, anchor="end")


def fitted_labels(
    rows: Rows, most: float, *, least: float = 140.0, strong: Sequence[bool] = ()
) -> Labels:
    """Return labels in a column as narrow as they allow, so that marks get the rest."""
    weights = [STRONG if one else REGULAR for one in strong]
    labels = Labels(rows, most, weights)
    return Labels(rows, min(most, max(least, labels.natural() + 1)), weights)


def cut(sheet: Sheet, rows: Sequence[Any], most: int = MOST_ROWS) -> Sequence[Any]:
    """Return as many rows as are drawn, and note how many there are."""
    if len(rows) > most:
        said = _("Drawn are the first %(n)d of %(total)d items.")
        sheet.notes.append(said % {"n": most, "total": len(rows)})
    return rows[:most]


def say(sheet: Sheet, row: Mapping[str, Any], *parts: str) -> None:
    """Put a row in words, for those who do not see it."""
    name = " ".join(filter(None, (row["number"], row["label"])))
    sheet.said.append(f"{name}: {', '.join(filter(None, parts))}.")


def row_line(sheet: Sheet, y: float) -> None:
    sheet.line(LEFT, y, RIGHT, y, LINE)


def legend(sheet: Sheet, top: float, signs: Sequence[Sign]) -> float:
    """Draw colour, symbol and word of each sign, in lines; return where they end."""
    if not signs:
        return top
    x, y, step = LEFT, top, SWATCH + 8
    for sign in signs:
        room = RIGHT - LEFT - SWATCH - 10
        label = "".join(letters.wrap(sign.label, room, TEXT, most=1))
        wide = SWATCH + 10 + letters.width(label, TEXT)
        if x > LEFT and x + wide > RIGHT:
            x, y = LEFT, y + step
        _swatch(sheet, sign, x, y)
        sheet.lines(x + SWATCH + 10, y + (SWATCH - TEXT * LEADING) / 2, [label])
        x += wide + BETWEEN
    return y + step + 8


def signs_of(marks: Sequence[Mapping[str, Any]]) -> list[Sign]:
    return [Sign(mark["cls"], mark["sym"], mark["label"]) for mark in marks]


def triangle(sheet: Sheet, x: float, top: float) -> None:
    """Point upwards at a median."""
    sheet.path(f"M{x:.1f} {top:.1f}l8 14h-16z", fill=INK, stroke=WHITE, stroke_width=2)


def mark_mean(sheet: Sheet, x: float, y: float) -> None:
    sheet.circle(x, y, 9, "#1b4d8f", WHITE)


def mark_range(sheet: Sheet, x1: float, x2: float, y: float) -> None:
    """Draw from the best to the worst, with ends that are seen."""
    sheet.line(x1, y, x2, y, EDGE, 3)
    for x in (x1, x2):
        sheet.line(x, y - 7, x, y + 7, EDGE, 3)


def heads(sheet: Sheet, top: float, columns: Sequence[Head]) -> float:
    """Write names over columns, all ending at one height; return where rows begin."""
    most = max((height_of(lines, SMALL) for _x, _anchor, lines in columns), default=0.0)
    for x, anchor, lines in columns:
        begin = top + most - height_of(lines, SMALL)
        sheet.lines(x, begin, lines, SMALL, anchor=anchor, fill=QUIET)
    return top + most + 8


def share(percent: str) -> float:
    """Read a share as contexts write it: `12.50%` is 0.125."""
    return float(percent.removesuffix("%")) / 100


def _swatch(sheet: Sheet, sign: Sign, x: float, y: float) -> None:
    middle_x, middle_y = x + SWATCH / 2, y + SWATCH / 2
    if sign.kind == "median":
        triangle(sheet, middle_x, middle_y - 7)
        return
    if sign.kind == "mean":
        mark_mean(sheet, middle_x, middle_y)
        return
    if sign.kind == "range":
        mark_range(sheet, x, x + SWATCH, middle_y)
        return
    look = look_of("tie" if sign.kind == "split" else sign.kind)
    sheet.rect(x, y, SWATCH, SWATCH, look, rounded=5)
    if sign.kind == "split":
        sheet.hatch(x + 2, y + 2, SWATCH - 4, SWATCH - 4, QUIET)
    sheet.symbol(symbol_of(sign.kind, sign.sym), middle_x, middle_y, 20, look.ink)
