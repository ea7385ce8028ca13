"""Every point of a workshop, with a filter: the long form of the console's queue."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config import incoming
from deliberation.live.console_points import point_card, with_items
from deliberation.models import Item, Point, Prompt
from deliberation.views.console import signed_in
from workshops.identity import may_run, workshop_to_watch

MOST = 500  # on one page; beyond, the filter is the way


@signed_in
def points(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    prompts = list(
        Prompt.objects.filter(session__workshop=workshop)
        .select_related("session")
        .order_by("session__position", "position")
    )
    items = Item.objects.filter(prompt__session__workshop=workshop)
    items = items.prefetch_related("wordings").order_by("prompt", "position")
    chosen = {
        name: request.GET.get(name, "") for name in ("status", "prompt", "item", "kind")
    }
    found = with_items(filtered(workshop.points.filter(withdrawn_at=None), chosen))
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        "points": [point_card(point) for point in found[:MOST]],
        "more": max(0, found.count() - MOST),
        "chosen": chosen,
        "query": request.GET.urlencode(),
        "statuses": Point.Status.choices,
        "kinds": Point.Kind.choices,
        "prompts": prompts,
        "items": [
            {
                "id": item.pk,
                "prompt": item.prompt_id,
                "number": item.position,
                "text": list(item.wordings.all())[-1].label,
            }
            for item in items
            if item.wordings.all()
        ],
    }
    return render(request, "console/points.html", context)


def filtered(found: QuerySet[Point], chosen: dict[str, str]) -> QuerySet[Point]:
    """Narrow points down; what is not a choice that exists finds nothing."""
    if chosen["status"]:
        found = found.filter(status=chosen["status"])
    if chosen["kind"]:
        found = found.filter(kind=chosen["kind"])
    for name, field in (("prompt", "prompt"), ("item", "items")):
        if chosen[name]:
            found = found.filter(**{field: incoming.number(chosen[name])})
    return found.order_by("-created_at", "-pk")
