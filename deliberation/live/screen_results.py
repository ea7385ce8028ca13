"""Revealed results on the wall: which picture, with how much in it, under which line.

Fewer than three answers are only counted, fewer than five get no median and no word.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from deliberation import pictures
from deliberation.actions.answers import ask_of
from deliberation.kinds import Ask, AskedCriterion, AskedItem
from deliberation.live import findings
from deliberation.models import Prompt, Round, Screen
from deliberation.pictures import Voice
from deliberation.results import is_picked, voice_results

type Json = dict[str, Any]
type Context = dict[str, Any]

ROWS = 10  # on one page of the wall
DENSE = 6  # rows, above which they are set closer
FEW = 3  # answers, below which only their number is shown
SIDE_COLUMNS = 6  # of a grid that leaves room for the legend at its side
BARE_NUMBERS = 9  # columns, above which their heads are numbers alone
MOST_COLUMNS = 13  # of a grid whose cells can be told apart from the back
# In hundredths of the width of the wall: the bars of a table, and a digit on them.
BAR_WIDTH, PAIR_WIDTH, DIGIT_WIDTH = 31.0, 18.0, 1.3
CELLS_IN_A_ROW = 12  # of one item


def shown(this_round: Round, *, view: str) -> tuple[str, Context]:
    """Return the template and context for a revealed round in a view of the screen."""
    prompt = this_round.prompt
    ask = ask_of(this_round)
    own = view == Screen.View.TABLES and prompt.asks_tables
    voice: Voice = "tables" if own or not prompt.asks_people else "people"
    result = voice_results(this_round, ask, voice, resamples=0)
    if voice == "people":
        result["items"] = [sparing(row) for row in result["items"]]
    on_plane = prompt.kind == Prompt.Kind.RATE and len(ask.criteria) == 2
    if view == Screen.View.PLANE and on_plane:
        template, context = "plane", plane(ask, result, voice)
    elif voice == "tables" or view == Screen.View.TABLES:
        numbers = list(this_round.workshop.tables.values_list("number", flat=True))
        template, context = "results", by_table(ask, result, voice, numbers)
    else:
        template, context = "results", by_people(this_round, ask, result)
    return template, {
        "voice": voice,
        "n": result["responded"],
        "present": result["present"],
        "caption": caption(this_round, result, voice, view),
        "asked_again": this_round.number > 1,
        **context,
    }


def sparing(row: Json) -> Json:
    """Return an item of people's results without what too few answers would tell."""
    if row["n"] < FEW:
        row = row | {"counts": dict.fromkeys(row["counts"], 0)}
    return row | {
        "by_table": [
            table | {"counts": dict.fromkeys(table["counts"], 0), "suppressed": True}
            if 0 < table["n"] < FEW
            else table
            for table in row["by_table"]
        ]
    }


def caption(this_round: Round, result: Json, voice: Voice, view: str) -> str:
    """Say whose answers these are and how many: `By people (37)`."""
    n, present = result["responded"], result["present"]
    is_open = this_round.closed_at is None
    if voice == "tables":
        if n < present:
            return _("By tables (%(n)d of %(total)d)") % {"n": n, "total": present}
        return _("By tables (%(n)d)") % {"n": n}
    if view == Screen.View.TABLES:
        text = _("People’s answers at each table (%(n)d)")
    elif is_open:
        text = _("By people (%(n)d of %(total)d so far)")
    else:
        text = _("By people (%(n)d)")
    return text % {"n": n, "total": present}


# ---- views of all items ----


def by_people(this_round: Round, ask: Ask, result: Json) -> Context:
    """One bar an item; for ratings in two respects, two bars side by side."""
    rows = result["items"]
    if is_picked(ask):
        # Bars keep their places while answers come in and are sorted once, at the end.
        is_open = this_round.closed_at is None
        context = picked_bars(ask, rows, "people", by_size=not is_open)
        finding = findings.of_picking(rows, items=names(ask))
    elif len(ask.criteria) > 2:
        context = medians(ask, rows)
        finding = ""
    else:
        context = scaled_bars(ask, rows, "people")
        if ask.kind == Prompt.Kind.ASSESS:
            finding = findings.of_assessing(rows, items=names(ask), points=points(ask))
        elif len(ask.criteria) == 2:
            finding = findings.of_two_criteria(
                rows, items=names(ask), criteria=criteria_labels(ask)
            )
        else:
            finding = findings.of_rating(rows, items=names(ask))
    return context | {"finding": finding}


def by_table(ask: Ask, result: Json, voice: Voice, tables: Sequence[int]) -> Context:
    """Items down, tables across; with too many tables for that, bars of tables."""
    rows = result["items"]
    many = len(tables) * len(ask.criteria) > MOST_COLUMNS
    if is_picked(ask):
        context = (
            picked_bars(ask, rows, voice, by_size=False)
            if many
            else picked_grid(ask, rows, voice, tables)
        )
        finding = (
            findings.of_picking(rows, items=names(ask), least=1)
            if voice == "tables"
            else ""
        )
        return context | {"finding": finding}
    finding = ""
    if len(ask.criteria) == 1:
        sum_up = findings.of_tables if voice == "tables" else findings.at_tables
        finding = sum_up(rows, items=names(ask), points=points(ask), tables=len(tables))
    if many and len(ask.criteria) > 2:
        context = medians(ask, rows)
    elif many:
        context = scaled_bars(ask, rows, voice)
    else:
        context = scaled_grid(ask, rows, voice, tables)
    return context | {"finding": finding}


def plane(ask: Ask, result: Json, voice: Voice) -> Context:
    """Each item placed by its two ratings."""
    x, y = ask.criteria
    return {
        "plane": pictures.plane(
            items(ask),
            result["items"],
            marks(ask),
            x=criterion(x),
            y=criterion(y),
            ident="wall",
            voice=voice,
            large=True,
        ),
        "finding": findings.of_two_criteria(
            result["items"],
            items=names(ask),
            criteria=criteria_labels(ask),
            least=1 if voice == "tables" else findings.LEAST,
        ),
    }


# ---- pictures of all items ----


def scaled_bars(ask: Ask, rows: Sequence[Json], voice: Voice) -> Context:
    charts = [
        pictures.diverging(
            items(ask),
            rows,
            marks(ask),
            ident="wall",
            criterion=row.key,
            voice=voice,
        )
        for row in ask.criteria
    ]
    numbers = {(row["item"], row["criterion"]): row["n"] for row in rows}
    wide = PAIR_WIDTH if len(charts) > 1 else BAR_WIDTH
    for chart, asked in zip(charts, ask.criteria, strict=True):
        for row, item in zip(chart["rows"], ask.items, strict=True):
            # The number stands there even when there are too few to draw.
            row["n"] = numbers[item.key, asked.key]
            row["n_text"] = pictures.how_many(row["n"], voice)
            keep_legible(row["bar"], wide)
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


def keep_legible(bar: pictures.Bar, width: float) -> None:
    """Take figures off segments that are narrower than they are.

    width: of the whole bar, in hundredths of the width of the wall.
    """
    for segment in bar["segments"]:
        share = float(segment["width"].rstrip("%")) / 100
        needed = 0.3 + DIGIT_WIDTH * len(str(segment["n"]))
        segment["shown"] = share * width >= needed


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
        "legend": whole["legend"],
        "has_splits": any(
            cell["split"] for row in whole["rows"] for cell in row["cells"]
        ),
        "at_side": len(tables) <= SIDE_COLUMNS and len(grids) == 1,
    }


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
        "legend": whole["legend"],
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
    grid_rows = []
    for item, row in zip(ask.items, rows, strict=True):
        found = {table["table"]: table for table in row["by_table"]}
        grid_rows.append(
            {
                "id": f"wall-{item.key}",
                "number": str(item.number),
                "label": item.short,
                "text": item.text,
                "cells": [
                    picked_cell(
                        found.get(number, {}), voice, ident=f"wall-{item.key}-t{number}"
                    )
                    for number in tables
                ],
            }
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


def picked_cell(table: Mapping[str, Any], voice: Voice, *, ident: str) -> Context:
    """A cell of `picked_grid`: chosen or not, or how many of the table's people."""
    cell = {"id": ident, "sym": "", "word": "", "detail": "", "split": False}
    if table.get("suppressed"):
        return cell | {"cls": "held", "word": _("Too few to show")}
    if not table.get("n"):
        if table.get("not_discussed"):
            state = ("not-discussed", "i-not-discussed", _("Not discussed"))
        elif table.get("abstained"):
            state = ("abstained", "i-abstained", _("No view"))
        else:
            state = ("waiting", "", _("Not in yet"))
        return cell | dict(zip(("cls", "sym", "word"), state, strict=True))
    chosen = table["counts"]["chosen"]
    if voice == "tables":
        if chosen:
            return cell | {"cls": "c1", "sym": "i-check", "word": _("Chosen")}
        return cell | {"cls": "off", "word": _("Not chosen")}
    cls = "c1 figure" if chosen else "off figure"
    return cell | {"cls": cls, "word": str(chosen)}


def picked_marks(voice: Voice) -> list[Context]:
    return [
        {"cls": cls, "sym": sym, "short": short}
        for cls, sym, short in (
            ("c1", "i-check", _("Chosen")),
            ("off", "", _("Not chosen")),
            ("waiting", "", _("Not in yet")),
            ("abstained", "i-abstained", _("No view")),
            ("not-discussed", "i-not-discussed", _("Not discussed")),
            ("held", "", _("Too few to show")),
        )
    ]


def too_few(rows: Sequence[Json], voice: Voice) -> str:
    """Say why there is little or nothing to see, if there is."""
    most = max((row["n"] for row in rows), default=0)
    if most == 0:
        return _("No answers yet")
    if voice == "people" and most < FEW:
        return _("Too few answers to show")
    return ""


# ---- one item ----


def one(this_round: Round, ask: Ask, item: AskedItem) -> Context:
    """Return the revealed answers about one item, for each voice that was asked."""
    prompt = this_round.prompt
    context: Context = {"voices": [], "legend": [] if is_picked(ask) else marks(ask)}
    found = {}
    for voice in prompt.voices:
        rows = voice_results(this_round, ask, voice, resamples=0)["items"]
        found[voice] = [row for row in rows if row["item"] == item.key]
    if "people" in found:
        rows = [sparing(row) for row in found["people"]]
        context["voices"] = [
            one_bar(ask, row, asked)
            for row, asked in zip(rows, ask.criteria, strict=True)
        ]
    spoken: Voice = "tables" if "tables" in found else "people"
    numbers = list(this_round.workshop.tables.values_list("number", flat=True))
    rows = found[spoken] if spoken == "tables" else [sparing(r) for r in found[spoken]]
    if len(ask.criteria) == 1:
        context["verdicts"] = verdicts(ask, item, rows, spoken, numbers)
        context["verdicts_of"] = spoken
        context["is_crowded"] = len(numbers) > CELLS_IN_A_ROW
    elif spoken == "tables":
        context["voices"] += [
            one_bar(ask, row, asked, voice="tables")
            for row, asked in zip(rows, ask.criteria, strict=True)
        ]
    context["is_stacked"] = len(context["voices"]) > 2
    return context


def one_bar(
    ask: Ask, row: Json, asked: AskedCriterion, *, voice: Voice = "people"
) -> Context:
    """One big bar: its label, segments, and what it says in words."""
    n = row["n"]
    least = 1 if voice == "tables" else FEW
    bar: pictures.Bar | None = None
    words = []
    verdict = ""
    if n == 0:
        words.append(_("No answers yet"))
    elif n < least:
        words.append(pictures.how_many(n, voice))
    elif is_picked(ask):
        chosen = row["counts"]["chosen"]
        bar = pictures.stacked_bar(
            {"chosen": chosen, "rest": n - chosen},
            picked_scale(),
            ident=f"wall-one-{voice}",
        )
        words.append(_("%(n)d of %(total)d chose this") % {"n": chosen, "total": n})
    else:
        bar = pictures.stacked_bar(
            row["counts"], marks(ask), ident=f"wall-one-{voice}-{asked.key}"
        )
        words.append(pictures.how_many(n, voice))
        if ask.kind == Prompt.Kind.RATE and n >= findings.LEAST:
            median = row["measures"]["median"]
            words.append(_("median %(median)s") % {"median": f"{median:g}"})
            verdict = pictures.word(row["measures"]["word"])
    name = asked.label or (_("Tables") if voice == "tables" else _("People"))
    if verdict:
        name = _("%(name)s: %(word)s") % {"name": name, "word": verdict}
    return {
        "label": name,
        "bar": bar,
        "words": ", ".join(filter(None, words)),
    }


def picked_scale() -> list[pictures.Mark]:
    chosen, rest = pictures.marks(
        [
            {"key": "chosen", "label": _("Chosen"), "value": None},
            {"key": "rest", "label": _("Not chosen"), "value": None},
        ]
    )
    waiting = pictures.waiting_mark()
    return [chosen, rest | {"cls": "waiting", "fill": waiting["fill"]}]


def verdicts(
    ask: Ask, item: AskedItem, rows: Sequence[Json], voice: Voice, tables: Sequence[int]
) -> list[Context]:
    """Return one cell for each table, with its name."""
    if is_picked(ask):
        found = {table["table"]: table for table in rows[0]["by_table"]}
        cells = [
            picked_cell(found.get(number, {}), voice, ident=f"wall-one-t{number}")
            for number in tables
        ]
    else:
        asked = [{"key": item.key, "text": item.text, "short": item.short}]
        whole = pictures.grid(
            asked,
            rows,
            marks(ask),
            tables,
            ident="wall-one",
            criterion=ask.criteria[0].key,
            voice=voice,
        )
        cells = [dict(cell) for cell in whole["rows"][0]["cells"]]
    return [
        {"cell": cell, "number": number}
        for cell, number in zip(cells, tables, strict=True)
    ]


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


def pages(rows: Sequence[Any]) -> list[Context]:
    """Split rows into pages of equal length, at most ROWS each."""
    count = -(-len(rows) // ROWS) or 1
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
