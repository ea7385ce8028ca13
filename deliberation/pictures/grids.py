"""Items down, tables across."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from .shapes import Item, Result, Voice, abstained, by_item_key, join_id, names_of
from .signs import Mark, is_ordinal, sides_of, state_mark, waiting_mark
from .stacks import Bar, stacked_bar


class Cell(TypedDict):
    id: str
    cls: str
    sym: str
    word: str
    detail: str
    split: bool


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
    by_item = by_item_key(results, criterion)
    share = _("%(n)d of %(total)d") if voice == "people" else ""
    rows = []
    for item in items:
        result = by_item.get(item["key"], {})
        row_id = join_id(ident, item["key"], criterion)
        by_table = {entry["table"]: entry for entry in result.get("by_table", ())}
        cells = [
            _cell(
                by_table.get(t, {}),
                scale,
                ident=f"{row_id}-t{t}",
                voice=voice,
                share=share,
            )
            for t in tables
        ]
        expected = len(tables) if voice == "tables" else None
        outside = result.get("abstained", 0) + result.get("not_discussed", 0)
        rows.append(
            GridRow(
                id=row_id,
                **names_of(item),
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
        legend=_shown_in(rows, scale, voice),
    )


def _cell(
    entry: Mapping[str, Any],
    scale: Sequence[Mark],
    *,
    ident: str,
    voice: Voice,
    share: str,
) -> Cell:
    """Make a cell; `share` says how many of how many gave its answer, if that is said.

    It is looked up once for a whole grid: a thousand times, it costs half the grid.
    """
    counts = entry.get("counts", {})
    n = sum(counts.get(mark["key"], 0) for mark in scale)
    if entry.get("suppressed"):
        mark, detail, split = state_mark("held", "", _("Too few to show")), "", False
    elif not n:
        mark, detail, split = _empty_cell(entry, voice), "", False
    elif is_ordinal(scale) and voice == "people":
        mark, detail, split = _median_cell(counts, scale, n)
    else:
        mark, detail, split = _leading_cell(counts, scale, n, share)
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


def _empty_cell(entry: Mapping[str, Any], voice: Voice) -> Mark:
    if entry.get("not_discussed"):
        return state_mark("not-discussed", "i-not-discussed", _("Not discussed"))
    if entry.get("abstained"):
        return state_mark("abstained", "i-abstained", abstained(voice))
    return waiting_mark()


def _leading_cell(
    counts: Mapping[str, int], scale: Sequence[Mark], n: int, share: str
) -> tuple[Mark, str, bool]:
    most = max(counts.get(mark["key"], 0) for mark in scale)
    leading = [mark for mark in scale if counts.get(mark["key"], 0) == most]
    if len(leading) > 1:
        level = ", ".join(f"{mark['short']} {most}" for mark in leading)
        return state_mark("tie", "i-tie", _("No leading view")), level, True
    detail = share and share % {"n": most, "total": n}
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
    left, _middle, right = sides_of(scale)
    against = sum(counts.get(mark["key"], 0) for mark in left)
    in_favour = sum(counts.get(mark["key"], 0) for mark in right)
    mark = scale[place].copy()
    mark["short"] = _("%(answer)s, %(n)d of %(total)d in favour") % {
        "answer": mark["short"],
        "n": in_favour,
        "total": n,
    }
    return mark, "", min(against, in_favour) / n >= 0.3


def _shown_in(
    rows: Sequence[GridRow], scale: Sequence[Mark], voice: Voice
) -> list[Mark]:
    """The scale, and each state that some cell shows: every sign is explained."""
    states = [
        waiting_mark(),
        state_mark("abstained", "i-abstained", abstained(voice)),
        state_mark("not-discussed", "i-not-discussed", _("Not discussed")),
        state_mark("tie", "i-tie", _("No leading view")),
        state_mark("held", "", _("Too few to show")),
    ]
    used = {cell["cls"] for row in rows for cell in row["cells"]}
    return list(scale) + [mark for mark in states if mark["cls"] in used]
