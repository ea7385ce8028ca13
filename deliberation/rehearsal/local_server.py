"""Is a server there? If not, one is started for as long as it is needed."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

STARTS_WITHIN = 30  # seconds


class NoServer(Exception):
    """No server answers, or what answers is none of ours; the text says why."""


def problem_with(url: str) -> str:
    """Return why a server cannot be used, "" if it can, "nobody" if none answers."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=10) as reply:  # noqa: S310  # nosec B310
            reply.read()
    except urllib.error.HTTPError as error:
        return f"{url}/healthz answers with {error.code}."
    except (OSError, ValueError):
        return "nobody"
    return ""


@contextmanager
def served(url: str, *, may_start: bool, port: int) -> Iterator[int | None]:
    """Have a server: the one at `url`, or one started on `port`, whose pid is yielded.

    Raises NoServer.
    """
    problem = problem_with(url)
    if problem == "nobody" and may_start:
        with started(port) as pid:
            yield pid
        return
    if problem == "nobody":
        raise NoServer(f"No server answers at {url}.")
    if problem:
        raise NoServer(problem)
    yield None


@contextmanager
def started(port: int) -> Iterator[int]:
    """Run a server in a process of its own; yield its pid.

    Raises NoServer if it does not come up.
    """
    environment = dict(os.environ)
    if settings.ON_A_SERVER:
        # Only for this machine, so without TLS and under a name of its own.
        environment |= {
            "LOCAL_NETWORK": "true",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "ALLOWED_HOSTS": "127.0.0.1",
        }
    command = [sys.executable, "-m", "config.server", "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(  # noqa: S603
            command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log
        )
        try:
            _wait_for(server, port, log)
            yield server.pid
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_for(server: subprocess.Popen[bytes], port: int, log) -> None:
    patience = time.monotonic() + STARTS_WITHIN
    while problem_with(f"http://127.0.0.1:{port}"):
        if server.poll() is not None or time.monotonic() > patience:
            log.seek(0)
            last = log.read().decode(errors="replace").strip().splitlines()[-3:]
            raise NoServer("\n".join(["The server did not start.", *last]))
        time.sleep(0.1)
