"""`room`: a real server whose boards are those of `tests.live.rooms`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group

from tests.live.listening import Listener
from tests.live.rooms import Rooms, make_application
from tests.serving import serving


@dataclass
class Room:
    rooms: Rooms
    url: str
    application: Any

    def listen(self, path: str = "/live/phone/12/", *, who: str = "") -> Listener:
        return Listener(self.url + path, who=who)


@pytest.fixture
def room(transactional_db: None) -> Iterator[Room]:
    rooms = Rooms()
    with serving(make_application(rooms)) as server:
        yield Room(rooms, server.url, server.application)


@pytest.fixture
def live_app(transactional_db: None) -> Iterator[Any]:
    """The real application, boards and all, on a free port."""
    with serving() as server:
        yield server


def add_group(name: str) -> None:
    Group.objects.create(name=name)
