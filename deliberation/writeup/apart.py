"""Heavy work in a process of its own, so that answers and streams never wait for it."""

import os
import subprocess
import sys
from types import ModuleType

from django.conf import settings
from django.utils.translation import gettext as _

SECONDS = 120
NICE = 10  # answers come first


class CannotMake(Exception):
    """A file cannot be made here and now; says why."""


class Failed(RuntimeError):
    """The other process ended in a way that was not foreseen."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"Exit status {status}: {said}")
        self.status = status


def run(module: ModuleType, given: bytes) -> bytes:
    """Run a module as a program and return what it writes.

    The program gets nothing of the environment, and so no secrets. Raises CannotMake
    if that takes more than two minutes; Failed.
    """
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", module.__name__],
            input=given,
            capture_output=True,
            cwd=settings.BASE_DIR,
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CannotMake(_("Making it took too long.")) from None
    if done.returncode:
        raise Failed(done.returncode, done.stderr.decode(errors="replace")[-2000:])
    return done.stdout
