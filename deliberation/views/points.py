"""Points: what people and tables write to a question, and taking it back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from deliberation.actions import points
from deliberation.kinds import InvalidAnswer
from deliberation.models import Point, Prompt, Round
from deliberation.views.phone import conflict, key_of, not_put_to, own_points, page
from workshops.actions import scribes
from workshops.models import Participant
from workshops.views.seat import seated, wants_json


@require_GET
@seated
def my_points(request: HttpRequest, who: Participant) -> HttpResponse:
    context = {"workshop": who.workshop, "my_points": own_points(who.pk)}
    return render(request, "phone/points.html", context)


@require_POST
@seated
def add_point(request: HttpRequest, who: Participant, prompt_id: int) -> HttpResponse:
    prompt = get_object_or_404(
        Prompt.objects.select_related("session", "scale"),
        pk=prompt_id,
        session__workshop_id=who.workshop_id,
    )
    rounds = Round.objects.filter(prompt=prompt).order_by("-number")
    if not rounds:
        raise Http404  # nobody has been asked it yet
    by_table = request.POST.get("as") == "table"
    if by_table and who.table is None:
        return not_scribe(request, who)
    by = {"table": who.table_id} if by_table else {"seat": who.pk}
    asked_by = [one for one in rounds if one.asks(**by)]
    this_round = (asked_by or list(rounds))[0]
    text = said(request)
    if who.workshop.ended_at:
        refused = [text]
        message = _("The workshop has ended. Your text is below.")
        return conflict(request, who, "closed", message, refused=refused)
    about = request.POST.getlist("items")
    first_kind = next(iter(points.kinds_invited(prompt)), "")
    sent: dict[str, Any] = {
        "text": text,
        "kind": request.POST.get("kind") or first_kind,
    }
    try:
        point = points.add_point(
            prompt=prompt,
            this_round=this_round,
            participant=who,
            table=who.table if by_table else None,
            kind=sent["kind"],
            text=sent["text"],
            items=[item for item in prompt.items.all() if item.key in about],
            key=key_of(request.POST),
        )
    except InvalidAnswer as invalid:
        sent["items"] = about
        return invalid_point(request, who, prompt, sent, invalid, by_table=by_table)
    except scribes.NotScribe:
        return not_scribe(request, who)
    except points.NotPutTo:
        return conflict(request, who, "not-asked", not_put_to(), refused=[text])
    return acknowledge_point(request, who, point)


def not_scribe(request: HttpRequest, who: Participant) -> HttpResponse:
    message = _("You no longer write for the table. Your text is below.")
    return conflict(request, who, "not-scribe", message, refused=[said(request)])


def said(request: HttpRequest) -> str:
    """Return the text that was sent; of the texts below items that of the one named."""
    item = request.POST.get("items", "")
    return request.POST.get("text", request.POST.get(f"text.{item}", ""))


def invalid_point(
    request: HttpRequest,
    who: Participant,
    prompt: Prompt,
    sent: dict[str, Any],
    invalid: InvalidAnswer,
    *,
    by_table: bool,
) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"errors": invalid.errors}, status=422)
    prefix = "table-point" if by_table else "me-point"
    mistakes = [(f"{prefix}-{name}", text) for name, text in invalid.errors.items()]
    board = {"point": {**sent, "errors": invalid.errors}}
    return page(
        request,
        who,
        prompt=prompt,
        sent=None if by_table else board,
        table_sent=board if by_table else None,
        mistakes=mistakes,
        refused=[sent["text"]],
        status=422,
    )


def acknowledge_point(
    request: HttpRequest, who: Participant, point: Point
) -> HttpResponse:
    clock = f"{timezone.localtime(point.created_at):%H:%M}"
    if wants_json(request):
        return JsonResponse(
            {
                "id": point.pk,
                "repeated": getattr(point, "repeated", False),
                "clock": clock,
                "kind": point.get_kind_display(),
                "text": point.text,
                "withdraw": reverse(
                    "phone:withdraw", args=[who.workshop.slug, point.pk]
                ),
            }
        )
    messages.success(request, _("Your point was stored at %(time)s.") % {"time": clock})
    return redirect("phone:stage", who.workshop.slug)


@require_POST
@seated
def withdraw(request: HttpRequest, who: Participant, point_id: int) -> HttpResponse:
    mine = Point.objects.filter(participant=who, workshop_id=who.workshop_id)
    point = get_object_or_404(mine, pk=point_id)
    if not points.withdraw(point=point) and point.withdrawn_at is None:
        message = _("A facilitator has taken this point up; it stays. Please ask them.")
        return conflict(request, who, "taken-up", message)
    if wants_json(request):
        return JsonResponse({"id": point.pk})
    messages.success(request, _("The point is withdrawn."))
    return redirect("phone:stage", who.workshop.slug)
