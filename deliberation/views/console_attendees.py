"""Who attended: organisations and their spellings, guests, who is not to be named."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import incoming
from config.incoming import clean_text
from deliberation.actions import attendance as actions
from deliberation.views.console import signed_in
from deliberation.views.console_refusals import Refused, busy
from deliberation.views.console_undo import take_back_and_say, undo_of
from deliberation.writeup.attendees import attendees as list_of
from workshops.actions import attendance
from workshops.actions.attendance import Named, PartOfItself, WrongLines
from workshops.identity import may_run, workshop_to_watch
from workshops.models import Guest, Organisation, Participant, Speaker, Workshop

type Change = Callable[[HttpRequest, Workshop], str]


@signed_in
def attendees(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    if request.method == "POST":
        return change(request, workshop)
    return page(request, workshop)


def page(
    request: HttpRequest, workshop: Workshop, *, status: int = 200, **refused: Any
) -> HttpResponse:
    """Render the list; refused: the messages, and what was sent with them."""
    context: dict[str, Any] = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        **refused,
    }
    if workshop.asks_organisation:
        listed = list_of(workshop)
        context |= {
            "groups": groups(workshop),
            "organisations": list(workshop.organisations.all()),
            "speakers": speakers(workshop),
            "listed": sum(one.people for one in listed),
            "unnamed": sum(one.unnamed for one in listed),
            "undo": undo_of(request, workshop, actions.WRITE_UP),
        }
    return render(request, "attendees/list.html", context, status=status)


def groups(workshop: Workshop) -> list[dict[str, Any]]:
    """Return organisations with their people and guests; those without one last.

    An organisation with nobody is left out, unless another one is part of it.
    """
    organisations = list(workshop.organisations.select_related("parent"))
    wholes = {one.parent_id for one in organisations}
    found: dict[int | None, dict[str, Any]] = {
        one.pk: {"organisation": one, "people": [], "guests": []}
        for one in organisations
    }
    found[None] = {"organisation": None, "people": [], "guests": []}
    seats = Participant.objects.present().filter(workshop=workshop)
    for who in seats.select_related("badge").order_by("badge__name", "pk"):
        badge = getattr(who, "badge", None)
        if badge is not None:
            found[badge.organisation_id]["people"].append(who)
    for guest in workshop.guests.all():
        found[guest.organisation_id]["guests"].append(guest)
    return [
        group | {"count": len(group["people"]) + len(group["guests"])}
        for pk, group in found.items()
        if group["people"] or group["guests"] or (pk is not None and pk in wholes)
    ]


def speakers(workshop: Workshop) -> list[Speaker]:
    """Return who speaks and is neither among the guests nor the people, once each."""
    seats = Participant.objects.present().filter(workshop=workshop)
    known = {name.casefold() for name in workshop.guests.values_list("name", flat=True)}
    known |= {
        name.casefold() for name in seats.values_list("badge__name", flat=True) if name
    }
    found = {}
    for one in Speaker.objects.filter(session__workshop=workshop).order_by(
        "session__position", "position"
    ):
        if one.name.casefold() not in known:
            found.setdefault(one.name.casefold(), one)
    return list(found.values())


# ---- what can be done, each with what it says afterwards ----


def change(request: HttpRequest, workshop: Workshop) -> HttpResponse:
    if not may_run(request, workshop):
        raise PermissionDenied
    if request.POST.get("do", "").startswith("undo:"):
        take_back_and_say(request, workshop, actions.WRITE_UP)
        return redirect("console:attendees", workshop.slug)
    do = CHANGES.get(request.POST.get("do", ""))
    try:
        if not workshop.asks_organisation:
            raise Refused(_("Under this workshop’s rule there is no list."))
        if do is None:
            raise Refused(_("This button is out of date. Please press it again."))
        messages.success(request, do(request, workshop))
    except WrongLines as wrong:
        sent = {"mistakes": wrong.messages, "lines": request.POST.get("lines", "")}
        return page(request, workshop, status=422, **sent)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    except OperationalError:
        messages.warning(request, busy())
    return redirect("console:attendees", workshop.slug)


def merge(request: HttpRequest, workshop: Workshop) -> str:
    ticked = {incoming.number(pk) for pk in request.POST.getlist("organisation")}
    keep = incoming.number(request.POST.get("keep"))
    try:
        kept = actions.merge_organisations(
            workshop=workshop, keep=keep, drop=ticked, actor=request.user
        )
    except actions.TooFew:
        raise Refused(
            _("Tick the spellings of one organisation, and choose the name that stays.")
        ) from None
    return _("They are one organisation now: %(name)s.") % {"name": kept.name}


def line(request: HttpRequest, name: str, *, most: int) -> str:
    """Return one line that was sent. Raises Refused for one that is too long."""
    text = " ".join(clean_text(request.POST.get(name, "")).split())
    if len(text) > most:
        raise Refused(_("Please keep it to %(most)d characters.") % {"most": most})
    return text


def organisation(request: HttpRequest, workshop: Workshop) -> str:
    most = attendance.ORGANISATION_LENGTH
    name = line(request, "name", most=most)
    parent = line(request, "parent", most=most)
    if not name:
        raise Refused(_("Please write the organisation’s name."))
    try:
        actions.change_organisation(
            workshop=workshop,
            pk=incoming.number(request.POST.get("pk")),
            name=name,
            parent=parent,
            actor=request.user,
        )
    except actions.NameTaken:
        raise Refused(
            _("Another organisation has this name: tick both and merge them.")
        ) from None
    except PartOfItself:
        raise Refused(_("An organisation cannot be part of itself.")) from None
    except Organisation.DoesNotExist:
        raise Refused(_("This organisation is not there any more.")) from None
    return _("Changed: %(name)s.") % {"name": name}


def guests(request: HttpRequest, workshop: Workshop) -> str:
    named = attendance.read_guests(request.POST.get("lines", ""))
    new = actions.add_guests(workshop=workshop, guests=named, actor=request.user)
    return ngettext("%(n)d guest added.", "%(n)d guests added.", new) % {"n": new}


def speaker(request: HttpRequest, workshop: Workshop) -> str:
    pk = incoming.number(request.POST.get("pk"))
    one = Speaker.objects.filter(session__workshop=workshop, pk=pk).first()
    if one is None:
        raise Refused(_("This speaker is not there any more."))
    most, longest = attendance.NAME_LENGTH, attendance.ORGANISATION_LENGTH
    named = Named(one.name[:most], one.organisation[:longest])
    actions.add_guests(workshop=workshop, guests=[named], actor=request.user)
    return _("%(name)s is listed as a guest.") % {"name": named.name}


def guest(request: HttpRequest, workshop: Workshop) -> str:
    found = guest_of(request, workshop)
    named = Named(
        line(request, "name", most=attendance.NAME_LENGTH),
        line(request, "parent", most=attendance.ORGANISATION_LENGTH),
    )
    if not named.name:
        raise Refused(_("Please write the guest’s name."))
    try:
        actions.change_guest(guest=found, named=named, actor=request.user)
    except Guest.DoesNotExist:
        raise Refused(_("This guest is not listed any more.")) from None
    return _("Changed: %(name)s.") % {"name": named.name}


def remove_guest(request: HttpRequest, workshop: Workshop) -> str:
    actions.remove_guest(guest=guest_of(request, workshop), actor=request.user)
    return _("The guest is off the list.")


def guest_of(request: HttpRequest, workshop: Workshop) -> Guest:
    pk = incoming.number(request.POST.get("pk"))
    found = workshop.guests.filter(pk=pk).first()
    if found is None:
        raise Refused(_("This guest is not listed any more."))
    found.workshop = workshop
    return found


def leave_out(request: HttpRequest, workshop: Workshop) -> str:
    count = set_listed(request, workshop, listed=False)
    return ngettext(
        "%(n)d person is not named.", "%(n)d people are not named.", count
    ) % {"n": count}


def name_again(request: HttpRequest, workshop: Workshop) -> str:
    count = set_listed(request, workshop, listed=True)
    return ngettext(
        "%(n)d person is named again.", "%(n)d people are named again.", count
    ) % {"n": count}


def set_listed(request: HttpRequest, workshop: Workshop, *, listed: bool) -> int:
    refs = set(request.POST.getlist("seat"))
    present = Participant.objects.present().filter(workshop=workshop)
    chosen = [who for who in present if who.ref in refs]
    if not chosen:
        raise Refused(_("Nobody was chosen. Tick people first."))
    return attendance.set_listed(participants=chosen, listed=listed)


CHANGES: dict[str, Change] = {
    "merge": merge,
    "organisation": organisation,
    "guests": guests,
    "speaker": speaker,
    "guest": guest,
    "remove-guest": remove_guest,
    "leave-out": leave_out,
    "name-again": name_again,
}
