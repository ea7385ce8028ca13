"""A facilitator starts a rotation and ends it: phones say where to go, and the wall."""

from typing import Any

from django.db import transaction

from deliberation.actions.recording import Recorder
from deliberation.actions.rounds import database_now, screen_of
from deliberation.models import Screen
from workshops.actions import rotating
from workshops.models import Rotation, Workshop


class AlreadyStarted(Exception):
    """The rotation has been started before."""


class AlreadyEnded(Exception):
    """The rotation has ended, or was called off."""


@transaction.atomic
def start(*, rotation: Rotation, actor: Any = None) -> Rotation:
    """Send people where the plan says; it is fitted to who is there now.

    Who has no table is seated at once. Raises AlreadyStarted, TooFewTables, UnderWay.
    """
    workshop = rotating.hold_workshop(rotation.workshop)
    rotation = Rotation.objects.select_for_update().get(pk=rotation.pk)
    if rotation.started_at is not None:
        raise AlreadyStarted
    if workshop.rotations.under_way().exists():
        raise rotating.UnderWay
    rotation.workshop = workshop
    nowhere = rotating.settle(rotation)
    now = database_now()
    record = Recorder(workshop, actor, "rotate", "")
    record.change(rotation, started_at=now)
    goes = dict(rotation.moves.values_list("participant", "to_table"))
    for who in nowhere:
        record.change(who, table_id=goes[who.pk])
    rotation.moves.filter(participant__in=nowhere).update(arrived_at=now)
    _show(workshop, record)
    record.save()
    return rotation


@transaction.atomic
def let_choose(*, workshop: Workshop, seats: int, actor: Any = None) -> Rotation:
    """Let people move as they like, to tables with fewer than `seats` people.

    Plans that have not started are kept for later. Raises UnderWay.
    """
    workshop = rotating.hold_workshop(workshop)
    if workshop.rotations.under_way().exists():
        raise rotating.UnderWay
    record = Recorder(workshop, actor, "rotate", "")
    rotation = record.create(
        Rotation,
        workshop=workshop,
        number=rotating.next_number(workshop),
        way=Rotation.Way.FREE,
        seats=seats,
        started_at=database_now(),
    )
    _show(workshop, record)
    record.save()
    return rotation


@transaction.atomic
def end(*, rotation: Rotation, actor: Any = None) -> None:
    """End a rotation: who has not said so yet is taken to have arrived.

    Raises AlreadyEnded.
    """
    workshop = rotating.hold_workshop(rotation.workshop)
    held = Rotation.objects.select_for_update().under_way()
    found = held.filter(pk=rotation.pk).first()
    if found is None:
        raise AlreadyEnded
    now = database_now()
    record = Recorder(workshop, actor, "rotate-end", "")
    for move, who in rotating.hold_awaited(found):
        record.change(who, table=move.to_table)
        record.change(move, arrived_at=now)
    record.change(found, ended_at=now)
    screen = screen_of(workshop)
    if screen.showing == Screen.Showing.ROTATION:
        record.change(screen, showing=_before(screen))
    record.save()


def _show(workshop: Workshop, record: Recorder) -> None:
    """Let the wall say where people go."""
    record.change(
        screen_of(workshop),
        showing=Screen.Showing.ROTATION,
        blank=False,
        join_overlay=False,
    )


def _before(screen: Screen) -> str:
    """Return what the wall goes back to: what people were at."""
    if screen.round_id is not None:
        return Screen.Showing.PROMPT
    if screen.session_id is not None:
        return Screen.Showing.BRIEF
    return Screen.Showing.JOIN
