"""A stand-in for `deliberation.live.board`: the board of room 12 lists its groups.

Group names such as "12: Table 1" are real rows, so that commits are real commits.
"""

import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from django.contrib.auth.models import Group
from django.utils.html import escape

from config.bridge import Application, Bridge
from deliberation.live.stream import Live
from tests.serving import PATIENCE


@dataclass(frozen=True)
class Watch:
    workshop_id: int
    boards: tuple[str, ...]
    viewer: str


class Rooms:
    """/live/phone/12/ shows the board phone:12; /live/desk/12/ a second one as well."""

    def __init__(self) -> None:
        self.rendered: Counter[str] = Counter()
        self.refused: set[str] = set()
        self.seen_viewers: set[tuple[int, str]] = set()
        self.ticks = 0
        self.marked: dict[str, object] = {}
        self.broken = ""
        self.slow = ""  # the board that is not done before `done` is set
        self.done = threading.Event()
        self.raw = False  # names are HTML, to have something in a board

    def authorise(
        self, headers: Mapping[bytes, bytes], path_parts: Sequence[str]
    ) -> Watch | None:
        cookie = SimpleCookie(headers.get(b"cookie", b"").decode())
        viewer = cookie["who"].value if "who" in cookie else "screen:12"
        match path_parts:
            case ["phone" | "screen" as audience, room] if viewer not in self.refused:
                boards = (f"{audience}:{room}",)
            case ["desk", room] if viewer not in self.refused:
                boards = (f"phone:{room}", f"desk:{room}")
            case _:
                return None
        return Watch(12, boards, viewer)

    def still_allowed(self, watches: Sequence[Watch]) -> list[bool]:
        return [watch.viewer not in self.refused for watch in watches]

    def render(self, board: str) -> str:
        self.rendered[board] += 1
        if board == self.broken:
            raise ValueError(board)
        if board == self.slow:
            self.done.wait(PATIENCE)
        room = board.partition(":")[2]
        groups = Group.objects.filter(name__startswith=f"{room}: ").order_by("pk")
        names = groups.values_list("name", flat=True)
        shown = names if self.raw else map(escape, names)
        rows = "".join(f"<li>{name}</li>\n" for name in shown)
        return f"<ul>{rows}</ul>"

    def marks(self, boards: Collection[str]) -> Mapping[str, object]:
        return {board: self.marked[board] for board in boards if board in self.marked}

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()

    def can_wait(self, board: str) -> bool:
        return board.startswith("desk:")

    def seen(self, viewers: Iterable[tuple[int, str]]) -> None:
        self.seen_viewers |= set(viewers)

    def tick(self) -> None:
        self.ticks += 1


def make_application(rooms: Rooms | None = None, **options: Any) -> Application:
    return Application(pages=Bridge(), live=Live(rooms or Rooms(), **options))
