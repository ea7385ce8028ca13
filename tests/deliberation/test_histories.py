"""Random histories of a workshop: what is stored, counted and shown is what was said.

Each history is played to the application, through its real addresses, and to a model
of plain values (`histories`); after every step both must agree. The ordinary run plays
the same 100 histories of 50 steps every time, that before a change is taken in
(`CI=true`) these and 200 more, `HISTORIES=500` more of the same; `RELIABILITY=full`
plays 500 that are new with every run. A history that fails is made shorter and printed
step by step.
"""

import copy
import os
import re
import sys
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import (
    AVAILABLE_PROVIDERS,
    HypothesisProvider,
)
from hypothesis.internal.constants_ast import Constants
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from deliberation.actions import answers, at_once
from deliberation.actions.recording import last_step
from deliberation.checking import verify
from deliberation.live import board, ledger, phone
from deliberation.live.parts import without_marks
from deliberation.models import Answer, Point, Response, Round, Screen, Submission
from deliberation.results import round_results
from tests import builders
from tests.deliberation.histories import (
    ITEMS,
    PROMPTS,
    SESSIONS,
    TABLES,
    Form,
    Model,
    Told,
    fields_of,
    form_of,
)
from tests.deliberation.phones import JSON
from tests.deliberation.readings import Readings
from workshops.models import Device, Participant, ScribeLease, Session, Workshop

FULL = os.environ.get("RELIABILITY") == "full"
IN_CI = os.environ.get("CI") == "true"


class EachByItself(HypothesisProvider):
    """Draws as Hypothesis does, each history anew and the same wherever it is drawn.

    Left to itself it makes five histories out of six by repeating steps of another,
    and takes numbers out of whatever modules are there.
    """

    _local_constants = Constants()


AVAILABLE_PROVIDERS["each by itself"] = EachByItself

PARTS, STEPS = 10, 50  # parts are of one size, so that several processes share them
USUAL = 500 if FULL else 300 if IN_CI else 100
HISTORIES = int(os.environ.get("HISTORIES", USUAL))
HOW = settings(
    # The first of each part is always the simplest that there is.
    max_examples=1 + HISTORIES // PARTS,
    stateful_step_count=STEPS,
    backend="each by itself",
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)

# Which of those there are, counted round: a history stays a history when it is cut.
WHICH = st.integers(0, 7)
# One number for each place of a form, see `form_of`; mistakes are rare.
FILLED = st.lists(
    st.sampled_from([0] * 12 + [1, 2, 3] * 8 + [4] * 4 + [5, 6]),
    min_size=6,
    max_size=6,
)
REASON = st.sampled_from([0, 0, 0, 1, 2])
# Mostly a new key; else one that somebody has sent before.
KEY = st.integers(0, 60)
WITH_ALL = Round.objects.select_related("workshop", "prompt__session", "prompt__scale")
ON_STAGE = re.compile(r'data-round="(\d*)".*?data-status="(\w+)"', re.DOTALL)


@dataclass
class Browser:
    """What a browser holds; the number of a phone's token."""

    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    token: int | None = None


@dataclass(frozen=True)
class Sent:
    """An answer on its way, so that it can be sent again."""

    browser: int
    this_round: int
    form: Form
    key: str
    by_table: bool
    version: int | None
    by_script: bool


class Histories(RuleBasedStateMachine):
    """The application and the model, side by side, in a transaction of their own.

    begun: what there is already, as `begin` left it.
    """

    client = Client()  # is each browser in turn: a client takes long to make

    def __init__(self, begun: dict[str, Any]) -> None:
        super().__init__()
        self.within = ExitStack()
        self.within.enter_context(transaction.atomic())
        self.readings = self.within.enter_context(Readings())
        self.model = Model()
        self.browsers: list[Browser] = []
        self.seats: list[Participant] = []
        self.rounds: list[int] = []
        self.points: list[int] = []
        self.links: list[str] = []
        self.sent: list[Sent] = []
        self.points_sent: list[tuple] = []
        self.keys: list[str] = []
        self.looked = 0
        self.happened: list[str] = []  # kinds of events that changed something
        self.loaded_after: set[str] = set()
        self.marks: dict[str, object] = {}
        self.html: dict[str, str] = {}  # of each board, as it was drawn last
        vars(self).update(copy.deepcopy(begun))
        self.restart()

    @classmethod
    def begin(cls) -> dict[str, Any]:
        """Store what every history begins with: a question is open, three are in."""
        self = cls({})
        with self.within:
            empty = {*vars(self)}
            self.prepare()
            for table in (1, 1, 2):
                self.join(browser=None, table=table)
            self.take_role(browser=0)
            self.open(prompt="judged", stale=False)
        filled = ("model", "browsers", "seats", "rounds")
        return {name: vars(self)[name] for name in {*vars(self)} - empty | {*filled}}

    def prepare(self) -> None:
        self.workshop = builders.make_workshop(tables=len(TABLES))
        builders.make_session(self.workshop, "later", minutes=60)
        self.prompts = {name: self.make_prompt(name) for name in PROMPTS}
        self.places = {
            (item.pk, criterion.pk): (item.key, criterion.key)
            for prompt in self.prompts.values()
            for item in prompt.items.all()
            for criterion in prompt.criteria.all()
        }
        self.tables = dict(self.workshop.tables.values_list("pk", "number"))
        tables = [f"table:{self.workshop.pk}:{number}" for number in TABLES]
        self.boards = [f"phone:{self.workshop.pk}", *tables]
        self.facilitator = Browser()
        owner = builders.make_facilitator(self.workshop)
        self.on(self.facilitator).force_login(owner)

    def make_prompt(self, name: str):
        asked = PROMPTS[name]
        return builders.make_prompt(
            self.workshop,
            key=name,
            kind=asked.kind,
            session=self.workshop.sessions.get(key=asked.session),
            criteria=asked.criteria if asked.criteria != ("",) else (),
            asks_people="people" in asked.voices,
            asks_tables="tables" in asked.voices,
            reveal=asked.reveal,
            reasons=asked.reasons,
            most=asked.most,
        )

    def on(self, browser: Browser) -> Client:
        self.client.cookies = browser.cookies
        return self.client

    def teardown(self) -> None:
        with self.within:
            try:
                if sys.exception() is None:
                    self.all_is_right_at_the_end()
            finally:
                transaction.set_rollback(True)

    def all_is_right_at_the_end(self) -> None:
        self.readings.forget()
        self.every_round_is_counted_right()
        assert verify(self.workshop).differences == []
        self.load("console")
        self.load("screen")

    # ---- coming and going ----

    @rule(browser=st.none() | WHICH, table=st.sampled_from(TABLES))
    def join(self, browser: int | None, table: int) -> None:
        """Come in by the code; a browser that had a seat comes in anew."""
        if browser is None:
            self.browsers.append(Browser())
            browser = len(self.browsers) - 1
        mine = self.browsers[self.which(browser, self.browsers)]
        if isinstance(self.model.seat_of(mine.token), int):
            return
        told = self.model.join(table)
        self.on(mine).post("/j/", {"code": self.workshop.join_code})
        details = {"name": f"Person {len(self.seats)}", "table": table}
        reply = self.on(mine).post("/w/day/join/", details)
        self.note("come in", reply)
        assert reply.status_code == told.on_page
        if told.status == 200:
            self.seats.append(self.workshop.participants.latest("pk"))
            mine.token = self.model.give_token(len(self.seats) - 1)

    @rule(browser=WHICH)
    def leave(self, browser: int) -> None:
        mine = self.browsers[self.which(browser, self.browsers)]
        seat = self.model.seat_of(mine.token)
        reply = self.on(mine).post("/w/day/leave/")
        self.note("leave", reply)
        if isinstance(seat, Told):
            assert reply.status_code == seat.status
        else:
            assert reply.status_code == 200
            self.model.leave(mine.token)

    @rule(browser=WHICH)
    def ask_for_link(self, browser: int) -> None:
        """Ask for a link that gives this seat to another device."""
        mine = self.browsers[self.which(browser, self.browsers)]
        reply = self.on(mine).post("/w/day/continue/")
        seat = self.model.seat_of(mine.token)
        if isinstance(seat, Told):
            assert reply.status_code == seat.status
        else:
            self.links.append(reply.context["link"].split("/w/")[1])
            self.model.links.append((seat, False))

    @precondition(lambda self: self.links)
    @rule(browser=st.none() | WHICH, link=WHICH)
    def use_link(self, browser: int | None, link: int) -> None:
        """Go on here with a seat, as somebody does whose phone ran empty."""
        if browser is None:
            self.browsers.append(Browser())
            browser = len(self.browsers) - 1
        mine = self.browsers[self.which(browser, self.browsers)]
        link = self.which(link, self.links)
        told = self.model.use_link(link)
        reply = self.on(mine).post(f"/w/{self.links[link]}")
        self.note("use link", reply)
        assert reply.status_code == told.on_page
        if told.status == 200:
            seat, _used = self.model.links[link]
            mine.token = self.model.give_token(seat)

    @rule(browser=WHICH, table=st.sampled_from(TABLES))
    def change_table(self, browser: int, table: int) -> None:
        def move(seat: int) -> Told:
            self.model.move(seat, table)
            return Told(302)

        self.act(browser, "seat/", {"table": table}, move)

    # ---- who writes for a table ----

    @rule(browser=WHICH)
    def take_role(self, browser: int) -> None:
        self.act(browser, "table/take/", {}, self.model.take_role)

    @rule(browser=WHICH, to=st.none() | WHICH)
    def hand_over(self, browser: int, to: int | None) -> None:
        other = None if to is None else self.which(to, self.seats)
        self.act(
            browser,
            "table/hand-over/",
            {"to": "" if other is None else self.seats[other].ref},
            lambda seat: self.model.hand_over(seat, other),
        )

    # ---- answers ----

    @precondition(lambda self: self.rounds)
    @rule(
        browser=WHICH,
        late=st.sampled_from([0, 0, 0, 1, 2]),
        filled=FILLED,
        reason=REASON,
        key=KEY,
        by_script=st.booleans(),
    )
    def answer(self, browser, late, filled, reason, key, by_script) -> None:
        """Answer some items or all, for the first time or again; maybe too late."""
        self.send(browser, late, filled, reason, key, by_script=by_script)

    @precondition(lambda self: self.rounds)
    @rule(said=st.lists(st.tuples(WHICH, FILLED), min_size=1, max_size=6))
    def several_answer(self, said: list[tuple[int, list[int]]]) -> None:
        for browser, filled in said:
            self.send(browser, 0, filled, 0, 0, by_script=True)

    @precondition(lambda self: self.rounds)
    @rule(
        browser=WHICH,
        late=st.sampled_from([0, 0, 0, 0, 1]),
        filled=FILLED,
        reason=REASON,
        key=KEY,
        by_script=st.booleans(),
        behind=st.none() | st.integers(-1, 2),
    )
    def answer_for_table(
        self, browser, late, filled, reason, key, by_script, behind
    ) -> None:
        """Answer as the scribe does; `behind`: by how much the page was out of date."""
        options = {"by_script": by_script, "by_table": True, "behind": behind}
        self.send(browser, late, filled, reason, key, **options)

    def send(
        self,
        browser: int,
        late: int,
        filled: list[int],
        reason: int,
        key: int,
        *,
        by_script: bool,
        by_table: bool = False,
        behind: int | None = None,
    ) -> None:
        this_round = self.round_before(late)
        asked = self.model.asked[this_round]
        browser = (self.who_writes if by_table else self.who_sends)(browser)
        version = None
        if behind is not None:
            seat = self.model.seat_of(self.browsers[browser].token)
            table = None if isinstance(seat, Told) else self.model.seats[seat].table
            stored = self.model.replies.get((this_round, ("table", table)))
            version = max(0, (stored.version if stored else 0) - behind)
        sent = Sent(
            browser,
            this_round,
            form_of(asked, filled, reason),
            self.key(key),
            by_table,
            version,
            by_script,
        )
        self.sent.append(sent)
        self.deliver(sent)

    @precondition(lambda self: self.sent)
    @rule(back=st.integers(1, 6), twice=st.booleans())
    def send_again(self, back: int, twice: bool) -> None:
        """Send what was sent once more, as if its acknowledgement had been lost."""
        for _time in range(2 if twice else 1):
            self.deliver(self.sent[-min(back, len(self.sent))])

    def deliver(self, sent: Sent) -> None:
        def take(seat: int) -> Told:
            told = (seat, sent.this_round, sent.form, sent.key)
            if sent.by_table:
                return self.model.answer_for_table(*told, sent.version)
            return self.model.answer(*told)

        path = "table-answer" if sent.by_table else "answer"
        data: dict[str, Any] = {**sent.form, "key": sent.key}
        if sent.version is not None:
            data["version"] = sent.version
        path = f"{path}/{self.rounds[sent.this_round]}/"
        self.act(sent.browser, path, data, take, by_script=sent.by_script)

    @precondition(lambda self: self.rounds)
    @rule(browser=WHICH, on=st.booleans())
    def finish(self, browser: int, on: bool) -> None:
        now = self.round_before(0)
        self.act(
            self.who_sends(browser),
            f"finished/{self.rounds[now]}/",
            {"finished": int(on)},
            lambda seat: self.model.finish(seat, now, on),
        )

    @rule()
    def restart(self) -> None:
        """Forget what the process keeps in memory."""
        at_once._known.clear()
        answers._ask.cache_clear()
        phone._kept.clear()
        self.readings.forget()

    # ---- points ----

    @rule(
        browser=WHICH,
        prompt=st.sampled_from(["judged", *PROMPTS]),
        text=st.sampled_from(["A point", "Another", "A third", ""]),
        key=KEY,
        by_table=st.booleans(),
    )
    def add_point(self, browser, prompt, text, key, by_table) -> None:
        browser = (self.who_writes if by_table else self.who_sends)(browser)
        self.points_sent.append((browser, prompt, text, self.key(key), by_table))
        self.deliver_point(*self.points_sent[-1])

    @precondition(lambda self: self.points_sent)
    @rule(point=WHICH)
    def send_point_again(self, point: int) -> None:
        sent = self.points_sent[self.which(point, self.points_sent)]
        self.deliver_point(*sent)

    def deliver_point(self, browser, prompt, text, key, by_table) -> None:
        before = len(self.model.points)
        self.act(
            browser,
            f"points/{self.prompts[prompt].pk}/",
            {"text": text, "key": key, "as": "table" if by_table else "me"},
            lambda seat: self.model.add_point(
                seat, prompt, text, key, by_table=by_table
            ),
        )
        if len(self.model.points) > before:
            self.points.append(Point.objects.latest("pk").pk)

    @precondition(lambda self: self.points)
    @rule(browser=WHICH, point=WHICH)
    def withdraw(self, browser: int, point: int) -> None:
        point = self.which(point, self.points)
        self.act(
            self.who_sends(browser, {self.model.points[point].seat}),
            f"points/{self.points[point]}/withdraw/",
            {},
            lambda seat: self.model.withdraw(seat, point),
        )

    # ---- facilitators ----

    @rule(prompt=st.sampled_from([*PROMPTS]), stale=st.just(False) | st.booleans())
    def open(self, prompt: str, stale: bool) -> None:
        """Open a prompt; a second time makes a new round, which is blank."""
        known = len(self.model.day.rounds_of(prompt)) - stale
        told = self.model.open(prompt, known)
        self.press(f"open:{self.prompts[prompt].pk}:{known}", told)
        if told.status == 200:
            self.rounds.append(Round.objects.latest("pk").pk)
            self.load_phone_of_who_answered(prompt)

    def load_phone_of_who_answered(self, prompt: str) -> None:
        """What somebody said in an earlier round must not stand in the new one."""
        earlier = self.model.day.rounds_of(prompt)
        for number, one in enumerate(self.browsers):
            seat = self.model.seat_of(one.token)
            if isinstance(seat, Told):
                continue
            if any((each, ("seat", seat)) in self.model.replies for each in earlier):
                self.load_phone(number)
                return

    @precondition(lambda self: self.model.day.open is not None)
    @rule(prompt=st.sampled_from([*PROMPTS]))
    def close_and_open(self, prompt: str) -> None:
        self.close(0)
        self.open(prompt, stale=False)

    @rule(
        prompt=st.sampled_from(["judged", *PROMPTS]),
        items=st.lists(st.sampled_from(ITEMS), max_size=2, unique=True),
    )
    def ask_again(self, prompt: str, items: list[str]) -> None:
        """Ask some items again, in the middle of whatever is open."""
        items.sort()
        told = self.model.ask_again(prompt, tuple(items))
        row = self.prompts[prompt]
        chosen = [*row.items.filter(key__in=items).values_list("pk", flat=True)]
        path = f"/console/day/again/{row.pk}/"
        reply = self.on(self.facilitator).post(path, {"items": chosen})
        self.facilitator.cookies.pop("messages", None)
        self.note("again", reply)
        assert reply.status_code == told.on_page
        if told.status == 200:
            self.rounds.append(Round.objects.latest("pk").pk)
            self.load_phone_of_who_answered(prompt)

    @rule(session=st.sampled_from(SESSIONS))
    def start(self, session: str) -> None:
        row = self.workshop.sessions.get(key=session)
        self.press(f"start:{row.pk}", self.model.start(session))

    @precondition(lambda self: self.rounds)
    @rule(late=st.sampled_from([0, 0, 0, 1]))
    def close(self, late: int) -> None:
        this_round = max(0, len(self.rounds) - 1 - late)
        told = self.model.close(this_round)
        self.press(f"close:{self.rounds[this_round]}", told)

    @precondition(lambda self: self.rounds)
    @rule(late=st.integers(0, 2), on=st.booleans())
    def reveal(self, late: int, on: bool) -> None:
        this_round = max(0, len(self.rounds) - 1 - late)
        told = self.model.reveal(this_round, on)
        verb = "reveal" if on else "hide"
        self.press(f"{verb}:{self.rounds[this_round]}", told)

    @rule(late=st.integers(0, 9))
    def undo(self, late: int) -> None:
        """Take the last step back; a button out of date takes nothing back."""
        last = last_step(self.workshop)
        earlier = self.workshop.events.exclude(pk=last and last.pk)
        if late > 7 and earlier:
            self.press(f"undo:{earlier[0].pk}", Told(409))
        else:
            self.press(f"undo:{last.pk if last else 0}", self.model.undo())

    @rule(on=st.booleans())
    def lock(self, on: bool) -> None:
        told = self.model.step("lock", self.model.changed(locked=on))
        self.press(f"lock:{int(on)}", told)

    @rule(what=st.sampled_from(["blank", "join_overlay"]), on=st.booleans())
    def cover_screen(self, what: str, on: bool) -> None:
        told = self.model.step(what, self.model.changed(**{what: on}))
        self.press(f"{'join' if what == 'join_overlay' else what}:{int(on)}", told)

    @precondition(lambda self: self.rounds)
    @rule(what=st.sampled_from(Screen.Showing.values), place=WHICH)
    def show(self, what: str, place: int) -> None:
        if what == "brief":
            place = self.which(place, SESSIONS)
            row = self.workshop.sessions.get(key=SESSIONS[place]).pk
        else:
            place = self.which(place, self.rounds)
            row = self.rounds[place]
        self.press(f"show:{what}:{row}", self.model.show(what, place))

    @precondition(lambda self: self.points)
    @rule(
        point=WHICH,
        status=st.sampled_from(Point.Status.values),
        stale=st.sampled_from([False, False, False, True]),
    )
    def choose_point(self, point: int, status: str, stale: bool) -> None:
        point = self.which(point, self.points)
        seen = self.model.status(point)
        if stale:
            seen = "parked" if seen != "parked" else "kept"
        told = self.model.set_status(point, seen, status)
        self.press(f"point:{self.points[point]}:{seen}:{status}", told)

    @rule(seat=WHICH, table=st.none() | st.sampled_from(TABLES))
    def move(self, seat: int, table: int | None) -> None:
        seat = self.which(seat, self.seats)
        self.model.move(seat, table)
        self.with_people("move", seat, table="none" if table is None else table)

    @rule(seat=WHICH)
    def remove(self, seat: int) -> None:
        seat = self.which(seat, self.seats)
        self.model.remove(seat)
        self.with_people("remove", seat)

    @rule(seat=WHICH)
    def bring_back(self, seat: int) -> None:
        gone = [n for n, one in enumerate(self.model.seats) if one.removed]
        if gone:
            seat = gone[self.which(seat, gone)]
            self.model.bring_back(seat)
            self.with_people("bring-back", seat)

    @rule(keep=WHICH, drop=WHICH)
    def merge(self, keep: int, drop: int) -> None:
        keep, drop = (self.which(each, self.seats) for each in (keep, drop))
        self.model.merge(keep, drop)
        refs = [self.seats[each].ref for each in (keep, drop)]
        data = {"seat": refs, "keep": refs[0]}
        self.post_as_facilitator("people/merge/", data)

    @rule(seat=WHICH, on=st.booleans())
    def name_scribe(self, seat: int, on: bool) -> None:
        seat = self.which(seat, self.seats)
        table, writes = self.model.seats[seat].table, self.model.scribes.values()
        if on and table is not None and self.model.sits_at(seat, table):
            self.model.set_scribe(table, seat)
        if not on and seat in writes:
            self.model.free_role(seat)
        self.with_people("make-scribe" if on else "free-scribe", seat)

    # ---- what people see ----

    @rule(browser=WHICH)
    def load_phone(self, browser: int) -> None:
        """Load the page: the boards as they are live, with one's own answers."""
        browser = self.which(browser, self.browsers)
        reply = self.on(self.browsers[browser]).get("/w/day/")
        seat = self.model.seat_of(self.browsers[browser].token)
        if isinstance(seat, Told):
            assert reply.status_code == seat.status
            return
        page, (_status, this_round) = reply.content.decode(), self.model.stage()
        mine = self.model.replies.get((this_round, ("seat", seat)))
        context = next(each for each in reply.context if "seat_mark" in each)
        own = context["own"]
        if mine is None:
            assert (own.version, own.fields) == (0, {})
            assert self.live(self.boards[0]) in page
        else:
            asked = self.model.asked[this_round]
            assert own.fields == fields_of(asked, mine.answers)
            assert (own.version, own.finished) == (mine.version, mine.finished)
            assert own.answered == asked.answered(mine.answers)
        table = self.model.seats[seat].table
        if table is not None:
            assert self.live(self.boards[table]) in page
            assert context["is_scribe"] == (self.model.scribes.get(table) == seat)

    @rule(what=st.sampled_from(["console", "screen"]))
    def load(self, what: str) -> None:
        """Load the console's or the projector's page, which is as the live one.

        Both say for how many minutes nothing has come: again, if one went by meanwhile.
        """
        screen = f"/screen/{self.workshop.screen_secret}/"
        path = "/console/day/" if what == "console" else screen
        live, page = self.drawn(what), self.fetch(path)
        while live not in page and (later := self.drawn(what)) != live:
            live, page = later, self.fetch(path)
        assert live in page

    def drawn(self, what: str) -> str:
        return without_marks(board.render(f"{what}:{self.workshop.pk}"))

    def fetch(self, path: str) -> str:
        return self.on(self.facilitator).get(path).content.decode()

    def live(self, name: str) -> str:
        """Return a board as who watches it has it: drawn again if its mark differs."""
        mark = board.marks([name]).get(name)
        if mark is None or mark != self.marks.get(name):
            self.html[name] = board.render(name)
            self.marks[name] = mark
        return self.html[name]

    def look_at(self, name: str) -> None:
        """Draw a board: if its mark stayed, the watcher would not, so it must have."""
        html = self.readings.read(name, lambda: board.render(name))
        mark = self.readings.read(
            f"mark of {name}", lambda: board.marks([name]).get(name)
        )
        if mark is not None and mark == self.marks.get(name):
            assert html == self.html[name]
        self.html[name], self.marks[name] = html, mark

    # ---- steps, as they are taken ----

    def round_before(self, late: int) -> int:
        """Return the round that is open; else the last one, or one before it."""
        now = self.model.day.open
        if late == 0 and now is not None:
            return now
        return max(0, len(self.rounds) - 1 - late)

    def seated(self, seats: Collection[int] | None = None) -> list[int]:
        """Return the browsers that hold one of these seats, or any."""
        held = [self.model.seat_of(one.token) for one in self.browsers]
        return [
            number
            for number, seat in enumerate(held)
            if isinstance(seat, int) and (seats is None or seat in seats)
        ]

    def who_sends(self, browser: int, seats: Collection[int] | None = None) -> int:
        """Return a browser, mostly one that holds one of these seats, or any seat."""
        likely = self.seated(seats)
        if not likely or browser == 7:
            return self.which(browser, self.browsers)
        return likely[self.which(browser, likely)]

    def who_writes(self, browser: int) -> int:
        """Return a browser, mostly a scribe's; the table's board is looked at."""
        browser = self.who_sends(browser, self.model.scribes.values())
        seat = self.model.seat_of(self.browsers[browser].token)
        table = None if isinstance(seat, Told) else self.model.seats[seat].table
        if table is not None:
            self.look_at(self.boards[table])
            self.looked = table - 1  # it is the next one to be looked at
        return browser

    def which(self, number: int, there: Any) -> int:
        return number % len(there)

    def key(self, number: int) -> str:
        """Return a key that is new, or was sent before by somebody."""
        if 1 <= number <= len(self.keys):
            return self.keys[-number]
        self.keys.append(f"key-{len(self.keys):04}")
        return self.keys[-1]

    def act(
        self,
        browser: int,
        path: str,
        data: dict[str, Any],
        take: Callable[[int], Told],
        *,
        by_script: bool = True,
    ) -> None:
        """Post from a phone, and compare what it is told with what `take` says."""
        mine = self.browsers[self.which(browser, self.browsers)]
        seat = self.model.seat_of(mine.token)
        told = seat if isinstance(seat, Told) else take(seat)
        headers = JSON if by_script else {}
        reply = self.on(mine).post(f"/w/day/{path}", data, headers=headers)
        self.note(re.sub(r"[\d/]+", " ", path), reply)
        status = told.status if by_script else told.on_page
        assert reply.status_code == status, reply.content.decode()[:500]
        if by_script and told.reply:
            said = reply.json()
            assert {name: said.get(name) for name in told.reply} == told.reply

    def note(self, event: str, reply: Any) -> None:
        """Note what happened, unless it was refused."""
        if reply.status_code < 400:
            self.happened.append(event)

    def press(self, do: str, told: Told) -> None:
        """Press a button of the console."""
        [said] = self.post_as_facilitator("do/", {"do": do})
        assert said.level_tag == ("success" if told.status == 200 else "warning"), said

    def post_as_facilitator(self, path: str, data: dict[str, Any]) -> list:
        """Post from the console; return what its next page would say."""
        reply = self.on(self.facilitator).post(f"/console/day/{path}", data)
        self.note(data.get("do", path).partition(":")[0], reply)
        self.facilitator.cookies.pop("messages", None)
        assert reply.status_code == 302
        return list(get_messages(reply.wsgi_request))

    def with_people(self, do: str, seat: int, **more: Any) -> None:
        data = {"do": do, "seat": self.seats[seat].ref, **more}
        self.post_as_facilitator("people/", data)

    # ---- what must hold after every step ----

    @invariant()
    def what_is_stored_is_what_was_said(self) -> None:
        read, model = self.readings.read, self.model
        seats = {who.pk: number for number, who in enumerate(self.seats)}
        rounds = {pk: number for number, pk in enumerate(self.rounds)}
        people = [
            (table, removed_at is not None, seats.get(into))
            for table, removed_at, into in read("people", people_stored)
        ]
        assert people == [
            (seat.table, seat.removed, model.remains(number))
            for number, seat in enumerate(model.seats)
        ]
        leases = read("leases", leases_stored)
        stored = {table: seats[who] for table, who in leases}
        assert (len(leases), stored) == (len(stored), model.scribes)
        held = [seat for seat in model.tokens if seat is not None]
        devices = read("devices", devices_stored)
        assert sorted(seats[who] for who in devices) == sorted(held)
        assert self.replies_stored(seats, rounds) == {
            (this_round, who): (
                *(reply.voice, reply.seat, reply.table, reply.version, reply.finished),
                reply.answers,
                reply.history,
            )
            for (this_round, who), reply in model.replies.items()
        }
        points = [
            (
                prompt,
                rounds.get(this_round),
                seats[who],
                *more,
                withdrawn_at is not None,
            )
            for prompt, this_round, who, *more, withdrawn_at in read(
                "points", points_stored
            )
        ]
        assert points == [
            (
                *(point.prompt, point.round, point.seat, point.voice, point.table),
                model.status(number),
                point.withdrawn,
            )
            for number, point in enumerate(model.points)
        ]

    def replies_stored(self, seats: dict[int, int], rounds: dict[int, int]) -> dict:
        judged = self.readings.read("answers", self.answers_stored)
        history = self.readings.read("history", self.history_stored)
        stored = {}
        for (
            pk,
            this_round,
            respondent,
            voice,
            person,
            table,
            *more,
        ) in self.readings.read("responses", responses_stored):
            who, _, number = respondent.partition(":")
            known = seats if who == "seat" else self.tables
            stored[rounds[this_round], (who, known[int(number)])] = (
                *(voice, seats.get(person), self.tables.get(table), *more),
                judged[pk],
                [(key, seats.get(by), said) for key, by, said in history[pk]],
            )
        return stored

    def answers_stored(self) -> dict[int, dict]:
        found: dict[int, dict] = {}
        for pk, item, criterion, *judged in Answer.objects.values_list(
            "response", "item", "criterion", "state", "value", "reason"
        ):
            found.setdefault(pk, {})[self.places[item, criterion]] = tuple(judged)
        return found

    def history_stored(self) -> dict[int, list]:
        found: dict[int, list] = {}
        for pk, key, by, content in Submission.objects.order_by("pk").values_list(
            "response", "key", "entered_by", "content"
        ):
            said = {self.places[row[0], row[1]]: tuple(row[2:]) for row in content}
            found.setdefault(pk, []).append((key, by, said))
        return found

    @invariant()
    def the_day_is_as_facilitators_left_it(self) -> None:
        read, day = self.readings.read, self.model.day
        rounds = read("rounds", rounds_stored)
        assert rounds == {
            self.rounds[number]: (
                *(now.prompt, now.number),
                *(now.closed is None, now.revealed),
                None if now.interrupts is None else self.rounds[now.interrupts],
            )
            for number, now in day.rounds.items()
        }
        still_open = [
            interrupts for *_, is_open, _shown, interrupts in rounds.values() if is_open
        ]
        assert len(still_open) - sum(map(bool, still_open)) <= 1
        assert len(still_open) <= 2
        sessions = {
            key: "ended" if ended_at else "running"
            for key, started_at, ended_at in read("sessions", sessions_stored)
            if started_at
        }
        on_screen = None if day.on_screen is None else self.rounds[day.on_screen]
        assert (
            read("locked", locked_stored),
            sessions,
            *read("screen", screen_stored),
        ) == (
            *(day.locked, day.sessions, day.showing, on_screen, day.session),
            *(day.blank, day.join_overlay),
        )
        step = read("last step", lambda: last_step(self.workshop))
        assert bool(step) == bool(self.model.steps)

    @invariant()
    def what_is_counted_is_what_was_said(self) -> None:
        """In the newest round; in all of them when the history ends."""
        for number in [*self.model.day.rounds][-1:]:
            self.round_is_counted_right(number)

    def every_round_is_counted_right(self) -> None:
        for number in self.model.day.rounds:
            self.round_is_counted_right(number)

    def round_is_counted_right(self, number: int) -> None:
        found = self.readings.read(
            f"results {number}", lambda: self.voices_counted(number)
        )
        for voice in ("people", "tables"):
            assert found[voice] == self.model.counted(number, voice)

    def voices_counted(self, number: int) -> dict[str, Any]:
        this_round = WITH_ALL.get(pk=self.rounds[number])
        fresh = figures_in(round_results(this_round)["voices"])
        # As the console counts, which reads only what is new to it.
        kept = ledger.ledger_of(this_round.pk, answers.ask_of(this_round))
        told = round_results(this_round, organised=False, counted=kept)
        assert figures_in(told["voices"]) == fresh
        return fresh

    @invariant()
    def a_page_loaded_now_is_as_the_live_one(self) -> None:
        """After the first event of each kind, in every history; see `load_phone`."""
        new = {*self.happened} - self.loaded_after
        self.happened.clear()
        self.loaded_after |= new
        seated = self.seated()
        if new and seated:
            self.load_phone(seated[self.which(self.looked, seated)])

    @invariant()
    def a_board_whose_mark_stayed_is_the_same(self) -> None:
        """After every step one of the boards is looked at, in turn."""
        self.looked += 1
        name = self.boards[self.looked % len(self.boards)]
        self.look_at(name)
        if name == self.boards[0]:
            this_round, status = ON_STAGE.search(self.html[name]).groups()
            numbers = {str(pk): number for number, pk in enumerate(self.rounds)}
            assert (status, numbers.get(this_round)) == self.model.stage()


# ---- what is stored ----


def people_stored() -> list[tuple]:
    rows = Participant.objects.order_by("pk")
    return list(rows.values_list("table__number", "removed_at", "merged_into"))


def leases_stored() -> list[tuple]:
    return list(ScribeLease.objects.values_list("table__number", "participant"))


def devices_stored() -> list[int]:
    return list(Device.objects.values_list("participant", flat=True))


def responses_stored() -> list[tuple]:
    return list(
        Response.objects.values_list(
            *("pk", "round", "respondent", "voice", "participant", "table"),
            *("version", "finished"),
        )
    )


def points_stored() -> list[tuple]:
    return list(
        Point.objects.order_by("pk").values_list(
            *("prompt__key", "round", "participant", "voice", "table__number"),
            *("status", "withdrawn_at"),
        )
    )


def rounds_stored() -> dict[int, tuple]:
    rows = Round.objects.values_list(
        "pk", "prompt__key", "number", "closed_at", "revealed_at", "interrupts"
    )
    return {
        pk: (key, number, closed_at is None, revealed_at is not None, interrupts)
        for pk, key, number, closed_at, revealed_at, interrupts in rows
    }


def sessions_stored() -> list[tuple]:
    return list(Session.objects.values_list("key", "started_at", "ended_at"))


def locked_stored() -> bool:
    return Workshop.objects.values_list("joining_locked", flat=True).get()


def screen_stored() -> tuple:
    return Screen.objects.values_list(
        "showing", "round", "session__key", "blank", "join_overlay"
    ).get()


def figures_in(voices: dict[str, Any]) -> dict[str, Any]:
    return {
        voice: found
        and {
            "present": found["present"],
            "responded": found["responded"],
            "items": {
                (row["item"], row["criterion"]): counts_in(row)
                | {"by_table": {t["table"]: counts_in(t) for t in row["by_table"]}}
                for row in found["items"]
            },
        }
        for voice, found in voices.items()
    }


def counts_in(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("n", "abstained", "not_discussed", "counts")}


@pytest.mark.django_db(transaction=True)  # each history has a transaction of its own
@pytest.mark.parametrize("part", range(PARTS))
def test_random_histories_are_stored_counted_and_shown_as_they_were(
    part, caplog, monkeypatch
):
    caplog.set_level("ERROR")  # every request says a word
    # What pages keep must be right for as long as it is kept, and not for a second.
    monkeypatch.setattr(phone, "SAME_FOR_SECONDS", 3600)
    monkeypatch.setattr(ledger, "WHOLE_SECONDS", 3600)
    begun = Histories.begin()

    def history() -> Histories:
        return Histories(begun)

    run_state_machine_as_test(history if FULL else seed(part)(history), settings=HOW)
