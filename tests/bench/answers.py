# ruff: noqa: T201
"""How many answers a second: `python -m tests.bench.answers [--database postgres]`.

An answer is a form of ten items. The whole application, as a server runs it, is
measured beside a bare one that only does the ten-row upsert in one durable
transaction: same uvicorn, database, connections, processes and load, in turns within
one run, for the rate of a machine changes from hour to hour and the ratio much less.
Then a burst, and what a page costs. --database postgres starts a cluster of its own,
unless DATABASE_URL names a server; there it makes a database and drops it.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.bench import common
from tests.bench.client import Connection, Listener, Meter, run
from tests.bench.common import Person, Server, percentiles, spread

RAMP_SECONDS = 0.3  # until all connections are busy
BURST = 200

type Request = Callable[[Person], bytes]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.answers")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=8, help="of each turn")
    parser.add_argument("--turns", type=int, default=3, help="of bare and whole each")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--people", type=int, default=BURST)
    parser.add_argument(
        "--watched", action="store_true", help="with the screen open all the time"
    )
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    if options.database == "sqlite" and options.processes > 1:
        parser.error("a SQLite file serves one process")
    with common.installed(options.database, processes=options.processes):
        from django.db import connection

        from tests.bench import bare

        with connection.cursor() as cursor:
            cursor.execute(bare.TABLE)
        report = common.begin_report(options)
        processes = options.processes
        with (
            Server("tests.bench.bare:application", processes=processes) as bare_server,
            Server("config.asgi:application", processes=processes) as whole_server,
        ):
            bench = Bench(options, bare_server, whole_server)
            try:
                report |= run(bench.measure())
            except BaseException:
                print(whole_server.last_lines())
                raise
        common.end_report(report, options.json)


class Bench:
    def __init__(
        self, options: argparse.Namespace, bare: Server, whole: Server
    ) -> None:
        from django.urls import reverse

        from tests import builders

        self.options = options
        self.bare, self.whole = bare, whole
        self.workshop, self.people = common.make_room(options.people, tables=20)
        prompt = self.workshop.sessions.get().prompts.get()
        self.round = builders.open_round(prompt)
        slug = self.workshop.slug
        self.page_path = reverse("phone:stage", args=[slug])
        self.answer_path = reverse("phone:answer", args=[slug, self.round.pk])
        self.confirmed = 0  # answers, by the whole application

    def to_whole(self, person: Person) -> bytes:
        return person.post(self.answer_path, person.answers())

    def to_bare(self, person: Person) -> bytes:
        return person.post(f"/answer/{person.number}", person.answers())

    async def measure(self) -> dict[str, Any]:
        page = await self.pages()
        listener = None
        if self.options.watched:
            path = f"/live/screen/{self.workshop.screen_secret}/"
            listener = await Listener.open(
                self.whole.port,
                self.people[0].get(path, "text/event-stream"),
                lambda event: None,
            )
        turns = await self.turns()
        if listener is not None:
            listener.close()
        burst = await self.bursts()
        stored = await asyncio.to_thread(self.stored)
        print(f"{self.confirmed} answers were confirmed, {stored} are in the history")
        assert stored == self.confirmed
        return turns | {"burst": burst, "page": page}

    def stored(self) -> int:
        from deliberation.models import Submission

        return Submission.objects.filter(response__round=self.round).count()

    async def exchange(self, connection: Connection, request: bytes) -> int:
        status = await connection.exchange(request)
        if status == 200 and request.startswith(b"POST /w/"):
            self.confirmed += 1
        return status

    # ---- answers a second ----

    async def turns(self) -> dict[str, Any]:
        print(
            f"\n{'':8}{'answers/s':>10}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}"
            f"{'server CPU ms':>15}{'database CPU ms':>17}{'load generator':>16}"
        )
        found: dict[str, list[dict[str, Any]]] = {"bare": [], "whole": []}
        await self.turn(self.bare, self.to_bare, 0.5)
        await self.turn(self.whole, self.to_whole, 0.5)
        for _turn in range(self.options.turns):
            for name, server, request in (
                ("bare", self.bare, self.to_bare),
                ("whole", self.whole, self.to_whole),
            ):
                one = await self.turn(server, request, self.options.seconds)
                found[name].append(one)
                print(
                    f"{name:8}{one['per_second']:10.0f}{one['p50']:8.1f}"
                    f"{one['p95']:8.1f}{one['p99']:8.1f}{one['server_ms']:15.2f}"
                    f"{one['database_ms']:17.2f}{one['generator_share']:15.0%}"
                    + (
                        f"  refused: {one['refused']} as {one['statuses']}"
                        if one["refused"]
                        else ""
                    )
                )
        pairs = list(zip(found["bare"], found["whole"], strict=True))
        ratios = [whole["per_second"] / bare["per_second"] for bare, whole in pairs]
        costs = [whole["server_ms"] / bare["server_ms"] for bare, whole in pairs]
        for name, turns in found.items():
            rates = [one["per_second"] for one in turns]
            print(f"{name}: {spread(rates, 0)} answers a second")
        print(f"whole/bare: {spread(ratios)} of the rate, {spread(costs)} of the CPU")
        return found | {
            "ratio": statistics.median(ratios),
            "ratios": ratios,
            "cpu_ratio": statistics.median(costs),
        }

    async def turn(
        self, server: Server, request: Request, seconds: float
    ) -> dict[str, Any]:
        """Have everybody send as fast as they are answered, each one at a time."""
        count = min(self.options.connections, len(self.people))
        meter = Meter()
        over = asyncio.Event()
        connections = [await Connection.open(server.port) for _number in range(count)]

        async def keep_sending(connection: Connection, some: Sequence[Person]) -> None:
            while True:
                for person in some:
                    if over.is_set():
                        return
                    data = request(person)
                    began = time.perf_counter()
                    meter.note(await self.exchange(connection, data), began)

        async with asyncio.TaskGroup() as tasks:
            for number, connection in enumerate(connections):
                tasks.create_task(
                    keep_sending(connection, self.people[number :: len(connections)])
                )
            await asyncio.sleep(RAMP_SECONDS)
            # Asked in a thread: counting the database's time is a query of its own.
            database = await asyncio.to_thread(common.database_cpu)
            server_cpu, own = server.cpu(), time.process_time()
            began, meter.is_open = time.perf_counter(), True
            await asyncio.sleep(seconds)
            took, meter.is_open = time.perf_counter() - began, False
            server_cpu, own = server.cpu() - server_cpu, time.process_time() - own
            database = await asyncio.to_thread(common.database_cpu) - database
            over.set()
        for connection in connections:
            connection.close()
        stored = max(1, len(meter.took))
        return percentiles(meter.took) | {
            "answers": len(meter.took),
            "refused": len(meter.refused),
            "statuses": sorted(set(meter.refused)),
            "per_second": len(meter.took) / took,
            "server_ms": server_cpu / stored * 1000,
            "database_ms": database / stored * 1000,
            "server_cores": server_cpu / took,
            "generator_share": own / took,
        }

    # ---- a burst ----

    async def bursts(self) -> dict[str, Any]:
        """Let everybody send once: spread over one second, and at one moment."""
        spread_out = await self.burst(over_seconds=1)
        at_once = await self.burst(over_seconds=0)
        people = len(self.people)
        for text, one in (
            ("within one second", spread_out),
            ("at one moment", at_once),
        ):
            print(
                f"{people} people send {text}: the last is confirmed after "
                f"{one['last'] / 1000:.2f} s; p50 {one['p50']:.0f}, "
                f"p95 {one['p95']:.0f} ms; {one['refused']} refused"
            )
        return {"within_one_second": spread_out, "at_one_moment": at_once}

    async def burst(self, *, over_seconds: float) -> dict[str, Any]:
        connections = [await Connection.open(self.whole.port) for _ in self.people]
        meter = Meter()
        meter.is_open = True
        start = time.perf_counter() + 0.05

        async def send(connection: Connection, person: Person, after: float) -> None:
            data = self.to_whole(person)
            due = start + after
            await asyncio.sleep(due - time.perf_counter())
            meter.note(await self.exchange(connection, data), due)

        async with asyncio.TaskGroup() as tasks:
            for connection, person in zip(connections, self.people, strict=True):
                after = random.uniform(0, over_seconds)
                tasks.create_task(send(connection, person, after))
        last = (time.perf_counter() - start) * 1000
        for connection in connections:
            connection.close()
        return percentiles(meter.took) | {"last": last, "refused": len(meter.refused)}

    # ---- pages ----

    async def pages(self) -> dict[str, Any]:
        """Let everybody open the page twice and answer, as a form and tap by tap."""

        def open_page(person: Person) -> bytes:
            return person.get(self.page_path)

        def tap(item: int) -> Request:
            return lambda who: who.post(self.answer_path, who.answers(items=[item]))

        await self.all_in_turn(open_page, Person.take_page)  # cookies, warm caches
        page = await self.all_in_turn(open_page)
        form = await self.all_in_turn(self.to_whole)
        taps = [await self.all_in_turn(tap(item)) for item in range(1, 11)]
        found = {"page_ms": page, "form_ms": form, "ten_taps_ms": sum(taps)}
        print(
            f"server CPU a person: page {page:.1f} ms, form of ten {form:.1f} ms "
            f"(together {page + form:.1f}); the ten one by one {sum(taps):.1f} ms"
        )
        return found | {"page_and_form_ms": page + form}

    async def all_in_turn(
        self, request: Request, take: Callable[..., None] | None = None
    ) -> float:
        """Return the milliseconds of processor a request, all people sending one."""
        connections = [await Connection.open(self.whole.port) for _number in range(4)]

        async def send(number: int, connection: Connection) -> None:
            for person in self.people[number :: len(connections)]:
                status = await self.exchange(connection, request(person))
                assert status == 200, f"{status}: {connection.body[:300]!r}"
                if take is not None:
                    take(person, connection.headers, connection.body)

        before = self.whole.cpu()
        async with asyncio.TaskGroup() as tasks:
            for number, connection in enumerate(connections):
                tasks.create_task(send(number, connection))
        used = self.whole.cpu() - before
        for connection in connections:
            connection.close()
        return used / len(self.people) * 1000


if __name__ == "__main__":
    main()
