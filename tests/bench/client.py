"""A load generator's connections: asyncio and httptools, and as little as possible."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import httptools
import uvloop

Headers = list[tuple[bytes, bytes]]


def run(main: Any) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


class Connection(asyncio.Protocol):
    """One connection, opened anew if the server closes it; one request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._waiting: asyncio.Future[int] | None = None
        self.headers: Headers = []
        self.body = b""

    @classmethod
    async def open(cls, port: int) -> "Connection":
        self = cls(port)
        await self._connect()
        return self

    async def _connect(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._is_kept = True
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, "127.0.0.1", self._port)

    async def exchange(self, request: bytes) -> int:
        """Return the status; `headers` and `body` have the rest."""
        if not self._is_kept or self._transport.is_closing():
            self.close()
            await self._connect()
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        self._transport.close()

    # called by asyncio and by the parser

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error or ConnectionResetError("It was closed."))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.headers = []
        self.body = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self._is_kept = self._parser.should_keep_alive()
        if not self._waiting.done():
            self._waiting.set_result(self._parser.get_status_code())


class Listener(asyncio.Protocol):
    """An open event stream; `hear` is called with each board's event as it stands.

    The chunks of HTTP are not undone: the server sends whole events in each.
    """

    def __init__(self, request: bytes, hear: Callable[[bytes], None]) -> None:
        self._request = request
        self._hear = hear
        self._unread = b""
        self.is_open = True

    @classmethod
    async def open(
        cls, port: int, request: bytes, hear: Callable[[bytes], None]
    ) -> "Listener":
        loop = asyncio.get_running_loop()
        _transport, self = await loop.create_connection(
            lambda: cls(request, hear), "127.0.0.1", port
        )
        return self

    def close(self) -> None:
        self._transport.abort()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._request)

    def connection_lost(self, _error: Exception | None) -> None:
        self.is_open = False

    def data_received(self, data: bytes) -> None:
        *events, self._unread = (self._unread + data).split(b"\n\n")
        for event in events:
            if b"event: board\n" in event or b"event: parts\n" in event:
                self._hear(event)


def html_of(event: bytes) -> str:
    """Read the HTML in a board's event, all of it or the parts that changed."""
    said = json.loads(event.partition(b"\ndata: ")[2])
    return said["html"] if "html" in said else "".join(said["parts"])


class Meter:
    """Notes what answers take, within a window and as seen from outside."""

    def __init__(self) -> None:
        self.took: list[float] = []  # milliseconds
        self.refused: list[int] = []  # status
        self.is_open = False

    def note(self, status: int, began: float) -> None:
        if self.is_open:
            if status == 200:
                self.took.append((time.perf_counter() - began) * 1000)
            else:
                self.refused.append(status)
