"""The steps of the day by name: what each button of the console posts as `do`.

A step is called with the workshop, the account and the words after its name; it says
in a sentence what it did, or raises Refused with the reason. Each carries what the
page showed when the button was pressed, so that of two who press at once the second
is told that it is done, and by whom.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from deliberation.actions import doors, points, proposing, rounds
from deliberation.actions.recording import ChangedSince, NothingToUndo, undo
from deliberation.live.console import step_name
from deliberation.live.console_day import short_name
from deliberation.models import Event, Point, Prompt, Proposal, Round
from deliberation.views.calling import CALL_STEPS
from deliberation.views.console_refusals import (
    Refused,
    already,
    argument,
    find,
    gone,
)
from deliberation.views.console_screen import SCREEN_STEPS
from deliberation.views.question_steps import QUESTION_STEPS
from deliberation.views.rotation_steps import ROTATION_STEPS
from workshops.models import Session, Workshop

type Step = Callable[[Workshop, Any, Sequence[str]], str]

OPENED = ("open", "open-anyway", "again")
AGAIN = {Prompt.Again.MINE.value: True, Prompt.Again.BLANK.value: False}
MOST_SECONDS = 2 * 60 * 60


def while_it_runs(step: Step) -> Step:
    """Refuse a step of a workshop that has ended; take such steps one by one."""

    @wraps(step)
    @transaction.atomic
    def wrapped(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
        workshop = Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
        if workshop.ended_at is not None:
            raise Refused(_("The workshop has ended. Take it up again first."))
        try:
            return step(workshop, actor, arguments)
        except (Prompt.DoesNotExist, Session.DoesNotExist):
            raise gone() from None  # deleted in the same moment

    return wrapped


def locked_round(workshop: Workshop, arguments: Sequence[str]) -> Round:
    """Return the round named first, locked until the step is done."""
    locked = workshop.rounds.select_for_update(of=("self",), no_key=True)
    return find(locked.select_related("prompt"), arguments)


# ---- sessions and prompts ----


@while_it_runs
def start(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    session = find(workshop.sessions, arguments)
    if session.started_at is not None and session.ended_at is None:
        raise already(workshop, "start", session, _("Already started"))
    open_round = workshop.rounds.open().on_stage().select_related("prompt").first()
    if open_round is not None:
        raise Refused(still_open(open_round.prompt))
    rounds.go_to_session(session=session, actor=actor)
    return _("“%(name)s” has started.") % {"name": short_name(session.title)}


def still_open(prompt: Prompt) -> str:
    return _("“%(name)s” is still open. Close it first.") % {
        "name": short_name(prompt.question)
    }


@while_it_runs
def open_prompt(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    """Open a prompt, unless more rounds of it exist than the page knew of.

    With the word `anyway` although it is to open after another one; with `mine` or
    `blank` it is asked again from earlier answers or not.
    """
    prompts = Prompt.objects.filter(session__workshop=workshop)
    prompt = find(prompts.select_related("session", "after"), arguments)
    known = arguments[1] if len(arguments) > 1 else ""
    last = prompt.rounds.order_by("-number").first()
    if known != str(prompt.rounds.count()) and last is not None:
        raise already(workshop, OPENED, last, _("Already opened"))
    words = arguments[2:]
    try:
        rounds.open_round(
            prompt=prompt,
            actor=actor,
            anyway="anyway" in words,
            from_own=next((AGAIN[word] for word in words if word in AGAIN), None),
        )
    except rounds.AnotherRoundIsOpen as other:
        if other.open_round.prompt_id == prompt.pk:
            done = _("Already opened")
            raise already(workshop, OPENED, other.open_round, done) from None
        raise Refused(still_open(other.open_round.prompt)) from None
    except rounds.OpensAfter as order:
        raise Refused(
            _("Opens after “%(name)s”. In the agenda you can open it anyway.")
            % {"name": short_name(order.first.question)}
        ) from None
    except rounds.NothingToOpen:
        raise Refused(
            _("“%(name)s” has no items to judge yet. Add some in the set-up.")
            % {"name": short_name(prompt.question)}
        ) from None
    return _("Open: “%(name)s”.") % {"name": short_name(prompt.question)}


@transaction.atomic
def close(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    this_round = rounds.hold(find(workshop.rounds, arguments).pk)
    if this_round.closed_at is not None:
        raise already(workshop, "close", this_round, _("Already closed"))
    rounds.close_round(round_id=this_round.pk, actor=actor)
    return _("Closed: “%(name)s”.") % {"name": short_name(this_round.prompt.question)}


@transaction.atomic
def reveal(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    this_round = locked_round(workshop, arguments)
    if this_round.revealed_at is not None:
        raise already(workshop, "reveal", this_round, _("Already revealed"))
    rounds.reveal(round_id=this_round.pk, actor=actor)
    return _("The room sees the results.")


@transaction.atomic
def hide(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    this_round = locked_round(workshop, arguments)
    if this_round.revealed_at is None:
        raise already(workshop, "hide", this_round, _("Already hidden"))
    rounds.hide(round_id=this_round.pk, actor=actor)
    return _("The results are hidden again.")


# ---- time ----


def timed(change: Callable[..., Any], said: Callable[[], str]) -> Step:
    """Make a step of a countdown; all of them are refused once the round is closed."""

    def step(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
        this_round = find(workshop.rounds, arguments)
        try:
            change(this_round, actor, arguments)
        except rounds.RoundClosed:
            raise already(workshop, "close", this_round, _("Already closed")) from None
        return said()

    return step


def _add_time(this_round: Round, actor: Any, arguments: Sequence[str]) -> None:
    word = arguments[1] if len(arguments) > 1 else ""
    if not (word.isascii() and word.isdigit() and 0 < int(word[:6]) <= MOST_SECONDS):
        raise Refused(_("This button is out of date. Please press it again."))
    rounds.add_time(round_id=this_round.pk, seconds=int(word[:6]), actor=actor)


def _close_at_zero(this_round: Round, actor: Any, arguments: Sequence[str]) -> None:
    on = argument(arguments, 1, ["0", "1"]) == "1"
    rounds.close_at_zero(round_id=this_round.pk, on=on, actor=actor)


TIME = {
    "time": timed(_add_time, lambda: _("More time given.")),
    "pause": timed(
        lambda r, actor, _words: rounds.pause(round_id=r.pk, actor=actor),
        lambda: _("The countdown is paused."),
    ),
    "resume": timed(
        lambda r, actor, _words: rounds.resume(round_id=r.pk, actor=actor),
        lambda: _("The countdown runs on."),
    ),
    "stop": timed(
        lambda r, actor, _words: rounds.stop_countdown(round_id=r.pk, actor=actor),
        lambda: _("No countdown; it stays open until you close it."),
    ),
    "zero": timed(_close_at_zero, lambda: _("Changed what happens at zero.")),
}


# ---- points ----


@transaction.atomic
def point(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    """Give a point another status, if it still has the one that the page showed."""
    locked = workshop.points.select_for_update(of=("self",), no_key=True)
    rows = locked.filter(withdrawn_at=None)
    row = find(rows.select_related("workshop", "prompt__session", "round"), arguments)
    seen = argument(arguments, 1, Point.Status.values)
    status = argument(arguments, 2, Point.Status.values)
    if row.status != seen:
        done = {
            Point.Status.INCOMING: _("Already put back"),
            Point.Status.SHOWN: _("Already shown"),
            Point.Status.KEPT: _("Already kept"),
            Point.Status.PARKED: _("Already parked"),
        }
        raise already(workshop, f"point-{row.status}", row, done[row.status])
    points.set_status(point=row, status=status, actor=actor)
    return {
        Point.Status.INCOMING: _("Back among the incoming points."),
        Point.Status.SHOWN: _("On the screen."),
        Point.Status.KEPT: _("Kept for the write-up."),
        Point.Status.PARKED: _("Parked."),
    }[status]


def release(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    """Put a proposal before the room, if it is still as the page showed it."""
    ours = Proposal.objects.filter(
        point__workshop=workshop, point__withdrawn_at=None
    ).select_related("point__workshop")
    row = find(ours, arguments)
    seen = argument(arguments, 1, Proposal.Status.values)
    done = _("Already decided")
    if row.status == Proposal.Status.OPEN:
        done = _("Already put to the room")
    if row.status != seen:
        raise already(workshop, f"proposal-{row.status}", row, done)
    try:
        proposing.release(proposal=row, actor=actor)
    except proposing.Decided as decided:
        verb = f"proposal-{decided.proposal.status}"
        raise already(workshop, verb, row, done) from None
    except proposing.Withdrawn:
        raise Refused(_("Its author has taken it back.")) from None
    return _("The room is asked about it.")


# ---- undo, doors ----


def take_back(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    event = find(workshop.events, arguments)
    try:
        event = undo(workshop=workshop, event_id=event.pk)
    except NothingToUndo:
        if Event.objects.filter(pk=event.pk, undone_at__isnull=False).exists():
            raise Refused(_("Already undone: %s.") % step_name(event)) from None
        raise Refused(_("Something newer was done since. Undo names it now.")) from None
    except ChangedSince as changed:
        raise Refused(why_not(changed.event)) from None
    return _("Undone: %s.") % step_name(event)


def why_not(event: Event) -> str:
    """Say why a step cannot be taken back any more."""
    name = step_name(event)
    if event.verb in OPENED:
        return _("Answers have come in: %s cannot be undone. Close it instead.") % name
    if event.verb == "close":
        return _("Another prompt is open: %s cannot be undone.") % name
    return _("It was changed again since: %s cannot be undone.") % name


def lock(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    on = argument(arguments, 0, ["0", "1"]) == "1"
    doors.lock_joining(workshop=workshop, on=on, actor=actor)
    return _("Nobody else can join.") if on else _("People can join again.")


def end(workshop: Workshop, actor: Any, _arguments: Sequence[str]) -> str:
    if Workshop.objects.filter(pk=workshop.pk, ended_at__isnull=False).exists():
        raise already(workshop, "end", workshop, _("Already ended"))
    doors.end_workshop(workshop=workshop, actor=actor)
    return _("The workshop has ended.")


def reopen(workshop: Workshop, actor: Any, _arguments: Sequence[str]) -> str:
    doors.reopen_workshop(workshop=workshop, actor=actor)
    return _("The workshop goes on.")


STEPS: dict[str, Step] = {
    "start": start,
    "open": open_prompt,
    "close": close,
    "reveal": reveal,
    "hide": hide,
    **TIME,
    **SCREEN_STEPS,
    **ROTATION_STEPS,
    **CALL_STEPS,
    **QUESTION_STEPS,
    "point": point,
    "release": release,
    "undo": take_back,
    "lock": lock,
    "end": end,
    "reopen": reopen,
}
