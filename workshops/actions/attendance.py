"""Who attended, as it is told: organisations under one name, guests, opting out."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from config.incoming import clean_text
from workshops.models import Badge, Guest, Organisation, Participant, Workshop

NAME_LENGTH = 120
ORGANISATION_LENGTH = 160
MOST_LINES = 1000


class PartOfItself(Exception):
    """An organisation would be a part of its own part."""


class WrongLines(Exception):
    """Lines that name no guests; `messages` says why, each with its line's number."""

    def __init__(self, messages: list[str]) -> None:
        self.messages = messages


class Named(NamedTuple):
    """A guest and the organisation, "" for none."""

    name: str
    organisation: str


def hold_organisations(workshop: Workshop) -> dict[int, Organisation]:
    """Return the organisations of a workshop by their keys, held as they are.

    Nobody comes in, and no file, meanwhile: both look for organisations by name.
    """
    Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    held = Organisation.objects.select_for_update().filter(workshop=workshop)
    return {one.pk: one for one in held.order_by("pk")}


def take_over(
    *, keep: Organisation, drop: Collection[Organisation]
) -> Iterator[tuple[Model, dict[str, Any]]]:
    """Yield what refers to the organisations `drop`, with what is to be set instead.

    So that everybody of theirs is of `keep`, and their parts are its parts; all are
    held. They then have nobody; who refers to them elsewhere is to be moved as well.
    """
    people = Badge.objects.select_for_update(of=("self",)).filter(organisation__in=drop)
    for badge in people.order_by("pk"):
        yield badge, {"organisation": keep}
    guests = Guest.objects.select_for_update(of=("self",)).filter(organisation__in=drop)
    for guest in guests.order_by("pk"):
        yield guest, {"organisation": keep}
    gone = {one.pk for one in drop}
    for part in Organisation.objects.filter(parent__in=gone).order_by("pk"):
        stands_below = part.pk != keep.pk and part.pk not in gone
        yield part, {"parent": keep if stands_below else None}


def check_parent(
    organisation: Organisation,
    parent: Organisation | None,
    known: dict[int, Organisation],
) -> None:
    """Raise PartOfItself where a parent is a part of the organisation itself."""
    above = parent
    for _level in range(len(known) + 1):
        if above is None:
            return
        if above.pk == organisation.pk:
            raise PartOfItself
        above = known.get(above.parent_id) if above.parent_id else None


def read_guests(text: str) -> list[Named]:
    """Return the guests that lines name, as `Name, Organisation` or out of a sheet.

    The organisation may be left out; empty lines are none. Raises WrongLines with all
    that is wrong.
    """
    lines = clean_text(text).split("\n")
    found: list[Named] = []
    wrong: list[str] = []
    for number, line in enumerate(lines, start=1):
        name, _mark, organisation = line.partition("\t" if "\t" in line else ",")
        guest = Named(" ".join(name.split()), " ".join(organisation.split()))
        if not guest.name and not guest.organisation:
            continue
        if message := _wrong_with(guest):
            wrong.append(
                _("Line %(number)d: %(message)s")
                % {"number": number, "message": message}
            )
        found.append(guest)
    if not found:
        wrong.append(_("Please write at least one name."))
    if len(found) > MOST_LINES:
        wrong = [_("Please add at most %(most)d at once.") % {"most": MOST_LINES}]
    if wrong:
        raise WrongLines(wrong)
    return found


def _wrong_with(guest: Named) -> str:
    if not guest.name:
        return _("the name is missing.")
    if len(guest.name) > NAME_LENGTH:
        return _("the name is longer than %(most)d characters.") % {"most": NAME_LENGTH}
    if len(guest.organisation) > ORGANISATION_LENGTH:
        return _("the organisation is longer than %(most)d characters.") % {
            "most": ORGANISATION_LENGTH
        }
    return ""


@transaction.atomic
def set_listed(*, participants: Iterable[Participant], listed: bool) -> int:
    """Let the write-up name these people, or not; return how many it concerns."""
    keys = [who.pk for who in participants]
    return Participant.objects.filter(pk__in=keys).update(listed=listed)
