"""Who writes for a table, and the table's answer."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from config import incoming
from deliberation.actions import answers
from deliberation.kinds import KINDS, Ask, InvalidAnswer
from deliberation.live.own import own_answers
from deliberation.models import Round
from deliberation.models.response import Voice
from deliberation.views.phone import (
    acknowledge,
    came_too_late,
    conflict,
    fields_sent,
    find_round,
    in_words,
    invalid_answer,
    key_of,
    not_put_to,
    page,
)
from workshops import identity
from workshops.actions import scribes
from workshops.models import Participant, Table
from workshops.views.seat import seated, wants_json


@require_POST
@seated
def table_answer(request: HttpRequest, who: Participant, round_id: int) -> HttpResponse:
    this_round = find_round(who, round_id)
    ask = answers.ask_of(this_round)
    if who.table is None:
        return not_scribe(request, who, this_round, ask)
    try:
        judgements = KINDS[ask.kind].parse(ask, request.POST, Voice.TABLES)
        receipt = answers.record_for_table(
            this_round=this_round,
            judgements=judgements,
            key=key_of(request.POST),
            scribe=who,
            table=who.table,
            expected_version=version_of(request),
        )
    except InvalidAnswer as invalid:
        return invalid_answer(
            request, who, this_round, ask, invalid, voice=Voice.TABLES
        )
    except answers.RoundClosed:
        return came_too_late(request, who, this_round, ask, Voice.TABLES)
    except scribes.NotScribe:
        return not_scribe(request, who, this_round, ask)
    except answers.StaleAnswer as stale:
        return changed_elsewhere(request, who, who.table, this_round, ask, stale)
    except answers.NotAsked:
        message = _("This question is answered by each person.")
        return conflict(request, who, "not-asked", message)
    except answers.NotPutTo:
        return conflict(request, who, "not-asked", not_put_to())
    own = own_answers(this_round, ask, answers.respondent_of(who.table))
    return acknowledge(request, who, receipt, own, ask)


def version_of(request: HttpRequest) -> int | None:
    """Return the version of the table's answer that the sender has seen, if said."""
    version = request.POST.get("version", "")
    return incoming.number(version) if version.isascii() and version.isdigit() else None


def not_scribe(
    request: HttpRequest, who: Participant, this_round: Round, ask: Ask
) -> HttpResponse:
    message = _("You do not write for the table, or no longer, so this is not stored.")
    refused = in_words(request, this_round, ask, Voice.TABLES)
    return conflict(request, who, "not-scribe", message, refused=refused)


def changed_elsewhere(
    request: HttpRequest,
    who: Participant,
    table: Table,
    this_round: Round,
    ask: Ask,
    stale: answers.StaleAnswer,
) -> HttpResponse:
    message = _(
        "The table’s answer was changed on another device meanwhile. Both are below: "
        "send again to keep yours."
    )
    if wants_json(request):
        own = own_answers(this_round, ask, answers.respondent_of(table))
        stored: dict[str, Any] = {"version": stale.version, "fields": own.fields}
        return conflict(request, who, "stale", message, **stored)
    return page(
        request,
        who,
        prompt=this_round.prompt,
        table_sent={"fields": fields_sent(request), "stored_beside": True},
        mistakes=[("t-form", message)],
        refused=in_words(request, this_round, ask, Voice.TABLES),
        status=409,
    )


@require_POST
@seated
def take_role(request: HttpRequest, who: Participant) -> HttpResponse:
    try:
        scribes.take_role(participant=who)
    except scribes.NotAtTable:
        messages.error(request, _("Please choose a table first."))
        return redirect("join:seat", who.workshop.slug)
    except scribes.RoleTaken as taken:
        taken.holder.workshop = who.workshop
        message = _("%(name)s writes for the table already.")
        name = {"name": identity.shown_as(taken.holder)}
        return conflict(request, who, "taken", message % name)
    if wants_json(request):
        return JsonResponse({"role": "scribe"})
    message = _("You write for %(table)s now.") % {"table": who.table}
    messages.success(request, message)
    return redirect("phone:stage", who.workshop.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def hand_over(request: HttpRequest, who: Participant) -> HttpResponse:
    if who.table is None:
        return redirect("join:seat", who.workshop.slug)
    is_scribe = hasattr(who, "scribe_lease")
    neighbours = list(
        who.table.participants.present()
        .exclude(pk=who.pk)
        .select_related("badge__organisation")
        .order_by("ref")
    )
    names = {}
    for neighbour in neighbours:
        neighbour.workshop = who.workshop
        names[neighbour.ref] = identity.shown_as(neighbour)
    chosen = request.POST.get("to")
    error = ""
    if request.method == "POST" and is_scribe:
        to = next((each for each in neighbours if each.ref == chosen), None)
        if to is None and chosen != "":
            error = _("Please choose somebody at your table, or nobody for now.")
        else:
            scribes.hand_over(table=who.table, to=to)
            messages.success(request, handed_over(names[to.ref] if to else ""))
            return redirect("phone:stage", who.workshop.slug)
    elif request.method == "POST":
        error = _("You do not write for the table, or no longer.")
    context = {
        "who": who,
        "workshop": who.workshop,
        "is_scribe": is_scribe,
        "scribe_name": scribe_name(who),
        "neighbours": names.items(),
        "chosen": chosen,
        "error": error,
    }
    status = 422 if error and is_scribe else 409 if error else 200
    return render(request, "scribe/hand_over.html", context, status=status)


def handed_over(name: str) -> str:
    if not name:
        return _("Nobody writes for the table now.")
    return _("%(name)s writes for the table now.") % {"name": name}


def scribe_name(who: Participant) -> str:
    """Return who writes for the table of a participant, "" for nobody."""
    lease = getattr(who.table, "scribe_lease", None)
    if lease is None:
        return ""
    lease.participant.workshop = who.workshop
    return identity.shown_as(lease.participant)
