"""Large files come in by the command, and `results` are those of other programs.

The figures were worked out by pref_voting, scipy, statsmodels and pandas from the same
files, and stored; `make oracles` works them out again.
"""

import json
from collections.abc import Callable

import pytest
from django.core.management import call_command

from deliberation.live import findings
from deliberation.results import Json
from tests import builders, large_files
from tests.large_files import MANY_TABLES, OPTIONS, TABLES
from workshops.models import Workshop

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

DRAWN = 0.03  # two p-values of about 10,000 drawn seatings each, four deviations
RATED = ("n", "median", "mean", "iqr", "agree", "disagree", "icc1", "gic")


@pytest.fixture
def bring_in(tmp_path, capsys) -> Callable[[Workshop, str], list[Json]]:
    """Imports a file and returns the rounds in `results`, both by the commands."""

    def call(*words: str) -> Json:
        call_command(*words, "--json")
        return json.loads(capsys.readouterr().out)

    def import_file(workshop: Workshop, key: str) -> list[Json]:
        path = tmp_path / f"{key}.csv"
        path.write_bytes(large_files.files()[key])
        new = call("import_answers", workshop.slug, str(path))
        assert new["answers"] > 0
        again = call("import_answers", workshop.slug, str(path))
        assert again["answers"] == again["responses"] == 0
        found = call("results", workshop.slug, "--prompt", f"framework/{key}")
        recount = call("verify", workshop.slug)
        assert recount["differences"] == []
        return found["prompts"]

    return import_file


def figures(item: Json) -> Json:
    return item["measures"] | {"n": item["n"]}


def as_rounded(figure):
    """Return what `results` may hold of it: four decimals, or digits if it is small."""
    if isinstance(figure, dict):
        return {name: as_rounded(one) for name, one in figure.items()}
    if abs(figure) < 1e-3:
        return pytest.approx(figure, rel=1e-3, abs=0)
    return pytest.approx(figure, rel=0, abs=5.001e-5)


def chosen(names, of: Json) -> Json:
    return {name: of[name] for name in names}


def test_the_files_are_those_that_the_figures_are_of():
    assert large_files.references()["sha256"] == large_files.digests()


def test_five_thousand_rankings_are_counted_as_by_pref_voting(bring_in):
    workshop = builders.make_workshop(tables=TABLES)
    builders.make_prompt(
        workshop, kind="rank", key="order", items=len(OPTIONS), most=large_files.MOST
    )

    (found,) = bring_in(workshop, "order")

    people = found["voices"]["people"]
    expected = large_files.references()["order"]
    given = chosen(expected, people["measures"])
    approximate = ("mean_rank", "kendall_w")
    for name in approximate:
        assert given.pop(name) == as_rounded(expected.pop(name))
    assert given == expected
    assert people["responded"] == given["ballots"] == 5000
    ballots = large_files.rankings()
    assert {item["item"]: item["counts"] for item in people["items"]} == {
        option: {
            str(place + 1): sum(b[place : place + 1] == [option] for b in ballots)
            for place in range(large_files.MOST)
        }
        for option in OPTIONS
    }
    # Nobody beats everybody, which is said with the circle of those who do not.
    assert found["voices"]["people"]["measures"]["cycle"] == ["p1", "p2", "p3"]
    numbers = {option: str(n) for n, option in enumerate(OPTIONS, start=1)}
    said = findings.head_to_head(people["measures"], items=numbers, numbers=numbers)
    assert said == (
        "Head to head, no item beats all others: 1 beats 2, 2 beats 3, 3 beats 1."
    )


def test_a_survey_before_and_after_is_counted_as_by_scipy_and_statsmodels(bring_in):
    workshop = builders.make_workshop(tables=TABLES)
    builders.make_prompt(workshop, kind="rate", key="survey", items=17)

    rounds = bring_in(workshop, "survey")

    expected = large_files.references()["survey"]
    for number, found in enumerate(rounds, start=1):
        compare_ratings(found, expected[str(number)])
    items = {one["item"]: one for one in rounds[1]["voices"]["people"]["items"]}
    assert set(items) == set(expected["moved"])
    for key, moved in expected["moved"].items():
        given = chosen(moved, items[key]["measures"])
        assert given.pop("transitions") == moved.pop("transitions")
        assert given == as_rounded(moved)


def test_opinions_of_a_thousand_people_are_counted_as_by_scipy(bring_in):
    workshop = builders.make_workshop(tables=MANY_TABLES)
    builders.make_prompt(workshop, kind="rate", key="opinions", items=20)

    (found,) = bring_in(workshop, "opinions")

    compare_ratings(found, large_files.references()["opinions"])
    left_out = [one for one in large_files.opinions() if one.answer == "abstain"]
    abstained = sum(item["abstained"] for item in found["voices"]["people"]["items"])
    assert abstained == len(left_out)


def compare_ratings(found: Json, expected: Json) -> None:
    items = {one["item"]: one for one in found["voices"]["people"]["items"]}
    assert set(items) == set(expected)
    for key, wanted in expected.items():
        item = items[key]
        assert list(item["counts"].values()) == wanted["counts"]
        assert [row["n"] for row in item["by_table"]] == wanted["n_by_table"]
        given = figures(item)
        assert chosen(RATED, given) == as_rounded(chosen(RATED, wanted))
        p = wanted["permutation_p"]
        assert given["permutation_p"] == pytest.approx(p, abs=DRAWN)
