"""Asks ASGI and WSGI applications in one process, and tidies what they answer."""

import asyncio
import io
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import unquote

from django.core.wsgi import get_wsgi_application

from tests.serving import PATIENCE


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Asked(NamedTuple):
    method: str
    path: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def ask(handler: Any, asked: Asked, *, receive: Any = None) -> Answer:
    """Call an ASGI application; return what it sent, names sorted and lower-case."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def call() -> None:
        await handler(scope_of(asked), receive or receiver(asked), send)

    run(call())
    start, *bodies = sent
    assert [message.get("more_body", False) for message in bodies] == [True] * (
        len(bodies) - 1
    ) + [False]
    body = b"".join(message.get("body", b"") for message in bodies)
    headers = [(name.decode(), value.decode()) for name, value in start["headers"]]
    return Answer(start["status"], tidy(headers), shown(asked, body))


def run(work: Coroutine[Any, Any, Any]) -> None:
    """Run in another thread: in this one, Playwright's loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result(PATIENCE)


def ask_wsgi(asked: Asked) -> Answer:
    scope = scope_of(asked)
    environ = {
        "REQUEST_METHOD": asked.method,
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode(),
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(asked.body),
        "wsgi.url_scheme": "http",
    }
    for name, value in scope["headers"]:
        if b"_" not in name:
            key = name.decode().upper().replace("-", "_")
            key = key if key.startswith("CONTENT_") else f"HTTP_{key}"
            environ[key] = value.decode()
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        started.append((int(status[:3]), headers))

    response = get_wsgi_application()(environ, start_response)
    try:
        body = b"".join(response)
    finally:
        response.close()
    status, headers = started[0]
    return Answer(status, tidy(headers), shown(asked, body))


def scope_of(asked: Asked) -> dict[str, Any]:
    path, _, query = asked.path.partition("?")
    given = dict(asked.headers)
    headers = [*asked.headers]
    if "host" not in given:
        headers.append(("host", "testserver"))
    if asked.body:
        headers.append(("content-length", str(len(asked.body))))
    return {
        "type": "http",
        "method": asked.method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "scheme": "http",
        "root_path": "",
        "client": ("127.0.0.1", 50000),
        "server": ("testserver", 80),
    }


def receiver(asked: Asked) -> Any:
    """Hand out the body in pieces; after it, the client stays connected."""
    size = 65536
    pieces = [asked.body[n : n + size] for n in range(0, len(asked.body), size)] or [
        b""
    ]

    async def receive() -> dict[str, Any]:
        if not pieces:
            await asyncio.sleep(30)
        body = pieces.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(pieces)}

    return receive


def tidy(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Sort, without what is random: the id of a request and the token in forms."""
    ordered = [(name.lower(), TOKEN.sub("token", value)) for name, value in headers]
    return sorted(header for header in ordered if header[0] != "x-request-id")


def shown(asked: Asked, body: bytes) -> bytes:
    text = TOKEN.sub("token", body.decode(errors="replace"))
    return b"" if asked.method == "HEAD" else text.encode()


TOKEN = re.compile(r"\b[A-Za-z0-9]{64}\b|(?<=csrf=)[A-Za-z0-9]{32}\b|expires=[^;]*")
