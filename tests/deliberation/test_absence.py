"""Who did not answer is counted by cause, at the table where they sat then."""

import pytest

from deliberation.actions import challenging, importing, rotating, rounds
from deliberation.aggregation.absence import CAUSES
from deliberation.checking import verify
from deliberation.models import Round
from deliberation.results import for_readers, published, round_results, workshop_results
from tests import builders
from workshops.actions import joining
from workshops.actions import rotating as seats
from workshops.models import Participant, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop() -> Workshop:
    return builders.make_workshop(tables=3)


def seated(workshop, *tables: int | None) -> list[Participant]:
    return [builders.join(workshop, table=table) for table in tables]


def absent(this_round: Round, voice: str = "people", item: int = 0) -> dict:
    """Return who did not answer: the causes that there are, in all and by table."""
    this_round = Round.objects.get(pk=this_round.pk)
    result = round_results(this_round, resamples=0)["voices"][voice]
    return told(result["items"][item]["absent"])


def told(absent: dict) -> dict:
    rows = {
        row["table"]: "withheld" if "suppressed" in row else causes_in(row)
        for row in absent["by_table"]
    }
    return {"all": causes_in(absent)} | {
        table: row for table, row in rows.items() if row
    }


def causes_in(row: dict) -> dict[str, int]:
    return {cause: row[cause] for cause in CAUSES if row[cause]}


def test_each_cause_is_counted_in_all_and_at_its_table(workshop):
    this_round = builders.open_round(builders.make_prompt(workshop, items=2))
    first, second, third, _silent, nowhere = seated(workshop, 1, 1, 2, 2, None)
    builders.judge(this_round, first, {"p1": 1, "p2": 2})
    builders.judge(this_round, second, {"p1": "abstain"})
    builders.judge(this_round, third, {"p1": "not-discussed", "p2": 1})
    builders.judge(this_round, nowhere, {"p2": 1})

    assert absent(this_round)["all"] == {
        "declined": 1,
        "not_discussed": 1,
        "not_yet": 2,
    }
    rounds.close_round(round_id=this_round.pk)
    seated(workshop, 2, 3)

    assert absent(this_round) == {
        "all": {
            "declined": 1,
            "not_discussed": 1,
            "out_of_time": 2,
            "joined_later": 2,
        },
        1: {"declined": 1},
        2: {"not_discussed": 1, "out_of_time": 1, "joined_later": 1},
        3: {"joined_later": 1},
    }
    assert absent(this_round, item=1) == {
        "all": {"out_of_time": 2, "joined_later": 2},
        1: {"out_of_time": 1},
        2: {"out_of_time": 1, "joined_later": 1},
        3: {"joined_later": 1},
    }
    assert verify(workshop).differences == []


def test_tables_are_a_voice_of_their_own(workshop):
    prompt = builders.make_prompt(workshop, items=1, asks_tables=True)
    this_round = builders.open_round(prompt)
    for number, said in {1: 1, 2: "not-discussed"}.items():
        table = workshop.tables.get(number=number)
        writer = builders.scribe_of(workshop, table=number)
        builders.judge(this_round, writer, {"p1": said}, voice="tables", table=table)
    rounds.close_round(round_id=this_round.pk)

    assert absent(this_round, "tables") == {
        "all": {"not_discussed": 1, "out_of_time": 1},
        2: {"not_discussed": 1},
        3: {"out_of_time": 1},
    }
    assert absent(this_round)["all"] == {"out_of_time": 2}
    assert verify(workshop).differences == []


def test_who_is_not_among_those_asked_is_counted_apart(workshop):
    prompt = builders.make_prompt(workshop, kind="choose", asks_tables=True)
    this_round = builders.open_round(prompt)
    people = seated(workshop, 1, 1, 2, 2, 3)
    for who in people[:4]:
        builders.judge(this_round, who, {"p1": 1, "p2": 0, "p3": 0})
    for number, pick in {1: "p1", 2: "p2"}.items():
        writer = builders.scribe_of(workshop, table=number)
        values = {"p1": 0, "p2": 0, "p3": 0} | {pick: 1}
        table = workshop.tables.get(number=number)
        builders.judge(this_round, writer, values, voice="tables", table=table)
    rounds.close_round(round_id=this_round.pk)
    asked = challenging.send(
        challenge=challenging.write(
            about=this_round,
            item=prompt.items.get(key="p1"),
            text="Are you sure?",
            key="once",
            audience="tables",
            value=1,
            asks_again=True,
        )
    )
    builders.judge(asked, people[0], {"p1": 1, "p2": 0, "p3": 0})
    rounds.close_round(round_id=asked.pk)
    builders.join(workshop, table=2)

    assert absent(asked) == {
        "all": {"out_of_time": 2, "not_asked": 4, "joined_later": 1},
        1: {"out_of_time": 2},
        2: {"not_asked": 3, "joined_later": 1},
        3: {"not_asked": 1},
    }
    assert absent(asked, "tables")["all"] == {"out_of_time": 1, "not_asked": 2}
    assert verify(workshop).differences == []
    # Who sits elsewhere by now was asked all the same.
    Participant.objects.filter(pk=people[0].pk).update(table=None)
    result = round_results(Round.objects.get(pk=asked.pk))["voices"]["people"]
    assert (result["responded"], result["present"]) == (1, 3)


def test_who_was_removed_is_counted_nowhere(workshop):
    this_round = builders.open_round(builders.make_prompt(workshop, items=1))
    first, second, third = seated(workshop, 1, 1, 1)
    builders.judge(this_round, first, {"p1": 1})
    builders.judge(this_round, third, {"p1": "abstain"})
    rounds.close_round(round_id=this_round.pk)

    for who in (second, third):
        joining.remove(participant=who)

    assert absent(this_round) == {"all": {}}


def test_people_in_a_file_were_there_without_a_seat(workshop):
    prompt = builders.make_prompt(workshop, items=2)
    source = (
        "prompt,round,voice,table,respondent,organisation,item,criterion,answer,reason\n"
        f"{prompt.path},1,people,1,A,,p1,,difficult,\n"
        f"{prompt.path},1,people,,B,,p1,,abstain,\n"
    )
    importing.import_answers(
        workshop=workshop, answers=source.encode(), answers_name="a.csv"
    )
    this_round = workshop.rounds.get()
    builders.join(workshop)  # later than the file

    assert absent(this_round) == {
        "all": {"declined": 1, "joined_later": 1},
        1: {"joined_later": 1},
    }
    assert absent(this_round, item=1)["all"] == {"out_of_time": 2, "joined_later": 1}
    assert verify(workshop).differences == []


def test_a_round_of_some_items_says_nothing_of_the_others(workshop):
    prompt = builders.make_prompt(workshop, items=2)
    whole = builders.open_round(prompt)
    first, _second = seated(workshop, 1, 2)
    builders.judge(whole, first, {"p1": 1, "p2": 1})
    again = rounds.ask_again(prompt=prompt, items=[prompt.items.get(key="p2")])
    builders.judge(again, first, {"p2": 2})
    rounds.close_round(round_id=again.pk)

    result = round_results(again, resamples=0)["voices"]["people"]

    assert [row["item"] for row in result["items"]] == ["p2"]
    assert absent(again) == {"all": {"out_of_time": 1}, 2: {"out_of_time": 1}}
    assert absent(whole, item=1) == {"all": {"not_yet": 1}, 2: {"not_yet": 1}}


def test_who_changed_tables_is_missing_where_they_sat(workshop):
    this_round = builders.open_round(builders.make_prompt(workshop, items=1))
    first, *_others = seated(workshop, 1, 2, 3)
    builders.judge(this_round, first, {"p1": 1})
    rounds.close_round(round_id=this_round.pk)
    then = absent(this_round)
    (rotation,) = seats.plan(workshop=workshop, times=1)
    rotation = rotating.start(rotation=rotation)
    for who in workshop.participants.all():
        seats.arrive(participant=who)

    assert then == {
        "all": {"out_of_time": 2},
        2: {"out_of_time": 1},
        3: {"out_of_time": 1},
    }
    assert absent(this_round) == then
    assert verify(workshop).differences == []


@pytest.mark.parametrize(
    ("rule", "shown"),
    [("named", {1: {"declined": 1}, 2: {"declined": 4}}),
     ("anonymous", {1: "withheld", 2: "withheld", 3: "withheld"})],
)  # fmt: skip
def test_few_are_withheld_where_nobody_is_named(rule, shown):
    workshop = builders.make_workshop(tables=3, attribution=rule)
    this_round = builders.open_round(builders.make_prompt(workshop, items=1))
    for table, declined in {1: 1, 2: 4, 3: 0}.items():
        for place, who in enumerate(seated(workshop, *[table] * 8)):
            said = "abstain" if place < declined else 1
            builders.judge(this_round, who, {"p1": said})

    found = published(workshop, workshop_results(workshop, resamples=0))

    [item] = found["prompts"][0]["voices"]["people"]["items"]
    assert told(item["absent"]) == {"all": {"declined": 5}} | shown
    # A document withholds them under any rule.
    [item] = for_readers(round_results(this_round, resamples=0))["voices"]["people"][
        "items"
    ]
    assert told(item["absent"])[1] == "withheld"


def test_nothing_is_told_of_an_item_that_too_few_answered(workshop):
    this_round = builders.open_round(builders.make_prompt(workshop, items=1))
    first, _second = seated(workshop, 1, 1)
    builders.judge(this_round, first, {"p1": 1})

    [item] = for_readers(round_results(this_round, resamples=0))["voices"]["people"][
        "items"
    ]

    assert (item["suppressed"], item["absent"]) == (True, None)


def test_a_screen_does_not_ask_for_it(workshop):
    this_round = builders.open_round(builders.make_prompt(workshop, items=1))

    [item] = round_results(this_round)["voices"]["people"]["items"]

    assert "absent" not in item


def test_verify_finds_a_cause_that_is_wrong(workshop, monkeypatch):
    this_round = builders.open_round(builders.make_prompt(workshop, items=1))
    seated(workshop, 1)
    rounds.close_round(round_id=this_round.pk)
    results = workshop_results(workshop, resamples=0)
    [item] = results["prompts"][0]["voices"]["people"]["items"]
    item["absent"] |= {"out_of_time": 0, "not_asked": 1}

    monkeypatch.setattr(
        "deliberation.checking.workshop_results", lambda *_args, **_kwargs: results
    )

    [difference] = verify(workshop).differences
    assert difference.startswith("framework/principles 1 people p1, absent: ")


def test_verify_counts_people_who_are_asked_apart(workshop):
    prompt = builders.make_prompt(workshop, kind="choose")
    this_round = builders.open_round(prompt)
    people = seated(workshop, 1, 1, 2, 2, 3, 3)
    for who in people[:5]:
        builders.judge(this_round, who, {"p1": 1, "p2": 0, "p3": 0})
    rounds.close_round(round_id=this_round.pk)
    asked = challenging.send(
        challenge=challenging.write(
            about=this_round,
            item=prompt.items.get(key="p1"),
            text="Are you sure?",
            key="once",
            audience="people",
            value=1,
            asks_again=True,
        )
    )
    builders.judge(asked, people[0], {"p1": 1, "p2": 0, "p3": 0})

    assert absent(asked) == {
        "all": {"not_yet": 4, "not_asked": 1},
        1: {"not_yet": 1},
        2: {"not_yet": 2},
        3: {"not_yet": 1, "not_asked": 1},
    }
    assert verify(workshop).differences == []
