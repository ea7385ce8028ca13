"""Places and points on a phone: by touch, by keyboard, and without script."""

import pytest
from playwright.sync_api import Page, expect

from deliberation.models import Answer, Round
from tests import builders
from tests.browser.pages import NOTHING_WAITS
from tests.browser.windows import Windows
from tests.serving import Served
from workshops import codes, identity
from workshops.actions import scribes
from workshops.models import Workshop

pytestmark = pytest.mark.browser

NARROW = (360, 740)


@pytest.fixture
def workshop(server: Served) -> Workshop:
    return builders.make_workshop(tables=2, attribution="anonymous")


@pytest.fixture
def sit_down(workshop: Workshop, windows: Windows, server: Served):
    """Opens a phone's page at table 1, by touch unless it is told otherwise."""

    def open_page(*, is_scribe: bool = False, **options) -> Page:
        if options:
            page = windows.open("phone", NARROW, **options)
        else:
            page = windows.open_phone("phone")
        token = codes.new_token()
        who = builders.join(workshop, table=1, token=token)
        if is_scribe:
            scribes.take_role(participant=who)
        cookie = {"name": identity.cookie_name(workshop.pk), "value": token}
        page.context.add_cookies([cookie | {"url": server.url}])
        page.goto(f"{server.url}/w/{workshop.slug}/")
        return page

    return open_page


def ask(workshop: Workshop, kind: str, **fields) -> Round:
    return builders.open_round(builders.make_prompt(workshop, kind=kind, **fields))


def stored(this_round: Round, voice: str = "people") -> dict[str, int | str]:
    answers = Answer.objects.filter(round=this_round, response__voice=voice)
    return {
        answer.item.key: answer.state if answer.value is None else answer.value
        for answer in answers.select_related("item")
    }


class Numbers:
    """The form of places or points on a page."""

    def __init__(self, page: Page, *, form: str = "a") -> None:
        self.page, self.prefix = page, form
        self.form = page.locator(f"#{form}-form")
        self.rows = self.form.locator("[data-about]")

    def field(self, item: str):
        return self.form.locator(f'input[name="answer.{item}"]')

    def button(self, name: str, number: int):
        return self.form.get_by_role(
            "button", name=f"{name}: Principle number {number}"
        )

    def has(self, *texts: str) -> None:
        for number, text in enumerate(texts, start=1):
            expect(self.field(f"p{number}")).to_have_value(text)

    def error(self, item: str):
        return self.page.locator(f'[id="{self.prefix}-answer.{item}-error"]')

    def are_sent(self) -> None:
        """Wait until the phone keeps nothing that the server has not acknowledged."""
        self.page.wait_for_function(NOTHING_WAITS)

    def is_said(self, state: str, text: str) -> None:
        line = self.form.locator("[data-ack]")
        expect(line).to_have_attribute("data-state", state)
        expect(line).to_contain_text(text)


def test_items_are_put_in_order_by_touch(workshop, sit_down):
    this_round = ask(workshop, "rank", most=2)
    page = sit_down()
    numbers = Numbers(page)

    numbers.button("Move up", 3).tap()
    numbers.has("", "", "1")
    numbers.button("Move up", 2).tap()
    numbers.has("", "2", "1")
    expect(numbers.button("Move up", 1)).to_have_attribute("aria-disabled", "true")
    numbers.button("Move up", 2).tap()
    numbers.has("", "1", "2")
    expect(page.locator("#announce")).to_have_text("Principle number 2: place 1")
    expect(numbers.rows.nth(0)).to_contain_text("Principle number 2")
    numbers.is_said("stored", "Stored")
    numbers.are_sent()
    assert stored(this_round) == {"p1": 0, "p2": 1, "p3": 2}

    numbers.button("Move down", 3).tap()
    numbers.has("", "1", "")
    expect(page.locator("#announce")).to_have_text("Principle number 3: no place")
    numbers.are_sent()
    assert stored(this_round) == {"p1": 0, "p2": 1, "p3": 0}
    page.reload()
    numbers.has("", "1", "")
    expect(numbers.rows.nth(0)).to_contain_text("Principle number 2")


def test_level_items_are_made_and_parted_by_touch(workshop, sit_down):
    this_round = ask(workshop, "rank", ties=True)
    page = sit_down()
    numbers = Numbers(page)

    for number, places in ((1, "1"), (2, "12"), (3, "123")):
        numbers.button("Move up", number).tap()
        numbers.has(*places)
    numbers.button("Move up", 2).tap()
    numbers.has("1", "1", "2")
    numbers.button("Move up", 2).tap()
    numbers.has("2", "1", "3")

    numbers.are_sent()
    assert stored(this_round) == {"p1": 2, "p2": 1, "p3": 3}


def test_places_are_written_with_the_keyboard(workshop, windows, sit_down):
    windows.refusals_are_meant = True
    this_round = ask(workshop, "rank")
    page = sit_down(has_touch=False)
    numbers = Numbers(page)

    numbers.field("p1").focus()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    numbers.is_said("stored", "Stored")
    numbers.field("p2").focus()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    for item in ("p1", "p2"):
        message = "Place 1 is given more than once."
        expect(numbers.error(item)).to_have_text(message)
    numbers.is_said("refused", "Not stored")
    assert stored(this_round) == {"p1": 1, "p2": 0, "p3": 0}

    numbers.are_sent()
    page.reload()  # what was written is still there
    numbers.has("1", "1", "")
    numbers.is_said("kept", "On this phone; not stored yet")
    numbers.field("p2").fill("2")
    page.keyboard.press("Shift+Tab")
    expect(numbers.button("Move up", 2)).to_be_focused()
    numbers.is_said("stored", "Stored")
    expect(numbers.error("p2")).to_be_hidden()
    assert stored(this_round) == {"p1": 1, "p2": 2, "p3": 0}
    page.keyboard.press("Enter")
    numbers.has("2", "1", "")
    expect(numbers.button("Move up", 2)).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    numbers.are_sent()
    assert stored(this_round) == {"p1": 2, "p2": 1, "p3": 0}


def test_points_are_shared_out_by_touch_and_keyboard(workshop, windows, sit_down):
    windows.refusals_are_meant = True
    this_round = ask(workshop, "allocate", total=30)
    page = sit_down()
    numbers = Numbers(page)
    left = page.locator("#a-form .left-over")

    expect(left).to_have_text("Points left: 30 of 30")
    for _press in range(2):
        numbers.button("More points", 1).tap()
    numbers.button("Fewer points", 1).tap()
    expect(left).to_have_text("Points left: 29 of 30")
    numbers.field("p2").fill("40")
    expect(left).to_have_text("Too many points: 11 over 30")
    numbers.field("p2").press("Enter")
    expect(numbers.error("p2")).to_have_text("Please write a number from 0 to 30.")
    numbers.field("p2").fill("30")
    numbers.field("p2").press("Enter")
    numbers.is_said("refused", "These are 31 points of 30. Please take 1 away.")
    numbers.has("1", "30", "")
    numbers.field("p2").fill("29")
    numbers.field("p2").press("Enter")
    numbers.is_said("stored", "Stored")
    expect(left).to_have_text("Points left: 0 of 30")
    expect(numbers.button("More points", 3)).to_have_attribute("aria-disabled", "true")
    assert stored(this_round) == {"p1": 1, "p2": 29, "p3": 0}

    page.get_by_text("No view").tap()
    expect(numbers.field("p1")).to_be_disabled()
    numbers.are_sent()
    assert set(stored(this_round).values()) == {"abstain"}
    page.get_by_text("No view").tap()
    expect(numbers.field("p1")).to_be_enabled()
    numbers.has("1", "29", "")
    numbers.are_sent()
    assert stored(this_round) == {"p1": 1, "p2": 29, "p3": 0}


def test_a_scribe_enters_the_tables_order(workshop, sit_down):
    this_round = ask(workshop, "rank", asks_people=False, asks_tables=True)
    page = sit_down(is_scribe=True)
    numbers = Numbers(page, form="t")

    numbers.button("Move up", 2).tap()

    numbers.is_said("stored", "Stored")
    assert stored(this_round, "tables") == {"p1": 0, "p2": 1, "p3": 0}
    page.get_by_text("Not discussed").tap()
    expect(numbers.field("p1")).to_be_disabled()
    numbers.are_sent()
    assert set(stored(this_round, "tables").values()) == {"not-discussed"}


@pytest.mark.parametrize(
    ("kind", "wrong", "message", "right"),
    [
        ("rank", ("1", "1", "x"), "Please write a whole number", ("2", "1", "")),
        ("allocate", ("60", "41", ""), "These are 101 points", ("60", "40", "")),
    ],
)
def test_numbers_need_no_script(
    workshop, windows, sit_down, kind, wrong, message, right
):
    windows.refusals_are_meant = True
    this_round = ask(workshop, kind)
    page = sit_down(java_script_enabled=False)
    numbers = Numbers(page)

    for number, text in enumerate(wrong, start=1):
        numbers.field(f"p{number}").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#errors")).to_contain_text(message)
    numbers.has(*wrong)
    for number, text in enumerate(right, start=1):
        numbers.field(f"p{number}").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()

    expect(page.locator(".messages")).to_contain_text("Stored at")
    asked = "0" if kind == "allocate" else ""
    numbers.has(*(text or asked for text in right))
    assert stored(this_round) == {
        f"p{number}": int(text or 0) for number, text in enumerate(right, start=1)
    }
