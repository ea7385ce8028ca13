"""The report as HTML: what pages, files and the PDF are made of."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from deliberation import markdown
from deliberation.writeup import plan as planning
from deliberation.writeup.drawing import drawing
from deliberation.writeup.plan import Part
from deliberation.writeup.structure import (
    Block,
    Contributions,
    Picture,
    Records,
    Report,
    Spoken,
    Table,
    Text,
)

FONT = "../fonts/rapporteur-sans.woff2"
ON_PAPER = 9  # columns
LONG = 22  # letters of a word

type Links = Mapping[str, str]


def html(report: Report) -> str:
    """Return the report as a whole HTML file that asks for nothing from elsewhere."""
    with planning.spoken(report):
        return render_to_string(
            "reader/file.html", {**context(report), "look": _look()}
        )


def context(
    report: Report, *, paper: bool = False, records_at: str = ""
) -> dict[str, Any]:
    """Return what `reader/document.html` is drawn with, in the language of the report.

    paper: for what nobody can unfold or scroll: tables of pictures come as an
    appendix, wide tables in parts. records_at: the address below which each record has
    a page of its own, for when there are more than a phone should load.
    """
    plan = planning.plan(report)
    most = planning.MOST_ON_PAPER if paper else planning.MOST_CELLS
    apart = plan.cells > most and (paper or bool(records_at))
    links = {
        key: f"{records_at}{number}/" if apart else f"#record-{number}"
        for key, number in plan.records.items()
        if not (apart and paper)
    }
    return {
        **frame(plan.report),
        "paper": paper,
        "parts": [_part(part, links, paper=paper) for part in plan.parts],
        "figures": [
            {
                "number": number,
                "title": planning.figure_title(number, picture),
                "tables": tables(picture.table, paper=paper, is_headed=True),
            }
            for number, picture in enumerate(plan.figures, start=1)
        ],
        "records_elsewhere": planning.records_elsewhere() if apart and paper else "",
        "records": []
        if apart
        else [
            record(one, number, paper=paper)
            for number, one in enumerate(plan.report.records, start=1)
        ],
    }


def frame(report: Report) -> dict[str, Any]:
    """Return what `reader/base.html` is drawn with."""
    language = planning.language_of(report)
    return {
        "report": report,
        "language": language,
        "direction": "rtl" if planning.is_bidi(language) else "ltr",
        "version_line": planning.version_line(report),
    }


def record(records: Records, number: int, *, paper: bool = False) -> dict[str, Any]:
    """Return what stands behind a figure, as it is drawn."""
    return {
        "number": number,
        "title": planning.record_title(number, records),
        "tables": tables(records.table, paper=paper, is_headed=True),
    }


def _part(part: Part, links: Links, *, paper: bool) -> dict[str, Any]:
    return {
        "tag": f"h{part.level}",
        "level": part.level,
        "below": f"h{part.below}",
        "anchor": part.anchor,
        "title": part.title,
        "blocks": [
            _block(block, number, part, links, paper=paper)
            for block, number in part.blocks
        ],
    }


def _block(
    block: Block, number: int, part: Part, links: Links, *, paper: bool
) -> dict[str, Any]:
    """Return a block as `{"is": KIND, ...}`."""
    if isinstance(block, Text):
        return {"is": "text", "html": _text(block, part, links)}
    if isinstance(block, Table):
        return {"is": "table", "tables": tables(block, paper=paper)}
    if isinstance(block, Picture):
        return {
            "is": "picture",
            "number": number,
            "title": planning.figure_title(number, block),
            "description": block.description,
            "drawing": drawing(block.svg),
            "tables": tables(block.table, paper=paper),
        }
    if isinstance(block, Contributions):
        return {"is": "points", "title": block.title, "lines": _lines(block)}
    if isinstance(block, Spoken):
        return {
            "is": "spoken",
            "kind": planning.kind_of_remark(block),
            "speaker": planning.speaker(block),
            "html": markdown.as_html(block.text, below=part.level),
        }
    return {"is": "facts", "pairs": block.pairs}


def _text(text: Text, part: Part, links: Links) -> SafeString:
    if text.written is not None:
        return markdown.as_html(text.written, below=part.level)
    said = []
    for sentence in text.sentences:
        runs = []
        for run in sentence.runs:
            link, shown = links.get(run.records), escape(run.text)
            linked = f'<a href="{link}">{shown}</a>'
            runs.append(linked if link and run.text.strip() else shown)
        said.append("".join(runs))
    return SafeString(f"<p>{' '.join(said)}</p>")


def _lines(points: Contributions) -> list[dict[str, str]]:
    return [
        {
            "text": line.text,
            "kind": planning.kind_of_point(line),
            "aside": planning.aside(line),
        }
        for line in points.lines
    ]


def tables(
    table: Table, *, paper: bool = False, is_headed: bool = False
) -> list[dict[str, Any]]:
    """Return a table as it is drawn: on paper in parts that fit on its width.

    is_headed: a heading says already what its caption says.
    """
    pieces = planning.narrow(table, ON_PAPER) if paper else [planning.squared(table)]
    return [
        {
            "caption": "" if is_headed and len(pieces) == 1 else piece.caption,
            "name": piece.caption,
            "notes": piece.notes,
            "rows": _columns(piece) + _rows(piece) if paper else _rows(piece),
        }
        for piece in pieces
    ]


def _columns(table: Table) -> SafeString:
    """Say how wide the columns are; to find out takes half of all setting."""
    columns = (f'<col style="width:{share:.1f}%">' for share in planning.shares(table))
    return SafeString(f"<colgroup>{''.join(columns)}</colgroup>")


def _rows(table: Table) -> SafeString:
    """Write a table's head and rows; by hand, as a report can have 100,000 cells."""
    figures = planning.columns_of_figures(table)
    starts = ['<td class="num">' if number else "<td>" for number in figures]
    head = [
        f'<th scope="col"{" class=num" if number else ""}>{_broken(cell)}</th>'
        for cell, number in zip(table.head, figures, strict=True)
    ]
    body = (
        f'<tr><th scope="row">{_broken(row[0])}</th>{_cells(row[1:], starts[1:])}</tr>'
        for row in table.rows
        if row
    )
    return SafeString(
        f"<thead><tr>{''.join(head)}</tr></thead><tbody>{''.join(body)}</tbody>"
    )


def _cells(cells: Iterable[str], starts: Iterable[str]) -> str:
    return "".join(
        f"{start}{escape(cell) if len(cell) < LONG else _broken(cell)}</td>"
        for cell, start in zip(cells, starts, strict=True)
    )


def _broken(text: str) -> str:
    """Let words be broken that no column has room for."""
    longest = max(map(len, text.split()), default=0)
    shown = escape(text)
    return f'<span class="long">{shown}</span>' if longest >= LONG else shown


def _look() -> SafeString:
    """Return our style sheets with the typeface in them, as an element."""
    styles = "".join(_static(f"css/{name}.css").decode() for name in ("app", "reader"))
    font = b64encode(_static(FONT.removeprefix("../"))).decode()
    styles = styles.replace(FONT, f"data:font/woff2;base64,{font}")
    return SafeString(f"<style>{styles}</style>")


def _static(name: str) -> bytes:
    path = finders.find(name)
    assert isinstance(path, str), name
    with open(path, "rb") as file:
        return file.read()
