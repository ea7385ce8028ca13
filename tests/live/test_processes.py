"""Servers in processes of their own: ended, killed, started again, several at once.

Three seconds for the end are what RELIABILITY=full asks for; the ordinary suite, which
shares the processor with other tests, only wants it to come.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from tests.live.listening import Listener
from tests.reliability.phones import FULL
from tests.serving import PATIENCE, ServerProcess

pytestmark = pytest.mark.django_db(transaction=True)

ENDS_WITHIN = 3 if FULL else PATIENCE  # seconds
ROOMS = "tests.live.rooms_server:application"


@pytest.fixture
def server(transactional_db: None) -> Iterator[ServerProcess]:
    with ServerProcess(ROOMS) as server:
        yield server


def test_process_ends_within_three_seconds_with_its_streams_open(server: ServerProcess):
    with ExitStack() as streams:
        listeners = [
            streams.enter_context(listen(server, who=f"seat:{n}")) for n in range(200)
        ]
        listeners[-1].board()
        assert server.stop() < ENDS_WITHIN
        # Each was ended properly, not broken off.
        assert {tuple(listener.rest()) for listener in listeners} <= {(), ("board",)}


def test_killed_process_comes_back_with_what_was_committed(server: ServerProcess):
    with listen(server) as listener:
        listener.board()
    server.kill()
    Group.objects.create(name="12: Table 1")
    server.start()
    with listen(server) as listener:
        assert "Table 1" in listener.board()


def test_processes_that_share_a_port_show_the_same(transactional_db: None):
    if connection.vendor != "postgresql":
        pytest.skip("several processes need PostgreSQL")
    with ServerProcess(ROOMS, processes=2) as server, ExitStack() as streams:
        listeners = [
            streams.enter_context(listen(server, who=f"seat:{n}")) for n in range(12)
        ]
        for listener in listeners:
            listener.board()
        Group.objects.create(name="12: Table 1")
        boards = {listener.board() for listener in listeners}
        assert boards == {"<ul><li>12: Table 1</li>\n</ul>"}
        assert server.stop() < ENDS_WITHIN + 0.5  # the parent looks twice a second


def listen(server: ServerProcess, *, who: str = "") -> Listener:
    return Listener(server.url + "/live/phone/12/", who=who)
