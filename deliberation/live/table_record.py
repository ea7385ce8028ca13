"""A table's record as its phones show it, with what changed since it was read."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import ngettext

from deliberation.kinds import AskedItem
from deliberation.live.asking import Form, Question, form_of
from deliberation.models import Point, Prompt, Round
from deliberation.models.response import Voice
from deliberation.table_records import Answered, Record


@dataclass(frozen=True)
class Line:
    """An item with the table's answer. `question` is drawn by `phone/said_one.html`."""

    question: Question
    is_changed: bool


@dataclass(frozen=True)
class ShownRound:
    """A closed round. whole: the one answer to all items, where the kind has one."""

    this_round: Round
    form: Form
    lines: list[Line]
    is_changed: bool

    @property
    def prompt(self) -> Prompt:
        return self.this_round.prompt


@dataclass(frozen=True)
class ShownPoint:
    point: Point
    about: list[str]  # numbers of items with their short names
    is_changed: bool
    may_change: bool


@dataclass(frozen=True)
class About:
    """What a dissent or a correction can be about: a question, and items of it."""

    prompt: Prompt
    items: tuple[AskedItem, ...]


def shown_rounds(record: Record, changed: set[str]) -> list[ShownRound]:
    """Return what was answered, question by question."""
    return [_shown(one, changed) for one in record.answers]


def shown_answers(record: Record) -> list[ShownRound]:
    """Return the questions to which the table answered anything."""
    return [_shown(one, set()) for one in record.answers if one.fields]


def _shown(answered: Answered, changed: set[str]) -> ShownRound:
    this_round, name = answered.this_round, f"r{answered.this_round.pk}"
    form = form_of(
        this_round.prompt, answered.ask, Voice.TABLES, fields=answered.fields
    )
    whole = answered.ask.is_whole
    lines = [
        Line(question, f"{name}.{question.item.key}" in changed)
        for question in form.questions
        if not whole or (question.reason and question.reason.text)
    ]
    parts = {name, f"{name}."}
    if whole:
        parts |= {f"{name}.{item.key}" for item in answered.ask.items}
    return ShownRound(this_round, form, lines, bool(parts & changed))


def abouts(record: Record) -> list[About]:
    """Return what can be disputed or corrected: the questions that were closed."""
    newest = {one.this_round.prompt_id: one for one in record.answers}
    found = {
        one.pk: About(one.prompt, newest[one.prompt_id].ask.items)
        if one.prompt_id in newest
        else About(one.prompt, ())
        for one in record.rounds
    }
    by_prompt = {about.prompt.pk: about for about in found.values()}
    return list(by_prompt.values())


def points_of(
    record: Record, changed: set[str], may_change: Mapping[int, bool]
) -> list[ShownPoint]:
    """Return the table's points; may_change: by their keys."""
    short = {
        item.id: f"{item.number} {item.short}"
        for answered in record.answers
        for item in answered.ask.items
    }
    return [
        ShownPoint(
            point,
            [short[item.pk] for item in point.items.all() if item.pk in short],
            f"p{point.pk}" in changed,
            may_change.get(point.pk, False),
        )
        for point in record.points
    ]


def gone_words(record: Record, changed: set[str]) -> str:
    """Say how many points were taken back since the record was read, if any."""
    gone = sum(name.startswith("p") for name in changed - record.parts.keys())
    if not gone:
        return ""
    return ngettext(
        "%(n)d point is no longer there.", "%(n)d points are no longer there.", gone
    ) % {"n": gone}
