"""What a rehearsal counts and times, from the phones' side."""

import math
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from deliberation.rehearsal.machine import Load

PERCENTILES = (50, 95, 99)


class Timed(NamedTuple):
    """How long something took, in milliseconds, and when it was over (monotonic)."""

    at: float
    ms: float


class Stretch(NamedTuple):
    """A part of the rehearsal: how many people were let in, from when until when.

    asked: seconds of it in which a question was open.
    """

    people: int
    began: float
    ended: float
    asked: float


@dataclass
class Measurements:
    """Submissions by their keys, and times.

    sent: answers and points that people sent. acknowledged: those the server said it
    stored. refused: those that came after the close. failed: all others. interrupted:
    times that somebody lost the network; returned: times that they followed again.
    """

    people: int = 0
    tables: int = 0
    joined: int = 0
    sent: int = 0
    refused: int = 0
    under_way: int = 0  # sent and not yet answered
    lost: int = 0
    double: int = 0
    answers: set[str] = field(default_factory=set)  # keys of acknowledged answers
    points: set[int] = field(default_factory=set)  # ids of acknowledged points
    changed: int = 0  # answers that were stored in the place of an earlier one
    interrupted: int = 0
    returned: int = 0
    began: float = field(default_factory=time.monotonic)
    joins: list[Timed] = field(default_factory=list)
    submits: list[Timed] = field(default_factory=list)
    failures: list[float] = field(default_factory=list)  # when (monotonic)
    load: list[Load] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    troubles: set[str] = field(default_factory=set)  # what went wrong, each kind once
    wall: "Wall" = field(default_factory=lambda: Wall())
    openings: "Openings" = field(default_factory=lambda: Openings())

    @property
    def failed(self) -> int:
        return len(self.failures)

    @property
    def submit_ms(self) -> list[float]:
        return [timed.ms for timed in self.submits]

    @property
    def acknowledged(self) -> int:
        return len(self.answers) + len(self.points)

    def summary(self) -> dict[str, Any]:
        """Return the figures as the command prints them."""
        return {
            "people": self.people,
            "tables": self.tables,
            "sent": self.sent,
            "acknowledged": self.acknowledged,
            "refused": self.refused,
            "failed": self.failed,
            "lost": self.lost,
            "double": self.double,
            "submit_ms": percentiles(self.submit_ms),
            "screen_ms": percentiles(self.wall.milliseconds),
        }


class Wall:
    """How long answers take to the screen, which shows per table how many are in.

    The screen has shown a table's third answer once it counts three there, so that
    acknowledgements are matched by their order. An answer that stood on the screen
    before its own phone knew counts as 0.
    """

    def __init__(self) -> None:
        self.times: list[Timed] = []
        self._waiting: dict[int, list[float]] = defaultdict(list)
        self._matched: dict[int, int] = defaultdict(int)
        self._shown: dict[int, int] = defaultdict(int)

    @property
    def milliseconds(self) -> list[float]:
        return [timed.ms for timed in self.times]

    def start_round(self) -> None:
        """Forget what was in; a new round counts from nothing."""
        self._waiting.clear()
        self._matched.clear()
        self._shown.clear()

    def stored(self, table: int) -> None:
        """Note that somebody's first answer of the round was acknowledged now."""
        self._waiting[table].append(time.monotonic())
        self._match(table, time.monotonic())

    def shows(self, counts: Mapping[int, int]) -> None:
        """Note what the screen shows from now on: answers by table."""
        now = time.monotonic()
        for table, count in counts.items():
            self._shown[table] = count
            self._match(table, now)

    def _match(self, table: int, now: float) -> None:
        waiting = self._waiting[table]
        known = min(self._shown[table], len(waiting))
        for at in waiting[self._matched[table] : known]:
            self.times.append(Timed(now, (now - at) * 1000))
        self._matched[table] = max(self._matched[table], known)


class Openings:
    """How long a question takes to the phones that follow when it is opened.

    A phone that had it before the facilitator's own press was answered counts as 0.
    """

    def __init__(self) -> None:
        self.times: list[Timed] = []
        self._opened: dict[str, float] = {}
        self._early: dict[str, list[float]] = defaultdict(list)

    def opened(self, this_round: str) -> None:
        """Note that a round is open from now on."""
        self._opened[this_round] = time.monotonic()
        for at in self._early.pop(this_round, ()):
            self.times.append(Timed(at, 0.0))

    def seen(self, this_round: str) -> None:
        """Note that somebody's phone has been sent the round now."""
        now = time.monotonic()
        if this_round in self._opened:
            self.times.append(Timed(now, (now - self._opened[this_round]) * 1000))
        else:
            self._early[this_round].append(now)


def percentiles(milliseconds: Iterable[float]) -> dict[str, float | None]:
    """Return p50, p95 and p99 by the nearest rank, to a tenth; None without times."""
    ordered = sorted(milliseconds)
    return {f"p{percent}": nearest_rank(ordered, percent) for percent in PERCENTILES}


def nearest_rank(ordered: Sequence[float], percent: int) -> float | None:
    """Return the value that `percent` of the sorted values do not exceed, to a tenth.

    None without values.
    """
    if not ordered:
        return None
    return round(ordered[max(1, math.ceil(len(ordered) * percent / 100)) - 1], 1)
