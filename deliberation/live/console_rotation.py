"""A planned change of tables: who goes where, and how well it mixes the room."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workshops import mixing
from workshops.actions.rotating import room_of
from workshops.models import Participant, Rotation, Table, Workshop


@dataclass(frozen=True)
class Counted:
    """How many go from one table, or from none, to each of the others, in order."""

    table: Table | None
    to: list[int]


@dataclass(frozen=True)
class Planned:
    """A rotation that has not started: the tables after it, and what it repeats.

    counts: only of the next one; those after it start from where it leads.
    """

    rotation: Rotation
    place: int
    people: list[tuple[Table, list[Participant]]]
    counts: list[Counted]
    facts: list[str]


def planned(workshop: Workshop) -> list[Planned]:
    """Return the plan, rotation by rotation, with who is still there."""
    tables = {table.pk: table for table in workshop.tables.all()}
    seats = workshop.participants.present().select_related(
        "badge__organisation", "presence", "scribe_lease", "table", "merged_into"
    )
    people = {who.pk: who for who in seats}
    for who in people.values():
        who.workshop = workshop
    room = room_of(workshop)
    found = []
    rotations = workshop.rotations.planned().prefetch_related("moves")
    for place, rotation in enumerate(rotations, start=1):
        seating = {
            move.participant_id: move.to_table_id
            for move in rotation.moves.all()
            if move.participant_id in people
        }
        late = len(people) - len(seating)
        found.append(
            Planned(
                rotation,
                place,
                _by_table(seating, tables, people),
                _counts(room.now, seating, tables) if place == 1 else [],
                _facts(mixing.mixed(room, seating), late),
            )
        )
        room = room.after(seating)
    return found


def _by_table(
    seating: dict[int, int], tables: dict[int, Table], people: dict[int, Participant]
) -> list[tuple[Table, list[Participant]]]:
    at: dict[int, list[Participant]] = defaultdict(list)
    for who, table in sorted(seating.items()):
        at[table].append(people[who])
    return [(tables[pk], at[pk]) for pk in tables if pk in at]


def _counts(
    now: mixing.Seating, seating: dict[int, int], tables: dict[int, Table]
) -> list[Counted]:
    counts = Counter((now.get(who), table) for who, table in seating.items())
    targets = [pk for pk in tables if pk in set(seating.values())]
    sources = [pk for pk in tables if any(at == pk for at, _to in counts)]
    rows = [
        Counted(tables[pk], [counts[pk, target] for target in targets])
        for pk in sources
    ]
    if any(at is None for at, _to in counts):
        rows.append(Counted(None, [counts[None, target] for target in targets]))
    return rows


def _facts(found: mixing.Mixed, late: int) -> list[str]:
    """Say what a move repeats, and who is not in it yet."""
    facts = [
        ngettext(
            "%(n)d pair sits together again.",
            "%(n)d pairs sit together again.",
            found.meetings,
        )
        % {"n": found.meetings}
        if found.meetings
        else _("Nobody meets the same people again.")
    ]
    if found.returns:
        facts.append(
            ngettext(
                "%(n)d person comes back to a table.",
                "%(n)d people come back to a table.",
                found.returns,
            )
            % {"n": found.returns}
        )
    if late > 0:
        facts.append(
            ngettext(
                "%(n)d person came later and gets a place when it starts.",
                "%(n)d people came later and get a place when it starts.",
                late,
            )
            % {"n": late}
        )
    return facts
