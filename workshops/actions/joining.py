"""People come in: by code or QR, with what the attribution rule asks, to a table."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from config import incoming
from workshops import codes
from workshops.models import (
    Badge,
    Device,
    DeviceLink,
    Organisation,
    Participant,
    ScribeLease,
    Table,
    Workshop,
)

LINK_AGE = timedelta(minutes=15)


class JoiningLocked(Exception):
    """The facilitator has locked joining, or the workshop is over."""


class LinkSpent(Exception):
    """A link for another device is unknown, used or too old."""


def workshop_for_code(typed: str) -> Workshop | None:
    """Return the running workshop that a typed join code leads to, or None.

    Case, blanks and hyphens do not matter.
    """
    code = codes.normalise_join_code(typed)
    if len(code) != codes.JOIN_CODE_LENGTH:
        return None
    return Workshop.objects.joinable().filter(join_code=code).first()


def workshop_for_secret(secret: str) -> Workshop | None:
    """Return the running workshop whose QR code carries this secret, or None."""
    if not incoming.is_storable(secret):
        return None
    return Workshop.objects.joinable().filter(join_secret=secret[:64]).first()


def emptiest_table(workshop: Workshop) -> Table | None:
    """Return the table with the fewest people, the lowest number among equals."""
    present = Count("participants", filter=Q(participants__removed_at=None))
    return workshop.tables.annotate(people=present).order_by("people", "number").first()


@transaction.atomic
def join(
    *, workshop: Workshop, name: str = "", organisation: str = "", table: Table | None
) -> Participant:
    """Seat a new participant.

    `name` and `organisation` are kept only as far as the attribution rule asks.
    `table` None seats the person at the emptiest table where people are seated, and
    nowhere where they choose. Raises JoiningLocked.
    """
    # Locked, so that people who come in at once spread evenly.
    workshop = Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    if workshop.joining_locked or workshop.ended_at:
        raise JoiningLocked
    if workshop.seating == Workshop.Seating.BALANCED:
        table = emptiest_table(workshop)
    participant = Participant.objects.create(workshop=workshop, table=table)
    set_badge(participant, workshop=workshop, name=name, organisation=organisation)
    return participant


def set_badge(
    participant: Participant, *, workshop: Workshop, name: str, organisation: str
) -> None:
    """Keep the name and organisation that the attribution rule asks for."""
    name = name.strip() if workshop.asks_name else ""
    organisation = organisation.strip() if workshop.asks_organisation else ""
    if not name and not organisation:
        return
    Badge.objects.update_or_create(
        participant=participant,
        defaults={
            "name": name,
            "organisation": find_organisation(workshop, organisation),
        },
    )


def find_organisation(workshop: Workshop, name: str) -> Organisation | None:
    """Return the organisation of that name in any case, made if it is new."""
    if not name:
        return None
    found = workshop.organisations.filter(name__iexact=name).first()
    return found or Organisation.objects.create(workshop=workshop, name=name)


@transaction.atomic
def move(*, participant: Participant, table: Table | None) -> None:
    """Seat a participant at another table of the workshop.

    The scribe's role of the table they leave becomes free. Raises Table.DoesNotExist
    for a table of another workshop.
    """
    if table is not None and table.workshop_id != participant.workshop_id:
        raise Table.DoesNotExist
    if participant.table_id == (table and table.pk):
        return
    ScribeLease.objects.filter(participant=participant).delete()
    participant.table = table
    participant.save(update_fields=["table"])


@transaction.atomic
def remove(*, participant: Participant) -> None:
    """Send a participant out: the seat ends on every device, answers leave tallies."""
    ScribeLease.objects.filter(participant=participant).delete()
    participant.removed_at = timezone.now()
    participant.save(update_fields=["removed_at"])


@transaction.atomic
def bring_back(*, participant: Participant) -> None:
    """Undo a removal; who was merged into somebody else stays merged."""
    if participant.merged_into_id is None:
        participant.removed_at = None
        participant.save(update_fields=["removed_at"])


@transaction.atomic
def new_join_code(*, workshop: Workshop) -> None:
    """Replace the join code and the QR secret; who has joined stays in."""
    workshop.join_code = codes.new_join_code()
    workshop.join_secret = codes.new_secret()
    workshop.save(update_fields=["join_code", "join_secret"])


def link_for_another_device(*, participant: Participant) -> str:
    """Return the token of a link that gives this seat to one more device, once."""
    token = codes.new_token()
    DeviceLink.objects.create(
        participant=participant,
        token_hash=codes.digest(token),
        expires_at=timezone.now() + LINK_AGE,
    )
    return token


def use_device_link(*, workshop: Workshop, token: str) -> Participant:
    """Spend a link for another device and return whose seat it gives.

    Raises LinkSpent when it is unknown, used, older than 15 minutes, or its owner
    has been removed.
    """
    now = timezone.now()
    spent = DeviceLink.objects.filter(
        token_hash=codes.digest(token),
        participant__workshop=workshop,
        participant__removed_at=None,
        used_at=None,
        expires_at__gt=now,
    ).update(used_at=now)
    if not spent:
        raise LinkSpent
    link = DeviceLink.objects.select_related("participant").get(
        token_hash=codes.digest(token)
    )
    return link.participant


@transaction.atomic
def leave(*, participant: Participant, token: str) -> None:
    """End the seat on one device; leaving the last one gives up the scribe's role."""
    Device.objects.filter(
        participant=participant, token_hash=codes.digest(token)
    ).delete()
    if not participant.devices.exists():
        ScribeLease.objects.filter(participant=participant).delete()
