"""What a rehearsal counts and times, from the phones' side."""

import math
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

PERCENTILES = (50, 95, 99)


@dataclass
class Measurements:
    """Submissions by their keys, and times in milliseconds.

    sent: answers and points that people sent. acknowledged: those the server said it
    stored. refused: those that came after the close. failed: all others.
    """

    people: int = 0
    tables: int = 0
    joined: int = 0
    sent: int = 0
    refused: int = 0
    failed: int = 0
    under_way: int = 0  # sent and not yet answered
    lost: int = 0
    double: int = 0
    answers: set[str] = field(default_factory=set)  # keys of acknowledged answers
    points: set[int] = field(default_factory=set)  # ids of acknowledged points
    submit_ms: list[float] = field(default_factory=list)
    troubles: set[str] = field(default_factory=set)  # what went wrong, each kind once
    wall: "Wall" = field(default_factory=lambda: Wall())

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
        self.milliseconds: list[float] = []
        self._waiting: dict[int, list[float]] = defaultdict(list)
        self._matched: dict[int, int] = defaultdict(int)
        self._shown: dict[int, int] = defaultdict(int)

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
            self.milliseconds.append((now - at) * 1000)
        self._matched[table] = max(self._matched[table], known)


def percentiles(milliseconds: Iterable[float]) -> dict[str, float | None]:
    """Return p50, p95 and p99 by the nearest rank, to a tenth; None without times."""
    ordered = sorted(milliseconds)
    found: dict[str, float | None] = {}
    for percent in PERCENTILES:
        rank = math.ceil(len(ordered) * percent / 100)
        found[f"p{percent}"] = round(ordered[rank - 1], 1) if ordered else None
    return found
