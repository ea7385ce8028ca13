"""How PostgreSQL finds who sends an answer, before it has counted anything."""

import json
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from deliberation.actions import answers, at_once
from tests import builders
from tests.deliberation.phones import Phone
from tests.statements import Statement, Statements
from workshops import codes
from workshops.models import Device, Participant

PEOPLE = 2000  # so many pages that one row is never sought by reading them all


@pytest.fixture
def phone() -> Phone:
    """A phone in a room full of others. All is undone, so nothing is ever counted."""
    if connection.vendor != "postgresql":
        pytest.skip("a matter of PostgreSQL's planner")
    workshop = builders.make_workshop()
    [table] = workshop.tables.filter(number=1)
    seats = Participant.objects.bulk_create(
        Participant(workshop=workshop, table=table) for _number in range(PEOPLE)
    )
    Device.objects.bulk_create(
        Device(participant=who, token_hash=codes.digest(codes.new_token()))
        for who in seats
    )
    return Phone(workshop)


def nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def tokens_looked_at(asked: Statement) -> int:
    """Run a statement, undo it, and return how many tokens it read on its way."""
    with transaction.atomic(), connection.cursor() as cursor:
        explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {asked.sql}"
        cursor.execute(explain, asked.parameters)
        [found] = cursor.fetchone()
        transaction.set_rollback(True)
    [whole] = json.loads(found) if isinstance(found, str) else found
    read = 0
    for node in nodes(whole["Plan"]):
        if node.get("Relation Name") == Device._meta.db_table:
            rows = ("Actual Rows", "Rows Removed by Filter")
            read += node["Actual Loops"] * sum(node.get(one, 0) for one in rows)
    return read


@pytest.mark.django_db
def test_who_sends_an_answer_is_found_by_the_token(phone):
    prompt = builders.make_prompt(phone.who.workshop)
    this_round = builders.open_round(prompt)
    at_once.remember(phone.slug, this_round, answers.ask_of(this_round))
    form = {"answer.p1": "difficult", "key": "first---"}

    with Statements() as sent, transaction.atomic():
        assert phone.send(f"answer/{this_round.pk}/", form).status_code == 200
        transaction.set_rollback(True)
    [store] = [one for one in sent.all if "INSERT" in one.sql]

    assert tokens_looked_at(store) == 1
