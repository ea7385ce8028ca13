"""A room whose phones send as fast as they can, and the count of what became of it.

A phone sends one answer of ten items after the other, each under a key of its own, and
the same again until it is acknowledged, as the outbox of `phone.js` does.
"""

import asyncio
import json
import os
import random
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from django.db import transaction
from django.urls import reverse

from deliberation import checking
from deliberation.models import Answer, Response, Round, Submission
from deliberation.rehearsal.browser import Browser, Unreachable
from tests import builders
from workshops import codes, identity
from workshops.models import Workshop

FULL = os.environ.get("RELIABILITY") == "full"
ITEMS = 10
# Seconds for an acknowledgement: 10 in phone.js, where each has a processor to itself.
PATIENCE = 10 if FULL else 60
LONGEST_WAIT = 5.0  # before the next try, as in phone.js
GIVE_UP = 900  # seconds, for a whole test
COMES_WITHIN = 180  # seconds, for what must come at last; a limit on no promise

type Values = tuple[int, ...]


@dataclass
class Seat:
    """Somebody in the room, with the cookie that names them."""

    pk: int
    table: int
    cookie: tuple[str, str]

    def browser(self, url: str) -> Browser:
        browser = Browser(url)
        browser.cookies.update([self.cookie])
        return browser


@dataclass
class Room:
    """A workshop with an open round that asks to rate ten items."""

    workshop: Workshop
    round: Round
    seats: Sequence[Seat]

    @property
    def stage(self) -> str:
        return reverse("phone:stage", args=[self.workshop.slug])

    @property
    def stream(self) -> str:
        return f"/live/phone/{self.workshop.slug}/"


def make_room(people: int, *, tables: int = 4) -> Room:
    """Make a workshop of its own in the database, and seat people in it."""
    slug = f"room-{secrets.token_hex(4)}"
    with transaction.atomic():
        workshop = builders.make_workshop(slug=slug, tables=tables)
        prompt = builders.make_prompt(workshop, kind="rate", items=ITEMS)
        name = identity.cookie_name(workshop.pk)
        seats = []
        for number in range(people):
            token, table = codes.new_token(), number % tables + 1
            who = builders.join(workshop, table=table, token=token)
            seats.append(Seat(who.pk, table, (name, token)))
    return Room(workshop, builders.open_round(prompt), seats)


# ---- sending ----


@dataclass
class Sent:
    """A submission as its phone knows it; times by time.monotonic()."""

    key: str
    values: Values
    acknowledged_at: float = 0.0


@dataclass
class Log:
    """What the phones sent, by seat and in order, and how it went.

    outcomes: how often each status came, or none, or a page that is not ours. odd:
    what no phone should ever be told. repeated: acknowledged, though the server had
    stored it before.
    """

    sent: dict[int, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    outcomes: Counter[int | str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    acknowledged: int = 0
    repeated: int = 0

    async def reach(self, acknowledged: int) -> None:
        """Wait until so many answers are acknowledged."""
        await until(lambda: self.acknowledged >= acknowledged, within=GIVE_UP)

    def first_after(self, moment: float) -> list[float]:
        """Return for each phone how long it then waited for an acknowledgement."""
        waits = []
        for sent in self.sent.values():
            later = [one.acknowledged_at for one in sent]
            waits += [min((at for at in later if at >= moment), default=10**6) - moment]
        return waits


class Phone:
    """One phone that answers again and again."""

    def __init__(self, room: Room, seat: Seat, url: str, log: Log) -> None:
        self.room, self.seat, self.log = room, seat, log
        self.browser = seat.browser(url)
        self.chance = random.Random(seat.pk)
        self.path = reverse("phone:answer", args=[room.workshop.slug, room.round.pk])

    async def come_in(self) -> None:
        page = await self.browser.get(self.room.stage)
        assert page.status == 200, page.text[:500]

    async def keep_sending(self, over: asyncio.Event, longest_wait: float) -> None:
        while not over.is_set():
            await self._send(longest_wait)

    async def _send(self, longest_wait: float) -> None:
        mine = self.log.sent[self.seat.pk]
        shift = self.chance.randrange(5)
        # Every item's value follows from the first, so that a torn answer shows.
        values = tuple((shift + item) % 5 + 1 for item in range(ITEMS))
        sent = Sent(secrets.token_urlsafe(16), values)
        mine.append(sent)
        fields = [(f"answer.p{n}", str(v)) for n, v in enumerate(values, start=1)]
        fields.append(("key", sent.key))
        failures = 0
        while not await self._try(sent, fields, len(mine)):
            wait = min(longest_wait, 0.5 * 2 ** min(failures, 4))
            failures += 1
            await asyncio.sleep(wait * self.chance.uniform(0.5, 1))

    async def _try(self, sent: Sent, fields: list[tuple[str, str]], turn: int) -> bool:
        log = self.log
        try:
            async with asyncio.timeout(PATIENCE):
                page = await self.browser.submit(self.path, fields, as_json=True)
        except (Unreachable, TimeoutError):
            log.outcomes["no answer"] += 1
            return False
        if "content-security-policy" not in page.headers:
            log.outcomes["not ours"] += 1  # a proxy's page, or a portal's
            return False
        log.outcomes[page.status] += 1
        if page.status == 503 and "retry-after" in page.headers:
            return False
        if page.status != 200:
            log.odd.append(f"{page.status}: {page.text[:300]}")
            return False
        reply = json.loads(page.text)
        if reply["version"] != turn:
            log.odd.append(f"answer {turn} was told it is version {reply['version']}")
        sent.acknowledged_at = time.monotonic()
        log.repeated += reply["repeated"]
        log.acknowledged += 1
        return True


@asynccontextmanager
async def sending(
    room: Room, url: str, *, longest_wait: float = LONGEST_WAIT
) -> AsyncIterator[Log]:
    """Have all phones send meanwhile; in the end each waits for what it has sent."""
    log, over = Log(), asyncio.Event()
    phones = [Phone(room, seat, url, log) for seat in room.seats]
    try:
        for phone in phones:
            await phone.come_in()
        async with asyncio.timeout(GIVE_UP), asyncio.TaskGroup() as tasks:
            for phone in phones:
                tasks.create_task(phone.keep_sending(over, longest_wait))
            yield log
            over.set()
    finally:
        for phone in phones:
            phone.browser.drop()
        await asyncio.sleep(0)  # until they are closed


async def until(reached: Callable[[], bool], *, within: float = COMES_WITHIN) -> None:
    """Wait for something that other tasks bring about. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while not reached():
            await asyncio.sleep(0.01)


# ---- counting ----


@dataclass
class Findings:
    """What is wrong, as keys, respondents or sentences; nothing, if all is well.

    lost: acknowledged, but not in the history. double: there more than once.
    unknown: nobody sent it. torn: not the ten items that were sent. disordered: a
    respondent's history is not what the phone sent, one after the other. not_current:
    the current answers are not the last of the history. versions: not as many as there
    are submissions.
    """

    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    not_current: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def find_faults(room: Room, log: Log) -> Findings:
    """Compare what the phones know with what the database holds."""
    findings = Findings()
    sent = {one.key: one for mine in log.sent.values() for one in mine}
    history: dict[int, list[tuple[str, Values]]] = defaultdict(list)
    rows = Submission.objects.filter(response__round=room.round).order_by("pk")
    for seat, key, content in rows.values_list(
        "response__participant_id", "key", "content"
    ):
        # Items as they were made: in the order of their ids.
        values = tuple(
            value for _item, _criterion, _state, value, _r in sorted(content)
        )
        history[seat].append((key, values))
    stored = Counter(key for mine in history.values() for key, _values in mine)
    acknowledged = {one.key for one in sent.values() if one.acknowledged_at}
    findings.lost = sorted(acknowledged - stored.keys())
    findings.double = sorted(key for key, times in stored.items() if times > 1)
    findings.unknown = sorted(stored.keys() - sent.keys())
    current = _current(room)
    versions = dict(
        Response.objects.filter(round=room.round).values_list(
            "participant_id", "version"
        )
    )
    for seat in log.sent.keys() | history.keys() | current.keys():
        name, mine = f"seat {seat}", history[seat]
        findings.torn += [
            key for key, values in mine if key in sent and values != sent[key].values
        ]
        if [key for key, _values in mine] != [one.key for one in log.sent[seat]]:
            findings.disordered.append(name)
        if not mine or current.get(seat) != mine[-1][1]:
            findings.not_current.append(name)
        if versions.get(seat) != len(mine):
            findings.versions.append(name)
    findings.differences = checking.verify(room.workshop).differences
    return findings


def _current(room: Room) -> dict[int, Values]:
    current: dict[int, list[int]] = defaultdict(list)
    answers = Answer.objects.filter(round=room.round).order_by("item_id")
    for seat, value in answers.values_list("response__participant_id", "value"):
        current[seat].append(value)
    return {seat: tuple(values) for seat, values in current.items()}
