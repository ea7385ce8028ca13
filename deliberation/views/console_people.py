"""Who sits where: seats are moved, removed, brought back, merged; joining is locked."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.actions import doors
from deliberation.actions.merging import merge as merge_seats
from deliberation.live.console import join_address
from deliberation.live.console_room import HERE
from deliberation.live.screen import qr_code
from deliberation.views.console import signed_in
from deliberation.views.console_refusals import Refused, busy
from workshops.actions import joining, scribes
from workshops.identity import may_run, workshop_to_watch
from workshops.models import Participant, Table, Workshop

type Seats = Sequence[Participant]
type Change = Callable[[HttpRequest, Workshop, Seats], str]


@signed_in
def people(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    if request.method == "POST":
        return change(request, workshop)
    everybody = list(seats(workshop))
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        "tables": list(workshop.tables.all()),
        "groups": by_table(workshop, everybody),
        "gone": [seat_row(who) for who in everybody if who.removed_at is not None],
        "joined": sum(who.removed_at is None for who in everybody),
    }
    return render(request, "console/people.html", context)


def seats(workshop: Workshop):
    """Return every seat, removed ones too, with all that a row of one says."""
    return (
        Participant.objects.filter(workshop=workshop)
        .select_related(
            "workshop",
            "table",
            "badge__organisation",
            "presence",
            "scribe_lease",
            "merged_into",
        )
        .order_by("joined_at", "pk")
    )


def by_table(workshop: Workshop, everybody: Seats) -> list[dict[str, Any]]:
    """Group who is in by table, those without a table first, empty tables too."""
    groups: dict[int | None, dict[str, Any]] = {
        table.pk: {"table": table, "seats": []} for table in workshop.tables.all()
    }
    nowhere: dict[str, Any] = {"table": None, "seats": []}
    for who in everybody:
        if who.removed_at is None:
            group = groups.get(who.table_id, nowhere)
            group["seats"].append(seat_row(who))
    return ([nowhere] if nowhere["seats"] else []) + list(groups.values())


def seat_row(who: Participant) -> dict[str, Any]:
    """Return a seat by name and organisation as far as the rule keeps them."""
    badge = getattr(who, "badge", None)
    presence = getattr(who, "presence", None)
    name = badge.name if badge is not None and who.workshop.asks_name else ""
    organisation = ""
    if badge is not None and who.workshop.asks_organisation and badge.organisation:
        organisation = badge.organisation.name
    return {
        "who": who,
        "name": name or _("Seat %(ref)s") % {"ref": who.ref[:4]},
        "organisation": organisation,
        "is_scribe": hasattr(who, "scribe_lease"),
        "is_here": presence is not None and timezone.now() - presence.seen_at < HERE,
        "seen_at": presence.seen_at if presence is not None else None,
        "merged_into": who.merged_into,
    }


def change(request: HttpRequest, workshop: Workshop) -> HttpResponse:
    """Do with the chosen seats what the button says, and show the page again."""
    if not may_run(request, workshop):
        raise PermissionDenied
    do = CHANGES.get(request.POST.get("do", ""))
    if do is None:
        messages.warning(request, _("This button is out of date. Please try again."))
        return redirect("console:people", workshop.slug)
    refs = set(request.POST.getlist("seat"))
    chosen = [who for who in seats(workshop) if who.ref in refs]
    if do is CHANGES["merge"] and len(chosen) == 2:
        first, second = (who.ref for who in chosen)
        address = redirect("console:merge", workshop.slug)
        address["Location"] += f"?seat={first}&seat={second}"
        return address
    try:
        messages.success(request, do(request, workshop, chosen))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    except OperationalError:
        messages.warning(request, busy())
    return redirect("console:people", workshop.slug)


def some(chosen: Seats) -> Seats:
    if not chosen:
        raise Refused(_("Nobody was chosen. Tick the seats first."))
    return chosen


def only_one(chosen: Seats) -> Participant:
    if len(some(chosen)) > 1:
        raise Refused(_("Please choose one seat only."))
    return chosen[0]


def move(request: HttpRequest, workshop: Workshop, chosen: Seats) -> str:
    word = request.POST.get("table", "")
    table = None
    if word.isascii() and word.isdigit():
        table = workshop.tables.filter(number=int(word[:9])).first()
    if table is None and word != "none":
        raise Refused(_("Please choose the table to move to."))
    try:
        for who in some(chosen):
            joining.move(participant=who, table=table)
    except Table.DoesNotExist:
        raise Refused(_("This table has just been taken away.")) from None
    count = len(chosen)
    if table is None:
        return ngettext(
            "%(n)d person has no table now.", "%(n)d people have no table now.", count
        ) % {"n": count}
    return ngettext(
        "%(n)d person moved to table %(number)d.",
        "%(n)d people moved to table %(number)d.",
        count,
    ) % {"n": count, "number": table.number}


def remove(_request: HttpRequest, _workshop: Workshop, chosen: Seats) -> str:
    for who in some(chosen):
        joining.remove(participant=who)
    return ngettext(
        "%(n)d person removed. Their answers no longer count; “Bring back” is below.",
        "%(n)d people removed. Their answers no longer count; “Bring back” is below.",
        len(chosen),
    ) % {"n": len(chosen)}


def bring_back(_request: HttpRequest, _workshop: Workshop, chosen: Seats) -> str:
    merged = [who for who in some(chosen) if who.merged_into_id is not None]
    if merged:
        raise Refused(_("A seat that was merged into another one stays merged."))
    for who in chosen:
        joining.bring_back(participant=who)
    return ngettext(
        "%(n)d person is back, with all answers.",
        "%(n)d people are back, with all answers.",
        len(chosen),
    ) % {"n": len(chosen)}


def make_scribe(_request: HttpRequest, _workshop: Workshop, chosen: Seats) -> str:
    who = only_one(chosen)
    if who.table is None or who.removed_at is not None:
        raise Refused(_("A scribe sits at a table. Move this seat to one first."))
    try:
        scribes.hand_over(table=who.table, to=who)
    except (scribes.NotAtTable, IntegrityError):
        raise Refused(_("This seat has just moved. Please look again.")) from None
    return _("%(table)s has a new scribe.") % {"table": who.table}


def free_scribe(_request: HttpRequest, _workshop: Workshop, chosen: Seats) -> str:
    who = only_one(chosen)
    if who.table is None or not hasattr(who, "scribe_lease"):
        raise Refused(_("This seat does not have the scribe’s role."))
    scribes.hand_over(table=who.scribe_lease.table, to=None)
    return _("%(table)s has no scribe now; anybody at it can take the role.") % {
        "table": who.table
    }


def needs_two(_request: HttpRequest, _workshop: Workshop, chosen: Seats) -> str:
    raise Refused(_("To merge, tick the two seats of the same person."))


def lock(_request: HttpRequest, workshop: Workshop, _chosen: Seats) -> str:
    doors.lock_joining(workshop=workshop, on=True, actor=_request.user)
    return _("Nobody else can join.")


def unlock(_request: HttpRequest, workshop: Workshop, _chosen: Seats) -> str:
    doors.lock_joining(workshop=workshop, on=False, actor=_request.user)
    return _("People can join again.")


def new_code(request: HttpRequest, workshop: Workshop, _chosen: Seats) -> str:
    if request.POST.get("sure") != "yes":
        raise Refused(_("Tick that you want a new code first."))
    changed = Refused(_("Somebody else has just made a new code. It is below."))
    if request.POST.get("seen", workshop.join_code) != workshop.join_code:
        raise changed
    try:
        joining.new_join_code(workshop=workshop)
    except joining.CodeChanged:
        raise changed from None
    except IntegrityError:
        raise Refused(_("That did not work. Please try again.")) from None
    return _("The new code is %(code)s. The old one no longer works.") % {
        "code": workshop.spoken_join_code
    }


CHANGES: dict[str, Change] = {
    "move": move,
    "remove": remove,
    "bring-back": bring_back,
    "make-scribe": make_scribe,
    "free-scribe": free_scribe,
    "merge": needs_two,
    "lock": lock,
    "unlock": unlock,
    "new-code": new_code,
}


@signed_in
def merge(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask which of two seats stays, then let the other one go into it."""
    workshop = workshop_to_watch(request, slug)
    if not may_run(request, workshop):
        raise PermissionDenied
    asked = request.POST if request.method == "POST" else request.GET
    refs = set(asked.getlist("seat"))
    pair = [who for who in seats(workshop).filter(removed_at=None) if who.ref in refs]
    if len(pair) != 2:
        messages.warning(request, _("Tick the two seats of the same person first."))
        return redirect("console:people", slug)
    kept = [who for who in pair if who.ref == asked.get("keep")]
    if request.method == "POST" and kept:
        (drop,) = (who for who in pair if who.pk != kept[0].pk)
        try:
            merge_seats(keep=kept[0], drop=drop)
        except joining.SeatGone:
            messages.warning(request, _("One of the two seats has just left."))
        except OperationalError:
            messages.warning(request, busy())
        else:
            messages.success(request, _("The two seats are one now."))
        return redirect("console:people", slug)
    context = {
        "workshop": workshop,
        "can_run": True,
        "pair": [
            seat_row(who) | {"answers": who.responses.filter(version__gte=1).count()}
            for who in pair
        ],
        "missing": request.method == "POST",
    }
    return render(
        request,
        "console/merge.html",
        context,
        status=422 if context["missing"] else 200,
    )


@signed_in
def join_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        "qr": qr_code(join_address(workshop)),
        "host": settings.PUBLIC_URL.partition("://")[2],
    }
    return render(request, "console/join_sheet.html", context)
