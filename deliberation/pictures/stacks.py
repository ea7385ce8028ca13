"""Bars: the answers to one item side by side, and counts to compare."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .shapes import (
    Item,
    Result,
    Voice,
    by_item_key,
    join_id,
    names_of,
    percent,
    share_of,
)
from .signs import Mark, waiting_mark

# Narrower than this, in per cent of the drawing, a figure does not fit on its mark.
NARROWEST = 4.5
# The same for a figure with a sign beside it, in a wide bar and in a narrow one.
NARROWEST_SIGN, NARROWEST_IN_A_COLUMN = 14.0, 20.0

MOST_DOTS = 12  # answers to an item, up to which each is a dot of its own
SIGN = 4.8  # digits, that a segment must be wide for a sign beside its figure

# Beside a figure these would make it another one: "– 8".
LIKE_A_MINUS = frozenset({"i-scale-3", "i-minus"})


class Segment(TypedDict):
    id: str
    cls: str
    fill: str
    ink: str
    x: str
    width: str
    middle: str
    n: int
    label: str
    shown: bool
    sym: str  # beside the figure; empty where there is no room
    is_roomy: bool  # even in a bar that is a column of a table


class Dot(TypedDict):
    """One answer. It is known by its answer and its place there, never by whose."""

    id: str
    cls: str
    fill: str
    ink: str
    sym: str
    x: str  # of the left of its room


class Bar(TypedDict):
    id: str
    label: str
    segments: list[Segment]
    dots: NotRequired[list[Dot]]  # drawn instead of segments
    room: NotRequired[str]  # across, of each dot
    axis: NotRequired[str]
    median: NotRequired[str]


class CountRow(TypedDict):
    id: str
    number: str
    label: str
    text: str
    n: int
    width: str
    text_n: str
    beside: str
    leading: bool


class Counts(TypedDict):
    id: str
    caption: str
    unit: str
    beside_heads: str  # of a second figure in each row; empty where there is none
    rows: list[CountRow]
    words: NotRequired[str]  # what the bars do not show


def stacked_bar(
    counts: Mapping[str, int],
    scale: Sequence[Mark],
    *,
    ident: str,
    total: int | None = None,
) -> Bar:
    """Draw the counts of one item side by side.

    total: how many answers fill the whole width; what is missing from it is drawn as
        "not in yet". Without it the answers given fill the width.
    """
    given = sum(counts.get(mark["key"], 0) for mark in scale)
    whole = max(given, total or 0)
    bar = bar_of(counts, scale, ident=ident, start=0.0, per_answer=share_of(100, whole))
    if whole > given:
        label = _("%(n)d not in yet") % {"n": whole - given}
        x = 100 * given / whole
        bar["segments"].append(
            _segment(f"{ident}-waiting", waiting_mark(), x, 100 - x, whole - given)
        )
        bar["label"] = ", ".join(part for part in (bar["label"], label) if part)
    return bar


def bars(
    items: Sequence[Item],
    results: Iterable[Result],
    *,
    ident: str,
    counted: str = "chosen",
    caption: str = "",
    voice: Voice = "people",
    order: Literal["size", "items"] = "size",
    beside: Mapping[str, str] | None = None,
    beside_heads: str = "",
) -> Counts:
    """One bar an item, for choose, approve, allocate and rank (`parts/bars.html`).

    counted: the count to draw: "chosen", "points", or "1" for first choices. Items
        that are level stay in item order and all lead.
    beside: a second figure by item, in words, and what it is.
    """
    by_item = by_item_key(results, "")
    counts = {i["key"]: _count(by_item.get(i["key"], {}), counted) for i in items}
    most = max(counts.values(), default=0)
    rows = []
    for item in items:
        n = counts[item["key"]]
        asked = by_item.get(item["key"], {}).get("n", 0)
        if counted == "points":
            text = ngettext("%(n)d point", "%(n)d points", n) % {"n": n}
        elif asked:
            text = _("%(n)d of %(total)d") % {"n": n, "total": asked}
        else:
            text = "0"  # "0 of 0" on every line says no more
        rows.append(
            CountRow(
                id=join_id(ident, item["key"]),
                **names_of(item),
                n=n,
                width=percent(100 * n / most if most else 0),
                text_n=text,
                beside=(beside or {}).get(item["key"], ""),
                leading=bool(most) and n == most,
            )
        )
    if order == "size":
        rows.sort(key=lambda row: row["n"], reverse=True)
    units = {"points": _("Points"), "1": _("First choices")}
    who = _("Tables") if voice == "tables" else _("People")
    return Counts(
        id=ident,
        caption=caption,
        unit=units.get(counted, who),
        beside_heads=beside_heads if beside else "",
        rows=rows,
    )


def bar_of(
    counts: Mapping[str, int],
    scale: Sequence[Mark],
    *,
    ident: str,
    start: float,
    per_answer: float,
) -> Bar:
    segments, x = [], start
    for mark in scale:
        n = counts.get(mark["key"], 0)
        width = n * per_answer
        # Marks of nothing are drawn too: one that grows later glides from its place.
        segments.append(_segment(f"{ident}-{mark['key']}", mark, x, width, n))
        x += width
    label = ", ".join(s["label"] for s in segments if s["n"]) or _("No answers yet")
    return Bar(id=ident, label=label, segments=segments)


def as_dots(
    bar: Bar, scale: Sequence[Mark], *, start: float, per_answer: float
) -> None:
    """Draw a dot for each answer instead of segments, in the order of the segments.

    start, per_answer: as the bar was made with.
    """
    signs = {mark["cls"]: mark["sym"] for mark in scale}
    bar["room"] = percent(per_answer)
    bar["dots"] = []
    for segment in bar["segments"]:
        for place in range(segment["n"]):
            bar["dots"].append(
                Dot(
                    id=f"{segment['id']}-{place + 1}",
                    cls=segment["cls"],
                    fill=segment["fill"],
                    ink=segment["ink"],
                    sym=signs[segment["cls"]],
                    x=percent(start + len(bar["dots"]) * per_answer),
                )
            )


def keep_legible(bar: Bar, width: float, *, digit: float) -> None:
    """Take figures off segments that are narrower than they are, and signs first.

    width, digit: of the whole bar and of a digit, in the same units. A sign stands
    beside the middle, so that half of its segment must hold it.
    """
    for segment in bar["segments"]:
        room = width * float(segment["width"].rstrip("%")) / 100
        needed = digit * (0.23 + len(str(segment["n"])))
        segment["shown"] = room >= needed
        if room < max(needed + 1.4 * digit, SIGN * digit):
            segment["sym"] = ""


def _segment(ident: str, mark: Mark, x: float, width: float, n: int) -> Segment:
    return Segment(
        id=ident,
        cls=mark["cls"],
        fill=mark["fill"],
        ink=mark["ink"],
        x=percent(x),
        width=percent(width),
        middle=percent(x + width / 2),
        n=n,
        label=f"{n} {mark['short']}",
        shown=width >= NARROWEST,
        sym=mark["sym"]
        if width >= NARROWEST_SIGN and mark["sym"] not in LIKE_A_MINUS
        else "",
        is_roomy=width >= NARROWEST_IN_A_COLUMN,
    )


def _count(result: Result, key: str) -> int:
    return int(result.get("counts", {}).get(key, 0))
