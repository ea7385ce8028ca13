"""What is stored and stands nowhere in the document.

The document tells of a record if a point or a remark is printed, or if a sentence that
is computed about it stands there. Where somebody wrote instead of the sentences, it
tells of the prompt or the item at whose place they wrote, unless they left it empty;
and of any other record only if what they wrote contains its text, the short name of
the item, or its number or letter in brackets: `(3)`, `(b)`. Capitals and line breaks
make no difference. What was decided on is no gap: it was put in, or left out for a
reason that the method note tells. A brief was written before anybody answered, and
tells of nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from deliberation.kinds.base import AskedItem
from deliberation.models import Decision, Point
from deliberation.writeup import places
from deliberation.writeup.stored import Asking, Stored, read
from deliberation.writeup.structure import (
    Block,
    Contributions,
    Report,
    Section,
    Sentence,
    Spoken,
    Text,
)
from workshops.models import Workshop


@dataclass(frozen=True)
class Gap:
    """A record that the document does not have.

    record: as `structure` names it. what: what it is, in a word. where: the question.
    place: of its prompt in the document.
    """

    record: str
    what: str
    text: str
    where: str
    place: str = ""


@dataclass(frozen=True)
class _Known:
    """A record that the document should have; marks: what a passage names it by."""

    gap: Gap
    marks: tuple[str, ...]
    own_place: str = ""


def gaps(workshop: Workshop, report: Report) -> list[Gap]:
    """Return what is missing from a report of the workshop, in the order of the day."""
    decided = set(
        Decision.objects.filter(write_up__workshop=workshop, put_in=False).values_list(
            "record", flat=True
        )
    )
    stored = read(workshop)
    known = [one for one in _known(stored) if one.gap.record not in decided]
    told = told_by(report.sections)
    briefs = {
        places.within_session(part.session.key, places.BRIEF) for part in stored.parts
    }
    written = {
        place: text for place, text in _written(report.sections) if place not in briefs
    }
    passages = [_plain(text) for text in written.values()]
    return [
        one.gap
        for one in known
        if one.gap.record not in told
        and not written.get(one.own_place, "").strip()
        and not any(mark in text for mark in one.marks for text in passages)
    ]


def told_by(sections: Iterable[Section]) -> set[str]:
    """Return the records that printed points, remarks and sentences tell of."""
    found: set[str] = set()
    for section in sections:
        found |= told_by(section.sections)
        for block in section.blocks:
            found |= _told(block)
    return found


def _told(block: Block) -> set[str]:
    if isinstance(block, Contributions):
        return {line.record for line in block.lines}
    if isinstance(block, Spoken):
        return {block.record}
    if isinstance(block, Text) and block.written is None:
        return {record for one in block.sentences for record in _subjects(one)}
    return set()


def _subjects(one: Sentence) -> Iterator[str]:
    """Yield what a sentence is about; answers tell of their item, or their prompt."""
    for record in one.about:
        yield record
        kind, _colon, rest = record.partition(":")
        if kind == "answers":
            path, _hash, answered = rest.partition("#")
            item = answered.split("/")[2:]
            yield f"item:{path}/{item[0]}" if item else f"prompt:{path}"


def _written(sections: Iterable[Section]) -> Iterator[tuple[str, str]]:
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Text) and block.written is not None:
                yield block.place, block.written
        yield from _written(section.sections)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


# ---- what there is ----


def _known(stored: Stored) -> Iterator[_Known]:
    for asking in stored.askings:
        yield _prompt(asking)
        for item in asking.items:
            yield _item(asking, item)
        for point in asking.points:
            gap = Gap(
                record=point.record,
                what=str(Point.Kind(point.kind).label),
                text=point.text,
                where=_question(asking),
                place=places.of_prompt(asking.path),
            )
            yield _Known(gap, (_plain(point.text),))


def _question(asking: Asking) -> str:
    return " ".join(asking.prompt.question.split())


def _prompt(asking: Asking) -> _Known:
    place, question = places.of_prompt(asking.path), _question(asking)
    gap = Gap(f"prompt:{asking.path}", _("Question"), question, question, place)
    return _Known(gap, (_plain(question),), place)


def _item(asking: Asking, item: AskedItem) -> _Known:
    gap = Gap(
        record=f"item:{asking.path}/{item.key}",
        what=_("Item"),
        text=item.text,
        where=_question(asking),
        place=places.of_prompt(asking.path),
    )
    names = [item.text, item.short, f"({item.number})"]
    if len(item.key) == 1:
        names.append(f"({item.key})")
    marks = tuple(_plain(name) for name in names)
    return _Known(gap, marks, places.of_item(asking.path, item.key))


# ---- put in by hand ----


def put_back(
    sections: Iterable[Section], computed: Iterable[Section], put_in: Iterable[str]
) -> tuple[Section, ...]:
    """Add the computed sentences on records that were put in and are not told of.

    sections: with what was written; computed: the same without it.
    """
    now = tuple(sections)
    return _all_put_back(now, computed, set(put_in) - told_by(now))


def _all_put_back(
    sections: Iterable[Section], computed: Iterable[Section], missing: set[str]
) -> tuple[Section, ...]:
    return tuple(
        _put_back(section, before, missing)
        for section, before in zip(sections, computed, strict=True)
    )


def _put_back(section: Section, computed: Section, missing: set[str]) -> Section:
    blocks: list[Block] = []
    for block, before in zip(section.blocks, computed.blocks, strict=True):
        blocks.append(block)
        if isinstance(before, Text) and isinstance(block, Text) and block != before:
            said = [one for one in before.sentences if missing & set(_subjects(one))]
            if said:
                blocks.append(Text(f"{before.place}/also~", tuple(said)))
    return replace(
        section,
        blocks=tuple(blocks),
        sections=_all_put_back(section.sections, computed.sections, missing),
    )
