"""A whole workshop played in some seconds, against a server that runs."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TextIO

from django.utils import timezone

from config.server import raise_file_limit
from deliberation.rehearsal import clerk as desk
from deliberation.rehearsal.clerk import Clerk, Slot
from deliberation.rehearsal.machine import Processors
from deliberation.rehearsal.measure import Measurements, Stretch
from deliberation.rehearsal.opinions import OPINIONS_2006
from deliberation.rehearsal.seats import Habits, Person, Room, watch_wall
from workshops.models import Workshop

LONGEST_ARRIVAL = 20.0  # seconds in which people come in
PEOPLE_A_SECOND = 20  # who come in, at most
REPLIES_WITHIN = 30.0  # seconds, after the last close
SETTLE = 1.0  # seconds between a close and the next opening, at least
WAVES = 4
# With fewer people or less time, one wave: too little would be measured in each.
LEAST_FOR_WAVES = (20, 40)  # people, seconds
FIRST_WAVES = 0.35  # of the time, for a question before everybody is there
LOOKS_EVERY = 1.0


@dataclass(frozen=True)
class Plan:
    """What to rehearse, where, and for how long.

    in_waves: ask the first question to a part of the people, then to more of them,
    before the day is played with all; so it shows with how many times grow. server:
    the process that serves, if it is known.
    """

    workshop: Workshop
    url: str
    people: int
    tables: list[int]
    seconds: float
    in_waves: bool = False
    habits: Habits = field(default_factory=Habits)
    server: int | None = None

    @property
    def arrival(self) -> float:
        """Seconds in which people come in."""
        longest = min(LONGEST_ARRIVAL, self.seconds * 0.2)
        return max(longest, self.people / PEOPLE_A_SECOND)

    @property
    def waves(self) -> list[int]:
        """How many people are in after each wave; all after the last."""
        least, seconds = LEAST_FOR_WAVES
        if not self.in_waves or self.people < least or self.seconds < seconds:
            return [self.people]
        return [round(self.people * n / WAVES) for n in range(1, WAVES + 1)]


# Called every second, beside the loop, with what was counted so far, what is being
# done, and the share of the time that is over; whatever it raises ends the rehearsal.
type Beat = Callable[[Measurements, str, float], None]


def rehearse(
    plan: Plan, *, bar: "Bar | None" = None, beat: Beat | None = None
) -> Measurements:
    """Play the workshop and return what was counted and timed.

    Blocks for about `plan.seconds`; the connections of this thread are not used.
    Raises what `beat` raises.
    """
    raise_file_limit()
    return asyncio.run(Rehearsing(plan, bar or Bar(None, plan.seconds), beat).run())


class Rehearsing:
    """One rehearsal, from the first to come in to the last reply."""

    def __init__(self, plan: Plan, bar: "Bar", beat: Beat | None) -> None:
        self.plan, self.bar, self.beat = plan, bar, beat
        self.log = Measurements(people=plan.people, tables=len(plan.tables))
        self.clerk = Clerk()
        self.crowd: list[asyncio.Task[None]] = []
        self._let_in_so_far = 0
        self._asked = 0.0  # seconds in which a question was open, in this stretch

    async def run(self) -> Measurements:
        started_at = timezone.now()
        try:
            day = asyncio.create_task(self._day())
            looks = asyncio.create_task(self._look_on())
            try:
                await asyncio.wait({day, looks}, return_when=asyncio.FIRST_COMPLETED)
                if looks.done():
                    looks.result()
                await day
            finally:
                for task in (day, looks, *self.crowd):
                    task.cancel()
                await asyncio.gather(day, looks, *self.crowd, return_exceptions=True)
            await self.clerk.do(
                desk.count_losses, self.plan.workshop, self.log, started_at
            )
        finally:
            self.clerk.end()
            self.bar.end()
        return self.log

    async def _day(self) -> None:
        plan, log = self.plan, self.log
        room = Room(
            base_url=plan.url,
            join_code=plan.workshop.join_code,
            opinions=OPINIONS_2006,
            log=log,
            habits=plan.habits,
            prompts=await self.clerk.do(desk.prompt_paths, plan.workshop),
        )
        time_to_play = max(1.0, plan.seconds - plan.arrival)
        for_waves = time_to_play * FIRST_WAVES if len(plan.waves) > 1 else 0.0
        slots = await self.clerk.do(
            desk.timetable, plan.workshop, time_to_play - for_waves
        )
        self._start(watch_wall(room, plan.workshop.screen_secret))
        self._start(self.bar.move(log))
        people = seat(plan, room)
        for wave in plan.waves:
            began = time.monotonic()
            await self._let_in(people, wave, room)
            if wave < plan.people and slots:
                asked = Slot(slots[0].prompt, for_waves / (len(plan.waves) - 1))
                await self._play(asked, room)
                self._end_stretch(wave, began)
        if not log.joined:
            return
        for slot in slots:
            await self._play(slot, room)
        room.is_over = True
        await self._until_settled()
        self._end_stretch(plan.people, began)

    def _end_stretch(self, people: int, began: float) -> None:
        now = time.monotonic()
        self.log.stretches.append(Stretch(people, began, now, self._asked))
        self._asked = 0.0

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self.crowd.append(asyncio.create_task(work))

    async def _let_in(self, people: "list[Person]", wave: int, room: Room) -> None:
        """Let people in until so many are; wait for half as long again as it takes."""
        self.bar.label = ""
        log, new = self.log, people[self._let_in_so_far : wave]
        self._let_in_so_far = wave
        room.arrive_within = self.plan.arrival * len(new) / len(people)
        for person in new:
            self._start(person.run())
        patience = time.monotonic() + room.arrive_within * 1.5 + 2
        while log.joined < wave and time.monotonic() < patience:
            await asyncio.sleep(0.1)

    async def _play(self, slot: Slot, room: Room) -> None:
        room.window = slot.seconds * (1 - desk.REVEALED_FOR)
        self.log.wall.start_round()
        self.bar.label = slot.prompt.path
        this_round = await self.clerk.do(desk.open_or_join, slot.prompt)
        self.log.openings.opened(str(this_round.pk))
        await asyncio.sleep(room.window)
        self._asked += room.window
        await self.clerk.do(desk.close_and_reveal, this_round)
        await asyncio.sleep(min(SETTLE, slot.seconds * desk.REVEALED_FOR))

    async def _until_settled(self) -> None:
        """Wait for replies that are under way, and for those who lost the network."""
        log, patience = self.log, time.monotonic() + REPLIES_WITHIN
        while time.monotonic() < patience:
            if not log.under_way and log.returned >= log.interrupted:
                return
            await asyncio.sleep(0.1)

    async def _look_on(self) -> None:
        """Note how busy the computer is, and tell who wants to know how it goes."""
        processors = Processors(self.plan.server)
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            self.log.load.append(processors.look())
            if self.beat is not None:
                share = (time.monotonic() - self.log.began) / self.plan.seconds
                await self.clerk.do(
                    self.beat, self.log, self.bar.label, min(1.0, share)
                )


def seat(plan: Plan, room: Room) -> list[Person]:
    """Spread people over the tables; the first at each table becomes its scribe."""
    people = []
    for number in range(plan.people):
        place, table = divmod(number, len(plan.tables))
        people.append(
            Person(room, seat=place + 1, table=plan.tables[table], is_scribe=place == 0)
        )
    return people


class Bar:
    """A progress bar on a terminal; on anything else, nothing."""

    WIDTH = 30
    EVERY = 0.5

    def __init__(
        self,
        stream: TextIO | None,
        seconds: float,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stream = stream if stream is not None and stream.isatty() else None
        self.label = ""
        self._seconds, self._now, self._began = seconds, now, now()

    async def move(self, log: Measurements) -> None:
        while self.stream is not None:
            self.draw(log)
            await asyncio.sleep(self.EVERY)

    def draw(self, log: Measurements) -> None:
        if self.stream is None:
            return
        share = min(1.0, (self._now() - self._began) / self._seconds)
        full = round(share * self.WIDTH)
        bar = "#" * full + "." * (self.WIDTH - full)
        text = f"[{bar}] {share:4.0%}  {log.joined} in  {log.acknowledged} stored"
        self.stream.write(f"\r{text}  {self.label[:28]:28}")
        self.stream.flush()

    def end(self) -> None:
        if self.stream is not None:
            self.stream.write("\r" + " " * 100 + "\r")
            self.stream.flush()
