"""One prompt's results, narrowed down, sorted and compared by its address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from deliberation.live.console_explore import (
    Choice,
    differences,
    drawing,
    explored,
    read_choice,
)
from deliberation.pictures import standalone
from deliberation.views.console import signed_in
from deliberation.views.console_results import as_file
from workshops.identity import may_run, workshop_to_watch
from workshops.models import Workshop

KINDS = {"png": "image/png", "svg": "image/svg+xml"}


@signed_in
def explore(request: HttpRequest, slug: str, session: str, prompt: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    choice = find_choice(request, workshop, session, prompt)
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        "prompt": choice.this_round.prompt,
        **explored(choice),
    }
    template = "console/explore.html"
    if request.htmx and not request.htmx.history_restore_request:
        template = "console/explored.html"
    return render(request, template, context)


@signed_in
def compare_tables(
    request: HttpRequest, slug: str, session: str, prompt: str
) -> HttpResponse:
    """Say whether tables differ, which takes longer than a page may."""
    workshop = workshop_to_watch(request, slug)
    choice = find_choice(request, workshop, session, prompt)
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        "prompt": choice.this_round.prompt,
        "round": choice.this_round,
        "differences": differences(choice),
    }
    template = "console/differences.html" if request.htmx else "console/differ.html"
    return render(request, template, context)


@signed_in
def picture(
    request: HttpRequest, slug: str, session: str, prompt: str, kind: str
) -> HttpResponse:
    """Answer with one of the pictures of `explore`, as a file: its `figure`."""
    workshop = workshop_to_watch(request, slug)
    choice = find_choice(request, workshop, session, prompt)
    drawn = drawing(choice, request.GET.get("figure", ""))
    if drawn is None or kind not in KINDS:
        raise Http404
    content = standalone.png(drawn) if kind == "png" else drawn.encode()
    name = f"{choice.this_round.prompt.key}.{kind}"
    return as_file(workshop.slug, name, KINDS[kind], content)


def find_choice(
    request: HttpRequest, workshop: Workshop, session: str, prompt: str
) -> Choice:
    """Return what an address asks for. Raises Http404 for what was not asked."""
    rounds = list(
        workshop.rounds.in_order_of_the_day().filter(
            prompt__session__key=session, prompt__key=prompt
        )
    )
    if not rounds or not rounds[-1].prompt.has_items:
        raise Http404
    return read_choice(rounds[-1].prompt, rounds, request.GET.dict())
