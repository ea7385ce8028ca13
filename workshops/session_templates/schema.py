"""A session template as a tree of values: the shape that formats.md fixes.

Field order is the order in which the exporter writes the keys. What one field alone can
tell is checked here; what needs two places of the file is checked in checks.py.
"""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

FORMAT = 1
MAX_LINE = 200
MAX_SHORT = 32
MAX_TEXT = 4000
MAX_POINTS = 10_000

# A kind is known to the format before the software can run it. To make a kind
# runnable, add it here.
RUNNABLE_KINDS = frozenset(
    {"assess", "rate", "choose", "approve", "rank", "allocate", "discuss"}
)

type Kind = Literal[
    "assess", "rate", "choose", "approve", "rank", "allocate", "discuss", "essay"
]
type Attribution = Literal["named", "organisation", "chatham-house", "anonymous"]
type Voice = Literal["people", "tables"]
type Reveal = Literal["by-hand", "live", "on-close", "after-own-answer"]
type Reasons = Literal["none", "optional", "required"]
type Invited = Literal["points", "rewordings", "new-items"]
type Again = Literal["blank", "mine"]
type Rule = Literal["plurality", "borda", "schulze", "irv"]

JUDGING_KINDS = frozenset({"assess", "rate", "choose", "approve", "rank", "allocate"})
# Keys of a prompt that only some kinds have.
KINDS_WITH_KEY = {
    "scale": frozenset({"assess", "rate"}),
    "criteria": frozenset({"rate"}),
    "least": frozenset({"approve"}),
    "most": frozenset({"approve", "rank"}),
    "points": frozenset({"allocate"}),
    "ties": frozenset({"rank"}),
    "rule": frozenset({"rank"}),
    "words": frozenset({"rate"}),
    "parts": frozenset({"discuss", "essay"}),
    "items": JUDGING_KINDS,
    "items_from": JUDGING_KINDS,
}


def tidy(value: object) -> object:
    """Return text in composed form without blanks around it; leave all else alone."""
    if not isinstance(value, str):
        return value
    return unicodedata.normalize("NFC", value).strip()


def _is_visible(text: str) -> str:
    if not any(unicodedata.category(char)[0] not in "CZ" for char in text):
        raise PydanticCustomError("empty_text", "empty")
    return text


def _is_one_line(text: str) -> str:
    if "\n" in text:
        raise PydanticCustomError("several_lines", "several lines")
    return text


def _text(limit: int) -> tuple[object, ...]:
    limits = StringConstraints(strict=True, max_length=limit)
    return BeforeValidator(tidy), limits, AfterValidator(_is_visible)


type Key = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9-]{1,64}$")]
type Text = Annotated[str, *_text(MAX_TEXT)]
type Line = Annotated[str, *_text(MAX_LINE), AfterValidator(_is_one_line)]
type Short = Annotated[str, *_text(MAX_SHORT), AfterValidator(_is_one_line)]
type Language = Annotated[
    str,
    StringConstraints(
        strict=True, max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
    ),
]
type Reference = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[a-z0-9-]{1,64}@[1-9][0-9]{0,5}$")
]
type Minutes = Annotated[int, Field(strict=True, ge=1, le=1440)]
type Count = Annotated[int, Field(strict=True, ge=1, le=200)]
type Percent = Annotated[int, Field(strict=True, ge=1, le=100)]


def short_form(text: str, limit: int = MAX_SHORT) -> str:
    """Return `text` cut at a word so that it has at most `limit` characters."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    kept = text[:limit]  # the last character makes room for the ellipsis
    cut_at = kept.rfind(" ")
    return kept[: cut_at if cut_at > 0 else limit - 1].rstrip(" ,;:.") + "…"


class Part(BaseModel):
    """Any part of a session template; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ScalePoint(Part):
    """One answer that a scale offers. `value` is set on ordinal scales only."""

    key: Key
    value: Annotated[int, Field(strict=True, ge=-1000, le=1000)] | None = None
    label: Line
    short: Short | None = None
    gloss: Text | None = None

    @property
    def on_screen(self) -> str:
        return self.short or short_form(self.label)


class Scale(Part):
    """The answers that items are judged with."""

    kind: Literal["nominal", "ordinal"]
    points: Annotated[tuple[ScalePoint, ...], Field(min_length=2, max_length=20)]


class Speaker(Part):
    """Who introduces a session."""

    name: Line
    organisation: Line | None = None


class Criterion(Part):
    """One of the things that a rating prompt asks about each item."""

    key: Key
    label: Line


class Words(Part):
    """From how many per cent of the answers on an item of a rating is put in a word.

    `agreed` on one side and at most `opposed` on the other; `split` on each side;
    `lukewarm` on the middle. The first that fits, in this order; else it is mixed.
    """

    agreed: Annotated[int, Field(strict=True, ge=51, le=100)] = 75
    opposed: Annotated[int, Field(strict=True, ge=0, le=49)] = 15
    split: Annotated[int, Field(strict=True, ge=1, le=50)] = 30
    lukewarm: Percent = 50


class Item(Part):
    """What is judged within a prompt; also a part of a discussion."""

    key: Key
    text: Text
    short: Short | None = None
    gloss: Text | None = None

    @property
    def on_screen(self) -> str:
        return self.short or short_form(self.text)


class Prompt(Part):
    """One thing the room is asked.

    `least`, `most` are None where the file sets no limit; `points` is what each
    respondent shares out; `rule` says who wins a ranking, as announced beforehand.
    `after` names the earlier prompt that must have been asked before this one opens;
    `again` says how it is asked again: blank, or from what each one answered before.
    `own_and_table` shows each table how many of its people answered as it did.
    `items` is empty when `items_from` names the earlier prompt that has them; see
    Session.items_of.
    """

    key: Key
    kind: Kind
    question: Text
    guidance: Text | None = None
    voices: Annotated[tuple[Voice, ...], Field(min_length=1)] = ("people",)
    scale: Key | None = None
    abstain: StrictBool = True
    reveal: Reveal = "by-hand"
    minutes: Minutes | None = None
    reasons: Reasons = "optional"
    invite: tuple[Invited, ...] = ("points",)
    after: Key | None = None
    again: Again = "blank"
    own_and_table: StrictBool = False
    criteria: Annotated[tuple[Criterion, ...], Field(max_length=10)] = ()
    least: Annotated[int, Field(strict=True, ge=0, le=200)] | None = None
    most: Count | None = None
    points: Annotated[int, Field(strict=True, ge=1, le=MAX_POINTS)] | None = None
    ties: StrictBool = False
    rule: Rule | None = None
    words: Words = Words()
    items: Annotated[tuple[Item, ...], Field(max_length=200)] = ()
    items_from: Key | None = None
    parts: Annotated[tuple[Item, ...], Field(max_length=20)] = ()


class Session(Part):
    """One part of the day."""

    key: Key
    title: Line
    speakers: Annotated[tuple[Speaker, ...], Field(max_length=50)] = ()
    minutes: Minutes | None = None
    brief: Text | None = None
    prompts: Annotated[tuple[Prompt, ...], Field(max_length=100)] = ()

    def items_of(self, prompt: Prompt) -> tuple[Item, ...]:
        """Return what a prompt judges, its own items or an earlier prompt's."""
        by_key = {earlier.key: earlier for earlier in self.prompts}
        while prompt.items_from is not None:
            prompt = by_key[prompt.items_from]
        return prompt.items


class TemplateFile(Part):
    """A whole session template, with the sessions it takes over already in it."""

    format: Annotated[int, Field(strict=True, ge=FORMAT, le=FORMAT)]
    key: Key
    version: Annotated[int, Field(strict=True, ge=1, le=999_999)]
    title: Line
    language: Language = "en"
    attribution: Attribution = "named"
    tables: Count = 1
    extends: Reference | None = None
    scales: Annotated[Mapping[Key, Scale], Field(max_length=50)] = Field(
        default_factory=dict
    )
    sessions: Annotated[tuple[Session, ...], Field(max_length=50)] = ()
