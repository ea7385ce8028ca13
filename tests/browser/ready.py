"""The workshop of 2006 with people at its tables, made by actions.

For tests that look at pages: what led to a page is tried in `test_day`.
"""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Page

from deliberation.actions import making, points, rounds, screens
from deliberation.models import Prompt, Proposal, Round, Screen
from tests import builders
from tests.browser.day import (
    PICKS,
    PRINCIPLES,
    SCENARIOS,
    TABLES,
    WORDS,
    template_2006,
)
from workshops import codes, identity
from workshops.actions import scribes, templates
from workshops.models import Participant, Workshop

STATES = ("abstain", "not-discussed")


class Ready:
    """A workshop to open pages of; twelve people sit at its tables."""

    def __init__(self, url: str) -> None:
        self.url = url
        path = template_2006()
        template, _is_new = templates.load(path.read_bytes(), name=path.name)
        self.admin = get_user_model().objects.create_superuser("admin")
        self.workshop: Workshop = making.make_workshop(
            template=template, place="London", tables=TABLES, owner=self.admin
        )
        self.tokens = [codes.new_token() for _person in range(12)]
        self.people: list[Participant] = [
            builders.join(self.workshop, table=number % TABLES + 1, token=token)
            for number, token in enumerate(self.tokens)
        ]
        for who in self.people[8:]:
            scribes.take_role(participant=who)

    # ---- browsers ----

    def let_in(self, page: Page, number: int = 1) -> None:
        """Give a window the seat of a person, 1 to 12; 9 to 12 are scribes."""
        name = identity.cookie_name(self.workshop.pk)
        self._add_cookie(page, name, self.tokens[number - 1])

    def admit(self, page: Page) -> None:
        """Open the form of somebody who has typed the code."""
        page.goto(f"{self.url}/j/{self.workshop.join_code}/")

    def sign_in(self, page: Page) -> None:
        client = Client()
        client.force_login(self.admin)
        name = settings.SESSION_COOKIE_NAME
        self._add_cookie(page, name, client.cookies[name].value)

    def _add_cookie(self, page: Page, name: str, value: str) -> None:
        page.context.add_cookies([{"name": name, "value": value, "url": self.url}])

    # ---- the day ----

    def prompt(self, path: str) -> Prompt:
        session, key = path.split("/")
        prompts = Prompt.objects.select_related("session__workshop", "scale")
        return prompts.get(
            session__workshop=self.workshop, session__key=session, key=key
        )

    def start(self, key: str) -> None:
        rounds.go_to_session(session=self.workshop.sessions.get(key=key))

    def open(self, path: str) -> Round:
        return rounds.open_round(prompt=self.prompt(path))

    def close(self, this_round: Round) -> None:
        rounds.close_round(round_id=this_round.pk)

    def reveal(self, this_round: Round) -> None:
        rounds.reveal(round_id=this_round.pk)

    def show(self, **fields) -> None:
        screens.set_screen(workshop=self.workshop, **fields)

    def show_item(self, this_round: Round, key: str) -> None:
        item = this_round.prompt.items.get(key=key)
        self.show(showing=Screen.Showing.PROMPT, round=this_round, item=item)

    def answer(self, this_round: Round) -> None:
        """Store everybody's and every table's opinions."""
        people = [self.opinions(this_round, number, "people") for number in range(12)]
        for who, said in zip(self.people, people, strict=True):
            if said:
                builders.judge(this_round, who, said)
        for scribe in self.people[8:]:
            said = self.opinions(this_round, scribe.table.number - 1, "tables")
            builders.judge(this_round, scribe, said, voice="tables", table=scribe.table)

    def opinions(self, this_round: Round, place: int, voice: str) -> dict:
        """Return what the person or table at a place of the lists says."""
        kind = this_round.prompt.kind
        which = 1 if voice == "tables" else 0
        if kind == "assess":
            words = list(WORDS.values())[:3]
            said = {item: WORDS[two[which][place]] for item, two in PRINCIPLES.items()}
            return {
                item: word if word in STATES else words.index(word) + 1
                for item, word in said.items()
            }
        if voice == "people" and place >= 8:
            return {}
        if kind == "rate":
            return {".".join(k): int(two[which][place]) for k, two in SCENARIOS.items()}
        picked = PICKS[this_round.number - 1][which][place]
        return {item: int(item in picked) for item in "abcd"}

    def add_point(
        self, path: str, text: str, *, number: int = 1, item: str = ""
    ) -> None:
        who = self.people[number - 1]
        prompt = self.prompt(path)
        points.add_point(
            prompt=prompt,
            this_round=prompt.rounds.last(),
            participant=who,
            table=who.table if number > 8 else None,
            kind="point",
            text=text,
            items=list(prompt.items.filter(key=item)),
            key=codes.new_token(),
        )

    def propose(self, path: str, text: str, *, item: str) -> Proposal:
        """Let the scribe of table 1 put an item in other words."""
        prompt, scribe = self.prompt(path), self.people[8]
        point = points.add_point(
            prompt=prompt,
            this_round=prompt.rounds.last(),
            participant=scribe,
            table=scribe.table,
            kind="rewording",
            text=text,
            items=list(prompt.items.filter(key=item)),
            key=codes.new_token(),
        )
        return Proposal.objects.select_related("point").get(point=point)

    def show_points(self) -> None:
        for point in self.workshop.points.filter(status="incoming"):
            points.set_status(point=point, status="shown")
