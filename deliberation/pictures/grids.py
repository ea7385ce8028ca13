"""Items down, tables across."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from .shapes import Item, Result, Voice, abstained, by_item_key, join_id, names_of
from .signs import Mark, is_ordinal, sides_of, state_mark, waiting_mark
from .stacks import Bar, stacked_bar


class Look(TypedDict):
    cls: str
    sym: str
    word: str
    detail: str
    split: bool


class Cell(Look):
    id: str


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
    look = _Looks(scale, voice)
    rows = []
    for item in items:
        result = by_item.get(item["key"], {})
        row_id = join_id(ident, item["key"], criterion)
        by_table = {entry["table"]: entry for entry in result.get("by_table", ())}
        cells: list[Cell] = [
            {"id": f"{row_id}-t{t}", **look(by_table.get(t, {}))} for t in tables
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
        columns=_columns(tables),
        rows=rows,
        legend=_shown_in(rows, scale, voice),
    )


def _columns(tables: Sequence[int]) -> list[dict[str, str]]:
    label, short = _("Table %(number)d"), _("T%(number)d")
    return [
        {"label": label % {"number": number}, "short": short % {"number": number}}
        for number in tables
    ]


class _Looks:
    """How the cells of a grid look: a thousand cells have a few dozen looks."""

    def __init__(self, scale: Sequence[Mark], voice: Voice) -> None:
        self._scale, self._voice = scale, voice
        self._share = _("%(n)d of %(total)d") if voice == "people" else ""
        self._made: dict[Hashable, Look] = {}

    def __call__(self, entry: Mapping[str, Any]) -> Look:
        counts = entry.get("counts") or {}
        said = (
            tuple(counts.items()),
            entry.get("suppressed"),
            entry.get("not_discussed"),
            entry.get("abstained"),
        )
        found = self._made.get(said)
        if found is None:
            found = self._made[said] = self._look(entry, counts)
        return found

    def _look(self, entry: Mapping[str, Any], counts: Mapping[str, int]) -> Look:
        scale = self._scale
        n = sum(counts.get(mark["key"], 0) for mark in scale)
        if entry.get("suppressed"):
            mark, detail, split = (
                state_mark("held", "", _("Too few to show")),
                "",
                False,
            )
        elif not n:
            mark, detail, split = _empty_cell(entry, self._voice), "", False
        elif is_ordinal(scale) and self._voice == "people":
            mark, detail, split = _median_cell(counts, scale, n)
        else:
            mark, detail, split = _leading_cell(counts, scale, n, self._share)
        if self._voice == "tables":
            detail, split = "", False
        return Look(
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
        # Which ones they are would not fit; the spread beside it says so.
        level = _("%(n)d of %(total)d each") % {"n": most, "total": n}
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
    cells = [cell for row in rows for cell in row["cells"]]
    used = {cell["cls"] for cell in cells}
    if any(cell["split"] and cell["cls"] != "tie" for cell in cells):
        states.append(state_mark("split", "", _("Table is split")))
        used.add("split")
    return list(scale) + [mark for mark in states if mark["cls"] in used]
