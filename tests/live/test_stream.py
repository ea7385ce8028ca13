import math
import socket
import time
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import Group
from django.db import connection

from config.bridge import security_headers
from deliberation.live import hub, stream, watch
from tests.live.conftest import Room
from tests.live.listening import Listener
from tests.live.rooms import Rooms, make_application
from tests.serving import PATIENCE, get, serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a test takes, no board is rendered but after a commit."""
    monkeypatch.setattr(watch, "BACKSTOP_SECONDS", math.inf)


def add(*names: str) -> None:
    Group.objects.bulk_create(Group(name=name) for name in names)


def test_stream_begins_with_the_whole_board(room: Room):
    add("12: Table 1", "13: Elsewhere")

    began = milliseconds()
    with room.listen() as listener:
        hello = listener.following()
        first = listener.until("board")
    ended = milliseconds()

    assert hello is not None
    assert (hello.kind, hello.data["ok"]) == ("beat", True)
    assert began <= hello.data["at"] <= ended
    assert first.id == first.data.pop("id")
    assert first.id.startswith("phone:12@")
    assert began <= first.data.pop("at") <= ended
    assert first.data == {
        "board": "phone:12",
        "html": "<ul><li>12: Table 1</li>\n</ul>",
    }


def test_stream_headers_are_those_of_every_page_and_of_a_stream(room: Room):
    with room.listen() as listener:
        headers = dict(listener.headers)

    headers.pop("date")
    assert headers == {
        **{name.decode().lower(): value.decode() for name, value in security_headers()},
        "content-type": "text/event-stream",
        "x-accel-buffering": "no",
        "transfer-encoding": "chunked",
    }


def test_stream_brings_what_is_committed(room: Room):
    with room.listen() as listener:
        assert listener.board() == "<ul></ul>"
        add("12: Table 1")
        assert listener.board() == "<ul><li>12: Table 1</li>\n</ul>"


class Blind(watch.Detector):
    def stamp(self) -> str:
        return "always the same"


def test_stream_brings_nothing_without_the_detector():
    with (
        serving(make_application(detector=Blind)) as server,
        Listener(server.url + "/live/phone/12/") as listener,
    ):
        listener.board()
        add("12: Table 1")
        with pytest.raises(TimeoutError):
            listener.until("board", seconds=1.5)


def test_board_with_the_same_mark_is_not_rendered_again(room: Room):
    room.rooms.marked["phone:12"] = "as before"
    with room.listen("/live/desk/12/") as listener:
        first = {listener.until("board").data["board"] for _board in range(2)}
        rendered = room.rooms.rendered["phone:12"]
        add("12: Table 1")
        news = listener.until("board").data
        room.rooms.marked["phone:12"] = "changed"
        add("12: Table 2")
        more = [listener.until("board").data["board"] for _board in range(2)]

    assert first == {"phone:12", "desk:12"}
    assert news["board"] == "desk:12"
    assert sorted(more) == ["desk:12", "phone:12"]
    assert room.rooms.rendered["phone:12"] == rendered + 1


class OnlyGroups(watch.Detector):
    """Sees no commits but to the rooms: PostgreSQL's stamp is one for all databases."""

    def stamp(self) -> Any:
        self._connection.ensure_connection()
        question = "SELECT count(*) FROM auth_group"
        return self._connection.connection.execute(question).fetchone()


def test_boards_are_rendered_once_for_all_viewers():
    rooms = Rooms()
    with (
        serving(make_application(rooms, detector=OnlyGroups)) as server,
        ExitStack() as streams,
    ):
        address = server.url + "/live/phone/12/"
        listeners = [
            streams.enter_context(Listener(address, who=f"seat:{n}")) for n in range(40)
        ]
        first = {listener.board() for listener in listeners}
        rendered = rooms.rendered["phone:12"]
        add("12: Table 1")
        second = {listener.board() for listener in listeners}

    assert first == {"<ul></ul>"}
    assert second == {"<ul><li>12: Table 1</li>\n</ul>"}
    assert rendered == 1
    assert rooms.rendered["phone:12"] == 2


def test_equal_boards_are_not_sent_again(room: Room):
    with room.listen() as listener:
        listener.board()
        rendered = room.rooms.rendered["phone:12"]
        add("99: Another room")
        wait_until(lambda: room.rooms.rendered["phone:12"] > rendered)
        add("12: Table 1")
        assert listener.board() == "<ul><li>12: Table 1</li>\n</ul>"


def test_refusal_is_an_empty_404_with_the_security_headers(room: Room):
    refused = get(room.url + "/live/nobody/12/")
    posted = httpx.post(room.url + "/live/phone/12/", timeout=PATIENCE)

    assert (refused.status_code, refused.content) == (404, b"")
    assert (posted.status_code, posted.content) == (405, b"")
    for name, value in security_headers():
        assert refused.headers[name.decode()] == value.decode()


def test_third_stream_of_a_viewer_ends_the_oldest(room: Room):
    with room.listen(who="seat:a") as one, room.listen(who="seat:a") as two:
        one.board()
        two.board()
        with room.listen(who="seat:a") as three, room.listen(who="seat:b") as other:
            assert one.rest() == ["elsewhere"]
            add("12: Table 1")
            boards = [two.board(), three.until("board").data["html"], other.board()]

    assert boards[0] == "<ul><li>12: Table 1</li>\n</ul>"


def test_thousand_streams_of_one_viewer_leave_two(room: Room):
    with ExitStack() as streams:
        listeners = [
            streams.enter_context(room.listen(who="seat:a")) for _n in range(100)
        ]
        for listener in listeners[:-2]:
            assert listener.rest()[-1:] == ["elsewhere"]
        wait_until(lambda: len(room.application.live.hub) == 2)


def test_screens_share_a_viewer_without_limit(room: Room):
    with ExitStack() as streams:
        listeners = [
            streams.enter_context(room.listen("/live/screen/12/")) for _n in range(5)
        ]
        assert [listener.board() for listener in listeners] == ["<ul></ul>"] * 5


def test_full_process_says_later(room: Room, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub, "STREAMS_PER_PROCESS", 1)
    with room.listen() as listener:
        listener.board()
        refused = get(room.url + "/live/phone/12/")

    assert (refused.status_code, refused.content) == (503, b"")
    assert refused.headers["retry-after"] == "10"


def test_withdrawn_right_ends_the_stream_within_five_seconds(room: Room):
    with room.listen(who="seat:a") as listener, room.listen(who="seat:b") as other:
        listener.board()
        other.board()
        room.rooms.refused.add("seat:a")
        assert listener.rest() == ["gone"]
        add("12: Table 1")
        assert "Table 1" in other.board()

    again = get(room.url + "/live/phone/12/", cookies={"who": "seat:a"})
    assert again.status_code == 404
    assert stream.RECHECK_SECONDS + stream.TICK_SECONDS <= 5


def test_presence_and_clock_run_while_somebody_watches(
    room: Room, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream, "PRESENCE_SECONDS", 0)
    both = {(12, "seat:a"), (12, "seat:b")}
    with room.listen(who="seat:a"), room.listen(who="seat:b"):
        wait_until(lambda: room.rooms.ticks >= 2 and room.rooms.seen_viewers == both)

    wait_until(lambda: not len(room.application.live.hub))
    ticks = room.rooms.ticks
    with pytest.raises(AssertionError):
        wait_until(lambda: room.rooms.ticks > ticks + 1, seconds=2.5)


def test_quiet_stream_beats(room: Room, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub, "BEAT_SECONDS", 1)
    with room.listen() as listener:
        listener.board()
        listener.health(ok=True)


def test_stream_ends_at_the_end_of_its_life(
    room: Room, monkeypatch: pytest.MonkeyPatch
):
    with room.listen() as other:
        other.board()  # so that the next stream begins with it
        monkeypatch.setattr(hub, "LIFE_SECONDS", 1)
        with room.listen() as listener:
            assert listener.rest() == ["board"]


def test_slow_viewer_skips_to_the_newest_frame(room: Room):
    add(*(f"12: {n} {'x' * 140}" for n in range(3000)))
    with room.listen("/live/phone/12/") as slow, room.listen() as quick:
        quick.board()
        # About 500 kB a frame: the socket's buffers are full after a few.
        for n in range(12):
            add(f"12: round {n}")
            assert f"round {n}" in quick.board()
        boards = 0
        while "round 11" not in slow.board():
            boards += 1

    assert boards < 11


def test_stuck_viewer_is_dropped(room: Room, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub, "BEAT_SECONDS", 1)
    monkeypatch.setattr(hub, "STUCK_SECONDS", 0)
    add(*(f"12: {n} {'x' * 140}" for n in range(20_000)))
    with socket.create_connection(("127.0.0.1", int(room.url.rsplit(":")[-1]))) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(b"GET /live/phone/12/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        live = room.application.live
        wait_until(lambda: live.hub.frames)
        add("12: round 1")
        wait_until(lambda: len(live.hub) == 0)


def test_broken_board_leaves_the_others_alone(room: Room):
    room.rooms.broken = "desk:12"
    with room.listen("/live/desk/12/") as listener:
        assert listener.until("board").data["board"] == "phone:12"
        room.rooms.broken = ""
        assert listener.until("board").data["board"] == "desk:12"


def test_what_a_room_waits_for_waits_for_no_other_board(room: Room):
    room.rooms.slow = "desk:12"
    with room.listen("/live/desk/12/") as listener:
        assert listener.until("board").data["board"] == "phone:12"
        add("12: Table 1")
        event = listener.until("board").data
        room.rooms.done.set()

    assert (event["board"], event["html"]) == (
        "phone:12",
        "<ul><li>12: Table 1</li>\n</ul>",
    )


def test_streams_hold_no_database_connection(room: Room):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to count")
    with ExitStack() as streams:
        for _n in range(30):
            streams.enter_context(room.listen()).board()
        # This test's own, two for deciding who may watch, one to ask, one to render;
        # those of servers that have just ended go.
        wait_until(lambda: count_connections() <= 1 + stream.THREADS + 2)


def count_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


def test_streams_survive_the_loss_of_every_database_connection(room: Room):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to lose")
    with room.listen() as listener:
        listener.board()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        add("12: Table 1")
        assert "Table 1" in listener.board()


class Away(watch.Detector):
    """A database that is away whenever a test says so."""

    is_away = False

    def stamp(self) -> str:
        if Away.is_away:
            raise ConnectionError("away")
        return super().stamp()


def test_viewers_hear_of_a_lost_database_and_of_its_return():
    with (
        serving(make_application(detector=Away)) as server,
        Listener(server.url + "/live/phone/12/") as listener,
    ):
        listener.board()
        Away.is_away = True
        listener.health(ok=False)
        add("12: Table 1")
        Away.is_away = False
        assert "Table 1" in listener.board()
        listener.health(ok=True)


def test_poll_gives_what_is_new_and_then_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream, "POLL_PATIENCE_SECONDS", PATIENCE)
    address = room.url + "/live/desk/12/"
    first = get(address, params={"poll": 1})
    seen = [frame["id"] for frame in first.json()]
    began = milliseconds()
    nothing = get(address, params={"poll": 1, "seen": seen})
    ended = milliseconds()
    some = get(address, params={"poll": 1, "seen": seen[1:]})
    add("12: Table 1")
    wait_until(
        lambda: get(address, params={"poll": 1, "seen": seen}).status_code == 200
    )

    assert [frame["board"] for frame in first.json()] == ["phone:12", "desk:12"]
    assert (nothing.status_code, nothing.content) == (204, b"")
    assert began <= int(nothing.headers["server-milliseconds"]) <= ended
    assert [frame["board"] for frame in some.json()] == ["phone:12"]


def test_poll_counts_as_being_there(room: Room):
    get(room.url + "/live/phone/12/?poll=1", cookies={"who": "seat:a"})

    wait_until(lambda: room.rooms.seen_viewers == {(12, "seat:a")})


def test_poll_of_a_board_that_cannot_be_drawn_says_later(
    room: Room, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream, "POLL_PATIENCE_SECONDS", 0.2)
    room.rooms.broken = "phone:12"

    assert get(room.url + "/live/phone/12/?poll=1").status_code == 503


def test_unsure_who_may_watch_says_later_and_nothing_else(
    room: Room, monkeypatch: pytest.MonkeyPatch
):
    def fail(*args: object) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(room.rooms, "authorise", fail)
    refused = get(room.url + "/live/phone/12/")

    assert (refused.status_code, refused.content) == (503, b"")


def wait_until(condition, *, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def milliseconds() -> int:
    return int(time.time() * 1000)


def test_rooms_offer_what_boards_must():
    boards: stream.Boards = Rooms()
    assert boards.still_allowed([]) == []
