"""Was anything committed? Then the watched boards are rendered again.

Nothing is written for this beside the answers themselves: every process that has
viewers asks the database ten times a second whether any transaction has ended. That
survives crashes, works through connection poolers, and one process or twenty are alike.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

from deliberation.live.hub import Frame

logger = logging.getLogger(__name__)

ASK_SECONDS = 0.1
REFRESH_SECONDS = 0.25  # a board changes at most this often ...
DUTY = 10  # ... and rendering it takes at most a tenth of the processor ...
DUTY_OF_ALL = 3  # ... and rendering all that can wait at most a third ...
LONGEST_SECONDS = 5  # ... but an overloaded room still sees something.
# After so long a pass looks again whether something came that cannot wait.
PASS_SECONDS = 0.1
# Boards are rendered this often without being asked, in case a commit ever goes
# unseen, as when the database was restored from a backup under running viewers.
BACKSTOP_SECONDS = 30
RETRY_SECONDS = (0.2, 2.0)  # first and longest wait for a database that is away

STAMPS = {
    # Changes when a transaction that wrote has ended.
    "postgresql": "SELECT pg_current_snapshot()::text",
    # Changes when another connection has committed.
    "sqlite": "PRAGMA data_version",
}


class Detector:
    """Asks one database whether anything was committed, on a connection of its own.

    That connection never writes: SQLite does not report a connection's own commits.
    """

    def __init__(self, alias: str = DEFAULT_DB_ALIAS) -> None:
        self._connection = connections[alias].copy()
        # Nobody else can use it, so it is not one of a pool's.
        self._connection.settings_dict["OPTIONS"].pop("pool", None)
        self._question = STAMPS[self._connection.vendor]

    def stamp(self) -> Any:
        """Return a value that differs from the last one if anything was committed."""
        self._connection.ensure_connection()
        # Past Django's cursor: at ten a second its bookkeeping would cost most of it.
        return self._connection.connection.execute(self._question).fetchone()[0]

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        with suppress(Exception):
            self._connection.close()


class Watcher(threading.Thread):
    """The thread that asks, renders what is watched, and publishes what differs.

    watched: the boards that somebody watches now.
    newest: the newest frame of each board that has one.
    render: makes a board's HTML; called in this thread.
    marks: gives, for those boards where that is cheap to say, a value that differs
        if the board does; a board whose mark is the same is not rendered again.
    together: a context in which boards are rendered that may share what they compute.
    can_wait: whether boards wait for each other, so that all of them together leave
        most of the processor to others.
    publish: takes (board, frame) pairs; called in this thread.
    """

    def __init__(
        self,
        *,
        watched: Callable[[], Collection[str]],
        newest: Mapping[str, Frame],
        render: Callable[[str], str],
        marks: Callable[[Collection[str]], Mapping[str, object]] | None = None,
        together: Callable[[], AbstractContextManager[object]] = nullcontext,
        can_wait: bool = False,
        publish: Callable[[list[tuple[str, Frame]]], object],
        detector: Callable[[], Detector] = Detector,
    ) -> None:
        super().__init__(name="live-watch", daemon=True)
        self.alive_at = time.monotonic()
        self._watched = watched
        self._newest = newest
        self._render = render
        self._together = together
        self._can_wait = can_wait
        self._marks_of = marks or (lambda boards: {})
        self._publish = publish
        self._make_detector = detector
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._stamp: Any = None
        self._stale: set[str] = set()
        self._marks: dict[str, object] = {}
        self._due = 0.0
        self._due_of: dict[str, float] = {}
        self._backstop = 0.0
        self._broken: dict[str, float] = {}

    def wake(self) -> None:
        """Look at once, because a board is watched that was not before."""
        self._wake.set()

    def end(self, timeout: float = 2) -> None:
        """End the thread and its connections."""
        self._ending.set()
        self._wake.set()
        if self.is_alive():
            self.join(timeout)

    def is_healthy(self, within: float = 3) -> bool:
        """Tell whether the database answered lately, or was not asked to."""
        return time.monotonic() - self.alive_at < within or not self._watched()

    def run(self) -> None:
        """Ask, render, publish, until told to end; a lost database is asked again."""
        detector = self._make_detector()
        patience, longest = RETRY_SECONDS
        delay = patience
        try:
            while not self._ending.is_set():
                try:
                    self._pause(detector)
                    if self._watched():
                        self._look(detector)
                    delay = patience
                except Exception as error:
                    if not self._ending.is_set():
                        logger.warning("Live boards wait for the database: %s", error)
                    self._forget(detector)
                    self._ending.wait(delay * random.uniform(0.7, 1.3))  # noqa: S311
                    delay = min(delay * 2, longest)
        finally:
            self._forget(detector)

    def _pause(self, detector: Detector) -> None:
        if self._watched():
            self._wake.wait(self._until_due())
        else:
            self._forget(detector)  # nobody watches: not even a connection is held
            self._wake.wait()
            self.alive_at = time.monotonic()
        self._wake.clear()

    def _until_due(self) -> float:
        """Return how long to wait: no longer than until a board may be drawn again."""
        now = time.monotonic()
        due = [max(self._due, self._due_of.get(board, 0)) for board in self._stale]
        return min([ASK_SECONDS, *(at - now for at in due if at > now)])

    def _look(self, detector: Detector) -> None:
        # The stamp first: what is committed while boards are rendered is asked again.
        stamp = detector.stamp()
        now = self.alive_at = time.monotonic()
        boards = self._watched()
        if now >= self._backstop:
            self._backstop = now + BACKSTOP_SECONDS
            self._marks.clear()
            self._stamp = None
        if stamp != self._stamp:
            self._stamp = stamp
            self._stale = set(boards)
        self._refresh([board for board in boards if self._is_due(board, now)])

    def _is_due(self, board: str, now: float) -> bool:
        if now < self._broken.get(board, 0):
            return False
        if board not in self._newest:
            return True
        due = max(self._due, self._due_of.get(board, 0))
        return now >= due and board in self._stale

    def _turn(self, board: str) -> tuple[float, str]:
        """Order boards: those that have waited longest first."""
        return self._due_of.get(board, 0), board

    def _refresh(self, boards: Collection[str]) -> None:
        if not boards:
            return
        began = time.thread_time()
        marks = self._marks_of(boards)
        until = time.monotonic() + PASS_SECONDS
        rendered = False  # one in each pass, so that none starves
        with self._together():
            for board in sorted(boards, key=self._turn):
                if self._can_wait and rendered and time.monotonic() > until:
                    self._wake.set()
                    break
                self._stale.discard(board)
                rendered = self._refresh_one(board, marks.get(board)) or rendered
        if self._can_wait and rendered:
            cost = time.thread_time() - began
            self._due = time.monotonic() + _rest(DUTY_OF_ALL * cost)

    def _refresh_one(self, board: str, mark: object) -> bool:
        """Render a board unless its mark says it is the same; tell whether it was."""
        known = self._newest.get(board)
        if known and mark is not None and mark == self._marks.get(board):
            if self._can_wait:
                self._due_of[board] = time.monotonic() + REFRESH_SECONDS
            return False
        html = self._drawn(board)
        if html is None:
            return True
        self._marks[board] = mark
        if known is None or known.id != Frame.id_of(board, html):
            frame = Frame.of(board, html, at=_milliseconds(), before=known)
            self._publish([(board, frame)])
        return True

    def _drawn(self, board: str) -> str | None:
        """Render a board and note when it may be rendered again."""
        # The thread's own time: waiting for others' work costs nobody anything.
        began = time.thread_time()
        try:
            html = self._render(board)
        except (DatabaseError, InterfaceError):
            raise
        except Exception:
            # One board that cannot be drawn must not stop the others.
            logger.exception("Cannot render board %s", board)
            self._broken[board] = time.monotonic() + 2
            self._stale.add(board)
            return None
        self._broken.pop(board, None)
        self.alive_at = time.monotonic()
        cost = time.thread_time() - began
        self._due_of[board] = self.alive_at + _rest(DUTY * cost)
        return html

    def _forget(self, detector: Detector) -> None:
        detector.close()
        with suppress(Exception):
            connections.close_all()
        self._stamp = None
        self._marks.clear()


def _rest(seconds: float) -> float:
    """Bound how long to leave boards as they are."""
    return min(max(REFRESH_SECONDS, seconds), LONGEST_SECONDS)


def _milliseconds() -> int:
    return int(time.time() * 1000)
