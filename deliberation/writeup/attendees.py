"""Who attended, by organisation, as far as the attribution rule and people let it.

Nobody is told of who did not wish to be named: not by the organisation, nor by a
count beside it. They are counted for the whole workshop, from `LEAST_SHOWN` on;
of fewer, those who were there could tell who it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from deliberation.results import LEAST_SHOWN
from workshops.models import Guest, Organisation, Participant, Workshop


class Attended(NamedTuple):
    """An organisation and its people; "" for people without one, who come last.

    names: empty where the rule names organisations only. people: how many are listed.
    unnamed: how many more, of all organisations, did not wish to be named; only with
    the last one, and 0 where that would tell who.
    """

    organisation: str
    parent: str
    names: tuple[str, ...]
    people: int
    unnamed: int = 0


class _Person(NamedTuple):
    name: str
    organisation: Organisation | None


def attendees(workshop: Workshop) -> tuple[Attended, ...]:
    """Return who attended, in the order of the organisations' names.

    Empty under the rules that name nobody. Who was removed, or is a second seat of
    somebody, is not listed; guests are, once. Three queries.
    """
    if not workshop.asks_organisation:
        return ()
    unnamed = workshop.participants.present().filter(listed=False).count()
    people: dict[Organisation | None, list[str]] = defaultdict(list)
    for person in _people(workshop):
        people[person.organisation].append(person.name)
    found = [
        Attended(
            organisation.name if organisation else "",
            organisation.parent.name if organisation and organisation.parent else "",
            tuple(sorted(names, key=str.casefold)) if workshop.asks_name else (),
            len(names),
        )
        for organisation, names in people.items()
    ]
    found.sort(key=lambda one: (not one.organisation, one.organisation.casefold()))
    if unnamed < LEAST_SHOWN:
        return tuple(found)
    last = found.pop() if found and not found[-1].organisation else None
    last = last or Attended("", "", (), 0)
    return (*found, last._replace(unnamed=unnamed))


def _people(workshop: Workshop) -> Iterator[_Person]:
    """Yield who is listed; guests who took a seat under the same name only once."""
    seats = (
        Participant.objects.present()
        .filter(workshop=workshop, listed=True)
        .select_related("badge__organisation__parent")
    )
    guests = Guest.objects.filter(workshop=workshop)
    guests = guests.select_related("organisation__parent")
    seated = set()
    for badge in _badges(seats):
        person = _Person(badge.name, badge.organisation)
        if person.name or not workshop.asks_name:
            seated.add((person.name.casefold(), badge.organisation_id))
            yield person
    for guest in guests:
        if (guest.name.casefold(), guest.organisation_id) not in seated:
            yield _Person(guest.name, guest.organisation)


def _badges(seats: Iterable[Participant]) -> Iterator:
    """Yield what people said of themselves; who said nothing is not listed."""
    for seat in seats:
        badge = getattr(seat, "badge", None)
        if badge is not None:
            yield badge
