"""The console in a browser: keys, presses, what stays while the board is replaced."""

import json
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from deliberation.actions import rounds, screens
from deliberation.live.console import console_html
from deliberation.models import Round, Screen
from tests import builders
from tests.browser.windows import PATIENCE
from tests.deliberation.test_console_parts import make_day, the_day
from tests.serving import serving
from workshops.models import Workshop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SWAPPED = (
    "document.addEventListener('board:swapped',"
    " () => document.body.dataset.swaps = 1 + Number(document.body.dataset.swaps ?? 0))"
)


@pytest.fixture
def url(transactional_db) -> Iterator[str]:
    with serving() as server:
        yield server.url


@pytest.fixture
def workshop(transactional_db) -> Workshop:
    return builders.make_workshop()


# What is said at the foot of the page fades.
HEAR = """
  window.said = [];
  addEventListener("DOMContentLoaded", () => {
    const toast = document.getElementById("toast");
    const heard = new MutationObserver(() => window.said.push(toast.textContent));
    if (toast) heard.observe(toast, { childList: true, subtree: true });
  });
"""


def is_said(page: Page, text: str) -> None:
    """Wait until something was said, if only for a moment."""
    heard = "(text) => window.said.some((one) => one.includes(text))"
    page.wait_for_function(heard, arg=text)


def sign_in(page: Page, url: str, workshop: Workshop, name: str, **fields) -> None:
    client = Client()
    client.force_login(builders.make_facilitator(workshop, name=name, **fields))
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies(
        [{"name": session.key, "value": session.value, "url": url}]
    )
    page.add_init_script(HEAR)
    page.goto(f"{url}/console/{workshop.slug}/")
    page.evaluate(SWAPPED)


def wait_for_news(page: Page, change) -> None:
    """Change something elsewhere and wait until this page shows it."""
    page.evaluate("delete document.body.dataset.swaps")
    change()
    expect(page.locator("body[data-swaps]")).to_have_count(1)


def test_keys_lead_through_a_prompt(page: Page, url, workshop):
    builders.make_prompt(workshop, question="Ten principles")
    sign_in(page, url, workshop, "anna")

    page.keyboard.press("n")
    is_said(page, "has started")
    page.keyboard.press("o")
    is_said(page, "Open: “Ten principles”.")
    page.keyboard.press("c")
    is_said(page, "Closed: “Ten principles”.")
    page.keyboard.press("r")
    is_said(page, "The room sees the results.")
    page.keyboard.press("z")
    expect(page.locator("#undo")).to_contain_text("Undo: close “Ten principles”")

    this_round = Round.objects.get()
    assert (this_round.closed_at is None, this_round.revealed_at) == (False, None)


def hold_back(page: Page, address: str, **options) -> list:
    """Keep requests to an address that contains this waiting, for the test to send."""
    waiting: list = []
    page.route(f"**{address}**", lambda route: waiting.append(route), **options)
    return waiting


def test_presses_during_a_step_are_taken_in_their_order_and_the_same_one_once(
    page: Page, url, workshop
):
    sign_in(page, url, workshop, "anna")
    waiting = hold_back(page, "/do/", times=1)

    with page.expect_request("**/do/"):
        page.keyboard.press("f")
    for key in "fbbj":
        page.keyboard.press(key)
    waiting[0].continue_()

    # What is said at the foot of the page fades; what can be undone stays.
    expect(page.locator("#undo")).to_contain_text("join code on the screen")
    assert [event.verb for event in workshop.events.order_by("pk")] == [
        "freeze",
        "blank",
        "join-code",
    ]


def test_a_board_from_before_the_last_step_is_not_shown(page: Page, url, workshop):
    builders.make_prompt(workshop, question="Ten principles")
    streams = hold_back(page, "/live/console/")
    sign_in(page, url, workshop, "anna")
    before = page.locator("#console").inner_html()
    page.keyboard.press("n")
    is_said(page, "has started")

    late = {"board": f"console:{workshop.pk}", "id": "late", "html": before, "at": 0}
    # A new stream, since a page does not wait for one for long.
    seen = len(streams)
    page.evaluate("dispatchEvent(new Event('online'))")
    while not (new := [s for s in streams[seen:] if "parts=1" in s.request.url]):
        page.wait_for_timeout(10)
    new[-1].fulfill(
        content_type="text/event-stream",
        body=f"event: board\ndata: {json.dumps(late)}\n\n"
        'event: beat\ndata: {"at": 0, "ok": true}\n\n',
    )

    page.wait_for_function("() => document.documentElement.dataset.clockOffset")
    expect(page.locator("#next")).to_contain_text("Open")


def test_keys_rest_with_modifiers_in_the_list_and_when_switched_off(
    page: Page, url, workshop
):
    sign_in(page, url, workshop, "anna")

    page.keyboard.press("Control+b")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("b")
    page.uncheck("#keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.reload()
    page.keyboard.press("b")
    page.click("#join-code")

    is_said(page, "join code is on the screen")
    assert Screen.objects.get().blank is False


def test_what_was_open_focused_and_looked_at_stays(page: Page, url, workshop):
    prompt = builders.make_prompt(workshop, asks_tables=True)
    this_round = builders.open_round(prompt)
    who = builders.join(workshop)
    sign_in(page, url, workshop, "anna")
    page.click("#pick-item-head")
    page.click("[data-pick=people]")
    page.focus("#freeze")
    page.keyboard.press("?")

    wait_for_news(page, lambda: builders.judge(this_round, who, {"p1": 1}))

    expect(page.locator("#answered")).to_have_text("1")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#freeze")).to_be_focused()
    assert page.evaluate("document.getElementById('pick-item').open") is True
    expect(page.locator(".view:not([hidden])")).to_have_attribute("data-view", "people")


def test_a_press_counts_although_the_board_is_replaced_under_it(
    page: Page, url, workshop
):
    this_round = builders.open_round(builders.make_prompt(workshop))
    who = builders.join(workshop)
    sign_in(page, url, workshop, "anna")
    page.hover("#blank")
    page.mouse.down()

    wait_for_news(page, lambda: builders.judge(this_round, who, {"p1": 1}))
    page.mouse.up()

    is_said(page, "The screen is blank.")


def test_a_button_that_has_just_turned_is_not_pressed(page: Page, url, workshop):
    this_round = builders.open_round(builders.make_prompt(workshop))
    sign_in(page, url, workshop, "anna")
    expect(page.locator("#next")).to_contain_text("Close")
    # Pressed in the same moment in which the other facilitator's step arrives.
    page.evaluate(
        "const seen = new MutationObserver(() => {"
        " const next = document.getElementById('next');"
        " if (!next.value.startsWith('reveal')) return;"
        " seen.disconnect();"
        " next.click(); });"
        "seen.observe(document.getElementById('console'),"
        " { attributes: true, childList: true, subtree: true })"
    )

    rounds.close_round(round_id=this_round.pk)

    is_said(page, "had just changed")
    expect(page.locator("#next")).to_contain_text("Reveal the results")
    assert Round.objects.get().revealed_at is None


def test_a_second_facilitator_sees_every_step(browser: Browser, page, url, workshop):
    this_round = builders.open_round(builders.make_prompt(workshop))
    other = browser.new_page()
    other.set_default_timeout(PATIENCE)
    sign_in(page, url, workshop, "anna")
    sign_in(other, url, workshop, "boris")

    page.click("#next")

    expect(other.locator("#controls")).to_contain_text("Reveal the results")
    rounds.reveal(round_id=this_round.pk)
    expect(page.locator("#figures")).to_contain_text("The room can see these")
    other.close()


def test_a_step_changes_only_what_it_changes(page: Page, url, workshop):
    builders.open_round(builders.make_prompt(workshop))
    sign_in(page, url, workshop, "anna")
    page.evaluate("document.getElementById('tables').mine = true")

    page.click("#blank")

    is_said(page, "The screen is blank.")
    expect(page.locator("#blank")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#undo")).to_contain_text("Undo: blank the screen")
    assert page.evaluate("document.getElementById('tables').mine") is True
    expect(page.locator("#console > *")).to_have_count(5)  # nothing twice, no message


def test_an_observer_has_no_buttons_and_no_keys(page: Page, url, workshop):
    sign_in(page, url, workshop, "olga", role="observer")

    page.keyboard.press("b")

    assert page.locator("[form=act]:visible").count() == 0
    wait_for_news(
        page, lambda: screens.set_screen(workshop=workshop, join_overlay=True)
    )
    assert Screen.objects.get().blank is False


@pytest.mark.parametrize("width", [360, 390, 800, 1440])
def test_the_page_is_never_wider_than_the_window(page: Page, url, width):
    workshop = builders.make_workshop(
        tables=12, title="A title that is long enough to need more than one line" * 2
    )
    question = "How do you judge each of these principles, one by one? " * 3
    prompt = builders.make_prompt(
        workshop, items=10, asks_tables=True, question=question
    )
    builders.open_round(prompt)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, url, workshop, "anna")

    for place in ("", "people/", "points/", "results/", "end/", "join-sheet/"):
        page.goto(f"{url}/console/{workshop.slug}/{place}")
        excess = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (place, excess) == (place, 0)


def test_every_step_works_without_script(browser: Browser, url, workshop):
    builders.make_prompt(workshop)
    page = browser.new_context(java_script_enabled=False).new_page()
    page.set_default_timeout(PATIENCE)
    client = Client()
    client.force_login(builders.make_facilitator(workshop))
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies(
        [{"name": session.key, "value": session.value, "url": url}]
    )
    page.goto(f"{url}/console/{workshop.slug}/")

    for said in ("has started", "Open: ", "Closed: ", "sees the results"):
        page.click("#next")
        expect(page.locator(".messages")).to_contain_text(said)
    page.click("#undo")
    expect(page.locator(".messages")).to_contain_text("Undone: reveal")
    page.context.close()


# What the page shows, without what its own script adds to it.
SHOWN = """
(fresh) => {
  const plain = (board) => {
    for (const one of board.querySelectorAll("[data-pick], .timer")) one.remove();
    for (const one of board.querySelectorAll("[hidden]")) one.hidden = false;
    return board.innerHTML.trim();
  };
  const template = document.createElement("template");
  template.innerHTML = `<div>${fresh}</div>`;
  return plain(document.getElementById("console").cloneNode(true))
    === plain(template.content.firstElementChild);
}
"""


def test_the_page_is_to_the_letter_what_it_would_be_loaded_now(
    page: Page, url, transactional_db
):
    """After each kind of event, although most of them send parts only."""
    workshop = make_day("rate")
    sign_in(page, url, workshop, "anna")

    for _what in the_day(workshop):
        deadline = time.monotonic() + PATIENCE / 1000
        # Drawn again at each look, since a board also changes with the time.
        while not page.evaluate(SHOWN, console_html(workshop.pk)):
            assert time.monotonic() < deadline
            page.wait_for_timeout(250)
