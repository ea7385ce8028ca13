"""The method note says in words why answers are missing."""

import pytest

from deliberation.actions import rounds
from deliberation.writeup.builder import draft
from tests import builders
from tests.deliberation.writeup.shown import lines_of

pytestmark = pytest.mark.django_db


def note(workshop) -> list[str]:
    """Return the sentences on what is missing."""
    lines = lines_of(draft(workshop))
    found = [part for line in lines for part in line.split("Missing in ")[1:]]
    return ["Missing in " + one.split(".")[0] + "." for one in found]


def test_each_round_and_voice_has_its_sentence():
    workshop = builders.make_workshop(tables=3)
    prompt = builders.make_prompt(workshop, items=2, asks_tables=True)
    this_round = builders.open_round(prompt)
    people = [builders.join(workshop, table=number) for number in (1, 1, 2, 2, 2)]
    for who in people[:3]:
        builders.judge(this_round, who, {"p1": 1, "p2": 1})
    builders.judge(this_round, people[3], {"p1": "abstain", "p2": 2})
    table = workshop.tables.get(number=1)
    builders.scribe_of(workshop, table=1)
    values = {"p1": "not-discussed", "p2": "abstain"}
    writer = workshop.participants.get(scribe_lease__table=table)
    builders.judge(this_round, writer, values, voice="tables", table=table)
    rounds.close_round(round_id=this_round.pk)
    late = builders.join(workshop, table=3)

    found = note(workshop)

    assert late.joined_at > workshop.rounds.get().closed_at
    question = "“How do you judge each principle?”"
    assert found == [
        f"Missing in round 1 of {question}, of tables: one answer, because the table"
        " could not agree; one answer, because the item was not discussed; four"
        " answers, by who said nothing before the close.",
        f"Missing in round 1 of {question}, of people: one answer, by who had no view;"
        " four answers, by who said nothing before the close; one person who joined"
        " after the close.",
    ]


def test_a_round_that_all_answered_has_none():
    workshop = builders.make_workshop(tables=1)
    this_round = builders.open_round(builders.make_prompt(workshop, items=1))
    builders.judge(this_round, builders.join(workshop), {"p1": 1})

    assert note(workshop) == []


def test_what_is_answered_as_a_whole_is_counted_once():
    workshop = builders.make_workshop(tables=1)
    this_round = builders.open_round(builders.make_prompt(workshop, kind="choose"))
    people = [builders.join(workshop) for _number in range(5)]
    for who in people[:4]:
        builders.judge(this_round, who, {"p1": 1, "p2": 0, "p3": 0})

    [said] = note(workshop)

    assert said.endswith("of people: one answer, which may still come.")
