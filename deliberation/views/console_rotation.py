"""The facilitator plans how people change tables, looks at the plan, starts it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import incoming
from deliberation.live.console_rotation import planned
from deliberation.live.moving import find_moving
from deliberation.views.console import signed_in
from deliberation.views.console_people import seat_row
from deliberation.views.console_refusals import Refused, busy
from deliberation.views.rotation_steps import has_ended, still_moving, too_few
from workshops.actions import rotating
from workshops.identity import may_run, workshop_to_watch
from workshops.models import Workshop


@signed_in
def rotation(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    if request.method == "POST":
        if not may_run(request, workshop):
            raise PermissionDenied
        try:
            messages.success(request, change(request, workshop))
        except Refused as refusal:
            messages.warning(request, str(refusal))
        except OperationalError:
            messages.warning(request, busy())
        return redirect("console:rotation", slug)
    plan = [
        {
            "planned": one,
            "tables": [
                {"table": table, "seats": [seat_row(who) for who in people]}
                for table, people in one.people
            ],
        }
        for one in planned(workshop)
    ]
    seats = workshop.participants.present()
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop) and workshop.ended_at is None,
        "moving": find_moving(workshop),
        "plan": plan,
        "done": workshop.rotations.filter(ended_at__isnull=False),
        "most_times": rotating.MOST_TIMES,
        "times": len(plan) or min(3, max(1, workshop.tables.count() - 1)),
        "seats": seats_offered(workshop),
        "is_possible": seats.aggregate(n=Count("table", distinct=True))["n"] > 1,
    }
    return render(request, "console/rotation.html", context)


def seats_offered(workshop: Workshop) -> int:
    """Return how many may sit at a table unless somebody says otherwise: one spare."""
    people = workshop.participants.present().count()
    tables = workshop.tables.count() or 1
    return -(-people // tables) + 1


def change(request: HttpRequest, workshop: Workshop) -> str:
    """Make a plan or drop it, and say so. Raises Refused."""
    if workshop.ended_at is not None:
        raise Refused(has_ended())
    try:
        if request.POST.get("do") == "drop":
            rotating.drop_plan(workshop=workshop)
            return _("Nothing is planned any more.")
        times = incoming.number(request.POST.get("times", ""))
        if not 1 <= times <= rotating.MOST_TIMES:
            raise Refused(
                _("Please plan between 1 and %(most)d moves.")
                % {"most": rotating.MOST_TIMES}
            )
        made = rotating.plan(workshop=workshop, times=times)
    except rotating.UnderWay:
        raise Refused(still_moving()) from None
    except rotating.TooFewTables:
        raise Refused(too_few()) from None
    return ngettext("%(n)d move is planned.", "%(n)d moves are planned.", len(made)) % {
        "n": len(made)
    }
