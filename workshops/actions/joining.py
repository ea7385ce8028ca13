"""People come in: by code or QR, with what the attribution rule asks, to a table."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q, Value
from django.db.models.functions import Lower
from django.utils import timezone

from config import incoming
from workshops import codes
from workshops.models import (
    Badge,
    Device,
    DeviceLink,
    Move,
    Organisation,
    Participant,
    ScribeLease,
    Table,
    Ticket,
    Workshop,
)

LINK_AGE = timedelta(minutes=15)


class JoiningLocked(Exception):
    """The facilitator has locked joining, or the workshop is over."""


class RoomFull(Exception):
    """As many are in as are expected, and no more are let in."""


class TicketNeeded(Exception):
    """Entry is by ticket, and this one is none of the workshop's."""


class CodeChanged(Exception):
    """Somebody else has just made a new join code."""


class SeatGone(Exception):
    """The person was removed, or is somebody else's seat by now."""


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
    """Return the table with the fewest people, the lowest number among equals.

    Who is to go to another table counts there.
    """
    present = Count("participants", filter=Q(participants__removed_at=None))
    people = dict(workshop.tables.annotate(n=present).values_list("pk", "n"))
    moves = Move.objects.filter(
        rotation__in=workshop.rotations.under_way(), participant__table__isnull=False
    )
    for left, comes in moves.awaited().values_list("participant__table", "to_table"):
        people[left] -= 1
        people[comes] += 1
    tables = workshop.tables.order_by("number")
    return min(tables, key=lambda table: people[table.pk], default=None)


@transaction.atomic
def join(
    *,
    workshop: Workshop,
    name: str = "",
    organisation: str = "",
    table: Table | None,
    admission: str = "",
    ticket: Ticket | None = None,
) -> Participant:
    """Seat a new participant, or return who took a seat with this admission before.

    `name` and `organisation` are kept only as far as the attribution rule asks.
    `table` None seats the person at the emptiest table where people are seated, and
    nowhere where they choose. `ticket`: what the person showed, where entry is by
    ticket. Raises JoiningLocked, RoomFull, TicketNeeded, Table.DoesNotExist.
    """
    # Locked, so that people who come in at once spread evenly.
    workshop = Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    if not workshop.lets_people_in:
        raise JoiningLocked
    used = codes.digest(admission) if admission else None
    present = workshop.participants.present()
    if used and (seated := present.filter(admission=used).first()):
        return seated  # pressed twice, or sent again by a browser that heard nothing
    _check_entry(workshop, ticket)
    if workshop.seating == Workshop.Seating.BALANCED:
        table = emptiest_table(workshop)
    hold_table(table)
    participant = Participant.objects.create(
        workshop=workshop,
        table=table,
        admission=used,
        ticket=ticket if workshop.asks_ticket else None,
    )
    set_badge(participant, workshop=workshop, name=name, organisation=organisation)
    return participant


def _check_entry(workshop: Workshop, ticket: Ticket | None) -> None:
    """Raise what speaks against one seat more; the workshop is held."""
    if workshop.entry == Workshop.Entry.CAPPED:
        present = workshop.participants.present()
        if present.count() >= (workshop.expected_people or 0):
            raise RoomFull
    elif workshop.asks_ticket:
        if ticket is None or ticket.workshop_id != workshop.pk:
            raise TicketNeeded
        hold_ticket(ticket)
        if ticket.seats.exists():  # ended by a facilitator, or taken a moment ago
            raise TicketNeeded


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
    # As the constraint compares; `iexact` takes other letters for the same.
    same = workshop.organisations.alias(small=Lower("name"))
    found = same.filter(small=Lower(Value(name))).first()
    return found or Organisation.objects.create(workshop=workshop, name=name)


def hold(*seats: Participant) -> list[Participant]:
    """Return seats as they are now, kept so until the transaction ends.

    The order of locks is: seats, table, scribe's role.
    """
    held = Participant.objects.select_for_update(no_key=True).order_by("pk")
    found = {seat.pk: seat for seat in held.filter(pk__in=[s.pk for s in seats])}
    return [found[seat.pk] for seat in seats if seat.pk in found]


def hold_seat(participant: Participant) -> Participant:
    """Return a seat, held as by `hold`. Raises SeatGone where it was taken away."""
    held = hold(participant)
    if not held or held[0].removed_at is not None:
        raise SeatGone
    return held[0]


def hold_table(*tables: Table | None) -> None:
    """Keep tables from being taken away meanwhile. Raises Table.DoesNotExist."""
    wanted = {table.pk for table in tables if table is not None}
    if not wanted:
        return
    # In one order: two scribes may change places at once.
    held = Table.objects.select_for_update(no_key=True).order_by("pk")
    if len(held.filter(pk__in=wanted)) < len(wanted):
        raise Table.DoesNotExist


def hold_ticket(ticket: Ticket) -> None:
    """Keep others from taking the ticket's seat until the transaction ends."""
    Ticket.objects.select_for_update(no_key=True).filter(pk=ticket.pk).first()


@transaction.atomic
def move(*, participant: Participant, table: Table | None) -> None:
    """Seat a participant at another table of the workshop.

    The scribe's role of the table they leave becomes free. Raises Table.DoesNotExist
    for a table of another workshop, or one that was just taken away.
    """
    if table is not None and table.workshop_id != participant.workshop_id:
        raise Table.DoesNotExist
    now = hold(participant)
    if not now or now[0].table_id == (table and table.pk):
        return
    hold_table(now[0].table, table)
    ScribeLease.objects.filter(participant=participant).end()
    participant.table = table
    participant.save(update_fields=["table"])


@transaction.atomic
def remove(*, participant: Participant) -> None:
    """Send a participant out: the seat ends on every device, answers leave tallies."""
    hold(participant)
    ScribeLease.objects.filter(participant=participant).end()
    present = Participant.objects.present().filter(pk=participant.pk)
    present.update(removed_at=timezone.now())
    participant.refresh_from_db(fields=["removed_at"])


@transaction.atomic
def bring_back(*, participant: Participant) -> None:
    """Undo a removal; who was merged into somebody else stays merged."""
    removed = Participant.objects.filter(pk=participant.pk, merged_into=None)
    removed.update(removed_at=None, admission=None)
    participant.refresh_from_db(fields=["removed_at"])


@transaction.atomic
def new_join_code(*, workshop: Workshop) -> None:
    """Replace the join code and the QR secret; who has joined stays in.

    Raises CodeChanged if somebody else has replaced the code since it was read.
    """
    fields = {
        "join_code": codes.new_join_code(),
        "join_secret": codes.new_secret(),
    }
    same = Workshop.objects.filter(pk=workshop.pk, join_code=workshop.join_code)
    if not same.update(**fields):
        raise CodeChanged
    workshop.refresh_from_db(fields=list(fields))


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
        ScribeLease.objects.filter(participant=participant).end()
