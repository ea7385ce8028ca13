"""An older copy is put back under phones that go on: what came after it is lost, only.

And what phones send from then on is stored upon what the copy holds.
"""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from tests.reliability.phones import find_faults, make_room, sending
from tests.serving import ServerProcess

PHONES = 6


def test_older_copy_put_back_loses_what_came_after_it(
    transactional_db, environment, tmp_path
):
    if connection.vendor != "sqlite":
        pytest.skip("deploy.md has pg_dump for this")
    room = make_room(PHONES)
    file, copy = Path(connection.settings_dict["NAME"]), tmp_path / "copy.sqlite3"
    connection.close()
    with ServerProcess(env=environment) as server:

        def put_back() -> None:
            server.stop()
            for left in ("-wal", "-shm"):
                file.with_name(file.name + left).unlink(missing_ok=True)
            copy.replace(file)
            server.start()

        async def play():
            async with sending(room, server.url, longest_wait=0.5) as log:
                await log.reach(5 * PHONES)
                copied_at = time.monotonic()
                await asyncio.to_thread(make_copy, file, copy)
                await log.reach(log.acknowledged + 5 * PHONES)
                await asyncio.to_thread(put_back)
                back_at = time.monotonic()
                await log.reach(log.acknowledged + 5 * PHONES)
            return log, copied_at, back_at

        log, copied_at, back_at = asyncio.run(play())
    faults = find_faults(room, log)

    kept = {
        one.key
        for sent in log.sent.values()
        for one in sent
        if not copied_at < one.acknowledged_at < back_at
    }
    assert faults.lost
    assert kept & set(faults.lost) == set()
    assert [faults.double, faults.unknown, faults.torn] == [[], [], []]
    assert faults.differences == faults.not_current == []
    assert log.outcomes.keys() <= {200, 503, "no answer"}


def make_copy(file: Path, copy: Path) -> None:
    """Copy the file while it is in use, as deploy.md says."""
    with closing(sqlite3.connect(file, timeout=60, isolation_level=None)) as database:
        database.execute("VACUUM INTO ?", [str(copy)])
