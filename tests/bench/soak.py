# ruff: noqa: T201
"""Two hours of workshops in one command: `python -m tests.bench.soak`.

Two processes over one PostgreSQL; 200 simulated people play one short day after the
other by real HTTP and event streams, each in a workshop of its own. One process is
restarted every quarter of an hour, the other lives through it all and is weighed. In
the end every figure of every day is counted again. Ends with status 1 if anything was
lost, stored twice or counted differently, if memory grew by a tenth after the first
quarter, or if connections or files were left open.

    python -m tests.bench.soak --minutes 10 --restart-minutes 2 --day-seconds 110
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import common

PROCESSES = ("lives", "restarted")
CONNECTIONS_EACH = 10  # a process, as docs/deploy.md counts them
MOST_GROWTH = 0.10
FEW = 10  # files and sockets that may differ between two quiet moments
QUIET_SECONDS = 40  # streams have ended, boards are kept warm no longer
SAMPLE_SECONDS = 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--restart-minutes", type=float, default=15)
    parser.add_argument("--day-seconds", type=float, default=300)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--tables", type=int, default=25)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    with common.installed("postgres"):
        report = common.begin_report(options)
        soak = Soak(options)
        soak.run()
        faults = soak.faults()
        report |= asdict(soak.found) | {"faults": faults}
        common.end_report(report, options.json)
    print("\n".join(faults) or "Nothing was lost, left open or counted differently.")
    sys.exit(1 if faults else 0)


@dataclass
class Found:
    """What was seen. samples: seconds, resident MB, connections to the database."""

    days: list[dict[str, Any]] = field(default_factory=list)
    samples: list[tuple[float, float, list[int]]] = field(default_factory=list)
    restarts: int = 0
    restart_seconds: list[float] = field(default_factory=list)
    files: tuple[int, int] = (0, 0)  # of the process that lives, before and after
    left: int = 0  # connections once both processes have ended
    checked: int = 0
    differences: list[str] = field(default_factory=list)


class Soak:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.found = Found()
        self.began = time.monotonic()
        self.over = threading.Event()

    def run(self) -> None:
        from tests.live.balancer import Balancer
        from tests.serving import (
            ServerProcess,
            hold_port,
            port_of,
            test_database_url,
        )

        held = hold_port(), hold_port()  # for as long as this program runs
        ports = [port_of(one) for one in held]
        with Balancer(*ports) as balancer:
            environment = {
                "LOCAL_NETWORK": "true",
                "PUBLIC_URL": balancer.url,
                "ALLOWED_HOSTS": "127.0.0.1",
                "TRUSTED_PROXIES": "0",
                "LOG_LEVEL": "ERROR",
            }
            with ExitStack() as stack:
                url = test_database_url()
                lives, restarted = (
                    stack.enter_context(
                        ServerProcess(
                            port=port,
                            env=environment
                            | {"DATABASE_URL": f"{url}?application_name={name}"},
                        )
                    )
                    for port, name in zip(ports, PROCESSES, strict=True)
                )
                self.found.files = open_files(lives.process.pid), 0
                with self.beside(lambda: self.sample(lives)):
                    with self.beside(lambda: self.restart(restarted)):
                        self.play(balancer.url)
                    time.sleep(QUIET_SECONDS)
                after = open_files(lives.process.pid)
                self.found.files = self.found.files[0], after
                for server in (lives, restarted):
                    server.stop()
        self.found.left = sum(connections())
        self.verify()

    @contextmanager
    def beside(self, act: Any) -> Iterator[None]:
        """Do something in a thread meanwhile; it looks at `over`."""
        self.over = over = threading.Event()
        thread = threading.Thread(target=act, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(60)

    def play(self, url: str) -> None:
        """Play days, each in a new workshop, until the time is over."""
        from deliberation.rehearsal import own_workshop
        from deliberation.rehearsal.play import Plan, rehearse

        until = self.began + self.options.minutes * 60
        while time.monotonic() < until:
            workshop = own_workshop.make(tables=self.options.tables)
            tables = list(workshop.tables.values_list("number", flat=True))
            seconds = self.options.day_seconds
            plan = Plan(workshop, url, self.options.people, tables, seconds)
            log = rehearse(plan)
            summary = log.summary() | {"troubles": sorted(log.troubles)}
            self.found.days.append({"workshop": workshop.slug} | summary)
            rss = self.found.samples[-1][1]
            print(
                f"{self.minutes():6.1f} min: {log.joined} people, {log.acknowledged} "
                f"acknowledged, {log.lost} lost, {log.double} double, {log.failed} "
                f"failed; {rss:.0f} MB, {self.found.restarts} restarts",
                flush=True,
            )

    def minutes(self) -> float:
        return (time.monotonic() - self.began) / 60

    def sample(self, lives: Any) -> None:
        over = self.over
        while not over.wait(SAMPLE_SECONDS):
            megabytes = common.rss(lives.process.pid) / 1024
            at = time.monotonic() - self.began
            self.found.samples.append((at, megabytes, connections()))

    def restart(self, server: Any) -> None:
        over = self.over
        while not over.wait(self.options.restart_minutes * 60):
            self.found.restart_seconds.append(server.stop())
            server.start()
            self.found.restarts += 1

    def verify(self) -> None:
        from deliberation import checking
        from workshops.models import Workshop

        for day in self.found.days:
            verdict = checking.verify(Workshop.objects.get(slug=day["workshop"]))
            self.found.checked += verdict.checked
            self.found.differences += verdict.differences

    def faults(self) -> list[str]:
        """Print the figures; return what is wrong, in sentences."""
        found = self.found
        acknowledged = sum(day["acknowledged"] for day in found.days)
        lost = sum(day["lost"] for day in found.days)
        double = sum(day["double"] for day in found.days)
        last = found.samples[-1][0]
        early = max(mb for at, mb, _n in found.samples if at <= last / 4)
        later = max(mb for at, mb, _n in found.samples if at > last / 4)
        growth = later / early - 1
        counted = [numbers for _at, _mb, numbers in found.samples]
        most = [max(numbers) for numbers in zip(*counted, strict=True)]
        print(
            f"\n{self.minutes():.0f} min, {len(found.days)} days of "
            f"{self.options.people} people, {found.restarts} restarts (ended in "
            f"{common.spread(found.restart_seconds)} s): {acknowledged} acknowledged, "
            f"{lost} lost, {double} double; {found.checked} figures counted again, "
            f"{len(found.differences)} differ\nthe process that lived: at most "
            f"{early:.0f} MB in the first quarter, {later:.0f} MB later "
            f"({growth:+.1%}); {found.files[0]} open files before, {found.files[1]} "
            f"after\nat most {most[0]} and {most[1]} connections to PostgreSQL, "
            f"{found.left} left"
        )
        wrong = {
            f"{lost} answers were lost.": lost,
            f"{double} respondents are stored twice.": double,
            f"{len(found.differences)} figures differ.": found.differences,
            f"Memory grew by {growth:.1%}.": growth >= MOST_GROWTH,
            f"A process had {max(most)} connections.": max(most) > CONNECTIONS_EACH,
            f"{found.left} connections were left.": found.left,
            "Files were left open.": found.files[1] > found.files[0] + FEW,
        }
        return [sentence for sentence, is_so in wrong.items() if is_so]


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def connections() -> list[int]:
    """Count each process's connections to the database."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as database:
        rows = database.execute(
            "SELECT application_name, count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() GROUP BY 1"
        )
        found = dict(rows.fetchall())
    return [found.get(name, 0) for name in PROCESSES]


if __name__ == "__main__":
    main()
