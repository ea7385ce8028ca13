"""A question of every kind, answered by people and tables in browsers.

Five people sit at two tables; the first at each table writes for it. `Room.play` leads
one question from its opening to the wall; what each person and table says stands here.
"""

from collections import Counter
from functools import partial

from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from deliberation.models import Prompt
from tests import builders
from tests.browser.pages import (
    NOTHING_WAITS,
    Console,
    Phone,
    Screen,
    counts_in,
    reads,
    rows_of,
)
from tests.browser.windows import WALL, Windows
from workshops import codes, identity
from workshops.actions import scribes

TABLES, ITEMS = 2, 3
SEATS = (1, 2, 1, 2, 1)  # the table of each person
TWO = ("effective", "feasible")
# For each person, then each table: what is said of each item, in their order. Of picks
# those that are chosen; of a ranking the numbers of the items, the best first.
SAID: dict[str, tuple[list, list]] = {
    "assess": (["UDI", "UDD", "UUI", "UDI", "DDI"], ["UDI", "UDD"]),
    "rate": (
        ["55 42 11", "44 42 12", "54 31 21", "45 52 11", "33 24 55"],
        ["55 42 11", "44 33 12"],
    ),
    "choose": (["1", "1", "2", "1", "3"], ["1", "2"]),
    "approve": (["12", "1", "23", "123", "3"], ["12", "3"]),
    "rank": (["123", "12", "231", "312", "132"], ["123", "21"]),
    "allocate": (
        ["60 40 0", "100 0 0", "20 30 50", "0 0 10", "50 25 25"],
        ["60 30 10", "0 50 50"],
    ),
}
ON_A_SCALE = ("assess", "rate")
KEYS = {"U": "unproblematic", "D": "difficult", "I": "inconsistent"}
WORDS = {"U": "Unproblematic", "D": "Difficult to deliver", "I": "Inconsistent"}
FIELDS = {
    "rate": {"criteria": TWO},
    "approve": {"least": 1, "most": 3},
    "rank": {"rule": "schulze"},
}
VOICES = ("people", "tables")


class Room:
    """Phones, console and wall of one workshop, all of them open."""

    def __init__(self, windows: Windows, url: str) -> None:
        self.url = url
        self.workshop = builders.make_workshop(
            tables=TABLES, title="Every kind", attribution="anonymous"
        )
        for kind in (*SAID, "discuss"):
            self._make_prompt(kind)
        self.phones = [self._sit_down(windows, n) for n in range(len(SEATS))]
        self.scribes = self.phones[:TABLES]
        self.console = Console(windows.open("console"))
        self._sign_in()
        wall = windows.open("screen", WALL)
        wall.goto(f"{url}/screen/{self.workshop.screen_secret}/")
        self.screen = Screen(wall)
        self.screen.shows("join", "5 people have joined")
        self.console.step("Start the session")

    def _make_prompt(self, kind: str) -> Prompt:
        return builders.make_prompt(
            self.workshop,
            kind=kind,
            key=kind,
            items=ITEMS,
            question=f"What do you {kind}?",
            asks_tables=True,
            **FIELDS.get(kind, {}),
        )

    def _sit_down(self, windows: Windows, number: int) -> Phone:
        token = codes.new_token()
        who = builders.join(self.workshop, table=SEATS[number], token=token)
        if number < TABLES:
            scribes.take_role(participant=who)
        page = windows.open_phone(f"seat {number + 1}")
        name = identity.cookie_name(self.workshop.pk)
        page.context.add_cookies([{"name": name, "value": token, "url": self.url}])
        page.goto(f"{self.url}/w/{self.workshop.slug}/")
        return Phone(page, self.url, table=SEATS[number], name=f"seat {number + 1}")

    def _sign_in(self) -> None:
        client = Client()
        client.force_login(builders.make_facilitator(self.workshop))
        session = client.cookies[settings.SESSION_COOKIE_NAME]
        page = self.console.page
        page.context.add_cookies(
            [{"name": session.key, "value": session.value, "url": self.url}]
        )
        page.goto(f"{self.url}/console/{self.workshop.slug}/")

    # ---- one question ----

    def play(self, kind: str) -> None:
        """Open a question, answer it as people and as tables, close and reveal it."""
        question = f"What do you {kind}?"
        self.console.step("Open")
        for phone in self.phones:
            phone.sees("open", question)
        people, tables = SAID[kind]
        for phone, said in zip(self.phones, people, strict=True):
            self.answer(phone, kind, said, "people")
        for phone, said in zip(self.scribes, tables, strict=True):
            self.answer(phone, kind, said, "tables")
        self.console.says("answered", str(len(SEATS)))
        self.console.says("tables-in", f"{TABLES} of {TABLES}")
        self.console.step("Close")
        for phone in self.phones:
            phone.sees("closed", question)
        self.console.step("Reveal the results")
        for phone in self.phones:
            phone.sees("revealed", question)
            phone.turn_to("people")
        self.screen.shows("results")

    def answer(self, phone: Phone, kind: str, said: str, voice: str) -> None:
        """Give one answer by touch, and wait until the phone says it is stored."""
        phone.turn_to(voice)
        if kind == "assess":
            for item, letter in enumerate(said, start=1):
                phone.tap(f"answer.p{item}", KEYS[letter], voice=voice)
        elif kind == "rate":
            for item, pair in enumerate(said.split(), start=1):
                for criterion, value in zip(TWO, pair, strict=True):
                    phone.tap(f"answer.p{item}.{criterion}", value, voice=voice)
        elif kind == "rank":
            self._put_in_order(phone.form(voice), said)
        elif kind == "allocate":
            self._share_out(phone.form(voice), said.split())
        else:
            for item in said:
                phone.tap("choice", f"p{item}", voice=voice)
        phone.page.wait_for_function(NOTHING_WAITS)
        one_by_one = kind in ON_A_SCALE
        phone.sees_stored(ITEMS if one_by_one else 1, voice=voice)

    def _put_in_order(self, form: Locator, numbers: str) -> None:
        """Press *Move up* of each item in turn: it takes the next place."""
        for place, number in enumerate(numbers, start=1):
            name = f"Move up: Principle number {number}"
            form.get_by_role("button", name=name).tap()
            field = form.locator(f'input[name="answer.p{number}"]')
            expect(field).to_have_value(str(place))

    def _share_out(self, form: Locator, points: list[str]) -> None:
        for item, text in enumerate(points, start=1):
            field = form.locator(f'input[name="answer.p{item}"]')
            field.fill(text)
        field.press("Enter")

    def discuss(self) -> None:
        """Ask for points; a person and a table write one each."""
        self.console.step("Open")
        for phone in self.phones:
            phone.sees("open", "What do you discuss?")
        self.phones[-1].write_point("Said by a person")
        self.scribes[0].write_point("Said by a table", voice="tables")
        self.screen.shows("discuss", "2 points so far")
        for text in ("Said by a person", "Said by a table"):
            expect(self.console.point(text)).to_be_visible()

    # ---- what is shown ----

    def everybody_sees(self, kind: str) -> None:
        """Compare phones, wall and console with what was said, voice by voice."""
        for phone in self.phones:
            for voice in VOICES:
                wanted = counted(kind, voice)
                reads(phone.page, partial(on_phone, phone, kind, voice), wanted)
        page, people = self.console.page, counted(kind, "people")
        reads(page, partial(in_figures, page, kind), people)
        wall = self.screen.board.locator("table.wall")
        reads(self.screen.page, partial(in_rows, wall, kind), people)
        self.console.press("view-tables")
        words = self.screen.board.locator("table.grid td .cell .word")
        reads(self.screen.page, words.all_text_contents, cells(kind))


def counted(kind: str, voice: str) -> dict[str, list]:
    """Return what a page should say of each item, by its number.

    Of a scale how often each word was said, in each respect; else one figure.
    """
    said = SAID[kind][VOICES.index(voice)]
    if kind == "assess":
        return {
            str(n + 1): [dict(Counter(WORDS[one[n]] for one in said))]
            for n in range(ITEMS)
        }
    if kind == "rate":
        return {
            str(n + 1): [
                dict(Counter(f"Agree {one.split()[n][place]}" for one in said))
                for place in range(len(TWO))
            ]
            for n in range(ITEMS)
        }
    return {str(n): [figure(kind, n, said)] for n in range(1, ITEMS + 1)}


def figure(kind: str, number: int, said: list[str]) -> str:
    if kind == "allocate":
        return f"{sum(int(one.split()[number - 1]) for one in said)} points"
    chose = [one[:1] if kind == "rank" else one for one in said]
    return f"{sum(str(number) in one for one in chose)} of {len(said)}"


def cells(kind: str) -> list[str]:
    """Return the wall's grid of what the tables said, row by row."""
    said = SAID[kind][1]
    if kind == "rate":
        return [
            f"Agree {one.split()[n][place]}"
            for n in range(ITEMS)
            for place in range(len(TWO))
            for one in said
        ]
    return [cell(kind, n, one) for n in range(1, ITEMS + 1) for one in said]


def cell(kind: str, number: int, said: str) -> str:
    if kind == "assess":
        return WORDS[said[number - 1]]
    if kind == "allocate":
        return said.split()[number - 1]
    if kind == "rank":
        return str(said.index(str(number)) + 1) if str(number) in said else "–"
    return "Chosen" if str(number) in said else "Not chosen"


# ---- reading pages ----


def on_phone(phone: Phone, kind: str, voice: str) -> dict[str, list]:
    if kind in ON_A_SCALE:
        lines = [in_words(line) for line in phone.figures(voice)]
        each = len(TWO) if kind == "rate" else 1
        return {
            str(n + 1): lines[n * each : (n + 1) * each]
            for n in range(len(lines) // each)
        }
    tables = phone.stage.locator(".results table.counts")
    return in_rows(tables.nth(VOICES.index(voice)), kind)


def in_figures(page: Page, kind: str) -> dict[str, list]:
    """Read the console's picture of what people said."""
    if kind != "rate":
        return in_rows(page.locator("#now-people table.rows"), kind)
    charts = [page.locator(f"#now-people-{one} table.rows") for one in TWO]
    return {
        number: [found[number][0] for found in both]
        for both in [[in_rows(chart, kind) for chart in charts]]
        for number in both[0]
    }


def in_rows(table: Locator, kind: str) -> dict[str, list]:
    """Read a table of bars or figures, in whatever order its rows are."""
    found = {}
    for row in rows_of(table):
        bars = [counts_in(bar) for bar in row["bars"]]
        found[row["number"]] = bars if kind in ON_A_SCALE else row["figures"][:1]
    return found


def in_words(line: str) -> dict[str, int]:
    """Read `Unproblematic 4, Difficult to deliver 1`."""
    pairs = (part.rpartition(" ") for part in line.split(", "))
    return {word: int(number) for word, _blank, number in pairs}
