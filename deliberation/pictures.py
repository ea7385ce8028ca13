"""Plain results in, contexts for the pictures in `templates/parts/` out.

No ORM and no HTML. Every figure is written as a string here, once per board, because
formatting in a template costs four times as much. Positions are percentages of the
drawing's width. `fill` and `ink` are the plain colours that documents and exports use;
on a screen the class wins, and brings the dark theme.

Shapes taken: a results item as in the results JSON, an item as
`{key, text, short, number}`, a scale point as `{key, label, short, value}`.
`ident` begins every id, so that one picture can stand twice on a page.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

type Voice = Literal["people", "tables"]
type Result = Mapping[str, Any]
type Item = Mapping[str, Any]
type Point = Mapping[str, Any]


class Mark(TypedDict):
    """How one answer looks everywhere: a class, a symbol and words, never one alone."""

    key: str
    label: str
    short: str
    value: float | None
    cls: str
    sym: str
    fill: str
    ink: str


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


class Bar(TypedDict):
    id: str
    label: str
    segments: list[Segment]
    axis: NotRequired[str]
    median: NotRequired[str]


class Cell(TypedDict):
    id: str
    cls: str
    sym: str
    word: str
    detail: str
    split: bool


class Names(TypedDict):
    number: str
    label: str
    text: str


class GridRow(TypedDict):
    id: str
    number: str
    label: str
    text: str
    cells: list[Cell]
    bar: Bar


class Grid(TypedDict):
    id: str
    caption: str
    corner: str
    columns: list[dict[str, str]]
    rows: list[GridRow]
    legend: list[Mark]


class ChartRow(TypedDict):
    id: str
    number: str
    label: str
    text: str
    bar: Bar
    n: int
    n_text: str
    median: str
    word: str
    counts: list[int]
    abstained: int
    not_discussed: int


class Chart(TypedDict):
    id: str
    caption: str
    axis: str
    left: str
    right: str
    has_medians: bool
    legend: list[Mark]
    rows: list[ChartRow]


class CountRow(TypedDict):
    id: str
    number: str
    label: str
    text: str
    n: int
    width: str
    text_n: str
    leading: bool


class Counts(TypedDict):
    id: str
    caption: str
    unit: str
    rows: list[CountRow]


# Fill and the colour of what stands on it, for paper. The style sheet has the same.
COLOURS = {
    "c1": ("#2478c7", "#ffffff"),
    "c2": ("#c97f00", "#14181f"),
    "c3": ("#5c0f2e", "#ffffff"),
    "c4": ("#ded8ee", "#14181f"),
    "c5": ("#16239c", "#ffffff"),
    "c6": ("#9be3a4", "#14181f"),
    "o1": ("#8a4200", "#ffffff"),
    "o2": ("#e6a04d", "#14181f"),
    "o3": ("#e4e7ec", "#14181f"),
    "o4": ("#83b5ea", "#14181f"),
    "o5": ("#164f96", "#ffffff"),
    "waiting": ("none", "#454f5d"),
}
SIGNS = {
    "unproblematic": ("c1", "i-unproblematic"),
    "difficult": ("c2", "i-difficult"),
    "inconsistent": ("c3", "i-inconsistent"),
}
SHAPES = ("i-circle", "i-square", "i-triangle", "i-diamond", "i-hexagon", "i-star")
FAVOURABLE = "unproblematic"
# Narrower than this, in per cent of the drawing, a figure does not fit on its mark.
NARROWEST = 4.5
# Below this many answers there is nothing to place: a median of three is a rumour.
LEAST = 5


def marks(points: Sequence[Point]) -> list[Mark]:
    """Give each point of a scale its class, symbol and colours, in scale order.

    A scale whose points all carry a value is ordinal and gets the five diverging
    steps; any other gets up to six categories, after which they begin again.
    """
    ordinal = bool(points) and all(p.get("value") is not None for p in points)
    named = bool(points) and all(p["key"] in SIGNS for p in points)
    made: list[Mark] = []
    for place, point in enumerate(points):
        if ordinal:
            step = _step(place, len(points))
            cls, sym = f"o{step}", f"i-scale-{step}"
        elif named:
            cls, sym = SIGNS[point["key"]]
        else:
            cls, sym = f"c{place % 6 + 1}", SHAPES[place % 6]
        fill, ink = COLOURS[cls]
        label = str(point.get("label") or point["key"])
        made.append(
            Mark(
                key=point["key"],
                label=label,
                short=str(point.get("short") or label),
                value=point.get("value"),
                cls=cls,
                sym=sym,
                fill=fill,
                ink=ink,
            )
        )
    return made


def waiting_mark() -> Mark:
    """The mark for an answer that is not in yet: a dashed outline, never a fill."""
    return _state_mark("waiting", "", _("Not in yet"))


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
    bar = _bar(counts, scale, ident=ident, start=0.0, per_answer=_share(100, whole))
    if whole > given:
        label = _("%(n)d not in yet") % {"n": whole - given}
        x = 100 * given / whole
        bar["segments"].append(
            _segment(f"{ident}-waiting", waiting_mark(), x, 100 - x, whole - given)
        )
        bar["label"] = ", ".join(part for part in (bar["label"], label) if part)
    return bar


def diverging(
    items: Sequence[Item],
    results: Iterable[Result],
    scale: Sequence[Mark],
    *,
    ident: str,
    caption: str = "",
    criterion: str = "",
    voice: Voice = "people",
    order: Literal["items", "support"] = "items",
) -> Chart:
    """One bar an item on a common scale, for assess and rate (`parts/dots.html`).

    With an ordinal scale, or the category "unproblematic", the bars diverge from an
    axis: reservations to the left, support to the right. Other categories are stacked
    from the left edge. `order="support"` sorts by support for a reader; on a live
    screen keep the order of the items, so that nothing moves while people read.
    """
    by_item = _by_item(results, criterion)
    left, middle, right = _sides(scale)
    ordinal = _is_ordinal(scale)
    found = [(item, by_item.get(item["key"], {})) for item in items]
    lefts = [_left_of_axis(r, left, middle) for _item, r in found]
    rights = [
        _total(r, scale) - side for (_item, r), side in zip(found, lefts, strict=True)
    ]
    widest = max(lefts, default=0) + max(rights, default=0)
    per_answer = _share(100, widest)
    axis = max(lefts, default=0) * per_answer if left or middle else 0.0
    rows = []
    for (item, result), side in zip(found, lefts, strict=True):
        row_id = _join(ident, item["key"], criterion)
        counts = result.get("counts", {})
        n = _total(result, scale)
        start = axis - side * per_answer
        drawn = left[::-1] + middle + right if not ordinal else list(scale)
        bar = _bar(counts, drawn, ident=row_id, start=start, per_answer=per_answer)
        if left or middle:
            bar["axis"] = _percent(axis)
        measures = result.get("measures", {})
        median = measures.get("median") if ordinal and n >= LEAST else None
        if median is not None:
            bar["median"] = _percent(start + n * per_answer / 2)
        rows.append(
            ChartRow(
                id=row_id,
                **_names(item),
                bar=bar,
                n=n,
                n_text=how_many(n, voice),
                median="" if median is None else f"{median:g}",
                word=word(measures.get("word")) if n >= LEAST else "",
                counts=[counts.get(mark["key"], 0) for mark in scale],
                abstained=result.get("abstained", 0),
                not_discussed=result.get("not_discussed", 0),
            )
        )
    if order == "support":
        support = {
            row["id"]: r - f for row, r, f in zip(rows, rights, lefts, strict=True)
        }
        rows.sort(key=lambda row: support[row["id"]], reverse=True)
    return Chart(
        id=ident,
        caption=caption,
        axis=_percent(axis) if left or middle else "",
        left=_side_name(left, ordinal=ordinal),
        right=_side_name(right, ordinal=ordinal) if left or middle else "",
        has_medians=any(row["median"] for row in rows),
        legend=list(scale),
        rows=rows,
    )


def grid(
    items: Sequence[Item],
    results: Iterable[Result],
    scale: Sequence[Mark],
    tables: Sequence[int],
    *,
    ident: str,
    caption: str = "",
    corner: str = "",
    criterion: str = "",
    voice: Voice = "tables",
) -> Grid:
    """Items down, tables across, for assess and rate (`parts/grid.html`).

    With the voice of tables a cell is the table's answer; with the voice of people it
    is the leading answer at the table (the median, on an ordinal scale), and `split`
    when the people there do not agree on it.
    """
    by_item = _by_item(results, criterion)
    rows = []
    for item in items:
        result = by_item.get(item["key"], {})
        row_id = _join(ident, item["key"], criterion)
        by_table = {entry["table"]: entry for entry in result.get("by_table", ())}
        cells = [
            _cell(by_table.get(t, {}), scale, ident=f"{row_id}-t{t}", voice=voice)
            for t in tables
        ]
        expected = len(tables) if voice == "tables" else None
        outside = result.get("abstained", 0) + result.get("not_discussed", 0)
        rows.append(
            GridRow(
                id=row_id,
                **_names(item),
                cells=cells,
                bar=stacked_bar(
                    result.get("counts", {}),
                    scale,
                    ident=f"{row_id}-bar",
                    total=expected and max(expected - outside, 0),
                ),
            )
        )
    return Grid(
        id=ident,
        caption=caption,
        corner=corner or _("Item"),
        columns=[
            {
                "label": _("Table %(number)d") % {"number": number},
                "short": _("T%(number)d") % {"number": number},
            }
            for number in tables
        ],
        rows=rows,
        legend=_shown_in(rows, scale),
    )


def bars(
    items: Sequence[Item],
    results: Iterable[Result],
    *,
    ident: str,
    counted: str = "chosen",
    caption: str = "",
    voice: Voice = "people",
    order: Literal["size", "items"] = "size",
) -> Counts:
    """One bar an item, for choose, approve, allocate and rank (`parts/bars.html`).

    counted: the count to draw: "chosen", "points", or "1" for first choices. Items
        that are level stay in item order and all lead.
    """
    by_item = _by_item(results, "")
    counts = {i["key"]: _count(by_item.get(i["key"], {}), counted) for i in items}
    most = max(counts.values(), default=0)
    rows = []
    for item in items:
        n = counts[item["key"]]
        asked = by_item.get(item["key"], {}).get("n", 0)
        if counted == "points":
            text = ngettext("%(n)d point", "%(n)d points", n) % {"n": n}
        else:
            text = _("%(n)d of %(total)d") % {"n": n, "total": asked}
        rows.append(
            CountRow(
                id=_join(ident, item["key"]),
                **_names(item),
                n=n,
                width=_percent(100 * n / most if most else 0),
                text_n=text,
                leading=bool(most) and n == most,
            )
        )
    if order == "size":
        rows.sort(key=lambda row: row["n"], reverse=True)
    units = {"points": _("Points"), "1": _("First choices")}
    who = _("Tables") if voice == "tables" else _("People")
    return Counts(id=ident, caption=caption, unit=units.get(counted, who), rows=rows)


def plane(
    items: Sequence[Item],
    results: Sequence[Result],
    scale: Sequence[Mark],
    *,
    x: Mapping[str, str],
    y: Mapping[str, str],
    ident: str,
    caption: str = "",
    voice: Voice = "people",
    large: bool = False,
) -> dict[str, Any]:
    """Place each item by its mean on two criteria (`parts/plane.html`).

    x, y: the criteria, `{key, label}`. The mean decides the place; the table beside
    says the median, which is what may be quoted. Items that fewer than five people
    rated are listed and not placed. `large` draws the same for the wall.
    """
    values = [mark["value"] for mark in scale if mark["value"] is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    unit = 1.6 if large else 1.0
    box = {"left": 44 * unit, "top": 12.0, "right": 468.0, "bottom": 448 - 44 * unit}
    span_x, span_y = box["right"] - box["left"], box["bottom"] - box["top"]
    radius = 15 * unit

    def at_x(value: float) -> float:
        inner = span_x - 2.6 * radius
        return box["left"] + 1.3 * radius + inner * (value - low) / ((high - low) or 1)

    def at_y(value: float) -> float:
        inner = span_y - 2.6 * radius
        return (
            box["bottom"] - 1.3 * radius - inner * (value - low) / ((high - low) or 1)
        )

    across, up = _by_item(results, x["key"]), _by_item(results, y["key"])
    least = 1 if voice == "tables" else LEAST
    placed: list[tuple[float, float]] = []
    points, rows = [], []
    for item in items:
        one, other = across.get(item["key"], {}), up.get(item["key"], {})
        names = _names(item)
        shown = min(one.get("n", 0), other.get("n", 0)) >= least
        means = [r.get("measures", {}).get("mean") for r in (one, other)]
        if shown and None not in means:
            cx, cy = _free_place(
                at_x(means[0]), at_y(means[1]), 2 * radius, placed, box, radius
            )
            placed.append((cx, cy))
            points.append(
                {
                    "id": _join(ident, item["key"]),
                    **names,
                    "cx": f"{cx:.1f}",
                    "cy": f"{cy:.1f}",
                    "title": f"{names['number']} {names['label']}".strip(),
                }
            )
        rows.append(
            {
                **names,
                "placed": shown and None not in means,
                "x": _median_text(one, least),
                "y": _median_text(other, least),
                "n_text": how_many(min(one.get("n", 0), other.get("n", 0)), voice),
            }
        )
    ends = [mark["label"] for mark in scale] or [""]
    return {
        "id": ident,
        "caption": caption,
        "large": large,
        "x_label": x["label"],
        "y_label": y["label"],
        "scale_text": _("From %(low)g, %(low_label)s, to %(high)g, %(high_label)s")
        % {"low": low, "low_label": ends[0], "high": high, "high_label": ends[-1]},
        "box": {key: f"{value:.1f}" for key, value in box.items()}
        | {"width": f"{span_x:.1f}", "height": f"{span_y:.1f}"},
        "best": {
            "width": f"{box['right'] - at_x((low + high) / 2):.1f}",
            "height": f"{at_y((low + high) / 2) - box['top']:.1f}",
        },
        "radius": f"{radius:.1f}",
        "font": f"{15 * unit:.0f}",
        "middle_x": f"{at_x((low + high) / 2):.1f}",
        "middle_y": f"{at_y((low + high) / 2):.1f}",
        "label_x": f"{(box['left'] + box['right']) / 2:.1f}",
        "label_y": f"{(box['top'] + box['bottom']) / 2:.1f}",
        "below": f"{box['bottom'] + 19 * unit:.1f}",
        "lowest": f"{box['bottom'] + 38 * unit:.1f}",
        "beside": f"{box['left'] - 8 * unit:.1f}",
        "outermost": f"{13 * unit:.1f}",
        "ticks": [
            {"text": f"{v:g}", "x": f"{at_x(v):.1f}", "y": f"{at_y(v):.1f}"}
            for v in values
        ],
        "points": points,
        "rows": rows,
    }


def moves(
    items: Sequence[Item],
    changes: Mapping[str, Mapping[str, int]],
    *,
    ident: str,
    caption: str = "",
) -> Chart:
    """Who moved between two rounds, for `parts/dots.html`: down, stayed, up.

    changes: item key to `{"up": n, "same": n, "down": n}`, of the same people.
    """
    scale = [
        _move_mark("down", "o1", "i-down", _("Moved down")),
        _move_mark("same", "o3", "i-scale-3", _("Stayed")),
        _move_mark("up", "o5", "i-up", _("Moved up")),
    ]
    results = [
        {
            "item": key,
            "n": sum(counts.get(way["key"], 0) for way in scale),
            "counts": counts,
        }
        for key, counts in changes.items()
    ]
    return diverging(items, results, scale, ident=ident, caption=caption)


def timer(
    remaining: float, *, ident: str, ends_at: str = "", paused: bool = False
) -> dict[str, Any]:
    """A countdown for `parts/timer.html`.

    remaining: seconds by the server's clock, below zero when the time is up.
    ends_at: ISO 8601, what the script counts down to; empty when paused.
    """
    if paused:
        state, text = "paused", _("paused")
    elif remaining <= 0:
        state, text = "over", _("time is up")
    elif remaining <= 60:
        state, text = "near", _("less than a minute")
    else:
        state, text = "running", _("left")
    return {
        "id": ident,
        "ends_at": "" if paused else ends_at,
        "remaining": max(0, round(remaining)),
        "paused": "true" if paused else "false",
        "state": state,
        "clock": clock(remaining),
        "word": text,
    }


def clock(seconds: float) -> str:
    """Write seconds as on a wall clock: 4:12, or 1:04:12; never negative."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def word(key: str | None) -> str:
    """The one word that a fixed rule gives to an item, in the reader's language."""
    words = {
        "agreed": _("Agreed"),
        "rejected": _("Rejected"),
        "split": _("Split"),
        "lukewarm": _("Lukewarm"),
        "mixed": _("Mixed"),
    }
    return words.get(key or "", "")


def how_many(n: int, voice: Voice) -> str:
    if voice == "tables":
        return ngettext("%(n)d table", "%(n)d tables", n) % {"n": n}
    return ngettext("%(n)d person", "%(n)d people", n) % {"n": n}


def _step(place: int, size: int) -> int:
    """Which of the five diverging steps a place on a scale of any length gets.

    Both halves mirror each other, and only the exact middle is neutral.
    """
    centre = (size - 1) / 2
    if place == centre:
        return 3
    outer = abs(place - centre) > centre / 2
    if place < centre:
        return 1 if outer else 2
    return 5 if outer else 4


def _is_ordinal(scale: Sequence[Mark]) -> bool:
    return bool(scale) and scale[0]["cls"].startswith("o")


def _sides(scale: Sequence[Mark]) -> tuple[list[Mark], list[Mark], list[Mark]]:
    """Split a scale at its axis: reservations, the middle, support."""
    if _is_ordinal(scale):
        half = len(scale) // 2
        rest = len(scale) - half
        return list(scale[:half]), list(scale[half:rest]), list(scale[rest:])
    if any(mark["key"] == FAVOURABLE for mark in scale):
        return (
            [mark for mark in scale if mark["key"] != FAVOURABLE],
            [],
            [mark for mark in scale if mark["key"] == FAVOURABLE],
        )
    return [], [], list(scale)


def _side_name(side: Sequence[Mark], *, ordinal: bool) -> str:
    if not side:
        return ""
    if ordinal:
        return side[0]["short"] if side[0]["cls"] == "o1" else side[-1]["short"]
    return side[0]["short"] if len(side) == 1 else _("Reservations")


def _left_of_axis(
    result: Result, left: Sequence[Mark], middle: Sequence[Mark]
) -> float:
    """Answers left of the axis; half of the middle category stands on either side."""
    counts = result.get("counts", {})
    whole = sum(counts.get(mark["key"], 0) for mark in left)
    return whole + sum(counts.get(mark["key"], 0) for mark in middle) / 2


def _bar(
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


def _segment(ident: str, mark: Mark, x: float, width: float, n: int) -> Segment:
    return Segment(
        id=ident,
        cls=mark["cls"],
        fill=mark["fill"],
        ink=mark["ink"],
        x=_percent(x),
        width=_percent(width),
        middle=_percent(x + width / 2),
        n=n,
        label=f"{n} {mark['short']}",
        shown=width >= NARROWEST,
    )


def _cell(
    entry: Mapping[str, Any], scale: Sequence[Mark], *, ident: str, voice: Voice
) -> Cell:
    counts = entry.get("counts", {})
    n = sum(counts.get(mark["key"], 0) for mark in scale)
    if entry.get("suppressed"):
        mark, detail, split = _state_mark("held", "", _("Too few to show")), "", False
    elif not n:
        mark, detail, split = _empty_cell(entry), "", False
    elif _is_ordinal(scale) and voice == "people":
        mark, detail, split = _median_cell(counts, scale, n)
    else:
        mark, detail, split = _leading_cell(counts, scale, n)
    if voice == "tables":
        detail, split = "", False
    return Cell(
        id=ident,
        cls=mark["cls"],
        sym=mark["sym"],
        word=mark["short"],
        detail=detail,
        split=split,
    )


def _empty_cell(entry: Mapping[str, Any]) -> Mark:
    if entry.get("not_discussed"):
        return _state_mark("not-discussed", "i-not-discussed", _("Not discussed"))
    if entry.get("abstained"):
        return _state_mark("abstained", "i-abstained", _("No view"))
    return waiting_mark()


def _leading_cell(
    counts: Mapping[str, int], scale: Sequence[Mark], n: int
) -> tuple[Mark, str, bool]:
    most = max(counts.get(mark["key"], 0) for mark in scale)
    leading = [mark for mark in scale if counts.get(mark["key"], 0) == most]
    if len(leading) > 1:
        level = ", ".join(f"{mark['short']} {most}" for mark in leading)
        return _state_mark("tie", "i-tie", _("No leading view")), level, True
    detail = _("%(n)d of %(total)d") % {"n": most, "total": n}
    return leading[0], detail, most / n < 0.5


def _median_cell(
    counts: Mapping[str, int], scale: Sequence[Mark], n: int
) -> tuple[Mark, str, bool]:
    """The median answer; between two points, the one nearer the middle of the scale."""
    sizes = [counts.get(mark["key"], 0) for mark in scale]
    places = [place for place, size in enumerate(sizes) for _each in range(size)]
    low, high = places[(n - 1) // 2], places[n // 2]
    centre = (len(scale) - 1) / 2
    place = min((low, high), key=lambda p: abs(p - centre))
    left, _middle, right = _sides(scale)
    against = sum(counts.get(mark["key"], 0) for mark in left)
    in_favour = sum(counts.get(mark["key"], 0) for mark in right)
    detail = _("%(n)d of %(total)d in favour") % {"n": in_favour, "total": n}
    return scale[place], detail, min(against, in_favour) / n >= 0.3


def _state_mark(cls: str, sym: str, label: str) -> Mark:
    fill, ink = COLOURS["waiting"]
    return Mark(
        key=cls,
        label=label,
        short=label,
        value=None,
        cls=cls,
        sym=sym,
        fill=fill,
        ink=ink,
    )


def _move_mark(key: str, cls: str, sym: str, label: str) -> Mark:
    fill, ink = COLOURS[cls]
    return Mark(
        key=key,
        label=label,
        short=label,
        value=None,
        cls=cls,
        sym=sym,
        fill=fill,
        ink=ink,
    )


def _shown_in(rows: Sequence[GridRow], scale: Sequence[Mark]) -> list[Mark]:
    """The scale, and each state that some cell shows: every sign is explained."""
    states = [
        waiting_mark(),
        _state_mark("abstained", "i-abstained", _("No view")),
        _state_mark("not-discussed", "i-not-discussed", _("Not discussed")),
        _state_mark("tie", "i-tie", _("No leading view")),
        _state_mark("held", "", _("Too few to show")),
    ]
    used = {cell["cls"] for row in rows for cell in row["cells"]}
    return list(scale) + [mark for mark in states if mark["cls"] in used]


def _free_place(
    cx: float,
    cy: float,
    apart: float,
    placed: Sequence[tuple[float, float]],
    box: Mapping[str, float],
    radius: float,
) -> tuple[float, float]:
    """The nearest place where a point hides no other; the same for the same data."""
    steps = [(dx, dy) for dx in range(-4, 5) for dy in range(-4, 5)]
    for dx, dy in sorted(steps, key=lambda s: (s[0] ** 2 + s[1] ** 2, s)):
        x, y = cx + dx * apart / 2, cy + dy * apart / 2
        inside = (
            box["left"] + radius <= x <= box["right"] - radius
            and box["top"] + radius <= y <= box["bottom"] - radius
        )
        free = all(
            (x - a) ** 2 + (y - b) ** 2 >= (apart * 0.99) ** 2 for a, b in placed
        )
        if inside and free:
            return x, y
    return cx, cy


def _by_item(results: Iterable[Result], criterion: str) -> dict[str, Result]:
    return {r["item"]: r for r in results if r.get("criterion", "") == criterion}


def _names(item: Item) -> Names:
    text = str(item.get("text") or "")
    return Names(
        number=str(item.get("number") or ""),
        label=str(item.get("short") or text or item["key"]),
        text=text,
    )


def _count(result: Result, key: str) -> int:
    return int(result.get("counts", {}).get(key, 0))


def _total(result: Result, scale: Sequence[Mark]) -> int:
    counts = result.get("counts", {})
    return sum(counts.get(mark["key"], 0) for mark in scale)


def _median_text(result: Result, least: int) -> str:
    median = result.get("measures", {}).get("median")
    if median is None or result.get("n", 0) < least:
        return _("too few answers")
    return f"{median:g}"


def _share(whole: float, parts: float) -> float:
    return whole / parts if parts else 0.0


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _join(*parts: str) -> str:
    return "-".join(part for part in parts if part)
