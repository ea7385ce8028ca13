"""One's own seat: another table, another device, leaving; and who has none."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from config.prepared import Prepared
from workshops import identity
from workshops.actions import attendance, joining
from workshops.forms import TABLE_GONE, TableForm, chosen_table
from workshops.models import Participant, Table, Workshop

type SeatView = Callable[..., HttpResponse]

_by_slug = Prepared(lambda slug: Workshop.objects.filter(slug=slug), slug=str)


def seated(view: SeatView) -> SeatView:
    """Call the view with the participant whose seat this browser holds.

    Who was removed is told so. Anybody else gets a 404, as for no such workshop.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, slug: str, **arguments: object) -> HttpResponse:
        workshop = _by_slug.first(slug=slug)
        if workshop is None:
            raise Http404
        # Boards are made for all in the workshop's language; the rest follows.
        with translation.override(workshop.language):
            # A second time for whose seat has just been merged into another one.
            for _look in range(2):
                if who := identity.find_participant(request, workshop):
                    with suppress(joining.SeatGone):
                        return view(request, who, **arguments)
        if identity.was_removed(request, workshop):
            return removed(request, workshop)
        if wants_json(request):
            return JsonResponse({"error": "not-joined"}, status=404)
        back = redirect("phone:stage", slug)
        if identity.keep_seat(request, back, workshop):
            return back
        raise Http404

    return wrapper


def removed(request: HttpRequest, workshop: Workshop) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"error": "removed"}, status=410)
    return render(request, "join/removed.html", {"workshop": workshop}, status=410)


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a script asks, which shows what it is told itself."""
    preferred = request.get_preferred_type(["text/html", "application/json"])
    return preferred == "application/json"


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def seat(request: HttpRequest, who: Participant) -> HttpResponse:
    form = TableForm(request.POST if request.method == "POST" else None, who=who)
    if request.method == "POST" and form.is_valid() and "table" in form.fields:
        if who.workshop.ended_at:
            messages.error(
                request, _("The workshop has ended; seats stay as they are.")
            )
            return redirect("join:seat", who.workshop.slug)
        table = chosen_table(form)
        try:
            joining.move(participant=who, table=table)
        except Table.DoesNotExist:
            form.add_error("table", TABLE_GONE)
        else:
            sits = _("You sit at %(table)s now.") % {"table": table}
            messages.success(request, sits)
            return redirect("phone:stage", who.workshop.slug)
    context = {
        "who": who,
        "workshop": who.workshop,
        "form": form,
        "shown_as": identity.shown_as(who),
    }
    status = 422 if form.errors else 200
    return render(request, "join/seat.html", context, status=status)


@require_POST
@seated
def listed(request: HttpRequest, who: Participant) -> HttpResponse:
    if not who.workshop.asks_name:
        messages.error(request, _("Nobody is named in this workshop’s write-up."))
        return redirect("join:seat", who.workshop.slug)
    named = request.POST.get("listed") == "1"
    attendance.set_listed(participants=[who], listed=named)
    if named:
        messages.success(request, _("The write-up may name you as an attendee."))
    else:
        messages.success(request, _("The write-up’s list of attendees leaves you out."))
    return redirect("join:seat", who.workshop.slug)


@require_POST
@seated
def leave(request: HttpRequest, who: Participant) -> HttpResponse:
    token = request.COOKIES[identity.cookie_name(who.workshop_id)]
    joining.leave(participant=who, token=token)
    left = render(request, "join/left.html", {"workshop": who.workshop})
    identity.forget(left, who.workshop)
    return left


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def another_device(request: HttpRequest, who: Participant) -> HttpResponse:
    context: dict[str, Any] = {"who": who, "workshop": who.workshop}
    if request.method == "POST":
        token = joining.link_for_another_device(participant=who)
        path = reverse("join:continue_here", args=[who.workshop.slug, token])
        link = settings.PUBLIC_URL + path
        ends = timezone.localtime() + joining.LINK_AGE
        context |= {"link": link, "qr": qr_picture(link), "ends": ends}
    context["minutes"] = joining.LINK_AGE // timedelta(minutes=1)
    return render(request, "join/another_device.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def continue_here(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    # Opening the link spends nothing, so that previews of links do no harm.
    workshop = Workshop.objects.filter(slug=slug).first()
    here = identity.find_participant(request, workshop) if workshop else None
    context: dict[str, Any] = {"here": here}
    if request.method != "POST":
        return render(request, "join/continue_here.html", context)
    try:
        if workshop is None:
            raise joining.LinkSpent
        who = joining.use_device_link(workshop=workshop, token=token)
    except joining.LinkSpent:
        context["spent"] = True
        return render(request, "join/continue_here.html", context, status=410)
    seated_here = redirect("phone:stage", slug)
    identity.remember(request, seated_here, who)
    return seated_here


def qr_picture(text: str) -> SafeString:
    """Return a QR code as SVG with nothing but a path in it."""
    picture = segno.make(text, error="m", micro=False)
    return SafeString(picture.svg_inline(scale=4, border=4, omitsize=True))
