"""What a table recorded before somebody came to it: its answers and its points."""

from dataclasses import dataclass
from datetime import datetime

from deliberation.live.moving import Moving
from deliberation.live.table_record import ShownRound, shown_answers
from deliberation.models import Point
from deliberation.table_records import points_of_tables, record_of
from workshops.models import Move, Participant, Session, Table


@dataclass(frozen=True)
class Said:
    """What a table recorded in one session: closed rounds, and points to any prompt."""

    session: Session
    rounds: list[ShownRound]
    points: list[Point]


def greeting(who: Participant, table: Table, moving: Moving) -> list[Said] | None:
    """Return what to tell a person who came to this table in the last rotation.

    None for who was there before. What came after the rotation is not part of it.
    """
    came = (
        Move.objects.filter(rotation=moving.rotation, participant=who, to_table=table)
        .exclude(arrived_at=None)
        .exclude(from_table=table)
        .select_related("rotation")
        .first()
    )
    return said_before(table, came.rotation.ended_at) if came else None


def said_before(table: Table, until: datetime | None) -> list[Said]:
    """Return what a table recorded, session by session; until: None for all of it."""
    found = []
    sessions = table.workshop.sessions.filter(started_at__isnull=False)
    for session in sessions:
        session.workshop = table.workshop
        record = record_of(session, table)
        rounds = shown_answers(record) if record else []
        points = points_of_tables(session).filter(table=table)
        if until is not None:
            rounds = [one for one in rounds if one.this_round.opened_at < until]
            points = points.filter(created_at__lt=until)
        if rounds or points:
            found.append(Said(session, rounds, list(points)))
    return found
