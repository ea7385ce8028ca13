"""Printed tickets: made, printed, and renewed when one is lost."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from deliberation.forms import TicketsForm
from deliberation.views.console import signed_in
from workshops.actions import tickets as actions
from workshops.identity import may_run, workshop_to_watch
from workshops.models import Participant, Ticket, Workshop
from workshops.views.seat import qr_picture


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def tickets(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_print_for(request, slug)
    there = workshop.tickets.count()
    people = workshop.expected_people or 0
    form = TicketsForm(
        request.POST or None,
        most=max(1, actions.MOST_TICKETS - there),
        initial={"count": max(1, people - there)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.make_tickets(workshop=workshop, count=form.cleaned_data["count"])
        except actions.TooManyTickets:
            most = _("A workshop has at most %(n)d tickets.")
            form.add_error("count", most % {"n": actions.MOST_TICKETS})
        else:
            made = ngettext(
                "%(n)d ticket is ready to be printed.",
                "%(n)d tickets are ready to be printed.",
                form.cleaned_data["count"],
            )
            messages.success(request, made % {"n": form.cleaned_data["count"]})
            return redirect("console:tickets", workshop.slug)
    context = {
        "workshop": workshop,
        "can_run": True,
        "form": form,
        "tickets": [drawn(ticket) for ticket in with_use(workshop)],
        "host": settings.PUBLIC_URL.partition("://")[2],
    }
    status = 422 if form.errors else 200
    return render(request, "console/tickets.html", context, status=status)


@signed_in
@require_POST
def renew(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_print_for(request, slug)
    ticket = get_object_or_404(workshop.tickets, pk=pk)
    actions.renew(ticket=ticket)
    messages.success(
        request,
        _("Ticket %(n)d has a new code. Please print it; the old slip is worthless.")
        % {"n": ticket.number},
    )
    return redirect("console:tickets", workshop.slug)


def workshop_to_print_for(request: HttpRequest, slug: str) -> Workshop:
    """Return a workshop whose tickets this account may see; 403 for observers."""
    workshop = workshop_to_watch(request, slug)
    if not may_run(request, workshop):
        raise PermissionDenied
    return workshop


def with_use(workshop: Workshop):
    """Return the tickets, each knowing whether somebody sits on it (`is_used`)."""
    seats = Participant.objects.filter(ticket=OuterRef("pk"))
    return workshop.tickets.annotate(is_used=Exists(seats))


def drawn(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket with the QR code that leads to its seat."""
    address = f"{settings.PUBLIC_URL}/j/#{ticket.secret}"
    return {"ticket": ticket, "qr": qr_picture(address)}
