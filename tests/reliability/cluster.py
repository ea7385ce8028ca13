"""A PostgreSQL server of the tests' own, as installed: to be killed, and to recover."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import psycopg
from django.db import connection

from tests.serving import ROOT, hold_port, port_of

STARTS_WITHIN = 180  # seconds, with recovery
ENDS_WITHIN = 60


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, if it is installed."""
    spec = importlib.util.spec_from_file_location("ci_test", ROOT / ".ci/test.py")
    assert spec is not None
    assert spec.loader is not None
    ci = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(ci)
    return ci.find_programs()


class Cluster:
    """A cluster with initdb's own settings, so with fsync and durable commits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._held = hold_port()  # also while it is killed
        self.port = port_of(self._held)
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        found = programs()
        assert found is not None
        self._programs = found
        # PostgreSQL refuses to run as root; Debian's package brings this account.
        self._account: dict[str, Any] = {}
        if os.getuid() == 0:
            self._account = {"user": "postgres", "group": "postgres"}
            self._account |= {"extra_groups": []}
            shutil.chown(folder, "postgres", "postgres")
        self.process: subprocess.Popen[bytes] | None = None
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust",
                 "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")  # fmt: skip

    @classmethod
    @contextmanager
    def running(cls, *, inside: Path | None = None) -> Iterator[Self]:
        """Make one and start it, in a folder; take everything away in the end."""
        folder = Path(tempfile.mkdtemp(prefix="rapporteur-postgres-", dir=inside))
        try:
            self = cls(folder)
            try:
                self.start()
                yield self
            finally:
                self.kill()
                self.close()
        finally:
            shutil.rmtree(folder)

    def close(self) -> None:
        """Give the port back."""
        self._held.close()

    def run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        subprocess.run(
            command, check=True, cwd=self.folder, capture_output=True, **self._account
        )

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        command = [self._programs / "postgres", "-D", self.data, "-k", self.folder]
        command += ["-h", "127.0.0.1", "-p", str(self.port)]
        # A child of ours, so that nothing is left of it once it is killed.
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, **self._account
            )
        deadline = time.monotonic() + STARTS_WITHIN
        while True:
            with suppress(psycopg.OperationalError), psycopg.connect(self.address):
                return
            assert self.process.poll() is None, self.last_lines()
            assert time.monotonic() < deadline, self.last_lines()
            time.sleep(0.05)

    @property
    def address(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"

    def kill(self) -> None:
        """Kill all its processes at once with SIGKILL, if it runs."""
        if self.process is None or self.process.poll() is not None:
            return
        postmaster = self.process.pid
        os.kill(postmaster, signal.SIGSTOP)  # it starts no more of them
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text()
        everybody = [*map(int, children.split()), postmaster]
        for pid in everybody:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(ENDS_WITHIN)
        deadline = time.monotonic() + ENDS_WITHIN
        while any(map(_lives, everybody)):
            assert time.monotonic() < deadline, "PostgreSQL did not end."
            time.sleep(0.01)

    def stop_at_once(self) -> None:
        """Do as `pg_ctl stop -m immediate` does: without a checkpoint."""
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-W", "stop")
        assert self.process is not None
        self.process.wait(ENDS_WITHIN)

    def set(self, name: str, value: str) -> None:
        """Change a setting of the running server."""
        with psycopg.connect(self.address, autocommit=True) as database:
            database.execute(f"ALTER SYSTEM SET {name} = {value}")
            database.execute("SELECT pg_reload_conf()")

    def last_lines(self) -> str:
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-20:])


def _lives(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@contextmanager
def used(cluster: Cluster) -> Iterator[None]:
    """Have this thread's Django, and servers started meanwhile, use the cluster."""
    settings = connection.settings_dict
    before = dict(settings)
    connection.close()
    settings |= {
        "HOST": "127.0.0.1",
        "PORT": cluster.port,
        "USER": "postgres",
        "PASSWORD": "",
        "NAME": "postgres",
    }
    try:
        yield
    finally:
        connection.close()
        settings |= before
