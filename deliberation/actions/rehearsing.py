"""A rehearsal is asked for, told to stop, followed, ended, and its copy taken away."""

import os
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from deliberation.actions import making
from deliberation.actions.doors import end_workshop
from deliberation.models import Prompt, Rehearsal, Round
from workshops.models import Membership, Workshop

# Names the workshop whose people are simulated themselves: the demonstration's.
SIMULATED = "RAPPORTEUR_SIMULATED"


class Refused(Exception):
    """A rehearsal cannot begin now; the text says why, for people."""


class Over(Exception):
    """A rehearsal is to end before its time; `reason` is one of Rehearsal.Reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def why_not(workshop: Workshop) -> str:
    """Say why a workshop cannot be rehearsed now, "" if it can."""
    give_up_silent()
    if workshop.is_rehearsal:
        return _("This is a rehearsal already. Rehearse the workshop itself.")
    if not Prompt.objects.filter(session__workshop=workshop).exists():
        return _("Nothing is asked in this workshop yet: there is nothing to rehearse.")
    running = Rehearsal.objects.under_way().first()
    if running is not None and running.workshop_id == workshop.pk:
        return _("A rehearsal of this workshop is running.")
    if running is not None:
        return _(
            "Another workshop is being rehearsed on this server now. "
            "Please wait until that is over."
        )
    if answering := being_answered():
        if workshop.pk in answering:
            return _("People are answering in this workshop now.")
        return _(
            "People are answering in another workshop on this server now. A rehearsal "
            "would slow them down; please wait until their question is closed."
        )
    return ""


def give_up_silent() -> None:
    """End the rehearsals whose process has died, with their copies."""
    for rehearsal in Rehearsal.objects.silent():
        end(rehearsal, reason=Rehearsal.Reason.SILENT)


def being_answered() -> set[int]:
    """Return the workshops with real people in which a question is open."""
    simulated = os.environ.get(SIMULATED, "")
    rounds = Round.objects.open().filter(workshop__is_rehearsal=False)
    rounds = rounds.exclude(workshop__slug=simulated) if simulated else rounds
    return set(rounds.values_list("workshop", flat=True))


def begin(
    *, workshop: Workshop, asked_by, people: int, seconds: int, takes: int = 0
) -> Rehearsal:
    """Make a copy of a workshop to rehearse, and note that it is to be played.

    seconds: of all. takes: seconds that a person takes for an answer, at least. Who
    may open the workshop may open the copy. Raises Refused.
    """
    if reason := why_not(workshop):
        raise Refused(reason)
    try:
        with transaction.atomic():
            rehearsal = Rehearsal.objects.create(
                workshop=workshop,
                asked_by=asked_by,
                people=people,
                seconds=seconds,
                takes=takes,
            )
            copy = making.duplicate(workshop, owner=asked_by, is_rehearsal=True)
            _let_in_members(workshop, copy, asked_by)
            rehearsal.copy = copy
            rehearsal.save(update_fields=["copy"])
    except IntegrityError:
        # Somebody else, or the same press once more, was quicker.
        raise Refused(why_not(workshop) or _("Please try again.")) from None
    return rehearsal


def _let_in_members(workshop: Workshop, copy: Workshop, owner) -> None:
    """Let whoever may open the workshop open its copy, which has one owner."""
    roles = Membership.Role
    Membership.objects.bulk_create(
        Membership(
            workshop=copy,
            user_id=user,
            role=roles.FACILITATOR if role == roles.OWNER else role,
        )
        for user, role in workshop.memberships.values_list("user_id", "role")
        if user != owner.pk
    )


def ask_to_stop(rehearsal: Rehearsal) -> None:
    """Let a rehearsal end within a second or two, if it is still under way."""
    Rehearsal.objects.under_way().filter(pk=rehearsal.pk).update(stop_asked=True)


def note_progress(rehearsal_id: int, **fields: Any) -> None:
    """Note that a rehearsal goes on and how far it is; make way for real people.

    Raises Over if it is to end now.
    """
    ours = Rehearsal.objects.under_way().filter(pk=rehearsal_id)
    if not ours.update(state=Rehearsal.State.RUNNING, seen_at=Now(), **fields):
        raise Over(Rehearsal.Reason.SILENT)
    if ours.filter(stop_asked=True).exists():
        raise Over(Rehearsal.Reason.ASKED)
    if being_answered():
        raise Over(Rehearsal.Reason.PEOPLE)


@transaction.atomic
def end(rehearsal: Rehearsal, *, reason: str = "", report: Any = None) -> bool:
    """Store how a rehearsal ended, and end its copy; False if it had ended before.

    Without a reason it is done, and has a report.
    """
    made_way = (Rehearsal.Reason.ASKED, Rehearsal.Reason.PEOPLE)
    if not reason:
        state = Rehearsal.State.DONE
    elif reason in made_way:
        state = Rehearsal.State.STOPPED
    else:
        state = Rehearsal.State.FAILED
    ended = (
        Rehearsal.objects.under_way()
        .filter(pk=rehearsal.pk)
        .update(state=state, reason=reason, report=report, ended_at=Now())
    )
    copy = Workshop.objects.filter(rehearsal=rehearsal).first()
    if copy is not None:
        end_workshop(workshop=copy)
    return bool(ended)


def remove_copy(rehearsal: Rehearsal) -> bool:
    """Take the copy of a rehearsal away with everything in it; the report stays.

    Returns whether there was one. Raises Refused while it is being played.
    """
    if rehearsal.is_under_way:
        raise Refused(_("The rehearsal is still running. Stop it first."))
    copy = Workshop.objects.filter(rehearsal=rehearsal).first()
    if copy is None:
        return False
    making.remove(copy)
    return True
