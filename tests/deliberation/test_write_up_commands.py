import json
import zipfile

import pytest
from django.core.management import CommandError, call_command

from deliberation.writeup import apart, as_pdf
from tests import builders
from tests.builders import publish
from tests.conftest import needs_pango
from tests.deliberation.writeup import sample

pytestmark = pytest.mark.django_db
START = {"html": b"<!doctype html>", "md": b"*", "docx": b"PK", "pdf": b"%PDF"}


@pytest.fixture
def workshop():
    return builders.make_workshop(slug="day", title="A day")


def write_up(tmp_path, capsys, kind: str, **options):
    out = tmp_path / f"day.{kind}"
    call_command("write_up", "day", format=kind, out=str(out), **options)
    return out, capsys.readouterr().out


@pytest.mark.parametrize(
    "kind", ["html", "md", "docx", pytest.param("pdf", marks=needs_pango)]
)
def test_newest_version_is_written(workshop, tmp_path, capsys, kind):
    publish(workshop, sample.report(version=1, note=""))
    publish(workshop, sample.report())

    out, said = write_up(tmp_path, capsys, kind, json=True)

    assert out.read_bytes().startswith(START[kind])
    assert json.loads(said) == {
        "file": str(out),
        "format": kind,
        "version": 2,
        "bytes": out.stat().st_size,
    }


def test_draft_is_written_where_nothing_is_published(workshop, tmp_path, capsys):
    out, said = write_up(tmp_path, capsys, "md")

    assert "# A day" in out.read_text()
    assert said == f"The draft of A day: {out}, {out.stat().st_size} bytes.\n"


def test_file_stands_by_itself(workshop, tmp_path, capsys):
    publish(workshop, sample.report(version=1, note=""))

    html = write_up(tmp_path, capsys, "html")[0].read_text()

    assert "<script" not in html
    assert 'url("data:font/woff2' in html
    assert "/static/" not in html


def test_mistakes_are_told(workshop, tmp_path, monkeypatch):
    def call(command, *args, **options):
        with pytest.raises(CommandError) as told:
            call_command(command, *args, **options)
        return str(told.value)

    def no_pango(_module, _given):
        raise apart.CannotMake("No Pango.")

    monkeypatch.setattr(as_pdf.apart, "run", no_pango)
    out = str(tmp_path / "no" / "folder")

    assert call("write_up", "night", format="md", out="x") == (
        "There is no workshop 'night'."
    )
    assert call("write_up", "day", format="md", out=out) == (
        f"Cannot write {out}: No such file or directory."
    )
    assert call("write_up", "day", format="pdf", out=out) == "No Pango."
    assert "invalid choice" in call("write_up", "day", format="odt", out="x")
    assert call("export_workshop", "night", out="x") == "There is no workshop 'night'."


def test_workshop_is_exported(workshop, tmp_path, capsys):
    out = tmp_path / "day.zip"

    call_command("export_workshop", "day", out=str(out), json=True)

    assert json.loads(capsys.readouterr().out) == {
        "file": str(out),
        "attribution": "named",
        "version": 0,
        "bytes": out.stat().st_size,
    }
    described = json.loads(zipfile.ZipFile(out).read("datapackage.json"))
    assert (described["name"], described["title"]) == ("day", "A day")
