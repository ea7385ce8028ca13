"""Pages: Django's whole synchronous stack, run in one thread of a small pool.

Django's own ASGI handler hops between threads at every middleware and costs four to
five times as much before any view runs. This one hops once. It stands on BaseHandler
and ASGIRequest, so `tests/config/test_bridge.py` compares it with Django's handlers.
"""

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import Future
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple, Protocol

from django.conf import settings
from django.core import signals
from django.core.handlers.asgi import ASGIRequest, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.db import connections
from django.http import HttpResponseBase
from django.urls import set_script_prefix
from django.utils.csp import build_policy
from django.utils.translation import gettext as _

from config.threads import Threads

logger = logging.getLogger("django.request")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

THREADS = 4  # more bring nothing on two cores, and each holds a connection
MAX_WAITING = 1000  # requests in the queue; beyond, the honest answer is "later"
MAX_BODY = 4 * 1024 * 1024
BODY_SECONDS = 20  # a whole body on poor Wi-Fi; longer is a stalled phone or an attack
TRUST_SECONDS = 1  # for which a connection that served a request is taken to live
PATIENCE_SECONDS = 30  # after which a request that no thread has answered gets a 503
CHUNK = 64 * 1024
IN_MEMORY = 1024 * 1024  # larger downloads are spooled to disk while they are sent


class Reply(NamedTuple):
    """What a view answered, with nothing left to do in a thread but to read it."""

    status: int
    headers: Headers
    body: IO[bytes]
    length: int


class BodyTooLarge(Exception):
    pass


class BodyTooSlow(Exception):
    pass


class ClientGone(Exception):
    pass


def security_headers() -> Headers:
    """The headers that Django's middleware sets, for answers made outside it."""
    policy = build_policy(settings.SECURE_CSP)  # type: ignore[arg-type]
    return [
        (b"Content-Security-Policy", policy.encode()),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"X-Frame-Options", b"DENY"),
        (b"Referrer-Policy", b"same-origin"),
        (b"Cache-Control", b"no-store"),
    ]


class Bridge(BaseHandler):
    """An ASGI application around Django's middleware and views."""

    def __init__(self, *, threads: int = THREADS, max_body: int = MAX_BODY) -> None:
        super().__init__()
        self.load_middleware(is_async=False)
        self.max_body = max_body
        self.threads = Threads(threads, name="pages")
        self._waiting = 0
        self._last = threading.local()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(receive, limit=self.max_body)
        except ClientGone:
            return
        except BodyTooLarge:
            limit = f"{self.max_body / 1024 / 1024:.0f} MB"
            text = _("This is too large to send: %(limit)s is the most.")
            await send_reply(send, refusal(413, text % {"limit": limit}))
            return
        except BodyTooSlow:
            await send_reply(send, refusal(408, _("This took too long to arrive.")))
            return
        if self._waiting >= MAX_WAITING:
            await send_reply(send, later())
            return
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                reply = await self.reply(scope, body)
        except TimeoutError:  # the database is silent: say so rather than nothing
            reply = later()
        finally:
            self._waiting -= 1
        await send_reply(send, reply)

    async def reply(self, scope: Scope, body: BytesIO) -> Reply:
        """Have a thread answer one request."""
        # Not cancelled when the client leaves: its answer is stored all the same.
        future = self.threads.submit(self.respond, scope, body)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            future.add_done_callback(_discard)
            raise

    def respond(self, scope: Scope, body: IO[bytes]) -> Reply:
        """Answer one request, in a pool thread, and leave nothing open in it.

        The request signals are sent here, so a connection belongs to one thread and is
        checked and closed by the same rules as under WSGI.
        """
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        self.trust_what_just_worked()
        response: HttpResponseBase | None = None
        try:
            try:
                request = ASGIRequest(scope, body)
            except (UnicodeError, LookupError):  # an encoding that is none
                return refusal(400, _("This request cannot be read."))
            response = self.get_response(request)
            return _drain(response)
        except Exception:
            # Only when an error page itself fails, or a download in the middle.
            logger.exception("Internal Server Error: %s", scope["path"])
            return refusal(500, _("Something went wrong on the server."))
        finally:
            if response is None:
                signals.request_finished.send(sender=type(self))
            else:
                response._handler_class = type(self)  # type: ignore[attr-defined]
                response.close()  # closes uploads and files, sends request_finished

    def trust_what_just_worked(self) -> None:
        """Spare connections in steady use the round trip that asks if they are alive.

        One that dies within a second costs this thread's next request a 503.
        """
        now = time.monotonic()
        if now - getattr(self._last, "request_at", 0) < TRUST_SECONDS:
            for connection in connections.all(initialized_only=True):
                connection.health_check_done = True
        self._last.request_at = now

    def close(self) -> None:
        """End the threads, and with them their database connections."""
        self.threads.close()


class Ending(Protocol):
    """The live streams as `Application` needs them: an ASGI route that can end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def end(self) -> None: ...

    def close(self) -> None: ...


class Application:
    """The ASGI application: live streams on their own route, pages for the rest."""

    def __init__(self, *, pages: Bridge, live: Ending) -> None:
        self.pages = pages
        self.live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live_and_die(receive, send)
        elif scope["path"].startswith("/live/"):
            await self.live(scope, receive, send)
        else:
            await self.pages(scope, receive, send)

    async def _live_and_die(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                break
            _before_signals(asyncio.get_running_loop(), self.live.end)
            await send({"type": "lifespan.startup.complete"})
        self.live.end()
        await asyncio.to_thread(self.live.close)
        await asyncio.to_thread(self.pages.close)
        await send({"type": "lifespan.shutdown.complete"})


def refusal(status: int, text: str) -> Reply:
    """An answer made without Django, in plain words; the connection is closed."""
    body = text.encode()
    headers = [
        *security_headers(),
        (b"Content-Type", b"text/plain; charset=utf-8"),
        (b"Content-Length", str(len(body)).encode()),
        (b"Connection", b"close"),
    ]
    return Reply(status, headers, BytesIO(body), len(body))


def later() -> Reply:
    """An answer for who comes when nothing can be done just now."""
    reply = refusal(503, _("Very busy. Please try again in a few seconds."))
    reply.headers.append((b"Retry-After", b"5"))
    return reply


async def read_body(receive: Receive, *, limit: int) -> BytesIO:
    """Collect a request's body, at most `limit` bytes of it.

    Raises ClientGone, BodyTooSlow after BODY_SECONDS, or BodyTooLarge; the latter only
    once the rest was read and dropped, or browsers would report a broken connection
    instead of the reason.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    body = message.get("body", b"")
    if not message.get("more_body", False) and len(body) <= limit:
        return BytesIO(body)
    parts, size = [body], len(body)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while message.get("more_body", False):
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                size += len(message.get("body", b""))
                if size <= limit:
                    parts.append(message.get("body", b""))
                else:
                    parts.clear()
    except TimeoutError:
        raise (BodyTooLarge if size > limit else BodyTooSlow) from None
    if size > limit:
        raise BodyTooLarge
    return BytesIO(b"".join(parts))


async def send_reply(send: Send, reply: Reply) -> None:
    """Send a reply; a large one is read piece by piece, so memory stays bounded."""
    start = {
        "type": "http.response.start",
        "status": reply.status,
        "headers": reply.headers,
    }
    with reply.body as body:
        await send(start)
        left = reply.length
        while True:
            piece = body.read(CHUNK)
            left -= len(piece)
            more = left > 0 and bool(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": more})
            if not more:
                return


def _drain(response: HttpResponseBase) -> Reply:
    headers = [(_bytes(name), _bytes(value)) for name, value in response.items()]
    headers += [
        (b"Set-Cookie", cookie.OutputString().encode("ascii"))
        for cookie in response.cookies.values()
    ]
    if not response.streaming:
        content = response.content  # type: ignore[attr-defined]
        body: IO[bytes] = BytesIO(content)
        return Reply(response.status_code, headers, body, len(content))
    # Read to the end here, so that a slow download holds neither a thread nor a
    # connection, and a generator stays in the thread that its queries began in.
    spool = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (lives on in the reply)
    try:
        for part in _parts(response):
            spool.write(part)
    except BaseException:
        spool.close()
        raise
    length = spool.tell()
    spool.seek(0)
    return Reply(response.status_code, headers, spool, length)


def _parts(response: HttpResponseBase) -> Iterator[bytes]:
    return (response.make_bytes(part) for part in response)  # type: ignore[attr-defined]


def _bytes(header: str | bytes) -> bytes:
    return header.encode("latin-1") if isinstance(header, str) else header


def _discard(future: Future[Reply]) -> None:
    if not future.cancelled() and future.exception() is None:
        future.result().body.close()


def _before_signals(
    loop: asyncio.AbstractEventLoop, action: Callable[[], None]
) -> None:
    """Run `action` in the loop when the process is told to end, before the server.

    Servers wait for open connections before they tell the application; streams never
    close by themselves, so the application has to hear of it first.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        server = signal.getsignal(number)
        if not callable(server):
            continue

        def handle(signum: int, frame: Any, server: Any = server) -> None:
            loop.call_soon_threadsafe(action)
            server(signum, frame)

        signal.signal(number, handle)
