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

from config.prepared import Prepared
from deliberation.actions.answers import ask_of
from deliberation.kinds import Ask
from deliberation.live.own import STORED, Stored, stored_fields
from deliberation.models import Answer, Point, Round, RoundAudience
from deliberation.models.response import Voice
from deliberation.results import once
from workshops.models import Session, Table, Workshop

MARK_LENGTH = 12  # of a part: tells what changed, and decides nothing


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
    """A table's record for a session.

    rounds: all that were closed, of discussions too. answers: of those with items.
    points: in the order in which they came.
    """

    session: Session
    table: Table
    rounds: tuple[Round, ...]
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
        shown = [self.table.number, *sorted(self._shown.values())]
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()

    @cached_property
    def parts(self) -> dict[str, str]:
        """A short mark of each part: of a question, an answer to an item, a point.

        They are named `r<round>`, `r<round>.<item>` (`r<round>.` for one answer to
        all) and `p<point>`.
        """
        return {
            name: hashlib.sha256(shown.encode()).hexdigest()[:MARK_LENGTH]
            for name, shown in self._shown.items()
        }

    def changed_since(self, seen: Mapping[str, str]) -> set[str]:
        """Return the names of parts that are new or another since `seen`.

        A name that is only in `seen` is that of a part which is gone.
        """
        both = self.parts.keys() | seen.keys()
        return {name for name in both if self.parts.get(name) != seen.get(name)}

    @cached_property
    def _shown(self) -> dict[str, str]:
        """Return what the table is shown, part by part, each as one text."""
        shown: dict[str, object] = {}
        for one in self.answers:
            shown |= _shown(one)
        for point in self.points:
            about = [point.prompt.path, _items_of(point)]
            shown[f"p{point.pk}"] = [*about, point.kind, point.text]
        return {name: json.dumps(part) for name, part in shown.items()}


def _shown(answered: Answered) -> dict[str, object]:
    ask, this_round = answered.ask, answered.this_round
    prompt, name = this_round.prompt, f"r{this_round.pk}"
    where = [prompt.path, this_round.number]
    points = [[point.key, point.value, point.label] for point in ask.points]
    criteria = [[criterion.key, criterion.label] for criterion in ask.criteria]
    shown: dict[str, object] = {name: [*where, prompt.question, points, criteria]}
    by_item: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for field, values in answered.fields.items():
        item = "" if field == "choice" else field.split(".")[1]
        by_item[item][field] = values
    shown[f"{name}."] = [*where, sorted(by_item[""].items())]
    for item in ask.items:
        words = [item.key, item.number, item.text]
        shown[f"{name}.{item.key}"] = [
            *where,
            *words,
            sorted(by_item[item.key].items()),
        ]
    return shown


def _items_of(point: Point) -> list[str]:
    return sorted(item.key for item in point.items.all())


def rounds_to_confirm(workshop: Workshop) -> QuerySet[Round]:
    """Return the closed rounds that asked tables, in the order of the day."""
    return workshop.rounds.filter(
        prompt__asks_tables=True, closed_at__isnull=False
    ).in_order_of_the_day()


def session_to_confirm(workshop: Workshop, now: Session | None) -> Session | None:
    """Return the session whose record tables can confirm: the one that is `now`.

    Else the one in which a question to tables was closed last. One query, and one
    for all tables whose boards are made together.
    """
    if workshop.ended_at is not None:
        return None
    closed = once(
        ("closed for tables", workshop.pk), lambda: _closed(workshop=workshop.pk)
    )
    sessions = {one.prompt.session_id: one.prompt.session for one in closed}
    latest = closed[-1].prompt.session if closed else None
    return sessions.get(now.pk, latest) if now is not None else latest


_closed = Prepared(
    lambda workshop: (
        Round.objects.filter(
            workshop_id=workshop, prompt__asks_tables=True, closed_at__isnull=False
        )
        .select_related("prompt__session")
        .order_by("closed_at")
    ),
    workshop=int,
)


def record_of(session: Session, table: Table) -> Record | None:
    """Return a table's record for a session, None while there is nothing to confirm."""
    return next(iter(records(session, [table])), None)


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
    some: set[tuple[int, int | None]] = set()
    if not all(one.asks_everybody for one in rounds):
        audiences = RoundAudience.objects.filter(round__in=rounds)
        some = set(audiences.values_list("round", "table"))
    return [
        Record(
            session,
            table,
            tuple(rounds),
            tuple(
                Answered(one, ask, _fields(ask, stored[table.pk, one.pk]))
                for one, ask in asked
                if one.asks_everybody or (one.pk, table.pk) in some
            ),
            tuple(points[table.pk]),
        )
        for table in tables
    ]


def _fields(ask: Ask, rows: list[Stored]) -> dict[str, list[str]]:
    return stored_fields(ask, rows) if rows else {}


def points_of_tables(
    session: Session, *, with_withdrawn: bool = False
) -> QuerySet[Point]:
    """Return the points that tables wrote in a session, in the order they came in."""
    points = Point.objects.filter(prompt__session=session, voice=Voice.TABLES)
    if not with_withdrawn:
        points = points.filter(withdrawn_at=None)
    return (
        points.select_related("prompt__session")
        .prefetch_related("items")
        .order_by("created_at", "pk")
    )
