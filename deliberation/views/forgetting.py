"""Somebody asks, on the own phone, to be forgotten."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from deliberation.actions.erasing import erase_participant
from workshops import identity
from workshops.models import Participant
from workshops.views.seat import seated


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def forget(request: HttpRequest, who: Participant) -> HttpResponse:
    if request.method != "POST":
        context = {"who": who, "workshop": who.workshop}
        context["is_published"] = who.workshop.publications.exists()
        return render(request, "phone/forget.html", context)
    erase_participant(participant=who)
    forgotten = render(request, "phone/forgotten.html", {"workshop": who.workshop})
    identity.forget(forgotten, who.workshop)
    return forgotten
