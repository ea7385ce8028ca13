# ruff: noqa: T201
"""Do workshops slow each other down? `python -m tests.bench.neighbours`.

Forty workshops of fifty people and one of a thousand, all with their screens, consoles
and some phones followed, on one server. Answers of ten items come in at steady rates:
in the small ones alone, in the large one alone, in all of them; in turns. What an
answer takes counts from when it was due.
"""

import argparse
import asyncio
import itertools
import statistics
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from tests.bench import common
from tests.bench.client import Connection, Listener, Meter, run
from tests.bench.common import Person, Server, percentiles, spread
from tests.bench.fanout import make_console

AT_A_TABLE = 10
WHO = {"small": ("small",), "large": ("large",), "all": ("small", "large")}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.neighbours")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--workshops", type=int, default=40, help="small ones")
    parser.add_argument("--small", type=int, default=50, help="people")
    parser.add_argument("--large", type=int, default=1000, help="people")
    parser.add_argument("--small-rate", type=float, default=40, help="answers a second")
    parser.add_argument("--large-rate", type=float, default=20, help="answers a second")
    parser.add_argument("--seconds", type=float, default=8, help="of each turn")
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    with common.installed(options.database):
        report = common.begin_report(options)
        with Server("config.asgi:application") as server:
            report |= run(Bench(options, server).measure())
        common.end_report(report, options.json)


class Room:
    """A workshop with an open round, and the people of it who send and follow."""

    def __init__(self, slug: str, size: int, active: int) -> None:
        from django.urls import reverse

        from tests import builders

        self.workshop, people = common.make_room(
            size, tables=max(1, size // AT_A_TABLE), slug=slug
        )
        this_round = builders.open_round(self.workshop.sessions.get().prompts.get())
        common.answer_in_bulk(this_round)
        self.people = people[:active]
        self.page = reverse("phone:stage", args=[slug])
        self.path = reverse("phone:answer", args=[slug, this_round.pk])
        facilitator = Person(0, 0, make_console(self.workshop))
        self.followed = [
            (facilitator, f"/live/console/{slug}/"),
            (facilitator, f"/live/screen/{self.workshop.screen_secret}/"),
            *((who, f"/live/phone/{slug}/") for who in self.people),
        ]


class Bench:
    def __init__(self, options: argparse.Namespace, server: Server) -> None:
        self.options, self.server = options, server
        self.rooms = {
            "small": [
                Room(f"small-{number}", options.small, 5)
                for number in range(options.workshops)
            ],
            "large": [Room("large", options.large, 100)],
        }
        self.rates = {"small": options.small_rate, "large": options.large_rate}
        self.idle: deque[Connection] = deque()

    async def measure(self) -> dict[str, Any]:
        rooms = [*self.rooms["small"], *self.rooms["large"]]
        await self.load_pages(rooms)
        listeners = [
            await Listener.open(
                self.server.port,
                who.get(path, "text/event-stream"),
                lambda _event: None,
            )
            for room in rooms
            for who, path in room.followed
        ]
        found: dict[str, dict[str, list[float]]] = {name: {} for name in WHO}
        for turn in range(self.options.turns + 1):  # the first warms up
            for name, kinds in WHO.items():
                meters = await self.turn(kinds)
                for kind, meter in meters.items():
                    assert not meter.refused
                    if turn:
                        p95 = percentiles(meter.took)["p95"]
                        found[name].setdefault(kind, []).append(p95)
        lost = sum(not listener.is_open for listener in listeners)
        ratios = {}
        for kind in ("small", "large"):
            alone, beside = found[kind][kind], found["all"][kind]
            ratios[kind] = [b / a for a, b in zip(alone, beside, strict=True)]
            print(
                f"{kind}: p95 of an answer alone {spread(alone, 0)} ms, beside the "
                f"others {spread(beside, 0)} ms, ratio {spread(ratios[kind])}"
            )
        print(f"{len(listeners)} streams, {lost} lost")
        median = {kind: statistics.median(values) for kind, values in ratios.items()}
        return {"p95": found, "ratios": ratios, "ratio": median, "lost": lost}

    async def load_pages(self, rooms: Sequence[Room]) -> None:
        connection = await Connection.open(self.server.port)
        for room in rooms:
            for person in room.people:
                await connection.exchange(person.get(room.page))
                person.take_page(connection.headers, connection.body)
        connection.close()

    async def turn(self, kinds: Sequence[str]) -> dict[str, Meter]:
        meters = {kind: Meter() for kind in kinds}
        async with asyncio.TaskGroup() as tasks:
            for kind, meter in meters.items():
                meter.is_open = True
                tasks.create_task(self.send_all(kind, meter))
        return meters

    async def send_all(self, kind: str, meter: Meter) -> None:
        rate, start = self.rates[kind], time.perf_counter()
        people = [[(room, who) for who in room.people] for room in self.rooms[kind]]
        # One of each workshop, then the next of each.
        in_turn = itertools.cycle(itertools.chain(*zip(*people, strict=True)))
        async with asyncio.TaskGroup() as tasks:
            for number in range(round(rate * self.options.seconds)):
                due = start + number / rate
                await asyncio.sleep(max(0, due - time.perf_counter()))
                tasks.create_task(self.send(*next(in_turn), due, meter))

    async def send(self, room: Room, who: Person, due: float, meter: Meter) -> None:
        data = who.post(room.path, who.answers())
        if self.idle:
            connection = self.idle.pop()
        else:
            connection = await Connection.open(self.server.port)
        meter.note(await connection.exchange(data), due)
        self.idle.append(connection)


if __name__ == "__main__":
    main()
