"""A person asks to be forgotten: what was counted stays, who it was goes."""

from typing import NamedTuple

from django.db import transaction

from deliberation.models import (
    Answer,
    Comment,
    Event,
    Point,
    Response,
    SignOff,
    Submission,
)
from workshops import codes
from workshops.actions import joining
from workshops.models import Participant, Workshop


class Erased(NamedTuple):
    """How many responses stay counted without their person; how many points went."""

    responses: int
    points: int


@transaction.atomic
def erase_participant(*, participant: Participant) -> Erased:
    """Remove a person with the name, devices, and every text they wrote as themselves.

    Their answers stay counted, at their table, as of nobody; by organisation too where
    the attribution rule shows organisations, and small groups stay withheld. A table's
    answers and points stay: they are the table's. Who was removed before, or merged
    into this person, was not counted and goes wholly.
    """
    workshop = Workshop.objects.get(pk=participant.workshop_id)
    # Answers in flight are stored first; later ones find no seat.
    merged = Participant.objects.filter(merged_into=participant)
    participant, *merged = joining.hold(participant, *merged)
    seats = [participant, *merged]
    points = 0
    for seat in seats:
        points += _erase_points(workshop, seat)
    Comment.objects.filter(participant__in=seats).delete()
    removed = [seat for seat in seats if seat.removed_at is not None]
    SignOff.objects.filter(participant__in=removed).delete()
    kept = 0
    if participant.removed_at is None:
        kept = _keep_counted(workshop, participant)
    for seat in seats:
        seat.delete()
    return Erased(kept, points)


def _erase_points(workshop: Workshop, participant: Participant) -> int:
    points = Point.objects.filter(participant=participant, voice="people")
    gone = set(points.values_list("pk", flat=True))
    for event in Event.objects.filter(workshop=workshop, verb__startswith="point-"):
        # What was shown is quoted in the record of the day.
        if any(_is_of(change, gone) for change in event.changes):
            event.subject = ""
            event.save(update_fields=["subject"])
    points.delete()
    return len(gone)


def _is_of(change: dict, points: set[int]) -> bool:
    return change["model"] == Point._meta.label_lower and change["pk"] in points


def _keep_counted(workshop: Workshop, participant: Participant) -> int:
    """Cut the responses off from their person; the same nobody in every round."""
    badge = getattr(participant, "badge", None)
    organisation = badge and badge.organisation
    responses = Response.objects.filter(participant=participant)
    pks = list(responses.values_list("pk", flat=True))
    Answer.objects.filter(response__in=pks).exclude(reason="").update(reason="")
    for submission in Submission.objects.filter(response__in=pks):
        submission.content = [[*judged[:4], ""] for judged in submission.content]
        submission.save(update_fields=["content"])
    Response.objects.filter(pk__in=pks).update(
        participant=None,
        respondent=f"file:erased-{codes.new_ref()}",
        organisation=organisation if workshop.asks_organisation else None,
    )
    return len(pks)
