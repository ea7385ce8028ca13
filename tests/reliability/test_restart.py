"""The server is restarted with a room full of phones: all come back by themselves.

95 of 100 within 5 s, all within 10 s after the port answers: so by RELIABILITY=full, as
`test_crashes.py` describes. In the ordinary suite, which shares the processor with
other tests, they only have to come.
"""

import asyncio
import time
from collections.abc import Mapping

from django.db import connection

from deliberation.actions import rounds
from tests import builders
from tests.reliability.followers import Follower, following
from tests.reliability.phones import COMES_WITHIN, FULL, Room, make_room, until
from tests.serving import ServerProcess

PHONES = 200
TABLES = 20
NEARLY_ALL = 5 if FULL else COMES_WITHIN  # seconds after the port answers, 95 of 100
ALL = 2 * NEARLY_ALL


def test_restart_brings_every_phone_back_to_what_is_true_now(
    transactional_db, environment
):
    room = make_room(PHONES, tables=TABLES)
    next_prompt = builders.make_prompt(room.workshop, key="next", items=4)
    connection.close()
    with ServerProcess(env=environment) as server:
        pages = [Follower(seat.browser(server.url), room.stream) for seat in room.seats]

        def restart() -> tuple[float, float]:
            ended, down_at = server.stop(), time.monotonic()
            # What is shown changes while nobody can be told.
            rounds.close_round(round_id=room.round.pk)
            rounds.open_round(prompt=next_prompt)
            connection.close()
            server.start()
            return ended, down_at

        ended, waits = asyncio.run(play(room, pages, restart))

    waits.sort()
    nearly_all, last = waits[PHONES * 95 // 100 - 1], waits[-1]
    print(  # noqa: T201
        f"\n{PHONES} streams: the server ended in {ended:.1f} s; 95 % of the phones "
        f"were back {nearly_all:.1f} s after the port answered, all after {last:.1f} s"
    )
    assert nearly_all <= NEARLY_ALL
    assert last <= ALL


async def play(room: Room, pages: list[Follower], restart) -> tuple[float, list[float]]:
    """Return what it took to end, and each phone to come back."""
    async with following(pages):
        await until(lambda: all(len(page.shown) == 2 for page in pages))
        before = dict(pages[0].shown)
        ended, down_at = await asyncio.to_thread(restart)
        up_at = time.monotonic()  # a page may have come back a moment before
        await until(lambda: all(is_back(page, since=down_at) for page in pages))
        fresh = await load_pages(room, pages)
        assert not shows(fresh[room.seats[0].table], before)
        await until(
            lambda: all(
                shows(fresh[seat.table], page.shown)
                for seat, page in zip(room.seats, pages, strict=True)
            ),
        )
    return ended, [page.live_at - up_at for page in pages]


def is_back(page: Follower, *, since: float) -> bool:
    return page.state == "live" and page.live_at > since


async def load_pages(room: Room, pages: list[Follower]) -> dict[int, str]:
    """Return the page that somebody at each table gets who loads it now."""
    fresh = {}
    for seat, page in list(zip(room.seats, pages, strict=True))[:TABLES]:
        loaded = await page.browser.get(room.stage)
        assert loaded.status == 200
        fresh[seat.table] = loaded.text
    return fresh


def shows(page: str, boards: Mapping[str, str]) -> bool:
    """Tell whether a page that was loaded shows these boards, to the letter."""
    return all(
        f'data-board="{board}">{html}</div>' in page for board, html in boards.items()
    )
