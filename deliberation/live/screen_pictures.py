"""Pictures of a whole round on the wall, from results to what templates take.

Each has pages of at most ten rows. A figure that does not fit its mark is left off.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from deliberation import pictures
from deliberation.kinds import Ask, AskedCriterion, AskedItem
from deliberation.live import findings
from deliberation.models import Prompt
from deliberation.pictures import Voice
from deliberation.results import Json

type Context = dict[str, Any]

ROWS = 10  # on one page of the wall
DENSE = 6  # rows, above which they are set closer
SIDE_COLUMNS = 6  # of a grid that leaves room for the legend at its side
BARE_NUMBERS = 9  # columns, above which their heads are numbers alone
# In hundredths of the width of the wall: the bars of a table, and a digit on them.
BAR_WIDTH, PAIR_WIDTH, DIGIT_WIDTH = 31.0, 14.5, 1.4
DOT_WIDTH = 1.9  # of the same, of a dot whose sign is seen from the back


def scaled_bars(
    ask: Ask, rows: Sequence[Json], voice: Voice, *, by_support: bool = False
) -> Context:
    """One bar an item and criterion.

    by_support: whether what most support stands first, by the first criterion.
    """
    wide = PAIR_WIDTH if len(ask.criteria) > 1 else BAR_WIDTH
    charts = [
        pictures.diverging(
            items(ask),
            rows,
            marks(ask),
            ident="wall",
            criterion=row.key,
            voice=voice,
            order="support" if by_support else "items",
            dots_across=int(wide / DOT_WIDTH),
        )
        for row in ask.criteria
    ]
    order = [row["number"] for row in charts[0]["rows"]]
    numbers = {
        (str(item.number), row["criterion"]): row["n"]
        for item in ask.items
        for row in rows
        if row["item"] == item.key
    }
    for chart, asked in zip(charts, ask.criteria, strict=True):
        chart["rows"].sort(key=lambda row: order.index(row["number"]))
        for row in chart["rows"]:
            # The number stands there even when there are too few to draw.
            row["n"] = numbers[row["number"], asked.key]
            row["n_text"] = pictures.how_many(row["n"], voice)
            pictures.keep_legible(row["bar"], wide, digit=DIGIT_WIDTH)
    legend = marks(ask)
    if len(charts) == 1:
        return {
            "charts": paged(charts[0]),
            "legend": legend,
            "note": too_few(rows, voice),
        }
    pairs = [
        {"row": one, "other": other}
        for one, other in zip(charts[0]["rows"], charts[1]["rows"], strict=True)
    ]
    return {
        "pairs": pages(pairs),
        "pair_labels": [row.label for row in ask.criteria],
        "legend": legend,
        "note": too_few(rows, voice),
    }


def scaled_grid(
    ask: Ask, rows: Sequence[Json], voice: Voice, tables: Sequence[int]
) -> Context:
    grids = [
        pictures.grid(
            items(ask),
            rows,
            marks(ask),
            tables,
            ident="wall",
            criterion=row.key,
            voice=voice,
        )
        for row in ask.criteria
    ]
    whole = grids[0]
    for other in grids[1:]:
        for row, more in zip(whole["rows"], other["rows"], strict=True):
            row["cells"] = row["cells"] + more["cells"]
        known = {mark["cls"] for mark in whole["legend"]}
        whole["legend"] += [m for m in other["legend"] if m["cls"] not in known]
    return {
        "grids": paged(whole),
        "columns": columns_for(tables) * len(ask.criteria),
        "groups": [row.label for row in ask.criteria] if len(grids) > 1 else [],
        "group_size": len(tables),
        "legend": without_split(whole["legend"]),
        "has_splits": any(
            cell["split"] for row in whole["rows"] for cell in row["cells"]
        ),
        "at_side": len(tables) <= SIDE_COLUMNS and len(grids) == 1,
    }


def without_split(legend: Sequence[Json]) -> list[Json]:
    """Leave out the sign of split tables: the wall has one of its own."""
    return [mark for mark in legend if mark["cls"] != "split"]


def medians(ask: Ask, rows: Sequence[Json]) -> Context:
    """Items down, criteria across, for ratings in more than two respects."""
    found = {(row["item"], row["criterion"]): row for row in rows}
    across = [
        {
            "item": item.key,
            "criterion": "",
            "counts": {},
            "by_table": [
                {"table": place, "counts": found[item.key, row.key]["counts"]}
                for place, row in enumerate(ask.criteria)
            ],
        }
        for item in ask.items
    ]
    places = range(len(ask.criteria))
    whole = pictures.grid(
        items(ask), across, marks(ask), places, ident="wall", voice="people"
    )
    return {
        "grids": paged(whole),
        "columns": [{"label": row.label, "short": row.label} for row in ask.criteria],
        "groups": [],
        "legend": without_split(whole["legend"]),
        "has_splits": any(
            cell["split"] for row in whole["rows"] for cell in row["cells"]
        ),
        "at_side": False,
    }


def picked_bars(
    ask: Ask, rows: Sequence[Json], voice: Voice, *, by_size: bool
) -> Context:
    counts = pictures.bars(
        items(ask),
        rows,
        ident="wall",
        voice=voice,
        order="size" if by_size else "items",
    )
    return {"counts": paged(counts), "note": too_few(rows, voice)}


def picked_grid(
    ask: Ask, rows: Sequence[Json], voice: Voice, tables: Sequence[int]
) -> Context:
    """Which table chose what; for people, how many at each table chose it."""
    most = highest(rows, "chosen")
    grid_rows = rows_of_cells(
        ask.items,
        rows,
        tables,
        lambda ident, number, table: picked_cell(
            table, voice, ident=ident, most=most[number]
        ),
    )
    whole = {"id": "wall", "rows": grid_rows}
    used = {cell["cls"] for row in grid_rows for cell in row["cells"]}
    return {
        "grids": paged(whole),
        "columns": columns_for(tables),
        "groups": [],
        "legend": [mark for mark in picked_marks(voice) if mark["cls"] in used],
        "at_side": len(tables) <= SIDE_COLUMNS,
    }


def highest(rows: Sequence[Json], counted: str) -> Counter[int]:
    """Return the highest figure that each table has for any item."""
    most: Counter[int] = Counter()
    for row in rows:
        for table in row["by_table"]:
            number, counts = table["table"], table.get("counts", {})
            most[number] = max(most[number], counts.get(counted, 0))
    return most


def rows_of_cells(
    items: Sequence[AskedItem],
    rows: Sequence[Json],
    tables: Sequence[int],
    cell: Callable[[str, int, Json], Context],
    *,
    ident: str = "wall",
) -> list[Context]:
    """Return a grid's rows, in the order of the items.

    cell: makes one from its id, its table and the table's results.
    """
    by_item = {row["item"]: row for row in rows}
    return [
        {
            "id": f"{ident}-{item.key}",
            "number": str(item.number),
            "label": item.short,
            "text": item.text,
            "cells": [
                cell(f"{ident}-{item.key}-t{number}", number, found.get(number, {}))
                for found in [{t["table"]: t for t in by_item[item.key]["by_table"]}]
                for number in tables
            ],
        }
        for item in items
    ]


def cell_without_figure(
    table: Mapping[str, Any], voice: Voice, *, ident: str
) -> Context | None:
    """Return the cell of a table that has nothing to show; None if it has."""
    cell = {"id": ident, "sym": "", "word": "", "detail": "", "split": False}
    if table.get("suppressed"):
        return cell | {"cls": "held", "word": _("Too few to show")}
    if table.get("n"):
        return None
    if table.get("not_discussed"):
        state = ("not-discussed", "i-not-discussed", _("Not discussed"))
    elif table.get("abstained"):
        state = ("abstained", "i-abstained", pictures.abstained(voice))
    else:
        state = ("waiting", "", _("Not in yet"))
    return cell | dict(zip(("cls", "sym", "word"), state, strict=True))


def figure_cell(word: str, *, ident: str, leads: bool) -> Context:
    """Return a cell that shows a figure; a leading one is filled."""
    return {
        "id": ident,
        "cls": "c1 figure" if leads else "off figure",
        "sym": "",
        "word": word,
        "detail": "",
        "split": False,
    }


def picked_cell(
    table: Mapping[str, Any], voice: Voice, *, ident: str, most: int
) -> Context:
    """A cell of `picked_grid`: chosen or not, or how many of the table's people.

    most: people at the table who chose the same item; the leading cell is filled.
    """
    if empty := cell_without_figure(table, voice, ident=ident):
        return empty
    chosen = table["counts"]["chosen"]
    cell = figure_cell(str(chosen), ident=ident, leads=chosen == most > 0)
    if voice == "people":
        return cell
    if chosen:
        return cell | {"cls": "c1", "sym": "i-check", "word": _("Chosen")}
    return cell | {"cls": "off", "word": _("Not chosen")}


def picked_marks(voice: Voice) -> list[Context]:
    signs = [
        ("c1", "i-check", _("Chosen")),
        ("off", "", _("Not chosen")),
        *signs_without_figure(voice),
    ]
    return [{"cls": cls, "sym": sym, "short": short} for cls, sym, short in signs]


def signs_without_figure(voice: Voice) -> list[tuple[str, str, str]]:
    """Return class, symbol and meaning of the cells that have nothing to show."""
    return [
        ("waiting", "", _("Not in yet")),
        ("abstained", "i-abstained", pictures.abstained(voice)),
        ("not-discussed", "i-not-discussed", _("Not discussed")),
        ("held", "", _("Too few to show")),
    ]


def columns_for(tables: Sequence[int]) -> list[Context]:
    """Name the columns of a grid: T1, T2; bare numbers where there are many."""
    bare = len(tables) > BARE_NUMBERS
    return [
        {
            "label": _("Table %(number)d") % {"number": number},
            "short": str(number) if bare else _("T%(number)d") % {"number": number},
        }
        for number in tables
    ]


def too_few(rows: Sequence[Json], voice: Voice) -> str:
    """Say why there is little or nothing to see, if there is."""
    most = max((row["n"] for row in rows), default=0)
    if most == 0:
        return _("No answers yet")
    if most < findings.least_shown(voice):
        return _("Too few answers to show")
    return ""


# ---- what is asked, in the shapes that pictures and findings take ----


def items(ask: Ask) -> list[Context]:
    return [
        {"key": i.key, "text": i.text, "short": i.short, "number": i.number}
        for i in ask.items
    ]


def names(ask: Ask) -> dict[str, str]:
    return {item.key: item.short for item in ask.items}


def points(ask: Ask) -> dict[str, str]:
    return {point.key: point.short for point in ask.points}


def criteria_labels(ask: Ask) -> dict[str, str]:
    return {row.key: row.label for row in ask.criteria}


def criterion(row: AskedCriterion) -> dict[str, str]:
    return {"key": row.key, "label": row.label or row.key}


def marks(ask: Ask) -> list[pictures.Mark]:
    """Return the marks of the prompt's scale; only ordered points have a value."""
    is_ordered = ask.kind == Prompt.Kind.RATE
    return pictures.marks(
        [
            {
                "key": point.key,
                "label": point.label,
                "short": point.short,
                "value": point.value if is_ordered else None,
            }
            for point in ask.points
        ]
    )


# ---- more items than one page holds ----


def pages(rows: Sequence[Any], *, most: int = ROWS) -> list[Context]:
    """Split rows into pages of equal length, at most so many each."""
    count = -(-len(rows) // most) or 1
    length = -(-len(rows) // count)
    return [
        {
            "rows": rows[start : start + length],
            "is_dense": length > DENSE,
            "text": _("%(first)d–%(last)d of %(total)d")
            % {
                "first": start + 1,
                "last": min(start + length, len(rows)),
                "total": len(rows),
            }
            if count > 1
            else "",
        }
        for start in range(0, max(len(rows), 1), length or 1)
    ]


def paged(picture: Mapping[str, Any]) -> list[Context]:
    """Split a picture by its rows; each page keeps the scale of the whole."""
    return [
        {**picture, **page, "id": f"{picture['id']}-page-{number}"}
        for number, page in enumerate(pages(picture["rows"]), start=1)
    ]
