"""A version is published: text and figures as they are now, for good."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from deliberation.actions.writing import hold_write_up
from deliberation.models import Publication, WriteUp
from deliberation.writeup import structure
from deliberation.writeup.structure import Report
from workshops.models import Workshop


class AlreadyPublished(Exception):
    """Somebody published that version before; `publication` is what was published."""

    def __init__(self, publication: Publication) -> None:
        self.publication = publication


class SaysNothing(Exception):
    """A version after the first does not say what changed."""


def next_number(workshop: Workshop) -> int:
    """Return the number that the next version will have, 1 for the first."""
    last = workshop.publications.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def last_published(workshop: Workshop) -> Publication | None:
    """Return the newest version, or None."""
    return workshop.publications.order_by("number").last()


@transaction.atomic
def publish(
    *,
    workshop: Workshop,
    report: Report,
    number: int,
    note: str = "",
    gaps_reason: str = "",
    actor: Any = None,
) -> Publication:
    """Store a report as version `number`, which has to be the next.

    note: what changed, for every version but the first. gaps_reason: why records
    appear nowhere. Raises AlreadyPublished, and SaysNothing for a note that is missing.
    """
    if number > 1 and not note:
        raise SaysNothing
    # Without the key: answers refer to the workshop, and none of them waits for this.
    Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    if before := workshop.publications.filter(number=number).first():
        raise AlreadyPublished(before)
    if number != next_number(workshop):
        raise ValueError("Versions are published one after the other.")
    stored = structure.as_json(structure.without_keys(report))
    write_up = hold_write_up(workshop)
    write_up.state = WriteUp.State.PUBLISHED
    write_up.save(update_fields=["state"])
    return workshop.publications.create(
        number=number,
        at=timezone.now(),
        by=actor,
        note=note,
        gaps_reason=gaps_reason,
        report=stored,
        sha256=structure.sha256(stored),
    )
