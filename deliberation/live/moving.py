"""A rotation that is under way, as phones, wall and console tell it."""

from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, Q

from config.prepared import Prepared
from deliberation.results import once
from workshops.identity import seat_mark
from workshops.models import Move, Participant, Rotation, Table, Workshop


class Going(NamedTuple):
    """Somebody who is to go to another table: at which they sit now, and to which."""

    participant: int
    ref: str
    at: int | None
    to: int

    @property
    def mark(self) -> str:
        return seat_mark(Participant(pk=self.participant, ref=self.ref))


class Offer(NamedTuple):
    """A table that one may move to, and how many seats are free there."""

    table: int
    free: int


@dataclass(frozen=True)
class Moving:
    """The last rotation that was started. is_over: people are where they go.

    awaited: who is still to go. people: how many sit at each table, by its number;
    only while they choose.
    """

    rotation: int
    is_free: bool
    is_over: bool
    seats: int
    awaited: tuple[Going, ...] = ()
    people: tuple[tuple[int, int], ...] = ()

    @cached_property
    def _leaving(self) -> dict[int | None, list[Going]]:
        found: dict[int | None, list[Going]] = defaultdict(list)
        for going in self.awaited:
            found[going.at].append(going)
        return found

    def leaving(self, table: int) -> list[Going]:
        """Return who is still to leave a table, given its number."""
        return self._leaving.get(table, [])

    def of(self, who: Participant) -> Going | None:
        """Return where somebody is to go, None for nowhere."""
        return next((one for one in self.awaited if one.participant == who.pk), None)

    def offers(self, table: int | None) -> list[Offer]:
        """Return the other tables, while people may move as they like."""
        if not self.is_free or self.is_over:
            return []
        return [
            Offer(number, max(0, self.seats - people))
            for number, people in self.people
            if number != table
        ]

    def mark(self, table: int) -> Hashable:
        """Return what differs when what a table's phones are told does."""
        return self.rotation, self.is_over, tuple(self.leaving(table)), self.people


def find_moving(workshop: Workshop) -> Moving | None:
    """Return the last rotation that was started, None before that.

    One query, and one more while it is under way.
    """
    return once(("moving", workshop.pk), lambda: _find(workshop))


def is_moving(workshop: Workshop) -> bool:
    """Tell whether people are changing tables now."""
    moving = find_moving(workshop)
    return moving is not None and not moving.is_over


def next_planned(workshop: Workshop) -> Rotation | None:
    """Return the rotation that would be started next, None where none is planned."""
    waiting = [one for one in rotations_of(workshop) if one.started_at is None]
    return min(waiting, key=lambda one: one.number, default=None)


def rotations_of(workshop: Workshop) -> list[Rotation]:
    """Return all rotations, those that have not started last."""
    return once(("rotations", workshop.pk), lambda: _rotations(workshop=workshop.pk))


def _find(workshop: Workshop) -> Moving | None:
    started = [one for one in rotations_of(workshop) if one.started_at is not None]
    if not started:
        return None
    last = max(started, key=lambda one: one.started_at)
    is_over = last.ended_at is not None or workshop.ended_at is not None
    is_free = last.way == Rotation.Way.FREE
    awaited: tuple[Going, ...] = ()
    people: tuple[tuple[int, int], ...] = ()
    if is_free and not is_over:
        people = tuple(_people(workshop=workshop.pk))
    elif not is_over:
        awaited = tuple(Going(*row) for row in _awaited(rotation=last.pk))
    return Moving(last.pk, is_free, is_over, last.seats or 0, awaited, people)


_rotations = Prepared(
    lambda workshop: Rotation.objects.filter(workshop_id=workshop), workshop=int
)
_awaited = Prepared(
    lambda rotation: (
        Move.objects.filter(rotation_id=rotation)
        .awaited()
        .order_by("participant")
        .values_list(
            "participant",
            "participant__ref",
            "participant__table__number",
            "to_table__number",
        )
    ),
    rotation=int,
)
_people = Prepared(
    lambda workshop: (
        Table.objects.filter(workshop_id=workshop)
        .order_by("number")
        .annotate(n=Count("participants", filter=Q(participants__removed_at=None)))
        .values_list("number", "n")
    ),
    workshop=int,
)


def streams(moving: Moving) -> list[dict[str, Any]]:
    """Return, for each table that people leave, where to and how many: `[{at, to}]`.

    to: `[(number, people)]`, both in the order of the tables.
    """
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for going in moving.awaited:
        if going.at is not None:
            found[going.at][going.to] += 1
    return [{"at": at, "to": sorted(found[at].items())} for at in sorted(found)]
