"""How many of a table's people answered as their table did, as pictures."""

from typing import Any

from django.utils.translation import gettext as _

from deliberation import pictures
from deliberation.actions.answers import ask_of
from deliberation.kinds import Ask
from deliberation.live.console_figures import item_names
from deliberation.models import Round
from deliberation.models.response import Voice
from deliberation.own_and_table import Gaps, own_and_table
from deliberation.results import hold_small, table_numbers, voice_results

type Json = dict[str, Any]


def own_and_table_figures(this_round: Round, criterion: str = "") -> list[Json]:
    """Return a figure for each criterion (`criterion`: that one only).

    Nothing where no table has enough people who answered, and beyond as many tables
    as can be drawn side by side.
    """
    ask = ask_of(this_round)
    numbers = table_numbers(this_round.workshop_id)
    gaps = _shown(this_round, ask)
    if len(numbers) > pictures.MOST_MULTIPLES:
        return []
    marks = gap_marks()
    figures = []
    for respect in ask.criteria:
        found = {item.key: gaps.get((item.key, respect.key), {}) for item in ask.items}
        if criterion not in ("", respect.key) or not any(
            any(of_tables.values()) for of_tables in found.values()
        ):
            continue
        results = [
            {
                "item": item,
                "criterion": respect.key,
                "by_table": [_row(table, gap) for table, gap in of_tables.items()],
            }
            for item, of_tables in found.items()
        ]
        label = respect.label if len(ask.criteria) > 1 else ""
        title = _("Answered as their table did")
        picture = pictures.multiples(
            item_names(ask),
            results,
            lambda ident, row: pictures.stacked_bar(row["counts"], marks, ident=ident),
            numbers,
            ident="-".join(filter(None, ["gap", respect.key])),
            legend=marks,
            criterion=respect.key,
            caption=": ".join(filter(None, [title, label])),
        )
        figures.append(
            {
                "view": "own-and-table",
                "title": title,
                "caption": label,
                "part": "multiples",
                "picture": picture,
            }
        )
    return figures


def _shown(this_round: Round, ask: Ask) -> Gaps:
    """Return the gaps of tables whose people are not withheld for any reason."""
    gaps = own_and_table(this_round, ask)
    people = voice_results(this_round, ask, Voice.PEOPLE) if gaps else {"items": []}
    held = {
        (item["item"], item["criterion"], row["table"])
        for item in hold_small(this_round.workshop, people["items"])
        for row in item["by_table"]
        if row.get("suppressed")
    }
    return {
        place: {
            table: None if (*place, table) in held else gap
            for table, gap in found.items()
        }
        for place, found in gaps.items()
    }


def gap_marks() -> list[pictures.Mark]:
    """Return the two signs: as the table, and otherwise, which is a quiet one."""
    same, other = pictures.marks(
        [
            {"key": "same", "label": _("As the table")},
            {"key": "other", "label": _("Otherwise")},
        ]
    )
    return [same, {**other, "cls": "unpicked", "sym": "i-minus"}]


def _row(table: int, gap: Json | None) -> Json:
    if gap is None:
        return {"table": table, "suppressed": True}
    counts = {"same": gap["as_table"], "other": gap["of"] - gap["as_table"]}
    return {"table": table, "n": gap["of"], "counts": counts}
