"""How busy this computer is, as far as the system tells: Linux does, in /proc."""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
IDLE = slice(3, 5)  # idle and waiting for disks, among the figures of /proc/stat


class Load(NamedTuple):
    """What was used in the time before `at` (monotonic), in processor cores.

    computer: by everything together. server: by the server's own processes. people: by
    the simulated people. None where it is not known.
    """

    at: float
    computer: float | None
    server: float | None
    people: float


class Processors:
    """Measures from one look to the next."""

    def __init__(self, server: int | None = None) -> None:
        """server: the process whose family serves, if it is known."""
        self._server = server
        self._last = self._used()

    def look(self) -> Load:
        """Return what was used since the last look."""
        before, now = self._last, self._used()
        self._last = now
        seconds = max(now[0] - before[0], 0.001)
        computer, server, people = (
            None if one is None or other is None else max(0.0, one - other) / seconds
            for one, other in zip(now[1:], before[1:], strict=True)
        )
        return Load(now[0], computer, server, people or 0.0)

    def _used(self) -> tuple[float, float | None, float | None, float]:
        server = None
        if self._server is not None:
            server = seconds_of(family(self._server))
        return time.monotonic(), seconds_of_all(), server, time.process_time()


def cores() -> int:
    return os.cpu_count() or 1


def seconds_of_all() -> float | None:
    """Return the seconds that all cores together have worked since the start."""
    try:
        line = (PROC / "stat").read_text().partition("\n")[0]
    except OSError:
        return None
    ticks = [int(figure) for figure in line.split()[1:9]]  # guests are within the rest
    return (sum(ticks) - sum(ticks[IDLE])) / os.sysconf("SC_CLK_TCK")


def seconds_of(pids: Iterable[int]) -> float | None:
    """Return the processor time that these processes have used; None if none is left.

    Simulated people that the server has started are none of them.
    """
    found = []
    for pid in pids:
        if pid == os.getpid():
            continue
        with suppress(OSError):
            fields = (PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()
            found.append((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
    return sum(found) if found else None


def family(pid: int) -> list[int]:
    """Return a process and those that it started, as far as they can be seen."""
    try:
        children = (PROC / f"{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *(one for child in children for one in family(int(child)))]


def parent_of(pid: int) -> int:
    """Return the process that started another. Raises OSError if it cannot be seen."""
    return int((PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()[1])


def memory_of(pids: Iterable[int]) -> float | None:
    """Return the resident memory of these processes in MB; None if not known."""
    found = []
    for pid in pids:
        if pid == os.getpid():
            continue
        with suppress(OSError, IndexError):
            pages = int((PROC / f"{pid}/statm").read_text().split()[1])
            found.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
    return sum(found) if found else None
