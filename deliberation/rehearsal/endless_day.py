"""The demonstration: people and a facilitator who live through the 2006 day, and again.

The facilitator steps back as soon as a person presses anything in the console.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.utils import timezone

from deliberation.actions import points, rounds, screens
from deliberation.models import Event, Point, Prompt, Round, Screen
from deliberation.rehearsal.clerk import Clerk, prompt_paths
from deliberation.rehearsal.measure import Measurements
from deliberation.rehearsal.opinions import OPINIONS_2006
from deliberation.rehearsal.seats import Habits, Person, Room
from workshops.models import Workshop

HABITS = Habits(
    changes_mind=0.25,
    writes=0.3,
    loses_connection=0.02,
    loses_reply=0.0,
    finishes=0.6,
)
PEOPLE_AT_TABLES = (9, 10, 9, 9)
ARRIVE_WITHIN = 2.0  # seconds, so that a visitor finds a full room

# Seconds: how long a prompt is open (whole minutes, for its countdown), and its
# results are shown.
OPEN_FOR = {
    "assess": 240, "rate": 180, "choose": 60, "approve": 60, "rank": 120,
    "allocate": 120, "discuss": 120,
}  # fmt: skip
SHOWN_FOR = {
    "assess": 90, "rate": 75, "choose": 40, "approve": 40, "rank": 60, "allocate": 60,
    "discuss": 20,
}  # fmt: skip
FIRST_OPEN_FOR = 6  # the first prompt of all, so that the day is under way at once
BRIEF_FOR = 12
BEFORE_REVEAL = 6
BEFORE_TABLES = 35  # of results by people, before those by tables
BETWEEN_POINTS = 20
BETWEEN_DAYS = 150
STEPS_BACK_FOR = 180
WINDOW = 60.0  # that people take for what a person opens
LOOKS_EVERY = 1.0


class Step(Enum):
    """What the facilitator does next."""

    WAIT = "wait"
    STEP_BACK = "step back"
    BRIEF = "start"
    OPEN = "open"
    CLOSE = "close"
    REVEAL = "reveal"
    BY_TABLES = "by tables"


@dataclass(frozen=True)
class Moment:
    """How the day stands: all that the next step depends on.

    last: the round that was opened last. following: the prompt after it. running: the
    id of the session that runs. person_at: when a person last pressed something.
    """

    now: datetime
    last: Round | None
    following: Prompt
    running: int | None = None
    brief_at: datetime | None = None
    view: str = ""
    person_at: datetime | None = None
    is_first: bool = False
    ended: bool = False

    def since(self, at: datetime | None) -> float:
        """Return the seconds since a time; endless for never."""
        return float("inf") if at is None else (self.now - at).total_seconds()


def next_step(moment: Moment) -> Step:
    """Say what the facilitator does at this moment."""
    if moment.ended or moment.since(moment.person_at) < STEPS_BACK_FOR:
        return Step.STEP_BACK
    last = moment.last
    if last is not None:
        kind = last.prompt.kind
        if last.closed_at is None:
            is_over = moment.since(last.opened_at) >= open_for(moment)
            return Step.CLOSE if is_over else Step.WAIT
        if last.revealed_at is None and last.prompt.has_items:
            is_due = moment.since(last.closed_at) >= BEFORE_REVEAL
            return Step.REVEAL if is_due else Step.WAIT
        shown = moment.since(last.revealed_at or last.closed_at)
        by_people = moment.view == Screen.View.PEOPLE and last.prompt.asks_tables
        if by_people and last.prompt.has_items and shown >= BEFORE_TABLES:
            return Step.BY_TABLES
        is_new_day = moment.following.position == moment.following.session.position == 1
        rest = BETWEEN_DAYS if is_new_day else SHOWN_FOR[kind]
        if shown < (rest if not moment.is_first else 0):
            return Step.WAIT
    if moment.is_first:
        return Step.OPEN
    if moment.running != moment.following.session_id:
        return Step.BRIEF
    return Step.OPEN if moment.since(moment.brief_at) >= BRIEF_FOR else Step.WAIT


def open_for(moment: Moment) -> float:
    """Return how many seconds the open round gets."""
    assert moment.last is not None
    return FIRST_OPEN_FOR if moment.is_first else OPEN_FOR[moment.last.prompt.kind]


class Facilitator:
    """Presses what a person would, unless a person does."""

    def __init__(self, workshop: Workshop, room: Room, say: Callable[[str], None]):
        self.workshop, self.room, self.say = workshop, room, say
        self.clerk = Clerk()
        self._brief_at: datetime | None = None
        self._stood_back = False
        self._point_at = timezone.now()

    async def run(self) -> None:
        """Live through the day until cancelled."""
        try:
            while True:
                await self.clerk.do(self.look_and_act)
                await asyncio.sleep(LOOKS_EVERY)
        finally:
            self.clerk.end()

    def look_and_act(self) -> Step:
        """Look how the day stands and do what is next."""
        moment = self.look()
        step = next_step(moment)
        if step == Step.STEP_BACK:
            if not self._stood_back:
                self.say("A person is at the console: the simulated one steps back.")
            self._stood_back = True
            return step
        self._stood_back = False
        if step == Step.WAIT:
            self.tend_points(moment)
        else:
            self.act(step, moment)
        return step

    def look(self) -> Moment:
        """Read how the day stands."""
        workshop = Workshop.objects.get(pk=self.workshop.pk)
        played = list(
            workshop.rounds.select_related("prompt__session").order_by("opened_at")
        )
        last = played[-1] if played else None
        running = workshop.sessions.filter(started_at__isnull=False, ended_at=None)
        by_person = Event.objects.filter(workshop=workshop, actor__isnull=False)
        screen = Screen.objects.filter(workshop=workshop).first()
        shows_last = (
            screen is not None
            and last is not None
            and (screen.round_id == last.pk and screen.showing == Screen.Showing.PROMPT)
        )
        return Moment(
            now=rounds.database_now(),
            last=last,
            following=self.following(last),
            running=running.values_list("pk", flat=True).first(),
            brief_at=self._brief_at,
            view=screen.view if screen is not None and shows_last else "",
            person_at=by_person.values_list("at", flat=True).order_by("-pk").first(),
            is_first=len(played) <= 1,
            ended=workshop.ended_at is not None,
        )

    def following(self, last: Round | None) -> Prompt:
        """Return the prompt after the last one, and after the end the first again."""
        prompts = list(
            Prompt.objects.filter(session__workshop=self.workshop)
            .select_related("session")
            .order_by("session__position", "position")
        )
        pks = [prompt.pk for prompt in prompts]
        place = pks.index(last.prompt_id) + 1 if last is not None else 0
        return prompts[place % len(prompts)]

    def act(self, step: Step, moment: Moment) -> None:
        following, last = moment.following, moment.last
        if step == Step.BRIEF:
            self._brief_at = moment.now
            rounds.go_to_session(session=following.session)
            self.say(f"Session: {following.session.title}")
        elif step == Step.OPEN:
            kind = following.kind
            seconds = FIRST_OPEN_FOR if last is None else OPEN_FOR[kind]
            self.room.window = seconds * 0.9
            rounds.open_round(prompt=following)
            self.say(f"Open:    {following.path}")
        elif last is not None and step == Step.CLOSE:
            rounds.close_round(round_id=last.pk)
            self.room.window = WINDOW
            self.say(f"Closed:  {last.prompt.path}")
        elif last is not None and step == Step.REVEAL:
            rounds.reveal(round_id=last.pk)
            self.say(f"Results: {last.prompt.path}")
        elif step == Step.BY_TABLES:
            screens.set_screen(workshop=self.workshop, view=Screen.View.TABLES)

    def tend_points(self, moment: Moment) -> None:
        """Now and then keep a point; where all is discussion, show it to the room."""
        if moment.since(self._point_at) < BETWEEN_POINTS or moment.last is None:
            return
        waiting = Point.objects.filter(
            prompt=moment.last.prompt, status=Point.Status.INCOMING, withdrawn_at=None
        ).select_related("workshop", "round", "prompt__session")
        point = waiting.first()
        if point is None:
            return
        self._point_at = moment.now
        discusses = moment.last.prompt.kind == Prompt.Kind.DISCUSS
        status = Point.Status.SHOWN if discusses else Point.Status.KEPT
        points.set_status(point=point, status=status)


async def live_through(
    workshop: Workshop, url: str, *, say: Callable[[str], None]
) -> None:
    """Fill the room and run the day, until cancelled."""
    room = Room(
        base_url=url,
        join_code=workshop.join_code,
        opinions=OPINIONS_2006,
        log=Measurements(people=sum(PEOPLE_AT_TABLES)),
        habits=HABITS,
        window=WINDOW,
        arrive_within=ARRIVE_WITHIN,
    )
    facilitator = Facilitator(workshop, room, say)
    room.prompts = await facilitator.clerk.do(prompt_paths, workshop)
    people = [
        Person(room, seat=seat, table=table, is_scribe=seat == 1)
        for table, size in enumerate(PEOPLE_AT_TABLES, start=1)
        for seat in range(1, size + 1)
    ]
    async with asyncio.TaskGroup() as tasks:
        for person in people:
            tasks.create_task(person.run())
        full_at = timezone.now() + timedelta(seconds=10)
        while room.log.joined < len(people) and timezone.now() < full_at:
            await asyncio.sleep(0.1)
        say(f"{room.log.joined} people have joined.")
        tasks.create_task(facilitator.run())
