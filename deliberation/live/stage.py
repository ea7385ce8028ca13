"""What a workshop is at now: waiting, or a round that is open, closed or revealed."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q
from django.utils import timezone

from config.prepared import Prepared
from deliberation import proposals
from deliberation.actions.answers import ask_of
from deliberation.kinds import Ask
from deliberation.live.calls import open_calls
from deliberation.live.moving import Moving, find_moving
from deliberation.models import Prompt, Round, Screen
from deliberation.table_records import session_to_confirm
from workshops.models import HelpCall, Session, Workshop

WITH_ROUND = (
    "prompt__session",
    "prompt__scale",
    "interrupts__prompt__session",
    "interrupts__prompt__scale",
)
IS_RUNNING = Q(started_at__isnull=False, ended_at=None)


@dataclass(frozen=True)
class Stage:
    """The workshop, its session now, and the round on stage, if there is one.

    beside: what some others are asked meanwhile, for who goes on with this round.
    """

    workshop: Workshop
    session: Session | None
    this_round: Round | None
    beside: Round | None = None

    @property
    def status(self) -> str:
        """`waiting`, `open`, `closed` or `revealed`."""
        if self.this_round is None:
            return "waiting"
        if is_open(self.this_round):
            return "open"
        return "closed" if self.this_round.revealed_at is None else "revealed"

    @property
    def prompt(self) -> Prompt | None:
        return None if self.this_round is None else self.this_round.prompt

    @property
    def mark(self) -> Hashable:
        """What differs when a phone's board does; not enough once results are shown.

        What is edited in a session or prompt while it is on stage is part of it.
        """
        interrupted = self.this_round and self.this_round.interrupts
        rows = (
            self.workshop,
            self.session,
            self.prompt,
            self.this_round,
            self.beside,
            interrupted and interrupted.prompt,
            interrupted,
        )
        on_stage = tuple(
            row and tuple(field.value_from_object(row) for field in row._meta.fields)
            for row in rows
        )
        others = self.for_others and self.for_others.proposed
        return on_stage, self.status, self.proposed, others

    @property
    def interrupted(self) -> Prompt | None:
        """What goes on when the open round is closed, None if nothing does."""
        if self.this_round is None or self.this_round.interrupts is None:
            return None
        return self.this_round.interrupts.prompt if self.status == "open" else None

    @property
    def shows_results(self) -> bool:
        return self.this_round is not None and self.this_round.revealed_at is not None

    @property
    def is_for_some(self) -> bool:
        """Whether the round on stage asks some tables or people, not everybody."""
        return self.this_round is not None and not self.this_round.asks_everybody

    @property
    def takes_questions(self) -> bool:
        """Whether phones can ask its speakers now."""
        return self.session is not None and (
            self.session.takes_questions and self.session.is_running
        )

    @cached_property
    def proposed(self) -> tuple[object, ...]:
        """What the room is asked to support or oppose; empty for nothing."""
        return proposals.mark(self.prompt) if self.prompt else ()

    @cached_property
    def for_others(self) -> "Stage | None":
        """What those are at who are not asked: the interrupted round, if it is open."""
        this_round = self.this_round
        if this_round is None or this_round.asks_everybody or this_round.closed_at:
            return None
        before = this_round.interrupts
        if before is None or not is_open(before):
            return None
        before.workshop = self.workshop
        return Stage(self.workshop, before.prompt.session, before, beside=this_round)

    def of(self, *, seat: int | None = None, table: int | None = None) -> "Stage":
        """Return what a person or a table is at, one of them named by its key."""
        if self.for_others is None or self.this_round is None:
            return self
        is_asked = self.this_round.asks(seat=seat, table=table)
        return self if is_asked else self.for_others

    @cached_property
    def ask(self) -> Ask:
        """What the round asks; only where there is a round."""
        assert self.this_round is not None
        return ask_of(self.this_round)

    @cached_property
    def moving(self) -> Moving | None:
        """Who goes where: the last rotation that was started, if there was one."""
        return find_moving(self.workshop)

    @cached_property
    def to_confirm(self) -> Session | None:
        """The session whose record tables can confirm, None while there is none."""
        return session_to_confirm(self.workshop, self.session)

    @cached_property
    def calls(self) -> list[HelpCall]:
        """The calls for help that have not ended."""
        return open_calls(self.workshop)


def is_open(this_round: Round) -> bool:
    """Tell whether a round that was read just now takes answers, to show it so.

    Whether an answer is taken is decided by the database's clock, not here.
    """
    if this_round.closed_at is not None:
        return False
    ends = this_round.ends_at if this_round.closes_at_zero else None
    return ends is None or ends > timezone.now()


_screen = Prepared(
    lambda workshop: Screen.objects.filter(workshop_id=workshop), workshop=int
)
_open_round = Prepared(
    lambda workshop: (
        Round.objects.filter(workshop_id=workshop)
        .on_stage()
        .select_related(*WITH_ROUND)
    ),
    workshop=int,
)
round_of_workshop = Prepared(
    lambda workshop, pk: Round.objects.filter(
        workshop_id=workshop, pk=pk
    ).select_related(*WITH_ROUND),
    workshop=int,
    pk=int,
)


def find_stage(workshop: Workshop) -> Stage:
    """Return what the phones of a workshop are at.

    The open round, of two the one that interrupts the other; else the round that the
    screen shows, so that phones go back with it; else the session that the screen shows
    or that runs.
    """
    if workshop.ended_at:
        return Stage(workshop, None, None)
    screen = _screen.first(workshop=workshop.pk) or Screen()
    this_round = _open_round.first(workshop=workshop.pk)
    if this_round is None and screen.round_id and screen.showing in Screen.AT_A_ROUND:
        this_round = round_of_workshop.first(workshop=workshop.pk, pk=screen.round_id)
    if this_round is not None:
        this_round.workshop = this_round.prompt.session.workshop = workshop
        return Stage(workshop, this_round.prompt.session, this_round)
    shown = Q(pk=screen.session_id) if screen.session_id else IS_RUNNING
    return Stage(workshop, workshop.sessions.filter(shown).first(), None)
