"""The shorter way answers as Django does, and takes only what Django has just taken."""

import asyncio
import io
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection
from django.middleware.csrf import _mask_cipher_secret
from django.test import Client
from django.utils import timezone

from config import bridge
from config.bridge import Bridge
from config.logging import JsonLines
from config.shortcut import LARGEST_FORM, MOST_KINDS, Shortcut
from deliberation.actions import at_once, rounds
from deliberation.models import Answer, Response, Round, Submission
from deliberation.views import shortcut as answers
from tests import builders
from tests.config.asking import Asked, ask, receiver, run, scope_of
from tests.serving import PATIENCE
from workshops import codes, identity
from workshops.actions import joining
from workshops.models import Participant

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "s" * 16 + "S" * 16
FORM = "application/x-www-form-urlencoded;charset=UTF-8"


class Counted(Shortcut):
    """A shortcut that counts what it leaves to Django."""

    left = 0

    def respond(self, *request: Any) -> Any:
        self.left += 1
        return super().respond(*request)


@dataclass
class Sent:
    """What a phone sends, so that a test can change it."""

    path: str
    cookies: dict[str, str]
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)
    more: list[tuple[str, str]] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def asked(self) -> Asked:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = self.headers | {"cookie": cookies}
        body = urlencode(self.fields).encode() if self.body is None else self.body
        return Asked(self.method, self.path, body, (*headers.items(), *self.more))


class Room:
    """A workshop with an open round; everybody's browser sends the same headers."""

    def __init__(self, *, secure: bool) -> None:
        self.secure = secure
        self.workshop = builders.make_workshop(tables=2)
        prompt = builders.make_prompt(self.workshop, abstain=True, reasons="optional")
        self.round = builders.open_round(prompt)
        self.tokens: dict[int, str] = {}

    def join(self) -> Participant:
        token = codes.new_token()
        who = builders.join(self.workshop, table=1, token=token)
        self.tokens[who.pk] = token
        return who

    def sent(self, who: Participant) -> Sent:
        prefix = "__Host-" if self.secure else ""
        scheme = "https" if self.secure else "http"
        host = "bench.example"
        return Sent(
            path=f"/w/day/answer/{self.round.pk}/",
            cookies={
                f"{prefix}csrf": SECRET,
                identity.cookie_name(self.workshop.pk): self.tokens[who.pk],
            },
            headers={
                "host": host,
                "x-forwarded-proto": scheme,
                "x-forwarded-for": f"10.0.0.{who.pk % 250}",
                "accept": "application/json",
                "accept-language": "en-GB,en;q=0.9",
                "user-agent": "Mozilla/5.0 (Linux; Android 15; Mobile) Firefox/145.0",
                "origin": f"{scheme}://{host}",
                "referer": f"{scheme}://{host}/w/day/",
                "x-csrftoken": _mask_cipher_secret(SECRET),
                "content-type": FORM,
            },
            fields={"answer.p1": "difficult", "key": f"key-{codes.new_token()[:8]}"},
        )

    def left_by(self, who: Participant) -> list[Any]:
        rows = Answer.objects.filter(response__participant=who).order_by("item")
        versions = Response.objects.filter(participant=who).values_list("version")
        return [*rows.values_list("item", "state", "value", "reason"), *versions]


@pytest.fixture(params=["laptop", "server"])
def room(request, settings) -> Room:
    settings.ALLOWED_HOSTS = ["bench.example"]
    settings.DEBUG = False
    secure = request.param == "server"
    if secure:
        settings.SECURE_SSL_REDIRECT = True
        settings.SECURE_HSTS_SECONDS = 3600
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        settings.SECOND_FACTOR_REQUIRED = True
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
        settings.SESSION_COOKIE_NAME = "__Host-session"
        settings.CSRF_COOKIE_NAME = "__Host-csrf"
    at_once._known.clear()
    return Room(secure=secure)


@pytest.fixture
def short() -> Iterator[Counted]:
    short = Counted(answers)
    yield short
    short.close()


@pytest.fixture
def pages() -> Iterator[Bridge]:
    pages = Bridge()
    yield pages
    pages.close()


def prime(short: Counted, room: Room) -> None:
    """Have Django answer two of the kind, and start to count."""
    who = room.join()
    for _time in range(2):
        assert ask(short, room.sent(who).asked()).status == 200
    short.left = 0


# ---- what differs in what is sent ----

type Change = Callable[[Sent], object]


def without(name: str) -> Change:
    return lambda sent: sent.headers.pop(name, None)


def header(name: str, value: str) -> Change:
    return lambda sent: sent.headers.update({name: value})


def again(name: str, value: str | None = None) -> Change:
    """Send a header a second time."""
    return lambda sent: sent.more.append((name, value or sent.headers[name]))


def cookie(name: str, value: str) -> Change:
    return lambda sent: sent.cookies.update({name: value})


def fields(**values: str) -> Change:
    named = {name.replace("_", ".", 1): value for name, value in values.items()}
    return lambda sent: sent.fields.update(named)


def each_cookie(change: Callable[[str], str], *, csrf: bool) -> Change:
    def do(sent: Sent) -> None:
        for name, value in sent.cookies.items():
            if name.endswith("csrf") is csrf:
                sent.cookies[name] = change(value)

    return do


def token_in_the_form(sent: Sent) -> None:
    sent.fields["csrfmiddlewaretoken"] = sent.headers.pop("x-csrftoken")


def wrong_token_in_the_form(sent: Sent) -> None:
    sent.fields["csrfmiddlewaretoken"] = _mask_cipher_secret(SECRET.swapcase())


def cookies_in_two_headers(sent: Sent) -> None:
    sent.more.append(("cookie", "p-77=1"))


def multipart(sent: Sent) -> None:
    sent.headers["content-type"] = "multipart/form-data; boundary=xx"
    parts = "".join(
        f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in sent.fields.items()
    )
    sent.body = f"{parts}--xx--\r\n".encode()


def many_fields(sent: Sent) -> None:
    sent.body = "&".join(f"a{number}=1" for number in range(1001)).encode()


def body(content: bytes) -> Change:
    return lambda sent: setattr(sent, "body", content)


def method(name: str) -> Change:
    return lambda sent: setattr(sent, "method", name)


def path(change: Callable[[str], str]) -> Change:
    return lambda sent: setattr(sent, "path", change(sent.path))


def nothing(_sent: Sent) -> None:
    pass


TAKEN: dict[str, Change] = {
    "as always": nothing,
    "from elsewhere": header("x-forwarded-for", "192.0.2.1, 192.0.2.2"),
    "through another proxy": header("x-real-ip", "192.0.2.1"),
    "under a number of the proxy's": header("x-request-id", "1"),
    "through a network": header("cf-ray", "8f00d0c0ffee0001-FRA"),
    "from elsewhere through it": header("cf-connecting-ip", "192.0.2.1"),
    "through a balancer": header("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a9"),
    "the bare secret": header("x-csrftoken", SECRET),
    "the token in the form": token_in_the_form,
    "other answers": fields(answer_p1="abstain", answer_p2="inconsistent"),
    "a reason": fields(reason_p1="“Café”\r\n\u202eso\x00 "),
    "no key": lambda sent: sent.fields.pop("key"),
    "another seat's cookie beside it": cookie("p-987654", "x"),
    "admitted a moment ago": cookie("a-1", "x:y:z"),
    "no token twice": cookie("p-987654", ""),
}

LEFT: dict[str, Change] = {
    "no token": without("x-csrftoken"),
    "an empty token": header("x-csrftoken", ""),
    "a short token": header("x-csrftoken", "abc"),
    "a token of odd letters": header("x-csrftoken", "-" * 64),
    "a wrong token": header("x-csrftoken", _mask_cipher_secret(SECRET.swapcase())),
    "a wrong secret": header("x-csrftoken", SECRET.swapcase()),
    "a wrong token in the form": wrong_token_in_the_form,
    "two tokens": again("x-csrftoken"),
    "no cookie of the form": each_cookie(lambda _value: "", csrf=True),
    "a wrong cookie of the form": each_cookie(str.swapcase, csrf=True),
    "a quoted cookie": each_cookie(lambda value: f'"{value}"', csrf=False),
    "NUL in a cookie": cookie("p-2", '"\\000"'),
    "no cookies": lambda sent: sent.cookies.clear(),
    "two headers of cookies": cookies_in_two_headers,
    "a session": cookie("session", "x" * 32),
    "a session on a server": cookie("__Host-session", "x" * 32),
    "a language": cookie("django_language", "de"),
    "a cookie of a proxy": cookie("route", "b"),
    "a cookie without a name": cookie("", "b"),
    "another origin": header("origin", "https://evil.example"),
    "no page as origin": header("origin", "null"),
    "no origin": without("origin"),
    "another page before, no origin": lambda sent: (
        without("origin")(sent),
        header("referer", "https://evil.example/")(sent),
    ),
    "neither origin nor page": lambda sent: (
        without("origin")(sent),
        without("referer")(sent),
    ),
    "a second origin": again("origin", "https://evil.example"),
    "another host": header("host", "evil.example"),
    "no host": header("host", ""),
    "a second host": again("host", "evil.example"),
    "a port": header("host", "bench.example:8443"),
    "not said to be secure": without("x-forwarded-proto"),
    "said to be something else": header("x-forwarded-proto", "ftp"),
    "another language": header("accept-language", "de"),
    "another browser": header("user-agent", "another"),
    "no browser": header("user-agent", ""),
    "more is asked": header("hx-request", "true"),
    "another encoding": header("content-type", f"{FORM[:33]}; charset=utf-16"),
    "no encoding": header("content-type", FORM[:33]),
    "a form in parts": multipart,
    "JSON": header("content-type", "application/json"),
    "no form": without("content-type"),
    "a second type": again("content-type", "text/plain"),
    "no form, and nothing in it": body(b""),
    "what is no text": body(b"answer.p1=%FF\xff&key=%00"),
    "too many fields": many_fields,
    "a longer form": fields(reason_p1="x" * LARGEST_FORM),
    "too long a form": body(b"answer.p1=" + b"x" * 600_000),
    "a wrong answer": fields(answer_p1="no-such"),
    "no answer": lambda sent: sent.fields.pop("answer.p1"),
    "too long a reason": fields(reason_p1="x" * 2001),
    "asked for more": path(lambda path: f"{path}?a=1"),
    "NUL in the address": path(lambda path: f"{path}?%00"),
    "no slash": path(lambda path: path.removesuffix("/")),
    "another round": path(lambda _path: "/w/day/answer/987654/"),
    "no number": path(lambda _path: "/w/day/answer/x/"),
    "another workshop": path(lambda path: path.replace("day", "other")),
    "done, not answered": path(lambda path: path.replace("answer", "finished")),
    "to be read": method("GET"),
    "to be put": method("PUT"),
    "what may be asked": method("OPTIONS"),
}


def test_the_shorter_way_answers_as_django_does(
    room: Room, short: Counted, pages: Bridge
):
    prime(short, room)
    differ, left = [], {}
    for name, change in (TAKEN | LEFT).items():
        one, other = room.join(), room.join()
        first, second = room.sent(one), room.sent(other)
        change(first)
        change(second)

        expected = tidy(ask(pages, first.asked())), room.left_by(one)
        short.left = 0
        found = tidy(ask(short, second.asked())), room.left_by(other)

        left[name] = short.left
        if found != expected:
            differ.append((name, found, expected))

    assert differ == []
    assert left == dict.fromkeys(TAKEN, 0) | dict.fromkeys(LEFT, 1)


# ---- what has happened meanwhile ----


def close(room: Room, _who: Participant) -> None:
    rounds.close_round(round_id=room.round.pk)


def run_out(room: Room, _who: Participant) -> None:
    ends_at = timezone.now() - timedelta(seconds=1)
    Round.objects.filter(pk=room.round.pk).update(ends_at=ends_at, closes_at_zero=True)


def remove(_room: Room, who: Participant) -> None:
    joining.remove(participant=who)


def lose(_room: Room, who: Participant) -> None:
    who.devices.all().delete()


def forget(_room: Room, _who: Participant) -> None:
    at_once._known.clear()


def no_more_abstaining(room: Room, _who: Participant) -> None:
    room.round.prompt.abstain = False
    room.round.prompt.save()


@pytest.mark.parametrize(
    "happens", [close, run_out, remove, lose, forget, no_more_abstaining]
)
def test_what_happened_is_found_and_told_as_always(
    happens: Callable[[Room, Participant], None],
    room: Room,
    short: Counted,
    pages: Bridge,
):
    prime(short, room)
    one, other = room.join(), room.join()
    sent = []
    for who in (one, other):
        sent.append(room.sent(who))
        sent[-1].fields["answer.p1"] = "abstain"
    for who in (one,) if happens in (close, run_out, forget) else (one, other):
        happens(room, who)

    expected = tidy(ask(pages, sent[0].asked()))
    if happens is forget:
        happens(room, other)
    answer = tidy(ask(short, sent[1].asked()))

    assert answer == expected
    assert room.left_by(other) == room.left_by(one)
    assert short.left == 1


def test_a_key_that_was_stored_is_told_its_receipt(room: Room, short: Counted):
    prime(short, room)
    who = room.join()
    sent = room.sent(who)

    first, again = (ask(short, sent.asked()) for _time in range(2))

    assert json.loads(again.body) == json.loads(first.body) | {"repeated": True}
    assert Submission.objects.filter(response__participant=who).count() == 1


def test_who_is_signed_in_is_looked_at_by_django(room: Room, short: Counted):
    prime(short, room)
    browser = Client()
    browser.force_login(get_user_model().objects.create_user("seat-3"))
    [session] = browser.cookies.values()
    sent = room.sent(room.join())
    sent.cookies[session.key] = session.value

    # On a server, who has no second factor is sent to set one up.
    assert ask(short, sent.asked()).status == (302 if room.secure else 200)
    assert short.left == 1


def test_what_django_refused_is_no_example(room: Room, short: Counted):
    who = room.join()
    refused = [
        (without("x-csrftoken"), 403),
        (fields(answer_p1="no-such"), 422),
        (path(lambda _path: "/w/day/answer/987654/"), 404),
    ]
    for change, status in refused:
        sent = room.sent(who)
        change(sent)
        assert ask(short, sent.asked()).status == status

    assert short._kinds == {}


def test_kinds_are_few(room: Room, short: Counted):
    prime(short, room)
    [(mark, kind)] = short._kinds.items()
    short._kinds |= dict.fromkeys(range(MOST_KINDS - 1), kind)
    sent = room.sent(room.join())
    sent.headers["user-agent"] = "another"

    ask(short, sent.asked())

    assert (len(short._kinds), mark in short._kinds) == (MOST_KINDS, False)
    sent.headers["user-agent"] = "x" * 5000
    ask(short, sent.asked())
    assert all(len(str(mark)) < 5000 for mark in short._kinds)


# ---- what is written down ----


def test_the_line_of_a_request_says_the_same(room: Room, short: Counted):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("rapporteur.request")
    who = room.join()
    logger.addHandler(handler)
    try:
        replies = [raw(short, room.sent(who).asked()) for _time in range(2)]
    finally:
        logger.removeHandler(handler)

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["request"] for line in lines] == [
        dict(reply)[b"X-Request-ID"].decode() for reply in replies
    ]
    by_django, by_shortcut = ({**line, "request": "", "ms": 0} for line in lines)
    by_django["time"] = by_shortcut["time"]
    assert list(by_shortcut.items()) == list(by_django.items())
    assert short.left == 1


# ---- together, and when something fails ----


def deed(**other: Any) -> Any:
    """Make what stores answers, with some of it put in other hands."""
    names = ("view_name", "cookies", "read", "most_together", "do")
    return SimpleNamespace(**{name: getattr(answers, name) for name in names} | other)


def test_those_who_wait_share_a_transaction_where_there_is_one_writer(room: Room):
    together: list[int] = []

    def do(sent: Any) -> Any:
        together.append(len(sent))
        return answers.do(sent)

    short = Counted(deed(do=do), threads=1)
    prime(short, room)
    together.clear()
    everybody = [room.sent(room.join()).asked() for _seat in range(5)]
    go_on = threading.Event()
    try:
        short.threads.submit(go_on.wait, PATIENCE)
        statuses = all_at_once(short, everybody, meanwhile=go_on.set)
    finally:
        go_on.set()
        short.close()

    assert statuses == [200] * 5
    assert Submission.objects.count() == 2 + 5
    assert short.left == 0
    # The first has asked for a thread before the others are there.
    assert together == ([1] * 5 if connection.vendor == "postgresql" else [5])


def test_what_the_database_cannot_do_is_said_as_always_and_not_tried_again(room: Room):
    def do(sent: Any) -> Any:
        raise OperationalError("away")

    acting = deed()
    short = Counted(acting)
    try:
        prime(short, room)
        acting.do = do
        who = room.join()
        answer = ask(short, room.sent(who).asked())
        acting.do = answers.do
        after = ask(short, room.sent(who).asked())
    finally:
        short.close()

    headers = dict(answer.headers)
    assert (answer.status, headers["retry-after"]) == (503, "5")
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "content-security-policy" in headers
    assert (after.status, json.loads(after.body)["version"]) == (200, 1)


def test_an_answer_that_is_being_stored_is_stored_though_its_phone_has_left(room: Room):
    begun, go_on, stored = (threading.Event() for _event in range(3))

    def do(sent: Any) -> Any:
        begun.set()
        go_on.wait(PATIENCE)
        try:
            return answers.do(sent)
        finally:
            stored.set()

    acting = deed()
    short = Counted(acting)
    prime(short, room)
    acting.do = do
    who = room.join()
    asked = room.sent(who).asked()

    async def leave() -> None:
        task = asyncio.create_task(short(scope_of(asked), receiver(asked), discard))
        await asyncio.to_thread(begun.wait, PATIENCE)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def discard(message: Any) -> None:
        raise AssertionError("nobody is there to be answered")

    try:
        run(leave())
        go_on.set()
        assert stored.wait(PATIENCE)
    finally:
        go_on.set()
        short.close()
    assert room.left_by(who) != []


def test_it_says_later_when_the_database_is_silent_and_goes_on_after(
    room: Room, monkeypatch: pytest.MonkeyPatch
):
    go_on = threading.Event()

    def do(sent: Any) -> Any:
        go_on.wait(PATIENCE)
        return answers.do(sent)

    acting = deed()
    short = Counted(acting, threads=1)
    prime(short, room)
    acting.do = do
    silent, behind, after = (room.sent(room.join()) for _seat in range(3))

    async def wait_in_vain() -> None:
        replies = [Reading(sent.asked()) for sent in (silent, behind)]
        await asyncio.gather(*(one.ask(short) for one in replies))
        assert [one.status for one in replies] == [503, 503]
        go_on.set()
        monkeypatch.setattr(bridge, "PATIENCE_SECONDS", PATIENCE)
        reply = Reading(after.asked())
        await reply.ask(short)
        assert reply.status == 200

    try:
        monkeypatch.setattr(bridge, "PATIENCE_SECONDS", 0.2)
        run(wait_in_vain())
    finally:
        go_on.set()
        short.close()


class Reading:
    """One request, and the status that it is answered with."""

    status = 0

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    async def ask(self, handler: Any) -> None:
        async def send(message: dict[str, Any]) -> None:
            self.status = message.get("status", self.status)

        await handler(scope_of(self.asked), receiver(self.asked), send)


def all_at_once(
    handler: Shortcut, everybody: list[Asked], *, meanwhile: Callable[[], None]
) -> list[int]:
    """Send all, do something once all of them wait for a thread; return statuses."""
    replies = [Reading(asked) for asked in everybody]

    async def play() -> None:
        async with asyncio.TaskGroup() as tasks:
            for reply in replies:
                tasks.create_task(reply.ask(handler))
            while len(handler._jobs) < len(replies):
                await asyncio.sleep(0)
            meanwhile()

    run(play())
    return [reply.status for reply in replies]


def raw(handler: Any, asked: Asked) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer as they were sent."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    run(handler(scope_of(asked), receiver(asked), send))
    return sent[0]["headers"]


def tidy(answer: Any) -> Any:
    """Take out what differs from one request to the next: times and tokens."""
    body = re.sub(rb'"(stored_at|clock)": "[^"]+"', b"", answer.body)
    body = re.sub(rb'\b[\w-]{43}\b|value="\w{64}"', b"token", body)
    return answer._replace(body=body)
