"""A draft as the pages show it that are for writing and for reviewing."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from deliberation.markdown import as_html, escaped
from deliberation.models import Comment, Passage
from deliberation.writeup.drawing import drawing
from deliberation.writeup.structure import (
    Block,
    Contributions,
    Picture,
    Report,
    Section,
    Spoken,
    Table,
    Text,
)
from workshops.identity import shown_as
from workshops.words import pieces

type Shown = dict[str, Any]

LONGEST_QUOTE = 300  # characters; as many as `Comment.quote` holds
PLACE = re.compile(r"[\w/~-]{1,200}", re.ASCII)


def places(report: Report) -> list[str]:
    """Return every place that can be written or commented at, in order, once each."""
    found: dict[str, None] = {}
    for _depth, section in report.walk():
        found[section.place] = None
        for block in section.blocks:
            if isinstance(block, Text):
                found[block.place] = None
    return list(found)


def titles(report: Report) -> dict[str, str]:
    """Return by place the title of the section that it stands in."""
    found: dict[str, str] = {}
    for _depth, section in report.walk():
        found.setdefault(section.place, section.title)
        for block in section.blocks:
            if isinstance(block, Text):
                found.setdefault(block.place, section.title)
    return found


def with_names(comments: QuerySet[Comment]) -> list[Comment]:
    """Fetch comments with who said each as `said_by`, as far as the rule shows it."""
    found = list(
        comments.select_related(
            "participant__badge__organisation",
            "participant__workshop",
            "write_up__workshop",
        )
    )
    for one in found:
        workshop = one.write_up.workshop
        one.said_by = ""
        if workshop.asks_organisation:
            one.said_by = shown_as(one.participant) if one.participant else one.name
    return found


def by_place(comments: Iterable[Comment]) -> dict[str, list[Comment]]:
    """Sort comments by what they are about."""
    found: dict[str, list[Comment]] = defaultdict(list)
    for comment in comments:
        found[comment.place].append(comment)
    return found


def sections(
    report: Report,
    *,
    passages: Mapping[str, Passage] | None = None,
    comments: Mapping[str, list[Comment]] | None = None,
    unsaved: Mapping[str, Shown] | None = None,
) -> list[Shown]:
    """Return the document's sections as templates draw them, nested as they are.

    passages: by place, for who writes; None for who reads. unsaved: by place, what was
    sent and not stored, as further values for that text.
    """

    def shown(section: Section, depth: int) -> Shown:
        said = (comments or {}).get(section.place, [])
        return {
            "quotes": quotes(section),
            "place": section.place,
            "title": section.title,
            "level": min(depth + 1, 6),
            "blocks": [block(one, depth) for one in section.blocks],
            "sections": [shown(one, depth + 1) for one in section.sections],
            # What is said about a text that is named as its section stands there.
            "comments": [] if section.place in texts else said,
        }

    def block(one: Block, depth: int) -> Shown:
        values: Shown = {"kind": type(one).__name__.lower(), "block": one}
        if isinstance(one, Text):
            passage = (passages or {}).get(one.place)
            values |= text(one, passage, below=depth + 1)
            values["comments"] = (comments or {}).get(one.place, [])
            values["quotes"] = parts_of(one)
            values |= (unsaved or {}).get(one.place, {})
        elif isinstance(one, Picture):
            values["drawing"] = drawing(one.svg)
        elif isinstance(one, Spoken):
            values["html"] = as_html(one.text, below=depth + 1)
        return values

    texts = {
        one.place
        for _depth, section in report.walk()
        for one in section.blocks
        if isinstance(one, Text)
    }
    return [shown(section, 1) for section in report.sections]


def quotes(section: Section) -> list[str]:
    """Return what a comment on a section can be about, apart from all of it.

    What stands at a place of its own is commented there.
    """
    found: list[str] = []
    for one in section.blocks:
        if isinstance(one, Text) and one.place == section.place:
            found += parts_of(one)
        elif isinstance(one, Table | Picture):
            found.append(one.caption)
        elif isinstance(one, Contributions):
            found += [line.text for line in one.lines]
        elif isinstance(one, Spoken):
            found.append(one.text)
    return _quotable(found)


def parts_of(one: Text) -> list[str]:
    """Return the sentences of a text, or the paragraphs that somebody wrote."""
    if one.written is None:
        return _quotable(sentence.text for sentence in one.sentences)
    return _quotable(one.written.split("\n\n"))


def _quotable(texts: Iterable[str]) -> list[str]:
    """Return texts in one line each, as long as comments keep; none if only one."""
    found = dict.fromkeys(" ".join(one.split())[:LONGEST_QUOTE] for one in texts)
    found.pop("", None)
    return list(found) if len(found) > 1 else []


def text(one: Text, passage: Passage | None, *, below: int = 2) -> Shown:
    """Return a text with what can be written there; `below`: the heading's level.

    `moved` is the computed sentences with what changed since somebody wrote.
    """
    if passage is not None:
        markdown = passage.text
    else:
        markdown = escaped(one.computed) if one.written is None else one.written
    values: Shown = {
        "passage": passage,
        "version": passage.version if passage else 0,
        "markdown": markdown,
        "html": None if one.written is None else as_html(one.written, below=below),
        "moved": [],
        "below": below,
    }
    if passage is not None and one.moved:
        values["moved"] = pieces(passage.computed_text, one.computed)
    return values


def orphans(report: Report, passages: Iterable[Passage]) -> list[Passage]:
    """Return what was written at places that the document has no longer."""
    known = set(places(report))
    return [one for one in passages if one.place not in known and one.text]
