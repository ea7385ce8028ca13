"""A room's network at its worst: what was acknowledged is stored once, nothing else."""

import asyncio
import socket
from contextlib import ExitStack

import pytest
from django.db import connection

from tests.live.proxy import FaultProxy
from tests.reliability.phones import (
    Findings,
    Log,
    Room,
    find_faults,
    make_room,
    sending,
    until,
)
from tests.serving import Served, serving

PHONES = 6
OFTEN = 2 * PHONES  # requests that meet each trouble
SLOW = 60  # senders
TROUBLES = ["reset", "lose", "truncate", "502", "portal", "hang"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_answers_survive_every_trouble_of_a_network():
    room = make_room(PHONES)
    connection.close()
    with serving() as server, FaultProxy(server.port) as proxy:
        log = asyncio.run(go_through_troubles(room, proxy))

    assert find_faults(room, log) == Findings()
    assert log.odd == []
    assert log.outcomes.keys() == {200, "no answer", "not ours"}
    # Stored, though the phone could not know, and had to send again.
    assert log.repeated >= 2


async def go_through_troubles(room: Room, proxy: FaultProxy) -> Log:
    async with sending(room, proxy.url, longest_wait=0.2) as log:
        await log.reach(PHONES)
        for trouble in TROUBLES:
            proxy.mode = trouble
            meet = PHONES if trouble == "hang" else OFTEN  # there they send no more
            await until(lambda t=trouble, m=meet: met(proxy, t) >= m)
            proxy.mode = "pass"
            proxy.cut()
            await log.reach(log.acknowledged + OFTEN)
        proxy.mode = "refuse"
        unanswered = log.outcomes["no answer"]
        await until(lambda: log.outcomes["no answer"] >= unanswered + OFTEN)
        proxy.mode = "pass"
        await log.reach(log.acknowledged + OFTEN)
    return log


def met(proxy: FaultProxy, trouble: str) -> int:
    return sum(one.startswith(f"{trouble} ") for one in proxy.requests)


def test_bodies_that_never_end_hold_nobody_up_and_leave_nothing_behind():
    room = make_room(PHONES)
    connection.close()
    with serving() as server:
        log = asyncio.run(answer_beside_slow_senders(room, server))

    assert find_faults(room, log) == Findings()
    assert log.odd == []
    assert log.outcomes.keys() == {200}


async def answer_beside_slow_senders(room: Room, server: Served) -> Log:
    seat = room.seats[0]
    name, token = seat.cookie
    path = f"/w/{room.workshop.slug}/answer/{room.round.pk}/"
    body = f"key=never-ending&answer.p1={'1' * 100}".encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {name}={token}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body) + 1}\r\n\r\n"
    )
    async with sending(room, server.url) as log:
        await log.reach(PHONES)
        with ExitStack() as slow:
            for _sender in range(SLOW):
                address = ("127.0.0.1", server.port)
                sender = slow.enter_context(socket.create_connection(address))
                sender.sendall(head.encode() + body)
            await log.reach(log.acknowledged + 5 * PHONES)
        # They are gone in the middle of what they sent.
        await log.reach(log.acknowledged + PHONES)
    return log
