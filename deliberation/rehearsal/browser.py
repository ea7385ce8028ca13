"""A phone's browser, lean enough for hundreds in one process: HTTP/1.1, forms, streams.

One connection is kept for pages and one for the stream, as a real phone does it; no
library for HTTP clients leaves two cores enough time to simulate a full room.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from html import unescape
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httptools

PATIENCE = 30  # seconds for a page
SILENCE = 35  # seconds without a beat, after which a stream counts as broken
CHUNK = 64 * 1024
MOST_REDIRECTS = 5

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
CONTROL = re.compile(
    r"<(input|button|textarea|select|option)\b([^>]*)>([^<]*)", re.DOTALL
)
ATTRIBUTE = re.compile(r"([\w-]+)(?:=(?:\"([^\"]*)\"|'([^']*)'))?")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"|"X-CSRFToken": ?"(\w+)"')

type Fields = Sequence[tuple[str, str]]


class Unreachable(Exception):
    """The server did not answer, or the connection was lost on the way."""


@dataclass(frozen=True)
class Form:
    """A form of a page: where it goes, and what it offers.

    `hidden` is sent as it is; `choices` are radio buttons, boxes and lists with their
    values; `texts` are fields to write in. `picks` is how many of its items it takes,
    at least one and at most, `total` the points to share out among them.
    """

    id: str
    action: str
    hidden: tuple[tuple[str, str], ...]
    choices: Mapping[str, Sequence[str]]
    texts: Sequence[str]
    picks: tuple[int, int] = (1, 1)
    total: int = 0

    @property
    def numbered(self) -> list[str]:
        """The items that it wants a place or points for, by their keys."""
        start = "answer."
        return [name.removeprefix(start) for name in self.texts if start in name]

    def has(self, name: str) -> bool:
        return name in self.choices or name in self.texts


@dataclass
class Page:
    """What came back, after redirects."""

    status: int
    url: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def forms(self) -> list[Form]:
        return read_forms(self.text, self.url)

    def attribute(self, name: str) -> str:
        """Return the first value that an attribute has anywhere in the page, or ""."""
        found = re.search(rf'\b{re.escape(name)}="([^"]*)"', self.text)
        return unescape(found[1]) if found else ""


def read_forms(html: str, url: str = "") -> list[Form]:
    """Return the forms in HTML as our own templates write it."""
    return [_read_form(match[1], match[2], url) for match in FORM.finditer(html)]


def _read_form(start: str, content: str, url: str) -> Form:
    hidden: list[tuple[str, str]] = []
    choices: dict[str, list[str]] = {}
    texts: list[str] = []
    of_list = ""
    for tag, attributes, text in CONTROL.findall(content):
        about = _attributes(attributes)
        name, kind = about.get("name", ""), about.get("type", "text")
        if tag == "select":
            of_list = name
            choices.setdefault(name, [])
        elif tag == "option":
            choices.setdefault(of_list, []).append(about.get("value", text.strip()))
        elif not name or "disabled" in about:
            continue
        elif tag == "textarea" or (tag == "input" and kind in ("text", "search")):
            texts.append(name)
        elif kind in ("radio", "checkbox"):
            choices.setdefault(name, []).append(about.get("value", "on"))
        elif kind == "hidden":
            hidden.append((name, about.get("value", "")))
    about = _attributes(start)
    action = urljoin(url, about.get("action", "") or url)
    picks = (1, 1)
    if about.get("data-kind") in ("approve", "rank"):
        picks = max(1, int(about["data-least"])), int(about["data-most"])
    total = int(about.get("data-total", 0))
    name = about.get("id", "")
    return Form(name, action, tuple(hidden), choices, texts, picks, total)


def _attributes(text: str) -> dict[str, str]:
    return {
        name: unescape(double or single)
        for name, double, single in ATTRIBUTE.findall(text)
    }


class Browser:
    """One browser: its cookies, the token of its last page, its connections."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.cookies: dict[str, str] = {}
        self.token = ""
        self._kept: _Connection | None = None
        self._streaming: _Connection | None = None

    async def get(self, url: str) -> Page:
        """Return a page. Raises Unreachable."""
        return await self._follow("GET", url, None, "text/html")

    async def submit(
        self,
        url: str,
        fields: Fields,
        *,
        as_json: bool = False,
        lose_reply: bool = False,
    ) -> Page:
        """Send a form, as a script that wants JSON, or as a browser without scripts.

        `lose_reply` cuts the connection when all is sent. Raises Unreachable.
        """
        wanted = "application/json" if as_json else "text/html"
        body = urlencode([*fields, ("csrfmiddlewaretoken", self.token)]).encode()
        return await self._follow("POST", url, body, wanted, lose_reply=lose_reply)

    async def stream(self, url: str) -> AsyncIterator[tuple[str, str]]:
        """Yield a stream's events, (event, data), until it ends. Raises Unreachable."""
        connection = await self._connect()
        self._streaming = connection
        url = urljoin(self.base_url, url)
        request = self._request("GET", url, None, "text/event-stream")
        try:
            async for event in connection.events(request):
                yield event
        finally:
            connection.cut()

    def drop(self) -> None:
        """Lose the network: both connections are cut as they are."""
        for connection in (self._kept, self._streaming):
            if connection is not None:
                connection.cut()
        self._kept = self._streaming = None

    async def _follow(
        self,
        method: str,
        url: str,
        body: bytes | None,
        wanted: str,
        *,
        lose_reply: bool = False,
    ) -> Page:
        url = urljoin(self.base_url + "/", url)
        for _hop in range(MOST_REDIRECTS):
            request = self._request(method, url, body, wanted)
            is_safe = method == "GET"
            reply = await self._exchange(request, is_safe, lose_reply=lose_reply)
            self._take_cookies(reply)
            location = reply.header("location")
            if reply.status not in (301, 302, 303, 307, 308) or not location:
                break
            url, method, body = urljoin(url, location), "GET", None
        page = Page(reply.status, url, reply.text(), dict(reply.headers))
        if found := TOKEN.search(page.text):
            self.token = found[1] or found[2]
        return page

    def _request(self, method: str, url: str, body: bytes | None, wanted: str) -> bytes:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Accept: {wanted}",
            "Accept-Language: en",
        ]
        if self.cookies:
            pairs = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            lines.append(f"Cookie: {pairs}")
        if body is not None:
            lines += [
                f"Origin: {parts.scheme}://{parts.netloc}",
                f"Referer: {url}",
                f"X-CSRFToken: {self.token}",
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
            ]
        head = "\r\n".join([*lines, "", ""])
        return head.encode("latin-1") + (body or b"")

    async def _exchange(
        self, request: bytes, is_safe: bool, *, lose_reply: bool
    ) -> "_Reply":
        kept, self._kept = self._kept, None
        if kept is not None and kept.is_open():
            try:
                return await self._on(kept, request, lose_reply)
            except Unreachable:
                # The server may have closed it meanwhile; what changes nothing is
                # asked again at once, the rest is for the caller to repeat.
                if not is_safe:
                    raise
        elif kept is not None:
            kept.cut()
        return await self._on(await self._connect(), request, lose_reply)

    async def _on(
        self, connection: "_Connection", request: bytes, lose_reply: bool
    ) -> "_Reply":
        reply = await connection.exchange(request, lose_reply=lose_reply)
        # Another request may have been under way beside this one; one is kept.
        if reply.keeps_alive and self._kept is None:
            self._kept = connection
        else:
            connection.cut()
        return reply

    async def _connect(self) -> "_Connection":
        parts = urlsplit(self.base_url)
        secure = ssl.create_default_context() if parts.scheme == "https" else None
        port = parts.port or (443 if secure else 80)
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_connection(
                    parts.hostname, port, ssl=secure
                )
        except (OSError, TimeoutError) as error:
            raise Unreachable(str(error)) from None
        return _Connection(reader, writer)

    def _take_cookies(self, reply: "_Reply") -> None:
        for name, value in reply.headers:
            if name != "set-cookie":
                continue
            cookies: SimpleCookie = SimpleCookie()
            with suppress(CookieError):
                cookies.load(value)
            for cookie in cookies.values():
                if cookie["max-age"] == "0" or not cookie.value:
                    self.cookies.pop(cookie.key, None)
                else:
                    self.cookies[cookie.key] = cookie.coded_value


class _Reply:
    """A reply as the parser reads it."""

    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []
        self.body: list[bytes] = []
        self.is_complete = False
        self.has_headers = False
        self.keeps_alive = False
        self.status = 0
        self.parser: Any = httptools.HttpResponseParser(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self.has_headers = True
        self.status = self.parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self.body.append(body)

    def on_message_complete(self) -> None:
        self.is_complete = True
        self.keeps_alive = self.parser.should_keep_alive()

    def header(self, wanted: str) -> str:
        return next((value for name, value in self.headers if name == wanted), "")

    def text(self) -> str:
        return b"".join(self.body).decode(errors="replace")

    def take(self) -> bytes:
        body = b"".join(self.body)
        self.body.clear()
        return body


class _Connection:
    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._reader, self._writer = reader, writer

    def is_open(self) -> bool:
        return not (self._reader.at_eof() or self._writer.is_closing())

    def cut(self) -> None:
        """End at once, without a goodbye."""
        with suppress(Exception):
            self._writer.transport.abort()

    async def exchange(self, request: bytes, *, lose_reply: bool) -> _Reply:
        reply = _Reply()
        try:
            async with asyncio.timeout(PATIENCE):
                self._writer.write(request)
                await self._writer.drain()
                if lose_reply:
                    raise Unreachable("The reply was lost on purpose.")
                while not reply.is_complete:
                    await self._feed(reply)
        except (OSError, TimeoutError, httptools.HttpParserError) as error:
            self.cut()
            raise Unreachable(str(error)) from None
        except BaseException:
            self.cut()
            raise
        return reply

    async def events(self, request: bytes) -> AsyncIterator[tuple[str, str]]:
        reply = _Reply()
        unread = b""
        try:
            self._writer.write(request)
            while not reply.is_complete:
                async with asyncio.timeout(SILENCE):
                    await self._feed(reply)
                if reply.has_headers and reply.status != 200:
                    raise Unreachable(f"The stream answers with {reply.status}.")
                *events, unread = (unread + reply.take()).split(b"\n\n")
                for event in events:
                    yield _read_event(event.decode(errors="replace"))
        except (OSError, TimeoutError, httptools.HttpParserError) as error:
            raise Unreachable(str(error)) from None

    async def _feed(self, reply: _Reply) -> None:
        data = await self._reader.read(CHUNK)
        if not data:
            raise ConnectionResetError("The server closed the connection.")
        reply.parser.feed_data(data)


def _read_event(text: str) -> tuple[str, str]:
    fields: dict[str, list[str]] = {}
    for line in text.split("\n"):
        name, _colon, value = line.partition(":")
        fields.setdefault(name, []).append(value.removeprefix(" "))
    event = fields.get("event", ["message"])[-1]
    return event, "\n".join(fields.get("data", []))
