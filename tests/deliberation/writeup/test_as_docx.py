import io
import re
import zipfile

import docx
import pytest
from docx.oxml.ns import qn

from deliberation.writeup import as_docx
from deliberation.writeup.docx_parts import table_xml
from deliberation.writeup.structure import Table
from tests.deliberation.writeup import sample


@pytest.fixture(scope="module")
def made() -> bytes:
    return as_docx.document(sample.report())


@pytest.fixture(scope="module")
def file(made) -> docx.document.Document:
    return docx.Document(io.BytesIO(made))


def test_headings_are_headings(file):
    headings = [
        (int(line.style.name.split()[1]), line.text)
        for line in file.paragraphs
        if line.style.name.startswith("Heading")
    ]

    assert headings == [
        (1, "Migration and development: policy and practice"),
        (2, "Introduction"),
        (2, "Towards a progressive framework for migration"),
        (3, "How do you judge each principle?"),
        (3, "What was said"),
        (4, "Rights and responsibilities"),
        (2, "Managing migration: four scenarios"),
        (2, "Who was there"),
        (2, "How this was made"),
        (3, "Withheld"),
        (2, "The figures as tables"),
        (3, "Figure 1: People, table by table"),
        (3, "Figure 2: People"),
        (2, "The records behind the figures"),
        (3, "Record 1: What the tables answered on principle 2"),
        (3, "Record 2: What the tables answered on principle 5"),
        (3, "Record 3: Who chose (b)"),
    ]


def test_tables_have_heads_that_are_repeated(file):
    assert len(file.tables) == 8
    for table in file.tables:
        first, *others = table._tbl.tr_lst
        assert first.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        assert not any(row.findall(f".//{qn('w:tblHeader')}") for row in others)
    verdicts = [[cell.text for cell in row.cells] for row in file.tables[1].rows]
    assert verdicts[0] == ["Principle", "Table 1", "Table 2", "Table 3", "Table 4"]
    assert len(verdicts) == 6


def test_pictures_have_their_words(file):
    described = [shape._inline.docPr.get("descr") for shape in file.inline_shapes]

    assert described == [
        "For each principle, how the people of each table judged it.",
        "Bars: (b) 19, (c) 11, (a) 4, (d) 0.",
    ]
    widths = [round(shape.width.mm) for shape in file.inline_shapes]
    assert all(100 < width <= 166 for width in widths)


def test_links_lead_to_records(file):
    body = file.element.body
    marks = {one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))}
    links = {one.get(qn("w:anchor")) for one in body.iter(qn("w:hyperlink"))} - {None}

    assert links <= marks
    assert {"record_1", "record_2", "record_3"} <= links
    relations = file.part.rels.values()
    assert [r.target_ref for r in relations if r.is_external] == ["https://www.un.org/"]


def test_file_says_its_language_and_nothing_of_who_made_it(file, made):
    known = file.core_properties
    styles = file.styles.element

    assert (known.title, known.language) == (sample.report().title, "en-GB")
    assert (known.author, known.last_modified_by, known.comments) == ("", "", "")
    assert (known.created, known.modified) == (None, None)
    assert {tag.get(qn("w:val")) for tag in styles.iter(qn("w:lang"))} == {"en-GB"}
    package = zipfile.ZipFile(io.BytesIO(made))
    everything = b"".join(package.read(name) for name in package.namelist())
    assert not re.search(rb"python-docx", everything)
    assert not [name for name in package.namelist() if "thumbnail" in name]


def test_cells_take_any_text_and_columns_their_share():
    table = Table("A & B", ("a", "b"), (("<w:p/>\nx", "1"), ("y" * 80, "12")))

    element = table_xml(table)

    texts = [one.text for one in element.iter(qn("w:t"))]
    assert texts == ["a", "b", "<w:p/>", "x", "1", "y" * 80, "12"]
    assert len(list(element.iter(qn("w:br")))) == 1
    wide, narrow = (int(c.get(qn("w:w"))) for c in element.iter(qn("w:gridCol")))
    assert (wide + narrow, wide > 4 * narrow) == (9411, True)
