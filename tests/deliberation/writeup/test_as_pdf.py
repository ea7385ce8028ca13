"""What PDF/UA-1 asks for, read from the file; and that nothing is fetched for it."""

import io
import json
import logging
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise

import pypdf
import pytest

from deliberation.writeup import apart, as_docx, as_pdf, rastering, typesetting
from deliberation.writeup import plan as planning
from tests.conftest import needs_pango
from tests.deliberation.writeup import sample
from tests.deliberation.writeup.test_formats import filled

pytestmark = needs_pango


@pytest.fixture(scope="module")
def file() -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(as_pdf.pdf(sample.report())))


def elements(node) -> Iterator[dict]:
    """Go through the structure of a document in the order it is read."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for one in node:
            yield from elements(one)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node["/K"])


def structure(file: pypdf.PdfReader) -> list[dict]:
    return list(elements(file.trailer["/Root"]["/StructTreeRoot"]["/K"]))


def test_file_says_what_it_is(file):
    root = file.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"] == "true" or root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert str(root["/ViewerPreferences"]["/DisplayDocTitle"]).lower() == "true"
    assert file.metadata.title == sample.report().title
    assert file.metadata.author is None
    metadata = root["/Metadata"].get_object().get_data().decode()
    assert 'pdfuaid:part="1"' in metadata or "<pdfuaid:part>1<" in metadata
    assert "Source-Sans" in str({font for page in file.pages for font in fonts(page)})


def fonts(page) -> list[str]:
    resources = page["/Resources"]["/Font"].get_object()
    return [one.get_object()["/BaseFont"] for one in resources.values()]


def test_every_figure_has_its_words(file):
    figures = [one for one in structure(file) if one["/S"] == "/Figure"]

    assert [figure["/Alt"] for figure in figures] == [
        "For each principle, how the people of each table judged it.",
        "Bars: (b) 19, (c) 11, (a) 4, (d) 0.",
    ]


def test_headings_leave_no_level_out(file):
    levels = [int(one["/S"][2]) for one in structure(file) if one["/S"][1:] in HEADINGS]

    assert levels[0] == 1
    steps = pairwise(levels)
    assert all(later <= earlier + 1 for earlier, later in steps)


HEADINGS = {f"H{level}" for level in range(1, 7)}


def test_tables_have_heads(file):
    tables = [one for one in structure(file) if one["/S"] == "/Table"]

    assert len(tables) == 8
    for table in tables:
        cells = list(elements(table["/K"]))
        heads = {one["/ID"] for one in cells if one["/S"] == "/TH"}
        named = [set(one["/A"]["/Headers"]) for one in cells if one["/S"] == "/TD"]
        assert heads
        assert all(names and names <= heads for names in named)


def test_bookmarks_are_the_contents(file):
    def titles(outline):
        return [titles(o) if isinstance(o, list) else o.title for o in outline]

    assert titles(file.outline) == [
        "Introduction",
        "Towards a progressive framework for migration",
        [
            "How do you judge each principle?",
            "What was said",
            ["Rights and responsibilities"],
        ],
        "Managing migration: four scenarios",
        "Who was there",
        "How this was made",
        ["Withheld"],
        "The figures as tables",
        "The records behind the figures",
    ]  # fmt: skip


def test_pages_are_numbered_and_heads_repeated():
    rows = tuple((f"Row {number}", "Words") for number in range(120))
    table = sample.Table("Long", ("First head", "Second head"), rows)
    section = sample.Section("long", "Long", (table,))
    report = sample.report(sections=(section,), records=())

    pages = pypdf.PdfReader(io.BytesIO(as_pdf.pdf(report))).pages
    texts = [page.extract_text() for page in pages]

    assert all(f"{n} / {len(pages)}" in text for n, text in enumerate(texts, start=1))
    assert len(texts) > 3
    assert ["First head" in text for text in texts] == [False] + [True] * (
        len(texts) - 1
    )


# ---- nothing is fetched ----


@contextmanager
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server that notes who connects, whether or not they ask for anything."""
    asked: list[str] = []

    class Noting(HTTPServer):
        def verify_request(self, request, client_address) -> bool:
            asked.append(client_address)
            return True

    class Note(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_args) -> None:
            pass

    with Noting(("127.0.0.1", 0), Note) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/canary", asked
        finally:
            server.shutdown()
            thread.join()


def baits(address: str) -> str:
    return (
        f'<img src="{address}"><link rel="stylesheet" href="{address}">'
        f'<style>@import "{address}";'
        f"@font-face {{ font-family: x; src: url({address}) }}"
        f" body {{ background: url({address}); font-family: x }}</style>"
        f'<object data="{address}"></object><embed src="{address}">'
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}"/>'
        f'<use href="{address}#a"/></svg>![a]({address})'
    )


def with_picture(report: sample.Report, inside: str) -> sample.Report:
    """Add a picture that is whole but for what it holds."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 20">{}</svg>'
    picture = replace(sample.picture(), svg=svg.format(inside))
    section = sample.Section("baited", "Baited", (picture,))
    return replace(report, sections=(*report.sections, section))


PAGE = '<html lang="en"><title>a</title><body>{}</body></html>'


def test_nothing_is_fetched_whatever_fields_say(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("Marzipan")
    with canary() as (address, asked):
        for bait in (baits(address), baits(secret.as_uri()), address, str(secret)):
            inside = f'<image href="{bait}"/>' if bait[0] != "<" else bait
            report = with_picture(filled(bait), inside.replace("![", ""))
            made = as_pdf.pdf(report)
            texts = [p.extract_text() for p in pypdf.PdfReader(io.BytesIO(made)).pages]
            assert "Marzipan" not in " ".join(texts)
            package = zipfile.ZipFile(io.BytesIO(as_docx.document(report)))
            assert b"Marzipan" not in b"".join(map(package.read, package.namelist()))

    assert asked == []


def test_baits_are_taken_where_nothing_is_denied(caplog):
    import weasyprint

    caplog.set_level(logging.CRITICAL, logger="weasyprint")
    with canary() as (address, asked):
        weasyprint.HTML(string=PAGE.format(baits(address))).write_pdf()

    assert asked != []


def test_picture_fetches_nothing(caplog):
    """Pictures are rebuilt before they come here; here one comes as it is."""
    caplog.set_level(logging.CRITICAL, logger="weasyprint")
    with canary() as (address, asked):
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 20">'
            f'<image href="{address}" width="5" height="5"/></svg>'
        )
        given = {"html": PAGE.format('<img src="picture:1">'), "pictures": {"1": svg}}
        made = apart.run(typesetting, json.dumps(given).encode())
        drawn = json.loads(apart.run(rastering, json.dumps([svg]).encode()))

    assert (made[:4], len(drawn)) == (b"%PDF", 1)
    assert asked == []


def test_nothing_is_fetched_even_for_markup(tmp_path, caplog):
    """Our pages have no such markup; here it is put into one by hand."""
    caplog.set_level(logging.CRITICAL, logger="weasyprint")
    (tmp_path / "style.css").write_text("body { color: red }")
    with canary() as (address, asked):
        for bait in (baits(address), baits((tmp_path / "style.css").as_uri())):
            given = {"html": PAGE.format(bait), "pictures": {}}
            made = apart.run(typesetting, json.dumps(given).encode())
            assert made.startswith(b"%PDF")

    assert asked == []


def test_process_cannot_open_a_connection():
    program = (
        "import sys, socket; from deliberation.writeup import typesetting as t\n"
        "sys.addaudithook(t.without_connections)\n"
        "socket.create_connection(('127.0.0.1', 9))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )

    assert "Denied: socket." in done.stderr


# ---- what cannot be made ----


def test_machine_without_pango_says_so(monkeypatch):
    def fail(_module, _given):
        raise apart.Failed(typesetting.NO_PANGO, "")

    monkeypatch.setattr(apart, "run", fail)

    with pytest.raises(apart.CannotMake, match="Pango is not installed"):
        as_pdf.pdf(sample.report())


def test_missing_library_is_told_by_the_exit_status(tmp_path):
    """As on a machine without it: the first that is looked for cannot be loaded."""
    program = (
        "import sys, cffi\n"
        "def missing(self, name, *rest):\n"
        "    raise OSError(f'cannot load library {name!r}')\n"
        "cffi.FFI.dlopen = missing\n"
        "from deliberation.writeup import typesetting\n"
        "sys.exit(typesetting.main())"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        input=b'{"html": "<p>", "pictures": {}}',
        capture_output=True,
    )

    assert done.returncode == typesetting.NO_PANGO, done.stderr


def test_unforeseen_end_is_an_error(monkeypatch):
    with planning.spoken(sample.report()), pytest.raises(apart.Failed, match="status"):
        apart.run(typesetting, b"\xff")
