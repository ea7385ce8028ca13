import csv
import io
from collections import Counter

import pytest

from deliberation import csv_files
from deliberation.actions import points, rounds
from deliberation.actions.importing import import_answers
from deliberation.exports.records import answers_csv, points_csv
from deliberation.models import Point
from deliberation.results import workshop_results
from tests import builders
from workshops.models import Badge, Organisation

pytestmark = pytest.mark.django_db


def make_day(**fields):
    workshop = builders.make_workshop(tables=2, **fields)
    builders.make_prompt(workshop, asks_tables=True, reasons="optional")
    builders.make_prompt(
        workshop, kind="rate", key="scenarios", criteria=("effective", "feasible")
    )
    builders.make_prompt(workshop, kind="approve", key="pick", least=1, most=2)
    return workshop


def play(workshop, *, organisations=()):
    """Have three people and one table answer everything there is."""
    principles, scenarios, pick = workshop.sessions.get().prompts.all()
    people = [builders.join(workshop, table=1 + number % 2) for number in range(3)]
    for who, name in zip(people, organisations, strict=False):
        belong(workshop, who, name)
    first = builders.open_round(principles)
    builders.judge(first, people[0], {"p1": 1, "p2": 2}, reason="=1+1")
    builders.judge(first, people[1], {"p1": "abstain"})
    scribe = builders.scribe_of(workshop)
    builders.judge(
        first, scribe, {"p3": "not-discussed"}, voice="tables", table=scribe.table
    )
    rounds.close_round(round_id=first.pk)
    second = builders.open_round(scenarios)
    builders.judge(second, people[2], {"p1.effective": 5, "p1.feasible": 2})
    rounds.close_round(round_id=second.pk)
    third = builders.open_round(pick)
    builders.judge(third, people[0], {"p1": 1, "p2": 0, "p3": 1})
    rounds.close_round(round_id=third.pk)
    return people


def belong(workshop, who, name: str) -> None:
    organisation, _ = Organisation.objects.get_or_create(workshop=workshop, name=name)
    Badge.objects.create(participant=who, organisation=organisation)


def rows_of(source: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(source.decode(), newline="")))


def counts(workshop):
    """Return what was counted, without who could have answered."""
    found = workshop_results(workshop, resamples=0)["prompts"]
    return [
        (
            entry["prompt"],
            entry["round"],
            voice,
            [item | {"absent": None} for item in answered.get("items", ())],
        )
        for entry in found
        for voice, answered in entry["voices"].items()
    ]


def test_answers_can_be_brought_in_elsewhere_and_count_the_same():
    workshop = make_day()
    play(workshop)
    other = make_day(slug="other")

    import_answers(
        workshop=other, answers=answers_csv(workshop), answers_name="answers.csv"
    )

    assert counts(other) == counts(workshop)


def test_answers_name_people_by_labels_of_the_file():
    workshop = make_day(attribution="named")
    play(workshop)

    rows = rows_of(answers_csv(workshop))

    people = [row for row in rows if row["voice"] == "people"]
    assert {row["respondent"] for row in people} == {"P1", "P2", "P3"}
    picks = {
        (row["item"], row["answer"]) for row in rows if row["prompt"].endswith("pick")
    }
    assert picks == {("p1", "1"), ("p3", "1")}
    (table,) = [row for row in rows if row["voice"] == "tables"]
    assert table == {
        "prompt": "framework/principles",
        "round": "1",
        "voice": "tables",
        "table": "1",
        "respondent": "",
        "organisation": "",
        "item": "p3",
        "criterion": "",
        "answer": "not-discussed",
        "reason": "",
    }


@pytest.mark.parametrize("attribution", ["chatham-house", "anonymous"])
def test_answers_name_nobody_where_the_rule_names_nobody(attribution):
    workshop = make_day(attribution=attribution)
    play(workshop, organisations=["DFID", "FCO"])

    rows = rows_of(answers_csv(workshop))

    people = [row for row in rows if row["voice"] == "people"]
    assert len(people) == 7
    assert {(r["table"], r["respondent"], r["organisation"]) for r in people} == {
        ("", "", "")
    }
    said = [tuple(row.values()) for row in people[:3]]
    assert said == sorted(said)


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ({"FCO": 1, "DFID": 10}, {"": 11}),  # one blank alone would be the FCO's
        ({"FCO": 1, "Oxfam": 9, "DFID": 10}, {"": 10, "DFID": 10}),
        ({"FCO": 10, "DFID": 11}, {"FCO": 10, "DFID": 11}),
    ],
)
def test_answers_drop_an_organisation_of_few(sizes, told):
    workshop = make_day(attribution="organisation")
    this_round = builders.open_round(workshop.sessions.get().prompts.first())
    for name, people in sizes.items():
        for _person in range(people):
            who = builders.join(workshop)
            belong(workshop, who, name)
            builders.judge(this_round, who, {"p1": 1})

    rows = rows_of(answers_csv(workshop))

    assert Counter(row["organisation"] for row in rows) == told


def test_answers_leave_out_who_was_removed():
    workshop = make_day()
    gone, *_others = play(workshop)
    gone.removed_at = gone.joined_at
    gone.save()

    rows = rows_of(answers_csv(workshop))

    assert {row["prompt"] for row in rows} == {
        "framework/principles",
        "framework/scenarios",
    }


def test_answers_hold_no_formula():
    workshop = make_day()
    play(workshop)

    source = answers_csv(workshop)

    assert {row["reason"] for row in rows_of(source)} == {"", "'=1+1"}
    rows, mistakes = csv_files.read(source, columns=rows_of(source)[0])
    assert mistakes == []
    assert {row.fields["reason"] for row in rows} == {"", "=1+1"}


@pytest.mark.parametrize(
    ("attribution", "table"), [("named", "1"), ("chatham-house", "")]
)
def test_points_are_without_who_wrote_them(attribution, table):
    workshop = make_day(attribution=attribution)
    prompt = workshop.sessions.get().prompts.first()
    scribe = builders.scribe_of(workshop)
    for text, by_table, items in (
        ("Said by a table", scribe.table, prompt.items.all()[:2]),
        ("Said by a person", None, ()),
        ("Taken back", None, ()),
    ):
        points.add_point(
            prompt=prompt,
            this_round=None,
            participant=scribe,
            table=by_table,
            kind=Point.Kind.POINT,
            text=text,
            items=items,
            key=text,
        )
    taken = Point.objects.get(text="Taken back")
    taken.withdrawn_at = taken.created_at
    taken.save()

    rows = rows_of(points_csv(workshop))

    same = {"prompt": "framework/principles", "round": "", "respondent": ""}
    same |= {"kind": "point", "theme": ""}
    assert rows == [
        same
        | {"voice": "people", "table": table, "items": "", "text": "Said by a person"},
        same
        | {
            "voice": "tables",
            "table": "1",
            "items": "p1 p2",
            "text": "Said by a table",
        },
    ]


def test_orders_and_shares_can_be_brought_in_elsewhere():
    def make(slug):
        workshop = builders.make_workshop(slug=slug, tables=2)
        builders.make_prompt(workshop, kind="rank", key="order", ties=True, most=2)
        builders.make_prompt(workshop, kind="allocate", key="share")
        return workshop

    workshop, other = make("day"), make("other")
    people = [builders.join(workshop, table=number) for number in (1, 2)]
    for prompt, sheets in zip(
        workshop.sessions.get().prompts.all(),
        [[(1, 1, 0), (0, 1, 2)], [(60, 0, 30), (0, 0, 0)]],
        strict=True,
    ):
        this_round = builders.open_round(prompt)
        for who, sheet in zip(people, sheets, strict=True):
            values = {f"p{n}": value for n, value in enumerate(sheet, start=1)}
            builders.judge(this_round, who, values)
        rounds.close_round(round_id=this_round.pk)

    rows = answers_csv(workshop)
    import_answers(workshop=other, answers=rows, answers_name="answers.csv")

    assert [row["answer"] for row in rows_of(rows) if "order" in row["prompt"]] != []
    assert counts(other) == counts(workshop)
    by_prompt = [
        [entry["voices"]["people"]["measures"] for entry in found["prompts"]]
        for found in (workshop_results(workshop), workshop_results(other))
    ]
    assert by_prompt[0] == by_prompt[1]
