"""The same person came in twice: one seat remains."""

from django.db import transaction

from deliberation.actions import signing
from deliberation.models import (
    Point,
    Question,
    QuestionSupport,
    Response,
    RoundAudience,
    Stance,
)
from workshops.actions import attendance, joining
from workshops.models import Device, Participant


@transaction.atomic
def merge(*, keep: Participant, drop: Participant) -> None:
    """Give `keep` the devices, points, questions and answers of `drop`, which leaves.

    In rounds that both answered, the answer of `keep` counts; the other one stays
    stored with the seat that left. Of a table's record the newer confirmation counts.
    Raises ValueError for one seat or two workshops, SeatGone if one of them has left
    meanwhile.
    """
    if keep.pk == drop.pk or keep.workshop_id != drop.workshop_id:
        raise ValueError("Merging takes two seats of one workshop.")
    # Answers in flight are stored first; later ones come from the seat that stays.
    held = joining.hold(keep, drop)
    if len(held) < 2 or any(seat.removed_at for seat in held):
        raise joining.SeatGone
    keep, drop = held
    answered = Response.objects.filter(participant=keep).values("round_id")
    for response in Response.objects.filter(participant=drop).exclude(
        round_id__in=answered
    ):
        response.participant = keep
        response.respondent = f"seat:{keep.pk}"
        response.save(update_fields=["participant", "respondent"])
    asked = RoundAudience.objects.filter(participant=keep).values("round_id")
    others = RoundAudience.objects.filter(participant=drop).exclude(round__in=asked)
    others.update(participant=keep)
    stated = Stance.objects.filter(participant=keep).values("proposal_id")
    stances = Stance.objects.filter(participant=drop).exclude(proposal__in=stated)
    stances.update(participant=keep)
    Point.objects.filter(participant=drop).update(participant=keep)
    Question.objects.filter(participant=drop).update(participant=keep)
    own = QuestionSupport.objects.filter(question__participant=keep)
    own.filter(participant__in=(keep, drop)).delete()
    marks = QuestionSupport.objects.filter(participant=drop)
    supported = QuestionSupport.objects.filter(participant=keep).values("question_id")
    marks.exclude(question__in=supported).update(participant=keep)
    Device.objects.filter(participant=drop).update(participant=keep)
    signing.combine(keep=keep, drop=drop)
    if keep.table_id is None:
        joining.move(participant=keep, table=drop.table)
    if not drop.listed:
        attendance.set_listed(participants=[keep], listed=False)
    joining.remove(participant=drop)
    drop.merged_into = keep
    drop.save(update_fields=["merged_into"])
    # So that each seat leads to the one that remains, however many went before it.
    Participant.objects.filter(merged_into=drop).update(merged_into=keep)
