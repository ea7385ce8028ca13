# ruff: noqa: T201
"""What live views cost who writes: `python -m tests.bench.commits`. PostgreSQL only.

16 and 64 writers store ten-row answers in a workshop as fast as PostgreSQL takes them
(pgbench, one statement a commit), in turns: while nobody looks, while its phones have
their streams open, and with the screen and the console as well. Nothing that looks is
told of each commit, so the rate should stay; what it loses is the processor that
rendering takes on the same machine, which is counted beside it.
"""

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench import common
from tests.bench.client import Listener, run
from tests.bench.common import Person, Server, spread
from tests.bench.fanout import make_console

LOOKS = ("nobody", "phones", "phones, screen, console")
# Everybody has answered already: each commit changes ten rows of one of them, and says
# so in the response, as storing an answer does (boards look there for what is new).
STORE = """\\set response random({first}, {last})
\\set value random(1, 5)
WITH stored AS (
  UPDATE deliberation_response SET version = version + 1, stored_at = now()
  WHERE id = :response
) UPDATE deliberation_answer SET value = :value WHERE response_id = :response;
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.commits")
    parser.add_argument("--seconds", type=int, default=6, help="of each turn")
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--writers", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--phones", type=int, default=200, help="with a stream")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    with common.installed("postgres"):
        report = common.begin_report(options)
        report |= run(Bench(options).measure())
        common.end_report(report, options.json)


class Bench:
    def __init__(self, options: argparse.Namespace) -> None:
        from deliberation.models import Response
        from tests import builders

        self.options = options
        self.workshop, self.people = common.make_room(
            options.people, tables=max(1, options.people // 10)
        )
        this_round = builders.open_round(self.workshop.sessions.get().prompts.get())
        common.answer_in_bulk(this_round)
        self.staff = Person(0, 0, make_console(self.workshop))
        pks = Response.objects.order_by("pk").values_list("pk", flat=True)
        self.store = STORE.format(first=pks.first(), last=pks.last())

    async def measure(self) -> dict[str, Any]:
        found: dict[str, dict[str, list[float]]] = {
            f"{writers} writers, {look}": {"per_second": [], "share": [], "cores": []}
            for writers in self.options.writers
            for look in LOOKS[1:]
        }
        for turn in range(self.options.turns):
            for writers in self.options.writers:
                for look in LOOKS[1:]:
                    pair = [LOOKS[0], look][:: 1 if turn % 2 else -1]
                    seen = {one: await self.turn(writers, one) for one in pair}
                    (alone, _cores), (rate, cores) = seen[LOOKS[0]], seen[look]
                    figures = found[f"{writers} writers, {look}"]
                    figures["per_second"].append(rate)
                    figures["share"].append(rate / alone)
                    figures["cores"].append(cores)
        for name, figures in found.items():
            print(
                f"{name:36}{spread(figures['per_second'], 0)} commits/s, "
                f"{spread(figures['share'])} of the rate while nobody looks; "
                f"looking takes {spread(figures['cores'])} cores"
            )
        return {"figures": found}

    async def turn(self, writers: int, look: str) -> tuple[float, float]:
        """Return the commits a second, and the cores that the server used."""
        with Server("config.asgi:application") as server:
            paths = self.paths(look)
            heard: set[int] = set()
            kind = "text/event-stream"
            listeners = [
                await Listener.open(
                    server.port, who.get(path, kind), lambda _e, n=n: heard.add(n)
                )
                for n, (who, path) in enumerate(paths)
            ]
            async with asyncio.timeout(60):
                while len(heard) < len(paths):
                    await asyncio.sleep(0.05)
            await asyncio.to_thread(clean)
            before = server.cpu()
            rate = await asyncio.to_thread(self.write, writers)
            used = (server.cpu() - before) / self.options.seconds
            for listener in listeners:
                listener.close()
        return rate, used

    def paths(self, look: str) -> list[tuple[Person, str]]:
        slug, secret = self.workshop.slug, self.workshop.screen_secret
        phones = self.people[: self.options.phones] if look != LOOKS[0] else []
        paths = [(who, f"/live/phone/{slug}/") for who in phones]
        if look == LOOKS[2]:
            paths.append((self.staff, f"/live/screen/{secret}/"))
            paths.append((self.staff, f"/live/console/{slug}/?parts=1"))
        return paths

    def write(self, writers: int) -> float:
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(self.store)
            script.flush()
            command = [
                str(pgbench()), "--no-vacuum", "--protocol=prepared",
                f"--client={writers}", "--jobs=1", f"--time={self.options.seconds}",
                f"--file={script.name}", os.environ["DATABASE_URL"],
            ]  # fmt: skip
            said = subprocess.run(command, capture_output=True, text=True, check=True)
        return float(re.search(r"tps = ([\d.]+)", said.stdout)[1])


def clean() -> None:
    """Take away what the last turn left behind, or this one would pay for it."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
        database.execute("VACUUM deliberation_answer, deliberation_response")
        database.execute("CHECKPOINT")


def pgbench() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    if not found:
        sys.exit("Install pgbench (apt-get install postgresql).")
    return found[-1]


if __name__ == "__main__":
    main()
