"""What goes out whole comes back as it was, and goes out again byte for byte."""

import io
import json
import re
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection

from deliberation.actions import making, proposing, recording, rounds, theming
from deliberation.archive.packing import Astray, pack
from deliberation.archive.sheets import sheets
from deliberation.archive.unpacking import SlugTaken, unpack
from deliberation.checking import verify
from deliberation.management.commands import export_workshop
from deliberation.models import Decision
from deliberation.results import workshop_results
from tests import world
from tests.deliberation.phones import Phone
from workshops.models import Device, Workshop

User = get_user_model()
pytestmark = pytest.mark.django_db
FAR = 7_770_000_000  # no other number in a package looks like a key from here on


def packed(workshop: Workshop) -> bytes:
    file = io.BytesIO()
    pack(workshop, file)
    return file.getvalue()


def put(content: bytes, folder: Path) -> Path:
    file = folder / "day.zip"
    file.write_bytes(content)
    return file


def contents(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as file:
        return {name: file.read(name) for name in file.namelist()}


def begin_far_away() -> None:
    """Let every key be one that can be told from all other numbers."""
    with connection.cursor() as cursor:
        for place, sheet in enumerate(sheets()):
            if not sheet.is_numbered:
                continue
            table, first = sheet.model._meta.db_table, FAR + place * 100_000
            if connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                    [f'"{table}"', first],
                )
            else:
                cursor.execute("DELETE FROM sqlite_sequence WHERE name=%s", [table])
                cursor.execute(
                    "INSERT INTO sqlite_sequence VALUES (%s, %s)", [table, first]
                )


def full_day(slug: str = "day", **fields) -> Workshop:
    """Make a day with something of everything, and steps that were taken since."""
    day = world.make_day(slug, world.OURS, template=world.load_template(), **fields)
    actor = day.members["facilitator"].user
    prompt = day.now.prompt
    gone = theming.make_theme(prompt=prompt, title="Gone", points=[], actor=actor)
    theming.delete_theme(prompt=prompt, theme=gone.pk, actor=actor)
    Decision.objects.create(
        write_up=day.workshop.write_up,
        record=f"point:{day.point.pk}",
        put_in=True,
        at=day.workshop.created_at,
    )
    proposal = world.proposal_of(day)
    for phone, supports in ((day.scribe, True), (day.phone, False)):
        proposing.take_stance(
            proposal=proposal, participant=phone.who, table=None, supports=supports
        )
    words = f"{day.mark} item one"
    proposing.adopt(proposal=proposal, text=words, version=1, actor=actor)
    rounds.close_round(round_id=day.now.pk, actor=actor)
    return Workshop.objects.get(pk=day.workshop.pk)


def test_workshop_comes_back_as_it_was(tmp_path):
    begin_far_away()
    workshop = full_day()
    before, shown = packed(workshop), workshop_results(workshop)
    checked = verify(workshop)
    making.remove(workshop)

    restored = unpack(put(before, tmp_path))

    again = restored.workshop
    assert (restored.accounts, restored.secrets) == ([], 0)
    assert packed(again) == before
    assert workshop_results(again) == shown
    assert verify(again) == checked
    assert checked.differences == []


def test_package_holds_no_key_of_the_database():
    begin_far_away()

    files = contents(packed(full_day()))

    key = re.compile(rb"(?<!\w)777\d{7}(?!\w)")
    found = {name: key.findall(text) for name, text in files.items()}
    assert {name: keys for name, keys in found.items() if keys} == {}


def test_package_says_what_every_file_and_column_is():
    files = contents(packed(full_day()))

    described = json.loads(files["datapackage.json"])
    parts = {one["path"]: one for one in described["resources"]}
    assert parts.keys() == files.keys() - {"datapackage.json"}
    assert "templates/tried@1.yaml" in parts
    for path, one in parts.items():
        assert one["bytes"] == len(files[path])
        assert one["hash"] == f"sha256:{sha256(files[path]).hexdigest()}"
        rows = (
            [json.loads(row) for row in files[path].splitlines()]
            if "rows" in one
            else []
        )
        assert len(rows) == one.get("rows", 0)
        columns = [field["name"] for field in one.get("schema", {}).get("fields", [])]
        assert all(list(row) == columns for row in rows)
        for reference in one.get("schema", {}).get("foreignKeys", []):
            [column], to = reference["fields"], reference["reference"]
            there = files[parts_by_name(described)[to["resource"]]].splitlines()
            keys = {json.loads(row)[to["fields"][0]] for row in there}
            assert {row[column] for row in rows} <= keys | {None}


def parts_by_name(described) -> dict[str, str]:
    return {one["name"]: one["path"] for one in described["resources"]}


def test_last_step_can_be_taken_back_after_coming_back(tmp_path):
    workshop = full_day()
    before = packed(workshop)
    making.remove(workshop)

    again = unpack(put(before, tmp_path)).workshop
    recording.undo(workshop=again)
    [actor] = {event.actor for event in again.events.filter(verb="theme-delete")}
    recording.undo(workshop=again, desk=theming.THEMES, by=actor)

    assert again.rounds.get(closed_at=None).prompt.key == "now"
    titles = again.rounds.get(closed_at=None).prompt.themes.values_list("title")
    assert set(titles) == {(f"Theme {world.OURS}",), ("Gone",)}
    assert packed(again) != before


def test_phones_and_links_lead_to_the_workshop_that_came_back(client, tmp_path):
    workshop = full_day()
    phone = Phone(workshop, table=2)
    before = packed(workshop)
    secrets = (workshop.join_code, workshop.join_secret, workshop.screen_secret)
    making.remove(workshop)
    assert phone.client.get("/w/day/").status_code == 404

    again = unpack(put(before, tmp_path)).workshop

    assert (again.join_code, again.join_secret, again.screen_secret) == secrets
    answer = phone.client.get("/w/day/", follow=True)
    assert answer.context["who"].ref == phone.who.ref
    assert phone.client.get("/w/day/seat/").status_code == 200
    assert client.get("/w/day/").status_code == 404


def test_beside_the_original_it_has_a_slug_and_secrets_of_its_own(tmp_path):
    workshop = full_day()
    file = put(packed(workshop), tmp_path)

    with pytest.raises(SlugTaken, match="There is a workshop 'day' here"):
        unpack(file)
    restored = unpack(file, slug="copy")

    copy = restored.workshop
    assert copy.join_code != workshop.join_code
    assert copy.join_secret != workshop.join_secret
    assert copy.write_up.review_secret != workshop.write_up.review_secret
    assert set(copy.sessions.values_list("speaker_secret", flat=True)) == {None}
    assert Device.objects.filter(participant__workshop=copy).count() == 0
    tickets = 2 * copy.tickets.count()  # each has a code and a secret
    assert restored.secrets == 5 + tickets + Device.objects.count()
    results = workshop_results(copy)
    assert results == workshop_results(workshop) | {"workshop": "copy"}
    assert verify(copy).differences == []


def test_accounts_that_nobody_has_here_are_made_and_cannot_sign_in(tmp_path):
    workshop = full_day()
    before = packed(workshop)
    making.remove(workshop)
    User.objects.all().delete()

    restored = unpack(put(before, tmp_path))

    made = User.objects.filter(is_active=False).order_by("username")
    assert restored.accounts == [user.username for user in made]
    assert restored.accounts == ["facilitator-day", "observer-day", "owner-day"]
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert packed(restored.workshop) == before


def test_another_workshop_stays_as_it_is(tmp_path):
    theirs = world.make_day("night", world.THEIRS).workshop
    workshop = full_day()
    other, ours = packed(theirs), packed(workshop)
    making.remove(workshop)

    unpack(put(ours, tmp_path))

    assert packed(theirs) == other
    assert world.THEIRS.encode() not in b"".join(contents(ours).values())


def test_commands_say_what_went_out_and_what_came_back(tmp_path, capsys):
    workshop = full_day()
    out = tmp_path / "day.zip"
    call_command("export_workshop", "day", full=True, out=str(out), json=True)
    exported = json.loads(capsys.readouterr().out)
    making.remove(workshop)

    call_command("import_workshop", str(out), json=True)

    restored = json.loads(capsys.readouterr().out)
    assert exported == {
        "file": str(out),
        "full": True,
        "rows": exported["rows"],
        "bytes": out.stat().st_size,
    }
    assert restored == {
        "workshop": "day",
        "rows": exported["rows"],
        "accounts": [],
        "secrets": 0,
    }
    assert out.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["day.zip"]


def test_file_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    full_day()
    out = tmp_path / "day.zip"
    out.write_bytes(b"yesterday's")
    monkeypatch.setattr(export_workshop, "pack", gone_astray)

    with pytest.raises(CommandError, match="refers to a row"):
        call_command("export_workshop", "day", full=True, out=str(out))

    assert out.read_bytes() == b"yesterday's"
    assert [path.name for path in tmp_path.iterdir()] == ["day.zip"]


def gone_astray(_workshop, _file) -> int:
    raise Astray("a row")
