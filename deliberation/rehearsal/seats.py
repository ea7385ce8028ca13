"""The people: they join, sit down, follow the stage, think, tap, write, come back."""

import asyncio
import json
import random
import re
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from deliberation.rehearsal.browser import (
    Browser,
    Form,
    Page,
    Unreachable,
    read_forms,
)
from deliberation.rehearsal.measure import Measurements, Timed
from deliberation.rehearsal.opinions import Opinions

STAGE = re.compile(
    r'data-round="(\d*)" data-prompt="(\d*)"'
    r' data-status="([\w-]+)" data-kind="([\w-]*)"'
)
WALL_COUNT = re.compile(
    r'id="wall-in-(\d+)".*?<progress max="\d+" value="(\d+)"', re.DOTALL
)
ANSWERS = re.compile(r"choice$|answer\.")
MOST_TRIES = 10


@dataclass(frozen=True)
class Habits:
    """How people behave. Shares are chances: of a person in a round, or of a tap.

    takes: seconds for an answer, at least; who has less time leaves some out.
    """

    changes_mind: float = 0.2
    writes: float = 0.1
    loses_connection: float = 0.05
    loses_reply: float = 0.01
    finishes: float = 0.5
    takes: float = 0.0


@dataclass
class Room:
    """What all people of one workshop share.

    arrive_within: seconds in which people come in. window: seconds that they have for
        the round that is open, set by who runs the day. prompts: session/prompt by the
        id that pages carry. is_over: nobody begins anything any more.
    """

    base_url: str
    join_code: str
    opinions: Opinions
    log: Measurements
    habits: Habits = field(default_factory=Habits)
    window: float = 60.0
    is_over: bool = False
    arrive_within: float = 8.0
    prompts: dict[str, str] = field(default_factory=dict)
    organisations: Sequence[str] = ()
    views: dict[tuple[int, str, str], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    said: set[tuple[str, int]] = field(default_factory=set)
    on_answer: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Stage:
    """What a phone is at."""

    round: str = ""
    prompt: str = ""
    status: str = "waiting"
    kind: str = ""

    @property
    def is_open(self) -> bool:
        return self.status == "open" and bool(self.round)


class Gone(Exception):
    """The seat has ended, or the workshop has."""


class Person:
    """One participant with one phone."""

    def __init__(self, room: Room, *, seat: int, table: int, is_scribe: bool) -> None:
        self.room = room
        self.seat, self.table, self.is_scribe = seat, table, is_scribe
        self.browser = Browser(room.base_url)
        self.chance = random.Random(f"{table}-{seat}")  # noqa: S311
        self.home = ""  # the path of the stage
        self.stage = Stage()
        self.boards: dict[str, str] = {}
        self.own: dict[tuple[str, str], str] = {}  # prompt and field: my answer
        self._news = asyncio.Event()
        self._done: set[str] = set()
        self._has_counted: set[str] = set()
        self._offline_until = 0.0
        self._is_cut_off = False

    # ---- coming in ----

    async def run(self) -> None:
        """Take part until the seat ends or somebody cancels."""
        await asyncio.sleep(self.chance.uniform(0, self.room.arrive_within))
        try:
            began = time.monotonic()
            await self.join()
            now = time.monotonic()
            self.room.log.joins.append(Timed(now, (now - began) * 1000))
            self.room.log.joined += 1
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.follow())
                tasks.create_task(self.act())
        except* Gone:
            pass
        finally:
            self.browser.drop()

    async def join(self) -> None:
        """Type the code, say what is asked, sit down at the table."""
        page = await self._page("/")
        page = await self._fill(page, "code", {"code": self.room.join_code})
        if page.path.endswith("/join/"):
            page = await self._fill(page, "", self._details(page))
        if page.status != 200 or page.path.endswith("/join/"):
            self._trouble(f"joining ended at {page.path} with {page.status}")
            raise Gone
        self.home = page.path
        # Where people are seated evenly, the table is not the one that was wanted.
        seated = page.attribute("data-table")
        self.table = int(seated) if seated.isdecimal() else self.table
        self._take_boards(page)
        if self.is_scribe:
            for form in page.forms():
                if form.id == "take-role":
                    await self._submit(form.action, [*form.hidden])

    def _details(self, page: Page) -> dict[str, str]:
        organisations = self.room.organisations
        return {
            "name": f"Seat {self.seat}, Table {self.table}",
            "organisation": self.chance.choice(organisations) if organisations else "",
            "table": str(self.table),
        }

    async def _fill(self, page: Page, wanted: str, values: dict[str, str]) -> Page:
        """Fill in the page's form that has the wanted field, and send it."""
        for form in page.forms():
            if form.has(wanted) if wanted else form.action == page.url:
                known = [pair for pair in values.items() if form.has(pair[0])]
                return await self._submit(form.action, [*form.hidden, *known])
        self._trouble(f"{page.path} has no form to join ({page.status})")
        raise Gone

    async def _page(self, path: str) -> Page:
        for attempt in range(MOST_TRIES):
            with suppress(Unreachable):
                page = await self.browser.get(path)
                if page.status not in (429, 502, 503):
                    return page
            await self._wait_a_little(attempt)
        raise Gone

    async def _submit(self, url: str, fields: Sequence[tuple[str, str]]) -> Page:
        """Send a form as a browser without scripts does, again if it has to be."""
        for attempt in range(MOST_TRIES):
            with suppress(Unreachable):
                page = await self.browser.submit(url, fields)
                if page.status not in (429, 502, 503):
                    return page
            await self._wait_a_little(attempt)
        raise Gone

    async def _wait_a_little(self, attempt: int) -> None:
        longest = min(5.0, 0.25 * 2**attempt)
        await asyncio.sleep(self.chance.uniform(longest / 2, longest))

    # ---- following ----

    async def follow(self) -> None:
        """Keep a stream open; when it breaks, load the page and open it again."""
        attempt = 0
        while True:
            path = f"/live/phone/{self.home.strip('/').split('/')[-1]}/"
            had: set[str] = set()  # boards; the first of each is what already stood
            with suppress(Unreachable):
                async for event, data in self.browser.stream(path):
                    if self._is_offline:  # it was being opened when the network went
                        self.browser.drop()
                        break
                    attempt = 0
                    if event == "gone":
                        raise Gone
                    if event == "board":
                        frame = json.loads(data)
                        is_news = frame["board"] in had
                        had.add(frame["board"])
                        self._look(frame["board"], frame["html"], is_news=is_news)
                        self._has_come_back()
            attempt += 1
            await self._until_online()
            await self._wait_a_little(attempt)
            page = await self._page(self.home)
            if page.status != 200:
                raise Gone
            self._take_boards(page)

    def _take_boards(self, page: Page) -> None:
        self._look("phone", page.text)

    def _look(self, board: str, html: str, *, is_news: bool = False) -> None:
        audience = board.partition(":")[0]
        self.boards[audience] = html
        if audience != "phone":
            return
        found = STAGE.search(html)
        stage = Stage(*found.groups()) if found else Stage()
        if stage != self.stage:
            if is_news and stage.is_open and stage.round != self.stage.round:
                self.room.log.openings.seen(stage.round)
            self.stage = stage
            self._news.set()

    # ---- acting ----

    async def act(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            stage = self.stage
            if not stage.is_open or stage.round in self._done:
                continue
            self._done.add(stage.round)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._answer(stage))
                tasks.create_task(self._write(stage))
                if self.is_scribe:
                    tasks.create_task(self._answer_for_table(stage))
                    tasks.create_task(self._write_for_table(stage))

    async def _answer(self, stage: Stage) -> None:
        form = self._form("phone", f"/answer/{stage.round}/")
        if form is None:
            return
        taps = self._taps(form)
        await self._tap(stage, form, taps, self.room.window * self._share(0.35, 0.85))
        if self.chance.random() < self.room.habits.changes_mind and taps:
            await self._think(stage, self.room.window * self._share(0.02, 0.1))
            again = [self.chance.choice(taps)]
            self.own.pop((stage.prompt, again[0]), None)
            self.room.log.changed += await self._tap(stage, form, again, 0.5)
        await self._until_online()
        if self.chance.random() < self.room.habits.finishes and self.stage == stage:
            with suppress(Gone):
                finished = f"{self.home}finished/{stage.round}/"
                await self._submit(finished, [("finished", "1")])

    async def _answer_for_table(self, stage: Stage) -> None:
        await self._think(stage, self.room.window * self._share(0.3, 0.5))
        form = self._form("table", f"/table-answer/{stage.round}/")
        if form is None:
            return
        spend = self.room.window * self._share(0.2, 0.35)
        await self._tap(stage, form, self._taps(form), spend, for_table=True)

    def _share(self, low: float, high: float) -> float:
        return self.chance.uniform(low, high)

    def _form(self, board: str, ending: str) -> Form | None:
        url = self.room.base_url + self.home
        pages = [self.boards.get(board, ""), self.boards.get("phone", "")]
        for html in pages:
            start = html.find(ending)
            if start >= 0:
                for form in read_forms(html, url):
                    if form.action.endswith(ending):
                        return form
        return None

    def _taps(self, form: Form) -> list[str]:
        if form.numbered:
            return ["choice"]  # all numbers are one answer
        return [name for name in form.choices if ANSWERS.match(name)]

    async def _tap(
        self,
        stage: Stage,
        form: Form,
        fields: Sequence[str],
        seconds: float,
        *,
        for_table: bool = False,
    ) -> int:
        """Answer field by field, in about so many seconds; return how many counted."""
        stored = 0
        fields = self._fitting(fields, seconds)
        pause = seconds / max(1, len(fields))
        # By the clock, so that a slow server does not slow people down.
        due = time.monotonic()
        for name in fields:
            due += pause * self._share(0.4, 1.6)
            await self._think(stage, max(0.0, due - time.monotonic()))
            if self.stage != stage:
                break
            if form.numbered:
                said = self._number(stage, form, for_table)
            else:
                values = self._choose(stage, name, form, for_table)
                said = [(name, value) for value in values]
            sent = [*form.hidden, *said]
            if await self._send(form.action, sent):
                stored += 1
                if not for_table:
                    self._count_in(stage)
            chance, habits = self.chance.random(), self.room.habits
            if not for_table and chance < habits.loses_connection / len(fields):
                self._lose_connection()
        return stored

    def _fitting(self, fields: Sequence[str], seconds: float) -> Sequence[str]:
        """Return the fields to answer; as many as there is time for, one at least."""
        takes = self.room.habits.takes
        most = max(1, int(seconds / takes)) if takes else len(fields)
        if most >= len(fields):
            return fields
        chosen = set(self.chance.sample(range(len(fields)), most))
        return [name for place, name in enumerate(fields) if place in chosen]

    async def _think(self, stage: Stage, seconds: float) -> None:
        """Let time pass; who has lost the network is out of reach for longer."""
        await asyncio.sleep(seconds)
        await self._until_online()

    @property
    def _is_offline(self) -> bool:
        return time.monotonic() < self._offline_until

    async def _until_online(self) -> None:
        await asyncio.sleep(max(0.0, self._offline_until - time.monotonic()))

    def _lose_connection(self) -> None:
        self._offline_until = time.monotonic() + self._share(1, 4)
        if not self._is_cut_off:
            self._is_cut_off = True
            self.room.log.interrupted += 1
        self.browser.drop()

    def _has_come_back(self) -> None:
        if self._is_cut_off:
            self._is_cut_off = False
            self.room.log.returned += 1

    def _choose(
        self, stage: Stage, name: str, form: Form, for_table: bool
    ) -> list[str]:
        offered = form.choices[name]
        path = self.room.prompts.get(stage.prompt, "")
        views = self.room.views[self.table, stage.round, name]
        if for_table:
            return self.room.opinions.agree(
                path, name, offered, views, self.chance, form.picks[0]
            )
        before = self.own.get((stage.prompt, name), "")
        values = self.room.opinions.judge(
            path,
            name,
            offered,
            table=self.table,
            before=before,
            chance=self.chance,
            picks=form.picks,
        )
        self.own[stage.prompt, name] = values[0]
        views.update(values)
        return values

    def _number(
        self, stage: Stage, form: Form, for_table: bool
    ) -> list[tuple[str, str]]:
        path = self.room.prompts.get(stage.prompt, "")
        said = self.room.opinions.number(
            path,
            form.numbered,
            table=self.table,
            chance=None if for_table else self.chance,
            most=form.picks[1],
            total=form.total,
        )
        return [(f"answer.{item}", str(number)) for item, number in said.items()]

    def _count_in(self, stage: Stage) -> None:
        if stage.round not in self._has_counted:
            self._has_counted.add(stage.round)
            self.room.log.wall.stored(self.table)
        self.room.on_answer()

    # ---- writing ----

    async def _write(self, stage: Stage) -> None:
        discusses = stage.kind == "discuss"
        chance = self.room.habits.writes * (3 if discusses else 1)
        if self.chance.random() < chance:
            await self._think(stage, self.room.window * self._share(0.1, 0.9))
            await self._point(stage, "phone")

    async def _write_for_table(self, stage: Stage) -> None:
        await self._think(stage, self.room.window * self._share(0.3, 0.8))
        if self.chance.random() < 0.5 or stage.kind == "discuss":
            await self._point(stage, "table")

    async def _point(self, stage: Stage, board: str) -> None:
        form = self._form(board, f"/points/{stage.prompt}/")
        if form is None or self.stage != stage:
            return
        path = self.room.prompts.get(stage.prompt, "")
        point = self.room.opinions.point(path, self.room.said, self.chance)
        if point is None:
            return
        kinds = form.choices.get("kind", ())
        fields = [*form.hidden, ("text", point.text)]
        if kinds:
            fields.append(("kind", point.kind if point.kind in kinds else kinds[0]))
        offered = form.choices.get("items", ())
        fields += [("items", item) for item in point.items if item in offered]
        await self._send(form.action, fields, is_point=True)

    # ---- sending ----

    async def _send(
        self, url: str, fields: list[tuple[str, str]], *, is_point: bool = False
    ) -> bool:
        """Send as the page's script does, with a key, until it is answered for good."""
        if self.room.is_over:
            return False
        log, key = self.room.log, secrets.token_urlsafe(16)
        fields = [(name, value) for name, value in fields if name != "key"]
        fields.append(("key", key))
        log.sent += 1
        log.under_way += 1
        try:
            return await self._send_until_answered(url, fields, key, is_point)
        finally:
            log.under_way -= 1

    async def _send_until_answered(
        self, url: str, fields: list[tuple[str, str]], key: str, is_point: bool
    ) -> bool:
        log = self.room.log
        loses_reply = self.chance.random() < self.room.habits.loses_reply
        await self._until_online()
        began = time.monotonic()
        for attempt in range(MOST_TRIES):
            try:
                page = await self.browser.submit(
                    url, fields, as_json=True, lose_reply=loses_reply
                )
            except Unreachable:
                is_own_fault = loses_reply or self._is_offline
                loses_reply = False
                await self._until_online()
                await self._wait_a_little(attempt)
                if is_own_fault:  # the network's time is not the server's
                    began = time.monotonic()
                continue
            if page.status in (429, 502, 503):
                await self._wait_a_little(attempt)
                continue
            if page.status == 403:  # the page's token was too old
                await self._page(self.home)
                continue
            now = time.monotonic()
            return self._note(page, key, is_point, Timed(now, (now - began) * 1000))
        log.failures.append(time.monotonic())
        self._trouble(f"nothing was answered at {url}")
        return False

    def _note(self, page: Page, key: str, is_point: bool, took: Timed) -> bool:
        log = self.room.log
        if page.status in (200, 201):
            if is_point:
                log.points.add(json.loads(page.text)["id"])
            else:
                log.answers.add(key)
            log.submits.append(took)
            return True
        if page.status == 409 and '"closed"' in page.text:
            log.refused += 1
        else:
            log.failures.append(time.monotonic())
            self._trouble(f"{page.path} answered {page.status}: {page.text[:200]}")
        return False

    def _trouble(self, text: str) -> None:
        self.room.log.troubles.add(re.sub(r"\d+", "N", text))


async def watch_wall(room: Room, secret: str) -> None:
    """Watch the projector's stream and note which counts it shows."""
    browser = Browser(room.base_url)
    try:
        while True:
            with suppress(Unreachable):
                async for event, data in browser.stream(f"/live/screen/{secret}/"):
                    if event == "board":
                        room.log.wall.shows(wall_counts(json.loads(data)))
            await asyncio.sleep(0.5)
    finally:
        browser.drop()


def wall_counts(frame: dict[str, Any]) -> dict[int, int]:
    """Return how many answers the screen counts, by table."""
    return {
        int(table): int(value) for table, value in WALL_COUNT.findall(frame["html"])
    }
