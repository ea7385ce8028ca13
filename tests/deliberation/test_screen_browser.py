"""The projector in a browser: it follows the console, and what it shows fits."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as TooLate

from deliberation.actions import rounds, screens
from deliberation.models import Round, Wording
from tests import builders
from tests.live.proxy import FaultProxy
from tests.serving import serving
from workshops.models import Workshop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What sticks out of the board, is cut, or is too small to be read from the back.
MISFITS = """() => {
  const board = document.querySelector(".board");
  const all = board.getBoundingClientRect();
  const unit = Math.min(all.width, all.height * 16 / 9) / 100;
  const found = [];
  const looked = "h1, p, li, th, td, b, span, small, .cell";
  for (const element of board.querySelectorAll(looked)) {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (box.width < 2 || element.closest(".vh") || style.clipPath !== "none") continue;
    const text = element.textContent.trim().slice(0, 30);
    if (box.right > all.right + 1 || box.bottom > all.bottom + 1 || box.left < -1)
      found.push(`outside: ${element.tagName} ${text}`);
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (own && parseFloat(style.fontSize) / unit < 2.55) found.push(`small: ${text}`);
  }
  for (const body of board.querySelectorAll(".body:not([hidden])"))
    if (body.scrollHeight > body.clientHeight + unit) found.push("more than fits");
  return found;
}"""


class Wall:
    """The projector's page, behind a proxy that can be told to misbehave."""

    def __init__(self, page: Page, proxy: FaultProxy) -> None:
        self.page, self.proxy = page, proxy
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.expose_function("violated", lambda what: self.problems.append(what))
        page.add_init_script(
            "addEventListener('securitypolicyviolation',"
            " (event) => window.violated(`${event.violatedDirective}`))"
        )

    def show(
        self, workshop: Workshop, *, width: int = 1920, height: int = 1080
    ) -> None:
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(f"{self.proxy.url}/screen/{workshop.screen_secret}/")

    def misfits(self) -> list[str]:
        """Return what does not fit once the board has followed the window."""
        self.page.evaluate("document.fonts.ready")
        with suppress(TooLate):
            fits = f"() => !({MISFITS})().length"
            self.page.wait_for_function(fits)
            return []  # not asked again: a newer board may just be coming
        return self.page.evaluate(MISFITS)

    def is_kind(self, kind: str) -> None:
        board = self.page.locator(f".board.{kind}")
        expect(board).to_have_count(1)


@pytest.fixture
def wall(transactional_db, page: Page) -> Iterator[Wall]:
    with serving() as server, FaultProxy(server.port) as proxy:
        wall = Wall(page, proxy)
        yield wall
        page.goto("about:blank")
    assert wall.problems == []


def judged_room(*, tables: int = 4, people: int = 37, items: int = 10) -> Round:
    """A round with everybody's and all tables' answers, and wordings as in life."""
    workshop = builders.make_workshop(
        tables=tables, title="Migration and development: policy and practice"
    )
    prompt = builders.make_prompt(workshop, items=items, asks_tables=True)
    for wording in Wording.objects.filter(item__prompt=prompt):
        wording.short = f"Label {wording.item.key} of thirty-two signs"[:32]
        wording.text = "Everybody who lives here has rights and services. " * 4
        wording.save()
    keys = list(prompt.items.values_list("key", flat=True))
    seats = [builders.join(workshop, table=1 + n % tables) for n in range(people)]
    this_round = builders.open_round(prompt)
    for n, seat in enumerate(seats):
        answers = {key: 1 + (n * i) % 7 % 3 for i, key in enumerate(keys)}
        builders.judge(this_round, seat, answers)
    for table in workshop.tables.all():
        answers = {key: 1 + (table.number * i) % 3 for i, key in enumerate(keys)}
        builders.judge(this_round, seats[0], answers, voice="tables", table=table)
    return this_round


def test_the_wall_follows_the_console_without_being_loaded_again(wall):
    workshop = builders.make_workshop(tables=1)
    seat = builders.join(workshop)
    wall.show(workshop)
    wall.page.evaluate("window.loaded = 'once'")
    wall.is_kind("join")

    this_round = builders.open_round(builders.make_prompt(workshop))
    wall.is_kind("progress")
    builders.judge(this_round, seat, {"p1": 1})
    expect(wall.page.get_by_text("1 of 1", exact=True).first).to_be_visible()
    rounds.reveal(round_id=this_round.pk)
    wall.is_kind("results")
    screens.set_screen(workshop=workshop, blank=True)
    wall.is_kind("blank")
    assert wall.page.evaluate("window.loaded") == "once"


def test_the_wall_keeps_its_picture_while_the_server_is_away(wall):
    workshop = builders.make_workshop(tables=1)
    wall.show(workshop)
    wall.is_kind("join")
    expect(wall.page.locator("html")).to_have_attribute("data-live", "live")

    wall.proxy.mode = "502"
    wall.proxy.cut()

    expect(wall.page.locator("#dot")).to_be_visible()
    expect(wall.page.locator("#banner")).to_be_hidden()
    wall.is_kind("join")
    builders.open_round(builders.make_prompt(workshop))
    wall.proxy.mode = "pass"
    wall.is_kind("progress")
    expect(wall.page.locator("#dot")).to_be_hidden()


def test_the_wall_needs_no_script(wall, browser: Browser):
    this_round = judged_room(people=5)
    rounds.reveal(round_id=this_round.pk)
    with browser.new_context(java_script_enabled=False) as context:
        plain = context.new_page()
        secret = this_round.workshop.screen_secret
        plain.goto(f"{wall.proxy.url}/screen/{secret}/")

        expect(plain.locator(".board.results")).to_be_visible()
        refresh = plain.locator('meta[http-equiv="refresh"]')
        expect(refresh).to_have_attribute("content", "5")


def test_a_clicker_turns_the_pages_of_many_items(wall):
    this_round = judged_room(people=3, items=14)
    rounds.reveal(round_id=this_round.pk)
    wall.show(this_round.workshop)
    expect(wall.page.get_by_text("1–7 of 14")).to_be_visible()

    wall.page.keyboard.press("PageDown")

    expect(wall.page.get_by_text("8–14 of 14")).to_be_visible()
    expect(wall.page.get_by_text("1–7 of 14")).to_be_hidden()


@pytest.mark.slow
@pytest.mark.parametrize("tables", [4, 12, 20])
def test_whatever_is_shown_fits_and_can_be_read_from_the_back(wall, tables):
    this_round = judged_room(tables=tables, people=3 * tables)
    workshop = this_round.workshop
    item = this_round.prompt.items.get(key="p4")
    wall.show(workshop)
    found = {}

    def look(name: str, **fields) -> None:
        screens.set_screen(workshop=workshop, **fields)
        wall.page.reload()
        for width, height in [(1920, 1080), (1280, 720), (1024, 768), (1280, 620)]:
            wall.page.set_viewport_size({"width": width, "height": height})
            if misfits := wall.misfits():
                found[name, width, height] = misfits

    look("joining", showing="join")
    look("answering", showing="prompt")
    look("an item alone", item=item)
    rounds.reveal(round_id=this_round.pk)
    look("people")
    look("tables", view="tables")
    look("one item", item=item)

    assert found == {}


@pytest.mark.parametrize("items", [8, 12])
def test_the_names_beside_a_plane_stay_below_the_heading(wall, items):
    workshop = builders.make_workshop(tables=1)
    criteria = ("effective", "feasible")
    prompt = builders.make_prompt(
        workshop, kind="rate", items=items, criteria=criteria, question="How good?"
    )
    Wording.objects.update(short="Label with thirty-two characters"[:32])
    this_round = builders.open_round(prompt)
    for value in (2, 3, 3, 4, 5):
        said = {f"p{n + 1}.{c}": value for n in range(items) for c in criteria}
        builders.judge(this_round, builders.join(workshop), said)
    rounds.reveal(round_id=this_round.pk)
    screens.set_screen(workshop=workshop, view="plane")
    wall.show(workshop)
    wall.is_kind("plane-view")

    for width, height in [(1920, 1080), (1280, 720), (1024, 768)]:
        wall.page.set_viewport_size({"width": width, "height": height})
        assert wall.misfits() == []
        wall.page.wait_for_function("""() => {
          const place = (one) =>
            document.querySelector(`.board ${one}`).getBoundingClientRect();
          const [head, key, box] = ["header", ".plane-key", ".body"].map(place);
          return key.top >= head.bottom - 1 && key.bottom <= box.bottom + 1;
        }""")
