"""Questions to the speakers, on a page of the console that follows live."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from deliberation.live.questions import asked_board
from deliberation.views.console import signed_in
from workshops.identity import may_run, workshop_to_watch


@signed_in
def questions(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        "board": asked_board(workshop),
    }
    return render(request, "console/questions.html", context)
