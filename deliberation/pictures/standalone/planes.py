"""Items placed on two criteria, with a key beside."""

from collections.abc import Mapping
from itertools import batched
from typing import Any

from django.utils.translation import gettext as _

from . import letters
from .letters import STRONG
from .rows import cut, say
from .sheet import (
    EDGE,
    GROUND,
    INK,
    LEFT,
    QUIET,
    RIGHT,
    SMALL,
    TEXT,
    WHITE,
    Look,
    Sheet,
    height_of,
)

type Plane = Mapping[str, Any]

WIDE = 640.0  # of the drawing; its height follows
DOT, FILL, BEST = 18.0, "#1b4d8f", "#e3eefa"
KEY = LEFT + WIDE + 40
BETWEEN = 12.0  # entries of the key


def draw_plane(sheet: Sheet, plane: Plane, top: float) -> float:
    """Draw the plane and its key; return where the longer of the two ends.

    Points stand at the means; the key says the medians, which may be quoted.
    """
    rows = cut(sheet, plane["rows"])
    shown = {row["number"] for row in rows}
    below = _draw_box(sheet, plane, shown, top)
    sheet.notes.append(_("Points stand at the mean; the figures beside are medians."))
    y, place = top, 0
    while place < len(rows) and y + _height(plane, rows[place], RIGHT - KEY) <= below:
        y = _draw_entry(sheet, plane, rows[place], (KEY, RIGHT - KEY), y) + BETWEEN
        place += 1
    # What has no room beside the plane stands below it, in two columns.
    y, wide = below + 2 * BETWEEN, (RIGHT - LEFT - 40) / 2
    for pair in batched(rows[place:], 2):
        boxes = ((LEFT, wide), (RIGHT - wide, wide))
        ends = [
            _draw_entry(sheet, plane, row, box, y)
            for row, box in zip(pair, boxes, strict=False)
        ]
        below = max(ends)
        y = below + BETWEEN
    return below


def _draw_box(sheet: Sheet, plane: Plane, shown: set[str], top: float) -> float:
    box = {key: float(value) for key, value in plane["box"].items()}
    size = WIDE / box["right"]

    def x(value: str | float) -> float:
        return LEFT + size * float(value)

    def y(value: str | float) -> float:
        return top + size * (float(value) - box["top"]) + 4

    left, right, high, low = (
        x(box["left"]),
        x(box["right"]),
        y(box["top"]),
        y(box["bottom"]),
    )
    middle_x, middle_y = x(plane["middle_x"]), y(plane["middle_y"])
    sheet.rect(left, high, right - left, low - high, Look(GROUND, INK, None, False))
    best = Look(BEST, INK, None, False)
    sheet.rect(middle_x, high, right - middle_x, middle_y - high, best)
    sheet.line(middle_x, high, middle_x, low, EDGE, 1.5, "6 6")
    sheet.line(left, middle_y, right, middle_y, EDGE, 1.5, "6 6")
    sheet.line(left, high, left, low, EDGE, 2)
    sheet.line(left, low, right, low, EDGE, 2)
    for tick in plane["ticks"]:
        sheet.text(x(tick["x"]), low + 24, tick["text"], anchor="middle", fill=QUIET)
        across = y(tick["y"]) + TEXT * 0.34
        sheet.text(left - 10, across, tick["text"], anchor="end", fill=QUIET)
    name = _axis_name(plane["x_label"], right - left)
    sheet.text((left + right) / 2, low + 52, name, TEXT, STRONG, anchor="middle")
    name = _axis_name(plane["y_label"], low - high)
    middle = (high + low) / 2
    sheet.text(LEFT + 14, middle, name, TEXT, STRONG, anchor="middle", turned=True)
    lines = letters.wrap(plane["scale_text"], right - left, SMALL, most=2)
    for point in plane["points"]:
        if point["number"] in shown:
            _dot(sheet, x(point["cx"]), y(point["cy"]), point["number"])
    return sheet.lines(left, low + 64, lines, SMALL, fill=QUIET)


def _draw_entry(
    sheet: Sheet,
    plane: Plane,
    row: Mapping[str, Any],
    box: tuple[float, float],
    top: float,
) -> float:
    """Write an item of the key: its number, its name, its medians.

    box: the left of the entry and how wide it may be.
    """
    begin, wide = box
    left = begin + 2 * DOT + 14
    room = begin + wide - left
    name = letters.wrap(row["label"], room, TEXT, STRONG, most=3)
    _dot(sheet, begin + DOT, top + DOT, row["number"], is_placed=row["placed"])
    y = sheet.lines(left, top + (2 * DOT - height_of(name[:1])) / 2, name, TEXT, STRONG)
    y = sheet.lines(left, y, _details(plane, row, room), SMALL, fill=QUIET)
    say(sheet, row, *_facts(plane, row))
    return max(y, top + 2 * DOT)


def _details(plane: Plane, row: Mapping[str, Any], room: float) -> list[str]:
    """Write the facts in one line, or each in its own."""
    facts = _facts(plane, row)
    joined = " · ".join(facts)
    if letters.width(letters.clean(joined), SMALL) <= room:
        return letters.wrap(joined, room, SMALL)
    first, *rest = facts
    lines = letters.wrap(first, room, SMALL, most=2)
    return lines + letters.wrap(" · ".join(rest), room, SMALL, most=2)


def _facts(plane: Plane, row: Mapping[str, Any]) -> list[str]:
    if not row["placed"]:
        return [_("too few answers to place"), row["n_text"]]
    medians = [(plane["x_label"], row["x"]), (plane["y_label"], row["y"])]
    return [f"{label}: {median}" for label, median in medians] + [row["n_text"]]


def _height(plane: Plane, row: Mapping[str, Any], wide: float) -> float:
    return _draw_entry(Sheet(), plane, row, (0, wide), 0)


def _dot(
    sheet: Sheet, cx: float, cy: float, number: str, *, is_placed: bool = True
) -> None:
    fill, ink = (FILL, WHITE) if is_placed else (WHITE, QUIET)
    sheet.circle(cx, cy, DOT, fill, WHITE if is_placed else EDGE)
    y = cy + SMALL * 0.34
    sheet.text(cx, y, number, SMALL, STRONG, anchor="middle", fill=ink)


def _axis_name(name: str, room: float) -> str:
    arrow = " →"
    taken = letters.width(arrow, TEXT, STRONG)
    return "".join(letters.wrap(name, room - taken, TEXT, STRONG, most=1)) + arrow
