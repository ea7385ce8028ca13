import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from deliberation.actions import rounds
from deliberation.actions.importing import import_answers
from deliberation.checking import verify
from deliberation.models import Answer, Point, Round, Submission
from tests import builders
from tests.deliberation.test_theming import Board
from workshops.actions import joining

pytestmark = pytest.mark.django_db


def play(**fields):
    """Play a small day at random: six kinds, three tables, changes, a removal."""
    workshop = builders.make_workshop(tables=3, **fields)
    chance = random.Random(2006)
    people = []
    for number in range(24):
        who = builders.join(workshop, table=number % 4 or None)
        joining.set_badge(
            who, workshop=workshop, name="", organisation=f"Office {number % 3}"
        )
        people.append(who)
    for kind, criteria in [
        ("assess", ()), ("rate", ("good", "fast")), ("choose", ()), ("approve", ()),
        ("rank", ()), ("allocate", ()),
    ]:  # fmt: skip
        prompt = builders.make_prompt(
            workshop,
            kind=kind,
            key=kind,
            criteria=criteria,
            asks_tables=True,
            ties=kind == "rank",
        )
        this_round = builders.open_round(prompt)
        for who in people * 2:
            answer(this_round, who, chance)
        for table in workshop.tables.all():
            scribe = people[table.number]
            said = {f"p1.{criteria[0]}" if criteria else "p1": 1}
            if kind in ("rank", "allocate"):
                said |= {"p2": 0, "p3": 2 if kind == "rank" else 99}
            builders.judge(this_round, scribe, said, voice="tables", table=table)
        rounds.close_round(round_id=this_round.pk)
    joining.remove(participant=people[5])
    return workshop


def answer(this_round, who, chance):
    prompt = this_round.prompt
    if prompt.kind in ("choose", "approve"):
        picked = chance.randrange(3)
        values = {f"p{n + 1}": int(n == picked) for n in range(3)}
    elif prompt.kind == "rank":
        places = chance.choice([(1, 2, 3), (2, 1, 0), (1, 1, 2), (0, 0, 1), (3, 1, 2)])
        values = {f"p{n}": place for n, place in enumerate(places, start=1)}
    elif prompt.kind == "allocate":
        points = chance.choice([(100, 0, 0), (30, 30, 40), (0, 0, 0), (5, 0, 90)])
        values = {f"p{n}": given for n, given in enumerate(points, start=1)}
    else:
        top = 5 if prompt.kind == "rate" else 3
        criteria = [row.key for row in prompt.criteria.all()]
        values = {
            ".".join(filter(None, [f"p{n}", key])): chance.choice(
                [*range(1, top + 1), "abstain"]
            )
            for n in range(1, chance.randrange(2, 5))
            for key in criteria
        }
    builders.judge(this_round, who, values)


@pytest.mark.parametrize("attribution", ["organisation", "chatham-house"])
def test_verify_finds_nothing_in_a_day_as_played(attribution):
    verdict = verify(play(attribution=attribution))

    assert verdict.differences == []
    assert verdict.checked > 800


def test_verify_finds_nothing_in_imported_answers():
    workshop = builders.make_workshop()
    builders.make_prompt(workshop)
    source = (
        "prompt,round,voice,table,respondent,organisation,item,criterion,answer,reason\n"
        "framework/principles,1,people,1,A,FCO,p1,,difficult,\n"
    )

    import_answers(workshop=workshop, answers=source.encode(), answers_name="a.csv")

    assert verify(workshop).differences == []


def test_verify_finds_an_answer_that_was_changed_behind_its_history():
    workshop = play()
    changed = Answer.objects.filter(response__voice="people").first()
    Answer.objects.filter(pk=changed.pk).update(state="abstain", value=None)

    [difference] = verify(workshop).differences

    assert difference.startswith(f"framework/assess 1, response {changed.response_id}")


def test_verify_finds_a_submission_after_the_close():
    workshop = play()
    late = Submission.objects.first()
    closed_at = Round.objects.first().closed_at
    Submission.objects.filter(pk=late.pk).update(at=closed_at + timedelta(seconds=1))

    [difference] = verify(workshop).differences

    assert difference.startswith(f"submission {late.pk} came at ")


def test_verify_finds_figures_that_are_wrong(monkeypatch):
    workshop = play(attribution="organisation")
    true_results = verify.__globals__["workshop_results"]

    def wrong_results(*args, **kwargs):
        results = true_results(*args, **kwargs)
        people = results["prompts"][0]["voices"]["people"]
        people["responded"] += 1
        people["items"][1]["counts"]["difficult"] -= 1
        people["items"][1]["by_table"][0]["n"] += 2
        people["items"][2]["measures"]["modal_share"] = 0.9
        return results

    monkeypatch.setattr("deliberation.checking.workshop_results", wrong_results)

    wheres = [line.split(": ")[0] for line in verify(workshop).differences]
    assert wheres == [
        "framework/assess 1 people, responded",
        "framework/assess 1 people p2, counts",
        "framework/assess 1 people p2 table 1, n",
        "framework/assess 1 people p3, modal_share",
    ]


@pytest.mark.django_db(transaction=True)
def test_verify_sees_one_moment_and_lets_answers_in(monkeypatch):
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop))
    people = [builders.join(workshop) for _seat in range(2)]
    builders.judge(this_round, people[0], {"p1": 1})
    true_results = verify.__globals__["workshop_results"]

    def results_with_an_answer_meanwhile(*args, **kwargs):
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(answer_elsewhere).result(60)
        return true_results(*args, **kwargs)

    def answer_elsewhere():
        builders.judge(this_round, people[1], {"p1": 2})
        connection.close()

    name = "deliberation.checking.workshop_results"
    monkeypatch.setattr(name, results_with_an_answer_meanwhile)

    assert verify(workshop).differences == []
    assert Submission.objects.count() == 2


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("rank", {"p1": 1, "p2": 1, "p3": 2}),
        ("rank", {"p1": 1, "p2": 3, "p3": 0}),
        ("rank", {"p1": 0, "p2": 0, "p3": 0}),
        ("allocate", {"p1": 60, "p2": 41, "p3": 0}),
    ],
)
def test_verify_finds_numbers_that_no_form_would_take(kind, values):
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop, kind=kind))
    builders.judge(this_round, builders.join(workshop), values)

    broken = [one for one in verify(workshop).differences if "breaks the rules" in one]

    assert len(broken) == 1


def test_verify_finds_points_under_the_theme_of_another_prompt():
    board = Board("ab")
    board.make("Barriers", "a")
    board.repeat("b", "a")
    assert verify(board.workshop).differences == []

    other = builders.make_prompt(board.workshop, key="other", kind="discuss", items=0)
    Point.objects.filter(text="a").update(prompt=other)

    assert verify(board.workshop).differences == [
        "points that stand with those of another prompt: shown 0, counted 2"
    ]
