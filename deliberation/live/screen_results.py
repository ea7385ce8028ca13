"""Revealed results on the wall: which picture, with how much in it, under which line.

Fewer than three answers are only counted, fewer than five get no median and no word.
"""

from collections.abc import Sequence
from typing import Any, Literal

from django.utils.translation import gettext as _

from deliberation import pictures
from deliberation.actions.answers import ask_of
from deliberation.kinds import Ask
from deliberation.live import findings, numbered
from deliberation.live import screen_pictures as drawn
from deliberation.models import Prompt, Round, Screen
from deliberation.pictures import Voice
from deliberation.results import Json, small_tables, voice_results

type Context = dict[str, Any]

MOST_COLUMNS = 13  # of a grid whose cells can be told apart from the back


def shown(this_round: Round, *, view: str) -> tuple[str, Context]:
    """Return the template and context for a revealed round in a view of the screen."""
    prompt = this_round.prompt
    ask = ask_of(this_round)
    own = view == Screen.View.TABLES and prompt.asks_tables
    voice: Voice = "tables" if own or not prompt.asks_people else "people"
    by_tables = voice == "tables" or view == Screen.View.TABLES
    result = voice_results(this_round, ask, voice, by_table=by_tables)
    if voice == "people":
        result = result | {"items": [sparing(row) for row in result["items"]]}
    on_plane = prompt.kind == Prompt.Kind.RATE and len(ask.criteria) == 2
    if view == Screen.View.PLANE and on_plane:
        template, context = "plane", plane(ask, result, voice)
    elif by_tables:
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
    """Return an item of people's results without what too few answers would tell.

    No table is withheld alone: all the others and the total would tell it.
    """
    if row["n"] < findings.LEAST_SHOWN:
        row = row | {"counts": dict.fromkeys(row["counts"], 0)}
    small = small_tables(row["by_table"])
    return row | {
        "by_table": [
            table | {"counts": dict.fromkeys(table["counts"], 0), "suppressed": True}
            if table["table"] in small
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


def by_people(this_round: Round, ask: Ask, result: Json) -> Context:
    """One bar an item; for ratings in two respects, two bars side by side."""
    rows = result["items"]
    # Bars keep their places while answers come in and are sorted once, at the end.
    is_open = this_round.closed_at is None
    if ask.is_numbered:
        return numbered_bars(ask, result, "people", by_size=not is_open)
    if ask.is_pick:
        context = drawn.picked_bars(ask, rows, "people", by_size=not is_open)
        finding = findings.of_picking(rows, items=drawn.names(ask))
    elif len(ask.criteria) > 2:
        context = drawn.medians(ask, rows)
        finding = ""
    else:
        context = drawn.scaled_bars(ask, rows, "people", by_support=not is_open)
        if ask.kind == Prompt.Kind.ASSESS:
            finding = findings.of_assessing(
                rows, items=drawn.names(ask), points=drawn.points(ask)
            )
        elif len(ask.criteria) == 2:
            finding = findings.of_two_criteria(
                rows, items=drawn.names(ask), criteria=drawn.criteria_labels(ask)
            )
        else:
            finding = findings.of_rating(rows, items=drawn.names(ask))
    return context | {"finding": finding}


def by_table(ask: Ask, result: Json, voice: Voice, tables: Sequence[int]) -> Context:
    """Items down, tables across; with too many tables for that, bars of tables."""
    rows = result["items"]
    many = len(tables) * len(ask.criteria) > MOST_COLUMNS
    if ask.is_numbered:
        if many:
            return numbered_bars(ask, result, voice, by_size=False)
        return numbered_grid(ask, result, voice, tables)
    if ask.is_pick:
        context = (
            drawn.picked_bars(ask, rows, voice, by_size=False)
            if many
            else drawn.picked_grid(ask, rows, voice, tables)
        )
        finding = (
            findings.of_picking(rows, items=drawn.names(ask), least=1)
            if voice == "tables"
            else ""
        )
        return context | {"finding": finding}
    finding = ""
    if len(ask.criteria) == 1:
        sum_up = findings.of_tables if voice == "tables" else findings.at_tables
        finding = sum_up(
            rows, items=drawn.names(ask), points=drawn.points(ask), tables=len(tables)
        )
    if many and len(ask.criteria) > 2:
        context = drawn.medians(ask, rows)
    elif many:
        context = drawn.scaled_bars(ask, rows, voice)
    else:
        context = drawn.scaled_grid(ask, rows, voice, tables)
    return context | {"finding": finding}


def numbered_bars(ask: Ask, result: Json, voice: Voice, *, by_size: bool) -> Context:
    """First choices or points, with what the bars do not show in words below."""
    order: Literal["size", "items"] = "size" if by_size else "items"
    counts = numbered.bars(ask, result, ident="wall", voice=voice, order=order)
    # The head says who wins head to head; why nobody does needs a line of its own.
    has_winner = result["measures"].get("condorcet_winner") is not None
    words = (numbered.winner if has_winner else numbered.words)(ask, result, voice)
    return {
        "counts": [{**page, "words": words} for page in drawn.paged(counts)],
        "note": drawn.too_few(result["items"], voice),
        "finding": numbered.finding(ask, result, voice),
    }


def numbered_grid(
    ask: Ask, result: Json, voice: Voice, tables: Sequence[int]
) -> Context:
    """Each table's order or points; of people, first choices or points together."""
    whole = numbered.grid(ask, result["items"], voice, tables, ident="wall")
    return {
        "grids": drawn.paged(whole),
        "columns": whole["columns"],
        "groups": [],
        "legend": whole["legend"],
        "at_side": len(tables) <= drawn.SIDE_COLUMNS,
        "finding": numbered.finding(ask, result, voice) if voice == "tables" else "",
    }


def plane(ask: Ask, result: Json, voice: Voice) -> Context:
    """Each item placed by its two ratings."""
    x, y = ask.criteria
    return {
        "plane": pictures.plane(
            drawn.items(ask),
            result["items"],
            drawn.marks(ask),
            x=drawn.criterion(x),
            y=drawn.criterion(y),
            ident="wall",
            voice=voice,
            large=True,
        ),
        "finding": findings.of_two_criteria(
            result["items"],
            items=drawn.names(ask),
            criteria=drawn.criteria_labels(ask),
            least=findings.least_for_index(voice),
        ),
    }
