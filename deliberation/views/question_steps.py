"""The console's steps with questions to the speakers; see `console_steps`."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from deliberation.actions import asking
from deliberation.models import Question
from deliberation.views.console_refusals import (
    Refused,
    already,
    argument,
    find,
    gone,
)
from workshops.models import Workshop


@transaction.atomic
def take(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    """Let phones ask the running session's speakers (`1`), or end that (`0`)."""
    locked = workshop.sessions.select_for_update(of=("self",), no_key=True)
    session = find(locked.select_related("workshop"), arguments)
    on = argument(arguments, 1, ["0", "1"]) == "1"
    if on and not session.is_running:
        raise Refused(_("Questions are taken while the session runs."))
    if session.takes_questions == on:
        verb, words = (
            ("questions", _("Already on")) if on else ("no-questions", _("Already off"))
        )
        raise already(workshop, verb, session, words)
    asking.take_questions(session=session, on=on, actor=actor)
    if on:
        return _("Phones can ask the speaker, and support what others ask.")
    return _("No more questions are taken. What was asked stays.")


@transaction.atomic
def show(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    if workshop.ended_at is not None:
        raise Refused(_("The workshop has ended. Take it up again first."))
    try:
        asking.show(question=find_question(workshop, arguments), actor=actor)
    except asking.NotTaken:
        raise gone() from None
    return _("The question is on the wall.")


@transaction.atomic
def take_off(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    asking.take_off(question=find_question(workshop, arguments), actor=actor)
    return _("The question is off the wall.")


@transaction.atomic
def set_status(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    question = find_question(workshop, arguments)
    status = argument(arguments, 1, Question.Status.values)
    if question.status == status:
        words = _("Already: %(status)s") % {"status": question.get_status_display()}
        raise already(workshop, f"question-{status}", question, words)
    asking.set_status(question=question, status=status, actor=actor)
    return {
        Question.Status.ANSWERED: _("Marked as answered."),
        Question.Status.ASIDE: _("Put aside: phones do not show it any more."),
        Question.Status.WAITING: _("It waits for an answer again."),
    }[Question.Status(status)]


@transaction.atomic
def move(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    # Not locked: who puts questions in order holds their session first.
    question = find(_alive_in(workshop), arguments)
    by = -1 if argument(arguments, 1, ["up", "down"]) == "up" else 1
    asking.move(question=question, by=by, actor=actor)
    return _("The questions stand as you put them.")


@transaction.atomic
def sort(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    sessions = workshop.sessions.select_related("workshop")
    asking.sort_by_support(session=find(sessions, arguments), actor=actor)
    return _("The most supported questions come first.")


def find_question(workshop: Workshop, arguments: Sequence[str]) -> Question:
    """Return a question that is not taken back, locked. Raises Refused."""
    locked = _alive_in(workshop).select_for_update(of=("self",), no_key=True)
    return find(locked, arguments)


def _alive_in(workshop: Workshop) -> QuerySet[Question]:
    alive = Question.objects.alive().filter(session__workshop=workshop)
    return alive.select_related("session__workshop")


QUESTION_STEPS = {
    "questions": take,
    "question-show": show,
    "question-off": take_off,
    "question-mark": set_status,
    "question-move": move,
    "questions-sort": sort,
}
