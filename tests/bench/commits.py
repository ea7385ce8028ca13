# ruff: noqa: T201
"""What live views cost who writes: `python -m tests.bench.commits`. PostgreSQL only.

16 and 64 writers store ten-row answers in a workshop as fast as PostgreSQL takes them
(pgbench, one statement a commit), in turns: while nobody looks, while its phones have
their streams open, and with the screen and the console as well. Nothing that looks is
told of each commit, so the rate should stay; what it loses is the processor that
looking takes on the same machine, in the server and in its backends, which is counted
beside it.
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

NOBODY = "nobody"
LOOKS = ("phones", "screen", "console", "phones+screen+console")
# The first drawing of a board is dear, and it rests for long after that.
WARM_SECONDS = 4
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
    parser.add_argument(
        "--looks", nargs="+", choices=LOOKS, default=[LOOKS[0], LOOKS[-1]]
    )
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
            for look in self.options.looks
        }
        for turn in range(self.options.turns):
            for writers in self.options.writers:
                for look in self.options.looks:
                    pair = [NOBODY, look][:: 1 if turn % 2 else -1]
                    seen = {one: await self.turn(writers, one) for one in pair}
                    (alone, _cores), (rate, cores) = seen[NOBODY], seen[look]
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
            await asyncio.to_thread(self.write, writers, WARM_SECONDS)
            await asyncio.to_thread(clean)
            before = server.cpu() + await asyncio.to_thread(looking_backends)
            rate = await asyncio.to_thread(self.write, writers, self.options.seconds)
            used = server.cpu() + await asyncio.to_thread(looking_backends) - before
            used /= self.options.seconds
            for listener in listeners:
                listener.close()
        return rate, used

    def paths(self, look: str) -> list[tuple[Person, str]]:
        slug, secret = self.workshop.slug, self.workshop.screen_secret
        looking = look.split("+")
        phones = self.people[: self.options.phones] if "phones" in looking else []
        paths = [(who, f"/live/phone/{slug}/") for who in phones]
        if "screen" in looking:
            paths.append((self.staff, f"/live/screen/{secret}/"))
        if "console" in looking:
            paths.append((self.staff, f"/live/console/{slug}/?parts=1"))
        return paths

    def write(self, writers: int, seconds: int) -> float:
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(self.store)
            script.flush()
            command = [
                str(pgbench()), "--no-vacuum", "--protocol=prepared",
                f"--client={writers}", "--jobs=1", f"--time={seconds}",
                f"--file={script.name}", os.environ["DATABASE_URL"],
            ]  # fmt: skip
            said = subprocess.run(command, capture_output=True, text=True, check=True)
        return float(re.search(r"tps = ([\d.]+)", said.stdout)[1])


def looking_backends() -> float:
    """Return the seconds that the backends of those who do not write have used."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name <> 'pgbench' AND pid <> pg_backend_pid()"
        )
        pids = [pid for (pid,) in cursor.fetchall()]
    return sum(common.seconds(pid) for pid in pids if common.is_postgres(pid))


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
