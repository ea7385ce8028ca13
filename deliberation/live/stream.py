"""The live route: one stream of boards per page, beside Django and without its cost.

No view, no middleware, no thread and no database connection is held by a stream. The
right to see is checked when it opens and every few seconds after.
"""

import asyncio
import logging
import time
from collections.abc import (
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Any, Protocol
from urllib.parse import parse_qs

from django.db import close_old_connections

from config.bridge import Headers, Receive, Scope, Send, security_headers
from config.threads import Threads
from deliberation.live.hub import GONE, Frame, Full, Hub, Stream, Watch
from deliberation.live.watch import Watcher

logger = logging.getLogger(__name__)

THREADS = 2
TICK_SECONDS = 1
RECHECK_SECONDS = 4  # a right that was withdrawn ends its streams within five seconds
PRESENCE_SECONDS = 15
POLL_PATIENCE_SECONDS = 3

_NOTHING = {"type": "http.response.body", "body": b"", "more_body": True}
_LAST = {"type": "http.response.body", "body": b"", "more_body": False}


class Boards(Protocol):
    """What audiences may see: `deliberation.live.board`, or a stand-in in tests.

    Every function is called in a thread, with a database connection.
    """

    def authorise(
        self, headers: Mapping[bytes, bytes], path_parts: Sequence[str], /
    ) -> Watch | None:
        """Decide from its cookies and path what a request may watch; None refuses."""

    def still_allowed(self, watches: Sequence[Any], /) -> list[bool]:
        """Decide the same again for many of what `authorise` returned."""

    def render(self, board: str, /) -> str:
        """Make a board's HTML as it should be seen now."""

    def marks(self, boards: Collection[str], /) -> Mapping[str, object]:
        """Say cheaply of some boards what differs when they do; others are left out."""

    def together(self) -> AbstractContextManager[object]:
        """Make a context in which boards may share what they compute."""

    def can_wait(self, board: str, /) -> bool:
        """Tell whether no room waits for a board."""

    def seen(self, viewers: Iterable[tuple[int, str]], /) -> None:
        """Note that these viewers, as (workshop, viewer), are connected now."""

    def tick(self) -> None:
        """Do what is due by the clock, such as closing rounds."""


class Live:
    """The ASGI route under /live/, and the clockwork behind it."""

    def __init__(self, boards: Boards, **watcher_options: Any) -> None:
        self.boards = boards
        self.hub = Hub(on_new_board=self._wake)
        self._watcher_options = watcher_options
        self._watchers: list[Watcher] = []
        self._threads = Threads(THREADS, name="live")
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._ending = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            return await _answer(send, 405, [(b"Allow", b"GET")])
        if self._ending:
            return await _answer(send, 503, [(b"Retry-After", b"2")])
        try:
            watch = await self._in_thread(
                self.boards.authorise, _headers(scope), _path_parts(scope)
            )
        except Exception:
            logger.exception("Cannot decide who may watch")
            return await _answer(send, 503, [(b"Retry-After", b"2")])
        if watch is None:
            return await _answer(send, 404)
        self._start()
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        if "poll" in query:
            return await self._poll(watch, query.get("seen", []), send)
        return await self._stream(watch, receive, send, takes_parts="parts" in query)

    def end(self) -> None:
        """Close every stream and take no more, because the process is ending."""
        self._ending = True
        self.hub.end_all()
        for job in self._jobs.values():
            job.cancel()

    def close(self) -> None:
        """End the threads and close their connections; blocks up to some seconds."""
        for watcher in self._watchers:
            watcher.end()
        self._threads.close()

    async def _stream(
        self, watch: Watch, receive: Receive, send: Send, *, takes_parts: bool
    ) -> None:
        loop = asyncio.get_running_loop()
        try:
            stream = self.hub.open(watch, now=loop.time(), takes_parts=takes_parts)
        except Full:
            return await _answer(send, 503, [(b"Retry-After", b"10")])
        stream.task = asyncio.current_task()
        try:
            await send(_start(200, [(b"Content-Type", b"text/event-stream")]))
            stream.deliver = partial(_deliver, stream, send)
            stream.rouse()
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            pass  # stuck, or the server's patience has ended: uvicorn drops it
        finally:
            self.hub.close(stream, now=loop.time())

    async def _poll(self, watch: Watch, seen: list[str], send: Send) -> None:
        """Answer one who cannot keep a stream: what is new to them, or 204."""
        loop = asyncio.get_running_loop()
        self.hub.poll(watch, now=loop.time())
        patience = loop.time() + POLL_PATIENCE_SECONDS
        while not all(board in self.hub.frames for board in watch.boards):
            if loop.time() > patience:
                return await _answer(send, 503, [(b"Retry-After", b"5")])
            await asyncio.sleep(0.05)
        frames = [self.hub.frames[board] for board in watch.boards]
        payloads = [frame.payload for frame in frames if frame.id not in seen]
        if not payloads:
            return await _answer(send, 204)
        body = f"[{','.join(payloads)}]".encode(errors="replace")
        headers = [(b"Content-Type", b"application/json")]
        return await _answer(send, 200, headers, body)

    def _start(self) -> None:
        if self._watchers:
            return
        loop = asyncio.get_running_loop()

        def publish(frames: list[tuple[str, Frame]]) -> None:
            with suppress(RuntimeError):  # the loop is gone, the process is ending
                loop.call_soon_threadsafe(self.hub.publish, frames)

        for can_wait in (False, True):
            watcher = Watcher(
                watched=partial(self._watched, can_wait),
                newest=self.hub.frames,
                render=self.boards.render,
                marks=self.boards.marks,
                together=self.boards.together,
                can_wait=can_wait,
                publish=publish,
                **self._watcher_options,
            )
            self._watchers.append(watcher)
            watcher.start()
        self._jobs["house"] = loop.create_task(self._keep_house())

    def _watched(self, can_wait: bool) -> list[str]:
        """Return the boards of one watcher: a room waits for no facilitator's board."""
        boards = self.hub.watched
        return [board for board in boards if self.boards.can_wait(board) == can_wait]

    def _wake(self) -> None:
        for watcher in self._watchers:
            watcher.wake()

    async def _keep_house(self) -> None:
        loop = asyncio.get_running_loop()
        recheck_at = loop.time() + RECHECK_SECONDS
        seen_at = loop.time()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = loop.time()
            self.hub.sweep(now)
            self.hub.tell_health(all(w.is_healthy() for w in self._watchers))
            if not self.hub.has_viewers():
                continue
            self._do("tick", self._in_thread(self.boards.tick))
            if now >= recheck_at:
                recheck_at = now + RECHECK_SECONDS
                self._do("recheck", self._recheck())
            if now >= seen_at:
                seen_at = now + PRESENCE_SECONDS
                viewers = self.hub.viewers()
                self._do("seen", self._in_thread(self.boards.seen, viewers))

    async def _recheck(self) -> None:
        streams = self.hub.streams()
        watches = [stream.watch for stream in streams]
        allowed = await self._in_thread(self.boards.still_allowed, watches)
        for stream, is_allowed in zip(streams, allowed, strict=True):
            if not is_allowed:
                stream.end(GONE)

    def _do(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """Start a job, unless the last one of that name is still at it."""
        last = self._jobs.get(name)
        if last is not None and not last.done():
            work.close()
            return

        async def job() -> None:
            try:
                await work
            except Exception:
                logger.exception("Live job %s failed", name)

        self._jobs[name] = asyncio.get_running_loop().create_task(job())

    async def _in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        future = self._threads.submit(_connected, function, *args)
        return await asyncio.wrap_future(future)


def _connected(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function with a connection that is checked first, as for a request."""
    close_old_connections()
    try:
        return function(*args)
    finally:
        close_old_connections()


async def _deliver(stream: Stream, send: Send) -> None:
    """Send what waits; after the last of an ended stream its connection ends."""
    while not stream.has_delivered():
        # Waits while the connection is full; older frames are replaced by
        # newer ones meanwhile, so what is taken is what is true now.
        await send(_NOTHING)
        if events := stream.take():
            stream.quiet_since = asyncio.get_running_loop().time()
            await send({**_NOTHING, "body": events})
        if stream.ended:
            stream.deliver = None
            await send(_LAST)
            break


async def _answer(
    send: Send, status: int, headers: Headers | None = None, body: bytes = b""
) -> None:
    # Tells phones the time, and that it was this server that answered, not a proxy.
    headers = [*(headers or []), (b"Server-Milliseconds", b"%d" % (time.time() * 1000))]
    if status != 204:
        headers.append((b"Content-Length", b"%d" % len(body)))
    await send(_start(status, headers))
    await send({**_LAST, "body": body})


def _start(status: int, headers: Headers) -> dict[str, Any]:
    headers = [*security_headers(), (b"X-Accel-Buffering", b"no"), *headers]
    return {"type": "http.response.start", "status": status, "headers": headers}


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """Return the headers by name; HTTP/2 may split cookies over several."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name == b"cookie" and name in headers:
            value = headers[name] + b"; " + value
        headers[name] = value
    return headers


def _path_parts(scope: Scope) -> list[str]:
    return scope["path"].removeprefix("/live/").strip("/").split("/")
