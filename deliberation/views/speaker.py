"""Whoever has the link of a session's speakers follows it on a phone of their own."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from deliberation.live.speaker import speaker_board
from workshops.identity import session_of_speaker
from workshops.models import Session


@require_safe
def show(request: HttpRequest, secret: str) -> HttpResponse:
    session = find_session(secret)
    with translation.override(session.workshop.language):
        context = {
            "workshop": session.workshop,
            "session": session,
            "secret": secret,
            "board": speaker_board(session),
        }
        return render(request, "speaker/show.html", context)


def find_session(secret: str) -> Session:
    """Return the session that a link belongs to. Raises Http404."""
    session = session_of_speaker(secret)
    if session is None:
        raise Http404
    return session
