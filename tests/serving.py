"""Starts the real server against the test database, for tests that need one.

In a thread, within a test that uses `transactional_db`:

    with serving() as server:            # or serving(application)
        get(server.url + "/")

In a process of its own, to be killed, ended and started again on the same port:

    with ServerProcess() as server:      # or ServerProcess("some.module:application")
        server.kill(); server.start()
"""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
import uvicorn
from django.db import connection

from config.bridge import Application
from config.server import bind, configure

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60  # seconds for a server to come or to go, on a machine with much to do


@dataclass(frozen=True)
class Served:
    """A server that runs in a thread of this process."""

    url: str
    port: int
    application: Any


@contextmanager
def serving(application: Any = None, *, port: int = 0) -> Iterator[Served]:
    """Serve the application, by default a new one like `config.asgi`'s."""
    application = application or real_application()
    listening = bind("127.0.0.1", port)
    server = uvicorn.Server(configure(application))
    loop: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loop.append(asyncio.get_running_loop())
        await server.serve(sockets=[listening])

    def in_thread() -> None:
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(run())

    thread = threading.Thread(target=in_thread, name="server", daemon=True)
    thread.start()
    port = listening.getsockname()[1]
    try:
        wait_until_served(port)
        yield Served(f"http://127.0.0.1:{port}", port, application)
    finally:
        live = getattr(application, "live", None)
        if live is not None:
            loop[0].call_soon_threadsafe(live.end)
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()
        assert not thread.is_alive(), "The server did not end."


def real_application() -> Application:
    """Make an application of its own, since its threads end with its server."""
    from config.shortcut import Shortcut
    from deliberation.live import board
    from deliberation.live.stream import Live
    from deliberation.views import shortcut

    return Application(pages=Shortcut(shortcut), live=Live(board))


def at_this_pace(seconds: int) -> int:
    """Return how long something should last here that lasts so long elsewhere.

    For people who answer while a question is open: as many seconds where they have a
    third of a processor or more, else as many more as they have less of it.
    """
    began, used = time.monotonic(), time.thread_time()
    while (worked := time.thread_time() - used) < 0.2:
        pass
    slowness = (time.monotonic() - began) / worked
    return round(seconds * max(1, slowness / 3))


def get(url: str, **options: Any) -> httpx.Response:
    """Ask a server that may have much to do."""
    # Reading the certificates that no such server has would take longest.
    return httpx.get(url, timeout=PATIENCE, verify=False, **options)  # noqa: S501


class ServerProcess:
    """`python -m config.server` against the test database, on a port that stays."""

    def __init__(
        self,
        application: str = "config.asgi:application",
        *,
        processes: int = 1,
        host: str = "127.0.0.1",
        port: int = 0,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._held = None if port else hold_port()
        self.port = port or port_of(self._held)
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [sys.executable, "-m", "config.server"]
        self._command += ["--host", host, "--port", str(self.port)]
        self._command += ["--application", application]
        self._command += ["--processes", str(processes)]
        self._env = dict(env or {})
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._let_go()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self._let_go()

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()

    def start(self) -> None:
        """Start it and wait until it answers."""
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            "DATABASE_URL": test_database_url(),
            **self._env,
        }
        self.process = subprocess.Popen(self._command, cwd=ROOT, env=env)
        try:
            wait_until_served(self.port, alive=lambda: self.process.poll() is None)
        except BaseException:
            self.kill()
            raise

    def stop(self, timeout: float = PATIENCE) -> float:
        """Send SIGTERM; return the seconds it took to end. Raises TimeoutExpired."""
        assert self.process is not None
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(timeout)
        return time.monotonic() - began

    def kill(self) -> None:
        """Send SIGKILL, if it still runs."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait(PATIENCE)


def test_database_url() -> str:
    """Say where the test database is, for a process of its own."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        name = str(database["NAME"])
        assert "memory" not in name, "The server needs a test database in a file."
        return f"sqlite:///{Path(name).resolve()}"
    user = quote(database["USER"]) or "postgres"
    password = f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else ""
    host = f"{database['HOST'] or 'localhost'}:{database['PORT'] or 5432}"
    return f"postgres://{user}{password}@{host}/{quote(database['NAME'])}"


test_database_url.__test__ = False  # a function of ours, whatever its name


def hold_port() -> socket.socket:
    """Take a free port that nobody else is given until this socket is closed.

    Connections to it are refused; a server of ours may listen on it, end, and listen
    again, since both allow the address to be used twice.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


def port_of(held: socket.socket) -> int:
    return held.getsockname()[1]


def wait_until_served(
    port: int, *, seconds: float = PATIENCE, alive: Any = None
) -> None:
    """Return when a request on the port is answered; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert alive is None or alive(), "The server ended at once."
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=5) as probe,
        ):
            probe.sendall(b"OPTIONS /live/ HTTP/1.0\r\nHost: localhost\r\n\r\n")
            if probe.recv(1):
                return
        time.sleep(0.02)
    raise TimeoutError(f"Nothing answers on port {port}.")
