"""Bars: how each item was judged, and how often it was chosen."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from ..charts import Chart
from ..signs import COLOURS
from ..stacks import LIKE_A_MINUS, Bar, Counts
from . import letters
from .letters import REGULAR, STRONG
from .rows import (
    APART,
    BAR,
    BETWEEN,
    MOST_ROWS,
    Column,
    Sign,
    cut,
    fitted_labels,
    heads,
    legend,
    row_line,
    say,
    share,
    signs_of,
    triangle,
)
from .sheet import INK, RIGHT, SMALL, Look, Sheet, look_of

LABELS = 420.0  # px, at most
FIGURES = 170.0  # px, at most, of a column of figures
LEAST = 1.5  # px of a bar that is not nothing
SYMBOL = 18.0
LEADER = Look(*COLOURS["c1"], None, False)


def draw_chart(sheet: Sheet, chart: Chart, top: float) -> float:
    """Draw one bar an item on a common scale; return where it ends."""
    rows = cut(sheet, chart["rows"])
    medians = [
        " ".join(filter(None, (row["median"], row["word"])))
        if chart["has_medians"]
        else ""
        for row in rows
    ]
    labels = fitted_labels(rows, LABELS)
    answered = Column(_("Answered"), [row["n_text"] for row in rows], RIGHT, FIGURES)
    median = Column(_("Median"), medians, answered.left - BETWEEN, FIGURES, STRONG)
    right = (median if any(medians) else answered).left - BETWEEN
    left = labels.right + BETWEEN

    signs = signs_of(chart["legend"])
    if chart["has_medians"]:
        signs.append(Sign("median", "", _("Median")))
    columns = [column.head for column in (answered, median) if any(column.texts)]
    columns += _sides(chart, left, right)
    y = heads(sheet, legend(sheet, top, signs), columns)
    symbols = {mark["cls"]: mark["sym"] for mark in chart["legend"]}
    for place, row in enumerate(rows):
        row_line(sheet, y)
        tall = max(BAR + 8, labels.rows[place].height) + APART
        middle = y + tall / 2
        if chart["axis"]:
            x = left + (right - left) * share(chart["axis"])
            sheet.line(x, y, x, y + tall, INK, 2)
        labels.draw(sheet, place, middle)
        draw_bar(sheet, row["bar"], left, middle - BAR / 2, right - left, symbols)
        median.draw(sheet, place, middle)
        answered.draw(sheet, place, middle)
        named = medians[place] and f"{_('Median')} {medians[place]}"
        say(sheet, row, row["bar"]["label"], named, row["n_text"])
        y += tall
    row_line(sheet, y)
    return y


def draw_bar(
    sheet: Sheet,
    bar: Bar,
    left: float,
    top: float,
    wide: float,
    symbols: Mapping[str, str],
) -> None:
    """Draw answers side by side: the symbol and the count on each, where they fit.

    Answers that are dots are drawn one by one, each with its symbol.
    """
    if "dots" in bar:
        _draw_dots(sheet, bar, left, top, wide)
    for segment in bar["segments"]:
        if not segment["n"] or "dots" in bar:
            continue
        x, room = left + wide * share(segment["x"]), wide * share(segment["width"])
        look = look_of(segment["cls"])
        # Neighbours stay apart, also without their colours.
        drawn = max(LEAST, room - 1.5)
        sheet.rect(x + (room - drawn) / 2, top, drawn, BAR, look)
        count = str(segment["n"])
        taken = letters.width(count, SMALL, STRONG)
        sym = symbols.get(segment["cls"], "")
        middle = x + room / 2
        if sym and sym not in LIKE_A_MINUS and room >= taken + SYMBOL + 12:
            begin = middle - (SYMBOL + 3 + taken) / 2
            sheet.symbol(sym, begin + SYMBOL / 2, top + BAR / 2, SYMBOL, look.ink)
            middle = begin + SYMBOL + 3 + taken / 2
        elif room < taken + 2:
            continue
        y = top + BAR / 2 + SMALL * 0.34
        sheet.text(middle, y, count, SMALL, STRONG, anchor="middle", fill=look.ink)
    if "median" in bar:
        triangle(sheet, left + wide * share(bar["median"]), top + BAR - 4)


def _draw_dots(sheet: Sheet, bar: Bar, left: float, top: float, wide: float) -> None:
    room = wide * share(bar["room"])
    radius = min(room, BAR) / 2 - 1
    for dot in bar["dots"]:
        x, look = left + wide * share(dot["x"]) + room / 2, look_of(dot["cls"])
        sheet.circle(x, top + BAR / 2, radius, look.fill, look.edge)
        sheet.symbol(dot["sym"], x, top + BAR / 2, radius * 1.3, look.ink)


def draw_counts(sheet: Sheet, counts: Counts, top: float) -> float:
    """Draw one bar an item, as long as it was chosen; return where it ends.

    Of too many items those are drawn that were chosen most, in their order.
    """
    most = sorted(counts["rows"], key=lambda row: -row["n"])[:MOST_ROWS]
    kept = {row["id"] for row in most}
    rows = [row for row in counts["rows"] if row["id"] in kept]
    if len(rows) < len(counts["rows"]):
        said = _("Drawn are the %(n)d highest of %(total)d items.")
        sheet.notes.append(said % {"n": len(rows), "total": len(counts["rows"])})
    labels = fitted_labels(rows, 1.3 * LABELS, strong=[row["leading"] for row in rows])
    texts = [row["text_n"] for row in rows]
    second = [row["beside"] for row in rows]
    beside = Column(counts["beside_heads"], second, RIGHT, FIGURES)
    end = beside.left - BETWEEN if any(second) else RIGHT
    unit = Column(counts["unit"], texts, end, FIGURES)
    left, right = labels.right + BETWEEN, unit.left - BETWEEN
    y = heads(sheet, top, [unit.head, beside.head] if any(second) else [unit.head])
    for place, row in enumerate(rows):
        row_line(sheet, y)
        tall = max(BAR, labels.rows[place].height) + APART
        middle = y + tall / 2
        labels.draw(sheet, place, middle)
        length = (right - left) * share(row["width"])
        if row["n"]:
            sheet.rect(left, middle - BAR / 2, max(LEAST, length), BAR, LEADER)
        sheet.line(left, y, left, y + tall, INK, 2)
        unit.draw(sheet, place, middle, STRONG if row["leading"] else REGULAR)
        if row["beside"]:
            beside.draw(sheet, place, middle)
        named = row["beside"] and f"{counts['beside_heads']} {row['beside']}"
        say(sheet, row, row["text_n"], named)
        y += tall
    row_line(sheet, y)
    if words := counts.get("words"):
        sheet.notes.append(words)
    return y


def _sides(
    chart: Chart, left: float, right: float
) -> list[tuple[float, Any, list[str]]]:
    """Name what stands on either side of the axis, as on pages."""
    if not chart["axis"]:
        return []
    room = (right - left) / 2 - BETWEEN
    sides = []
    if chart["left"]:
        sides.append((left, "start", letters.wrap(f"← {chart['left']}", room, SMALL)))
    if chart["right"]:
        sides.append((right, "end", letters.wrap(f"{chart['right']} →", room, SMALL)))
    return sides
