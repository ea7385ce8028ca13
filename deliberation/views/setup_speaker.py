"""The link of a session's speakers, and what they see by it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from deliberation.live.screen import qr_code
from deliberation.views.setup import one_by_one
from workshops.actions import speakers
from workshops.identity import workshop_to_run
from workshops.models import Session


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@one_by_one
def speaker(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    session = get_object_or_404(workshop.sessions, pk=pk)
    if request.method == "POST":
        _step(request, session)
        return redirect("setup:speaker", slug, pk)
    link = ""
    if session.speaker_secret:
        page = reverse("speaker:show", args=[session.speaker_secret])
        link = settings.PUBLIC_URL + page
    context = {
        "workshop": workshop,
        "session": session,
        "link": link,
        "qr": qr_code(link) if link else "",
        "choices": Session.SpeakerSees.choices,
    }
    return render(request, "setup/speaker.html", context)


def _step(request: HttpRequest, session: Session) -> None:
    do, sees = request.POST.get("do", ""), request.POST.get("sees", "")
    if do == "give":
        renewed = session.speaker_secret is not None
        speakers.give_link(session=session)
        if renewed:
            messages.success(
                request, _("There is a new link. The one before has ended.")
            )
    elif do == "end":
        speakers.end_link(session=session)
        messages.success(request, _("The link has ended."))
    elif do == "save" and sees in Session.SpeakerSees:
        sends = request.POST.get("sends") == "1"
        speakers.let_see(session=session, sees=sees, sends=sends)
        messages.success(request, _("Saved."))
