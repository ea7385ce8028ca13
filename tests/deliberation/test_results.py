import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deliberation.actions import rounds
from deliberation.results import hold_small, round_results, workshop_results
from tests import builders
from workshops.actions import joining

pytestmark = pytest.mark.django_db


def test_round_results_have_the_shape_of_the_format():
    workshop = builders.make_workshop(tables=2, attribution="chatham-house")
    prompt = builders.make_prompt(workshop, items=1, asks_tables=True)
    this_round = builders.open_round(prompt)
    people = [builders.join(workshop, table=number) for number in (1, 1, 1, 2, 2, 2)]
    for who, value in zip(people, [1, 1, 2, 3, "abstain", 1], strict=True):
        builders.judge(this_round, who, {"p1": value})
    builders.judge(
        this_round, people[0], {"p1": 1}, voice="tables", table=people[0].table
    )

    results = round_results(this_round)

    people_measures = results["voices"]["people"]["items"][0].pop("measures")
    tables_measures = results["voices"]["tables"]["items"][0].pop("measures")
    assert people_measures["mode"] == "unproblematic"
    assert people_measures["modal_share"] == 0.6
    assert tables_measures["mode"] == "unproblematic"
    assert results == {
        "prompt": "framework/principles",
        "kind": "assess",
        "round": 1,
        "status": "open",
        "question": "How do you judge each principle?",
        "voices": {
            "people": {
                "present": 6,
                "responded": 6,
                "items": [
                    {
                        "item": "p1",
                        "wording": 1,
                        "criterion": "",
                        "n": 5,
                        "abstained": 1,
                        "not_discussed": 0,
                        "counts": {
                            "unproblematic": 3,
                            "difficult": 1,
                            "inconsistent": 1,
                        },
                        "by_table": [
                            {
                                "table": 1,
                                "n": 3,
                                "abstained": 0,
                                "not_discussed": 0,
                                "counts": {
                                    "unproblematic": 2,
                                    "difficult": 1,
                                    "inconsistent": 0,
                                },
                            },
                            {
                                "table": 2,
                                "n": 2,
                                "abstained": 1,
                                "not_discussed": 0,
                                "counts": {
                                    "unproblematic": 1,
                                    "difficult": 0,
                                    "inconsistent": 1,
                                },
                            },
                        ],
                        "by_organisation": [],
                    }
                ],
                "measures": {},
            },
            "tables": {
                "present": 2,
                "responded": 1,
                "items": [
                    {
                        "item": "p1",
                        "wording": 1,
                        "criterion": "",
                        "n": 1,
                        "abstained": 0,
                        "not_discussed": 0,
                        "counts": {
                            "unproblematic": 1,
                            "difficult": 0,
                            "inconsistent": 0,
                        },
                        "by_table": [
                            {
                                "table": 1,
                                "n": 1,
                                "abstained": 0,
                                "not_discussed": 0,
                                "counts": {
                                    "unproblematic": 1,
                                    "difficult": 0,
                                    "inconsistent": 0,
                                },
                            }
                        ],
                        "by_organisation": [],
                    }
                ],
                "measures": {},
            },
        },
    }


def test_results_of_ratings_stand_for_each_criterion():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(
        workshop, kind="rate", items=1, criteria=("effective", "feasible")
    )
    this_round = builders.open_round(prompt)
    for value in (5, 4, 4, 2, 5):
        builders.judge(
            this_round,
            builders.join(workshop),
            {"p1.effective": value, "p1.feasible": 1},
        )

    items = round_results(this_round)["voices"]["people"]["items"]

    found = [
        (item["criterion"], item["measures"]["median"], item["measures"]["word"])
        for item in items
    ]
    assert found == [("effective", 4, "mixed"), ("feasible", 1, "rejected")]


def test_results_of_picks_count_who_chose():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, kind="approve", items=2)
    this_round = builders.open_round(prompt)
    builders.judge(this_round, builders.join(workshop), {"p1": 1, "p2": 0})
    builders.judge(this_round, builders.join(workshop), {"p1": 1, "p2": 1})
    builders.judge(
        this_round, builders.join(workshop), {"p1": "abstain", "p2": "abstain"}
    )

    items = round_results(this_round)["voices"]["people"]["items"]

    assert [(one["counts"], one["n"], one["abstained"]) for one in items] == [
        ({"chosen": 2}, 2, 1),
        ({"chosen": 1}, 2, 1),
    ]


def test_results_leave_out_who_was_removed():
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop, items=1))
    stays, goes = builders.join(workshop), builders.join(workshop)
    builders.judge(this_round, stays, {"p1": 1})
    builders.judge(this_round, goes, {"p1": 3})

    joining.remove(participant=goes)

    people = round_results(this_round)["voices"]["people"]
    assert (people["present"], people["responded"]) == (1, 1)
    assert people["items"][0]["n"] == 1


def test_results_by_organisation_only_where_the_rule_names_them():
    named = builders.make_workshop(slug="named", attribution="organisation")
    this_round = builders.open_round(builders.make_prompt(named, items=1))
    for organisation, values in [("Home Office", [1, 2] * 3), ("Treasury", [1, 3] * 3)]:
        for value in values:
            who = joining.join(
                workshop=named, organisation=organisation, table=named.tables.first()
            )
            builders.judge(this_round, who, {"p1": value})

    listed = round_results(this_round)["voices"]["people"]["items"][0]

    assert listed["by_organisation"] == [
        {
            "organisation": "Home Office",
            "n": 6,
            "counts": {"unproblematic": 3, "difficult": 3, "inconsistent": 0},
            "suppressed": False,
        },
        {
            "organisation": "Treasury",
            "n": 6,
            "counts": {"unproblematic": 3, "difficult": 0, "inconsistent": 3},
            "suppressed": False,
        },
    ]


def test_workshop_results_list_every_round_and_can_be_one_prompt():
    workshop = builders.make_workshop()
    first = builders.make_prompt(workshop)
    second = builders.make_prompt(workshop, key="again")
    for prompt in (first, second, first):
        rounds.close_round(round_id=builders.open_round(prompt).pk)

    everything = workshop_results(workshop, resamples=0)
    one = workshop_results(workshop, prompt="framework/again", resamples=0)

    assert (everything["format"], everything["workshop"]) == (1, "day")
    listed = [(entry["prompt"], entry["round"]) for entry in everything["prompts"]]
    assert listed == [
        ("framework/principles", 1),
        ("framework/principles", 2),
        ("framework/again", 1),
    ]
    assert [entry["prompt"] for entry in one["prompts"]] == ["framework/again"]


@pytest.mark.parametrize(("tables", "items", "people"), [(1, 1, 1), (8, 10, 12)])
def test_results_cost_the_same_queries_for_any_size(tables, items, people):
    workshop = builders.make_workshop(tables=tables)
    prompt = builders.make_prompt(workshop, items=items)
    this_round = builders.open_round(prompt)
    for number in range(people):
        builders.judge(
            this_round,
            builders.join(workshop, table=1 + number % tables),
            {"p1": 1},
        )

    with CaptureQueriesContext(
        connection,
    ) as queries:
        round_results(this_round)

    # What is asked is known from the answers before.
    assert len(queries) == 5


@pytest.mark.parametrize(
    ("attribution", "withheld"), [("chatham-house", True), ("named", False)]
)
def test_hold_small_withholds_what_would_say_who(attribution, withheld):
    workshop = builders.make_workshop(attribution=attribution)
    few = {"table": 1, "n": 2, "counts": {"yes": 2}}
    none = {"table": 2, "n": 0, "counts": {"yes": 0}}
    enough = {"table": 3, "n": 3, "counts": {"yes": 3}}

    (found,) = hold_small(workshop, [{"item": "p1", "by_table": [few, none, enough]}])

    small = {"table": 1, "suppressed": True} if withheld else few
    assert found == {"item": "p1", "by_table": [small, none, enough]}
