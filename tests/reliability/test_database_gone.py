"""PostgreSQL is away for a while: people are told so, and nothing they send is lost.

Some seconds in the ordinary suite; a minute, with the figures, by RELIABILITY=full as
`test_crashes.py` describes.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from tests.reliability.cluster import Cluster
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
from tests.reliability.visitors import Visitor
from tests.reliability.wire import Wire
from tests.serving import ServerProcess

AWAY = 60 if FULL else 5  # seconds
ALL_ACKNOWLEDGED = 15 if FULL else COMES_WITHIN  # seconds after it is back
PHONES = 24

type Act = Callable[[], object]


@contextmanager
def refused(cluster: Cluster) -> Iterator[tuple[int, Act, Act]]:
    with Wire(cluster.port) as wire:

        def away() -> None:
            wire.mode = "refuse"
            wire.cut()

        def back() -> None:
            wire.mode = "pass"

        yield wire.port, away, back


@contextmanager
def hanging(cluster: Cluster) -> Iterator[tuple[int, Act, Act]]:
    with Wire(cluster.port) as wire:

        def away() -> None:
            wire.mode = "hang"

        def back() -> None:
            wire.mode = "pass"

        yield wire.port, away, back


@contextmanager
def stopped(cluster: Cluster) -> Iterator[tuple[int, Act, Act]]:
    yield cluster.port, cluster.stop_at_once, cluster.start


@pytest.mark.parametrize("gone", [refused, hanging, stopped])
def test_database_that_is_away_costs_patience_and_nothing_else(
    gone, cluster: Cluster, environment
):
    room = make_room(PHONES)
    workshop = room.workshop
    connection.close()
    with gone(cluster) as (port, away, back):
        url = cluster.url.replace(str(cluster.port), str(port))
        with ServerProcess(env=environment | {"DATABASE_URL": url}) as server:
            seat = room.seats[0]
            page = Follower(seat.browser(server.url), room.stream)
            visitor = Visitor(
                seat.browser(server.url),
                [room.stage, f"/screen/{workshop.screen_secret}/", "/healthz"],
            )
            is_told = gone is not hanging  # there they may only wait
            log, told, waits = asyncio.run(
                play(room, server.url, page, visitor, away, back, is_told=is_told)
            )
    faults = find_faults(room, log)

    slow = max(waits)
    print(  # noqa: T201
        f"\n{gone.__name__} for {AWAY} s: {log.acknowledged} acknowledged, "
        f"{len(faults.lost)} lost, {len(faults.double)} double, {log.repeated} stored "
        f"and only acknowledged when sent again, {dict(log.outcomes)}, pages "
        f"{dict(visitor.outcomes)}; streams told after {told:.1f} s, states "
        f"{page.states}; all acknowledged {slow:.1f} s after it was back"
    )
    assert faults == Findings()
    assert log.odd == []
    assert slow <= ALL_ACKNOWLEDGED
    # A busy machine may say so again for a moment.
    assert page.states[:3] == ["live", "trouble", "live"]
    assert page.states[-1] == "live"
    assert set(page.states) == {"live", "trouble"}
    allowed = {"200", "503"} | ({"no answer"} if gone is hanging else set())
    assert visitor.outcomes.keys() <= allowed


async def play(
    room: Room,
    url: str,
    page: Follower,
    visitor: Visitor,
    away: Act,
    back: Act,
    *,
    is_told: bool,
) -> tuple[Log, float, list[float]]:
    """Return the log, when streams said trouble, and how long phones then waited.

    is_told: whether phones and visitors must have been told to try again before it
    comes back.
    """
    async with sending(room, url) as log, following([page]), visitor.visiting():
        await until(lambda: page.state == "live" and len(page.shown) == 2)
        await log.reach(100)
        await asyncio.to_thread(away)
        gone_at = time.monotonic()
        await until(lambda: page.state != "live")
        told = time.monotonic() - gone_at
        await until(lambda: time.monotonic() - gone_at >= AWAY)
        if is_told:
            await until(lambda: bool(visitor.outcomes["503"] and log.outcomes[503]))
        await asyncio.to_thread(back)
        back_at = time.monotonic()
        await until(lambda: max(log.first_after(back_at)) < 10**6)
        await until(lambda: page.state == "live")
    return log, told, log.first_after(back_at)
