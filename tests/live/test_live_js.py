import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from playwright.sync_api import Page, Route, expect

from deliberation.live import hub
from tests.browser.windows import HEAR_BOARDS
from tests.live.conftest import Room
from tests.live.proxy import FaultProxy
from tests.live.rooms import Rooms, make_application
from tests.serving import hold_port, port_of, serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.live.pages"),
]

# Seconds. A page to which a slow machine says nothing for four of them goes over to
# asking, and tries a stream again within ninety.
COMES_WITHIN = 180


@dataclass
class Scene:
    """A browser's page, with a proxy between it and the server."""

    page: Page
    proxy: FaultProxy
    room: Room
    problems: list[str]

    def open(self, audience: str = "phone", query: str = "") -> None:
        self.page.goto(f"{self.proxy.url}/{audience}/{query}")

    def sees(self, text: str, *, board: str = "phone:12") -> None:
        place = self.page.locator(f'[data-board="{board}"]')
        expect(place).to_contain_text(text, timeout=COMES_WITHIN * 1000)

    def is_state(self, state: str) -> None:
        html = self.page.locator("html")
        expect(html).to_have_attribute("data-live", state, timeout=COMES_WITHIN * 1000)

    def dispatch(self, script: str) -> None:
        self.page.evaluate(script)

    def streams(self) -> int:
        return len(self.room.application.live.hub)


@pytest.fixture
def scene(page: Page, room: Room) -> Iterator[Scene]:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.expose_function("violated", lambda what: problems.append(what))
    page.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " (event) => window.violated(`${event.violatedDirective} ${event.blockedURI}`))"
    )
    with FaultProxy(int(room.url.rsplit(":")[-1])) as proxy:
        yield Scene(page, proxy, room, problems)
        page.goto("about:blank")
    assert problems == []


def add(name: str) -> None:
    Group.objects.create(name=name)


def is_offset(milliseconds: float, *, of: float) -> bool:
    """Tell whether a page took the server's clock to be so far from its own.

    News only ever arrives late: here as late as a slow machine makes it.
    """
    return of - COMES_WITHIN * 1000 < milliseconds < of + 100


@pytest.mark.parametrize("query", ["", "?plain"], ids=["htmx", "without htmx"])
def test_boards_follow_what_is_committed(scene: Scene, query: str):
    add("12: Table 1")
    scene.open("desk", query)
    scene.sees("Table 1")
    scene.sees("Table 1", board="desk:12")
    scene.is_state("live")
    add("12: Table 2")
    scene.sees("Table 2")
    scene.sees("Table 2", board="desk:12")

    offset = scene.page.evaluate("Number(document.documentElement.dataset.clockOffset)")
    assert is_offset(offset, of=0)
    expect(scene.page.locator("#banner")).to_be_hidden()


def test_board_that_is_the_same_is_left_alone(scene: Scene):
    scene.page.add_init_script(HEAR_BOARDS)
    scene.open()
    expect(scene.page.locator("[data-board] ul")).to_be_attached()
    scene.dispatch(
        "window.swaps = []; window.boardsHeard = [];"
        "document.addEventListener('board:swapped', (e) => swaps.push(e.detail.board));"
        "dispatchEvent(new Event('online'))"
    )
    scene.page.wait_for_function("() => boardsHeard.length > 0")
    add("12: Table 1")
    scene.sees("Table 1")

    assert scene.page.evaluate("swaps") == ["phone:12"]


def test_first_connection_that_meets_a_502_is_tried_again(scene: Scene):
    scene.proxy.only = "/live/"
    scene.proxy.mode = "502"
    scene.open()
    banner = scene.page.locator("#banner")
    expect(banner).to_have_text("Reconnecting")
    expect(scene.page.locator("body")).not_to_contain_text("the proxy says")
    wait_until(lambda: len(scene.proxy.requests) > 4)
    add("12: Table 1")
    scene.proxy.mode = "pass"
    scene.sees("Table 1")
    scene.is_state("live")
    expect(banner).to_be_hidden()


@pytest.mark.parametrize("mode", ["refuse", "reset", "portal", "502"])
def test_lost_connection_is_found_again(scene: Scene, mode: str):
    scene.open()
    scene.is_state("live")
    scene.proxy.mode = mode
    scene.proxy.cut()
    expect(scene.page.locator("#banner")).to_have_text("Reconnecting")
    add("12: Table 1")
    scene.proxy.mode = "pass"
    scene.sees("Table 1")
    scene.is_state("live")


def test_restart_of_the_server_is_survived(page: Page, transactional_db: None):
    with hold_port() as held:
        port = port_of(held)
        with serving(make_application(Rooms()), port=port) as server:
            page.goto(server.url + "/phone/")
            expect(page.locator("[data-board] ul")).to_be_attached()
        add("12: Table 1")
        with serving(make_application(Rooms()), port=port):
            expect(page.locator("[data-board]")).to_contain_text("Table 1")
            page.goto("about:blank")


def test_buffering_proxy_is_noticed_and_asked_instead(scene: Scene):
    scene.proxy.only = "/live/"
    scene.proxy.mode = "buffer"
    scene.page.clock.install()
    add("12: Table 1")
    scene.open()
    scene.page.clock.fast_forward(4100)
    scene.sees("Table 1")
    scene.is_state("polling")
    expect(scene.page.locator("#banner")).to_be_hidden()
    add("12: Table 2")
    scene.page.clock.fast_forward(8000)
    scene.sees("Table 2")


def test_late_answer_is_left_once_a_stream_has_told_more(scene: Scene):
    scene.room.rooms.raw = True
    asked: list[Route] = []
    scene.page.route(re.compile("[?&]poll=1"), lambda route: asked.append(route))
    scene.page.add_init_script("AbortSignal.timeout = undefined")  # however late
    scene.proxy.only = "/live/"
    scene.proxy.mode = "buffer"
    parts_of("same", "two")
    scene.page.clock.install()
    scene.open()
    scene.page.clock.fast_forward(4100)
    # Routes are handed over only while Playwright is at work.
    wait_until(lambda: scene.page.wait_for_timeout(20) or asked)
    answer = asked[0].fetch()
    scene.proxy.mode = "pass"
    parts_of("same", "three")
    scene.dispatch("dispatchEvent(new Event('online'))")
    scene.sees("three")
    scene.dispatch(
        "window.seen = [];"
        "document.addEventListener('board:swapped',"
        " ({ target }) => seen.push(target.querySelector('#part-2').textContent))"
    )

    with scene.page.expect_request_finished(lambda request: "poll=1" in request.url):
        asked[0].fulfill(response=answer)
    parts_of("same", "four")

    scene.sees("four")
    assert scene.page.evaluate("seen") == ["four"]


def test_stream_is_tried_again_every_minute(scene: Scene):
    scene.page.clock.install()
    scene.proxy.only = "/live/"
    scene.proxy.mode = "buffer"
    scene.open()
    scene.page.clock.fast_forward(4100)
    scene.is_state("polling")
    scene.proxy.mode = "pass"
    scene.page.clock.fast_forward(91_000)
    scene.is_state("live")
    wait_until(lambda: scene.streams() == 1)


def test_silent_connection_is_given_up(scene: Scene):
    scene.page.clock.install()
    scene.open()
    scene.is_state("live")
    scene.proxy.mode = "freeze"
    asked = len(scene.proxy.requests)
    add("12: Table 1")
    scene.page.clock.fast_forward(36_000)
    scene.is_state("reconnecting")
    scene.proxy.mode = "pass"
    scene.page.clock.fast_forward(1_000)
    scene.sees("Table 1")
    assert len(scene.proxy.requests) > asked


def test_phone_listens_only_while_somebody_looks(scene: Scene):
    scene.open()
    wait_until(lambda: scene.streams() == 1)
    hide(scene.page, hidden=True)
    wait_until(lambda: scene.streams() == 0)
    add("12: Table 1")
    hide(scene.page, hidden=False)
    scene.sees("Table 1")
    wait_until(lambda: scene.streams() == 1)


def test_desk_listens_in_the_background(scene: Scene):
    scene.open("desk")
    wait_until(lambda: scene.streams() == 1)
    hide(scene.page, hidden=True)
    add("12: Table 1")
    scene.sees("Table 1")


def test_page_from_the_back_forward_cache_listens_again(scene: Scene):
    scene.open("desk")
    wait_until(lambda: scene.streams() == 1)
    transition = "dispatchEvent(new PageTransitionEvent('{}', {{persisted: true}}))"
    scene.dispatch(transition.format("pagehide"))
    wait_until(lambda: scene.streams() == 0)
    add("12: Table 1")
    scene.dispatch(transition.format("pageshow"))
    scene.sees("Table 1")


def test_offline_is_said_at_once_and_ends_at_once(scene: Scene):
    scene.open()
    scene.is_state("live")
    scene.page.context.set_offline(True)
    scene.proxy.mode = "refuse"  # Chromium's own switch leaves open streams open
    scene.proxy.cut()
    expect(scene.page.locator("#banner")).to_have_text("You are offline")
    add("12: Table 1")
    scene.proxy.mode = "pass"
    scene.page.context.set_offline(False)
    scene.sees("Table 1")
    expect(scene.page.locator("#banner")).to_be_hidden()


def test_board_of_fewer_steps_is_shown_only_if_none_follows(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    """As after the database was put back to what it was before."""
    monkeypatch.setattr(hub, "BEAT_SECONDS", 1)
    scene.room.rooms.raw = True
    add("12: <b data-steps=2>two</b>")
    scene.open()
    scene.sees("two")

    Group.objects.update(name="12: <b data-steps=1>one</b>")
    wait_until(
        lambda: "one" in scene.room.application.live.hub.frames["phone:12"].payload
    )
    Group.objects.update(name="12: <b data-steps=3>three</b>")
    scene.sees("three")
    Group.objects.update(name="12: <b data-steps=1>before</b>")

    scene.sees("before")


def parts_of(*texts: str) -> None:
    """Have room 12 show these as elements `part-1`, ..., each sent by itself."""
    with transaction.atomic():
        Group.objects.all().delete()
        Group.objects.bulk_create(
            Group(name=f'12: <!--section--><b id="part-{n}">{text}</b><!--/section-->')
            for n, text in enumerate(texts, start=1)
        )
        # A small board would be sent whole.
        Group.objects.bulk_create(
            Group(name=f"12: {n} {'and so on ' * 10}") for n in range(10)
        )


@pytest.mark.parametrize("query", ["?match", "?match&plain"])
def test_only_what_changed_is_touched(scene: Scene, query: str):
    scene.room.rooms.raw = True
    button = '<button id="press">Press</button> <button id="other">{}</button>'
    parts_of("one", "same", button.format("calm"))
    scene.open("phone", query)
    scene.sees("one")
    scene.page.focus("#press")
    scene.dispatch(
        "document.querySelectorAll('b').forEach((element) => (element.mine = true));"
        "document.querySelector('[data-board]').firstElementChild.mine = true;"
        "window.pressed = document.getElementById('press');"
        "window.other = document.getElementById('other')"
    )

    parts_of("two", "same", button.format("calm"))
    scene.sees("two")
    whole = "document.querySelector('[data-board]').firstElementChild.mine"
    assert scene.page.evaluate(whole) is True
    assert scene.page.evaluate("pressed.isConnected") is True
    expect(scene.page.locator("#press")).to_be_focused()

    # What can be pressed is another one once it says something else.
    parts_of("two", "same", button.format("turned"))
    scene.sees("turned")
    assert scene.page.evaluate("[pressed.isConnected, other.isConnected]") == [
        True,
        False,
    ]
    expect(scene.page.locator("#press")).to_be_focused()
    assert scene.page.evaluate("document.getElementById('part-2').mine") is True
    # What comes before a button that turns stands before it.
    tables = '<button id="tables" class="{}">By tables</button>.'
    parts_of("two", "same", tables.format("on"))
    scene.sees("By tables.")
    people = '<button id="people">By people</button>'
    parts_of("two", "same", people + tables.format(""))
    scene.sees("By peopleBy tables.")
    assert scene.page.evaluate("document.getElementById('part-2').mine") is True
    # A whole board, too, leaves what it does not change.
    parts_of("two", "other")
    scene.sees("other")
    expect(scene.page.locator("#part-3")).to_have_count(0)
    assert scene.page.evaluate("document.getElementById('part-2').mine") is True


def test_parts_are_put_into_the_board_that_was_told_not_into_another(scene: Scene):
    scene.room.rooms.raw = True
    parts_of("one", "two")
    scene.open()
    scene.sees("one")
    # As the answer to a step does, which may be newer than what was told.
    scene.dispatch(
        "document.querySelector('[data-board]').innerHTML ="
        " '<ul><li><b id=part-1>0</b></li></ul>'"
    )

    parts_of("one", "three")

    scene.sees("three")
    scene.sees("one")


def test_parts_wait_for_the_finger_in_their_order(scene: Scene):
    scene.room.rooms.raw = True
    parts_of("one", "two")
    scene.open()
    scene.sees("one")
    hub_frames = scene.room.application.live.hub.frames
    scene.dispatch("document.dispatchEvent(new PointerEvent('pointerdown'))")
    for text in ("three", "four"):
        parts_of(text, "two")
        wait_until(lambda text=text: text in hub_frames["phone:12"].html)
    parts_of("four", "five")

    scene.sees("five")
    scene.sees("four")


def test_screen_shows_no_trouble_but_a_dot(scene: Scene):
    scene.open("screen")
    scene.is_state("live")
    expect(scene.page.locator("#dot")).to_have_attribute("hidden", "")
    scene.proxy.mode = "refuse"
    scene.proxy.cut()
    expect(scene.page.locator("#dot")).not_to_have_attribute("hidden", "")
    expect(scene.page.locator("#banner")).to_be_hidden()


def test_withdrawn_right_is_said_and_ends_it(scene: Scene):
    scene.page.clock.install()
    scene.page.context.add_cookies(
        [{"name": "who", "value": "seat:a", "url": scene.proxy.url}]
    )
    scene.open()
    scene.is_state("live")
    scene.room.rooms.refused.add("seat:a")
    expect(scene.page.locator("#banner")).to_have_text("Load again")
    asked = len(scene.proxy.requests)
    scene.page.clock.run_for(60_000)
    scene.dispatch("fetch('/phone/?fence')")  # comes after all that was asked before
    assert scene.proxy.requests[asked:] == ["pass /phone/?fence"]


def test_page_that_may_not_listen_at_all_says_so(scene: Scene):
    scene.open("nobody")
    expect(scene.page.locator("#banner")).to_have_text("Load again")


def test_third_page_of_a_person_asks_instead(scene: Scene):
    context = scene.page.context
    context.add_cookies([{"name": "who", "value": "seat:a", "url": scene.proxy.url}])
    scene.page.clock.install()
    scene.open()
    scene.is_state("live")
    others = [context.new_page() for _n in range(2)]
    for other in others:
        other.goto(f"{scene.proxy.url}/phone/")
    # A page in the background is "visible" to headless Chromium, and goes on.
    scene.is_state("polling")
    add("12: Table 1")
    scene.page.clock.fast_forward(8000)
    scene.sees("Table 1")
    wait_until(lambda: scene.streams() == 2)


@pytest.mark.parametrize("query", ["", "?plain"], ids=["htmx", "without htmx"])
def test_typing_survives_a_new_board(scene: Scene, query: str):
    kept = '12: <p data-keep="note"><textarea id="note"></textarea></p>'
    add(kept)
    scene.room.rooms.raw = True
    scene.open("phone", query)
    note = scene.page.locator("#note")
    note.click()
    note.press_sequentially("half a thou")
    note.press("ArrowLeft")
    add("12: Table 1")
    scene.sees("Table 1")
    scene.page.keyboard.type("x")

    expect(note).to_be_focused()
    expect(note).to_have_value("half a thoxu")
    expect(scene.page.locator("textarea")).to_have_count(1)

    Group.objects.filter(name=kept).delete()  # no place for it any more
    expect(scene.page.locator("li:has(textarea)")).to_have_count(0)
    expect(note).to_have_value("half a thoxu")


@pytest.mark.parametrize("query", ["", "?plain"], ids=["htmx", "without htmx"])
def test_focus_stays_on_the_same_control(scene: Scene, query: str):
    add('12: <button id="more">More</button>')
    scene.room.rooms.raw = True
    scene.open("phone", query)
    scene.page.locator("#more").focus()
    add("12: Table 1")
    scene.sees("Table 1")

    expect(scene.page.locator("#more")).to_be_focused()


def test_countdowns_go_by_the_servers_clock(scene: Scene):
    scene.page.clock.install()
    scene.open()
    scene.is_state("live")
    scene.proxy.mode = "freeze"  # nobody tells the time any more
    scene.page.clock.pause_at(scene.page.evaluate("Date.now()") / 1000 + 60)
    scene.dispatch("""
      const now = Date.now() + Number(document.documentElement.dataset.clockOffset);
      const timer = (id, left, paused) => {
        const p = document.createElement("p");
        p.id = id;
        p.dataset.endsAt = new Date(now + left).toISOString();
        if (paused) p.dataset.paused = "true";
        p.dataset.wordNear = "nearly";
        p.innerHTML = "<b data-clock>?</b> <span data-word></span>";
        document.querySelector("main").append(p);
      };
      timer("long", 252900); timer("hours", 3999900); timer("near", 30900);
      timer("over", -5000); timer("still", 90000, true);
    """)
    scene.page.clock.run_for(2100)  # it is drawn when a second is full
    clock = scene.page.locator

    expect(clock("#long")).to_have_text(re.compile("^4:1[12]"))
    expect(clock("#hours")).to_have_text(re.compile("^1:06:3[89]"))
    expect(clock("#near")).to_have_text(re.compile("^0:(29|30) nearly$"))
    expect(clock("#near")).to_have_class("near-end")
    expect(clock("#near")).to_have_attribute("data-state", "near")
    expect(clock("#over")).to_have_text(re.compile("^0:00"))
    expect(clock("#over")).to_have_class("over")
    expect(clock("#still b")).to_have_text("?")


def test_wrong_clock_of_a_phone_changes_nothing(scene: Scene):
    # Not Playwright's clock, which falls behind while a busy machine loads the page.
    scene.page.add_init_script(
        "{const now = Date.now; Date.now = () => now() - 3_600_000;}"
    )
    scene.open()
    scene.is_state("live")
    offset = scene.page.evaluate("Number(document.documentElement.dataset.clockOffset)")

    assert is_offset(offset, of=3_600_000)


def hide(page: Page, *, hidden: bool) -> None:
    page.evaluate(
        """(hidden) => {
          const now = {value: hidden, configurable: true};
          Object.defineProperty(document, "hidden", now);
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def wait_until(condition, *, seconds: float = COMES_WITHIN) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
