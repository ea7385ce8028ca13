"""The report for word processors: real headings, tables and pictures (DOCX)."""

import json
from base64 import b64decode
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as Line

from deliberation.writeup import apart, rastering
from deliberation.writeup import plan as planning
from deliberation.writeup.docx_parts import (
    ACCENT,
    QUIET,
    blank,
    table_xml,
)
from deliberation.writeup.drawing import Drawing, drawing
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

ON_PAPER = 9  # columns
HYPERLINK = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
)


def document(report: Report) -> bytes:
    """Return the report as DOCX. Raises CannotMake where a server is busy for long."""
    with planning.spoken(report):
        return _Writer(planning.plan(report)).bytes()


class _Writer:
    """Writes one document from its beginning to its end."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.file = blank(plan)
        self._marks = 0
        self._leaves_out = plan.cells > planning.MOST_ON_PAPER
        self._pngs = _pngs(plan)

    def bytes(self) -> bytes:
        self._title()
        self._contents()
        for place, part in enumerate(self.plan.parts, start=1):
            self._heading(part.level, part.title, mark=f"part_{place}")
            for block, number in part.blocks:
                self._block(block, number, part)
        self._appendices()
        made = BytesIO()
        self.file.save(made)
        return made.getvalue()

    # ---- parts ----

    def _title(self) -> None:
        report = self.plan.report
        self._line(report.series, colour=ACCENT, strong=True)
        self._heading(1, report.title)
        where = filter(str.strip, (report.dated, report.place))
        self._line(" · ".join(where), size=13)
        self._line(planning.version_line(report), colour=QUIET)
        if report.note.strip():
            self._line(_("What changed:") + " " + report.note, colour=QUIET)

    def _contents(self) -> None:
        if not self.plan.parts:
            return
        self._line(_("Contents"), strong=True, size=13)
        for place, part in enumerate(self.plan.parts, start=1):
            if part.level < 4:
                line = self.file.add_paragraph()
                line.paragraph_format.left_indent = Mm(6 * (part.level - 2))
                line.paragraph_format.space_after = Pt(2)
                self._inner_link(line, part.title, f"part_{place}")

    def _appendices(self) -> None:
        plan = self.plan
        if plan.figures:
            self._heading(2, _("The figures as tables"), mark="figures_as_tables")
        for number, picture in enumerate(plan.figures, start=1):
            title = planning.figure_title(number, picture)
            self._heading(3, title, mark=f"figure_{number}_table")
            self._table(picture.table, is_headed=True)
        if plan.report.records:
            self._heading(2, _("The records behind the figures"), mark="records")
        if self._leaves_out:
            self._line(planning.records_elsewhere())
            return
        for number, one in enumerate(plan.report.records, start=1):
            title = planning.record_title(number, one)
            self._heading(3, title, mark=f"record_{number}")
            self._table(one.table, is_headed=True)

    def _block(self, block: Block, number: int, part: Part) -> None:
        if isinstance(block, Text):
            self._text(block, part)
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Picture):
            self._picture(block, number)
        elif isinstance(block, Contributions):
            self._points(block, part)
        elif isinstance(block, Spoken):
            self._spoken(block, part)
        elif isinstance(block, Facts):
            self._facts(block)

    # ---- blocks ----

    def _text(self, text: Text, part: Part) -> None:
        if text.written is not None:
            self._written(text.written, below=part.level)
            return
        line = self.file.add_paragraph()
        for place, sentence in enumerate(text.sentences):
            if place:
                line.add_run(" ")
            for run in sentence.runs:
                number = self.plan.records.get(run.records)
                if number and run.text.strip() and not self._leaves_out:
                    self._inner_link(line, run.text, f"record_{number}")
                else:
                    line.add_run(run.text)

    def _points(self, points: Contributions, part: Part) -> None:
        if points.title.strip():
            self._heading(part.below, points.title)
        for one in points.lines:
            line = self.file.add_paragraph(style="List Bullet")
            if kind := planning.kind_of_point(one):
                line.add_run(f"{planning.one_line(kind)}: ").bold = True
            line.add_run(one.text)
            if aside := planning.aside(one):
                line.add_run(f" ({aside})").font.color.rgb = QUIET

    def _spoken(self, remark: Spoken, part: Part) -> None:
        words = (planning.kind_of_remark(remark), planning.speaker(remark))
        line = self._line(
            ", ".join(filter(str.strip, words)), colour=QUIET, strong=True
        )
        if line is not None:
            line.paragraph_format.keep_with_next = True
            line.paragraph_format.left_indent = Mm(6)
        self._written(remark.text, below=part.level, indent=1)

    def _facts(self, facts: Facts) -> None:
        for name, value in facts.pairs:
            line = self.file.add_paragraph()
            line.paragraph_format.space_after = Pt(2)
            line.add_run(f"{planning.one_line(name)}: ").bold = True
            line.add_run(value)

    def _picture(self, picture: Picture, number: int) -> None:
        title = planning.figure_title(number, picture)
        drawn, image = self._pngs[number - 1]
        if drawn is not None and image:
            width, height = max(1, drawn.paper_width), max(1, drawn.paper_height)
            line = self.file.add_paragraph()
            line.paragraph_format.keep_with_next = True
            shape = line.add_run().add_picture(BytesIO(image), Mm(width), Mm(height))
            about = shape._inline.docPr
            about.set("descr", picture.description or title)
            about.set("name", planning.one_line(title))
        caption = self.file.add_paragraph(style="Caption")
        caption.add_run(f"{title} (")
        self._inner_link(caption, _("as a table"), f"figure_{number}_table")
        caption.add_run(")")

    def _table(self, table: Table, *, is_headed: bool = False) -> None:
        pieces = planning.narrow(table, ON_PAPER)
        for piece in pieces:
            if piece.caption.strip() and not (is_headed and len(pieces) == 1):
                caption = planning.one_line(piece.caption)
                line = self.file.add_paragraph(caption, style="Caption")
                line.paragraph_format.keep_with_next = True
            self._grid(piece)
            for note in piece.notes:
                self._line(note, colour=QUIET, size=9)

    def _grid(self, table: Table) -> None:
        # Two tables in a row would be one: a line stands after each.
        after = self.file.add_paragraph()
        after.paragraph_format.space_after = Pt(0)
        if table.head:
            after._p.addprevious(table_xml(table))

    # ---- what people wrote in Markdown ----

    def _written(self, text: str, *, below: int, indent: int = 0) -> None:
        styles = {"bullet": "List Bullet", "number": "List Number", "quote": "Quote"}
        for one in paragraphs(text, below=below):
            if isinstance(one, Grid):
                self._written_grid(one)
                continue
            if one.kind == "heading":
                line = self._heading(one.level, "")
            elif one.kind == "number":
                # As it was written: Word would go on counting from the list before.
                line = self.file.add_paragraph(f"{one.number}.\t")
                line.paragraph_format.first_line_indent = Mm(-6)
            else:
                style = styles.get(one.kind)
                line = self.file.add_paragraph(style=style)
            self._indent(line, one, indent)
            for span in one.spans:
                self._span(line, span)

    def _indent(self, line: Line, one: Paragraph, indent: int) -> None:
        level = one.level if one.kind in ("bullet", "number", "text", "quote") else 0
        if level + indent > (one.kind == "bullet"):
            line.paragraph_format.left_indent = Mm(6 * (level + indent))

    def _written_grid(self, grid: Grid) -> None:
        rows = [tuple("".join(s.text for s in cell) for cell in r) for r in grid.rows]
        if rows:
            self._grid(planning.squared(Table("", rows[0], tuple(rows[1:]))))

    def _span(self, line: Line, span: Span) -> None:
        if span.link:
            self._link(line, span.text, span.link)
            return
        piece = line.add_run(span.text)
        piece.bold, piece.italic = span.strong or None, span.emphasis or None
        piece.font.strike = span.struck or None
        if span.code:
            piece.font.name = "Consolas"

    # ---- lines ----

    def _heading(self, level: int, text: str, *, mark: str = "") -> Line:
        line = self.file.add_paragraph(
            planning.one_line(text), style=f"Heading {level}"
        )
        if mark:
            self._bookmark(line, mark)
        return line

    def _line(
        self,
        text: str,
        *,
        colour: RGBColor | None = None,
        strong: bool = False,
        size: float = 0,
    ) -> Line | None:
        if not text.strip():
            return None
        line = self.file.add_paragraph()
        piece = line.add_run(text)
        piece.bold = strong or None
        if colour is not None:
            piece.font.color.rgb = colour
        if size:
            piece.font.size = Pt(size)
        return line

    def _bookmark(self, line: Line, name: str) -> None:
        self._marks += 1
        for kind in ("w:bookmarkStart", "w:bookmarkEnd"):
            element = OxmlElement(kind)
            element.set(qn("w:id"), str(self._marks))
            if kind == "w:bookmarkStart":
                element.set(qn("w:name"), name)
            line._p.append(element)

    def _inner_link(self, line: Line, text: str, mark: str) -> None:
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), mark)
        self._linked(line, text, link)

    def _link(self, line: Line, text: str, address: str) -> None:
        link = OxmlElement("w:hyperlink")
        number = line.part.relate_to(address, HYPERLINK, is_external=True)
        link.set(qn("r:id"), number)
        self._linked(line, text, link)

    def _linked(self, line: Line, text: str, link: Any) -> None:
        piece = line.add_run(text)
        piece.font.color.rgb, piece.font.underline = ACCENT, True
        line._p.append(link)
        link.append(piece._r)


def _pngs(plan: Plan) -> list[tuple[Drawing | None, bytes]]:
    """Return each picture's drawing and its PNG; nothing where it cannot be drawn."""
    drawings = [drawing(picture.svg) for picture in plan.figures]
    documents = [one.document for one in drawings if one is not None]
    if not documents:
        return [(None, b"") for _one in drawings]
    made = json.loads(apart.run(rastering, json.dumps(documents).encode()))
    images = iter(map(b64decode, made))
    return [(one, b"" if one is None else next(images)) for one in drawings]
