import asyncio
import io
import json
import random
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from deliberation.checking import verify
from deliberation.models import Point, Response, Round, Submission
from deliberation.rehearsal import clerk, own_workshop
from deliberation.rehearsal.browser import Browser, Form, Unreachable, read_forms
from deliberation.rehearsal.measure import Measurements, Wall, percentiles
from deliberation.rehearsal.opinions import OPINIONS_2006, Opinions
from deliberation.rehearsal.play import Bar, Plan, rehearse, seat
from deliberation.rehearsal.seats import Habits, Person, Room, wall_counts
from tests import builders
from tests.serving import at_this_pace, hold_port, port_of, serving
from workshops.models import Participant, ScribeLease, Workshop
from workshops.session_templates.loader import library_files

# ---- the browser ----


def test_read_forms_finds_what_can_be_filled_in():
    html = """
      <form id="a-form" method="post" action="/w/day/answer/3/?x=1&amp;y=2">
        <input type="hidden" name="version" value="4">
        <input type="radio" name="answer.p1" value="difficult" checked>
        <input type="radio" name="answer.p1" value="abstain">
        <input type="checkbox" name="choice" value="a&quot;b">
        <input type="radio" name="gone" value="1" disabled>
        <select name="table"><option value="1">One</option><option>2</option></select>
        <textarea name="reason.p1">Because</textarea><input name="code">
        <button name="send" value="1">Send</button>
      </form>
      <form method="post" data-kind="approve" data-least="2" data-most="3"></form>
      <form data-kind="choose" data-least="0" data-most="4"></form>"""

    assert read_forms(html, "http://host/w/day/") == [
        Form(
            id="a-form",
            action="http://host/w/day/answer/3/?x=1&y=2",
            hidden=(("version", "4"),),
            choices={
                "answer.p1": ["difficult", "abstain"],
                "choice": ['a"b'],
                "table": ["1", "2"],
            },
            texts=["reason.p1", "code"],
        ),
        Form("", "http://host/w/day/", (), {}, [], picks=(2, 3)),
        Form("", "http://host/w/day/", (), {}, [], picks=(1, 1)),
    ]


class Server:
    """Answers with what it was told, one reply for each request, and keeps requests."""

    def __init__(self, *replies):
        self.replies, self.requests, self.connections = list(replies), [], 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *error):
        self._server.close()

    async def _serve(self, reader, writer):
        self.connections += 1
        while self.replies:
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
            except asyncio.IncompleteReadError:
                break
            length = head.partition("Content-Length: ")[2].partition("\r\n")[0]
            body = (await reader.readexactly(int(length or 0))).decode()
            self.requests.append((head.split("\r\n"), body))
            writer.write(self.replies.pop(0))
            await writer.drain()
        writer.close()


def reply(body="", *headers, status=200):
    head = [f"HTTP/1.1 {status} Fine", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(head).encode() + body.encode()


def test_browser_keeps_connection_cookies_and_token():
    async def visit():
        token = '<input name="csrfmiddlewaretoken" value="abc">'
        page = reply(token, "Set-Cookie: csrf=x; Path=/")
        moved = reply("", "Location: /next/", "Set-Cookie: csrf=y", status=302)
        async with Server(page, moved, reply("here")) as server:
            browser = Browser(server.url)
            await browser.get("/")
            there = await browser.submit("/send/", [("code", "K7Q 4MX")])
            browser.drop()
            return server, there

    server, there = asyncio.run(visit())

    assert (there.status, there.path, there.text) == (200, "/next/", "here")
    assert server.connections == 1
    _first, sent, followed = server.requests
    assert sent[1] == "code=K7Q+4MX&csrfmiddlewaretoken=abc"
    assert [line for line in sent[0] if line.startswith(("Cookie", "X-CSRF"))] == [
        "Cookie: csrf=x",
        "X-CSRFToken: abc",
    ]
    assert followed[0][0] == "GET /next/ HTTP/1.1"
    assert "Cookie: csrf=y" in followed[0]


def test_browser_reads_events_and_says_when_a_stream_is_refused():
    async def listen():
        stream = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        events = 'retry: 2\nevent: beat\ndata: {}\n\nevent: board\ndata: "é"\n\n: x\n\n'
        for byte in events.encode():  # however it is cut
            stream += b"1\r\n%c\r\n" % byte
        stream += b"0\r\n\r\n"
        async with Server(stream, reply("", status=404)) as server:
            heard = [event async for event in Browser(server.url).stream("/live/")]
            try:
                async for _event in Browser(server.url).stream("/live/"):
                    pass
            except Unreachable as error:
                return heard, str(error)

    assert asyncio.run(listen()) == (
        [("beat", "{}"), ("board", '"é"'), ("message", "")],
        "The stream answers with 404.",
    )


def test_browser_says_when_nobody_answers():
    with hold_port() as nobody, pytest.raises(Unreachable):
        asyncio.run(Browser(f"http://127.0.0.1:{port_of(nobody)}").get("/"))


# ---- opinions ----


def test_opinions_judge_in_the_directions_of_the_day():
    chance = random.Random(1)
    offered = ["unproblematic", "difficult", "inconsistent", "abstain"]

    def judged(item):
        found = Counter()
        for number in range(400):
            found.update(
                OPINIONS_2006.judge(
                    "framework/principles", f"answer.{item}", offered,
                    table=number % 4 + 1, before="", chance=chance,
                )
            )  # fmt: skip
        return found

    assert judged("p2").most_common(1)[0][0] == "unproblematic"
    assert judged("p5").most_common(1)[0][0] == "difficult"
    assert set(judged("p7")) == set(offered)


def test_opinions_choose_among_what_is_offered_for_unknown_prompts():
    opinions, chance = Opinions(), random.Random(2)
    offered = ["w", "x", "y", "z", "abstain"]

    for picks in [(1, 1), (1, 4), (2, 3), (3, 3)]:
        for before in ["", "x"]:
            found = [
                opinions.judge(
                    "", "choice", offered,
                    table=1, before=before, chance=chance, picks=picks,
                )
                for _time in range(50)
            ]  # fmt: skip
            chosen = [one for one in found if one != ["abstain"]]
            assert {value for one in chosen for value in one} <= set(offered)
            assert all(picks[0] <= len(set(one)) <= picks[1] for one in chosen)
    assert opinions.agree("", "choice", offered, Counter("xx"), chance, 2) == ["x", "w"]
    assert opinions.agree("", "choice", ["x", "y"], Counter("yyx"), chance) in (
        ["x"],
        ["y"],
    )


def test_opinions_say_everything_once():
    said, chance = set(), random.Random(3)
    points = []
    while point := OPINIONS_2006.point("options/pick", said, chance):
        points.append(point.text)

    assert len(points) == len(set(points)) == 3


# ---- measuring ----


def test_percentiles_are_by_nearest_rank():
    assert percentiles(range(1, 101)) == {"p50": 50, "p95": 95, "p99": 99}
    assert percentiles([7.25]) == {"p50": 7.2, "p95": 7.2, "p99": 7.2}
    assert percentiles([]) == {"p50": None, "p95": None, "p99": None}


def test_wall_matches_answers_by_the_count_at_their_table():
    wall = Wall()
    wall.start_round()
    wall.stored(1)
    wall.stored(1)
    wall.stored(2)

    wall.shows({1: 1, 2: 0})
    assert len(wall.milliseconds) == 1
    wall.shows({1: 3, 2: 1})
    assert len(wall.milliseconds) == 3
    wall.stored(1)  # stood on the screen before its phone knew
    assert wall.milliseconds[3] < 5

    wall.start_round()
    wall.shows({1: 0, 2: 0})
    assert len(wall.milliseconds) == 4


def test_wall_counts_are_read_from_the_screen():
    html = (
        '<li id="wall-in-1"><b>1 of 8</b><progress max="8" value="1"></progress></li>'
        '<li id="wall-in-12"><progress max="9" value="3" aria-hidden="true">'
    )

    assert wall_counts({"html": html}) == {1: 1, 12: 3}


@pytest.mark.django_db
def test_count_losses_finds_what_is_missing():
    prompt = builders.make_prompt(builders.make_workshop())
    workshop = prompt.session.workshop
    this_round = builders.open_round(prompt)
    builders.judge(this_round, builders.join(workshop), {"p1": 1}, key="stored")
    log = Measurements()
    log.answers |= {"stored", "vanished"}
    log.points |= {-1}

    clerk.count_losses(workshop, log, timezone.now() - timedelta(minutes=1))

    assert (log.lost, log.double) == (2, 0)


def test_bar_draws_on_terminals_only():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    log = Measurements(people=2)
    terminal, file = Terminal(), io.StringIO()
    times = iter([0, 25])
    bar = Bar(terminal, 100, now=lambda: next(times))
    bar.label = "framework/principles"
    bar.draw(log)
    Bar(file, 100).draw(log)

    assert terminal.getvalue().rstrip() == (
        "\r[########......................]  25%  0 in  0 stored  framework/principles"
    )
    assert file.getvalue() == ""


# ---- the day ----


def load_2006():
    files = [file for file in library_files() if file.stem == own_workshop.TEMPLATE]
    call_command("load_template", *map(str, files))


@pytest.mark.django_db
@pytest.mark.parametrize("loaded", [True, False])
def test_own_workshop_is_made_and_leaves_nothing_behind(loaded, capsys):
    if loaded:
        load_2006()
    workshop = own_workshop.make(tables=3)

    assert (workshop.is_rehearsal, workshop.tables.count()) == (True, 3)
    prompt = clerk.timetable(workshop, 300)[0].prompt
    this_round = clerk.open_or_join(prompt)
    assert clerk.open_or_join(prompt) == this_round

    own_workshop.remove(workshop)
    assert not Workshop.objects.exists()
    assert not Round.objects.exists()


@pytest.mark.django_db
def test_timetable_leaves_out_discussions_when_time_is_short(capsys):
    load_2006()
    workshop = own_workshop.make(tables=1)

    short = [(slot.prompt.path, slot.seconds) for slot in clerk.timetable(workshop, 27)]

    assert short == [
        ("framework/principles", 12),
        ("options/scenarios", 12),
        ("options/pick", 3),
    ]
    assert len(clerk.timetable(workshop, 80)) == 8


@pytest.mark.django_db
def test_people_spread_over_the_tables_with_one_scribe_each():
    workshop = builders.make_workshop(tables=3)
    room = Room("http://host", "ABCDEF", OPINIONS_2006, Measurements())
    people = seat(Plan(workshop, "http://host", 7, [1, 2, 3], 10), room)

    assert [(who.table, who.seat, who.is_scribe) for who in people] == [
        (1, 1, True), (2, 1, True), (3, 1, True),
        (1, 2, False), (2, 2, False), (3, 2, False), (1, 3, False),
    ]  # fmt: skip


def test_opinions_give_places_and_points_that_a_form_takes():
    opinions = Opinions()
    chance = random.Random(1)
    asked = {"table": 1, "chance": chance}

    places = opinions.number("a/b", ["x", "y", "z"], most=2, total=0, **asked)
    points = opinions.number("a/b", ["x", "y", "z"], most=3, total=50, **asked)
    of_table = [
        opinions.number("a/b", ["x", "y"], table=1, chance=None, most=2, total=0)
        for _time in range(2)
    ]

    assert sorted(places.values()) == [1, 2]
    assert set(points) == {"x", "y", "z"}
    assert 47 < sum(points.values()) <= 50
    assert of_table[0] == of_table[1]


@pytest.mark.parametrize(
    ("takes", "seconds", "answered"), [(0, 1, 10), (3, 30, 10), (3, 12.5, 4), (3, 1, 1)]
)
def test_people_who_have_no_time_leave_items_out(takes, seconds, answered):
    habits = Habits(takes=takes)
    room = Room("http://host", "ABCDEF", OPINIONS_2006, Measurements(), habits=habits)
    person = Person(room, seat=1, table=1, is_scribe=False)
    fields = [f"answer.p{number}" for number in range(10)]

    chosen = person._fitting(fields, seconds)

    assert len(chosen) == answered
    assert chosen == sorted(set(chosen))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_rehearsal_plays_a_day_over_http_without_losing_anything():
    workshop = builders.make_workshop(tables=2, attribution="organisation")
    builders.make_prompt(workshop, asks_tables=True, reasons="optional")
    builders.make_prompt(workshop, kind="approve", key="pick", most=2)

    with serving() as server:
        log = rehearse(Plan(workshop, server.url, 8, [1, 2], at_this_pace(10)))

    figures = log.summary()
    assert log.troubles == set()
    assert (log.joined, figures["lost"], figures["double"]) == (8, 0, 0)
    assert figures["sent"] == figures["acknowledged"] + figures["refused"]
    assert figures["submit_ms"]["p50"] > 0
    assert figures["screen_ms"]["p50"] is not None
    assert Participant.objects.count() == 8
    assert ScribeLease.objects.count() == 2
    stored = Submission.objects.count() + Point.objects.count()
    assert stored >= figures["acknowledged"] > 8
    assert Response.objects.filter(voice="tables").exists()
    assert verify(workshop).differences == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_people_and_tables_rank_and_share_out():
    workshop = builders.make_workshop(tables=2)
    for kind in ("rank", "allocate"):
        builders.make_prompt(workshop, kind=kind, key=kind, asks_tables=True, items=5)

    with serving() as server:
        log = rehearse(Plan(workshop, server.url, 6, [1, 2], at_this_pace(10)))

    # What a form would refuse is among the troubles.
    assert (log.lost, log.double, log.failed, log.troubles) == (0, 0, 0, set())
    states = Response.objects.values_list("answers__state", flat=True)
    assert set(states) == {"answered"}
    assert verify(workshop).differences == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_people_lose_the_network_change_their_minds_and_write():
    workshop = builders.make_workshop(tables=2)
    builders.make_prompt(workshop, asks_tables=True)
    habits = Habits(changes_mind=1.0, writes=1.0, loses_connection=1.0, loses_reply=0.5)

    with serving() as server:
        seconds = at_this_pace(20)
        log = rehearse(Plan(workshop, server.url, 8, [1, 2], seconds, habits=habits))

    found = (log.lost, log.double, log.failed, log.troubles)
    assert found == (0, 0, 0, set())
    assert log.interrupted == log.returned > 0
    assert log.changed > 0
    assert len(log.points) > 0
    assert len(log.joins) == 8
    assert len(log.openings.times) <= 8
    assert [stretch.people for stretch in log.stretches] == [8]
    assert verify(workshop).differences == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_rehearse_command_prints_one_object_and_takes_its_workshop_away(capsys):
    with serving() as server:
        call_command(
            "rehearse", "--people", "4", "--tables", "2",
            "--seconds", str(at_this_pace(5)),
            "--url", server.url, "--json",
        )  # fmt: skip

    printed = json.loads(capsys.readouterr().out)
    assert (printed["people"], printed["tables"]) == (4, 2)
    assert (printed["lost"], printed["double"]) == (0, 0)
    assert printed["acknowledged"] > 0
    assert not Workshop.objects.exists()


@pytest.mark.django_db
def test_rehearse_says_when_no_server_answers():
    with (
        hold_port() as nobody,
        pytest.raises(CommandError, match="No server answers at http://127"),
    ):
        url = f"http://127.0.0.1:{port_of(nobody)}"
        call_command("rehearse", "--people", "1", "--tables", "1", "--url", url)

    assert not Workshop.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--people", "0", "--tables", "1"], "'0' is not a number from 1 to 2000"),
        (["--people", "1", "--tables", "x"], "'x' is not a number from 1 to 200"),
        (
            ["--people", "1", "--tables", "1", "--url", "host"],
            "'host' is not an address like http://127.0.0.1:8000",
        ),
    ],
)
def test_rehearse_refuses_nonsense(words, message):
    with pytest.raises(CommandError, match=message):
        call_command("rehearse", *words)
