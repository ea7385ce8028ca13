"""A round as a form: plain values for `phone/ask.html`, its texts made once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any
from zlib import crc32

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation import pictures
from deliberation.kinds import Ask, AskedItem
from deliberation.kinds.base import ABSTAIN, NOT_DISCUSSED, states_offered
from deliberation.kinds.numbered import number_field, whole_number
from deliberation.kinds.picked import count_message
from deliberation.kinds.scaled import field_name
from deliberation.live.findings import announced
from deliberation.live.own import item_of
from deliberation.models import Prompt, Scale
from deliberation.models.response import Voice

STEPS = 20  # presses of a button that would share out all points
LABEL_FITS = 12  # characters under a number of a scale, on a narrow phone

type Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Option:
    """One answer to choose."""

    id: str
    value: str
    label: str
    gloss: str
    mark: Mapping[str, Any] | None  # of a scale; None for "No view" and items
    number: str  # on the mark instead of its symbol
    chosen: bool


@dataclass(frozen=True)
class Part:
    """One choice: an item in one respect, or the whole pick."""

    field: str
    label: str
    looks: str  # "", "tiles", "scale": how its options stand
    multiple: bool
    options: Sequence[Option]
    ends: str  # what the ends of a scale mean, where its points show numbers only
    error: str

    @property
    def chosen(self) -> list[Option]:
        return [option for option in self.options if option.chosen]


@dataclass(frozen=True)
class Reason:
    field: str
    text: str
    required: bool
    error: str


@dataclass(frozen=True)
class Number:
    """The place or the points of an item, as they are stored or were sent."""

    field: str
    text: str
    error: str

    @property
    def value(self) -> int:
        """What was written; 0 for nothing and for what is no number."""
        return whole_number(self.text.strip()) or 0


@dataclass(frozen=True)
class Question:
    """An item with what is asked about it."""

    item: AskedItem
    parts: Sequence[Part]
    reason: Reason | None
    number: Number | None = None
    is_earlier: bool = False  # filled in from an earlier round, not stored in this one

    @property
    def is_answered(self) -> bool:
        return all(part.chosen for part in self.parts)


@dataclass(frozen=True)
class Form:
    """All that a voice is asked in a round.

    `pick` is the one choice among items (choose, approve), or beside their numbers
    (rank, allocate), else None. `mark` differs whenever the texts do, so that a form
    that people fill in stays as it is. `total` are points to share out, by `step`
    with a press of a button.
    """

    prefix: str
    pick: Part | None
    questions: Sequence[Question]
    mark: str
    errors: Mapping[str, str]
    total: int = 0
    is_earlier: bool = False  # some of it is filled in from an earlier round

    @property
    def step(self) -> int:
        return max(1, self.total // STEPS)

    @property
    def left(self) -> int:
        """How many points are not given to any item; negative for too many."""
        given = (question.number for question in self.questions)
        return self.total - sum(number.value for number in given if number)

    @property
    def over(self) -> int:
        return -self.left

    @property
    def said(self) -> list[str]:
        """What was answered as a whole, a line each: picks, places, points."""
        chosen = [option.label for option in self.pick.chosen] if self.pick else []
        written = [
            (question.item.short, question.number)
            for question in self.questions
            if question.number and question.number.text.strip() not in ("", "0")
        ]
        if self.total:
            return chosen + [f"{short}: {number.text}" for short, number in written]
        written.sort(key=lambda one: one[1].value or inf)
        return chosen + [f"{number.text}. {short}" for short, number in written]

    def labelled_errors(self) -> list[tuple[str, str]]:
        """Return the id of the first input with a mistake and its message, of each."""
        ids = {"": f"{self.prefix}-form", "choice": f"{self.prefix}-choice"}
        for question in self.questions:
            for part in question.parts:
                ids[part.field] = f"{self.prefix}-{part.field}"
            if question.number:
                field = question.number.field
                ids[field] = f"{self.prefix}-{field}"
            if question.reason:
                ids[question.reason.field] = f"{self.prefix}-{question.reason.field}"
        return [
            (ids.get(field, ids[""]), message) for field, message in self.errors.items()
        ]


def form_of(
    prompt: Prompt,
    ask: Ask,
    voice: str,
    *,
    fields: Fields | None = None,
    errors: Mapping[str, str] | None = None,
    earlier: Fields | None = None,
) -> Form:
    """Return the form of a round for a voice, with what is stored or was sent.

    earlier: what is filled in besides, from an earlier round.
    """
    make = _Maker(prompt, ask, voice, fields or {}, errors or {}, earlier or {})
    texts = [*ask.items, *ask.points, *ask.criteria, ask.abstain, prompt.question]
    pick = None
    if ask.is_whole:
        pick = make.pick() if ask.is_pick else make.beside_numbers()
    return Form(
        prefix=make.prefix,
        pick=pick,
        questions=[] if ask.kind == Prompt.Kind.DISCUSS else make.questions(),
        mark=f"{crc32(repr(texts).encode()):x}",
        errors=make.errors,
        total=ask.total,
        is_earlier=bool(earlier),
    )


class _Maker:
    def __init__(
        self,
        prompt: Prompt,
        ask: Ask,
        voice: str,
        fields: Fields,
        errors: Mapping[str, str],
        earlier: Fields,
    ) -> None:
        self.prompt, self.ask, self.voice = prompt, ask, voice
        self.fields, self.errors = {**earlier, **fields}, errors
        self.earlier = {item_of(name) for name in earlier}
        self.prefix = "t" if voice == Voice.TABLES else "a"
        self.ordinal = (
            prompt.scale is not None and prompt.scale.kind == Scale.Kind.ORDINAL
        )
        self.marks = marks_of(prompt, ask)
        self.short = all(len(point.short) <= LABEL_FITS for point in ask.points)

    def questions(self) -> list[Question]:
        return [
            Question(
                item=item,
                parts=()
                if self.ask.is_whole
                else [
                    self.scaled(item, criterion.key, criterion.label)
                    for criterion in self.ask.criteria
                ],
                reason=self.reason(item),
                number=self.number(item) if self.ask.is_numbered else None,
                is_earlier=item.key in self.earlier,
            )
            for item in self.ask.items
        ]

    def number(self, item: AskedItem) -> Number:
        field = number_field(item.key)
        return Number(
            field=field,
            text=next(iter(self.fields.get(field, ())), ""),
            error=self.errors.get(field, ""),
        )

    def scaled(self, item: AskedItem, criterion: str, label: str) -> Part:
        field = field_name(item.key, criterion)
        by_number = self.ask.kind == Prompt.Kind.RATE
        options = [
            self.option(
                field,
                value=str(point.value) if by_number else point.key,
                label=point.short
                if by_number or len(self.ask.items) > 1
                else point.label,
                gloss="" if self.many else point.gloss,
                mark=mark,
                number=str(point.value) if by_number else "",
            )
            for point, mark in zip(self.ask.points, self.marks, strict=True)
        ]
        return Part(
            field=field,
            label=label,
            looks=self.looks,
            multiple=False,
            options=options + self.states(field),
            ends=self.ends,
            error=self.errors.get(field, ""),
        )

    @property
    def many(self) -> bool:
        return len(self.ask.items) * len(self.ask.criteria) > 1

    @property
    def looks(self) -> str:
        if self.ask.kind == Prompt.Kind.RATE:
            return "scale"
        return "tiles" if self.many and len(self.ask.points) <= 4 else ""

    @property
    def ends(self) -> str:
        if self.looks != "scale" or self.short:
            return ""
        first, last = self.ask.points[0], self.ask.points[-1]
        return _("%(least)s: %(low)s. %(most)s: %(high)s.") % {
            "least": first.value,
            "low": first.label,
            "most": last.value,
            "high": last.label,
        }

    def pick(self) -> Part:
        several = self.ask.kind == Prompt.Kind.APPROVE
        options = [
            self.option("choice", value=item.key, label=item.text, gloss=item.gloss)
            for item in self.ask.items
        ]
        asked = count_message(self.ask.least, self.ask.most) if several else ""
        if several and (self.ask.least, self.ask.most) == (0, len(self.ask.items)):
            asked = _("Choose as many as you like.")
        return Part(
            field="choice",
            label=asked,
            looks="",
            multiple=several,
            options=options + self.states("choice"),
            ends="",
            error=self.errors.get("choice", ""),
        )

    def beside_numbers(self) -> Part:
        """Return the answers without numbers, under what the numbers mean."""
        return Part(
            field="choice",
            label=self.rule(),
            looks="",
            multiple=True,
            options=self.states("choice"),
            ends="",
            error=self.errors.get("choice", ""),
        )

    def rule(self) -> str:
        ask = self.ask
        if ask.kind == Prompt.Kind.ALLOCATE:
            return _("Share out %(total)d points. You need not use all of them.") % {
                "total": ask.total
            }
        if ask.most < len(ask.items):
            asked = ngettext(
                "Which comes first? Give it place 1.",
                "Which %(most)d come first? Give them places, 1 for the very first.",
                ask.most,
            ) % {"most": ask.most}
        else:
            asked = _("Give each a place, 1 for the first. You may leave some out.")
        level = _("Give the same place to what is level.") if ask.ties else ""
        return " ".join(filter(None, [asked, level, announced(ask.rule)]))

    def states(self, field: str) -> list[Option]:
        return [
            self.option(field, value=state, label=state_label(state, self.voice))
            for state in states_offered(self.ask, self.voice)
        ]

    def option(
        self,
        field: str,
        *,
        value: str,
        label: str,
        gloss: str = "",
        mark: Mapping[str, Any] | None = None,
        number: str = "",
    ) -> Option:
        return Option(
            id=f"{self.prefix}-{field}-{value}",
            value=value,
            label=label,
            gloss=gloss,
            mark=mark,
            number=number,
            chosen=value in self.fields.get(field, ()),
        )

    def reason(self, item: AskedItem) -> Reason | None:
        if not self.ask.takes_reasons(self.voice):
            return None
        field = f"reason.{item.key}"
        return Reason(
            field=field,
            text=next(iter(self.fields.get(field, ())), ""),
            required=self.ask.needs_reasons(self.voice),
            error=self.errors.get(field, ""),
        )


def marks_of(prompt: Prompt, ask: Ask) -> list[pictures.Mark]:
    """Return how the points of a round's scale look; of a pick, there are none."""
    ordinal = prompt.scale is not None and prompt.scale.kind == Scale.Kind.ORDINAL
    return pictures.marks(
        [
            {
                "key": point.key,
                "label": point.label,
                "short": point.short,
                "value": point.value if ordinal else None,
            }
            for point in ask.points
        ]
    )


def state_label(state: str, voice: str) -> str:
    """Say an answer that is not one of the kind's own."""
    if state == ABSTAIN:
        return _("We could not agree") if voice == Voice.TABLES else _("No view")
    assert state == NOT_DISCUSSED
    return _("Not discussed")
