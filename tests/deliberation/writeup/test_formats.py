"""Any text in any field, and every format comes out whole."""

import io
import json
import string
import zipfile

import docx
import pypdf
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deliberation.writeup import as_data, as_docx, as_html, as_markdown, as_pdf
from deliberation.writeup.structure import (
    Contribution,
    Contributions,
    Facts,
    Picture,
    Records,
    Report,
    Run,
    Section,
    Sentence,
    Spoken,
    Table,
    Text,
)
from tests.conftest import needs_pango

ODD = (
    "\0 \x0b \x0c \x1b[31m \x7f \x85 \ud800 \udfff \ufffe \uffff \u202e \u2028 \r\n\t"
    "]]> --> </script> </style> <svg onload=alert(1)> &amp; &#0; {{ x }} {% x %}"
    " | ` * _ [a](javascript:b) ![](file:///etc/passwd) <http://127.0.0.1:9/> # - 1. ="
    " e" + "\u0301" * 50 + " مرحبا 你好 🏳️‍🌈 ﷽ 𝔘"
)
texts = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=string.punctuation + " \n", max_size=20),
    st.text(
        st.characters(categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Mn"]), max_size=10
    ),
)


def filled(text: str) -> Report:
    """Return a report that says the same in every field."""
    table = Table(text, (text, text), ((text, text), (text,)), (text,))
    sentence = Sentence((Run(text), Run(text, text)), (text,))
    lines = (Contribution(text, text, text, (text,), 2, text),)
    svg = f'<svg xmlns="{text}"><text>{text}</text></svg>'
    blocks = (
        Text(text, (sentence, sentence)),
        Text(text, (), text),
        Text(text, (), f"- {text}\n- b\n\n> {text}\n\n# {text}\n\n|{text}|\n|-|\n|c|"),
        table,
        Picture(svg, text, text, table),
        Picture(text, text, text, table),
        Contributions(text, lines),
        Spoken(text, text, text, text, text),
        Facts(((text, text),)),
    )
    inner = Section(text, text, blocks)
    return Report(
        title=text,
        language=text,
        attribution=text,
        dated=text,
        place=text,
        series=text,
        published=text,
        note=text,
        version=1,
        sections=(Section(text, text, blocks[:1], (inner,)),),
        records=(Records(text, table),),
    )


def open_docx(report: Report) -> docx.document.Document:
    return docx.Document(io.BytesIO(as_docx.document(report)))


def assert_all_open(report: Report) -> None:
    as_html.html(report).encode()
    as_markdown.markdown(report).encode()
    open_docx(report)
    package = zipfile.ZipFile(io.BytesIO(as_data.data(report)))
    assert package.testzip() is None
    described = json.loads(package.read("datapackage.json"))
    paths = {resource["path"] for resource in described["resources"]}
    assert paths | {"datapackage.json"} == set(package.namelist())


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
@example("")
@example(ODD)
@example("x" * 3_000)
@example(" \n ")
def test_any_text_comes_out_in_every_format(text):
    assert_all_open(filled(text))


@needs_pango
@pytest.mark.parametrize("text", ["", ODD, "x" * 400, "\n", "<", "\ufdd0 \U0010ffff"])
def test_any_text_comes_out_as_pdf(text):
    made = as_pdf.pdf(filled(text))

    assert len(pypdf.PdfReader(io.BytesIO(made)).pages) >= 1
