"""People change tables: they say that they have come, or choose where to go."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config import incoming
from workshops.actions import rotating
from workshops.models import Participant, Table
from workshops.views.seat import seated


@require_POST
@seated
def arrive(request: HttpRequest, who: Participant) -> HttpResponse:
    try:
        table = rotating.arrive(participant=who)
    except rotating.NotMoving:
        pass  # ended by the facilitator, or sent twice: the page says where one sits
    else:
        messages.success(request, _("You sit at %(table)s now.") % {"table": table})
    return redirect("phone:stage", who.workshop.slug)


@require_POST
@seated
def choose_table(request: HttpRequest, who: Participant) -> HttpResponse:
    number = incoming.number(request.POST.get("table", "")) or 0
    try:
        table = rotating.choose(participant=who, number=number)
    except rotating.NotMoving:
        messages.warning(request, _("People are not changing tables any more."))
    except rotating.TableFull:
        messages.warning(request, _("This table has just filled up."))
    except Table.DoesNotExist:
        messages.warning(request, _("This table has just been taken away."))
    else:
        messages.success(request, _("You sit at %(table)s now.") % {"table": table})
    return redirect("phone:stage", who.workshop.slug)
