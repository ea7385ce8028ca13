"""What changed between two versions of a document, section by section, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from django.utils.translation import gettext as _

from deliberation.writeup.structure import (
    Block,
    Contribution,
    Contributions,
    Facts,
    Picture,
    Report,
    Section,
    Spoken,
    Table,
    Text,
)
from workshops.words import Piece, pieces


@dataclass(frozen=True)
class Difference:
    """One section that differs.

    place, title: of the section; empty and the document's title for its head.
    lines: what changed, paragraph by paragraph; of a section that was added or removed,
        all that it says.
    """

    place: str
    title: str
    what: Literal["added", "removed", "changed"]
    lines: tuple[tuple[Piece, ...], ...]


def differences(old: Report, new: Report) -> list[Difference]:
    """Return what differs, in the order of the new document; what went comes last."""
    found = [*_changed("", new.title, _head(old), _head(new))]
    before = {section.place: section for _depth, section in old.walk()}
    after = {section.place: section for _depth, section in new.walk()}
    for place, section in after.items():
        said = _paragraphs(section)
        if place in before:
            found += _changed(place, section.title, _paragraphs(before[place]), said)
        else:
            lines = _whole(said, "added")
            found.append(Difference(place, section.title, "added", lines))
    for place, section in before.items():
        if place not in after:
            lines = _whole(_paragraphs(section), "removed")
            found.append(Difference(place, section.title, "removed", lines))
    return found


def _changed(
    place: str, title: str, old: list[str], new: list[str]
) -> Iterator[Difference]:
    lines = tuple(_lines(old, new))
    if lines:
        yield Difference(place, title, "changed", lines)


def _whole(
    paragraphs: list[str], what: Literal["added", "removed"]
) -> tuple[tuple[Piece, ...], ...]:
    return tuple(((what, text),) for text in paragraphs)


def _lines(old: list[str], new: list[str]) -> Iterator[tuple[Piece, ...]]:
    """Pair paragraphs that differ, each compared word by word."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        went, came = old[start:end], new[new_start:new_end]
        if len(went) == len(came):
            yield from (tuple(pieces(a, b)) for a, b in zip(went, came, strict=True))
        else:
            yield from _whole(went, "removed")
            yield from _whole(came, "added")


def _head(report: Report) -> list[str]:
    said = (report.title, report.series, report.dated, report.place)
    return [text for text in said if text]


def _paragraphs(section: Section) -> list[str]:
    """Return what a section says itself, without the sections in it."""
    said = [section.title]
    for block in section.blocks:
        said += paragraphs(block)
    return [text for text in said if text.strip()]


def paragraphs(block: Block) -> list[str]:
    """Return what a part of the document says, as plain paragraphs."""
    match block:
        case Text():
            text = block.computed if block.written is None else block.written
            return text.split("\n\n")
        case Table():
            return [block.caption, *_rows(block), *block.notes]
        case Picture():
            return [block.caption, *_rows(block.table)]
        case Contributions():
            return [block.title, *(_said(line) for line in block.lines)]
        case Spoken():
            who = ", ".join(part for part in (block.name, block.organisation) if part)
            return [f"{who}: {block.text}" if who else block.text]
        case Facts():
            return [f"{name}: {value}" for name, value in block.pairs]


def _rows(table: Table) -> list[str]:
    """Return each row as one line, with the heads of its cells."""
    return [
        "; ".join(
            f"{head}: {cell}" if head else cell
            for head, cell in zip(table.head, row, strict=False)
        )
        for row in table.rows
    ]


def _said(line: Contribution) -> str:
    by = f" ({line.said_by})" if line.said_by else ""
    times = _(", said %(n)d times") % {"n": line.times} if line.times > 1 else ""
    return f"{line.text}{by}{times}"
