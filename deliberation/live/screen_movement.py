"""What moved between two rounds, on the wall: people and tables apart.

Fewer people in both rounds than may be told apart are only counted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from deliberation import pictures
from deliberation.actions.answers import ask_of
from deliberation.kinds import Ask, AskedCriterion, AskedItem
from deliberation.live import console_movement as moves
from deliberation.live import findings
from deliberation.live import screen_pictures as drawn
from deliberation.models import Round, Screen
from deliberation.models.response import Voice
from deliberation.movement import (
    Json,
    Place,
    movement,
    rounds_before,
    whole_movement,
)

type Context = dict[str, Any]

LINES = 6  # on one page, that can be told apart from the back
FEW_ANSWERS = 5  # of a table from each to each, which leave the wording some room
MOST_ANSWERS = 7  # of a table from each to each
VOICES = {
    Screen.View.PEOPLE_MOVED: Voice.PEOPLE,
    Screen.View.TABLES_MOVED: Voice.TABLES,
}


def voice_that_moved(this_round: Round, view: str) -> Voice | None:
    """Return whose movement a view shows, None if the round has none to show."""
    voice = VOICES.get(Screen.View(view))
    if voice is None or voice not in this_round.prompt.voices:
        return None
    return voice if can_move(this_round) else None


def can_move(this_round: Round) -> bool:
    """Tell whether a round can be compared with any before it."""
    return bool(rounds_before(this_round))


def shown(this_round: Round, voice: Voice) -> Context:
    """Return pages of items with how many favoured each before and after."""
    ask = ask_of(this_round)
    before = rounds_before(this_round)
    moved = movement(before, this_round, voice)
    whole = moves.changed(ask, whole_movement(before, this_round, voice), voice)
    found = [_pages(this_round, ask, moved, voice, row) for row in ask.criteria]
    return {
        "pages": [page for pages in found for page in pages],
        "finding": whole or (_finding(found[0]) if len(found) == 1 else ""),
        "caption": _basis(moved, voice, this_round),
        "before": moves.name_before(before),
        "after": moves.round_name(this_round),
        "heads": moves.heads(ask),
        "unlike": not any(moves.scale_of_moves(this_round, ask)[1]),
    }


def one(this_round: Round, item: AskedItem, voice: Voice) -> Context:
    """Return from which answer to which went those who judged one item twice."""
    ask = ask_of(this_round)
    before = rounds_before(this_round)
    moved = movement(before, this_round, voice)
    scale, _favours = moves.scale_of_moves(this_round, ask)
    tables = [
        pictures.from_to(
            scale,
            measures["transitions"],
            ident=f"wall-from-{row.key}" if row.key else "wall-from",
            caption=row.label,
        )
        for row in ask.criteria
        if moves.is_enough(measures := moved.get((item.key, row.key)), voice)
        and measures
        and len(scale) <= MOST_ANSWERS
    ]
    return {
        "tables": tables,
        "wording_size": "size-3" if len(scale) > FEW_ANSWERS else "size-4",
        "caption": _basis(moved, voice, this_round),
        "before": moves.name_before(before),
        "after": moves.round_name(this_round),
    }


def _basis(moved: Mapping[Place, Json], voice: Voice, after: Round) -> str:
    """Say how many are compared, by the item that most answered twice."""
    best = max(moved.values(), key=lambda measures: measures["both"], default=None)
    if best is None:
        return _("No item was asked in both rounds.")
    people = pictures.how_many(best["both"], voice.value)
    said = [_("%(people)s in both rounds") % {"people": people}]
    if best["before_only"]:
        text = _("%(n)d only before")
        if not after.asks_everybody:
            text = _("%(n)d only before, as not all were asked again")
        said.append(text % {"n": best["before_only"]})
    if best["after_only"]:
        said.append(_("%(n)d only after") % {"n": best["after_only"]})
    if not moves.is_enough(best, voice):
        said.append(_("too few to draw"))
    return ", ".join(said)


def _pages(
    this_round: Round,
    ask: Ask,
    moved: Mapping[Place, Json],
    voice: Voice,
    respect: AskedCriterion,
) -> list[Context]:
    scale, favours = moves.scale_of_moves(this_round, ask)
    found = {
        item.key: moved[item.key, respect.key]
        for item in ask.items
        if moves.is_enough(moved.get((item.key, respect.key)), voice)
    }
    shifts = {shift.item: shift for shift in moves.shifts(ask, found, favours)}
    both_ends = [(each.before, each.after, each.both) for each in shifts.values()]
    span = pictures.span_of(
        [n / both for before, after, both in both_ends for n in (before, after)],
        steps=pictures.STEPS[any(each.is_mean for each in shifts.values())],
    )
    names = [item for item in drawn.items(ask) if item["key"] in found]
    least = findings.least_shown(voice)
    made = []
    for page in drawn.pages(names, most=LINES):
        keys = [item["key"] for item in page["rows"]]
        slopes = pictures.slopes(
            page["rows"],
            [shifts[key] for key in keys],
            ident="-".join(filter(None, ["wall", respect.key])),
            before="",
            after="",
            span=span,
        )
        rows = [
            {
                **row,
                "by": abs(shifts[key].after - shifts[key].before) / shifts[key].both,
                "changed": _changed(found[key]),
                "went": _most_went(found[key]["transitions"], scale, least=least),
            }
            for key, row in zip(keys, slopes["rows"], strict=True)
        ]
        own = {"caption": respect.label, "slopes": slopes, "rows": rows}
        made.append(page | own)
    return made


def _changed(measures: Json) -> str:
    told = {"n": measures["both"] - measures["same"], "total": measures["both"]}
    return _("%(n)d of %(total)d") % told


def _most_went(
    transitions: Sequence[Sequence[int]],
    scale: Sequence[pictures.Mark],
    *,
    least: int,
) -> str:
    """Name the change that most made, `Difficult → Inconsistent: 5`; not for a tie."""
    went = {
        (old, new): n
        for old, row in enumerate(transitions)
        for new, n in enumerate(row)
        if n >= least and old != new
    }
    most = [way for way, n in went.items() if n == max(went.values())]
    if len(most) != 1:
        return ""
    old, new = (scale[place]["short"] for place in most[0])
    return f"{old} → {new}: {went[most[0]]}"


def _finding(pages: Sequence[Context]) -> str:
    """Say which item moved most, if one did."""
    rows = [row for page in pages for row in page["rows"]]
    most = max((row["by"] for row in rows), default=0)
    first = [row for row in rows if row["by"] == most > 0]
    if len(first) != 1:
        return ""
    return _("Moved most: %(label)s, %(before)s before, %(after)s after") % first[0]
