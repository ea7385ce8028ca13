# ruff: noqa: T201
"""What the benches share: a database, the server as in production, a room, figures."""

import argparse
import importlib.util
import json
import math
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from config.server import raise_file_limit
from deliberation.rehearsal.machine import family

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
HOST = "bench.example"
POSTGRES = ("postgres://", "postgresql://", "psql://", "pgsql://")

# ---- a database and the environment of a server ----


@contextmanager
def installed(database: str, *, processes: int = 1) -> Iterator[None]:
    """Set Django up as on a server behind a proxy, on an empty database of its own."""
    raise_file_limit()
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory())
        if database == "postgres":
            url = stack.enter_context(postgres())
        else:
            url = f"sqlite:///{scratch}/bench.sqlite3"
        for name in ("DEBUG", "LOCAL_NETWORK", "EMAIL_URL", "LOG_LEVEL", "TIME_ZONE"):
            os.environ.pop(name, None)
        os.environ |= {
            "ALLOWED_HOSTS": HOST,
            "BENCH_SCRATCH": scratch,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "PUBLIC_URL": f"https://{HOST}",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "TRUSTED_PROXIES": "1",
            "WEB_PROCESSES": str(processes),
        }
        for command in (["migrate"], ["collectstatic", "--noinput"]):
            manage = [sys.executable, "manage.py", *command, "--verbosity=0"]
            subprocess.run(manage, check=True, cwd=ROOT)

        import django
        from django.db import connections

        django.setup()
        stack.callback(connections.close_all)
        yield


@contextmanager
def postgres() -> Iterator[str]:
    """Make a database beside the one that DATABASE_URL names, or in a new cluster."""
    import psycopg

    with ExitStack() as stack:
        given = os.environ.get("DATABASE_URL", "")
        if not given.startswith(POSTGRES):
            spec = importlib.util.spec_from_file_location("ci", ROOT / ".ci/test.py")
            ci = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(ci)
            programs = ci.find_programs()
            if programs is None:
                sys.exit(f"Set DATABASE_URL, or {ci.HOW_TO_GET_POSTGRESQL}.")
            given = stack.enter_context(ci.throw_away_cluster(programs))
        given = re.sub(r"^\w+://", "postgresql://", given)
        name = f"bench_{os.getpid()}"
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        try:
            yield re.sub(r"(//[^/]*/)[^?]*", rf"\g<1>{name}", given)
        finally:
            with psycopg.connect(given, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


# ---- servers ----


class Server:
    """`python -m config.server` in processes of its own; its log goes to a file."""

    def __init__(self, application: str, *, processes: int = 1) -> None:
        from tests.serving import hold_port, port_of

        self._held = hold_port()
        self.port = port_of(self._held)
        self._command = [sys.executable, "-m", "config.server"]
        self._command += ["--application", application, "--port", str(self.port)]
        self._command += ["--processes", str(processes)]

    def __enter__(self) -> Self:
        from tests.serving import wait_until_served

        self._log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self._command, cwd=ROOT, stdout=self._log, stderr=self._log
        )
        try:
            wait_until_served(self.port, alive=lambda: self.process.poll() is None)
        except BaseException:
            print(self.last_lines(), file=sys.stderr)
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()
        self._held.close()

    @property
    def pids(self) -> list[int]:
        return family(self.process.pid)

    def cpu(self) -> float:
        """Return the seconds of processor that all its processes have used."""
        return sum(map(seconds, self.pids))

    def last_lines(self) -> str:
        self._log.seek(0)
        return "\n".join(self._log.read().decode().splitlines()[-5:])


def seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss(pid: int) -> int:
    """Return a process's resident memory in kB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"(?m)^VmRSS:\s+(\d+)", text)[1])


def pss(pid: int) -> int:
    """Return a process's share of memory in kB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"(?m)^Pss: +(\d+)", text)[1])


def database_cpu() -> float:
    """Return the seconds that the backends of this database have used, 0 if unseen.

    SQLite works within the server's own processes.
    """
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        )
        pids = [pid for (pid,) in cursor.fetchall()]
    here = [pid for pid in pids if is_postgres(pid)]
    return sum(map(seconds, here))


def is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except OSError:
        return False


# ---- a room ----

ITEMS = 10
POINTS = 5  # of the scale


@dataclass
class Person:
    """Somebody with a seat, and what their browser sends along."""

    number: int
    table: int
    cookies: str
    token: str = ""
    sent: int = 0

    def get(self, path: str, accept: str = "text/html") -> bytes:
        return f"GET {path} HTTP/1.1\r\n{self._head(accept)}\r\n".encode()

    def post(self, path: str, fields: str) -> bytes:
        return (
            f"POST {path} HTTP/1.1\r\n{self._head('application/json')}"
            f"Origin: https://{HOST}\r\nReferer: https://{HOST}/\r\n"
            f"X-CSRFToken: {self.token}\r\n"
            "Content-Type: application/x-www-form-urlencoded;charset=UTF-8\r\n"
            f"Content-Length: {len(fields)}\r\n\r\n{fields}"
        ).encode()

    def answers(self, *, items: Iterable[int] = range(1, ITEMS + 1)) -> str:
        """Return a form in which every item differs from the last form's."""
        self.sent += 1
        values = "&".join(
            f"answer.p{item}={(self.sent + item) % POINTS + 1}" for item in items
        )
        return f"{values}&key={self.number:08x}{self.sent:08x}{secrets.token_hex(4)}"

    def take_page(self, headers: list[tuple[bytes, bytes]], page: bytes) -> None:
        """Keep the cookie and the token that a page carries."""
        for name, value in headers:
            if name.lower() == b"set-cookie":
                self.cookies += f"; {value.decode().partition(';')[0]}"
        self.token = re.search(rb'data-csrf="(\w+)"', page)[1].decode()

    def _head(self, accept: str) -> str:
        return (
            f"Host: {HOST}\r\nX-Forwarded-Proto: https\r\n"
            f"X-Forwarded-For: 10.1.{self.number >> 8}.{self.number & 255}\r\n"
            f"Accept: {accept}\r\nAccept-Language: en-GB,en;q=0.9\r\n"
            "Accept-Encoding: gzip, deflate, br\r\n"
            "User-Agent: Mozilla/5.0 (Linux; Android 15; Mobile) Firefox/145.0\r\n"
            f"Cookie: {self.cookies}\r\n"
        )


def make_room(
    people: int, *, tables: int, prompts: int = 1, slug: str = "bench"
) -> tuple[Any, list[Person]]:
    """Make a workshop whose prompts ask to rate ten items, and seat people in it."""
    from tests import builders
    from workshops import codes, identity
    from workshops.models import Device, Participant

    tables = max(1, min(tables, people))
    workshop = builders.make_workshop(slug=slug, tables=tables)
    for number in range(1, prompts + 1):
        builders.make_prompt(workshop, kind="rate", key=f"q{number}", items=ITEMS)
    at = list(workshop.tables.all())
    seats = Participant.objects.bulk_create(
        Participant(workshop=workshop, table=at[number % tables])
        for number in range(people)
    )
    tokens = [codes.new_token() for _seat in seats]
    Device.objects.bulk_create(
        Device(participant=seat, token_hash=codes.digest(token))
        for seat, token in zip(seats, tokens, strict=True)
    )
    name = identity.cookie_name(workshop.pk)
    return workshop, [
        Person(number, seat.table.number, f"{name}={token}")
        for number, (seat, token) in enumerate(zip(seats, tokens, strict=True))
    ]


def answer_in_bulk(this_round: Any, people: Iterable[Any] | None = None) -> None:
    """Have people answered the round, as rows, without the way they come in.

    people: who has not answered yet; everybody in the workshop if None.
    """
    from django.utils import timezone

    from deliberation.actions.answers import ask_of
    from deliberation.models import Answer, Response

    ask, now = ask_of(this_round), timezone.now()
    inside = {"workshop": this_round.workshop, "round": this_round}
    if people is None:
        people = this_round.workshop.participants.all()
    responses = Response.objects.bulk_create(
        Response(
            **inside, voice="people", participant=who, table_id=who.table_id,
            respondent=f"seat:{who.pk}", first_at=now, stored_at=now,
        )
        for who in people
    )  # fmt: skip
    Answer.objects.bulk_create(
        (
            Answer(
                **inside, response=response, item_id=item.id,
                criterion_id=ask.criteria[0].id, value=(number + place) % POINTS + 1,
            )
            for number, response in enumerate(responses)
            for place, item in enumerate(ask.items)
        ),
        batch_size=5000,
    )  # fmt: skip


# ---- figures ----


def percentiles(milliseconds: Iterable[float]) -> dict[str, float]:
    """Return p50, p95, p99 and the greatest, by the nearest rank; NaN without any."""
    ordered = sorted(milliseconds)
    found = {
        f"p{percent}": ordered[math.ceil(len(ordered) * percent / 100) - 1]
        if ordered
        else math.nan
        for percent in (50, 95, 99)
    }
    return found | {"max": ordered[-1] if ordered else math.nan}


def spread(values: Iterable[float], digits: int = 2) -> str:
    """Write the median of some values with the least and the greatest."""
    values = list(values)
    three = (statistics.median(values), min(values), max(values))
    middle, least, greatest = (f"{value:.{digits}f}" for value in three)
    return f"{middle} ({least} to {greatest})"


def begin_report(options: argparse.Namespace) -> dict[str, Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        sqlite = connection.vendor == "sqlite"
        cursor.execute("SELECT sqlite_version()" if sqlite else "SHOW server_version")
        database = f"{connection.display_name} {cursor.fetchone()[0]}"
    report = {
        "at": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "options": {k: v for k, v in vars(options).items() if k != "json"},
        "database": database,
        "python": sys.version.split()[0],
        "cores": os.cpu_count(),
        "load_before": os.getloadavg(),
    }
    print(
        f"{database}, Python {report['python']}, {report['cores']} cores, "
        f"load {report['load_before'][0]:.1f}"
    )
    return report


def end_report(report: dict[str, Any], path: str | None) -> None:
    report["load_after"] = os.getloadavg()
    print(f"load at the end {report['load_after'][0]:.1f}")
    if path:
        Path(path).write_text(json.dumps(report, indent=2) + "\n")
