"""People change tables: rotations are planned, started, followed to their end."""

import secrets
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from workshops import mixing
from workshops.actions import joining
from workshops.models import Move, Participant, Rotation, ScribeLease, Table, Workshop

MOST_TIMES = 9


class TooFewTables(Exception):
    """People sit at fewer than two tables: there is nowhere to go."""


class UnderWay(Exception):
    """A rotation has started and not ended: nothing is planned meanwhile."""


class NotMoving(Exception):
    """No rotation is under way in which this person goes to a table."""


class TableFull(Exception):
    """As many people sit at the table as may."""


def hold_workshop(workshop: Workshop) -> Workshop:
    """Return a workshop whose rotations nobody else plans, starts or ends meanwhile."""
    return Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)


def room_of(workshop: Workshop) -> mixing.Room:
    """Return who sits where now, who stays as a scribe, and who sat where before."""
    now = dict(workshop.participants.present().values_list("pk", "table"))
    leases = ScribeLease.objects.filter(table__workshop=workshop)
    hosts = set(leases.values_list("participant", flat=True))
    before: dict[int, dict[int, int | None]] = defaultdict(dict)
    moves = Move.objects.filter(
        rotation__workshop=workshop, rotation__started_at__isnull=False
    ).order_by("rotation__started_at")
    for rotation, who, table in moves.values_list(
        "rotation", "participant", "from_table"
    ):
        before[rotation][who] = table
    return mixing.Room(now, hosts, list(before.values()))


@transaction.atomic
def plan(*, workshop: Workshop, times: int) -> list[Rotation]:
    """Plan the next rotations, instead of those that were planned and not started.

    times: 1 to MOST_TIMES. Raises TooFewTables, UnderWay.
    """
    workshop = hold_workshop(workshop)
    drop_plan(workshop=workshop)
    try:
        found = mixing.plan(
            room_of(workshop), times=times, seed=secrets.randbelow(2**32)
        )
    except ValueError:
        raise TooFewTables from None
    made = []
    for seating in found:
        rotation = Rotation.objects.create(
            workshop=workshop, number=next_number(workshop)
        )
        _send(rotation, seating)
        made.append(rotation)
    return made


@transaction.atomic
def drop_plan(*, workshop: Workshop) -> None:
    """Forget the rotations that have not started. Raises UnderWay."""
    hold_workshop(workshop)
    if workshop.rotations.under_way().exists():
        raise UnderWay
    workshop.rotations.planned().delete()


def next_number(workshop: Workshop) -> int:
    """Return the number after that of the last rotation; the workshop is held."""
    last = workshop.rotations.order_by("-number").first()
    return last.number + 1 if last else 1


def _send(
    rotation: Rotation, seating: mixing.Seating, room: mixing.Room | None = None
) -> None:
    """Store where people go; with the room as it is, also where they come from."""
    now = room.now if room is not None else {}
    Move.objects.bulk_create(
        Move(
            rotation=rotation,
            participant_id=who,
            from_table_id=now.get(who),
            to_table_id=table,
        )
        for who, table in seating.items()
    )


def settle(rotation: Rotation) -> list[Participant]:
    """Fit a plan to who is there now, as it starts; return who has no table yet.

    Who came later gets a place, scribes stay, who has left is left out. Those without
    a table need not be sent from one. The workshop is held. Raises TooFewTables.
    """
    room = room_of(rotation.workshop)
    wanted = dict(rotation.moves.values_list("participant", "to_table"))
    try:
        seating = mixing.fit(room, wanted, seed=rotation.pk)
    except ValueError:
        raise TooFewTables from None
    rotation.moves.all().delete()
    _send(rotation, seating, room)
    nowhere = [who for who, table in room.now.items() if table is None]
    return joining.hold(*Participant.objects.filter(pk__in=nowhere))


@transaction.atomic
def arrive(*, participant: Participant) -> Table:
    """Seat a person where the rotation under way sends them; return the table.

    Their answers so far keep the table they leave. Raises NotMoving when it has ended
    or they are there already.
    """
    _hold_under_way(participant.workshop_id)
    move = (
        Move.objects.filter(
            rotation__in=Rotation.objects.under_way(), participant=participant
        )
        .awaited()
        .select_related("to_table")
        .first()
    )
    if move is None:
        raise NotMoving
    joining.move(participant=participant, table=move.to_table)
    move.arrived_at = timezone.now()
    move.save(update_fields=["arrived_at"])
    return move.to_table


@transaction.atomic
def choose(*, participant: Participant, number: int) -> Table:
    """Seat a person at the table they chose while people may move freely.

    Raises NotMoving when they may not, Table.DoesNotExist, TableFull.
    """
    rotation = _hold_under_way(participant.workshop_id)
    if rotation is None or rotation.way != Rotation.Way.FREE:
        raise NotMoving
    table = Table.objects.get(workshop=participant.workshop_id, number=number)
    joining.hold_table(table)
    there = Participant.objects.present().filter(table=table)
    there = there.exclude(pk=participant.pk)
    if rotation.seats is not None and there.count() >= rotation.seats:
        raise TableFull
    left = Participant.objects.get(pk=participant.pk).table
    joining.move(participant=participant, table=table)
    Move.objects.update_or_create(
        rotation=rotation,
        participant=participant,
        defaults={"to_table": table, "arrived_at": timezone.now()},
        create_defaults={
            "from_table": left,
            "to_table": table,
            "arrived_at": timezone.now(),
        },
    )
    return table


def _hold_under_way(workshop_id: int) -> Rotation | None:
    """Return the rotation under way, which does not end meanwhile."""
    held = Rotation.objects.select_for_update(no_key=True).under_way()
    return held.filter(workshop=workshop_id).first()


def hold_awaited(rotation: Rotation) -> list[tuple[Move, Participant]]:
    """Return who is not there yet, with their seats held, and free their roles."""
    moves = {
        move.participant_id: move
        for move in rotation.moves.awaited().select_related("participant", "to_table")
    }
    held = joining.hold(*[move.participant for move in moves.values()])
    ScribeLease.objects.filter(participant__in=held).end()
    return [(moves[who.pk], who) for who in held if who.removed_at is None]


def send_back(rotations: Iterable[Rotation]) -> None:
    """Let who has arrived in rotations that are called off go back to their tables."""
    moves = Move.objects.filter(
        rotation__in=rotations, arrived_at__isnull=False, from_table__isnull=False
    ).select_related("participant", "from_table")
    for move in moves.order_by("participant"):
        if move.participant.table_id == move.to_table_id != move.from_table_id:
            joining.move(participant=move.participant, table=move.from_table)
    moves.update(arrived_at=None)
