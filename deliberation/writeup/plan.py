"""What every format has to know of a report: its parts in a row, its numbers and words.

Also what no format may be handed: characters that files cannot carry.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import count
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.models import Point, Remark
from deliberation.pictures.standalone import letters
from deliberation.writeup.structure import (
    Block,
    Contribution,
    Contributions,
    Facts,
    Picture,
    Records,
    Report,
    Section,
    Spoken,
    Table,
    Text,
)

FIT = re.compile(r"[A-Za-z][\w/.~:-]*", re.ASCII)
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
FIGURES = re.compile(r"[-−–]?[\d.,:%/ \N{NO-BREAK SPACE}–-]*")
DIGIT = re.compile(r"\d")
# What needs a look: controls but the line feed, halves of pairs, what is no character.
ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
LINES = str.maketrans(dict.fromkeys("\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", "\n"))
DEEPEST = 6  # heading
# Cells of records: on one page, and on paper, where each takes a millisecond.
MOST_CELLS, MOST_ON_PAPER = 20_000, 2_500
LEAST_LETTERS, MOST_LETTERS = 9, 44  # by which columns are wide


@dataclass(frozen=True)
class Part:
    """A section without those below it. level: of its heading, 2 to 6.

    blocks: with the number of each picture, 0 for all else.
    """

    level: int
    anchor: str
    title: str
    blocks: tuple[tuple[Block, int], ...]

    @property
    def below(self) -> int:
        """The level of headings inside it."""
        return min(DEEPEST, self.level + 1)


@dataclass(frozen=True)
class Plan:
    """A report to be drawn. figures: in order. records: the number of each key."""

    report: Report
    language: str
    parts: tuple[Part, ...]
    figures: tuple[Picture, ...]
    records: dict[str, int]

    @property
    def cells(self) -> int:
        """How many cells the tables of records have."""
        tables = (one.table for one in self.report.records)
        return sum(len(table.rows) * width_of(table) for table in tables)


def plan(report: Report) -> Plan:
    """Return a report in the order in which it is read, everything numbered."""
    report = legible(report)
    numbers = count(1)
    anchors: set[str] = set()
    parts = []
    figures: list[Picture] = []
    for depth, section in report.walk():
        if not says_something(section):
            continue
        blocks = []
        for block in section.blocks:
            if is_empty(block):
                continue
            if isinstance(block, Picture):
                figures.append(block)
            number = len(figures) if isinstance(block, Picture) else 0
            blocks.append((block, number))
        anchor, number = section.place, next(numbers)
        if not FIT.fullmatch(anchor) or anchor in anchors:
            anchor = f"part-{number}"
        anchors.add(anchor)
        level = min(DEEPEST, depth + 1)
        parts.append(Part(level, anchor, section.title, tuple(blocks)))
    records: dict[str, int] = {}
    for number, one in enumerate(report.records, start=1):
        records.setdefault(one.key, number)
    language = language_of(report)
    return Plan(report, language, tuple(parts), tuple(figures), records)


def says_something(section: Section) -> bool:
    """Tell whether anything stands in a section or below it."""
    return not all(is_empty(block) for block in section.blocks) or any(
        says_something(below) for below in section.sections
    )


def is_empty(block: Block) -> bool:
    """Tell whether nothing stands at a place yet."""
    if isinstance(block, Text):
        return not (block.computed if block.written is None else block.written.strip())
    if isinstance(block, Contributions):
        return not block.lines
    return isinstance(block, Facts) and not block.pairs


def language_of(report: Report) -> str:
    """Return the tag of the report's language, or ours if it is no such tag."""
    known = LANGUAGE.fullmatch(report.language)
    return report.language if known else settings.LANGUAGE_CODE


def is_bidi(language: str) -> bool:
    """Tell whether a language is written from right to left."""
    return language.split("-")[0].lower() in settings.LANGUAGES_BIDI


@contextmanager
def spoken(report: Report) -> Iterator[None]:
    """Have all words in the language of the report."""
    try:
        language = translation.get_supported_language_variant(language_of(report))
    except LookupError:
        language = settings.LANGUAGE_CODE
    with translation.override(language):
        yield


# ---- characters ----


def legible(report: Report) -> Report:
    """Return the report without characters that XML cannot carry.

    Vertical tabs and the like are line breaks; what is left of control characters and
    halves of pairs is replaced.
    """
    return _legible(report)


def _legible(value: Any) -> Any:
    if isinstance(value, str):
        return legible_text(value)
    if isinstance(value, tuple):
        return tuple(_legible(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        values = {f.name: _legible(getattr(value, f.name)) for f in fields(value)}
        return replace(value, **values)
    return value


def legible_text(text: str) -> str:
    """Return text that any file can carry; of controls only line feeds are left."""
    if not ODD.search(text):
        return text
    lines = text.replace("\r\n", "\n").translate(LINES).replace("\t", " ").split("\n")
    return "\n".join(map(letters.legible, lines))


def one_line(text: str) -> str:
    return " ".join(text.split())


# ---- words ----


def version_line(report: Report) -> str:
    """Say which version this is, and when it was published."""
    if not report.version:
        return _("Draft, not published")
    if not report.published:
        return _("Version %(number)d") % {"number": report.version}
    words = {"number": report.version, "date": report.published}
    return _("Version %(number)d, published %(date)s") % words


def kind_of_point(line: Contribution) -> str:
    """Return the name of a point's kind; nothing where it is simply a point."""
    if line.kind == Point.Kind.POINT:
        return ""
    return str(dict(Point.Kind.choices).get(line.kind, line.kind))


def kind_of_remark(remark: Spoken) -> str:
    return str(dict(Remark.Kind.choices).get(remark.kind, remark.kind))


def aside(line: Contribution) -> str:
    """Say who made a point, how often, and about what: `Table 3, twice; on: 5, 6`."""
    said = [one_line(line.said_by)] if line.said_by.strip() else []
    if line.times > 1:
        times = ngettext("said %(n)d time", "said %(n)d times", line.times)
        said.append(times % {"n": line.times})
    about = [", ".join(said)] if said else []
    if line.about:
        items = ", ".join(one_line(item) for item in line.about)
        about.append(_("on: %(items)s") % {"items": items})
    return "; ".join(about)


def speaker(remark: Spoken) -> str:
    """Say who made a remark: `Heaven Crawley, Swansea University`."""
    said_by = (one_line(remark.name), one_line(remark.organisation))
    return ", ".join(filter(None, said_by))


def figure_title(number: int, picture: Picture) -> str:
    words = {"number": number, "caption": one_line(picture.caption)}
    return _("Figure %(number)d: %(caption)s") % words


def records_elsewhere() -> str:
    return _(
        "There are too many records to print: they are in the data of this version,"
        " and behind each figure on its page."
    )


def record_title(number: int, records: Records) -> str:
    words = {"number": number, "caption": one_line(records.table.caption)}
    return _("Record %(number)d: %(caption)s") % words


# ---- tables ----


def is_number(text: str) -> bool:
    """Tell whether a cell is a figure, to be set to the end of its column."""
    return FIGURES.fullmatch(text) is not None


def columns_of_figures(table: Table) -> list[bool]:
    """Tell for each column of a table whether all its cells are figures, or empty."""
    width = width_of(table)
    return [
        place > 0
        and any(DIGIT.search(row[place]) for row in table.rows if place < len(row))
        and all(is_number(row[place]) for row in table.rows if place < len(row))
        for place in range(width)
    ]


def width_of(table: Table) -> int:
    return max((len(row) for row in (table.head, *table.rows)), default=0)


def shares(table: Table) -> list[float]:
    """Return how wide each column should be, in percent, by what stands in it."""
    rows = (table.head, *table.rows)
    longest = [max(map(len, column)) for column in zip(*rows, strict=True)]
    letters = [min(MOST_LETTERS, max(LEAST_LETTERS, most)) for most in longest]
    return [100 * share / sum(letters) for share in letters]


def squared(table: Table) -> Table:
    """Return a table all of whose rows have as many cells."""
    width = width_of(table)

    def whole(row: tuple[str, ...]) -> tuple[str, ...]:
        return row + ("",) * (width - len(row))

    rows = tuple(whole(row) for row in table.rows)
    return replace(table, head=whole(table.head), rows=rows)


def narrow(table: Table, most: int) -> list[Table]:
    """Return a table in pieces of so many columns; each begins with the first one.

    Only the last has the notes.
    """
    table = squared(table)
    width = len(table.head)
    if width <= most:
        return [table]
    step = most - 1
    starts = range(1, width, step)
    pieces: list[Table] = []
    for start in starts:
        words = {
            "caption": table.caption,
            "number": len(pieces) + 1,
            "all": len(starts),
        }
        pieces.append(
            Table(
                _("%(caption)s (part %(number)d of %(all)d)") % words,
                table.head[:1] + table.head[start : start + step],
                tuple(row[:1] + row[start : start + step] for row in table.rows),
                table.notes if start == starts[-1] else (),
            )
        )
    return pieces
