"""A prompt is opened, timed, closed, revealed; every step can be undone."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from deliberation.actions.recording import Recorder
from deliberation.models import (
    Challenge,
    Item,
    Prompt,
    Round,
    RoundAudience,
    RoundItem,
    Screen,
)
from deliberation.models.challenge import Audience
from deliberation.models.round import NOT_CLOSED
from workshops.actions.joining import SeatGone
from workshops.models import Participant, Session, Table, Workshop


class AnotherRoundIsOpen(Exception):
    """A workshop asks one prompt at a time, and one more in the middle of it.

    `open_round` is what is on stage.
    """

    def __init__(self, open_round: Round) -> None:
        self.open_round = open_round


class RoundClosed(Exception):
    """The round is not open, by the clock of the database."""


class WorkshopEnded(Exception):
    """The day is over: nothing is opened or started any more."""


class NotPutTo(Exception):
    """The round asks others: its audience are some tables, or some people."""


class NothingToOpen(Exception):
    """The prompt has no items to judge."""


class OpensAfter(Exception):
    """The prompt is to open only after `first`, which has not been asked yet."""

    def __init__(self, first: Prompt) -> None:
        self.first = first


def lock_open_round(round_id: int, *, seat_id: int | None = None) -> datetime:
    """Hold a round open until the transaction ends, shared with other answers.

    Closing waits for the answers that hold it, so that each one is counted or
    refused; so do removing and merging the seat `seat_id`, if one is given. On SQLite
    the transaction itself (IMMEDIATE) is the lock. Returns the time by which it was
    open. Raises RoundClosed, SeatGone.
    """
    is_open = Round.objects.open().filter(pk=round_id).order_by()
    tables = ["deliberation_round"]
    if seat_id is not None:
        seat = {"workshop__participants": seat_id}
        is_open = is_open.filter(**seat, workshop__participants__removed_at=None)
        tables.append("workshops_participant")
    sql, parameters = is_open.values_list(Now()).query.sql_with_params()
    now = timezone.now()  # SQLite runs in this process, on this clock
    if connection.vendor == "postgresql":
        sql += f" FOR SHARE OF {', '.join(tables)}"
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found = cursor.fetchone()
    if found is None:
        present = Participant.objects.present().filter(pk=seat_id)
        raise RoundClosed if seat_id is None or present.exists() else SeatGone
    return found[0] if connection.vendor == "postgresql" else now


def database_now() -> datetime:
    """Return the database's clock, an aware datetime: the one that decides."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0]
    return timezone.now()  # SQLite runs in this process, on this clock


def open_round(
    *,
    prompt: Prompt,
    actor=None,
    anyway: bool = False,
    from_own: bool | None = None,
    interrupting: bool = False,
    challenge: Challenge | None = None,
    asked: Sequence[Table] | Sequence[Participant] = (),
) -> Round:
    """Open a prompt as its next round, in the current wordings, on the screen.

    Starts the session if none runs, and the countdown if the prompt has minutes.
    anyway: although it is to open after another one; the record says so. from_own:
    whether it is asked again from what each one answered before; None as the prompt
    says. interrupting: in the middle of what is open, which stays open and holds its
    countdown meanwhile. challenge: what it is opened for. asked: those whom a challenge
    is put to, none for everybody.
    Raises AnotherRoundIsOpen, NothingToOpen, OpensAfter, WorkshopEnded, and
    Prompt.DoesNotExist if it has just been deleted.
    """
    how = _How(interrupting, anyway, from_own, challenge=challenge, asked=asked)
    return _open(prompt, actor, how)


def ask_again(
    *,
    prompt: Prompt,
    items: Iterable[Item],
    actor=None,
    from_own: bool | None = False,
    challenge: Challenge | None = None,
    asked: Sequence[Table] | Sequence[Participant] = (),
) -> Round:
    """Ask some items of a prompt as its next round, interrupting what is open.

    The items are asked in their newest wordings, under the numbers that they have in
    the whole prompt, and without a countdown. Where items are judged all together, as
    in a ranking, all of them are asked. from_own, challenge, asked: as `open_round` has
    them. Raises what it raises.
    """
    how = _How(
        interrupting=True,
        anyway=True,
        from_own=from_own,
        only={item.pk for item in items},
        challenge=challenge,
        asked=asked,
    )
    return _open(prompt, actor, how)


class _How(NamedTuple):
    """How a round is opened; `only`: the items that are asked, None for all."""

    interrupting: bool
    anyway: bool
    from_own: bool | None = None
    only: Collection[int] | None = None
    challenge: Challenge | None = None
    asked: Sequence[Table] | Sequence[Participant] = ()

    @property
    def audience(self) -> str:
        return (
            self.challenge.audience if self.challenge and self.asked else Audience.ROOM
        )


def _open(prompt: Prompt, actor, how: _How) -> Round:
    try:
        with transaction.atomic():
            return _open_round(prompt, actor, how)
    except IntegrityError:
        # Two facilitators pressed at once: the constraint let one of them through.
        rounds = Round.objects.filter(workshop_id=prompt.session.workshop_id)
        other = rounds.on_stage().select_related("prompt").first()
        if other is None:
            raise
        raise AnotherRoundIsOpen(other) from None


def waits_for(prompt: Prompt, asked: Iterable[Round]) -> Prompt | None:
    """Return the prompt that has still to be asked and closed before this one opens.

    asked: the rounds of `prompt.after`.
    """
    is_asked = any(one.closed_at is not None for one in asked)
    return None if is_asked else prompt.after


def _open_round(prompt: Prompt, actor, how: _How) -> Round:
    workshop = Workshop.objects.select_for_update(no_key=True).get(
        pk=prompt.session.workshop_id
    )
    if workshop.ended_at is not None:
        raise WorkshopEnded
    Prompt.objects.select_for_update(no_key=True).get(pk=prompt.pk)
    close_expired(workshop_id=workshop.pk)
    other = _hold_stage(workshop)
    if other is not None and not (how.interrupting and other.interrupts_id is None):
        raise AnotherRoundIsOpen(other)
    items = _numbered_items(prompt, how.only)
    if not items and prompt.has_items:
        raise NothingToOpen
    first = waits_for(prompt, prompt.after.rounds.all() if prompt.after else ())
    if first is not None and not how.anyway:
        raise OpensAfter(first)
    now = database_now()
    verb = "open" if first is None else "open-anyway"
    verb = verb if how.only is None else "again"
    record = Recorder(workshop, actor, verb, prompt.question)
    if other is None:
        start_session(prompt.session, record=record)
    last = prompt.rounds.aggregate(last=Max("number"))["last"] or 0
    from_own = how.from_own
    if from_own is None:
        from_own = prompt.again == Prompt.Again.MINE
    minutes = prompt.minutes if how.only is None else None
    this_round = record.create(
        Round,
        workshop=workshop,
        prompt=prompt,
        number=last + 1,
        opened_at=now,
        ends_at=now + timedelta(minutes=minutes) if minutes else None,
        revealed_at=now if prompt.reveal == Prompt.Reveal.LIVE else None,
        starts_from_own=from_own and last > 0 and prompt.has_items,
        interrupts=other,
        holds_countdown=other is not None and other.ends_at is not None,
        is_partial=len(items) < prompt.items.filter(retired_at=None).count(),
        audience=how.audience,
        challenge=how.challenge,
    )
    if other is not None:
        _hold_countdown(other, record=record, now=now)
    ask_only(this_round, how.asked)
    put_items(this_round, items)
    _turn_screen(workshop, this_round, record=record)
    record.save()
    return this_round


def _hold_stage(workshop: Workshop) -> Round | None:
    """Return the round on stage, locked, or None; it is not closed meanwhile."""
    found = workshop.rounds.on_stage().values_list("pk", flat=True).first()
    if found is None:
        return None
    this_round = hold(found)
    return this_round if this_round.closed_at is None else _hold_stage(workshop)


def _numbered_items(
    prompt: Prompt, only: Collection[int] | None
) -> list[tuple[int, Item]]:
    """Return the items to ask with their numbers; all where they make one answer."""
    items = prompt.items.filter(retired_at=None).prefetch_related("wordings")
    numbered = list(enumerate(items, start=1))
    if only is None or not prompt.judges_one_by_one:
        return numbered
    return [(number, item) for number, item in numbered if item.pk in only]


def ask_only(this_round: Round, asked: Sequence[Table] | Sequence[Participant]) -> None:
    """Note whom a new round asks, tables or people; none means everybody."""
    RoundAudience.objects.bulk_create(
        RoundAudience(round=this_round, table=one)
        if isinstance(one, Table)
        else RoundAudience(round=this_round, participant=one)
        for one in asked
    )


def put_items(this_round: Round, items: Iterable[tuple[int, Item]]) -> None:
    """Note what a new round asks: numbered items, in their newest wordings."""
    RoundItem.objects.bulk_create(
        RoundItem(
            round=this_round,
            item=item,
            wording=max(item.wordings.all(), key=lambda wording: wording.version),
            position=number,
        )
        for number, item in items
    )


def _turn_screen(workshop: Workshop, this_round: Round, *, record: Recorder) -> None:
    """Turn the screen to a round, as when it is opened."""
    shown = _whole(this_round)
    record.change(screen_of(workshop), **shown, join_overlay=False, blank=False)


def _whole(this_round: Round) -> dict[str, Any]:
    """Return what the screen is set to for a round with all of its items."""
    prompt = this_round.prompt
    return {
        "showing": Screen.Showing.PROMPT,
        "round": this_round,
        "session_id": prompt.session_id,
        "item": None,
        "view": Screen.View.PEOPLE if prompt.asks_people else Screen.View.TABLES,
    }


def screen_of(workshop: Workshop) -> Screen:
    """Return the workshop's screen, locked for a change."""
    Screen.objects.get_or_create(workshop=workshop)
    return Screen.objects.select_for_update().get(workshop=workshop)


def start_session(session: Session, *, record: Recorder) -> None:
    """Start a session now and end the one that runs; one that runs goes on."""
    if session.started_at and not session.ended_at:
        return
    now = database_now()
    running = Session.objects.filter(
        workshop_id=session.workshop_id, started_at__isnull=False, ended_at=None
    )
    for other in running:
        record.change(other, ended_at=now)
    record.change(session, started_at=session.started_at or now, ended_at=None)


@transaction.atomic
def go_to_session(*, session: Session, actor=None) -> None:
    """Start a session (the running one ends) and show its brief to the room.

    Raises WorkshopEnded, and Session.DoesNotExist if it has just been deleted.
    """
    workshop = Workshop.objects.select_for_update(no_key=True).get(
        pk=session.workshop_id
    )
    if workshop.ended_at is not None:
        raise WorkshopEnded
    session = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
    record = Recorder(workshop, actor, "start", session.title)
    start_session(session, record=record)
    record.change(
        screen_of(workshop),
        showing=Screen.Showing.BRIEF,
        session=session,
        round=None,
        item=None,
        blank=False,
        join_overlay=False,
    )
    record.save()


def hold(round_id: int) -> Round:
    """Lock a round, before it the one it interrupts, after it what interrupts it.

    Closing changes all of them, and two who close must not wait for each other.
    """
    interrupted = Round.objects.values_list("interrupts", flat=True).get(pk=round_id)
    if interrupted is not None:
        _locked(interrupted)
    this_round = _locked(round_id)
    locked = Round.objects.select_for_update(no_key=True)
    list(locked.filter(NOT_CLOSED, interrupts=round_id).order_by("pk"))
    return this_round


def _locked(round_id: int) -> Round:
    # Answers in flight are stored first: they share the row. Whoever only refers to
    # it, such as the screen, does not wait.
    return Round.objects.select_for_update(no_key=True).get(pk=round_id)


@transaction.atomic
def close_round(*, round_id: int, actor=None) -> Round:
    """Close a round. The answers in flight are counted first; later ones refused.

    What interrupts it closes with it. From one that interrupts another, the room goes
    back to that. A closed round stays as it is.
    """
    this_round = hold(round_id)
    if this_round.closed_at is None:
        record = Recorder(
            this_round.workshop, actor, "close", this_round.prompt.question
        )
        _close(this_round, record=record, at=database_now())
        record.save()
    return this_round


def _close(this_round: Round, *, record: Recorder, at: datetime) -> None:
    _end(this_round, record=record, at=at)
    for other in this_round.interruptions.filter(NOT_CLOSED):
        _end(other, record=record, at=max(at, other.opened_at))
        _turn_screen_back(other, this_round, record=record)
    interrupted = this_round.interrupts
    if interrupted is not None and interrupted.closed_at is None:
        if this_round.holds_countdown:
            _run_on(interrupted, record=record)
        _turn_screen_back(this_round, interrupted, record=record)


def _turn_screen_back(this_round: Round, to: Round, *, record: Recorder) -> None:
    """Turn the screen to another round if it is at this one; blank it stays blank."""
    screen = screen_of(this_round.workshop)
    if screen.round_id != this_round.pk:
        return
    if screen.showing == Screen.Showing.PROMPT:
        record.change(screen, **_whole(to))
    elif screen.showing == Screen.Showing.QUESTION:  # until it is taken off
        stays = {"showing": screen.showing, "session_id": screen.session_id}
        record.change(screen, **(_whole(to) | stays))


def _end(this_round: Round, *, record: Recorder, at: datetime) -> None:
    revealed = this_round.revealed_at
    if this_round.prompt.reveal == Prompt.Reveal.ON_CLOSE:
        revealed = revealed or at
    record.change(
        this_round,
        closed_at=at,
        revealed_at=revealed,
        ends_at=None,
        paused_seconds=None,
    )


def close_expired(*, workshop_id: int | None = None) -> list[Round]:
    """Close the rounds whose countdown has run out; return them.

    Answers are refused from that moment anyway; this writes down that it is over.
    """
    expired = Round.objects.out_of_time()
    if workshop_id is not None:
        expired = expired.filter(workshop_id=workshop_id)
    return [
        closed for pk in expired.values_list("pk", flat=True) if (closed := _expire(pk))
    ]


@transaction.atomic
def _expire(round_id: int) -> Round | None:
    hold(round_id)
    this_round = Round.objects.out_of_time().filter(pk=round_id).first()
    if this_round is not None:
        record = Recorder(
            this_round.workshop, None, "close", this_round.prompt.question
        )
        _close(this_round, record=record, at=this_round.ends_at)
        record.save()
    return this_round


@transaction.atomic
def reveal(*, round_id: int, actor=None) -> Round:
    """Show a round's results to the room, open or closed."""
    this_round = _locked(round_id)
    if this_round.revealed_at is None:
        record = Recorder(
            this_round.workshop, actor, "reveal", this_round.prompt.question
        )
        record.change(this_round, revealed_at=database_now())
        screen = screen_of(this_round.workshop)
        record.change(
            screen,
            showing=Screen.Showing.PROMPT,
            round=this_round,
            session_id=this_round.prompt.session_id,
            item=None,
            blank=False,
            join_overlay=False,
        )
        record.save()
    return this_round


@transaction.atomic
def hide(*, round_id: int, actor=None) -> Round:
    """Take a round's results from the screens again."""
    this_round = _locked(round_id)
    if this_round.revealed_at is not None:
        record = Recorder(
            this_round.workshop, actor, "hide", this_round.prompt.question
        )
        record.change(this_round, revealed_at=None)
        record.save()
    return this_round


@transaction.atomic
def add_time(*, round_id: int, seconds: int, actor=None) -> Round:
    """Give an open round more time; without a countdown, start one of that length.

    Raises RoundClosed.
    """
    this_round = _open_and_locked(round_id)
    record = Recorder(
        this_round.workshop, actor, "add-time", this_round.prompt.question
    )
    if this_round.paused_seconds is not None:
        record.change(
            this_round, paused_seconds=max(0, this_round.paused_seconds + seconds)
        )
    else:
        now = database_now()
        start = max(this_round.ends_at or now, now)
        record.change(this_round, ends_at=start + timedelta(seconds=seconds))
    record.save()
    return this_round


@transaction.atomic
def pause(*, round_id: int, actor=None) -> Round:
    """Stop an open round's countdown where it is. Raises RoundClosed."""
    this_round = _open_and_locked(round_id)
    if this_round.ends_at is not None:
        record = Recorder(
            this_round.workshop, actor, "pause", this_round.prompt.question
        )
        _hold_countdown(this_round, record=record, now=database_now())
        record.save()
    return this_round


def _hold_countdown(this_round: Round, *, record: Recorder, now: datetime) -> None:
    if this_round.ends_at is not None:
        left = max(0, round((this_round.ends_at - now).total_seconds()))
        record.change(this_round, ends_at=None, paused_seconds=left)


@transaction.atomic
def resume(*, round_id: int, actor=None) -> Round:
    """Let a paused countdown run on. Raises RoundClosed."""
    this_round = _open_and_locked(round_id)
    if this_round.paused_seconds is not None:
        record = Recorder(
            this_round.workshop, actor, "resume", this_round.prompt.question
        )
        _run_on(this_round, record=record)
        record.save()
    return this_round


def _run_on(this_round: Round, *, record: Recorder) -> None:
    if this_round.paused_seconds is not None:
        ends_at = database_now() + timedelta(seconds=this_round.paused_seconds)
        record.change(this_round, ends_at=ends_at, paused_seconds=None)


@transaction.atomic
def stop_countdown(*, round_id: int, actor=None) -> Round:
    """Take the countdown away; the round stays open. Raises RoundClosed."""
    this_round = _open_and_locked(round_id)
    record = Recorder(
        this_round.workshop, actor, "stop-countdown", this_round.prompt.question
    )
    record.change(this_round, ends_at=None, paused_seconds=None, closes_at_zero=False)
    record.save()
    return this_round


@transaction.atomic
def close_at_zero(*, round_id: int, on: bool, actor=None) -> Round:
    """Say whether the countdown closes the round by itself. Raises RoundClosed."""
    this_round = _open_and_locked(round_id)
    record = Recorder(
        this_round.workshop, actor, "close-at-zero", this_round.prompt.question
    )
    record.change(this_round, closes_at_zero=on)
    record.save()
    return this_round


def _open_and_locked(round_id: int) -> Round:
    locked = Round.objects.select_for_update(no_key=True)
    this_round = locked.open().filter(pk=round_id).first()
    if this_round is None:
        raise RoundClosed
    return this_round
