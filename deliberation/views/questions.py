"""Questions to the speakers on a phone: asked, supported, taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from config import incoming
from deliberation.actions import asking
from deliberation.kinds import InvalidAnswer
from deliberation.live.questions import (
    own_of,
    questions_board,
    running_session,
)
from deliberation.models import Question
from deliberation.views.phone import key_of
from workshops import codes, identity
from workshops.models import Participant
from workshops.views.seat import seated, wants_json


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def questions(request: HttpRequest, who: Participant) -> HttpResponse:
    """What is asked of the speakers; by POST a question of one's own."""
    if request.method == "POST":
        return ask(request, who)
    return page(request, who)


def page(
    request: HttpRequest,
    who: Participant,
    *,
    text: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return the page; text, error: what was not stored, and why."""
    own = own_of(who)
    context = {
        "who": who,
        "workshop": who.workshop,
        "seat_mark": identity.seat_mark(who),
        "board": questions_board(who.workshop, own),
        "own": own,
        "text": text,
        "error": error,
        "limit": asking.QUESTION_LENGTH,
        "key": codes.new_token(),
        "session": running_session(who.workshop),
    }
    return render(request, "phone/questions.html", context, status=status)


def ask(request: HttpRequest, who: Participant) -> HttpResponse:
    text = request.POST.get("text", "")
    now = running_session(who.workshop)
    session = now
    if "session" in request.POST:  # a retry reaches the one that it was written for
        named = incoming.number(request.POST["session"])
        session = who.workshop.sessions.filter(pk=named).first()
    try:
        if session is None:
            raise asking.NotTaken
        question = asking.ask(
            session=session, participant=who, text=text, key=key_of(request.POST)
        )
    except InvalidAnswer as invalid:
        return refused(request, who, invalid.errors["text"], text=text, status=422)
    except asking.NotTaken:
        moved_on = now is not None and now != session and now.takes_questions
        message = too_late() if moved_on else not_taken()
        return refused(request, who, message, text=text)
    if wants_json(request):
        return JsonResponse({"id": question.pk})
    messages.success(request, _("Your question is with the speaker and the others."))
    return redirect("phone:questions", who.workshop.slug)


@require_POST
@seated
def support(request: HttpRequest, who: Participant, question_id: int) -> HttpResponse:
    question = find(who, question_id)
    on = request.POST.get("on") != "0"
    try:
        asking.support(question=question, participant=who, on=on)
    except asking.NotTaken:
        return refused(request, who, not_taken())
    except asking.OwnQuestion:
        return refused(request, who, _("This is your own question."))
    return done(request, who, {"on": on})


@require_POST
@seated
def withdraw(request: HttpRequest, who: Participant, question_id: int) -> HttpResponse:
    question = find(who, question_id, participant=who)
    if not asking.withdraw(question=question) and question.withdrawn_at is None:
        message = _("A facilitator has taken this question up; it stays.")
        return refused(request, who, message)
    return done(request, who, {"withdrawn": True})


def find(who: Participant, question_id: int, **fields: Any) -> Question:
    """Return a question of the person's workshop. Raises Http404."""
    questions = Question.objects.select_related("session__workshop")
    ours = questions.filter(session__workshop=who.workshop_id, **fields)
    return get_object_or_404(ours, pk=question_id)


def done(request: HttpRequest, who: Participant, told: dict[str, Any]) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(told)
    return redirect("phone:questions", who.workshop.slug)


def refused(
    request: HttpRequest,
    who: Participant,
    message: str,
    *,
    text: str = "",
    status: int = 409,
) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"message": message}, status=status)
    return page(request, who, text=text, error=message, status=status)


def not_taken() -> str:
    return _("No questions are taken now.")


def too_late() -> str:
    return _("Another session runs now. Press “Ask” again to ask its speaker.")
