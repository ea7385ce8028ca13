"""Questions to the speakers: asked, supported, put in order, shown, answered."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from deliberation.actions.points import check_text
from deliberation.actions.recording import Recorder
from deliberation.actions.rounds import database_now, screen_of
from deliberation.kinds.base import InvalidAnswer
from deliberation.models import Question, QuestionSupport, Screen
from workshops import codes
from workshops.actions import joining
from workshops.models import Participant, Session

QUESTION_LENGTH = 300  # code points: the wall shows it whole
MOST_WAITING = 10  # of one person in a session


class NotTaken(Exception):
    """The session takes no questions now, or the question is no longer there."""


class OwnQuestion(Exception):
    """Who asks a question does not support it besides."""


@transaction.atomic
def ask(*, session: Session, participant: Participant, text: str, key: str) -> Question:
    """Store a question to the speakers of a session.

    The same `key` again returns the question it made. Raises InvalidAnswer, NotTaken,
    SeatGone.
    """
    seat = joining.hold_seat(participant)
    if stored := _find_sent(session, seat, key):
        return stored
    _check_taken(session)
    text = check_text(text, most=QUESTION_LENGTH)
    mine = session.questions.alive().filter(participant=seat)
    if mine.filter(status=Question.Status.WAITING).count() >= MOST_WAITING:
        message = _("%(most)d questions of yours wait already. Take one back first.")
        raise InvalidAnswer({"text": message % {"most": MOST_WAITING}})
    return Question.objects.create(
        session=session,
        participant=seat,
        table_id=seat.table_id,
        text=text,
        key=_key_of_sender(session, seat.pk, key),
        created_at=database_now(),
    )


@transaction.atomic
def support(*, question: Question, participant: Participant, on: bool) -> None:
    """Set a person's mark at a question, or take it away; twice is as once.

    Raises NotTaken, OwnQuestion, SeatGone.
    """
    seat = joining.hold_seat(participant)
    _check_taken(question.session)
    if not Question.objects.listed().filter(pk=question.pk).exists():
        raise NotTaken
    if question.participant_id == seat.pk:
        raise OwnQuestion
    if on:
        QuestionSupport.objects.get_or_create(question=question, participant=seat)
    else:
        QuestionSupport.objects.filter(question=question, participant=seat).delete()


@transaction.atomic
def withdraw(*, question: Question) -> bool:
    """Take back one's own question; return False if it was taken up meanwhile."""
    waiting = Question.objects.alive().filter(
        pk=question.pk, status=Question.Status.WAITING
    )
    # Before the wall is read: who shows it now is done by then, or finds it gone.
    locked = waiting.select_for_update(of=("self",), no_key=True)
    if not locked.exists() or _screens_with(question).exists():
        return False
    return bool(waiting.update(withdrawn_at=database_now()))


def _check_taken(session: Session) -> None:
    now = Session.objects.select_related("workshop").get(pk=session.pk)
    if not (now.takes_questions and now.is_running):
        raise NotTaken


def _find_sent(session: Session, seat: Participant, key: str) -> Question | None:
    """Return the question that a key made, from this seat or one merged into it."""
    merged = Participant.objects.filter(merged_into=seat).values_list("pk", flat=True)
    keys = [_key_of_sender(session, seat_id, key) for seat_id in (seat.pk, *merged)]
    return session.questions.filter(key__in=keys).first()


def _key_of_sender(session: Session, seat_id: int, key: str) -> str:
    return codes.digest(f"{seat_id} questions {session.pk} {key}")


# ---- what facilitators do with them ----


@transaction.atomic
def take_questions(*, session: Session, on: bool, actor: Any = None) -> None:
    """Let phones ask the speakers of a session, or end that; what came stays."""
    verb = "questions" if on else "no-questions"
    record = Recorder(session.workshop, actor, verb, session.title)
    record.change(session, takes_questions=on)
    record.save()


@transaction.atomic
def set_status(*, question: Question, status: str, actor: Any = None) -> None:
    """Mark a question as answered, put it aside, or let it wait again.

    What was answered or put aside leaves the wall.
    """
    workshop = question.session.workshop
    record = Recorder(workshop, actor, f"question-{status}", question.text)
    record.change(question, status=status)
    if status != Question.Status.WAITING and _screens_with(question).exists():
        _clear_wall(screen_of(workshop), record)
    record.save()


@transaction.atomic
def show(*, question: Question, actor: Any = None) -> None:
    """Show one question on the wall. Raises NotTaken for what nobody may read."""
    locked = Question.objects.select_for_update(of=("self",), no_key=True)
    if not locked.listed().filter(pk=question.pk).exists():
        raise NotTaken
    workshop = question.session.workshop
    screen = screen_of(workshop)
    record = Recorder(workshop, actor, "question-shown", question.text)
    record.change(
        screen,
        showing=Screen.Showing.QUESTION,
        question=question,
        round=screen.round if screen.showing in Screen.AT_A_ROUND else None,
        session=question.session,
        blank=False,
        join_overlay=False,
    )
    record.save()


@transaction.atomic
def take_off(*, question: Question, actor: Any = None) -> None:
    """Take a question off the wall, which shows again what is asked, or the brief."""
    workshop = question.session.workshop
    record = Recorder(workshop, actor, "question-off", question.text)
    if _screens_with(question).exists():
        _clear_wall(screen_of(workshop), record)
    record.save()


def _screens_with(question: Question) -> Any:
    shows = {"showing": Screen.Showing.QUESTION, "question": question.pk}
    return Screen.objects.filter(**shows)


def _clear_wall(screen: Screen, record: Recorder) -> None:
    has_round = screen.round is not None
    showing = Screen.Showing.PROMPT if has_round else Screen.Showing.BRIEF
    record.change(screen, showing=showing, question=None)


@transaction.atomic
def move(*, question: Question, by: int, actor: Any = None) -> None:
    """Put a question one place up (-1) or down (+1) among those that wait.

    From then on these stand as they were put; what is asked later follows them.
    """
    session = _locked(question.session)
    record = Recorder(session.workshop, actor, "question-moved", question.text)
    waiting = session.questions.listed().filter(status=Question.Status.WAITING)
    rows = list(waiting.in_order())
    if question in rows:
        record.reorder(rows, moved=question, by=by)
    record.save()


@transaction.atomic
def sort_by_support(*, session: Session, actor: Any = None) -> None:
    """Put a session's questions in order of their support again."""
    session = _locked(session)
    record = Recorder(session.workshop, actor, "questions-sorted", session.title)
    for question in session.questions.exclude(position=None):
        record.change(question, position=None)
    record.save()


def _locked(session: Session) -> Session:
    """Return a session that nobody else puts in order until this is done."""
    locked = Session.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("workshop").get(pk=session.pk)
