"""What single people said to the whole room: conclusions, observations, closing words.

Each step is recorded at the desk of the write-up.
"""

from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from deliberation.actions.recording import Recorder
from deliberation.models import Event, Remark
from workshops.models import Session, Workshop

WRITE_UP = Event.Desk.WRITE_UP


def remarks_beside(remark: Remark) -> QuerySet[Remark]:
    """Return the remarks that stand at the same place, in their order."""
    same = Remark.objects.filter(
        workshop=remark.workshop_id, session=remark.session_id, kind=remark.kind
    )
    return same.order_by("position", "pk")


@transaction.atomic
def add_remark(
    *,
    workshop: Workshop,
    text: str,
    kind: str = Remark.Kind.CONCLUSION,
    session: Session | None = None,
    name: str = "",
    organisation: str = "",
    actor: Any = None,
) -> Remark:
    """Store a remark as the last one at its place.

    What already stands there word for word, as after a second press, is returned.
    """
    _one_by_one(workshop)
    said = {
        "workshop": workshop,
        "session": session,
        "kind": kind,
        "name": name,
        "organisation": organisation,
        "text": text,
    }
    if stored := Remark.objects.filter(**said).first():
        return stored
    record = Recorder(workshop, actor, "remark-add", text, desk=WRITE_UP)
    last = remarks_beside(Remark(**said)).aggregate(last=Max("position"))["last"] or 0
    remark = record.create(Remark, position=last + 1, **said)
    record.save()
    return remark


@transaction.atomic
def change_remark(remark: Remark, *, actor: Any = None, **fields: Any) -> None:
    """Store changed fields of a remark; at another place it becomes the last one.

    Raises Remark.DoesNotExist where somebody deleted it.
    """
    _one_by_one(remark.workshop)
    locked = Remark.objects.select_for_update(of=("self",), no_key=True)
    stored = locked.get(pk=remark.pk)
    record = Recorder(
        remark.workshop, actor, "remark-change", stored.text, desk=WRITE_UP
    )
    place = (fields.get("kind", stored.kind), fields.get("session", stored.session))
    if place != (stored.kind, stored.session):
        there = remarks_beside(
            Remark(workshop=remark.workshop, kind=place[0], session=place[1])
        )
        last = there.aggregate(last=Max("position"))["last"] or 0
        fields["position"] = last + 1
    record.change(stored, **fields)
    record.save()


@transaction.atomic
def move_remark(remark: Remark, *, by: int, actor: Any = None) -> None:
    """Move a remark up (-1) or down (+1) among those at its place."""
    _one_by_one(remark.workshop)
    beside = list(remarks_beside(remark))
    if remark not in beside:
        return
    record = Recorder(remark.workshop, actor, "remark-move", remark.text, desk=WRITE_UP)
    record.reorder(beside, moved=remark, by=by)
    record.save()


@transaction.atomic
def delete_remark(remark: Remark, *, actor: Any = None) -> None:
    """Delete a remark; the record of the step keeps what it said."""
    _one_by_one(remark.workshop)
    locked = Remark.objects.select_for_update(of=("self",))
    stored = locked.filter(pk=remark.pk).first()
    if stored is None:
        return
    record = Recorder(
        remark.workshop, actor, "remark-delete", stored.text, desk=WRITE_UP
    )
    record.delete(stored)
    record.save()


def _one_by_one(workshop: Workshop) -> None:
    """Let those who write remarks of a workshop do so one after the other."""
    Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
