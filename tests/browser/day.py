"""The workshop of 2006, played in browsers: by the tests and for the pictures.

`Day` has one method for each thing that happens; each waits until everybody sees it.
Twelve people come: eight with a phone of their own, and the four scribes.
"""

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from django.contrib.auth import get_user_model
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import Console, Phone, Screen, counts_in, reads, rows_of
from tests.browser.said import Round, Voter, find
from tests.browser.shown import Shown
from tests.browser.windows import WALL, Windows
from workshops.actions import templates
from workshops.models import SessionTemplate, Workshop
from workshops.session_templates import schema
from workshops.session_templates.loader import library_files

TABLES = 4
TITLE = "Migration and development: policy and practice"
PASSWORD = "correct horse battery staple"

# One letter a person, seats 1 to 8 and then the scribes, and one for each table:
# unproblematic, difficult, inconsistent, abstain, not discussed; a dot is no answer.
PRINCIPLES = {
    "p1": ("UDDUUDDUUDDU", "UDDU"),
    "p2": ("UUUUUUUUUUUU", "UUUU"),
    "p3": ("UUDUUDDUUUDI", "UUDU"),
    "p4": ("DUUDDUDDUUAD", "DUUD"),
    "p5": ("IDDIDDIIDDII", "DDII"),
    "p6": ("UDUUUUUDUDUU", "UUUU"),
    "p7": ("DDIDDIDDDUDI", "DDID"),
    "p8": ("AUDUAIUUDUUU", "UNDU"),
    "p9": ("UUUUUUDUUUUU", "UUUA"),
    "p10": ("UUUUUUUUUUUU", "UUUU"),
}
WORDS = {
    "U": "unproblematic",
    "D": "difficult",
    "I": "inconsistent",
    "A": "abstain",
    "N": "not-discussed",
}
# One figure a person (the scribes leave it to the others), and one for each table.
SCENARIOS = {
    ("a", "effective"): ("32243332", "3323"),
    ("a", "feasible"): ("23122312", "2212"),
    ("b", "effective"): ("24333423", "2433"),
    ("b", "feasible"): ("43445344", "4344"),
    ("c", "effective"): ("45445444", "4544"),
    ("c", "feasible"): ("34332433", "3433"),
    ("d", "effective"): ("34435343", "4433"),
    ("d", "feasible"): ("23333243", "2333"),
}
# In two rounds: letters of the scenarios, for the eight people and for the tables.
PICKS = [
    (["c", "bc", "cd", "c", "bd", "c", "cd", "b"], ["c", "cd", "bc", "c"]),
    (["c", "cd", "cd", "c", "cd", "c", "c", "bc"], ["c", "cd", "c", "cd"]),
]
# By prompt: a person's and a table's.
POINTS = {
    "coherence/framework-of-coherence": (
        "One minister for both subjects would end half of the contradictions.",
        "Visa rules change faster than any programme of aid can follow.",
    ),
    "framework/principles": (
        "A way to become regular needs a date after which it closes.",
        "The words human right settle nothing about who has to provide what.",
    ),
    "options/challenge": (
        "A clinic without a nurse spends its whole budget on nothing.",
        "Pay is the cheapest part of keeping somebody in a post.",
    ),
    "diasporas/outcomes": (
        "Schools that the village runs itself two years later.",
        "Nobody in government knows whom to invite.",
    ),
    "skilled-migration/approaches": (
        "Leave of absence that keeps the pension at home alive.",
        "Recruit for training places, not for finished nurses.",
    ),
    "closing/next-steps": (
        "Count people who move in and between poor countries as well.",
        "Publish what each department gave up for coherence.",
    ),
}


def template_2006() -> Path:
    """Return the file that comes with the software."""
    files = {path.stem: path for path in library_files()}
    return files["migration-development-2006"]


class Day:
    """Everybody who takes part, and what they have said so far."""

    def __init__(self, windows: Windows, url: str) -> None:
        self.windows = windows
        self.url = url
        self.phones: list[Phone] = []
        self.scribes: list[Phone] = []
        self.rounds: list[Round] = []

    @property
    def everybody(self) -> list[Phone]:
        return self.phones + self.scribes

    # ---- before the day ----

    def make_accounts(self) -> None:
        users = get_user_model().objects
        users.create_superuser("admin", "admin@example.org", PASSWORD)
        users.create_user("facilitator", "facilitator@example.org", PASSWORD)

    def load_template(self) -> None:
        """An admin checks the file in the browser, sees no mistake, and loads it."""
        path = template_2006()
        page = self.windows.open("admin")
        page.goto(f"{self.url}/templates/")
        sign_in(page, "admin")
        page.get_by_role("link", name="Add a template").click()
        page.get_by_label("File (optional)").set_input_files(path)
        page.get_by_role("button", name="Check", exact=True).click()
        expect(page.locator("#verdict")).to_contain_text("has no mistakes")
        page.get_by_role("button", name="Load it").click()
        expect(page.locator(".title-row h1")).to_have_text(TITLE)
        page.context.close()
        self.template = self._template(path)

    def _template(self, path: Path) -> schema.TemplateFile:
        stored = SessionTemplate.objects.get()
        assert bytes(stored.source) == path.read_bytes()
        return templates.tree(stored)

    def make_workshop(self) -> None:
        """A facilitator signs in, makes the workshop, opens console and wall."""
        page = self.windows.open("console")
        self.console = Console(page)
        page.goto(f"{self.url}/console/")
        sign_in(page, "facilitator")
        page.get_by_role("link", name="Make the first workshop").click()
        expect(page.get_by_role("radio")).to_be_checked()
        page.get_by_label("Place").fill("London")
        page.get_by_label("Date").fill("2006-11-07")
        page.get_by_label("Number of tables").fill(str(TABLES))
        page.get_by_role("button", name="Make the workshop").click()
        page.get_by_role("link", name="To the console").click()
        expect(page.locator(".now h1")).to_contain_text("Ready when you are")
        self.workshop = Workshop.objects.get()

        secret_link = page.locator("#to-screen").get_attribute("href")
        wall = self.windows.open("screen", WALL)
        wall.goto(f"{self.url}{secret_link}")
        self.screen = Screen(wall)
        self.screen.shows("join", TITLE)

    # ---- people ----

    def add_phone(self, number: int, *, scribe: bool = False, by_qr: bool = False):
        """Somebody comes in: by the code on the wall, or by its QR code."""
        table = (number - 1) % TABLES + 1
        name = f"scribe {number}" if scribe else f"seat {number}"
        phone = Phone(self.windows.open_phone(name), self.url, table=table, name=name)
        if by_qr:
            phone.scan(f"{self.url}/j/#{self.workshop.join_secret}")
        else:
            phone.type_code(self.workshop.spoken_join_code.lower())
        phone.sit_down()
        (self.scribes if scribe else self.phones).append(phone)
        return phone

    def everybody_joins(self) -> None:
        """All but the last come in and sit down; the scribes take their role."""
        for number in range(1, 8):
            self.add_phone(number, by_qr=number == 1)
        for number in range(1, TABLES + 1):
            self.add_phone(number, scribe=True).become_scribe()
        self.console.says("joined", "11")
        self.screen.shows("join", "11 people have joined")
        for phone in self.everybody:
            phone.sees("waiting", TITLE)

    # ---- sessions and prompts ----

    def start(self, session: str) -> None:
        """The facilitator starts the next session: its brief is on phones and wall."""
        part = next(one for one in self.template.sessions if one.key == session)
        self.console.step("Start the session")
        self.screen.shows("brief-view", part.title)
        self.screen.shows("brief-view", part.speakers[0].name)
        for phone in self.everybody:
            phone.sees("waiting", part.title)
            expect(phone.stage.locator(".brief")).to_be_visible()

    def open(self, path: str) -> Round:
        """The facilitator opens the next prompt: every phone moves to it by itself."""
        self.console.step("Open")
        return self.is_open(path)

    def is_open(self, path: str) -> Round:
        _session, prompt = find(self.template, path)
        number = 1 + sum(one.path == path for one in self.rounds)
        self.round = Round(path, number)
        self.prompt = prompt
        self.rounds.append(self.round)
        kind = "discuss" if prompt.kind == "discuss" else "progress"
        self.screen.shows(kind, prompt.question)
        for phone in self.everybody:
            phone.sees("open", prompt.question)
        return self.round

    def close(self) -> None:
        """The facilitator closes: phones say so, each with its own answers."""
        self.console.step("Close")
        self.round.present = len(self.everybody)
        for phone in self.everybody:
            phone.sees("closed", self.prompt.question)

    def ask_again(self) -> None:
        """The facilitator asks the same prompt once more, as another round."""
        self.console.press("again")
        self.is_open(self.round.path)
        for phone in self.everybody:
            expect(phone.stage).to_contain_text(f"round {self.round.number}")

    def reveal(self) -> None:
        self.console.step("Reveal the results")
        self.screen.shows("results")
        for phone in self.everybody:
            phone.sees("revealed", self.prompt.question)

    # ---- answers ----

    def assess(self, phones: Iterable[Phone], voice: str = "people") -> None:
        """Each taps all ten principles; then all see that all are stored."""
        phones = list(phones)
        for phone in phones:
            phone.turn_to(voice)
            for item in PRINCIPLES:
                answer = self.opinion(phone, voice, item)
                phone.tap(f"answer.{item}", answer, voice=voice)
                self.note(phone, voice, (item, ""), answer)
        for phone in phones:
            phone.sees_stored(len(PRINCIPLES), voice=voice)

    def opinion(self, phone: Phone, voice: str, item: str) -> str:
        people, tables = PRINCIPLES[item]
        if voice == "tables":
            return WORDS[tables[phone.table - 1]]
        return WORDS[people[self.place(phone)]]

    def rate(self, phones: Iterable[Phone], voice: str = "people") -> None:
        """Each rates all scenarios on both criteria."""
        scale = self.template.scales["agree-5"].points
        phones = list(phones)
        for phone in phones:
            phone.turn_to(voice)
            for (item, criterion), (people, tables) in SCENARIOS.items():
                of_table = voice == "tables"
                said = (
                    tables[phone.table - 1] if of_table else people[self.place(phone)]
                )
                phone.tap(f"answer.{item}.{criterion}", said, voice=voice)
                self.note(phone, voice, (item, criterion), scale[int(said) - 1].key)
        for phone in phones:
            phone.sees_stored(4, voice=voice)

    def pick(self, phones: Iterable[Phone], voice: str = "people") -> None:
        """Each picks one or two scenarios."""
        people, tables = PICKS[self.round.number - 1]
        phones = list(phones)
        for phone in phones:
            phone.turn_to(voice)
            of_table = voice == "tables"
            picked = tables[phone.table - 1] if of_table else people[self.place(phone)]
            for item in picked:
                phone.tap("choice", item, voice=voice)
            for item in "abcd":
                self.note(phone, voice, (item, ""), item in picked)
        for phone in phones:
            phone.sees_stored(1, voice=voice)

    # ---- points ----

    def discuss(self, path: str) -> None:
        """A question that is answered by points: one person's, one table's."""
        self.open(path)
        person, table = POINTS[path]
        self.phones[len(self.rounds) % 8].write_point(person)
        self.scribes[len(self.rounds) % 4].write_point(table, voice="tables")
        self.screen.shows("discuss", "2 points so far")
        self.show_point(table)
        self.screen.shows("with-points", table)
        self.close()

    def show_point(self, text: str) -> None:
        """The facilitator puts a point among those on the wall."""
        card = self.console.point(text)
        self.console.is_ready()
        card.get_by_role("button", name="Show").click()
        expect(card).to_have_class(re.compile("on-wall"))

    # ---- what everybody sees ----

    @property
    def shown(self) -> Shown:
        """How the answers to the prompt that is asked now should read."""
        return Shown(self.round, self.template, tables=TABLES)

    def everybody_sees_own_answers(self) -> None:
        for phone in self.everybody:
            reads(phone.page, phone.own_answers, self.shown.own_answers(phone.person))

    def everybody_sees_the_results(self) -> None:
        """Compare wall and phones, for both voices, with what was tapped."""
        shown, wall = self.shown, self.screen
        for phone in self.everybody:
            for voice in ("people", "tables"):
                lines = [shown.line(row, voice) for row in shown.rows(voice)]
                reads(phone.page, partial(phone.figures, voice), lines)
        people = [shown.given(row) for row in shown.rows("people")]
        reads(
            wall.page,
            lambda: [
                counts_in(bar)
                for row in sorted(wall.rows(), key=lambda row: int(row["number"]))
                for bar in row["bars"]
            ],
            people,
        )
        self.wall_shows_tables()

    def everybody_sees_the_picks(self) -> None:
        shown = self.shown
        voices = [shown.picked("people"), shown.picked("tables")]
        for phone in self.everybody:
            tables = phone.stage.locator(".results table.counts")
            reads(phone.page, lambda t=tables: [picked(one) for one in t.all()], voices)
        wall = self.screen.board.locator("table.counts")
        reads(self.screen.page, lambda: picked(wall), shown.picked("people"))
        self.wall_shows_tables()

    def wall_shows_tables(self) -> None:
        self.console.press("view-tables")
        expect(self.screen.board.locator("table.grid")).to_be_visible()
        reads(
            self.screen.page,
            lambda: [row["cells"] for row in self.screen.rows()],
            self.shown.cells_by_item(),
        )

    def place(self, phone: Phone) -> int:
        """Return where a person stands in the lists of opinions."""
        if phone in self.scribes:
            return 8 + self.scribes.index(phone)
        return self.phones.index(phone)

    def note(
        self, phone: Phone, voice: str, asked: tuple[str, str], said: str | bool
    ) -> None:
        table = Voter(f"table {phone.table}", phone.table)
        voter = table if voice == "tables" else phone.person
        self.round.answers[voice][voter][asked] = said


def picked(table: Locator) -> dict[str, str]:
    """Read how many chose each item, by its number."""
    return {row["number"]: row["figures"][0] for row in rows_of(table)}


def sign_in(page: Page, username: str) -> None:
    page.get_by_label("User name or e-mail address").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
