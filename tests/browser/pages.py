"""The console, the phone and the wall as the people see them who use them."""

import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.said import Voter
from tests.browser.windows import PATIENCE

# The console takes no second press of the blue button for a moment after a step.
NOTE_ANSWERS = """
  addEventListener("htmx:afterRequest", () => (window.answeredAt = performance.now()));
"""
RESTED = "() => performance.now() - (window.answeredAt ?? -1e6) > 700"

# The phone keeps what the server has not acknowledged.
NOTHING_WAITS = """
  () => !Object.keys(localStorage).some((name) => name.includes(":out:"))
"""

# What a table says: number of the item, how the bar reads, and words of the cells.
READ_ROWS = """
  (table) => [...table.querySelectorAll("tbody > tr")].map((row) => ({
    number: row.querySelector("th .num").textContent,
    bars: [...row.querySelectorAll("svg.bar[aria-label]")]
      .map((bar) => bar.getAttribute("aria-label")),
    cells: [...row.querySelectorAll("td .cell .word")].map((word) => word.textContent),
    figures: [...row.querySelectorAll("td.n")].map((cell) => cell.textContent.trim()),
  }))
"""


def reads(page: Page, read: Callable[[], Any], wanted: Any) -> None:
    """Wait until what is read off a page is as wanted: it may have to ask for it."""
    deadline = time.monotonic() + PATIENCE / 1000
    while (found := read()) != wanted:
        assert time.monotonic() < deadline, (found, wanted)
        page.wait_for_timeout(100)


class Phone:
    """A participant's phone; with the scribe's role also the table's pen."""

    def __init__(self, page: Page, url: str, *, table: int, name: str) -> None:
        self.page = page
        self.url = url
        self.table = table
        self.name = name
        self.stage = page.locator("#own .stage")
        self.ours = page.locator("#ours .ours")

    @property
    def person(self) -> Voter:
        return Voter(self.name, self.table)

    # ---- coming in ----

    def type_code(self, code: str) -> None:
        self.page.goto(self.url)
        self.page.get_by_label("Code from the screen").fill(code)
        self.page.get_by_role("button", name="Join").click()

    def scan(self, address: str) -> None:
        """Open what the QR code holds; the secret stands behind the #."""
        self.page.goto(address)

    def sit_down(self) -> None:
        self.page.locator("label.choice", has_text=f"Table {self.table}").tap()
        self.page.get_by_role("button", name="Take my seat").tap()
        expect(self.page.locator("body > header b")).to_have_text(f"Table {self.table}")

    def become_scribe(self) -> None:
        self.page.get_by_role("button", name=f"Write for Table {self.table}").tap()
        expect(self.page.locator("body")).to_have_attribute("data-role", "scribe")

    # ---- what is on stage ----

    def sees(self, status: str, heading: str) -> None:
        expect(self.stage.locator("h1")).to_have_text(heading)
        expect(self.stage).to_have_attribute("data-status", status)

    # ---- answers ----

    def form(self, voice: str) -> Locator:
        """Return the form of the round on stage; a table's comes a moment later."""
        name = "#t-form" if voice == "tables" else "#a-form"
        this_round = self.stage.get_attribute("data-round")
        return self.page.locator(f'{name}[data-round="{this_round}"]')

    def turn_to(self, voice: str) -> None:
        """Choose the tab, on a scribe's phone that has both."""
        if self.page.locator("#tabs").is_visible():
            place = "ours" if voice == "tables" else "own"
            self.page.locator(f'#tabs a[data-tab="{place}"]').tap()

    def tap(self, field: str, value: str, *, voice: str = "people") -> None:
        answer = f'input[name="{field}"][value="{value}"]'
        self.form(voice).locator(f"label:has({answer})").tap()

    def sees_stored(self, items: int, *, voice: str = "people") -> None:
        """Wait until the phone says of so many items that they are stored."""
        acks = self.form(voice).locator("[data-ack]")
        expect(acks.and_(self.page.locator('[data-state="stored"]'))).to_have_count(
            items
        )
        expect(
            acks.and_(self.page.locator('[data-state]:not([data-state="stored"])'))
        ).to_have_count(0)

    def chosen(self, voice: str = "people") -> set[tuple[str, str]]:
        checked = self.form(voice).locator("input:checked")
        pairs = checked.evaluate_all("(all) => all.map((one) => [one.name, one.value])")
        return {(name, value) for name, value in pairs}

    def write_point(
        self, text: str, *, kind: str = "", about: str = "", voice: str = "people"
    ) -> None:
        self.turn_to(voice)
        # A table's board comes after the stage: its form may be of the prompt before.
        about_this = self.stage.get_attribute("data-prompt")
        name = "#table-point" if voice == "tables" else "#me-point"
        form = self.page.locator(f'[data-point-of="{about_this}"] {name}')
        form.wait_for(state="attached")
        if not form.is_visible():
            form.locator("xpath=..").locator("> summary").tap()
        if kind:
            form.locator(".kinds label", has_text=kind).tap()
        if about:
            form.locator(".about > summary").tap()
            form.locator(f'label:has(input[name="items"][value="{about}"])').tap()
        form.get_by_label("In your words").fill(text)
        form.get_by_role("button", name=re.compile("^Send")).tap()
        expect(form.locator("[data-ack]")).to_have_attribute("data-state", "stored")
        expect(form.get_by_label("In your words")).to_have_value("")

    # ---- afterwards ----

    def own_answers(self) -> list[list[str]]:
        """Read what the phone says its owner answered, item by item."""
        items = self.page.locator("#own [data-mine]")
        return items.evaluate_all(
            "(all) => all.map((one) => [...one.querySelectorAll('.answer')]"
            ".map((line) => (line.querySelector('span:not(.cell)') ?? line)"
            ".textContent.trim()))"
        )

    def figures(self, voice: str) -> list[str]:
        """Read the revealed figures of a voice, a line for each item and criterion."""
        lines = self.stage.locator(f".results .line.by-{voice} .figures")
        return [" ".join(text.split()) for text in lines.all_text_contents()]


class Console:
    """The facilitator's page of the day."""

    def __init__(self, page: Page) -> None:
        page.add_init_script(NOTE_ANSWERS)
        self.page = page
        self.next = page.locator("#next")
        self.timer = page.locator(".now .timer")

    def is_ready(self) -> None:
        """Wait until the step before is answered: the console takes one at a time."""
        expect(self.page.locator("html")).not_to_have_attribute("data-busy", "")

    def step(self, label: str) -> None:
        """Press the blue button once it says so."""
        self.is_ready()
        expect(self.next).to_contain_text(label)
        self.page.wait_for_function(RESTED)
        self.next.click()

    def press(self, ident: str) -> None:
        self.is_ready()
        self.page.locator(f"#{ident}").click()

    def press_key(self, key: str) -> None:
        self.is_ready()
        self.page.keyboard.press(key)

    def undo(self, step: str) -> None:
        """Take the last step back, once the button names it."""
        expect(self.page.locator("#undo")).to_contain_text(step)
        self.press("undo")

    def says(self, ident: str, text: str) -> None:
        expect(self.page.locator(f"#{ident}")).to_have_text(text)

    def point(self, text: str) -> Locator:
        """Return the card of a point in the queue."""
        return self.page.locator("ul.points > li", has_text=text)


class Screen:
    """The projector at the wall."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.board = page.locator("main > .board")

    def shows(self, kind: str, text: str = "") -> None:
        expect(self.board).to_have_class(re.compile(rf"\bboard\b.*\b{kind}\b"))
        if text:
            expect(self.board).to_contain_text(text)

    def shows_nothing_of(self, words: Iterable[str]) -> None:
        """Check that no answer, in words or as a picture, is on the wall."""
        text = self.board.inner_text()
        assert [word for word in words if word in text] == []
        expect(self.board.locator(".bar, .cell, .legend, .plane, .wall")).to_have_count(
            0
        )

    def rows(self) -> list[dict[str, Any]]:
        return rows_of(self.board.locator("table.wall"))


def rows_of(tables: Locator) -> list[dict[str, Any]]:
    """Read the rows of results out of all these tables."""
    return [row for table in tables.all() for row in table.evaluate(READ_ROWS)]


def counts_in(text: str) -> dict[str, int]:
    """Read `3 Unproblematic, 1 Difficult to deliver`."""
    if not re.match(r"\d", text):
        return {}
    pairs = (part.split(" ", 1) for part in re.split(r", (?=\d)", text))
    return {word: int(number) for number, word in pairs}
