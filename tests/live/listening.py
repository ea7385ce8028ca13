"""Listens to a live stream as a browser would, and says what arrived."""

import http.client
import json
import re
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from tests.serving import PATIENCE


class Event(NamedTuple):
    kind: str
    data: dict[str, Any]
    id: str


class Listener:
    """One open stream. `following()` gives events; `board()` the next board's HTML."""

    def __init__(self, url: str, *, who: str = "") -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(address.netloc, timeout=PATIENCE)
        headers = {"Accept": "text/event-stream"}
        if who:
            headers["Cookie"] = f"who={who}"
        self._connection.request("GET", address.path, headers=headers)
        assert self._connection.sock is not None
        self._socket: socket.socket = self._connection.sock
        self.answer = self._connection.getresponse()
        self.status = self.answer.status
        self.headers = dict(self.answer.getheaders())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        with closing(self._connection):
            self.answer.close()

    def following(self, *, seconds: float = PATIENCE) -> Event | None:
        """Return the next event; None when the stream ended. Raises TimeoutError."""
        self._socket.settimeout(seconds)
        fields: dict[str, str] = {}
        while line := self.answer.readline():
            text = line.decode().rstrip("\n")
            if not text:
                data = json.loads(fields["data"])
                return Event(fields["event"], data, fields.get("id", ""))
            name, _, value = text.partition(": ")
            fields[name] = value
        return None

    def board(self, *, seconds: float = PATIENCE) -> str:
        """Return the HTML of the next board, past anything else."""
        while event := self.following(seconds=seconds):
            if event.kind == "board":
                return event.data["html"]
        raise AssertionError("The stream ended without a board.")

    def until(self, kind: str, *, seconds: float = PATIENCE) -> Event:
        """Return the next event of a kind, past anything else."""
        while event := self.following(seconds=seconds):
            if event.kind == kind:
                return event
        raise AssertionError(f"The stream ended without {kind!r}.")

    def health(self, ok: bool) -> None:
        """Read on until the stream says that all is well, or that it is not."""
        self._read(lambda event: event.kind == "beat" and event.data["ok"] is ok)

    def rest(self) -> list[str]:
        """Return the kinds of all events until the stream ends, without its beats.

        Those come when a machine is slow as well.
        """
        events = self._read(lambda _event: False)
        return [event.kind for event in events if event.kind != "beat"]

    def _read(self, is_last: Callable[[Event], bool]) -> list[Event]:
        """Return all events up to one, or to the stream's end. Raises TimeoutError."""
        events: list[Event] = []
        deadline = time.monotonic() + 2 * PATIENCE
        while event := self.following():
            events.append(event)
            if is_last(event):
                break
            if time.monotonic() > deadline:
                raise TimeoutError(events)
        return events


def with_parts(html: str, parts: Iterable[str]) -> str:
    """Return a board with these elements in the places of those with their ids."""
    for part in parts:
        tag, ident = re.match(r'\s*<(\w+)[^>]*?\sid="([^"]*)"', part).groups()
        [begin] = [
            found.start()
            for found in re.finditer(rf'<{tag}\b[^>]*?\sid="{re.escape(ident)}"', html)
        ]
        depth = 0
        for found in re.finditer(rf"<(/?){tag}\b", html[begin:]):
            depth += -1 if found[1] else 1
            if not depth:
                break
        end = html.index(">", begin + found.start()) + 1
        html = html[:begin] + part.strip() + html[end:]
    return html
