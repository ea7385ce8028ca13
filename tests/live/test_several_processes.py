"""Several application processes over one PostgreSQL, real boards and all.

What an answer takes to come from one to the other is held to two seconds by
RELIABILITY=full. In the ordinary suite, which shares the processor with other tests,
it only has to come, to servers that render no board unasked.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta

import pytest
from django.db import connection

from deliberation.actions import rounds
from deliberation.actions.rounds import database_now
from deliberation.models import Event, Prompt, Round
from deliberation.rehearsal.browser import Browser
from deliberation.rehearsal.seats import WALL_COUNT
from tests import builders
from tests.live.balancer import Balancer
from tests.reliability.followers import Follower, following
from tests.reliability.phones import (
    COMES_WITHIN,
    FULL,
    Findings,
    Log,
    Room,
    find_faults,
    make_room,
    sending,
    until,
)
from tests.reliability.test_restart import load_pages, shows
from tests.serving import ServerProcess

pytestmark = pytest.mark.django_db(transaction=True)

SEEN_WITHIN = 2 if FULL else COMES_WITHIN  # seconds
ASKED = "tests.live.asked_server:application"
PHONES = 16
TABLES = 4
WORKSHOPS = 12  # whose countdowns end in the same moment


@pytest.fixture
def servers(transactional_db) -> Iterator[list[ServerProcess]]:
    """Two processes, each on a port of its own."""
    if connection.vendor != "postgresql":
        pytest.skip("several processes need PostgreSQL")
    with ExitStack() as stack:
        yield [stack.enter_context(ServerProcess(ASKED)) for _number in range(2)]


def test_answer_to_one_process_is_on_the_screen_of_the_other(servers):
    one, other = servers
    room = make_room(1, tables=1)
    connection.close()
    secret = room.workshop.screen_secret
    wall = Follower(Browser(other.url), f"/live/screen/{secret}/")

    took = asyncio.run(answer_and_see(room, one, wall))

    print(f"\nfrom one process to the other's screen: {took:.2f} s")  # noqa: T201
    assert took <= SEEN_WITHIN


async def answer_and_see(room: Room, one: ServerProcess, wall: Follower) -> float:
    """Return the seconds from an acknowledgement until the screen counts it."""
    board = f"screen:{room.workshop.pk}"

    def counted() -> list[tuple[str, str]]:
        return WALL_COUNT.findall(wall.shown.get(board, ""))

    async with following([wall]):
        await until(lambda: counted() == [("1", "0")])
        phone = room.seats[0].browser(one.url)
        await phone.get(room.stage)
        fields = [(f"answer.p{n}", "1") for n in range(1, 11)]
        path = f"/w/{room.workshop.slug}/answer/{room.round.pk}/"
        stored = await phone.submit(path, fields, as_json=True)
        assert stored.status == 200
        began = time.monotonic()
        await until(lambda: counted() == [("1", "1")])
        took = time.monotonic() - began
        phone.drop()
        await asyncio.sleep(0)  # until it is closed
    return took


def test_process_that_dies_leaves_its_phones_to_the_other(servers):
    room = make_room(PHONES, tables=TABLES)
    later = builders.make_prompt(room.workshop, key="later")
    connection.close()
    with Balancer(*(server.port for server in servers)) as balancer:
        pages = [Follower(one.browser(balancer.url), room.stream) for one in room.seats]
        log = asyncio.run(lose_one(room, servers[0], balancer.url, pages, later))

    had_to_come_back = sum("reconnecting" in page.states for page in pages)
    assert 0 < had_to_come_back < PHONES  # both had some
    assert find_faults(room, log) == Findings()
    assert log.odd == []


async def lose_one(
    room: Room, server: ServerProcess, url: str, pages: list[Follower], later: Prompt
) -> Log:
    """Return what was sent meanwhile; in the end all pages show what is true then."""

    def go_on() -> None:
        rounds.close_round(round_id=room.round.pk)
        rounds.open_round(prompt=later)
        connection.close()

    async with following(pages):
        await until(lambda: all(len(page.shown) == 2 for page in pages))
        async with sending(room, url, longest_wait=0.5) as log:
            await log.reach(100)
            await asyncio.to_thread(server.kill)
            gone_at = time.monotonic()
            await until(lambda: max(log.first_after(gone_at)) < 10**6)
        await asyncio.to_thread(go_on)  # what only an open stream can tell
        fresh = await load_pages(room, pages)
        await until(
            lambda: all(
                shows(fresh[seat.table], page.shown)
                for seat, page in zip(room.seats, pages, strict=True)
            ),
        )
    return log


def test_countdown_that_ends_in_both_processes_closes_once(servers):
    """Each process looks for what has run out; many workshops, so that they meet."""
    rooms = [make_room(1, tables=1) for _number in range(WORKSHOPS)]
    connection.close()
    pages = [
        Follower(room.seats[0].browser(server.url), room.stream)
        for room in rooms
        for server in servers
    ]

    ends_at = asyncio.run(let_time_run_out(rooms, pages))
    ended = [server.stop() for server in servers]  # nothing is under way any more

    assert len(ended) == 2
    closed = Round.objects.filter(pk__in=[room.round.pk for room in rooms])
    assert set(closed.values_list("closed_at", flat=True)) == {ends_at}
    events = Event.objects.filter(verb="close").values_list("workshop", flat=True)
    assert Counter(events) == {room.workshop.pk: 1 for room in rooms}


async def let_time_run_out(rooms: list[Room], pages: list[Follower]) -> datetime:
    """Return when; all pages of both processes say closed, and it is written down."""
    ours = Round.objects.filter(pk__in=[room.round.pk for room in rooms])

    def begin() -> datetime:
        ends_at = database_now() + timedelta(seconds=1)
        ours.update(ends_at=ends_at, closes_at_zero=True)
        connection.close()
        return ends_at

    def written_down() -> bool:
        still_open = ours.filter(closed_at=None).exists()
        connection.close()
        return not still_open

    def say(status: str) -> bool:
        mark = f'data-status="{status}"'
        return all(any(mark in html for html in page.shown.values()) for page in pages)

    async with following(pages):
        await until(lambda: say("open"))
        ends_at = await asyncio.to_thread(begin)
        await until(lambda: say("closed"))  # so they do once time is over
        async with asyncio.timeout(COMES_WITHIN):
            while not await asyncio.to_thread(written_down):
                await asyncio.sleep(0.01)
    return ends_at
