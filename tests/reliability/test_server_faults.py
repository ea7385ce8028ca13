"""A server that runs out of something, is stopped for a while, or loses a process."""

import asyncio
import os
import resource
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse

from deliberation.models import Response
from deliberation.rehearsal.browser import Unreachable
from tests import builders
from tests.deliberation.phones import Phone
from tests.reliability.phones import (
    FULL,
    Findings,
    Log,
    find_faults,
    make_room,
    sending,
    until,
)
from tests.serving import ServerProcess

PHONES = 6
STOPPED = 20 if FULL else 2  # seconds

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def limited(pid: int, what: int, most: int) -> Iterator[None]:
    """Give a process less than it needs; what it may have by right stays."""
    before = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (most, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, what, before)


def test_sqlite_on_a_disk_that_takes_no_more(environment):
    if connection.vendor != "sqlite":
        pytest.skip("a fault of SQLite")
    room = make_room(PHONES)
    wal = Path(f"{connection.settings_dict['NAME']}-wal")
    connection.close()

    async def play() -> Log:
        async with sending(room, server.url, longest_wait=0.5) as log:
            await log.reach(PHONES)
            # So that an answer fails in the middle of what is written of it.
            most = wal.stat().st_size + 6000
            with limited(server.process.pid, resource.RLIMIT_FSIZE, most):
                await until(lambda: log.outcomes[503] >= 2 * PHONES)
            await log.reach(log.acknowledged + 2 * PHONES)
        return log

    with ServerProcess(env=environment) as server:
        log = asyncio.run(play())

    assert find_faults(room, log) == Findings()
    assert log.odd == []
    assert log.outcomes.keys() == {200, 503}


def test_server_without_a_file_left_serves_who_is_in_and_then_the_others(environment):
    room = make_room(PHONES)
    connection.close()

    async def play() -> Log:
        newcomer = room.seats[0].browser(server.url)
        pid = server.process.pid
        async with sending(room, server.url, longest_wait=0.5) as log:
            await log.reach(10 * PHONES)  # templates and modules are read by then
            with limited(pid, resource.RLIMIT_NOFILE, first_free(pid)):
                await until(lambda: has_none_left(pid))
                with pytest.raises((Unreachable, TimeoutError)):
                    async with asyncio.timeout(3):
                        await newcomer.get(room.stage)
                await log.reach(log.acknowledged + 5 * PHONES)
            page = await newcomer.get(room.stage)
            newcomer.drop()
            await log.reach(log.acknowledged + PHONES)
        assert page.status == 200
        return log

    with ServerProcess(env=environment) as server:
        log = asyncio.run(play())

    assert find_faults(room, log) == Findings()
    assert log.odd == []
    assert log.outcomes.keys() <= {200, 503}  # a thread may have had no connection yet


def first_free(pid: int) -> int:
    """Return the number that the next file of a process gets."""
    taken = set(map(int, os.listdir(f"/proc/{pid}/fd")))
    return next(number for number in count() if number not in taken)


def has_none_left(pid: int) -> bool:
    """Tell whether a process can open no file; else take what it has just closed."""
    most, by_right = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    free = first_free(pid)
    if free >= most:
        return True
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (free, by_right))
    return False


def test_server_that_stands_still_goes_on_where_it_was(environment):
    room = make_room(PHONES)
    connection.close()

    async def play() -> Log:
        async with sending(room, server.url, longest_wait=0.5) as log:
            await log.reach(PHONES)
            server.process.send_signal(signal.SIGSTOP)
            try:
                await asyncio.sleep(STOPPED)
            finally:
                server.process.send_signal(signal.SIGCONT)
            await log.reach(log.acknowledged + 5 * PHONES)
        return log

    with ServerProcess(env=environment) as server:
        log = asyncio.run(play())

    assert find_faults(room, log) == Findings()
    assert log.odd == []


def test_one_of_two_processes_is_killed_and_replaced(environment):
    if connection.vendor != "postgresql":
        pytest.skip("several processes need PostgreSQL")
    room = make_room(PHONES)
    connection.close()

    async def play() -> Log:
        async with sending(room, server.url, longest_wait=0.5) as log:
            await log.reach(PHONES)
            await until(lambda: len(workers(server)) == 2)
            for worker in workers(server):
                before = workers(server)
                os.kill(worker, signal.SIGKILL)
                await until(lambda b=before: is_replaced(b, workers(server)))
                await log.reach(log.acknowledged + 2 * PHONES)
        return log

    with ServerProcess(processes=2, env=environment) as server:
        try:
            log = asyncio.run(play())
        finally:
            server.stop()

    assert find_faults(room, log) == Findings()
    assert log.odd == []
    assert log.outcomes["no answer"]


def workers(server: ServerProcess) -> set[int]:
    """Return the processes that answer, which the first one has started."""
    assert server.process is not None
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(one) for one in children if is_worker(int(one))}


def is_worker(pid: int) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has just ended
        return False


def is_replaced(before: set[int], now: set[int]) -> bool:
    return len(now) == len(before) and now != before


def test_a_new_secret_key_costs_no_phone_its_seat_and_facilitators_sign_in_again(
    settings, client
):
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop))
    phone = Phone(workshop)
    client.force_login(builders.make_facilitator(workshop))

    def statuses() -> list[int]:
        data = {"answer.p1": "difficult", "key": secrets.token_urlsafe(8)}
        address = f"answer/{this_round.pk}/"
        console = reverse("console:list")
        return [phone.send(address, data).status_code, client.get(console).status_code]

    before = statuses()
    settings.SECRET_KEY = "another, after a leak"

    assert [before, statuses()] == [[200, 200], [200, 302]]
    assert Response.objects.get().version == 2
