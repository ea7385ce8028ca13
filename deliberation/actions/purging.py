"""What nobody needs any more is deleted: what let people in, later who they were."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.sessions.models import Session as SignIn
from django.db import transaction
from django.utils import timezone

from deliberation.actions import making
from deliberation.models import Comment
from workshops.identity import ADMISSION_AGE, COOKIE_AGE
from workshops.models import (
    Badge,
    Device,
    DeviceLink,
    Guest,
    Participant,
    Presence,
    Workshop,
    WrongCodes,
)


class Purged(NamedTuple):
    """How many went of each: rows, rehearsals' workshops, and names of people."""

    secrets: int
    devices: int
    rehearsals: int
    names: int


def purge(*, now: datetime | None = None) -> Purged:
    """Delete what is past its time; run every night.

    At once: links, admissions, wrong codes and sign-ins that no longer count. A week
    after a workshop's end, when no phone holds its cookie any more: devices, and what
    was made to rehearse. `KEEP_NAMES_DAYS` after it, if that is not 0: names, comments
    and guests. Figures stay as they are, by organisation too, and so do versions that
    were published.
    """
    now = now or timezone.now()
    names = 0
    if settings.KEEP_NAMES_DAYS:
        over = _ended(now - timedelta(days=settings.KEEP_NAMES_DAYS))
        names = sum(_forget_names(workshop) for workshop in over)
    return Purged(_drop_secrets(now), _drop_devices(now), _drop_rehearsals(now), names)


def _ended(before: datetime) -> list[Workshop]:
    return list(Workshop.objects.filter(ended_at__lt=before).order_by("pk"))


def _drop_secrets(now: datetime) -> int:
    links, _rows = DeviceLink.objects.filter(expires_at__lt=now).delete()
    codes, _rows = WrongCodes.objects.filter(forgiven_at__lt=now.timestamp()).delete()
    signed_in, _rows = SignIn.objects.filter(expire_date__lt=now).delete()
    spent = Participant.objects.filter(joined_at__lt=now - ADMISSION_AGE)
    return (
        links + codes + signed_in + spent.exclude(admission=None).update(admission=None)
    )


def _drop_devices(now: datetime) -> int:
    over = [workshop.pk for workshop in _ended(now - COOKIE_AGE)]
    Presence.objects.filter(workshop__in=over).delete()
    devices = Device.objects.filter(
        participant__workshop__in=over, created_at__lt=now - COOKIE_AGE
    )
    return devices.delete()[0]


def _drop_rehearsals(now: datetime) -> int:
    over = [one for one in _ended(now - COOKIE_AGE) if one.is_rehearsal]
    for workshop in over:
        making.remove(workshop)
    return len(over)


@transaction.atomic
def _forget_names(workshop: Workshop) -> int:
    """Delete who was there; an organisation stays where figures are told by it."""
    badges = Badge.objects.filter(participant__workshop=workshop)
    names = badges.exclude(name="").update(name="")
    badges.filter(organisation=None).delete()
    Comment.objects.filter(write_up__workshop=workshop).delete()
    Device.objects.filter(participant__workshop=workshop).delete()
    guests, _rows = Guest.objects.filter(workshop=workshop).delete()
    return names + guests
