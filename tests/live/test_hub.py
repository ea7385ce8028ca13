import json
from dataclasses import dataclass

from deliberation.live import hub
from deliberation.live.hub import Frame, Hub


@dataclass(frozen=True)
class Watch:
    boards: tuple[str, ...] = ("phone:12",)
    viewer: str = "seat:1"
    workshop_id: int = 12


def make_hub() -> Hub:
    return Hub(on_new_board=lambda: None)


def frame(text: str, *, board: str = "phone:12") -> tuple[str, Frame]:
    return board, Frame.of(board, text, at=1000)


def test_frame_is_one_event_whatever_its_text_holds():
    html = "<p>one\r\ntwo\n\nevent: gone é \U0001f600 \udc80</p>"
    event = Frame.of("phone:12", html, at=1000).event.decode()

    head, name, data, *rest = event.split("\n")
    assert rest == ["", ""]
    assert head.startswith("id: phone:12@")
    assert name == "event: board"
    payload = json.loads(data.removeprefix("data: "))
    assert payload["html"] == html.replace("\udc80", "?")
    assert (payload["board"], payload["at"]) == ("phone:12", 1000)


def test_frames_of_equal_boards_have_equal_names():
    one, same, other = (frame(text)[1].id for text in ("a", "a", "b"))

    assert one == same
    assert one != other


def test_stream_takes_only_the_newest_of_each_board():
    rooms = make_hub()
    stream = rooms.open(Watch(("phone:12", "table:12:1")), now=0)
    stream.take()
    for text in "abc":
        rooms.publish([frame(text), frame(text, board="table:12:1")])

    assert stream.take() == b"".join(
        frame("c", board=board)[1].event for board in ("phone:12", "table:12:1")
    )
    assert stream.take() == b""


def test_equal_frames_are_published_once():
    rooms = make_hub()
    stream = rooms.open(Watch(), now=0)
    rooms.publish([frame("a")])
    stream.take()
    rooms.publish([frame("a")])

    assert stream.take() == b""


def parted(*texts: str) -> list[tuple[str, Frame]]:
    """Return frames that follow one another, each text a section of the board."""
    frames: list[tuple[str, Frame]] = []
    for text in texts:
        html = (
            f'<!--section--><p id="a">{text}</p><!--/section--><p>{"more " * 200}</p>'
        )
        before = frames[-1][1] if frames else None
        frames.append(("phone:12", Frame.of("phone:12", html, at=1, before=before)))
    return frames


def told(stream) -> list[str]:
    """Take what waits, and return each event's parts, or `whole`."""
    events = stream.take().decode().split("\n\n")
    said = [json.loads(event.partition("data: ")[2]) for event in events if event]
    return [one.get("parts", "whole") for one in said if "board" in one]


def test_streams_that_take_parts_are_sent_what_differs_and_others_the_board():
    rooms = make_hub()
    one, two, three = parted("1", "2", "3")
    parts = rooms.open(Watch(), now=0, takes_parts=True)
    whole = rooms.open(Watch(), now=0)
    rooms.publish([one])
    assert [told(parts), told(whole)] == [["whole"], ["whole"]]

    rooms.publish([two])
    assert [told(parts), told(whole)] == [[['<p id="a">2</p>']], ["whole"]]
    rooms.publish([three])
    assert [told(parts), told(whole)] == [[['<p id="a">3</p>']], ["whole"]]


def test_parts_are_sent_only_to_who_has_the_board_before():
    rooms = make_hub()
    one, two, three = parted("1", "2", "3")
    stream = rooms.open(Watch(), now=0, takes_parts=True)
    rooms.publish([two])
    assert told(stream) == ["whole"]
    rooms.publish([one])
    assert told(stream) == ["whole"]
    rooms.publish([three])
    assert told(stream) == ["whole"]


def test_parts_that_wait_are_sent_in_order_and_never_more_than_the_board():
    rooms = make_hub()
    stream = rooms.open(Watch(), now=0, takes_parts=True)
    frames = parted(*map(str, range(50)))
    rooms.publish(frames[:1])
    stream.take()
    rooms.publish(frames[1:4])
    assert told(stream) == [[f'<p id="a">{n}</p>'] for n in (1, 2, 3)]

    for frame in frames[4:]:
        rooms.publish([frame])
        waits = [len(event) for event in stream._pending.values()]
        assert sum(waits) < len(frame[1].event) + 200
    assert "whole" in told(stream)


def test_boards_stay_warm_for_a_while_after_the_last_viewer():
    rooms = make_hub()
    stream = rooms.open(Watch(), now=0)
    rooms.publish([frame("a")])
    rooms.close(stream, now=10)
    rooms.sweep(10 + hub.LINGER_SECONDS - 1)
    assert (rooms.watched, list(rooms.frames)) == ({"phone:12"}, ["phone:12"])

    rooms.sweep(10 + hub.LINGER_SECONDS)
    assert (rooms.watched, list(rooms.frames)) == (set(), [])


def test_boards_are_watched_again_by_the_next_viewer():
    news = []
    rooms = Hub(on_new_board=lambda: news.append("new"))
    rooms.close(rooms.open(Watch(), now=0), now=0)
    rooms.open(Watch(), now=1)
    assert news == ["new"]

    rooms = Hub(on_new_board=lambda: news.append("new again"))
    rooms.close(rooms.open(Watch(), now=0), now=0)
    rooms.sweep(100)
    rooms.open(Watch(), now=100)
    assert news == ["new", "new again", "new again"]


def test_pollers_are_viewers_for_a_while():
    rooms = make_hub()
    rooms.poll(Watch(), now=0)
    rooms.sweep(1)
    assert (rooms.has_viewers(), rooms.viewers()) == (True, {(12, "seat:1")})

    rooms.sweep(hub.LINGER_SECONDS)
    assert (rooms.has_viewers(), rooms.viewers()) == (False, set())


def test_lives_end_at_different_times():
    rooms = make_hub()
    ends = {rooms.open(Watch(viewer=f"seat:{n}"), now=0).ends_at for n in range(50)}

    assert len(ends) == 50
    assert min(ends) >= hub.LIFE_SECONDS * 0.8
    assert max(ends) <= hub.LIFE_SECONDS * 1.2


def test_health_is_told_once_to_all():
    rooms = make_hub()
    stream = rooms.open(Watch(), now=0)
    stream.take()
    rooms.tell_health(False)
    rooms.tell_health(False)
    told = stream.take()
    rooms.tell_health(True)

    assert told.count(b'"ok":false') == 1
    assert b'"ok":true' in stream.take()


def test_viewers_of_different_workshops_do_not_count_together():
    rooms = make_hub()
    streams = [rooms.open(Watch(workshop_id=number), now=0) for number in (1, 1, 2, 2)]

    assert not any(stream.ended for stream in streams)
