"""A whole workshop played in some seconds, against a server that runs."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from django.utils import timezone

from deliberation.rehearsal import clerk as desk
from deliberation.rehearsal.clerk import Clerk, Slot
from deliberation.rehearsal.measure import Measurements
from deliberation.rehearsal.opinions import OPINIONS_2006
from deliberation.rehearsal.seats import Person, Room, watch_wall
from workshops.models import Workshop

LONGEST_ARRIVAL = 20.0  # seconds in which people come in
PEOPLE_A_SECOND = 20  # who come in, at most
REPLIES_WITHIN = 30.0  # seconds, after the last close
SETTLE = 1.0  # seconds between a close and the next opening, at least


@dataclass(frozen=True)
class Plan:
    """What to rehearse, where, and for how long."""

    workshop: Workshop
    url: str
    people: int
    tables: list[int]
    seconds: float


def rehearse(plan: Plan, *, bar: "Bar | None" = None) -> Measurements:
    """Play the workshop and return what was counted and timed.

    Blocks for about `plan.seconds`; the connections of this thread are not used.
    """
    return asyncio.run(_rehearse(plan, bar or Bar(None, plan.seconds)))


async def _rehearse(plan: Plan, bar: "Bar") -> Measurements:
    log = Measurements(people=plan.people, tables=len(plan.tables))
    arrival = min(LONGEST_ARRIVAL, plan.seconds * 0.2)
    arrival = max(arrival, plan.people / PEOPLE_A_SECOND)
    clerk = Clerk()
    started_at = timezone.now()
    try:
        room = Room(
            base_url=plan.url,
            join_code=plan.workshop.join_code,
            opinions=OPINIONS_2006,
            log=log,
            arrive_within=arrival,
            prompts=await clerk.do(desk.prompt_paths, plan.workshop),
        )
        slots = await clerk.do(
            desk.timetable, plan.workshop, max(1.0, plan.seconds - arrival)
        )
        crowd = [asyncio.create_task(person.run()) for person in seat(plan, room)]
        wall = watch_wall(room, plan.workshop.screen_secret)
        crowd.append(asyncio.create_task(wall))
        crowd.append(asyncio.create_task(bar.move(log)))
        try:
            await _arrivals(log, plan.people, arrival)
            for slot in slots:
                await _play(slot, room, clerk, bar)
            room.is_over = True
            await _until_answered(log)
        finally:
            for task in crowd:
                task.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
        await clerk.do(desk.count_losses, plan.workshop, log, started_at)
    finally:
        clerk.end()
        bar.end()
    return log


def seat(plan: Plan, room: Room) -> list[Person]:
    """Spread people over the tables; the first at each table becomes its scribe."""
    people = []
    for number in range(plan.people):
        place, table = divmod(number, len(plan.tables))
        people.append(
            Person(room, seat=place + 1, table=plan.tables[table], is_scribe=place == 0)
        )
    return people


async def _arrivals(log: Measurements, people: int, seconds: float) -> None:
    """Wait until all are in, or for half as long again as they should take."""
    patience = time.monotonic() + seconds * 1.5 + 2
    while log.joined < people and time.monotonic() < patience:
        await asyncio.sleep(0.1)


async def _until_answered(log: Measurements) -> None:
    """Wait for the replies that are still under way."""
    patience = time.monotonic() + REPLIES_WITHIN
    while log.under_way and time.monotonic() < patience:
        await asyncio.sleep(0.1)


async def _play(slot: Slot, room: Room, clerk: Clerk, bar: "Bar") -> None:
    room.window = slot.seconds * (1 - desk.REVEALED_FOR)
    room.log.wall.start_round()
    bar.label = slot.prompt.path
    this_round = await clerk.do(desk.open_or_join, slot.prompt)
    await asyncio.sleep(room.window)
    await clerk.do(desk.close_and_reveal, this_round)
    await asyncio.sleep(min(SETTLE, slot.seconds * desk.REVEALED_FOR))


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
