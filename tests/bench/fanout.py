# ruff: noqa: T201
"""How fast news goes out: `python -m tests.bench.fanout [--database postgres]`.

A thousand phones, the console and the screen of one workshop hold their streams open.
A prompt is opened some times; then answers of ten items come in at a steady rate, and
every few of them is somebody's first, which the console and the screen count; then the
results are revealed, and every phone gets every change of them.
"""

import argparse
import asyncio
import itertools
import json
import math
import re
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from tests.bench import common
from tests.bench.client import Connection, Listener, Meter, html_of, run
from tests.bench.common import Person, Server, percentiles

PATIENCE = 20  # seconds for what should take one
BAR = re.compile(r'id="bar-(\d+)" max="\d+" value="(\d+)"')


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fanout")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=20, help="of answers")
    parser.add_argument("--people", type=int, default=1000, help="and their phones")
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--rate", type=float, default=200, help="answers a second")
    parser.add_argument("--openings", type=int, default=5)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    with common.installed(options.database):
        report = common.begin_report(options)
        with Server("tests.bench.counted:application") as server:
            bench = Bench(options, server)
            try:
                report |= run(bench.measure())
            except BaseException:
                print(server.last_lines())
                raise
        common.end_report(report, options.json)


class Bench:
    def __init__(self, options: argparse.Namespace, server: Server) -> None:
        from django.urls import reverse

        self.options, self.server = options, server
        self.workshop, self.people = common.make_room(
            options.people, tables=options.tables, prompts=options.openings
        )
        self.prompts = list(self.workshop.sessions.get().prompts.all())
        self.session_cookie = make_console(self.workshop)
        self.slug = self.workshop.slug
        self.page_path = reverse("phone:stage", args=[self.slug])
        self.tables = {
            str(table.pk): table.number for table in self.workshop.tables.all()
        }
        self.phones = Phones()
        self.screen = Counts(self.read_screen)
        self.console = Counts(self.read_console)
        self.idle: deque[Connection] = deque()

    async def measure(self) -> dict[str, Any]:
        from deliberation.rehearsal.clerk import Clerk

        self.clerk = Clerk()
        try:
            found = {"streams": await self.open_streams()}
            found["openings"] = await self.openings()
            await asyncio.sleep(1.5)  # the last boards of that are out
            found["answers"] = await self.answers("answers")
            await self.reveal()
            found["revealed"] = await self.answers("revealed")
        finally:
            self.clerk.end()
        lost = sum(not listener.is_open for listener in self.listeners)
        print(f"{lost} streams were lost")
        for listener in self.listeners:
            listener.close()
        return found | {"lost": lost}

    # ---- streams ----

    async def open_streams(self) -> dict[str, Any]:
        """Open everybody's page and stream, and weigh the streams."""
        await self.load_pages()
        pid, port = self.server.process.pid, self.server.port
        kind = "text/event-stream"
        someone = self.people[0]
        staff = Person(0, 0, self.session_cookie)
        self.listeners = [
            await Listener.open(port, who.get(f"/live/{path}/?parts=1", kind), hear)
            for who, path, hear in (
                (staff, f"console/{self.slug}", self.console.hear),
                (staff, f"screen/{self.workshop.screen_secret}", self.screen.hear),
                (someone, f"phone/{self.slug}", self.phones.hear),
            )
        ]
        await until(lambda: self.phones.frames and self.console.at and self.screen.at)
        before = common.rss(pid), common.pss(pid)
        cpu, began = self.server.cpu(), time.perf_counter()
        path = f"/live/phone/{self.slug}/"
        for person in self.people[1:]:
            request = person.get(path, kind)
            self.listeners.append(await Listener.open(port, request, self.phones.hear))
        # Each phone gets two boards: the stage and its table's.
        await until(lambda: self.phones.frames >= 2 * len(self.people))
        took, cpu = time.perf_counter() - began, self.server.cpu() - cpu
        others = max(1, len(self.people) - 1)
        rss = (common.rss(pid) - before[0]) / others
        pss = (common.pss(pid) - before[1]) / others
        print(
            f"{len(self.people)} phones connected in {took:.1f} s, "
            f"{cpu / others * 1000:.2f} ms of CPU each; {rss:.1f} kB RSS each "
            f"(PSS {pss:.1f}), server {common.rss(pid) / 1024:.0f} MB"
        )
        return {
            "connect_ms": cpu / others * 1000,
            "rss_kb_each": rss,
            "pss_kb_each": pss,
            "rss_mb": common.rss(pid) / 1024,
        }

    async def load_pages(self) -> None:
        """Load the page for all who will answer, for their cookie and token."""

        async def load(some: list[Person]) -> None:
            connection = await Connection.open(self.server.port)
            for person in some:
                status = await connection.exchange(person.get(self.page_path))
                assert status == 200, f"{status}: {connection.body[:300]!r}"
                person.take_page(connection.headers, connection.body)
            self.idle.append(connection)

        await asyncio.gather(*(load(self.people[n::8]) for n in range(8)))

    # ---- a prompt is opened ----

    async def openings(self) -> dict[str, Any]:
        """Open prompts; time each phone's frame from the moment before."""
        from deliberation.actions import rounds
        from deliberation.rehearsal.clerk import close_and_reveal

        took: list[float] = []
        nearly_all: list[float] = []
        cpu = self.server.cpu()
        for prompt in self.prompts:
            if prompt != self.prompts[0]:
                await self.clerk.do(close_and_reveal, self.round)
                await asyncio.sleep(1.5)
            began = time.perf_counter()
            self.phones.expect(b'data-status=\\"open\\"')
            self.round = await self.clerk.do(rounds.open_round, prompt=prompt)
            await until(lambda: len(self.phones.arrived) >= len(self.people))
            times = [(at - began) * 1000 for at in self.phones.arrived]
            took += times
            nearly_all.append(percentiles(times)["p95"])
        cpu = self.server.cpu() - cpu
        each = cpu / len(self.prompts) * 1000
        found = percentiles(took)
        print(
            f"prompt opened to the phones: p50 {found['p50']:.0f} ms, 95 % within "
            f"{common.spread(nearly_all, 0)} ms, last {found['max']:.0f} ms; "
            f"{each:.0f} ms of CPU to close, reveal and open"
        )
        return found | {"p95_of_each": nearly_all, "cpu_ms": each}

    async def reveal(self) -> None:
        from deliberation.actions import rounds

        self.phones.expect(b"")
        await self.clerk.do(rounds.reveal, round_id=self.round.pk)
        await asyncio.sleep(1)

    # ---- answers come in ----

    async def answers(self, name: str) -> dict[str, Any]:
        from django.urls import reverse

        self.path = reverse("phone:answer", args=[self.slug, self.round.pk])
        rate, seconds = self.options.rate, self.options.seconds
        count = max(1, round(rate * seconds))
        meter = Meter()
        meter.is_open = True
        self.screen.begin()
        self.console.begin()
        self.phones.begin()
        await self.renderings()
        cpu, own = self.server.cpu(), time.process_time()
        database = await asyncio.to_thread(common.database_cpu)
        start = time.perf_counter()
        who = self.in_turn(count, firsts=name == "answers")
        async with asyncio.TaskGroup() as tasks:
            for number, (person, is_first) in enumerate(itertools.islice(who, count)):
                due = start + number / rate
                await asyncio.sleep(max(0, due - time.perf_counter()))
                if is_first:
                    for counts in (self.screen, self.console):
                        counts.sent(person.table, due)
                tasks.create_task(self.send(person, due, meter))
        took = time.perf_counter() - start
        cpu, own = self.server.cpu() - cpu, time.process_time() - own
        database = await asyncio.to_thread(common.database_cpu) - database
        rendered = await self.renderings()
        frames = self.phones.frames / took / len(self.people)
        heard = self.console.size / took
        await self.shown()
        found: dict[str, Any] = {
            "per_second": len(meter.took) / took,
            "refused": len(meter.refused),
            "answer_ms": percentiles(meter.took),
            "server_cores": cpu / took,
            "database_cores": database / took,
            "generator_cores": own / took,
            "renderings_per_second": {k: v[0] / took for k, v in rendered.items()},
            "rendering_ms": {k: v[1] / v[0] * 1000 for k, v in rendered.items()},
            "frames_per_phone_and_second": frames,
            "kb_to_console_per_second": heard / 1000,
            "rendered_to_phone_ms": percentiles(self.phones.delays),
        }
        said = f"{found['per_second']:.0f} answers/s for {took:.0f} s"
        print(f"\n{name}: {said}, {found['refused']} refused")
        print(f"  answer to confirmation: {in_words(found['answer_ms'])}")
        if name == "answers":
            for place, counts in (("screen", self.screen), ("console", self.console)):
                found[f"to_{place}_ms"] = percentiles(counts.took)
                print(
                    f"  answer to {place}: {in_words(found[f'to_{place}_ms'])} "
                    f"({len(counts.took)} answers, {counts.missing()} never came)"
                )
        print(f"  {heard / 1000:.0f} kB/s to the console")
        if self.phones.delays:
            print(
                f"  results to phones, from rendering: "
                f"{in_words(found['rendered_to_phone_ms'])}; "
                f"{found['frames_per_phone_and_second']:.1f} frames/s each"
            )
        for board, times in found["renderings_per_second"].items():
            each = found["rendering_ms"][board]
            board = {"table": "all tables"}.get(board, board)
            print(f"  {board}: {times:.1f} renderings/s, {each:.1f} ms of CPU each")
        print(
            f"  CPU: server {found['server_cores']:.2f} cores, database "
            f"{found['database_cores']:.2f}, load generator "
            f"{found['generator_cores']:.2f}"
        )
        return found

    async def shown(self) -> None:
        """Wait until the last answers have reached the screens, if they ever do."""
        with suppress(TimeoutError):
            await until(lambda: not self.screen.missing() + self.console.missing())

    def in_turn(self, count: int, *, firsts: bool) -> Iterator[tuple[Person, bool]]:
        """Yield who sends next; with `firsts`, every few times somebody new."""
        if not firsts:
            yield from ((person, False) for person in itertools.cycle(self.people))
        every = math.ceil(count / len(self.people))
        fresh = deque(self.people)
        started: deque[Person] = deque()
        for number in itertools.count():
            if number % every == 0 and fresh:
                started.append(fresh.popleft())
                yield started[-1], True
            else:
                started.rotate(-1)
                yield started[0], False

    async def send(self, person: Person, due: float, meter: Meter) -> None:
        data = person.post(self.path, person.answers())
        if self.idle:
            connection = self.idle.pop()
        else:
            connection = await Connection.open(self.server.port)
        status = await connection.exchange(data)
        meter.note(status, due)
        self.idle.append(connection)

    async def renderings(self) -> dict[str, list[float]]:
        connection = await Connection.open(self.server.port)
        await connection.exchange(self.people[0].get("/bench/renderings"))
        connection.close()
        return json.loads(connection.body)

    # ---- what the boards count ----

    def read_screen(self, html: str) -> dict[int, int]:
        from deliberation.rehearsal.seats import WALL_COUNT

        return {int(table): int(count) for table, count in WALL_COUNT.findall(html)}

    def read_console(self, html: str) -> dict[int, int]:
        return {
            self.tables[table]: int(count)
            for table, count in BAR.findall(html)
            if table in self.tables
        }


class Phones:
    """What all phones together hear."""

    def __init__(self) -> None:
        self.begin()
        self.expect(b"")

    def begin(self) -> None:
        self.frames = 0
        self.delays: list[float] = []  # milliseconds, from rendering to arrival

    def expect(self, mark: bytes) -> None:
        self._mark = mark
        self.arrived: list[float] = []

    def hear(self, event: bytes) -> None:
        self.frames += 1
        if self._mark and b'"board":"phone:' in event and self._mark in event:
            self.arrived.append(time.perf_counter())
        at = int(event[event.rindex(b'"at":') + 5 : -1])
        self.delays.append(time.time() * 1000 - at)


class Counts:
    """A board that says how many have answered at each table.

    Once it counts three at a table, it holds the third first answer sent from there.
    """

    def __init__(self, read: Any) -> None:
        self._read = read
        self.at = 0.0
        self.begin()

    def begin(self) -> None:
        self.took: list[float] = []
        self.size = 0  # bytes heard
        self._waiting: dict[int, list[float]] = defaultdict(list)
        self._matched: dict[int, int] = defaultdict(int)

    def sent(self, table: int, at: float) -> None:
        self._waiting[table].append(at)

    def missing(self) -> int:
        return sum(map(len, self._waiting.values())) - sum(self._matched.values())

    def hear(self, event: bytes) -> None:
        self.at = time.perf_counter()
        self.size += len(event)
        for table, count in self._read(html_of(event)).items():
            waiting = self._waiting[table]
            for sent_at in waiting[self._matched[table] : count]:
                self.took.append((self.at - sent_at) * 1000)
            self._matched[table] = max(self._matched[table], min(count, len(waiting)))


def make_console(workshop: Any) -> str:
    """Sign a facilitator in, second factor included; return the cookie."""
    from allauth.mfa.models import Authenticator
    from django.conf import settings
    from django.contrib.auth import (
        BACKEND_SESSION_KEY,
        HASH_SESSION_KEY,
        SESSION_KEY,
    )
    from django.contrib.sessions.backends.db import SessionStore

    from tests import builders

    user = builders.make_facilitator(workshop, name=f"runs-{workshop.slug}")
    Authenticator.objects.create(user=user, type="totp", data={})
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def in_words(found: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.0f}" for name, value in found.items()) + " ms"


async def until(is_so: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():
            await asyncio.sleep(0.01)


if __name__ == "__main__":
    main()
