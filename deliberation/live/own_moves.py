"""What changed in one respondent's answers since they were given before.

It is for that person, or that table, alone: no board holds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.actions.answers import respondent_of
from deliberation.kinds import Ask
from deliberation.live.asking import Fields, form_of
from deliberation.live.own import earlier_fields, own_answers
from deliberation.models import Round
from deliberation.models.response import Voice
from workshops.models import Participant


@dataclass(frozen=True)
class Move:
    """An item, or a whole pick, with both answers in words; empty where none was."""

    number: int | None
    text: str
    before: str
    now: str

    @property
    def has_changed(self) -> bool:
        return bool(self.before and self.now) and self.before != self.now


@dataclass(frozen=True)
class Moves:
    """All of one respondent, a person or a table, under a title."""

    title: str
    voice: Voice
    moves: list[Move]

    @property
    def summary(self) -> str:
        """Say how many of the answers given both times are others now."""
        both = [move for move in self.moves if move.before and move.now]
        if not both:
            return _("No answer was given both times.")
        changed = sum(move.has_changed for move in both)
        return ngettext(
            "%(n)d of %(total)d answer given both times is another one now.",
            "%(n)d of %(total)d answers given both times are others now.",
            len(both),
        ) % {"n": changed, "total": len(both)}


def moves_of(who: Participant, this_round: Round, ask: Ask) -> list[Moves]:
    """Return what changed in a person's own answers, and in those of the own table.

    Nothing for a first round, and for whom nothing is stored before.
    """
    if this_round.number == 1 or not this_round.prompt.has_items:
        return []
    prompt = this_round.prompt
    found = []
    if prompt.asks_people:
        title = _("What changed in your answers")
        found.append((title, Voice.PEOPLE, respondent_of(who)))
    if prompt.asks_tables and who.table is not None:
        title = _("What changed in the answers of %(table)s") % {"table": who.table}
        found.append((title, Voice.TABLES, respondent_of(who.table)))
    moves = [
        Moves(title, voice, _moves(this_round, ask, voice, respondent))
        for title, voice, respondent in found
    ]
    return [own for own in moves if any(move.before for move in own.moves)]


def _moves(this_round: Round, ask: Ask, voice: Voice, respondent: str) -> list[Move]:
    before = _in_words(
        this_round, ask, voice, earlier_fields(this_round, ask, respondent)
    )
    now = _in_words(
        this_round, ask, voice, own_answers(this_round, ask, respondent).fields
    )
    if ask.is_whole:
        text = this_round.prompt.question
        return [Move(None, text, before.get("", ""), now.get("", ""))]
    return [
        Move(item.number, item.text, before.get(item.key, ""), now.get(item.key, ""))
        for item in ask.items
    ]


def _in_words(
    this_round: Round, ask: Ask, voice: Voice, fields: Fields
) -> Mapping[str, str]:
    """Return what was answered by item; of a pick, an order or points under ""."""
    if not fields:
        return {}
    form = form_of(this_round.prompt, ask, voice, fields=fields)
    if ask.is_whole:
        return {"": ", ".join(form.said) or _("None of them")}
    return {
        question.item.key: "; ".join(
            ": ".join(filter(None, (part.label, option.label)))
            for part in question.parts
            for option in part.chosen
        )
        for question in form.questions
    }
