"""Whether a person or a table supports what is proposed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config import incoming
from deliberation.actions import proposing
from deliberation.actions.rounds import WorkshopEnded
from deliberation.models import Proposal
from deliberation.views.phone import conflict
from workshops.actions import scribes
from workshops.models import Participant
from workshops.views.seat import seated

STANCES = {"support": True, "oppose": False, "none": None}


@require_POST
@seated
def take_stance(request: HttpRequest, who: Participant) -> HttpResponse:
    """Store a stance: `stance` is `me` or `table`, the proposal, and what is said."""
    voice, _colon, rest = request.POST.get("stance", "").partition(":")
    key, _colon, said = rest.partition(":")
    ours = Proposal.objects.filter(point__workshop=who.workshop_id)
    about = ours.select_related("point__workshop", "point__prompt")
    proposal = get_object_or_404(about, pk=incoming.number(key))
    by_table = voice == "table"
    if said not in STANCES or voice not in ("me", "table"):
        message = _("This button is out of date. Please press it again.")
        return conflict(request, who, "unknown", message)
    if by_table and who.table is None:
        return not_scribe(request, who)
    try:
        proposing.take_stance(
            proposal=proposal,
            participant=who,
            table=who.table if by_table else None,
            supports=STANCES[said],
        )
    except proposing.NotBeforeTheRoom:
        message = _("The room is no longer asked about this.")
        return conflict(request, who, "closed", message)
    except WorkshopEnded:
        return conflict(request, who, "closed", _("The workshop has ended."))
    except scribes.NotScribe:
        return not_scribe(request, who)
    except proposing.NotAsked:
        message = _("This question is answered by each person.")
        if not by_table:
            message = _("This question is answered by each table’s scribe.")
        return conflict(request, who, "not-asked", message)
    messages.success(request, stored(said, by_table=by_table))
    stage = reverse("phone:stage", args=[who.workshop.slug])
    return redirect(f"{stage}#proposal-{proposal.pk}")


def stored(said: str, *, by_table: bool) -> str:
    if by_table:
        return {
            "support": _("Stored: your table supports the change."),
            "oppose": _("Stored: your table opposes the change."),
            "none": _("Stored: your table has no view on the change."),
        }[said]
    return {
        "support": _("Stored: you support the change."),
        "oppose": _("Stored: you oppose the change."),
        "none": _("Stored: you have no view on the change."),
    }[said]


def not_scribe(request: HttpRequest, who: Participant) -> HttpResponse:
    message = _("You do not write for the table, or no longer, so this is not stored.")
    return conflict(request, who, "not-scribe", message)
