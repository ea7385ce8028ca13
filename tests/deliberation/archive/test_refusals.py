"""A file that is no whole backup is refused in words, soon, and leaves nothing."""

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from deliberation.actions import making
from deliberation.archive import sheets
from deliberation.archive.packing import pack
from tests import builders, world
from workshops.actions import templates
from workshops.models import SessionTemplate, Workshop

pytestmark = pytest.mark.django_db
SECONDS = 2  # of this process's own time

type Files = dict[str, bytes]


@pytest.fixture
def files() -> Files:
    """A backup's parts; the workshop itself is gone."""
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop))
    builders.judge(this_round, builders.join(workshop), {"p1": 1})
    builders.make_facilitator(workshop)
    file = io.BytesIO()
    pack(workshop, file)
    making.remove(workshop)
    with zipfile.ZipFile(file) as package:
        return {name: package.read(name) for name in package.namelist()}


def write(files: Files, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return path


def refused(path: Path) -> str:
    """Return why a file is refused, after a look at what is left of it: nothing."""
    before = counted()
    began = time.process_time()
    with pytest.raises(CommandError) as told:
        call_command("import_workshop", str(path))
    assert time.process_time() - began < SECONDS
    assert told.value.returncode == 1
    assert counted() == before
    return str(told.value)


def counted() -> dict[str, int]:
    models = [sheet.model for sheet in sheets.sheets()]
    models += [SessionTemplate, get_user_model()]
    return {m._meta.label: m._base_manager.count() for m in models}


def described(files: Files, change: Callable[[dict], None]) -> Files:
    """Return parts whose description is another one."""
    package = json.loads(files["datapackage.json"])
    change(package)
    return files | {"datapackage.json": json.dumps(package).encode()}


def with_rows(files: Files, label: str, change: Callable[[list], None]) -> Files:
    """Return parts with other rows of a kind, under their right checksum."""
    path = f"rows/{label}.jsonl"
    rows = [json.loads(row) for row in files[path].splitlines()]
    change(rows)
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)

    def sum_up(package: dict) -> None:
        [one] = [one for one in package["resources"] if one["path"] == path]
        one["hash"] = f"sha256:{hashlib.sha256(content).hexdigest()}"

    return described(files, sum_up) | {path: content}


def test_untouched_file_is_taken(files, tmp_path):
    call_command("import_workshop", str(write(files, tmp_path / "day.zip")))

    assert Workshop.objects.get().slug == "day"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "This is no ZIP file"),
        (b"PK\x03\x04 and no more", "This is no ZIP file"),
        (b"%PDF-1.7" + bytes(100_000), "This is no ZIP file"),
    ],
)
def test_what_is_no_zip_is_refused(tmp_path, content, why):
    (tmp_path / "day.zip").write_bytes(content)

    assert why in refused(tmp_path / "day.zip")
    assert refused(tmp_path / "no.zip") == (
        f"Cannot read {tmp_path / 'no.zip'}: No such file or directory."
    )


def test_half_a_file_is_refused(files, tmp_path):
    whole = write(files, tmp_path / "day.zip").read_bytes()
    for part in (len(whole) // 3, len(whole) - 30):
        (tmp_path / "part.zip").write_bytes(whole[:part])
        assert "This is no ZIP file" in refused(tmp_path / "part.zip")


def test_bytes_that_changed_are_refused(files, tmp_path):
    path = write(files, tmp_path / "day.zip")
    content = bytearray(path.read_bytes())
    place = content.index(b"rows/workshops.table.jsonl") + 40
    content[place] ^= 0xFF
    path.write_bytes(content)

    assert "no ZIP file, or it is damaged" in refused(path)


def test_file_that_grows_without_end_is_refused(files, tmp_path):
    bomb = files | {"rows/workshops.table.jsonl": bytes(300 * 1024**2)}

    assert refused(write(bomb, tmp_path / "day.zip")) == (
        "What this file holds is far larger than it says."
    )


def test_open_data_is_told_from_a_backup(tmp_path):
    builders.make_workshop(slug="open")
    out = tmp_path / "open.zip"
    call_command("export_workshop", "open", out=str(out), verbosity=0)

    assert refused(out).startswith("This package is no backup of a workshop")


TABLES = "rows/workshops.table.jsonl"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (
            lambda files: files | {TABLES: files[TABLES].replace(b"4", b"5")},
            f"{TABLES} is not as it was written: its checksum differs.",
        ),
        (
            lambda files: {name: files[name] for name in files if name != TABLES},
            f"There is no {TABLES} in this file, which describes one.",
        ),
        (
            lambda files: files | {"../../etc/cron.d/x": b"* * * * *"},
            "This file describes no '../../etc/cron.d/x', but has one.",
        ),
        (
            lambda files: described(
                files | {"../x": b""},
                lambda package: package["resources"].append({"path": "../x"}),
            ),
            "This installation does not know '../x'. The backup was written by a newer"
            " version of Rapporteur.",
        ),
        (
            lambda files: {n: files[n] for n in files if n != "datapackage.json"},
            "This is no data package: there is no datapackage.json in it.",
        ),
        (
            lambda files: files | {"datapackage.json": b"{" * 100_000},
            "datapackage.json cannot be read.",
        ),
        (
            lambda files: described(
                files, lambda package: package["rapporteur"].update(format=2)
            ),
            "This backup has format 2; this installation reads format 1. It was written"
            " by another version of Rapporteur.",
        ),
        (
            lambda files: described(
                files,
                lambda package: [r.update(numbers=10**7) for r in package["resources"]],
            ),
            "datapackage.json says more rows than there can be.",
        ),
        (
            lambda files: described(files, lambda package: package.pop("resources")),
            "This file describes no 'rows/deliberation.answer.jsonl', but has one.",
        ),
    ],
)
def test_what_is_not_a_whole_backup_is_refused(files, tmp_path, make, why):
    assert refused(write(make(files), tmp_path / "day.zip")) == why


@pytest.mark.parametrize(
    ("label", "change", "why"),
    [
        (
            "deliberation.answer",
            lambda rows: rows[0].update(item=77),
            "rows/deliberation.answer.jsonl:1: item: refers to deliberation.item 77,"
            " which is not in it.",
        ),
        (
            "deliberation.answer",
            lambda rows: rows[0].update(workshop=2),
            "rows/deliberation.answer.jsonl:1: workshop: refers to workshops.workshop"
            " 2, which is not in it.",
        ),
        (
            "deliberation.submission",
            lambda rows: rows[0].update(content=[[77, 1, "answered", 1, ""]]),
            "rows/deliberation.submission.jsonl:1: content: refers to deliberation.item"
            " 77, which is not in it.",
        ),
        (
            "deliberation.submission",
            lambda rows: rows[0].update(content=[1]),
            "rows/deliberation.submission.jsonl:1: content: [1].",
        ),
        (
            "workshops.table",
            lambda rows: rows.reverse(),
            "rows/workshops.table.jsonl:2: is not in its place.",
        ),
        (
            "workshops.table",
            lambda rows: rows[0].update(colour="red"),
            "rows/workshops.table.jsonl:1: has 'colour', which this installation does"
            " not know.",
        ),
        (
            "workshops.table",
            lambda rows: rows[0].update(number=True),
            "rows/workshops.table.jsonl:1: number: True does not fit.",
        ),
        (
            "workshops.table",
            lambda rows: rows[0].update(number=10**30),
            "rows/workshops.table.jsonl:1: number: 1" + "0" * 30 + " does not fit.",
        ),
        (
            "workshops.workshop",
            lambda rows: rows[0].update(title="x" * 201),
            f"rows/workshops.workshop.jsonl:1: title: '{'x' * 59} does not fit.",
        ),
        (
            "workshops.workshop",
            lambda rows: rows[0].update(created_at="2006-11-07T10:00:00"),
            "rows/workshops.workshop.jsonl:1: created_at: '2006-11-07T10:00:00' does"
            " not fit.",
        ),
        (
            "workshops.workshop",
            lambda rows: rows[0].update(slug="new"),
            "There is a workshop 'new' here. Give another with --slug.",
        ),
        (
            "workshops.workshop",
            lambda rows: rows[0].update(slug="../x"),
            "'../x' is no slug.",
        ),
        (
            "workshops.workshop",
            lambda rows: rows.clear(),
            "This backup is not of one workshop.",
        ),
        (
            "workshops.membership",
            lambda rows: rows[0].update(user="not a name"),
            "rows/workshops.membership.jsonl:1: user: 'not a name'.",
        ),
    ],
)
def test_rows_that_cannot_be_are_refused(files, tmp_path, label, change, why):
    changed = with_rows(files, label, change)

    assert refused(write(changed, tmp_path / "day.zip")) == why


@pytest.mark.parametrize(
    ("label", "change"),
    [
        ("workshops.table", lambda rows: rows[0].update(number=2)),
        ("workshops.table", lambda rows: rows.pop()),
        ("deliberation.answer", lambda rows: rows[0].update(value=None)),
        ("workshops.workshop", lambda rows: rows[0].update(title="\x00\ud800")),
    ],
)
def test_what_the_database_forbids_is_refused(files, tmp_path, label, change):
    changed = with_rows(files, label, change)
    if label == "workshops.table":
        changed = with_rows(
            changed, "workshops.participant", lambda rows: rows[0].update(table=4)
        )

    why = refused(write(changed, tmp_path / "day.zip"))

    assert why.startswith("The rows of this backup contradict each other: ")


def test_template_that_is_loaded_with_other_content_is_refused(tmp_path):
    workshop = builders.make_workshop(template=world.load_template())
    out = tmp_path / "day.zip"
    call_command("export_workshop", "day", full=True, out=str(out), verbosity=0)
    workshop.delete()
    SessionTemplate.objects.all().delete()
    templates.load(world.TEMPLATE.replace("Tried", "Other").encode())

    assert "version 1 of 'tried' is loaded with other content" in refused(out)
