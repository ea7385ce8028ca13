"""Large files come in, and the results are those of another, plainer count of them."""

import statistics
from collections import Counter
from fractions import Fraction
from itertools import permutations
from random import Random

import pytest

from deliberation.actions.importing import ANSWER_COLUMNS, import_answers
from deliberation.checking import verify
from deliberation.results import workshop_results
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

AGREE = range(1, 6)


def bring_in(workshop, rows) -> None:
    lines = [",".join(ANSWER_COLUMNS), *(",".join(map(str, row)) for row in rows)]
    import_answers(
        workshop=workshop, answers="\n".join(lines).encode(), answers_name="large.csv"
    )


def rows_of(path: str, number: int, person: int, table: int, answers):
    return [
        (path, number, "people", table, f"B{person}", "", item, "", answer, "")
        for item, answer in answers.items()
    ]


def test_five_thousand_rankings_are_counted_as_the_file_has_them():
    random = Random(5)
    workshop = builders.make_workshop(tables=20)
    prompt = builders.make_prompt(workshop, kind="rank", key="order", items=5, most=3)
    options = [item.key for item in prompt.items.all()]
    weights = dict(zip(options, (5, 4, 3, 2, 1), strict=True))
    ballots = []
    for _person in range(5000):
        ranked = sorted(options, key=lambda one: -weights[one] * random.random())
        ballots.append(ranked[: random.randint(1, 3)])
    path = prompt.path
    bring_in(
        workshop,
        [
            row
            for number, ballot in enumerate(ballots)
            for row in rows_of(
                path,
                1,
                number,
                number % 20 + 1,
                {item: place for place, item in enumerate(ballot, start=1)},
            )
        ],
    )

    (found,) = workshop_results(workshop)["prompts"]

    people = found["voices"]["people"]
    places = [{one: b.index(one) for one in b} for b in ballots]
    above = {
        (one, other): sum(place.get(one, 9) < place.get(other, 9) for place in places)
        for one, other in permutations(options, 2)
    }
    level = {
        (one, other): 5000 - above[one, other] - above[other, one]
        for one, other in above
    }
    measures = people["measures"]
    assert measures["ballots"] == people["responded"] == 5000
    assert measures["first_choices"] == Counter(ballot[0] for ballot in ballots)
    assert measures["pairwise"] == {
        one: {other: above[one, other] for other in options if other != one}
        for one in options
    }
    assert measures["borda"] == {
        one: float(
            sum(
                above[one, other] + Fraction(level[one, other], 2)
                for other in options
                if other != one
            )
        )
        for one in options
    }
    beats_all = [
        one
        for one in options
        if all(
            above[one, other] > above[other, one] for other in options if other != one
        )
    ]
    assert [measures["condorcet_winner"]] == beats_all
    for item in people["items"]:
        assert item["counts"] == {
            str(place + 1): sum(b[place : place + 1] == [item["item"]] for b in ballots)
            for place in range(3)
        }
    assert verify(workshop).differences == []


def test_a_survey_before_and_after_at_twenty_tables_is_counted_as_the_file_has_it():
    random = Random(17)
    workshop = builders.make_workshop(tables=20)
    prompt = builders.make_prompt(workshop, kind="rate", key="survey", items=17)
    items = [item.key for item in prompt.items.all()]
    answers: list[dict[tuple[int, str], int]] = [{}, {}]
    for person in range(160):
        for item in items:
            before = random.choice(AGREE)
            after = min(5, max(1, before + random.choice([-1, 0, 0, 1, 1])))
            for found, value in zip(answers, (before, after), strict=True):
                if random.random() < 0.9:
                    found[person, item] = value
    bring_in(
        workshop,
        [
            row
            for number, given in enumerate(answers, start=1)
            for (person, item), value in given.items()
            for row in rows_of(
                prompt.path, number, person, person % 20 + 1, {item: value}
            )
        ],
    )

    before, after = workshop_results(workshop)["prompts"]

    for item in after["voices"]["people"]["items"]:
        pairs = [
            (value, answers[1][person, key])
            for (person, key), value in answers[0].items()
            if key == item["item"] and (person, key) in answers[1]
        ]
        measures = item["measures"]
        moved = Counter((old < new) - (old > new) for old, new in pairs)
        assert measures["both"] == len(pairs)
        assert {way: measures[way] for way in ("up", "same", "down")} == {
            "up": moved[1],
            "same": moved[0],
            "down": moved[-1],
        }
        crossed = Counter(pairs)
        assert measures["transitions"] == [
            [crossed[old, new] for new in AGREE] for old in AGREE
        ]
        agree = [(old > 3, new > 3) for old, new in pairs]
        net = (sum(new for _old, new in agree) - sum(old for old, _new in agree)) / len(
            pairs
        )
        assert measures["net"] == pytest.approx(net, abs=1e-4)
    for entry, given in ((before, answers[0]), (after, answers[1])):
        for item in entry["voices"]["people"]["items"]:
            at_table = Counter(
                person % 20 + 1 for person, key in given if key == item["item"]
            )
            assert {row["table"]: row["n"] for row in item["by_table"]} == at_table
    assert verify(workshop).differences == []


def test_opinions_of_a_thousand_people_are_counted_as_the_file_has_them():
    random = Random(1000)
    workshop = builders.make_workshop(tables=100)
    prompt = builders.make_prompt(workshop, kind="rate", key="opinions", items=20)
    items = [item.key for item in prompt.items.all()]
    opinions: dict[str, list[int]] = {item: [] for item in items}
    abstained: Counter[str] = Counter()
    rows = []
    for person in range(1000):
        given: dict[str, int | str] = {}
        for number, item in enumerate(items):
            if random.random() < 0.3:  # not everybody sees everything
                continue
            if random.random() < 0.05:
                given[item] = "abstain"
                abstained[item] += 1
                continue
            value = random.choices(AGREE, [1, 2, 1 + number % 3, 2, 1 + number % 5])[0]
            given[item] = value
            opinions[item].append(value)
        rows += rows_of(prompt.path, 1, person, person % 100 + 1, given)
    bring_in(workshop, rows)

    (found,) = workshop_results(workshop)["prompts"]

    for item in found["voices"]["people"]["items"]:
        values = opinions[item["item"]]
        low, _middle, high = statistics.quantiles(values, n=4, method="inclusive")
        wanted = {
            "median": statistics.median(values),
            "mean": statistics.fmean(values),
            "iqr": high - low,
            "agree": sum(value > 3 for value in values),
            "disagree": sum(value < 3 for value in values),
        }
        measures = {name: item["measures"][name] for name in wanted}
        assert measures == pytest.approx(wanted, abs=1e-4)
        assert list(item["counts"].values()) == [values.count(n) for n in AGREE]
        assert (item["n"], item["abstained"]) == (
            len(values),
            abstained[item["item"]],
        )
    assert verify(workshop).differences == []
