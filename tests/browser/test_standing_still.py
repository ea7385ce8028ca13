"""A board that arrives moves nothing that somebody is about to touch."""

import pytest
from playwright.sync_api import Locator, Page, expect

from deliberation.actions import rounds
from tests.browser.pages import Phone
from tests.browser.ready import Ready
from tests.browser.windows import Windows

pytestmark = pytest.mark.browser

COUNT_SWAPS = """
  () => {
    window.swaps = [];
    document.addEventListener("board:swapped", (event) => {
      window.swaps.push(event.detail.board.split(":")[0]);
    });
  }
"""


def look_at(item: Locator) -> None:
    """Scroll an item to the middle, away from the answer that has the focus."""
    item.evaluate("(one) => one.scrollIntoView({ block: 'center' })")


def top_of(item: Locator) -> int:
    return round(item.evaluate("(one) => one.getBoundingClientRect().top"))


def wait_for_swap(page: Page, board: str) -> None:
    page.wait_for_function("(board) => window.swaps.includes(board)", arg=board)


def open_phone(windows: Windows, ready: Ready) -> Phone:
    page = windows.open_phone("scribe")
    ready.let_in(page, 9)
    page.goto(f"{ready.url}/w/{ready.workshop.slug}/")
    page.evaluate(COUNT_SWAPS)
    return Phone(page, ready.url, table=1, name="scribe")


def test_own_answers_stay_under_the_finger(windows: Windows, ready: Ready):
    this_round = ready.open("framework/principles")
    phone = open_phone(windows, ready)
    phone.tap("answer.p1", "difficult")
    phone.sees_stored(1)
    item = phone.form("people").locator('[data-item="p6"]')
    look_at(item)
    before = top_of(item)

    rounds.stop_countdown(round_id=this_round.pk)  # a line less above the form
    wait_for_swap(phone.page, "phone")
    expect(phone.stage.locator(".timer")).to_have_count(0)

    assert top_of(item) == before
    focused = phone.form("people").locator("input:focus")
    expect(focused).to_have_attribute("name", "answer.p1")


def test_table_answers_stay_under_the_finger(windows: Windows, ready: Ready):
    ready.open("framework/principles")
    phone = open_phone(windows, ready)
    phone.turn_to("tables")
    item = phone.form("tables").locator('[data-item="p6"]')
    phone.tap("answer.p1", "difficult", voice="tables")
    look_at(item)
    before = top_of(item)
    expect(phone.ours).to_contain_text("1 of 10 answered · stored")
    assert top_of(item) == before

    phone.page.evaluate("window.swaps = []")
    ready.add_point("framework/principles", "One thought.", number=9)
    wait_for_swap(phone.page, "table")
    assert top_of(item) == before
