"""The last step that an account did at a desk of its own, and taking it back."""

from django.contrib import messages
from django.db import OperationalError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from config import incoming
from deliberation.actions import recording
from deliberation.live.console_day import short_name
from deliberation.models import Event
from deliberation.views.console_refusals import Refused, busy
from workshops.models import Workshop


def undo_of(
    request: HttpRequest, workshop: Workshop, desk: str
) -> dict[str, str] | None:
    """Return this person's own last step at a desk and the button that undoes it."""
    event = recording.last_step(workshop, desk=desk, by=request.user)
    return event and {"do": f"undo:{event.pk}", "name": step_name(event)}


def take_back(
    request: HttpRequest, workshop: Workshop, desk: str, event_id: int
) -> str:
    """Undo this person's own last step at a desk, if it is that one still.

    Returns what to say of it. Raises Refused.
    """
    try:
        event = recording.undo(
            workshop=workshop, event_id=event_id, desk=desk, by=request.user
        )
    except recording.NothingToUndo:
        raise Refused(_("That was undone already, or is not your last step.")) from None
    except recording.ChangedSince as changed:
        raise Refused(
            _("Somebody has gone on from there: %s cannot be undone.")
            % step_name(changed.event)
        ) from None
    return _("Undone: %s.") % step_name(event)


def take_back_and_say(request: HttpRequest, workshop: Workshop, desk: str) -> None:
    """Do what a posted undo button asks for; what came of it is a message."""
    word, _colon, key = request.POST.get("do", "").partition(":")
    try:
        if word != "undo":
            raise Refused(_("This button is out of date. Please press it again."))
        said = take_back(request, workshop, desk, incoming.number(key))
        messages.success(request, said)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    except OperationalError:
        messages.warning(request, busy())


def step_name(event: Event) -> str:
    """Name a step: `rename “Barriers”`."""
    words = {
        "theme-move": _("move"),
        "theme-make": _("new theme"),
        "theme-rename": _("rename"),
        "theme-order": _("order"),
        "theme-merge": _("merge"),
        "theme-delete": _("delete"),
        "point-same": _("put repeats together"),
        "point-apart": _("take a repeat apart"),
        "remark-add": _("write down"),
        "remark-change": _("edit"),
        "remark-move": _("move"),
        "remark-delete": _("delete"),
        "organisation": _("change"),
        "organisation-merge": _("merge"),
        "guests": _("guests"),
    }
    word = words.get(event.verb, event.verb)
    return f"{word} “{short_name(event.subject)}”" if event.subject else word
