"""The report as Markdown: CommonMark, and tables with pipes."""

import re
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from deliberation.writeup import plan as planning
from deliberation.writeup.plan import Part, Plan
from deliberation.writeup.prose import Grid, Paragraph, Span, paragraphs
from deliberation.writeup.structure import (
    Block,
    Contributions,
    Facts,
    Picture,
    Report,
    Spoken,
    Table,
    Text,
)

# What can mean something within a line; the dot and the colon where they make links.
MARKS = re.compile(r"[\\`*_\[\]<>|~&@!#$^{}]|(?<=www)\.|:(?=//)", re.IGNORECASE)
# What means something where a line begins: a list, a heading, a rule.
START = re.compile(r"(?P<digits>\d+)(?P<after>[.)])|(?P<sign>[-+=])")
LINK = str.maketrans({"<": "%3C", ">": "%3E", " ": "%20", "\n": "%0A", "\\": "%5C"})


def markdown(report: Report) -> str:
    """Return the report as a Markdown document."""
    with planning.spoken(report):
        plan = planning.plan(report)
        blocks = [*_title(plan), *_contents(plan)]
        for part in plan.parts:
            blocks.append(heading(part.level, part.title))
            for block, number in part.blocks:
                blocks += _block(block, number, part, plan)
        if plan.report.records:
            blocks.append(heading(2, _("The records behind the figures")))
        for number, one in enumerate(plan.report.records, start=1):
            blocks.append(heading(3, planning.record_title(number, one)))
            blocks += _table(one.table, is_headed=True)
    return "\n\n".join(filter(None, blocks)) + "\n"


def escaped(text: str) -> str:
    """Return text in one line, so that it reads as it is and marks nothing up."""
    line = MARKS.sub(r"\\\g<0>", planning.one_line(text))
    return START.sub(_escaped_start, line, count=1) if START.match(line) else line


def _escaped_start(found: re.Match[str]) -> str:
    if found["sign"]:
        return "\\" + found["sign"]
    return f"{found['digits']}\\{found['after']}"


def _lines(text: str) -> str:
    """Return text with its line breaks kept."""
    return "\\\n".join(escaped(line) for line in text.split("\n") if line.strip())


def heading(level: int, text: str) -> str:
    return f"{'#' * level} {escaped(text)}".rstrip()


def _title(plan: Plan) -> Iterator[str]:
    report = plan.report
    yield f"*{escaped(report.series)}*" if report.series.strip() else ""
    yield heading(1, report.title)
    yield escaped(" · ".join(filter(None, (report.dated, report.place))))
    yield escaped(planning.version_line(report))
    if report.note.strip():
        yield escaped(_("What changed:") + " " + report.note)


def _contents(plan: Plan) -> Iterator[str]:
    shown = [part for part in plan.parts if part.level < 4]
    if shown:
        yield heading(2, _("Contents"))
        yield "\n".join(
            f"{'  ' * (part.level - 2)}- {escaped(part.title)}" for part in shown
        )


def _block(block: Block, number: int, part: Part, plan: Plan) -> Iterator[str]:
    if isinstance(block, Text):
        yield from _text(block, part, plan)
    elif isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Picture):
        yield f"**{escaped(planning.figure_title(number, block))}**"
        yield escaped(block.description)
        yield from _table(block.table, is_headed=True)
    elif isinstance(block, Contributions):
        yield from _points(block, part)
    elif isinstance(block, Spoken):
        yield from _spoken(block, part)
    elif isinstance(block, Facts):
        yield "\n".join(
            f"- **{escaped(name) or '–'}:** {escaped(value)}"
            for name, value in block.pairs
        )


def _text(text: Text, part: Part, plan: Plan) -> Iterator[str]:
    if text.written is not None:
        yield from written(text.written, below=part.level)
        return
    said = []
    for sentence in text.sentences:
        numbers = (plan.records.get(run.records) for run in sentence.runs)
        known = dict.fromkeys(str(number) for number in numbers if number)
        said.append(_with_records(sentence.text, ", ".join(known)))
    yield escaped(" ".join(said))


def _with_records(sentence: str, numbers: str) -> str:
    """Say which records are behind a sentence, before its full stop."""
    if not numbers:
        return sentence
    end = "." if sentence.endswith(".") else ""
    behind = _("(record %(numbers)s)") % {"numbers": numbers}
    return f"{sentence.removesuffix(end)} {behind}{end}"


def _points(points: Contributions, part: Part) -> Iterator[str]:
    if points.title.strip():
        yield heading(part.below, points.title)
    lines = []
    for line in points.lines:
        kind, aside = planning.kind_of_point(line), planning.aside(line)
        before = f"**{escaped(kind)}:** " if kind.strip() else ""
        after = f" ({escaped(aside)})" if aside else ""
        text = _lines(line.text).replace("\n", "\n  ")
        lines.append(f"- {before}{text}{after}")
    yield "\n".join(lines)


def _spoken(remark: Spoken, part: Part) -> Iterator[str]:
    words = ", ".join(
        filter(None, (planning.kind_of_remark(remark), planning.speaker(remark)))
    )
    title = f"**{escaped(words)}**" if words.strip() else ""
    said = [title, *written(remark.text, below=part.level)]
    lines = "\n\n".join(filter(None, said)).split("\n")
    yield "\n".join(f"> {line}".rstrip() for line in lines)


# ---- tables ----


def _table(table: Table, *, is_headed: bool = False) -> Iterator[str]:
    if table.caption.strip() and not is_headed:
        yield f"**{escaped(table.caption)}**"
    table = planning.squared(table)
    figures = planning.columns_of_figures(table)
    yield grid(
        [escaped(cell) for cell in table.head],
        [[escaped(cell) for cell in row] for row in table.rows],
        figures,
    )
    for note in table.notes:
        yield escaped(note)


def grid(
    head: Sequence[str], rows: Iterable[Sequence[str]], figures: Sequence[bool]
) -> str:
    """Return a table with pipes; figures tells which columns end on one line."""
    if not head:
        return ""
    lines = [head, ["---:" if number else "---" for number in figures], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# ---- what people wrote in Markdown ----


def written(text: str, *, below: int) -> Iterator[str]:
    """Write people's Markdown again, with headings that fit and without HTML."""
    waiting: list[str] = []  # the items of a list
    for one in paragraphs(text, below=below):
        if isinstance(one, Paragraph) and one.kind in ("bullet", "number"):
            sign = "-" if one.kind == "bullet" else f"{one.number}."
            indent = "   " * (one.level - 1)
            inside = _spans(one.spans).replace("\n", "\n" + indent + "   ")
            waiting.append(f"{indent}{sign} {inside}")
            continue
        if waiting:
            yield "\n".join(waiting)
            waiting = []
        yield _paragraph(one)
    if waiting:
        yield "\n".join(waiting)


def _paragraph(one: Paragraph | Grid) -> str:
    if isinstance(one, Grid):
        head, *rows = [[_spans(cell) for cell in row] for row in one.rows] or [[]]
        return grid(head, rows, [False] * len(head))
    if one.kind == "heading":
        return f"{'#' * one.level} {_spans(one.spans)}"
    if one.kind == "rule":
        return "---"
    if one.kind == "code":
        code = "".join(span.text for span in one.spans)
        fence = "`" * (max([2, *map(len, re.findall("`+", code))]) + 1)
        return f"{fence}\n{code}\n{fence}"
    text = _spans(one.spans)
    if one.kind == "quote":
        return "\n".join(f"> {line}" for line in text.split("\n"))
    return text


def _spans(spans: Iterable[Span]) -> str:
    line = "".join(map(_span, spans)).strip()
    return START.sub(_escaped_start, line, count=1) if START.match(line) else line


def _span(span: Span) -> str:
    if span.text == "\n":
        return "\\\n"
    before = span.text[: len(span.text) - len(span.text.lstrip())]
    after = span.text[len(span.text.rstrip()) :]
    text = MARKS.sub(r"\\\g<0>", span.text.strip())
    if not text:
        return " " if span.text else ""
    if span.code:
        ticks = "`" * (max([0, *map(len, re.findall("`+", span.text))]) + 1)
        text = f"{ticks} {planning.one_line(span.text)} {ticks}"
    marks = "**" * span.strong + "*" * span.emphasis + "~~" * span.struck
    text = f"{marks}{text}{marks[::-1]}"
    if span.link:
        text = f"[{text}](<{span.link.translate(LINK)}>)"
    return f"{' ' if before else ''}{text}{' ' if after else ''}"
