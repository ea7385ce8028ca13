"""The facilitator is called from a phone, and says on the console: coming, done."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from deliberation.views.console_refusals import Refused, find
from workshops.actions import helping
from workshops.models import Participant, Workshop
from workshops.views.seat import seated


@require_POST
@seated
def call(request: HttpRequest, who: Participant) -> HttpResponse:
    try:
        helping.call(participant=who, words=request.POST.get("words", ""))
    except helping.WorkshopEnded:
        messages.warning(request, _("The workshop has ended."))
    else:
        messages.success(request, _("The facilitator is called."))
    return redirect("phone:stage", who.workshop.slug)


@require_POST
@seated
def withdraw(request: HttpRequest, who: Participant) -> HttpResponse:
    try:
        helping.withdraw(participant=who)
    except helping.NothingOpen:
        pass  # somebody else at the table did, or the facilitator was there
    else:
        messages.success(request, _("The call is withdrawn."))
    return redirect("phone:stage", who.workshop.slug)


# ---- steps of the console; what they do is never undone, a table calls again ----


def coming(workshop: Workshop, _actor: Any, arguments: Sequence[str]) -> str:
    try:
        helping.note_seen(call=find(workshop.help_calls, arguments))
    except helping.NothingOpen:
        raise over() from None
    return _("They know that you are coming.")


def done(workshop: Workshop, _actor: Any, arguments: Sequence[str]) -> str:
    try:
        helping.note_done(call=find(workshop.help_calls, arguments))
    except helping.NothingOpen:
        raise over() from None
    return _("Done.")


def over() -> Refused:
    return Refused(_("This call is over already."))


CALL_STEPS = {"help-coming": coming, "help-done": done}
