"""Why answers are missing, counted again: one by one, in plain loops."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from deliberation.models import Response, Round
from deliberation.models.response import Voice
from workshops.models import Participant

type Json = dict[str, Any]

SAID = {"abstain": "declined", "not-discussed": "not_discussed"}
ALL = (
    "declined",
    "not_discussed",
    "out_of_time",
    "not_yet",
    "not_asked",
    "joined_later",
)


class One(NamedTuple):
    """A person or a table. cause: why it said nothing, where it said nothing."""

    response: int | None
    table: int | None
    cause: str


def everybody(
    this_round: Round, voice: str, responses: Iterable[Response]
) -> list[One]:
    """Return each who is counted. responses: those of the voice that count."""
    find = _tables if voice == Voice.TABLES else _people
    return list(find(this_round, list(responses)))


def asked(people: Iterable[One]) -> int:
    """Count who was asked and there before the end."""
    return sum(one.cause in ("out_of_time", "not_yet") for one in people)


def absent(people: Iterable[One], rows: Iterable[Json], tables: Iterable[int]) -> Json:
    """Return what the results say is absent of one item. rows: its answers."""
    states = {row["response"]: row["state"] for row in rows}
    found: Json = dict.fromkeys(ALL, 0)
    by_table = {table: dict.fromkeys(ALL, 0) for table in tables}
    for one in people:
        state = states.get(one.response)
        if one.response is not None and state == "answered":
            continue
        cause = SAID.get(state or "", one.cause)
        found[cause] += 1
        if one.table in by_table:
            by_table[one.table][cause] += 1
    rows_of = [{"table": table, **of_table} for table, of_table in by_table.items()]
    return found | {"by_table": rows_of}


def _tables(this_round: Round, responses: list[Response]) -> Iterator[One]:
    waiting = _waiting(this_round)
    begun = {response.table_id: response.pk for response in responses}
    asked = {one.table_id for one in this_round.asked.all()}
    for table in this_round.workshop.tables.all():
        is_asked = this_round.audience == "room" or table.pk in asked
        response = begun.get(table.pk)
        cause = waiting if is_asked or response else "not_asked"
        yield One(response, table.number, cause)
    for response in responses:
        if response.table_id is None:
            yield One(response.pk, None, waiting)


def _people(this_round: Round, responses: list[Response]) -> Iterator[One]:
    waiting = _waiting(this_round)
    closed = this_round.closed_at
    begun = {response.participant_id: response for response in responses}
    for response in responses:
        if response.participant_id is None:
            yield One(response.pk, _number(response), waiting)
    people = this_round.workshop.participants.select_related("table")
    for person in people.prefetch_related("moves__from_table"):
        if person.removed_at is not None:
            continue
        if person.pk in begun:
            response = begun[person.pk]
            yield One(response.pk, _number(response), waiting)
            continue
        table = _sat_at(this_round, person)
        if closed is not None and person.joined_at > closed:
            yield One(None, table, "joined_later")
        elif _asks(this_round, person, table):
            yield One(None, table, waiting)
        else:
            yield One(None, table, "not_asked")


def _waiting(this_round: Round) -> str:
    return "not_yet" if this_round.closed_at is None else "out_of_time"


def _number(response: Response) -> int | None:
    return response.table.number if response.table else None


def _sat_at(this_round: Round, person: Participant) -> int | None:
    """Return the table at which a person sat as a round closed, as rotations say."""
    table = person.table
    moves = [move for move in person.moves.all() if move.arrived_at is not None]
    moves.sort(key=lambda move: (move.arrived_at, move.pk), reverse=True)
    for move in moves:
        if this_round.closed_at is not None and move.arrived_at > this_round.closed_at:
            table = move.from_table
    return table.number if table else None


def _asks(this_round: Round, person: Participant, table: int | None) -> bool:
    if this_round.audience == "room":
        return True
    return any(
        one.participant_id == person.pk or (one.table and one.table.number == table)
        for one in this_round.asked.all()
    )
