"""A database that takes nothing for a while: people are told so, and nothing is lost.

In each: phones answer (steady state); then the fault, during which phones and pages get
what they ask for or "503, try again"; and when it is over, with nobody doing anything,
phones are acknowledged again, and what is stored is what they sent, once and whole.
"""

import asyncio
from collections.abc import Iterator

import pytest
from django.db import connection

from tests.reliability import faults
from tests.reliability.faults import Fault, Pragmas
from tests.reliability.phones import (
    Findings,
    Log,
    Room,
    find_faults,
    make_room,
    sending,
    until,
)
from tests.reliability.visitors import Visitor
from tests.serving import serving

PHONES = 4  # as many as a process has threads
BEFORE = 20  # answers
# How often phones are told to try again, before it is over.
ON_POSTGRESQL = {
    faults.storing_refused: 2 * len(faults.REASONS),
    faults.read_only: 8,
    faults.sessions_ended: 8,
    faults.round_held: 4,  # for each they wait three seconds
    faults.table_locked: 4,
}


@pytest.fixture
def pragmas(transactional_db, monkeypatch) -> Iterator[Pragmas]:
    if connection.vendor != "sqlite":
        pytest.skip("a fault of SQLite")
    # Nobody waits for the lock for twenty seconds here.
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.5)
    pragmas = Pragmas()
    with pragmas.watching():
        yield pragmas


@pytest.mark.parametrize(("fault", "told"), ON_POSTGRESQL.items())
def test_postgresql_that_stores_nothing(
    fault: Fault, told: int, transactional_db, settings, monkeypatch
):
    if connection.vendor != "postgresql":
        pytest.skip("a fault of PostgreSQL")
    options = connection.settings_dict["OPTIONS"]
    monkeypatch.setitem(options, "options", settings.TIMEOUTS_OF_THE_DAY)
    stand(fault, told=told)


def test_postgresql_without_a_connection_left(cluster):
    stand(faults.no_connection_left)


def test_sqlite_file_that_cannot_grow(pragmas: Pragmas):
    most = "PRAGMA max_page_count"
    stand(lambda: pragmas.set(f"{most} = 1", f"{most} = 1073741823"))


def test_sqlite_file_that_may_not_be_written(pragmas: Pragmas):
    stand(lambda: pragmas.set("PRAGMA query_only = on", "PRAGMA query_only = off"))


def test_sqlite_file_that_somebody_else_writes_to(pragmas: Pragmas):
    stand(faults.file_locked)


def stand(fault: Fault, *, told: int = 8) -> None:
    """Have a room answer through a fault, and see that it costs patience alone.

    told: how often phones are told to try again, before it is over.
    """
    room = make_room(PHONES)
    connection.close()
    with serving() as server:
        browser = room.seats[0].browser(server.url)
        screen = f"/screen/{room.workshop.screen_secret}/"
        visitor = Visitor(browser, [room.stage, screen, "/healthz"])
        log = asyncio.run(play(room, server.url, visitor, fault, told))

    assert find_faults(room, log) == Findings()
    assert log.odd == []
    assert log.outcomes.keys() <= {200, 503}
    assert visitor.outcomes.keys() <= {"200", "503"}


async def play(room: Room, url: str, visitor: Visitor, fault: Fault, told: int) -> Log:
    async with sending(room, url, longest_wait=0.5) as log, visitor.visiting():
        await log.reach(BEFORE)
        context = fault()
        await asyncio.to_thread(context.__enter__)
        try:
            enough = log.outcomes[503] + told
            await until(lambda: log.outcomes[503] >= enough or log.odd)
        finally:
            await asyncio.to_thread(context.__exit__, None, None, None)
        await log.reach(log.acknowledged + 2 * PHONES)
    return log
