"""A document as plain values: made once, drawn in every format, frozen as JSON.

No Django and no HTML in here. A record is named by one string, everywhere:

    prompt:SESSION/PROMPT       answers:SESSION/PROMPT#ROUND/VOICE
    item:SESSION/PROMPT/ITEM    answers:SESSION/PROMPT#ROUND/VOICE/ITEM
    point:PK                    remark:PK

`point` and `remark` are for those who edit: `without_keys` takes them out.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

FORMAT = 1
SINGLE = ("point:", "remark:")
type Json = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """A piece of a sentence. records: the key of the `Records` behind its figure."""

    text: str
    records: str = ""


@dataclass(frozen=True)
class Sentence:
    """One computed sentence. about: the records that it tells of."""

    runs: tuple[Run, ...]
    about: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Text:
    """What can be written at a place: computed sentences, or Markdown instead.

    place: names it within the document. written: the Markdown, None if nobody wrote.
    moved: the sentences are other ones now than when somebody wrote instead of them.
    """

    place: str
    sentences: tuple[Sentence, ...] = ()
    written: str | None = None
    moved: bool = False

    @property
    def computed(self) -> str:
        """The sentences as one paragraph; empty if nothing is computed here."""
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def digest(self) -> str:
        """SHA-256 of what is computed, in hexadecimal; empty if nothing is."""
        computed = self.computed
        return hashlib.sha256(computed.encode()).hexdigest() if computed else ""


@dataclass(frozen=True)
class Table:
    """Rows under a head; the first cell of a row heads it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A drawing, as a whole SVG document in light colours, and its figures."""

    svg: str
    caption: str
    description: str  # for who does not see it
    table: Table


@dataclass(frozen=True)
class Contribution:
    """One point. said_by: as the attribution rule lets it be said; may be empty.

    about: the items' short names. times: how many said the same.
    """

    text: str
    kind: str  # as `Point.Kind` names it
    said_by: str = ""
    about: tuple[str, ...] = ()
    times: int = 1
    record: str = ""


@dataclass(frozen=True)
class Contributions:
    """Points under one heading: a theme's title, an item's text, or none."""

    title: str
    lines: tuple[Contribution, ...]


@dataclass(frozen=True)
class Spoken:
    """A remark to the whole room. text: Markdown."""

    kind: str  # as `Remark.Kind` names it
    text: str
    name: str = ""
    organisation: str = ""
    record: str = ""


@dataclass(frozen=True)
class Facts:
    """Names and what they are, such as the date and the place."""

    pairs: tuple[tuple[str, str], ...]


type Block = Text | Table | Picture | Contributions | Spoken | Facts


@dataclass(frozen=True)
class Section:
    """A part of the document. place: stable, unique, fit for an anchor."""

    place: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()


@dataclass(frozen=True)
class Records:
    """What stands behind a figure. key: as the `Run` names it, fit for an anchor."""

    key: str
    table: Table


@dataclass(frozen=True)
class Report:
    """The whole document. language: BCP 47. version: 0 for a draft.

    dated: the workshop's date, written out; published: when, written out, or empty.
    """

    title: str
    language: str
    attribution: str  # the rule's key
    dated: str = ""
    place: str = ""
    series: str = ""
    version: int = 0
    published: str = ""
    note: str = ""
    sections: tuple[Section, ...] = ()
    records: tuple[Records, ...] = ()

    def walk(self) -> Iterator[tuple[int, Section]]:
        """Go through all sections in order, each with its depth, 1 for the first."""
        yield from _walk(self.sections, 1)


def _walk(sections: tuple[Section, ...], depth: int) -> Iterator[tuple[int, Section]]:
    for section in sections:
        yield depth, section
        yield from _walk(section.sections, depth + 1)


PARTS = {
    one.__name__: one
    for one in (
        Run, Sentence, Text, Table, Picture, Contribution, Contributions, Spoken,
        Facts, Section, Records, Report,
    )
}  # fmt: skip


def without_keys(report: Report) -> Report:
    """Return the report without what names single points and remarks.

    Their keys stand in the order in which they were written, which tells on people.
    """
    return _without_keys(report)


def as_json(report: Report) -> Json:
    """Return a report as plain JSON values, `{"format": 1, "report": ...}`."""
    return {"format": FORMAT, "report": _plain(report)}


def from_json(stored: Mapping[str, Any]) -> Report:
    """Return the report that `as_json` made this of. Raises ValueError."""
    if stored.get("format") != FORMAT:
        raise ValueError("This is not a report in a format known here.")
    report = _made(stored["report"])
    if not isinstance(report, Report):
        raise ValueError("This is not a report.")
    return report


def sha256(stored: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what `as_json` made, in hexadecimal."""
    text = json.dumps(stored, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_keys(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_without_keys(one) for one in value)
    if isinstance(value, Sentence):
        about = tuple(one for one in value.about if not one.startswith(SINGLE))
        return replace(value, about=about)
    if isinstance(value, Contribution | Spoken):
        return replace(value, record="")
    if is_dataclass(value):
        values = {f.name: _without_keys(getattr(value, f.name)) for f in fields(value)}
        return replace(value, **values)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value):
        values = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        return {"is": type(value).__name__} | values
    return value


def _made(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_made(one) for one in value)
    if isinstance(value, Mapping):
        part = PARTS.get(value.get("is", ""))
        if part is None:
            raise ValueError("This part of a report is not known here.")
        try:
            return part(**{k: _made(v) for k, v in value.items() if k != "is"})
        except TypeError as error:
            raise ValueError("This part of a report is not whole.") from error
    return value
