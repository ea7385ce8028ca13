"""Before and after: a line an item, and from which answer to which people went."""

from collections.abc import Sequence
from math import ceil, floor
from typing import Any, NamedTuple, TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .shapes import Item, join_id, names_of
from .signs import Mark

MOST_LINES = 6  # beyond, nobody can tell them apart
HEIGHT = 260  # of the drawing, in px
HEAD = 22  # for the names of the rounds
MARGIN = 14  # below that and at the bottom, for half a figure
APART = 17  # of figures beside the lines
STEPS = {False: 4, True: 10}  # of the scale: of people, of mean points
FILLS = {"up": "#164f96", "down": "#8a4200", "same": "#454f5d"}


class Shift(NamedTuple):
    """How many of the same people were in favour before and after.

    Or, with `is_mean`, how many points they gave on average, of `both` there were.
    """

    item: str
    before: float
    after: float
    both: int
    is_mean: bool = False


class Line(TypedDict):
    id: str
    cls: str
    fill: str
    number: str
    y1: str
    y2: str
    left_y: str
    right_y: str
    left: str
    right: str


class SlopeRow(TypedDict):
    id: str
    number: str
    label: str
    text: str
    cls: str
    before: str
    after: str
    said: str
    drawn: bool


class Slopes(TypedDict):
    id: str
    caption: str
    before: str
    after: str
    heads: str
    height: int
    top: int
    label: str
    lines: list[Line]
    rows: list[SlopeRow]


class FromTo(TypedDict):
    id: str
    caption: str
    columns: list[Mark]
    rows: list[dict[str, Any]]
    totals: list[int]
    both: int


def slopes(
    items: Sequence[Item],
    shifts: Sequence[Shift],
    *,
    ident: str,
    before: str,
    after: str,
    caption: str = "",
    heads: str = "",
    span: tuple[float, float] | None = None,
) -> Slopes:
    """Draw how many were in favour before and after (`parts/slopes.html`).

    before, after: what to call the rounds. heads: what is counted, in favour if not
    told. span: the lowest and highest share, 0 to 1, if others share it. Of more
    than six items those are drawn that moved most; the figures of all stand beside.
    """
    by_item = {shift.item: shift for shift in shifts}
    found = [(item, by_item[item["key"]]) for item in items if item["key"] in by_item]
    most = sorted(found, key=lambda one: -abs(_moved(one[1])))[:MOST_LINES]
    chosen = {shift.item for _item, shift in most if shift.both}
    drawn = [(item, shift) for item, shift in found if shift.item in chosen]
    left = [shift.before / shift.both for _item, shift in drawn]
    right = [shift.after / shift.both for _item, shift in drawn]
    is_mean = any(shift.is_mean for shift in shifts)
    low, high = span or span_of([*left, *right], steps=STEPS[is_mean])
    y1 = [_y(share, low, high) for share in left]
    y2 = [_y(share, low, high) for share in right]
    places = zip(y1, y2, spread(y1), spread(y2), strict=True)
    lines = [
        _line(item, shift, *at, ident=ident)
        for (item, shift), at in zip(drawn, places, strict=True)
    ]
    heads = heads or _("In favour")
    return Slopes(
        id=ident,
        caption=caption,
        before=before,
        after=after,
        heads=heads,
        height=HEIGHT,
        top=HEAD,
        label=_("%(before)s to %(after)s: %(heads)s")
        % {"before": before, "after": after, "heads": heads},
        lines=lines,
        rows=[
            SlopeRow(
                id=join_id(ident, shift.item, "row"),
                **names_of(item),
                cls=_way(shift),
                before=_of(shift.before, shift),
                after=_of(shift.after, shift),
                said=_said(shift),
                drawn=shift.item in chosen,
            )
            for item, shift in found
        ],
    )


def from_to(
    scale: Sequence[Mark],
    transitions: Sequence[Sequence[int]],
    *,
    ident: str,
    caption: str = "",
) -> FromTo:
    """From each answer (rows) to each (columns), for `parts/from_to.html`."""
    return FromTo(
        id=ident,
        caption=caption,
        columns=list(scale),
        rows=[
            {
                "mark": mark,
                "cells": [
                    {
                        "id": f"{ident}-{mark['key']}-{other['key']}",
                        "n": n,
                        "stayed": mark["key"] == other["key"],
                    }
                    for other, n in zip(scale, row, strict=True)
                ],
                "total": sum(row),
            }
            for mark, row in zip(scale, transitions, strict=True)
        ],
        totals=[sum(column) for column in zip(*transitions, strict=True)],
        both=sum(map(sum, transitions)),
    )


def shift_of(
    item: str, transitions: Sequence[Sequence[int]], in_favour: Sequence[bool]
) -> Shift:
    """Count who was in favour. in_favour: of each answer, in the order of the rows."""
    places = [place for place, favours in enumerate(in_favour) if favours]
    return Shift(
        item,
        before=sum(sum(transitions[place]) for place in places),
        after=sum(row[place] for row in transitions for place in places),
        both=sum(map(sum, transitions)),
    )


def spread(wanted: Sequence[float]) -> list[float]:
    """Move figures apart that would stand on each other, as little as it takes.

    Returns their places in the order given, all within the drawing.
    """
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    placed: list[float] = []
    for number in order:
        lowest = placed[-1] + APART if placed else HEAD + MARGIN
        placed.append(max(wanted[number], lowest))
    limit = float(HEIGHT - MARGIN)
    for place in reversed(range(len(placed))):
        placed[place] = min(placed[place], limit)
        limit = placed[place] - APART
    found = [0.0] * len(order)
    for number, y in zip(order, placed, strict=True):
        found[number] = y
    return found


def span_of(shares: Sequence[float], *, steps: int) -> tuple[float, float]:
    """Return the lowest and highest share to draw, 0 to 1, in whole steps of so many.

    Quarters of the people; points are spread over more items, so tenths of them.
    """
    low = floor(steps * min(shares, default=0)) / steps
    high = ceil(steps * max(shares, default=1)) / steps
    if low < high:
        return low, high
    return max(0.0, low - 1 / steps), min(1.0, high + 1 / steps)


def _line(
    item: Item,
    shift: Shift,
    y1: float,
    y2: float,
    left_y: float,
    right_y: float,
    *,
    ident: str,
) -> Line:
    way = _way(shift)
    return Line(
        id=join_id(ident, shift.item),
        cls=way,
        fill=FILLS[way],
        number=names_of(item)["number"],
        y1=_px(y1),
        y2=_px(y2),
        left_y=_px(left_y),
        right_y=_px(right_y),
        left=_of(shift.before, shift),
        right=_of(shift.after, shift),
    )


def _moved(shift: Shift) -> float:
    return (shift.after - shift.before) / shift.both if shift.both else 0.0


def _way(shift: Shift) -> str:
    if shift.after == shift.before:
        return "same"
    return "up" if shift.after > shift.before else "down"


def _of(n: float, shift: Shift) -> str:
    if shift.is_mean:
        return f"{n:.1f}"
    return _("%(n)d of %(total)d") % {"n": n, "total": shift.both}


def _said(shift: Shift) -> str:
    """Say what a line shows: `5 more`, `2 fewer`, `as many`."""
    by = abs(shift.after - shift.before)
    if not by:
        return _("as many")
    if shift.is_mean:
        text = _("%(n).1f more") if shift.after > shift.before else _("%(n).1f fewer")
        return text % {"n": by}
    if shift.after > shift.before:
        return ngettext("%(n)d more", "%(n)d more", int(by)) % {"n": by}
    return ngettext("%(n)d fewer", "%(n)d fewer", int(by)) % {"n": by}


def _y(share: float, low: float, high: float) -> float:
    down = (high - share) / (high - low)
    return HEAD + MARGIN + down * (HEIGHT - HEAD - 2 * MARGIN)


def _px(y: float) -> str:
    return f"{y:.1f}"
