"""Challenges in the console: written, and sent or declined where a speaker did."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from config import incoming
from deliberation.actions import challenging
from deliberation.challenges import put_to, waiting
from deliberation.live.stage import WITH_ROUND
from deliberation.models import Challenge
from deliberation.views import challenge
from deliberation.views.console import signed_in
from workshops.identity import may_run, workshop_to_watch
from workshops.models import Workshop


@signed_in
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits to be sent, and the answers that can be challenged."""
    workshop = workshop_to_watch(request, slug)
    if request.method == "POST":
        _allow(request, workshop)
        is_out = _step(request, workshop)
        return redirect("console:run" if is_out else "console:challenges", slug)
    rounds = workshop.rounds.in_order_of_the_day().filter(
        prompt__session__started_at__isnull=False
    )
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        "waiting": [(one, put_to(one)) for one in waiting(workshop)],
        "asked": challenge.asked_items(rounds),
    }
    return render(request, "console/challenges.html", context)


@signed_in
def write(request: HttpRequest, slug: str, round_id: int, item_id: int) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    _allow(request, workshop)
    rounds = workshop.rounds.select_related("workshop", *WITH_ROUND)
    about = get_object_or_404(rounds, pk=round_id)
    item = challenge.find_item(about, item_id)
    form = challenge.form_for(request, about, item, may_see=True)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            is_out = _send(request, challenge.write(form, about, item))
        return redirect("console:run" if is_out else "console:challenges", slug)
    context = {
        "workshop": workshop,
        "can_run": True,
        "form": form,
        "about": about,
        "item": item,
    }
    status = 422 if form.errors else 200
    return render(request, "console/challenge.html", context, status=status)


def _allow(request: HttpRequest, workshop: Workshop) -> None:
    if not may_run(request, workshop):
        raise PermissionDenied


def _step(request: HttpRequest, workshop: Workshop) -> bool:
    """Send a challenge or decline it; tell whether one is out now."""
    do, _colon, pk = request.POST.get("do", "").partition(":")
    one = waiting(workshop).filter(pk=incoming.number(pk)).first()
    if one is None:
        messages.warning(request, _("It has been sent or declined already."))
    elif do == "send":
        return _send(request, one)
    elif do == "decline":
        try:
            challenging.decline(challenge=one, actor=request.user)
        except challenging.NotWaiting as refusal:
            messages.warning(request, challenge.why_not(refusal))
        else:
            messages.success(request, _("Declined. It stays in the record."))
    return False


def _send(request: HttpRequest, one: Challenge) -> bool:
    try:
        challenging.send(challenge=one, actor=request.user)
    except challenge.REFUSALS as refusal:
        messages.warning(request, challenge.why_not(refusal))
        return False
    messages.success(request, _("The challenge is out."))
    return True
