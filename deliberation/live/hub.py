"""Who is watching what, and the newest frame of each board.

A board is what one audience sees ("phone:12"). Its frame is rendered once, whoever
watches. Everything here runs in the event loop's thread; the watcher's thread only
reads `watched` and `frames`.
"""

import asyncio
import json
import random
import resource
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Protocol

from deliberation.live.parts import changed, without_marks

# One participant needs one stream and a spare; screens of one room, and facilitators
# who share an account, are many behind one name.
STREAMS_PER_VIEWER = {"seat": 2}
STREAMS_PER_OTHER_VIEWER = 20
STREAMS_PER_PROCESS = 6000
SHARE_OF_FILES = 0.75  # that may be streams, so that answers still come in
LIFE_SECONDS = 15 * 60  # give or take a fifth, so that rooms do not reconnect at once
BEAT_SECONDS = 15
STUCK_SECONDS = 20
# Boards stay warm for this long after the last viewer left: phones that come back
# after a restart of the Wi-Fi, and those that ask every few seconds, cost nothing.
LINGER_SECONDS = 30

GONE = b"event: gone\ndata: {}\n\n"
ELSEWHERE = b"event: elsewhere\ndata: {}\n\n"


class Full(Exception):
    """This process has as many streams as it may have."""


class Watch(Protocol):
    """What one viewer may see, as `Boards.authorise` decided.

    viewer: who it is within the workshop, as kind and number ("seat:7"), for the limit
        on streams and for presence.
    """

    @property
    def workshop_id(self) -> int: ...

    @property
    def boards(self) -> tuple[str, ...]: ...

    @property
    def viewer(self) -> str: ...


@dataclass(frozen=True)
class Frame:
    """One board as it was at one moment, ready to be sent.

    html: with the marks of `parts`. at: epoch milliseconds. news: the event that says
    what differs from the frame named `since`, for pages that have that one; or empty.
    """

    id: str
    board: str
    html: str
    at: int
    since: str = ""
    news: bytes = b""

    @classmethod
    def of(
        cls, board: str, html: str, *, at: int, before: "Frame | None" = None
    ) -> "Frame":
        """Make a frame of a board's HTML, as it follows the one before."""
        frame_id = cls.id_of(board, html)
        elements = None if before is None else changed(before.html, html)
        if before is None or elements is None:
            return cls(frame_id, board, html, at)
        said = {"id": frame_id, "board": board, "since": before.id}
        news = _event("parts", frame_id, _json(said | {"parts": elements, "at": at}))
        return cls(frame_id, board, html, at, before.id, news)

    @cached_property
    def payload(self) -> str:
        """The whole board as JSON."""
        return self._whole()

    @cached_property
    def event(self) -> bytes:
        """The whole board as an event."""
        return _event("board", self.id, self._whole())

    def _whole(self) -> str:
        html = without_marks(self.html)
        return _json({"id": self.id, "board": self.board, "html": html, "at": self.at})

    @staticmethod
    def id_of(board: str, html: str) -> str:
        """Name a board's content: equal for equal bytes, in any process."""
        digest = blake2b(html.encode(errors="replace"), digest_size=9).hexdigest()
        return f"{board}@{digest}"


def _json(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _event(kind: str, frame_id: str, data: str) -> bytes:
    text = f"id: {frame_id}\nevent: {kind}\ndata: {data}\n\n"
    return text.encode(errors="replace")


class Stream:
    """One open connection: what it has still to be sent, the newest of each board.

    takes_parts: whether its page can put changed parts into a board that it has.
    task: the connection's. deliver: once set, makes the coroutine that sends what
    waits. No task waits for news: of a thousand quiet streams each has one, not two.
    """

    __slots__ = (
        "_pending",
        "_sending",
        "deliver",
        "ended",
        "ends_at",
        "quiet_since",
        "takes_parts",
        "task",
        "watch",
    )

    def __init__(self, watch: Watch, *, now: float, takes_parts: bool = False) -> None:
        self.watch = watch
        self.takes_parts = takes_parts
        self.ended = False
        self.quiet_since = now
        self.ends_at = now + LIFE_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311
        self.task: asyncio.Task[None] | None = None
        self.deliver: Callable[[], Coroutine[Any, Any, None]] | None = None
        self._pending: dict[str, bytes] = {}
        self._sending: asyncio.Task[None] | None = None

    def put(self, key: str, event: bytes) -> None:
        """Have an event sent, instead of an older one with this key if one waits."""
        self._pending[key] = event
        self.rouse()

    def follow(self, board: str, frame: Frame, *, known: Frame | None) -> None:
        """Have a board sent that follows the one `known`, which was sent or waits."""
        waiting = self._pending.get(board, b"")
        follows = self.takes_parts and known is not None and frame.since == known.id
        # All that waits together is never longer than the board itself.
        if follows and len(waiting) + len(frame.news) < len(frame.html):
            self.put(board, waiting + frame.news)
        else:
            self.put(board, frame.event)

    def end(self, farewell: bytes = b"") -> None:
        """Close the stream once `farewell`, if any, is sent."""
        if farewell:
            self._pending = {"farewell": farewell}
        self.ended = True
        self.rouse()

    def rouse(self) -> None:
        """Have what waits sent, unless that is being done."""
        is_sending = self._sending is not None and not self._sending.done()
        if self.deliver is not None and not is_sending:
            self._sending = asyncio.get_running_loop().create_task(self.deliver())

    def has_delivered(self) -> bool:
        """Tell whether nothing more waits; the next event begins a new delivery."""
        if not self._pending and not self.ended:
            self._sending = None
            return True
        return False

    def close(self) -> None:
        """Send nothing more."""
        self.deliver = None
        if self._sending is not None:
            self._sending.cancel()

    def take(self) -> bytes:
        """Return all that waits, as one piece to send."""
        events = b"".join(self._pending.values())
        self._pending.clear()
        return events

    def is_stuck(self, now: float) -> bool:
        """Tell whether something has waited too long for the connection to take it."""
        waits = bool(self._pending) or self.ended
        return waits and now - self.quiet_since > BEAT_SECONDS + STUCK_SECONDS


def most_streams() -> int:
    """Return how many streams this process may hold."""
    files, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(STREAMS_PER_PROCESS, int(files * SHARE_OF_FILES))


class Hub:
    """The streams of this process, and the newest frame of every watched board."""

    def __init__(self, *, on_new_board: Callable[[], None]) -> None:
        self.frames: dict[str, Frame] = {}
        self.watched: frozenset[str] = frozenset()
        self.healthy = True
        self._on_new_board = on_new_board
        self._streams: dict[Stream, None] = {}
        self._of_board: dict[str, set[Stream]] = {}
        self._of_viewer: dict[tuple[int, str], list[Stream]] = {}
        self._warm_until: dict[str, float] = {}
        self._polled_at: dict[tuple[int, str], float] = {}

    def __len__(self) -> int:
        return len(self._streams)

    def open(self, watch: Watch, *, now: float, takes_parts: bool = False) -> Stream:
        """Register a stream; its first news is all of its boards as they are.

        Closes the viewer's oldest beyond the limit. Raises Full.
        """
        if len(self._streams) >= most_streams():
            raise Full
        stream = Stream(watch, now=now, takes_parts=takes_parts)
        self._streams[stream] = None
        stream.put("beat", b"retry: 2000\n" + self.beat())
        same = self._of_viewer.setdefault((watch.workshop_id, watch.viewer), [])
        same.append(stream)
        kind = watch.viewer.partition(":")[0]
        limit = STREAMS_PER_VIEWER.get(kind, STREAMS_PER_OTHER_VIEWER)
        for oldest in same[:-limit]:
            oldest.end(ELSEWHERE)
        for board in watch.boards:
            self._of_board.setdefault(board, set()).add(stream)
            if frame := self.frames.get(board):
                stream.put(board, frame.event)
        self._watch(watch.boards)
        return stream

    def close(self, stream: Stream, *, now: float) -> None:
        """Forget a stream."""
        stream.close()
        self._streams.pop(stream, None)
        watch = stream.watch
        viewer = (watch.workshop_id, watch.viewer)
        same = self._of_viewer.get(viewer, [])
        if stream in same:
            same.remove(stream)
        if not same:
            self._of_viewer.pop(viewer, None)
        for board in watch.boards:
            streams = self._of_board.get(board, set())
            streams.discard(stream)
            if not streams:
                self._of_board.pop(board, None)
                self._warm_until[board] = now + LINGER_SECONDS

    def poll(self, watch: Watch, *, now: float) -> None:
        """Keep a viewer's boards warm who asks now and then instead of listening."""
        for board in watch.boards:
            self._warm_until[board] = now + LINGER_SECONDS
        self._polled_at[watch.workshop_id, watch.viewer] = now
        self._watch(watch.boards)

    def publish(self, frames: Iterable[tuple[str, Frame]]) -> None:
        """Send newly rendered boards to all who watch them, unless nothing changed."""
        for board, frame in frames:
            known = self.frames.get(board)
            if board not in self.watched or (known and known.id == frame.id):
                continue
            self.frames[board] = frame
            for stream in self._of_board.get(board, ()):
                stream.follow(board, frame, known=known)

    def beat(self) -> bytes:
        """Make the event that shows a live connection, the time and the health."""
        fine = "true" if self.healthy else "false"
        at = int(time.time() * 1000)
        return f'event: beat\ndata: {{"at":{at},"ok":{fine}}}\n\n'.encode()

    def tell_health(self, healthy: bool) -> None:
        """Tell every viewer at once that boards stopped, or started again, coming."""
        if healthy == self.healthy:
            return
        self.healthy = healthy
        beat = self.beat()
        for stream in self._streams:
            stream.put("beat", beat)

    def sweep(self, now: float) -> None:
        """Once a second: beats, ends of life, stuck connections, boards gone cold."""
        beat = self.beat()
        for stream in list(self._streams):
            if stream.is_stuck(now) and stream.task is not None:
                stream.task.cancel()
            elif now >= stream.ends_at:
                stream.end()
            elif now - stream.quiet_since >= BEAT_SECONDS:
                stream.put("beat", beat)
        polled = self._polled_at.items()
        self._polled_at = {who: at for who, at in polled if now - at < LINGER_SECONDS}
        warm = self._warm_until.items()
        self._warm_until = {board: until for board, until in warm if until > now}
        self.watched = frozenset(self._of_board) | frozenset(self._warm_until)
        for board in self.frames.keys() - self.watched:
            del self.frames[board]

    def end_all(self) -> None:
        """Close every stream, because the process is ending."""
        for stream in self._streams:
            stream.end()

    def streams(self) -> Sequence[Stream]:
        """Return the open streams, oldest first."""
        return tuple(self._streams)

    def viewers(self) -> set[tuple[int, str]]:
        """Return everybody connected as (workshop, viewer), those who poll included."""
        return self._of_viewer.keys() | self._polled_at.keys()

    def has_viewers(self) -> bool:
        """Tell whether anybody watches anything."""
        return bool(self._streams or self._polled_at)

    def _watch(self, boards: Iterable[str]) -> None:
        if not self.watched.issuperset(boards):
            self.watched |= frozenset(boards)
            self._on_new_board()
