"""Who calls the facilitator, as the console and the phones tell it."""

from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.prepared import Prepared
from deliberation.live.console_day import clock_time
from deliberation.results import once
from workshops.models import HelpCall, Participant, Workshop


def open_calls(workshop: Workshop) -> list[HelpCall]:
    """Return the calls that have not ended, the first one first: one query."""
    return once(("calls", workshop.pk), lambda: _open(workshop=workshop.pk))


_open = Prepared(
    lambda workshop: (
        HelpCall.objects.open()
        .filter(workshop_id=workshop)
        .select_related("table", "participant__table")
        .order_by("called_at", "pk")
    ),
    workshop=int,
)


def call_of_table(calls: Iterable[HelpCall], table_id: int) -> dict[str, Any] | None:
    """Return the call of a table as its phones are told of it, None without one."""
    found = [one for one in calls if one.table_id == table_id]
    return _told(found[0]) if found else None


def call_of_person(who: Participant) -> dict[str, Any] | None:
    """Return the call of a person who made it without a table, None without one."""
    calls = open_calls(who.workshop)
    found = [one for one in calls if one.participant_id == who.pk]
    return _told(found[0]) if found else None


def marks_of_people(workshop: Workshop) -> list[tuple[Any, ...]]:
    """Return what differs when what anybody without a table is told does."""
    return [
        (one.pk, one.words, one.seen_at)
        for one in open_calls(workshop)
        if one.participant_id is not None
    ]


def _told(call: HelpCall) -> dict[str, Any]:
    return {
        "ident": call.pk,
        "words": call.words,
        "clock": clock_time(call.called_at),
        "is_seen": call.seen_at is not None,
    }


def calls_shown(workshop: Workshop) -> list[dict[str, Any]]:
    """Return the open calls as the console shows them."""
    if workshop.ended_at is not None:
        return []
    return [
        _told(call) | {"who": _who(call), "table": call.table_id}
        for call in open_calls(workshop)
    ]


def _who(call: HelpCall) -> str:
    if call.table is not None:
        return str(call.table)
    who = call.participant
    assert who is not None  # a constraint
    seat = _("Seat %(ref)s") % {"ref": who.ref[:4]}
    if who.table is not None:
        return f"{who.table}, {seat}"
    return _("%(seat)s, without a table") % {"seat": seat}


def seat_html(workshop_id: int, participant_id: int) -> SafeString:
    """Return what a person without a table is told: whether their call was seen."""
    workshop = Workshop.objects.get(pk=workshop_id)
    who = Participant(pk=participant_id, workshop=workshop)
    with translation.override(workshop.language):
        return seat_board(who)


def seat_board(who: Participant) -> SafeString:
    """Return the same for a page, in the language that is active."""
    context = {"workshop": who.workshop, "call": call_of_person(who)}
    return render_to_string("phone/call.html", context)
