"""The drill: a copy is made while a room answers, put into an empty database, and used.

Every figure is counted again there, and phones are let in by the tokens they hold.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from deliberation import backups
from deliberation.actions import rounds
from deliberation.models import Response, Round
from tests import builders
from tests.deliberation.phones import Phone
from tests.serving import PATIENCE, ROOT, ServerProcess, get
from tests.serving import test_database_url as database_url
from workshops import identity
from workshops.models import Workshop

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """Yield the address of a database that nobody has used, and take it away."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'restored.sqlite3'}"
        return
    name = f"restored_{uuid4().hex[:12]}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"{database_url().rpartition('/')[0]}/{name}"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def command(url: str, *words: str) -> Any:
    """Run a command against a database in a process of its own; return its JSON."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words, "--json"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def answering(this_round: Round, phones: list[Phone]) -> Iterator[None]:
    """Let a room answer until the block is over; everybody has when it begins."""
    stop, begun = threading.Event(), threading.Event()
    errors: list[Exception] = []

    def answer() -> None:
        value = 0
        try:
            while not stop.is_set():
                for phone in phones:
                    value = value % 3 + 1
                    builders.judge(this_round, phone.who, {"p1": value})
                begun.set()
        except (
            Exception
        ) as error:  # told by the test, not in a thread that nobody reads
            errors.append(error)
            begun.set()
        finally:
            connections.close_all()

    room = threading.Thread(target=answer)
    room.start()
    try:
        assert begun.wait(PATIENCE)
        yield
    finally:
        stop.set()
        room.join()
    assert errors == []


def test_copy_made_under_answers_is_whole_and_can_be_gone_on_with(tmp_path):
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop))
    phones = [Phone(workshop, table=1 + n % 4) for n in range(8)]
    with answering(this_round, phones):
        copy = backups.make_backup(tmp_path / "copies", keep=2)
    name = identity.cookie_name(workshop.pk)
    cookies = {name: phones[0].client.cookies[name].value}

    with empty_database(tmp_path) as url:
        restored = command(url, "restore", str(copy))
        assert (restored["workshops"], restored["differences"]) == (1, [])
        assert restored["checked"] > 0
        [shown] = command(url, "results", "day")["prompts"]
        assert shown["status"] == "open"
        assert shown["voices"]["people"]["responded"] == len(phones)
        with ServerProcess(env={"DATABASE_URL": url}) as server:
            assert get(f"{server.url}/w/day/", cookies=cookies).status_code == 200
            assert get(f"{server.url}/w/day/").status_code == 404

    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "copies").iterdir()] == [copy.name]


def test_oldest_copies_go(tmp_path):
    now = timezone.now()

    made = [
        backups.make_backup(tmp_path, keep=2, now=now + timedelta(minutes=n))
        for n in range(4)
    ]

    assert sorted(tmp_path.iterdir()) == made[-2:]


def test_database_in_use_is_not_overwritten(tmp_path):
    copy = backups.make_backup(tmp_path, keep=1)
    workshop = builders.make_workshop()

    with pytest.raises(CommandError, match="This database is in use"):
        call_command("restore", str(copy))

    assert Workshop.objects.get() == workshop
    assert Response.objects.count() == 0


def test_what_is_no_copy_is_refused(tmp_path):
    (tmp_path / "copy").write_bytes(b"no database" * 1000)

    with empty_database(tmp_path) as url:
        done = subprocess.run(
            [sys.executable, "manage.py", "restore", str(tmp_path / "copy")],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert ("is no backup" if connection.vendor == "sqlite" else "pg_restore:") in (
        done.stderr
    )


def test_what_closes_is_noticed():
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop))
    before = backups.closes()

    rounds.close_round(round_id=this_round.pk)

    assert before == (0, None)
    assert backups.closes() != before
