"""The list of attendees is put in order: spellings merged, guests added, and recorded.

What is recorded names no guest: who is taken off the list is nowhere else.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from deliberation.actions.recording import Recorder
from deliberation.models import Event, Response
from workshops.actions import attendance
from workshops.actions.attendance import Named
from workshops.actions.joining import find_organisation
from workshops.models import Guest, Organisation, Workshop

WRITE_UP = Event.Desk.WRITE_UP


class NameTaken(Exception):
    """Another organisation of the workshop has this name already."""


class TooFew(Exception):
    """Merging takes two organisations that are there."""


@transaction.atomic
def merge_organisations(
    *, workshop: Workshop, keep: int, drop: Collection[int], actor: Any = None
) -> Organisation:
    """Count organisations, spelt differently, as one; return it.

    keep, drop: their keys; `keep` may be among those to drop. People, guests and
    answers from files become its own. Raises TooFew, also after somebody else did it.
    """
    known = attendance.hold_organisations(workshop)
    stays = known.get(keep)
    gone = [known[pk] for pk in sorted(set(drop) - {keep}) if pk in known]
    if stays is None or not gone:
        raise TooFew
    names = ", ".join(one.name for one in gone)
    record = Recorder(
        workshop, actor, "organisation-merge", f"{stays.name}: {names}", desk=WRITE_UP
    )
    for row, fields in attendance.take_over(keep=stays, drop=gone):
        record.change(row, **fields)
    answers = Response.objects.select_for_update(of=("self",), no_key=True)
    for answer in answers.filter(organisation__in=gone).order_by("pk"):
        record.change(answer, organisation=stays)
    for one in gone:
        one.refresh_from_db()
        record.delete(one)
    record.save()
    stays.refresh_from_db()
    return stays


@transaction.atomic
def change_organisation(
    *, workshop: Workshop, pk: int, name: str, parent: str, actor: Any = None
) -> Organisation:
    """Give an organisation a name and what it is a part of, "" for nothing.

    The parent is made if it is new. Raises NameTaken, PartOfItself,
    Organisation.DoesNotExist.
    """
    known = attendance.hold_organisations(workshop)
    organisation = known.get(pk)
    if organisation is None:
        raise Organisation.DoesNotExist
    whole = find_organisation(workshop, parent)
    attendance.check_parent(organisation, whole, known)
    record = Recorder(workshop, actor, "organisation", name, desk=WRITE_UP)
    try:
        with transaction.atomic():
            record.change(organisation, name=name, parent=whole)
    except IntegrityError:
        raise NameTaken from None
    record.save()
    return organisation


@transaction.atomic
def add_guests(
    *, workshop: Workshop, guests: Sequence[Named], actor: Any = None
) -> int:
    """Add guests that are not listed yet, and return how many were new."""
    attendance.hold_organisations(workshop)
    listed = {
        (guest.name.casefold(), guest.organisation_id)
        for guest in workshop.guests.all()
    }
    record = Recorder(workshop, actor, "guests", "", desk=WRITE_UP)
    new = 0
    for guest in guests:
        organisation = find_organisation(workshop, guest.organisation)
        key = (guest.name.casefold(), organisation and organisation.pk)
        if key in listed:
            continue
        listed.add(key)
        record.create(
            Guest, workshop=workshop, name=guest.name, organisation=organisation
        )
        new += 1
    record.save()
    return new


@transaction.atomic
def change_guest(*, guest: Guest, named: Named, actor: Any = None) -> None:
    """Give a guest another name or organisation. Raises Guest.DoesNotExist."""
    attendance.hold_organisations(guest.workshop)
    guest = Guest.objects.select_for_update().get(pk=guest.pk)
    guest.name = named.name
    guest.organisation = find_organisation(guest.workshop, named.organisation)
    guest.save()
    Recorder(guest.workshop, actor, "guests", "", desk=WRITE_UP).save(can_undo=False)


@transaction.atomic
def remove_guest(*, guest: Guest, actor: Any = None) -> None:
    """Take a guest off the list; who is off it already stays so."""
    gone, _rows = Guest.objects.filter(pk=guest.pk).delete()
    if gone:
        record = Recorder(guest.workshop, actor, "guests", "", desk=WRITE_UP)
        record.save(can_undo=False)
