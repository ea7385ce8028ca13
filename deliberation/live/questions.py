"""Questions to the speakers, as phones, speakers, the console and the wall show them.

Nobody is named; where from is said as far as it is of a person's point.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from deliberation.live import fitting
from deliberation.live.console_points import a_person
from deliberation.live.stage import IS_RUNNING
from deliberation.models import Question, Screen
from workshops.models import Participant, Session, Workshop

type Context = dict[str, Any]


@dataclass(frozen=True)
class Own:
    """What is one person's among the questions: their keys."""

    asked: Collection[int] = ()
    supported: Collection[int] = ()


def own_of(who: Participant) -> Own:
    """Return which questions a person asks and which they support."""
    asked = Question.objects.alive().filter(participant=who)
    return Own(
        asked=sorted(asked.values_list("pk", flat=True)),
        supported=sorted(who.supports.values_list("question", flat=True)),
    )


def running_session(workshop: Workshop) -> Session | None:
    """Return the session that runs now; its speakers are asked."""
    if workshop.ended_at is not None:
        return None
    session = workshop.sessions.filter(IS_RUNNING).first()
    if session is not None:
        session.workshop = workshop
    return session


# ---- phones ----


def questions_html(workshop_id: int) -> SafeString:
    """Return what phones ask and support, in the workshop's language."""
    workshop = Workshop.objects.get(pk=workshop_id)
    with translation.override(workshop.language):
        return questions_board(workshop)


def questions_board(workshop: Workshop, own: Own | None = None) -> SafeString:
    """Return the same, for a page with what is the person's own."""
    session = running_session(workshop)
    context = {
        "workshop": workshop,
        "session": session,
        "own": own or Own(),
        **(listed(session) if session else {}),
    }
    return render_to_string("phone/questions_board.html", context)


def listed(session: Session) -> Context:
    """Return the questions that everybody may read: waiting, and answered."""
    on_wall = question_on_wall(session.workshop)
    cards = [_card(one, on_wall) for one in session.questions.listed().in_order()]
    return _by_status(cards)


def by_support(session: Session) -> Context:
    """Return the same for speakers: the most supported first."""
    on_wall = question_on_wall(session.workshop)
    cards = [_card(one, on_wall) for one in session.questions.listed().by_support()]
    return _by_status(cards)


def _by_status(cards: list[Context]) -> Context:
    return {
        status: [card for card in cards if card["status"] == status]
        for status in Question.Status.values
    }


def _card(question: Question, on_wall: int | None) -> Context:
    return {
        "id": question.pk,
        "text": question.text,
        "supports": question.supports,  # type: ignore[attr-defined]
        "status": question.status,
        "is_on_wall": question.pk == on_wall,
    }


def question_on_wall(workshop: Workshop) -> int | None:
    """Return the key of the question that the wall shows, None while it shows none."""
    shows = {"workshop": workshop, "showing": Screen.Showing.QUESTION}
    return Screen.objects.filter(**shows).values_list("question", flat=True).first()


# ---- the console ----


def asked_html(workshop_id: int) -> SafeString:
    """Return the console's questions, in the workshop's language."""
    workshop = Workshop.objects.get(pk=workshop_id)
    with translation.override(workshop.language):
        return asked_board(workshop)


def asked_board(workshop: Workshop) -> SafeString:
    """Return the questions of each session, that which runs first."""
    running = running_session(workshop)
    sessions = list(workshop.sessions.filter(questions__isnull=False).distinct())
    sessions = [one for one in sessions if one != running]
    if running is not None:
        sessions.insert(0, running)
    on_wall = question_on_wall(workshop)
    context = {
        "workshop": workshop,
        "running": running,
        "sessions": [_asked_in(workshop, one, on_wall) for one in sessions],
    }
    return render_to_string("console/questions_board.html", context)


def _asked_in(workshop: Workshop, session: Session, on_wall: int | None) -> Context:
    session.workshop = workshop
    questions = session.questions.alive().in_order().select_related("table")
    cards = []
    is_by_hand = False
    for one in questions:
        one.session = session
        is_by_hand = is_by_hand or one.position is not None
        table = one.table_told
        cards.append(_card(one, on_wall) | {"who": a_person(table) if table else ""})
    return {"session": session, "is_by_hand": is_by_hand, **_by_status(cards)}


def waiting(session: Session | None) -> int | None:
    """Count the questions that wait in a session; None where none are taken."""
    if session is None or not session.takes_questions:
        return None
    listed = session.questions.listed()
    return listed.filter(status=Question.Status.WAITING).count()


# ---- the wall ----


def on_the_wall(screen: Screen) -> Context | None:
    """Return the one question that the wall shows, None once nobody may read it."""
    if screen.question_id is None:
        return None
    found = Question.objects.listed().with_supports().select_related("table")
    question = found.filter(pk=screen.question_id).first()
    if question is None or screen.session is None:
        return None
    question.session = screen.session
    question.session.workshop = screen.workshop
    return {
        "session": screen.session,
        "ident": f"wall-question-{question.pk}",
        "supports": question.supports,  # type: ignore[attr-defined]
        "table": question.table_told,
        **fitting.quote(question.text),
    }
