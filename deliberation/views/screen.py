from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from deliberation.live.screen import screen_html
from workshops.models import Workshop


@require_safe
def show(request: HttpRequest, secret: str) -> HttpResponse:
    workshop = get_object_or_404(Workshop, screen_secret=secret)
    context = {
        "workshop": workshop,
        "secret": secret,
        "board": screen_html(workshop.pk),
    }
    return render(request, "screen/show.html", context)
