import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.core.asgi import get_asgi_application
from django.core.signals import request_finished, request_started
from django.db import connection

from config import bridge
from config.bridge import Application, Bridge, read_body, security_headers
from tests.config.asking import Asked, ask, ask_wsgi, receiver, run, scope_of
from tests.config.pages import BEGUN, GO_ON
from tests.serving import PATIENCE, get, serving

pytestmark = pytest.mark.urls("tests.config.pages")


FORM = (("content-type", "application/x-www-form-urlencoded"),)
MULTIPART = (("content-type", "multipart/form-data; boundary=xx"),)
UPLOAD = (
    b'--xx\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
    b'--xx\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\n" + b"x" * 3_000_000 + b"\r\n--xx--\r\n"
)
COOKIE = (("cookie", "a=1; b=2"), ("x-asked", "yes"), ("x_asked", "forged"))

REQUESTS = [
    Asked("GET", "/plain/"),
    Asked("HEAD", "/plain/"),
    Asked("GET", "/plain"),  # the slash is added
    Asked("GET", "/cookies/"),
    Asked("GET", "/echo/?a=1&a=2&b=%C3%BC", headers=COOKIE),
    Asked("GET", "/echo/f%C3%BCr/"),
    Asked("GET", "/echo/%FF/"),
    Asked("GET", "/echo/?a=%FF"),
    Asked("POST", "/echo/", b"a=1&b=%C3%BC&a=3", FORM),
    Asked("POST", "/echo/", UPLOAD, MULTIPART),
    Asked("POST", "/echo/", UPLOAD[:-5000], MULTIPART),
    Asked("POST", "/echo/", b"rubbish", MULTIPART),
    Asked("POST", "/echo/", b"a=" + b"x" * 300_000, FORM),  # more than Django takes
    Asked("POST", "/length/", b"x" * 200_000),
    Asked("POST", "/csrf/", b"a=1", FORM),
    Asked("PUT", "/echo/", b"{}", (("content-type", "application/json"),)),
    Asked("GET", "/missing/"),
    Asked("GET", "/forbidden/"),
    Asked("GET", "/suspicious/"),
    Asked("GET", "/broken/"),
    Asked("GET", "/moved/"),
    Asked("GET", "/nothing/"),
    Asked("GET", "/parts/"),
    Asked("HEAD", "/parts/"),
    Asked("GET", "/file/"),
    Asked("GET", "/plain/", headers=(("host", "evil.example"),)),
    Asked("GET", "/plain/", headers=(("host", "no/name"),)),
    Asked("GET", "/static/js/live.js"),
    Asked("GET", "/static/js/live.js", headers=(("range", "bytes=3-9"),)),
]


@pytest.fixture(autouse=True)
def strict(settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.DEBUG = False


@pytest.fixture
def pages() -> Iterator[Bridge]:
    pages = Bridge()
    yield pages
    pages.close()


@pytest.mark.parametrize("asked", REQUESTS, ids=lambda asked: f"{asked[0]} {asked[1]}")
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
@pytest.mark.django_db  # each request looks after the thread's connection
def test_bridge_answers_as_django_does(asked: Asked, pages: Bridge):
    answer = ask(pages, asked)

    assert answer == ask(get_asgi_application(), asked)
    assert answer == ask_wsgi(asked)


@pytest.mark.parametrize("asked", REQUESTS, ids=lambda asked: f"{asked[0]} {asked[1]}")
def test_bridge_sends_its_signals_in_the_thread_of_the_view(
    asked: Asked, pages: Bridge
):
    told = []

    def started(**kwargs: Any) -> None:
        told.append(("started", threading.current_thread().name))

    def finished(**kwargs: Any) -> None:
        told.append(("finished", threading.current_thread().name))

    request_started.connect(started)
    request_finished.connect(finished)
    try:
        ask(pages, asked)
    finally:
        request_started.disconnect(started)
        request_finished.disconnect(finished)

    thread = told[0][1]
    assert thread.startswith("pages")
    assert told == [("started", thread), ("finished", thread)]


def test_bridge_keeps_cookies_apart(pages: Bridge):
    answer = ask(pages, Asked("GET", "/cookies/"))

    assert [value for name, value in answer.headers if name == "set-cookie"] == [
        "one=1; HttpOnly; Path=/",
        "two=2; Path=/; SameSite=Lax",
    ]


@pytest.mark.parametrize("form", ["application/x-www-form-urlencoded", "multipart/x"])
@pytest.mark.parametrize("charset", ["rot13", "idna", "utf-16", "no-such", "\xff"])
def test_bridge_refuses_an_encoding_that_no_browser_uses(
    form: str, charset: str, pages: Bridge
):
    headers = (("content-type", f"{form}; boundary=x; charset={charset}"),)

    answer = ask(pages, Asked("POST", "/echo/?a=%FF", b"a=%FF", headers))

    assert answer.status == 400
    assert {
        "content-security-policy",
        "x-content-type-options",
        "cache-control",
    } <= {name for name, _value in answer.headers}


def test_bridge_answers_500_when_a_download_breaks(pages: Bridge):
    answer = ask(pages, Asked("GET", "/parts-that-break/"))

    assert (answer.status, answer.body) == (500, b"Something went wrong on the server.")


def test_bridge_refuses_a_body_that_is_too_large_in_plain_words():
    pages = Bridge(max_body=1024 * 1024)
    answer = ask(pages, Asked("POST", "/length/", b"x" * (1024 * 1024 + 1)))

    assert answer.status == 413
    assert answer.body == b"This is too large to send: 1 MB is the most."
    for name, value in security_headers():
        assert (name.decode().lower(), value.decode()) in answer.headers
    pages.close()


def test_bridge_takes_a_body_of_the_greatest_size(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    pages = Bridge(max_body=1024 * 1024)

    answer = ask(pages, Asked("POST", "/length/", b"x" * (1024 * 1024)))

    assert answer.body == b"1048576"
    pages.close()


def test_too_large_body_is_answered_over_a_real_connection(settings, transactional_db):
    settings.ALLOWED_HOSTS = ["*"]
    with serving(application(max_body=100_000)) as server:
        body = b"x" * 20_000_000
        answer = httpx.post(server.url + "/length/", content=body, timeout=PATIENCE)

    assert answer.status_code == 413
    assert answer.text.startswith("This is too large to send")


def test_slow_body_is_refused(monkeypatch: pytest.MonkeyPatch, pages: Bridge):
    monkeypatch.setattr(bridge, "BODY_SECONDS", 0.05)

    async def receive() -> dict[str, Any]:
        if sent:
            await asyncio.sleep(30)
        sent.append(True)
        return {"type": "http.request", "body": b"a", "more_body": True}

    sent: list[bool] = []
    answer = ask(pages, Asked("POST", "/length/"), receive=receive)

    assert (answer.status, answer.body) == (408, b"This took too long to arrive.")


def test_client_that_leaves_before_its_body_asks_nothing(pages: Bridge):
    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    messages = [
        {"type": "http.request", "body": b"a", "more_body": True},
        {"type": "http.disconnect"},
    ]
    with pytest.raises(bridge.ClientGone):
        run(read_body(receive, limit=10))


def test_view_ends_in_peace_although_its_client_has_left(pages: Bridge):
    """So an answer is stored even if the phone that sent it is gone."""

    async def leave() -> None:
        asked = Asked("GET", "/slow/")
        task = asyncio.create_task(pages(scope_of(asked), receiver(asked), discard))
        await asyncio.to_thread(BEGUN.wait, PATIENCE)
        task.cancel()
        await task

    async def discard(message: Any) -> None:
        raise AssertionError("nobody is there to be answered")

    def finished(**kwargs: Any) -> None:
        ended.set()

    BEGUN.clear()
    GO_ON.clear()
    ended = threading.Event()
    request_finished.connect(finished)
    try:
        with pytest.raises(asyncio.CancelledError):
            run(leave())
        GO_ON.set()
        assert ended.wait(PATIENCE)
    finally:
        request_finished.disconnect(finished)


def test_bridge_says_later_when_too_many_wait(
    monkeypatch: pytest.MonkeyPatch, pages: Bridge
):
    monkeypatch.setattr(bridge, "MAX_WAITING", 0)
    answer = ask(pages, Asked("GET", "/plain/"))

    assert answer.status == 503
    assert ("retry-after", "5") in answer.headers


def test_bridge_says_later_when_the_database_is_silent(
    monkeypatch: pytest.MonkeyPatch,
):
    """Also to those whose turn has not come; and it goes on when the silence ends."""
    monkeypatch.setattr(bridge, "PATIENCE_SECONDS", 0.2)
    BEGUN.clear()
    GO_ON.clear()
    pages = Bridge(threads=1)
    try:
        silent = ask(pages, Asked("GET", "/slow/"))
        behind = ask(pages, Asked("GET", "/plain/"))
        GO_ON.set()
        monkeypatch.setattr(bridge, "PATIENCE_SECONDS", PATIENCE)
        after = ask(pages, Asked("GET", "/plain/"))
    finally:
        GO_ON.set()
        pages.close()

    assert [silent.status, behind.status, after.status] == [503, 503, 200]
    assert ("retry-after", "5") in silent.headers


def test_slow_downloads_hold_no_thread(settings, transactional_db):
    settings.ALLOWED_HOSTS = ["*"]
    with (
        serving(application(threads=1)) as server,
        httpx.stream("GET", server.url + "/file/", timeout=PATIENCE) as slow,
    ):
        assert slow.status_code == 200
        assert get(server.url + "/plain/").status_code == 200
        assert len(slow.read()) == 3_000_000


def test_pages_use_no_more_connections_than_threads(settings, transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to count")
    settings.ALLOWED_HOSTS = ["*"]
    with serving(application(threads=2)) as server, ThreadPoolExecutor(8) as many:
        url = server.url + "/connected/"
        answers = list(many.map(lambda _n: get(url).text, range(40)))
    assert len(set(answers)) <= 2


@pytest.mark.parametrize(("trusted", "statuses"), [(0, [200, 200]), (60, [503, 200])])
def test_connection_that_died_costs_a_busy_thread_one_request(
    trusted, statuses, settings, transactional_db, monkeypatch: pytest.MonkeyPatch
):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connection to lose")
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr(bridge, "TRUST_SECONDS", trusted)
    with serving(application(threads=1)) as server:
        backend = get(server.url + "/connected/").text
        with connection.cursor() as cursor:
            # And wait until it is gone: a backend may still take what comes first.
            cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [int(backend)])
            assert cursor.fetchone() == (True,)
        answers = [get(server.url + "/connected/") for _again in range(2)]

    assert [answer.status_code for answer in answers] == statuses


def test_server_ends_with_its_connections(settings, transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to count")
    settings.ALLOWED_HOSTS = ["*"]
    with serving(application()) as server:
        backend = int(get(server.url + "/connected/").text)
        assert is_connected(backend)

    deadline = time.monotonic() + PATIENCE
    while is_connected(backend):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_connected(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [backend])
        return cursor.fetchone() is not None


class NoStreams:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("no stream was asked for")

    def end(self) -> None:
        pass

    def close(self) -> None:
        pass


def application(**options: Any) -> Application:
    return Application(pages=Bridge(**options), live=NoStreams())
