"""What moved between two rounds, as pictures for facilitators.

Fewer than five people in both rounds are only counted: their lines would be they.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation import pictures
from deliberation.actions.answers import ask_of
from deliberation.kinds import Ask, AskedCriterion
from deliberation.live.console_figures import item_names, picked_marks, scale_marks
from deliberation.models import Prompt, Round
from deliberation.models.response import Voice
from deliberation.movement import (
    LEAST_TO_COMPARE,
    Before,
    Json,
    Place,
    movement,
    rounds_before,
    whole_movement,
)


def moves_since(
    this_round: Round,
    *,
    ident: str,
    voices: Sequence[str] | None = None,
    criterion: str = "",
) -> list[Json]:
    """Return a picture for each voice and criterion, what moved since the round before.

    voices: those wanted; by default all that were asked, tables first. criterion: the
    key of the one wanted, if not all.

    Each is `{title, basis, slopes, items}`; items have their own from-to tables.
    Empty for a first round, and where rounds cannot be compared.
    """
    ask = ask_of(this_round)
    before = rounds_before(this_round)
    found = []
    for voice in (voices or reversed(this_round.prompt.voices)) if before else ():
        moved = movement(before, this_round, voice)
        for respect in ask.criteria:
            if criterion in ("", respect.key):
                found.append(_moves(before, this_round, moved, voice, respect, ident))
    return found


def _moves(
    before: Before,
    after: Round,
    moved: Mapping[Place, Json],
    voice: str,
    respect: AskedCriterion,
    ident: str,
) -> Json:
    ask, criterion = ask_of(after), respect.key
    scale, favours = scale_of_moves(after, ask)
    place = f"{ident}-{voice}" + (f"-{criterion}" if criterion else "")
    names = [
        item
        for item in item_names(ask)
        if is_enough(moved.get((item["key"], criterion)), voice)
    ]
    found = {item["key"]: moved[item["key"], criterion] for item in names}
    rounds = [name_before(before), round_name(after)]
    drawn = pictures.slopes(
        names,
        shifts(ask, found, favours),
        ident=f"{place}-moves",
        before=rounds[0],
        after=rounds[1],
        caption=respect.label,
        heads=heads(ask),
    )
    return {
        "title": _("Tables, from round to round")
        if voice == Voice.TABLES
        else _("The same people, from round to round"),
        "basis": " ".join(
            filter(
                None,
                [
                    basis(moved, ask, criterion, voice),
                    *whose_items(before, after),
                    changed(ask, whole_movement(before, after, voice), voice),
                ],
            )
        ),
        "slopes": drawn if any(favours) and names else None,
        "items": [
            {
                "number": item["number"],
                "text": item["short"] or item["text"],
                "said": _said(ask, found[item["key"]]),
                "table": pictures.from_to(
                    scale,
                    found[item["key"]]["transitions"],
                    ident=f"{place}-{item['key']}-from",
                    caption=_("%(number)s %(item)s: %(before)s to %(after)s")
                    % {
                        "number": item["number"],
                        "item": item["short"] or item["text"],
                        "before": rounds[0],
                        "after": rounds[1],
                    },
                ),
            }
            for item in names
        ],
    }


def scale_of_moves(
    this_round: Round, ask: Ask
) -> tuple[list[pictures.Mark], list[bool]]:
    """Return the answers in the order of transitions, and which are in favour.

    No answer is where the categories have no better side.
    """
    if ask.is_pick:
        chosen, other = picked_marks()
        return [other, chosen], [False, True]
    if ask.kind == Prompt.Kind.RANK:
        places = [str(place) for place in range(1, min(ask.most, len(ask.items)) + 1)]
        names = [*places, _("Left out")]
        keys = [*places, "0"]
        return _plain_marks(keys, names), [key == "1" for key in keys]
    if ask.kind == Prompt.Kind.ALLOCATE:
        return _plain_marks(["0", "1"], [_("No points"), _("Points")]), [False, True]
    scale = scale_marks(this_round.prompt, ask)
    left, _middle, right = pictures.sides_of(scale)
    favoured = {mark["key"] for mark in right} if left else set()
    return scale, [mark["key"] in favoured for mark in scale]


def _plain_marks(keys: Sequence[str], names: Sequence[str]) -> list[pictures.Mark]:
    return pictures.marks(
        [
            {"key": key, "label": name, "value": None}
            for key, name in zip(keys, names, strict=True)
        ]
    )


def shifts(
    ask: Ask, found: Mapping[str, Json], favours: Sequence[bool]
) -> list[pictures.Shift]:
    """Return what a line shows of each item: who favours it, or its mean points."""
    if ask.kind == Prompt.Kind.ALLOCATE:
        return [
            pictures.Shift(
                key, one["mean_before"], one["mean_after"], ask.total, is_mean=True
            )
            for key, one in found.items()
        ]
    return [
        pictures.shift_of(key, one["transitions"], favours)
        for key, one in found.items()
    ]


def heads(ask: Ask) -> str:
    """Say what the lines count."""
    if ask.kind == Prompt.Kind.RANK:
        return _("First choice")
    if ask.kind == Prompt.Kind.ALLOCATE:
        return _("Points each")
    return _("Chose it") if ask.is_pick else _("In favour")


def changed(ask: Ask, whole: Json, voice: str) -> str:
    """Say how many put another item in front, where that can be said."""
    if not is_enough(whole or None, voice):
        return ""
    told = {"n": whole["changed_first"], "total": whole["both"]}
    if ask.kind == Prompt.Kind.RANK:
        return _("%(n)d of %(total)d put another item first.") % told
    return _("%(n)d of %(total)d gave another item most points.") % told


def is_enough(measures: Json | None, voice: str) -> bool:
    return measures is not None and measures["both"] >= LEAST_TO_COMPARE[Voice(voice)]


def name_before(before: Before) -> str:
    """Name the earlier round; items that were asked in several have no one name."""
    earlier = set(before.values())
    return round_name(earlier.pop()) if len(earlier) == 1 else _("Before")


def round_name(this_round: Round) -> str:
    return _("Round %(number)d") % {"number": this_round.number}


def basis(moved: Mapping[Place, Json], ask: Ask, criterion: str, voice: str) -> str:
    """Say whose answers are compared, by the item that most answered twice."""
    found: list[Any] = [
        moved[item.key, criterion]
        for item in ask.items
        if (item.key, criterion) in moved
    ]
    best = max(found, key=lambda measures: measures["both"], default=None)
    if best is None:
        return _("No item was asked in both rounds.")
    counts = {name: best[name] for name in ("both", "before_only", "after_only")}
    if voice == Voice.TABLES:
        text = _(
            "%(both)d tables answered in both rounds, %(before_only)d only before,"
            " %(after_only)d only after."
        )
    else:
        text = _(
            "%(both)d people answered in both rounds, %(before_only)d only before,"
            " %(after_only)d only after."
        )
    if best["both"] < LEAST_TO_COMPARE[Voice(voice)]:
        text += " " + _("Too few to draw.")
    return text % counts


def whose_items(before: Before, after: Round) -> list[str]:
    """Say where “both rounds” is not the same items, or not everybody.

    Who was not asked again is among those who answered only before.
    """
    ask, said = ask_of(after), []
    if not after.asks_everybody:
        said.append(
            _("Not everybody was asked again; who was not is among “only before”.")
        )
    if after.is_partial:
        text = ngettext(
            "Only %(n)d item was asked again.",
            "Only %(n)d items were asked again.",
            len(ask.items),
        )
        said.append(text % {"n": len(ask.items)})
    new = sum(item.key not in before for item in ask.items)
    if new:
        text = ngettext(
            "%(n)d item was not asked before.",
            "%(n)d items were not asked before.",
            new,
        )
        said.append(text % {"n": new})
    if len(set(before.values())) > 1:
        said.append(_("Each item is compared with the last round that asked it."))
    return said


def _said(ask: Ask, measures: Json) -> str:
    """Say how many moved: `5 up, 2 down, 20 stayed`, or `7 of 27 changed`."""
    if ask.is_numbered:
        text = (
            _("%(moves)s; mean place %(before).1f, then %(after).1f")
            if ask.kind == Prompt.Kind.RANK
            else _("%(moves)s; mean %(before).1f points, then %(after).1f")
        )
        return text % {
            "moves": _("%(up)d up, %(down)d down, %(same)d stayed") % measures,
            "before": measures["mean_before"],
            "after": measures["mean_after"],
        }
    if measures["up"] is None:
        return _("%(n)d of %(total)d changed") % {
            "n": measures["both"] - measures["same"],
            "total": measures["both"],
        }
    return _("%(up)d up, %(down)d down, %(same)d stayed") % measures
