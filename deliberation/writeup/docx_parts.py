"""What a DOCX file is made of that python-docx leaves to its template."""

from collections.abc import Sequence
from html import escape
from typing import Any

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from deliberation.writeup import plan as planning
from deliberation.writeup.plan import Plan
from deliberation.writeup.structure import Table

INK, QUIET, ACCENT = (RGBColor.from_string(c) for c in ("14181F", "454F5D", "1B4D8F"))
TYPEFACE = "Calibri"
SIZES = {1: 26, 2: 18, 3: 14, 4: 12, 5: 11, 6: 11}  # of headings, in points
CELL = "TableText"  # the paragraphs in cells
TEXT_WIDTH = 9411  # of a page, in twips
FACES = ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia")


def blank(plan: Plan) -> Document:
    """Return a document without text: its page, styles, language and properties."""
    file = docx.Document()
    page = file.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(22)
    page.top_margin, page.bottom_margin = Mm(26), Mm(24)
    _styles(file, plan.language)
    _properties(file, plan)
    _edges(file, plan)
    return file


def _styles(file: Document, language: str) -> None:
    styles = file.styles
    normal = styles["Normal"]
    _typeface(normal)
    normal.font.size, normal.font.color.rgb = Pt(11), INK
    normal.paragraph_format.space_after = Pt(6)
    for tag in styles.element.iter(qn("w:lang")):
        for name in ("w:val", "w:eastAsia", "w:bidi"):
            tag.set(qn(name), language)
    if planning.is_bidi(language):
        normal.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
    for level, size in SIZES.items():
        style = styles[f"Heading {level}"]
        _typeface(style)
        style.font.size, style.font.bold, style.font.italic = Pt(size), True, False
        style.font.color.rgb = INK
        space = style.paragraph_format
        space.space_before = Pt({1: 0, 2: 24, 3: 16}.get(level, 10))
        space.space_after, space.keep_with_next = Pt(5), True
        space.line_spacing = 1.1
    caption = styles["Caption"]
    caption.font.size, caption.font.color.rgb = Pt(9.5), INK
    caption.paragraph_format.space_after = Pt(6)
    styles["Quote"].font.color.rgb = INK
    cell = styles.add_style(CELL, WD_STYLE_TYPE.PARAGRAPH)
    cell.base_style = normal
    cell.font.size = Pt(9.5)
    cell.paragraph_format.space_before = cell.paragraph_format.space_after = Pt(2)
    cell.paragraph_format.line_spacing = 1.0


def _typeface(style: ParagraphStyle) -> None:
    style.font.name = TYPEFACE
    faces = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(faces.attrib):
        del faces.attrib[name]  # those of the theme come first otherwise
    for name in FACES:
        faces.set(qn(name), TYPEFACE)


def _properties(file: Document, plan: Plan) -> None:
    """Say what the document is, and nothing of who made it, or when."""
    known = file.core_properties
    known.title = planning.one_line(plan.report.title)[:255]
    known.subject = planning.one_line(plan.report.series)[:255]
    known.language = plan.language
    known.author = known.last_modified_by = known.comments = known.keywords = ""
    for tag in list(known._element):
        if tag.tag.endswith(("}created", "}modified")):
            known._element.remove(tag)
    package = file.part.package
    for number, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[number]


def _edges(file: Document, plan: Plan) -> None:
    """Put the title above, the version and the number of the page below."""
    page = file.sections[0]
    page.different_first_page_header_footer = True
    page.header.paragraphs[0].add_run(planning.one_line(plan.report.title))
    for footer in (page.footer, page.first_page_footer):
        line = footer.paragraphs[0]
        line.add_run(f"{planning.version_line(plan.report)}  ·  ")
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        field.append(parse_xml(f"<w:r {nsdecls('w')}><w:t>1</w:t></w:r>"))
        line._p.append(field)
    for name in ("Header", "Footer"):
        font = file.styles[name].font
        font.size, font.color.rgb = Pt(9), QUIET


# ---- tables ----


def table_xml(table: Table) -> Any:
    """Return a table with square rows as an element; its head is repeated on each page.

    Made as text: cell by cell python-docx takes minutes for what a large day has.
    """
    figures = planning.columns_of_figures(table)
    widths = [round(TEXT_WIDTH * share / 100) for share in planning.shares(table)]
    named = f'<w:tblCaption w:val="{escape(planning.one_line(table.caption))}"/>'
    lines = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="C3CAD4"/>'
        for edge in ("top", "bottom", "insideH")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = enumerate((table.head, *table.rows))
    body = "".join(_row(row, figures, widths, is_head=n == 0) for n, row in rows)
    return parse_xml(
        f"<w:tbl {nsdecls('w')}><w:tblPr>"
        '<w:tblW w:w="5000" w:type="pct"/>'
        f"<w:tblBorders>{lines}</w:tblBorders>"
        '<w:tblLayout w:type="autofit"/>'
        '<w:tblCellMar><w:left w:w="0" w:type="dxa"/>'
        '<w:right w:w="115" w:type="dxa"/></w:tblCellMar>'
        '<w:tblLook w:val="00A0" w:firstRow="1" w:firstColumn="1"/>'
        f"{named}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"
    )


def _row(
    cells: Sequence[str],
    figures: Sequence[bool],
    widths: Sequence[int],
    *,
    is_head: bool,
) -> str:
    kind = "<w:cantSplit/><w:tblHeader/>" if is_head else "<w:cantSplit/>"
    shown = "".join(
        _cell(text, width, to_the_end=number, strong=is_head)
        for text, number, width in zip(cells, figures, widths, strict=True)
    )
    return f"<w:tr><w:trPr>{kind}</w:trPr>{shown}</w:tr>"


def _cell(text: str, width: int, *, to_the_end: bool, strong: bool) -> str:
    side = '<w:jc w:val="right"/>' if to_the_end else ""
    look = "<w:rPr><w:b/></w:rPr>" if strong else ""
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n")
    )
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr>'
        f'<w:pStyle w:val="{CELL}"/>{side}</w:pPr><w:r>{look}{lines}</w:r></w:p></w:tc>'
    )
