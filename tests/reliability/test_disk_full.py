"""A disk that is really full, until somebody makes room on it.

Needs a disk of its own, and so the right to mount one: only with RELIABILITY=full, as
`test_crashes.py` describes. What databases say then is tried in `test_faults.py`.
"""

import asyncio
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from tests.reliability import cluster as clusters
from tests.reliability.phones import (
    FULL,
    Findings,
    Log,
    Room,
    find_faults,
    make_room,
    sending,
    until,
)
from tests.serving import ServerProcess

PHONES = 8
REFUSED = 10 * PHONES  # times, before somebody makes room
SMALL, LARGE = "12m", "160m"  # disks; a cluster needs 50 MB to begin with

pytestmark = pytest.mark.skipif(not FULL, reason="needs a disk of its own")


@contextmanager
def disk(size: str) -> Iterator[Path]:
    """Mount an empty disk of a size, in memory; yield the folder."""
    # Not pytest's: PostgreSQL's account comes in too.
    folder = Path(tempfile.mkdtemp(prefix="rapporteur-disk-"))
    try:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none"]
        if subprocess.run([*command, folder], capture_output=True).returncode:
            pytest.skip("nothing may be mounted here")
        try:
            folder.chmod(0o755)
            yield folder
        finally:
            subprocess.run(["umount", folder], check=True)
    finally:
        folder.rmdir()


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Leave no room on a disk."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        ballast.unlink()


async def play(room: Room, url: str, folder: Path, back: Callable[[], object]) -> Log:
    async with sending(room, url, longest_wait=0.5) as log:
        await log.reach(10 * PHONES)
        with full(folder):
            await until(lambda: log.outcomes[503] >= REFUSED, within=120)
        await asyncio.to_thread(back)
        await log.reach(log.acknowledged + 10 * PHONES)
    return log


def is_fine(room: Room, log: Log) -> None:
    print(f"\n{log.acknowledged} acknowledged, {dict(log.outcomes)}")  # noqa: T201
    assert find_faults(room, log) == Findings()
    assert log.odd == []
    assert log.outcomes.keys() <= {200, 503}


def test_sqlite_on_a_full_disk(environment, django_db_blocker):
    if connection.vendor != "sqlite":
        pytest.skip("a fault of SQLite")
    usual = connection.settings_dict["NAME"]
    with disk(SMALL) as folder, django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = str(folder / "db.sqlite3")
        try:
            call_command("migrate", verbosity=0)
            room = make_room(PHONES)
            connection.close()
            with ServerProcess(env=environment) as server:
                log = asyncio.run(play(room, server.url, folder, lambda: None))
            is_fine(room, log)
            with connection.cursor() as cursor:
                found = cursor.execute("PRAGMA integrity_check").fetchall()
            assert found == [("ok",)]
        finally:
            connection.close()
            connection.settings_dict["NAME"] = usual


def test_postgresql_on_a_full_disk(environment, django_db_blocker):
    if connection.vendor != "postgresql":
        pytest.skip("a fault of PostgreSQL")
    with (
        disk(LARGE) as folder,
        clusters.Cluster.running(inside=folder) as cluster,
        clusters.used(cluster),
        django_db_blocker.unblock(),
    ):

        def back() -> None:
            if cluster.process.poll() is not None:  # it gave up: somebody starts it
                cluster.start()

        call_command("migrate", verbosity=0)
        room = make_room(PHONES)
        connection.close()
        with ServerProcess(env=environment) as server:
            log = asyncio.run(play(room, server.url, folder, back))
        is_fine(room, log)
        connection.close()
