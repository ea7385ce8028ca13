"""A proxy that misbehaves when told to: a room's Wi-Fi, a hotel's, a bad nginx.

    with FaultProxy(server.port) as proxy:
        page.goto(proxy.url)
        proxy.mode = "502"      # for new requests; those under way are not touched
        proxy.cut()             # cuts those

Modes: pass, refuse (connection refused), hang (takes the request, never answers),
reset (breaks the connection instead of answering), lose (hands the request on, breaks
the connection instead of the answer), truncate (ends in the middle of the answer), 502
(an HTML error page), portal (200 with a page of somebody else's), buffer (answers
arrive when complete), and freeze (nothing passes any more, on connections under way
either, but none is closed).
`only` limits the mode to requests whose path begins so; `delay` is seconds each way.
"""

import asyncio
import re
import socket
import threading
from contextlib import suppress
from typing import Self

from tests.serving import PATIENCE, hold_port, port_of

CANNED = {
    "502": b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n"
    b"Connection: close\r\nContent-Length: 27\r\n\r\n<h1>502: the proxy says</h1>",
    "portal": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    b"Connection: close\r\nContent-Length: 25\r\n\r\n<h1>Buy Wi-Fi here!!</h1>",
}


class FaultProxy:
    """Stands before a port of this machine; one request a connection."""

    def __init__(self, upstream: int) -> None:
        self.only = "/"
        self.delay = 0.0
        self.requests: list[str] = []
        self._upstream = upstream
        self._mode = "pass"
        self._frozen = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._held = hold_port()  # also while connections are refused
        self.port = port_of(self._held)
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._open())
        return self

    def __exit__(self, *exception: object) -> None:
        self._run(self._close())
        self._run(self._cut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()
        self._held.close()

    @property
    def mode(self) -> str:
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        if "refuse" in (mode, self._mode) and mode != self._mode:
            self._run(self._close() if mode == "refuse" else self._open())
        self._frozen = mode == "freeze"
        self._mode = mode

    def cut(self) -> None:
        """Break every connection under way."""
        self._run(self._cut())

    def _run(self, work) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, reuse_address=True
        )

    async def _close(self) -> None:
        if self._server is not None:
            # What was just accepted comes first: a closed server would leave it open.
            for listening in self._server.sockets:
                self._loop.remove_reader(listening.fileno())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            self._server.close()
            self._server = None

    async def _cut(self) -> None:
        for writer in list(self._writers):
            _reset(writer)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            await self._answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            self._writers.discard(writer)
            writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        path = head.split(b" ", 2)[1].decode()
        mode = self._mode if path.startswith(self.only) else "pass"
        self.requests.append(f"{mode} {path}")
        await asyncio.sleep(self.delay)
        if mode in CANNED:
            writer.write(CANNED[mode])
            await writer.drain()
        elif mode in ("hang", "freeze"):
            await asyncio.sleep(3600)
        elif mode == "reset":
            _reset(writer)
        else:
            await self._hand_on(head, body, mode, reader, writer)

    async def _hand_on(
        self,
        head: bytes,
        body: bytes,
        mode: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        up_reader, up_writer = await asyncio.open_connection(
            "127.0.0.1", self._upstream
        )
        head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head)
        up_writer.write(head[:-4] + b"\r\nConnection: close\r\n\r\n" + body)
        leaving = asyncio.ensure_future(reader.read(1))
        leaving.add_done_callback(lambda _: up_writer.close())
        try:
            if mode in ("buffer", "lose", "truncate"):
                whole = await up_reader.read()
                if mode == "lose":
                    _reset(writer)
                    return
                writer.write(whole if mode == "buffer" else whole[: len(whole) // 2])
                await writer.drain()
                return
            while piece := await up_reader.read(65536):
                await asyncio.sleep(self.delay)
                while self._frozen:
                    await asyncio.sleep(0.05)
                writer.write(piece)
                await writer.drain()
        finally:
            leaving.cancel()
            with suppress(OSError):
                up_writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    if sock is not None:
        # No lingering: the other side sees a reset, not an end.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()
