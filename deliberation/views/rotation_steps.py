"""The console's steps that change where people sit: a rotation starts and ends."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from config import incoming
from deliberation.actions import rotating
from deliberation.views.console_refusals import Refused, already, find
from workshops.actions.rotating import TooFewTables, UnderWay
from workshops.models import Workshop

MOST_SEATS = 1000


@transaction.atomic
def rotate(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    rotation = find(workshop.rotations, arguments)
    if workshop.ended_at is not None:
        raise Refused(has_ended())
    try:
        rotating.start(rotation=rotation, actor=actor)
    except rotating.AlreadyStarted:
        raise already(workshop, "rotate", rotation, _("Already started")) from None
    except UnderWay:
        raise Refused(still_moving()) from None
    except TooFewTables:
        raise Refused(too_few()) from None
    return _("Phones and wall say where to go.")


@transaction.atomic
def rotate_freely(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    seats = incoming.number(arguments[0] if arguments else "")
    if not 1 <= seats <= MOST_SEATS:
        raise Refused(_("This button is out of date. Please press it again."))
    if workshop.ended_at is not None:
        raise Refused(has_ended())
    try:
        rotating.let_choose(workshop=workshop, seats=seats, actor=actor)
    except UnderWay:
        raise Refused(still_moving()) from None
    return _("Phones offer the other tables.")


@transaction.atomic
def end_rotation(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    rotation = find(workshop.rotations, arguments)
    try:
        rotating.end(rotation=rotation, actor=actor)
    except rotating.AlreadyEnded:
        raise already(workshop, "rotate-end", rotation, _("Already ended")) from None
    return _("Everybody counts at the new table.")


def has_ended() -> str:
    return _("The workshop has ended. Take it up again first.")


def still_moving() -> str:
    return _("People are still changing tables. End that first.")


def too_few() -> str:
    return _("People sit at fewer than two tables: there is nowhere to go.")


ROTATION_STEPS = {
    "rotate": rotate,
    "rotate-free": rotate_freely,
    "rotate-end": end_rotation,
}
