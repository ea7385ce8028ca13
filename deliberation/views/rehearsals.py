"""A workshop is rehearsed with simulated people: asked for, followed, reported."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from deliberation.actions import rehearsing
from deliberation.models.rehearsal import MOST_PEOPLE
from deliberation.rehearsal import on_request, report_page
from deliberation.rehearsal.play import PEOPLE_A_SECOND
from workshops.identity import workshop_to_run
from workshops.models import Workshop

USUAL_PEOPLE = 40


class Speed(NamedTuple):
    """play: seconds once people are in. takes: seconds that an answer takes them."""

    label: str
    play: int
    takes: int


SPEEDS = {
    "short": Speed(gettext_lazy("A minute: everybody hurries"), 60, 3),
    "usual": Speed(gettext_lazy("Three minutes: everybody is quick"), 180, 6),
    "long": Speed(gettext_lazy("Ten minutes: as on a real day"), 600, 10),
}


class RehearsalForm(forms.Form):
    people = forms.IntegerField(
        label=gettext_lazy("Simulated people"),
        min_value=1,
        max_value=MOST_PEOPLE,
        help_text=format_lazy(
            gettext_lazy("From 1 to {most}. Take a few more than you expect."),
            most=lazy(number_format, str)(MOST_PEOPLE, force_grouping=True),
        ),
    )
    speed = forms.ChoiceField(
        label=gettext_lazy("How long"),
        choices=[(key, one.label) for key, one in SPEEDS.items()],
        initial="short",
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Plus the time in which they come in. Who hurries answers every three "
            "seconds, which asks more of a computer than any room does."
        ),
    )

    @property
    def chosen(self) -> Speed:
        return SPEEDS[self.cleaned_data["speed"]]

    @property
    def seconds(self) -> int:
        """The whole time, the arrival in it."""
        return self.chosen.play + round(self.cleaned_data["people"] / PEOPLE_A_SECOND)


@login_required
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    expected = min(workshop.expected_people or USUAL_PEOPLE, MOST_PEOPLE)
    form = RehearsalForm(request.POST or None, initial={"people": max(1, expected)})
    refusal = "" if request.method == "POST" else rehearsing.why_not(workshop)
    if request.method == "POST" and form.is_valid():
        try:
            return begin(request, workshop, form)
        except rehearsing.Refused as refused:
            refusal = str(refused)
    context = {
        "workshop": workshop,
        "form": form,
        "refusal": refusal,
        "tables": workshop.tables.count(),
        "running": workshop.rehearsals.under_way().first(),
        "earlier": report_page.lines(workshop.rehearsals.exclude(ended_at=None)),
    }
    wrong = form.errors or (request.method == "POST" and refusal)
    return render(request, "rehearsal/ask.html", context, status=422 if wrong else 200)


def begin(
    request: HttpRequest, workshop: Workshop, form: RehearsalForm
) -> HttpResponse:
    """Begin, or lead to the rehearsal of this workshop that is running already."""
    try:
        rehearsal = rehearsing.begin(
            workshop=workshop,
            asked_by=request.user,
            people=form.cleaned_data["people"],
            seconds=form.seconds,
            takes=form.chosen.takes,
        )
    except rehearsing.Refused:
        running = workshop.rehearsals.under_way().first()
        if running is None:
            raise
        return redirect("setup:rehearsal", workshop.slug, running.pk)
    url = on_request.own_url(request)
    transaction.on_commit(lambda: on_request.start(rehearsal, url))
    return redirect("setup:rehearsal", workshop.slug, rehearsal.pk)


@login_required
@require_GET
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show how far a rehearsal is; the page of one that has ended is its report."""
    workshop = workshop_to_run(request, slug)
    rehearsing.give_up_silent()
    rehearsal = get_object_or_404(workshop.rehearsals.select_related("copy"), pk=pk)
    context: dict[str, Any] = {"workshop": workshop, "rehearsal": rehearsal}
    if rehearsal.is_under_way:
        context["progress"] = report_page.progress(rehearsal)
        part = "#progress" if request.htmx else ""
        return render(request, f"rehearsal/under_way.html{part}", context)
    if request.htmx:
        return HttpResponseClientRefresh()
    if rehearsal.report is None:
        return render(request, "rehearsal/broken_off.html", context)
    context["found"] = report_page.page(rehearsal.report)
    return render(request, "rehearsal/report.html", context)


@login_required
@require_POST
def stop(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    rehearsal = get_object_or_404(workshop.rehearsals, pk=pk)
    rehearsing.ask_to_stop(rehearsal)
    return redirect("setup:rehearsal", workshop.slug, rehearsal.pk)


@login_required
@require_POST
def remove_copy(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    rehearsal = get_object_or_404(workshop.rehearsals, pk=pk)
    try:
        if rehearsing.remove_copy(rehearsal):
            messages.success(
                request, _("The copy and everything in it are gone. The report stays.")
            )
    except rehearsing.Refused as refused:
        messages.error(request, str(refused))
    return redirect("setup:rehearsal", workshop.slug, rehearsal.pk)
