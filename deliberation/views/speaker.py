"""Whoever has the link of a session's speakers follows it on a phone of their own."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from deliberation.actions import challenging
from deliberation.live.speaker import may_see_answers as may_see
from deliberation.live.speaker import rounds_of, speaker_board
from deliberation.models import Challenge
from deliberation.results import counted_responses
from deliberation.views import challenge
from workshops.identity import session_of_speaker
from workshops.models import Session

type View = Callable[..., HttpResponse]


def speaking(view: View) -> View:
    """Give the view the session of the link, in its workshop's language; else 404."""

    @wraps(view)
    def wrapped(request: HttpRequest, secret: str, **arguments: int) -> HttpResponse:
        session = session_of_speaker(secret)
        if session is None:
            raise Http404
        with translation.override(session.workshop.language):
            return view(request, session, **arguments)

    return wrapped


@require_safe
@speaking
def show(request: HttpRequest, session: Session) -> HttpResponse:
    context = {
        "workshop": session.workshop,
        "session": session,
        "board": speaker_board(session),
    }
    return render(request, "speaker/show.html", context)


@require_safe
@speaking
def challenges(request: HttpRequest, session: Session) -> HttpResponse:
    """The answers that can be challenged, item by item."""
    context = {
        "workshop": session.workshop,
        "session": session,
        "may_challenge": session.is_running,
        "asked": challenge.asked_items(rounds_of(session)),
    }
    return render(request, "speaker/challenges.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@speaking
def write(
    request: HttpRequest, session: Session, round_id: int, item_id: int
) -> HttpResponse:
    about = get_object_or_404(rounds_of(session), pk=round_id)
    item = challenge.find_item(about, item_id)
    answered = counted_responses(about.pk, "people").count()
    sees = may_see(about, session, people=answered)
    form = challenge.form_for(request, about, item, may_see=sees)
    is_open = session.is_running
    if request.method == "POST" and is_open and form.is_valid():
        with transaction.atomic():
            written = challenge.write(form, about, item, by_speaker=True)
        messages.success(request, _send(session, written))
        return redirect("speaker:show", session.speaker_secret)
    context = {
        "workshop": session.workshop,
        "session": session,
        "form": form,
        "about": about,
        "item": item,
        "may_challenge": is_open,
    }
    refused = request.method == "POST" and not is_open
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "speaker/challenge.html", context, status=status)


def _send(session: Session, written: Challenge) -> str:
    """Send it where a speaker may; say what has become of it."""
    waits = _("The facilitators have your challenge and will put it to the room.")
    if not session.speaker_sends:
        return waits
    try:
        challenging.send(challenge=written)
    except challenging.NotWaiting:
        pass  # sent twice; the first is out
    except challenge.REFUSALS:
        return waits
    return _("Your challenge is out.")
