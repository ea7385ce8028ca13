"""Processes are killed under load: what was acknowledged is there, once and whole.

In the ordinary suite three kills each. The whole, twelve kills and 20,000 acknowledged
answers each, which it prints, on SQLite and on PostgreSQL:

    RELIABILITY=full python -m pytest -s tests/reliability
    RELIABILITY=full DATABASE_URL=postgres://... python -m pytest -s tests/reliability

PostgreSQL is killed on a cluster of the tests' own; DATABASE_URL only says which kind.
"""

import asyncio
import time
from collections.abc import Callable

from django.db import connection

from tests.reliability.cluster import Cluster
from tests.reliability.phones import (
    FULL,
    Findings,
    Log,
    Room,
    find_faults,
    make_room,
    sending,
)
from tests.serving import ServerProcess

KILLS = 12 if FULL else 3
ANSWERS = 20_000 if FULL else 600
PHONES = 32
BOUND_OF_TEETH = 10  # kills

type Crash = Callable[[], object]


async def press(room: Room, url: str, crash: Crash, *, kills: int, answers: int) -> Log:
    """Have the phones send so many answers, and let it crash now and then meanwhile."""
    async with sending(room, url, longest_wait=0.5) as log:
        for kill in range(1, kills + 1):
            await log.reach(answers * kill // (kills + 1))
            await asyncio.to_thread(crash)
        await log.reach(answers)
    return log


def press_and_crash(
    cluster: Cluster, room: Room, url: str, *, kills: int, answers: int
) -> Log:
    def crash() -> None:
        cluster.kill()
        cluster.start()

    return asyncio.run(press(room, url, crash, kills=kills, answers=answers))


def report(what: str, log: Log, faults: Findings, began: float) -> None:
    print(  # noqa: T201
        f"\n{what}: {log.acknowledged} acknowledged, {len(faults.lost)} lost, "
        f"{len(faults.double)} double, {log.repeated} stored and only acknowledged "
        f"when sent again, {dict(log.outcomes)}, {time.monotonic() - began:.0f} s"
    )


def test_killed_application_loses_nothing(transactional_db, environment):
    began = time.monotonic()
    room = make_room(PHONES)
    connection.close()  # the new process alone recovers a SQLite file
    with ServerProcess(env=environment) as server:

        def crash() -> None:
            server.kill()
            server.start()

        log = asyncio.run(press(room, server.url, crash, kills=KILLS, answers=ANSWERS))
    faults = find_faults(room, log)

    report(f"{KILLS} kills of the application", log, faults, began)
    assert faults == Findings()
    assert log.odd == []
    assert log.acknowledged >= ANSWERS


def test_killed_postgresql_loses_nothing(cluster: Cluster, environment):
    began = time.monotonic()
    room = make_room(PHONES)
    connection.close()

    def crash() -> None:
        cluster.kill()
        cluster.start()

    with ServerProcess(env=environment) as server:
        log = asyncio.run(press(room, server.url, crash, kills=KILLS, answers=ANSWERS))
    faults = find_faults(room, log)

    report(f"{KILLS} kills of PostgreSQL", log, faults, began)
    assert faults == Findings()
    assert log.odd == []
    assert log.acknowledged >= ANSWERS


def test_count_finds_what_is_lost_without_durable_commits(
    cluster: Cluster, environment
):
    """The same count, where something is lost: or it would prove nothing above."""
    began = time.monotonic()
    with ServerProcess(env=environment) as server:
        # Only now: the application does not start on a database that is set up so.
        cluster.set("synchronous_commit", "off")
        try:
            for kills in range(1, BOUND_OF_TEETH + 1):  # noqa: B007
                room = make_room(PHONES)
                connection.close()
                log = press_and_crash(cluster, room, server.url, kills=1, answers=200)
                faults = find_faults(room, log)
                if faults.lost:
                    break
        finally:
            cluster.set("synchronous_commit", "on")

    report(f"{kills} kills without durable commits", log, faults, began)
    assert faults.lost
    assert faults.disordered
