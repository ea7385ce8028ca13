"""One printed ticket, one seat: tickets are made, found, renewed."""

from django.db import IntegrityError, transaction

from config import incoming
from workshops import codes
from workshops.actions import joining
from workshops.models import Device, Participant, Ticket, Workshop

MOST_TICKETS = 2000
ADMISSION = "ticket."  # begins what a browser is admitted with that knew one
TRIES = 5  # for a code that another ticket has


class TooManyTickets(Exception):
    """A workshop has no more than MOST_TICKETS."""


@transaction.atomic
def make_tickets(*, workshop: Workshop, count: int) -> None:
    """Add so many tickets, numbered on from the last. Raises TooManyTickets."""
    held = Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    newest = held.tickets.order_by("-number").first()
    last = newest.number if newest else 0
    if last + count > MOST_TICKETS:
        raise TooManyTickets
    numbers = range(last + 1, last + count + 1)
    for tries_left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                Ticket.objects.bulk_create(
                    Ticket(workshop=held, number=number, code=codes.new_ticket_code())
                    for number in numbers
                )
            return
        except IntegrityError:
            if not tries_left:
                raise


def renew(*, ticket: Ticket) -> None:
    """Give a ticket a new code and QR: the slip that is about is worth nothing now.

    Who sits on it stays, and moves with the new slip. A seat that was ended is no
    longer the ticket's.
    """
    ticket.code, ticket.secret = codes.new_ticket_code(), codes.new_secret()
    with transaction.atomic():
        ticket.save(update_fields=["code", "secret"])
        ticket.seats.exclude(removed_at=None).update(ticket=None)


def ticket_for_secret(secret: str) -> Ticket | None:
    """Return the ticket whose QR code carries this secret, if its workshop asks one."""
    if not incoming.is_storable(secret):
        return None
    return _in_use().filter(secret=secret[:64]).first()


def ticket_for_code(typed: str) -> Ticket | None:
    """Return the ticket that a typed code names, if its workshop asks for one."""
    code = codes.normalise_join_code(typed)
    if len(code) != codes.TICKET_CODE_LENGTH:
        return None
    return _in_use().filter(code=code).first()


def _in_use():
    running = Workshop.objects.joinable().filter(entry=Workshop.Entry.TICKETED)
    return Ticket.objects.filter(workshop__in=running).select_related("workshop")


def admission_by(ticket: Ticket) -> str:
    """Return what a browser that showed this ticket is admitted with."""
    return ADMISSION + ticket.secret


def ticket_of(admission: str) -> Ticket | None:
    """Return the ticket that a browser was admitted with, None if with another way."""
    if not admission.startswith(ADMISSION):
        return None
    return ticket_for_secret(admission.removeprefix(ADMISSION))


@transaction.atomic
def keep_seat(*, ticket: Ticket, participant: Participant) -> bool:
    """Tell whether a person stays where they sit, though they show this ticket.

    It is theirs already, or nobody's: then it becomes that of their seat if that has
    none. Raises SeatGone if a facilitator has just ended the seat.
    """
    held = joining.hold_seat(participant)
    joining.hold_ticket(ticket)
    owner = ticket.seats.first()
    if owner is None and held.ticket_id is None:
        participant.ticket = ticket
        participant.save(update_fields=["ticket"])
    return owner is None or owner.pk == participant.pk


@transaction.atomic
def take_over(*, ticket: Ticket) -> Participant | None:
    """Return whose seat the ticket gives, ended on all other devices; None if none's.

    Raises SeatGone if a facilitator has ended the ticket's seat.
    """
    joining.hold_ticket(ticket)
    seats = list(ticket.seats.all())
    here = next((seat for seat in seats if seat.removed_at is None), None)
    if here is not None:
        Device.objects.filter(participant=here).delete()
    elif seats:
        raise joining.SeatGone
    return here
