"""One round's answers -> why the others are missing, item by item and at each table."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from deliberation.aggregation import absence
from deliberation.models import Response, Round
from deliberation.models.challenge import Audience
from deliberation.models.response import Voice
from workshops.models import Move

type Json = dict[str, Any]


def with_absent(
    answered: Json, this_round: Round, voice: str, tables: Iterable[int]
) -> Json:
    """Add `absent` to the items of a voice's results: by cause, and so by table.

    tables: the numbers to tell them for. People who sat nowhere are in the whole only.
    """
    silent = absence.silent(seats(this_round, voice), closed_at=this_round.closed_at)
    everybody = sum(silent.values(), Counter[str]())
    nobody = {"n": 0, "abstained": 0, "not_discussed": 0}
    items = []
    for item in answered["items"]:
        rows = {row["table"]: row for row in item["by_table"]}
        by_table = [
            {
                "table": table,
                **_causes(silent.get(table, Counter()), rows.get(table, nobody)),
            }
            for table in tables
        ]
        found = _causes(everybody, item) | {"by_table": by_table}
        items.append(item | {"absent": found})
    return answered | {"items": items}


def _causes(silent: Counter[str], said: Json) -> absence.Causes:
    return absence.causes(
        silent,
        n=said["n"],
        abstained=said["abstained"],
        not_discussed=said["not_discussed"],
    )


def seats(this_round: Round, voice: str) -> list[absence.Seat]:
    """Return everybody who is counted in the workshop, as they were in a round.

    Who was removed is not. A person's table is that of the answer; without one that
    of the moment of closing, as far as rotations tell it.
    """
    responses = Response.objects.counted().filter(round=this_round, voice=voice)
    if voice == Voice.TABLES:
        numbers = responses.values_list("table__number", flat=True)
        return _of_tables(this_round, list(numbers))
    begun = responses.values_list("participant", "table__number")
    return _of_people(this_round, list(begun))


def _of_tables(this_round: Round, begun: list[int | None]) -> list[absence.Seat]:
    numbers = this_round.workshop.tables.values_list("number", flat=True)
    asked = set(
        numbers
        if this_round.asks_everybody
        else this_round.asked.values_list("table__number", flat=True)
    )
    return [
        absence.Seat(number, None, number in asked, number in begun)
        for number in numbers
    ] + [absence.Seat(None, None, True, True)] * begun.count(None)  # no more there


def _of_people(
    this_round: Round, begun: list[tuple[int | None, int | None]]
) -> list[absence.Seat]:
    at = {person: table for person, table in begun if person is not None}
    from_file = [
        absence.Seat(table, None, True, True)
        for person, table in begun
        if person is None
    ]
    moved: dict[int, int | None] = {}
    if this_round.closed_at is not None:
        moves = Move.objects.filter(rotation__workshop=this_round.workshop_id)
        moved = moves.left_since(this_round.closed_at)
    asked = _asked(this_round)
    people = this_round.workshop.participants.present().order_by("pk")
    found = []
    for person, now, joined_at in people.values_list(
        "pk", "table__number", "joined_at"
    ):
        table = at.get(person, moved.get(person, now))
        is_asked = asked is None or bool(asked & {("person", person), ("table", table)})
        found.append(absence.Seat(table, joined_at, is_asked, person in at))
    return found + from_file


def _asked(this_round: Round) -> set[tuple[str, int | None]] | None:
    """Return the people and the tables' numbers that are asked, None for all."""
    if this_round.asks_everybody:
        return None
    if this_round.audience == Audience.TABLES:
        tables = this_round.asked.values_list("table__number", flat=True)
        return {("table", number) for number in tables}
    people = this_round.asked.values_list("participant", flat=True)
    return {("person", person) for person in people}
