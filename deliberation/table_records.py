"""What is recorded of a table for a session: its agreed answers and its points.

There is something to confirm from the first round that was closed of a prompt that
asks tables. A round that is open is not part of it: the table may still change its
answer. Points are those of the table to any prompt of the session, dissent among them.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from deliberation.actions.answers import ask_of
from deliberation.kinds import Ask
from deliberation.live.own import STORED, Stored, stored_fields
from deliberation.models import Answer, Point, Round
from deliberation.models.response import Voice
from workshops.models import Session, Table, Workshop


@dataclass(frozen=True)
class Answered:
    """A closed round and what a table answered: `fields` as the form would send it.

    Empty fields: nothing was entered for the table.
    """

    this_round: Round
    ask: Ask
    fields: Mapping[str, list[str]]


@dataclass(frozen=True)
class Record:
    """A table's record for a session. points: in the order in which they came."""

    session: Session
    table: Table
    answers: tuple[Answered, ...]
    points: tuple[Point, ...]

    @property
    def dissents(self) -> tuple[Point, ...]:
        return tuple(one for one in self.points if one.kind == Point.Kind.DISSENT)

    @property
    def is_empty(self) -> bool:
        return not self.points and not any(one.fields for one in self.answers)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that the table is shown, whatever the reader's language."""
        shown = {
            "table": self.table.number,
            "answers": [_shown(one) for one in self.answers],
            "points": sorted(
                [point.prompt.path, point.kind, point.text, _items_of(point)]
                for point in self.points
            ),
        }
        text = json.dumps(shown, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _shown(answered: Answered) -> list[object]:
    ask, this_round = answered.ask, answered.this_round
    items = [[item.key, item.number, item.text] for item in ask.items]
    points = [[point.key, point.value, point.label] for point in ask.points]
    criteria = [[criterion.key, criterion.label] for criterion in ask.criteria]
    prompt = this_round.prompt
    asked = [prompt.path, this_round.number, prompt.question, items, points, criteria]
    return [*asked, answered.fields]


def _items_of(point: Point) -> list[str]:
    return sorted(item.key for item in point.items.all())


def rounds_to_confirm(workshop: Workshop) -> QuerySet[Round]:
    """Return the closed rounds that asked tables, in the order of the day."""
    return workshop.rounds.filter(
        prompt__asks_tables=True, closed_at__isnull=False
    ).in_order_of_the_day()


def records(session: Session, tables: Sequence[Table]) -> list[Record]:
    """Return the records of tables for a session; none before a round was closed.

    The number of queries does not grow with the tables.
    """
    workshop = session.workshop
    rounds = list(rounds_to_confirm(workshop).filter(prompt__session=session))
    if not rounds:
        return []
    stored: dict[tuple[int, int], list[Stored]] = defaultdict(list)
    rows = Answer.objects.filter(
        round__in=rounds,
        response__voice=Voice.TABLES,
        response__table__in=tables,
        response__version__gte=1,
    )
    named = ("response__table", "round", "item", "criterion", *STORED)
    for table, this_round, *row in rows.values_list(*named):
        stored[table, this_round].append(tuple(row))
    points: dict[int, list[Point]] = defaultdict(list)
    for point in points_of_tables(session).filter(table__in=tables):
        points[point.table_id].append(point)
    asked = [
        (this_round, ask_of(this_round))
        for this_round in rounds
        if this_round.prompt.has_items
    ]
    return [
        Record(
            session,
            table,
            tuple(
                Answered(one, ask, _fields(ask, stored[table.pk, one.pk]))
                for one, ask in asked
            ),
            tuple(points[table.pk]),
        )
        for table in tables
    ]


def _fields(ask: Ask, rows: list[Stored]) -> dict[str, list[str]]:
    return stored_fields(ask, rows) if rows else {}


def points_of_tables(session: Session) -> QuerySet[Point]:
    """Return the points that tables wrote in a session and did not take back."""
    return (
        Point.objects.filter(
            prompt__session=session, voice=Voice.TABLES, withdrawn_at=None
        )
        .select_related("prompt__session")
        .prefetch_related("items")
        .order_by("created_at", "pk")
    )
