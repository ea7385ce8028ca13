import csv
import json
from collections import Counter
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deliberation.actions import rounds
from deliberation.actions.answers import ask_of
from deliberation.groups import Group
from deliberation.results import (
    group_results,
    hold_small,
    measures_of_prompt,
    published_results,
    round_results,
    workshop_results,
)
from deliberation.writeup.as_data import package
from deliberation.writeup.builder import draft
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


def at_tables(*counts):
    """Return an item as results hold it: how many answered at table 1, 2, ..."""
    rows = [
        {"table": table, "n": n, "counts": {"yes": n}}
        for table, n in enumerate(counts, start=1)
    ]
    return {"item": "p1", "by_table": rows}


@pytest.mark.parametrize(
    ("counts", "withheld"),
    [
        ((3, 3, 0), []),
        ((2, 0, 5, 4), [1, 4]),  # one alone could be worked out
        ((1, 1, 5, 4), [1, 2, 4]),  # and so could two of one person each
        ((2, 1, 5, 4), [1, 2]),
        ((2, 0), [1]),
    ],
)
def test_hold_small_withholds_what_would_say_who(counts, withheld):
    workshop = builders.make_workshop(attribution="chatham-house")

    (found,) = hold_small(workshop, [at_tables(*counts)])

    hidden = [row["table"] for row in found["by_table"] if "suppressed" in row]
    assert hidden == withheld


def test_hold_small_shows_every_table_where_people_are_named():
    workshop = builders.make_workshop(attribution="named")

    assert hold_small(workshop, [at_tables(1, 2)]) == [at_tables(1, 2)]


# ---- places and points ----


def played(kind, *sheets, tables=2, **fields):
    """Return a round of three items with one person's numbers for each sheet."""
    workshop = builders.make_workshop(tables=tables, **fields.pop("workshop", {}))
    this_round = builders.open_round(
        builders.make_prompt(workshop, kind=kind, **fields)
    )
    for number, sheet in enumerate(sheets):
        who = builders.join(workshop, table=1 + number % tables)
        values = {f"p{n}": value for n, value in enumerate(sheet, start=1)}
        builders.judge(this_round, who, values)
    return this_round


def test_rankings_are_counted_by_place_and_as_whole_ballots():
    this_round = played(
        "rank", (1, 2, 0), (1, 0, 2), (2, 1, 0), ("abstain",) * 3, most=2
    )

    people = round_results(this_round)["voices"]["people"]

    assert [
        (row["item"], row["n"], row["abstained"], row["counts"], row["measures"])
        for row in people["items"]
    ] == [
        ("p1", 3, 1, {"1": 2, "2": 1}, {}),
        ("p2", 3, 1, {"1": 1, "2": 1}, {}),
        ("p3", 3, 1, {"1": 0, "2": 1}, {}),
    ]
    assert [
        (table["table"], table["n"], table["counts"])
        for table in people["items"][0]["by_table"]
    ] == [(1, 2, {"1": 1, "2": 1}), (2, 1, {"1": 1, "2": 0})]
    measures = people["measures"]
    assert measures["ballots"] == 3
    assert measures["first_choices"] == {"p1": 2, "p2": 1, "p3": 0}
    assert measures["pairwise"]["p1"] == {"p2": 2, "p3": 3}
    assert measures["condorcet_winner"] == "p1"
    assert measures["mean_rank"] == {"p1": 1.3333, "p2": 2.0, "p3": 2.6667}


def test_points_are_added_up_and_what_is_left_is_unspent():
    this_round = played("allocate", (60, 40, 0), (0, 10, 0), ("abstain",) * 3)

    people = round_results(this_round)["voices"]["people"]

    assert [
        (row["n"], row["abstained"], row["counts"], row["measures"])
        for row in people["items"]
    ] == [
        (2, 1, {"points": 60},
         {"total": 60, "supporters": 1, "mean": 30.0, "share": 0.5455}),
        (2, 1, {"points": 50},
         {"total": 50, "supporters": 2, "mean": 25.0, "share": 0.4545}),
        (2, 1, {"points": 0},
         {"total": 0, "supporters": 0, "mean": 0.0, "share": 0.0}),
    ]  # fmt: skip
    assert people["items"][1]["by_table"][0]["counts"] == {"points": 40}
    assert people["measures"] == {"effective_number": 1.9836, "unspent": 90}


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ({}, "mixed"),
        ({"word_agreed": 60}, "mixed"),  # too many are against
        ({"word_agreed": 60, "word_opposed": 20}, "agreed"),
        ({"word_lukewarm": 20}, "lukewarm"),
        ({"word_split": 20}, "split"),
    ],
)
def test_ratings_are_put_in_words_by_the_rule_of_their_prompt(rule, word):
    this_round = played("rate", *[(value,) * 3 for value in (5, 4, 4, 3, 1)], **rule)

    people = round_results(this_round)["voices"]["people"]

    assert {row["measures"]["word"] for row in people["items"]} == {word}
    own = {name.removeprefix("word_"): percent for name, percent in rule.items()}
    default = {"agreed": 75, "opposed": 15, "split": 30, "lukewarm": 50}
    assert people["measures"] == {
        "word_rule": {"least_answers": 5} | default | own,
    }


@pytest.mark.parametrize("rule", ["", "plurality", "borda", "schulze", "irv"])
def test_a_ranking_carries_the_rule_that_was_announced(rule):
    measures = round_results(played("rank", (1, 2, 3), rule=rule))["voices"]["people"][
        "measures"
    ]

    assert measures["announced"] == (rule or None)
    assert measures["winners"].get(rule, ["p1"]) == ["p1"]


@pytest.mark.parametrize("kind", ["rank", "allocate"])
def test_nothing_is_said_of_numbers_that_nobody_gave(kind):
    people = round_results(played(kind))["voices"]["people"]

    assert {row["n"] for row in people["items"]} == {0}
    if kind == "rank":
        assert people["measures"]["condorcet_winner"] is None
        assert people["items"][0]["counts"] == {"1": 0, "2": 0, "3": 0}
    else:
        assert people["measures"] == {"effective_number": None, "unspent": 0}
        assert people["items"][0]["counts"] == {"points": 0}
        assert people["items"][0]["measures"]["share"] is None


@pytest.mark.parametrize("kind", ["rank", "allocate"])
def test_small_groups_give_nobodys_numbers_away(kind):
    workshop = builders.make_workshop(tables=1, attribution="organisation")
    this_round = builders.open_round(builders.make_prompt(workshop, kind=kind))
    for number in range(18):
        who = builders.join(workshop)
        name = "Large" if number < 10 else "Small" if number < 14 else "Other"
        joining.set_badge(who, workshop=workshop, name="", organisation=name)
        first = 1 + number % 2
        places = {"p1": first, "p2": 3 - first, "p3": number % 2 * 3}
        builders.judge(this_round, who, places)

    row = round_results(this_round)["voices"]["people"]["items"][0]

    counts = {"1": 5, "2": 5, "3": 0} if kind == "rank" else {"points": 15}
    hidden = {"n": None, "counts": {}, "suppressed": True}
    assert row["by_organisation"] == [
        {"organisation": "Large", "n": 10, "counts": counts, "suppressed": False},
        {"organisation": "Other"} | hidden,
        {"organisation": "Small"} | hidden,
    ]


def split(workshop, this_round, choices):
    """Have people choose one item each. choices: by organisation, how many each."""
    for name, times in choices.items():
        for chosen, people in enumerate(times, start=1):
            for _person in range(people):
                who = builders.join(workshop)
                joining.set_badge(who, workshop=workshop, name="", organisation=name)
                picks = {f"p{n}": int(n == chosen) for n in (1, 2, 3)}
                builders.judge(this_round, who, picks)


@pytest.mark.parametrize(
    ("fields", "withheld"),
    [
        ({"kind": "choose"}, [["B", "C"]] * 3),
        ({"kind": "approve", "least": 1, "most": 1}, [["B", "C"]] * 3),
        # Who approved the others may have approved the third as well.
        ({"kind": "approve", "least": 1, "most": 2}, [[], [], ["B", "C"]]),
    ],
)
def test_picks_of_other_items_tell_nothing_of_one_withheld(fields, withheld):
    workshop = builders.make_workshop(tables=1, attribution="organisation")
    this_round = builders.open_round(builders.make_prompt(workshop, **fields))
    split(workshop, this_round, {"A": (5, 5, 4), "B": (6, 6, 0), "C": (4, 4, 3)})

    items = round_results(this_round)["voices"]["people"]["items"]

    assert [
        [one["organisation"] for one in row["by_organisation"] if one["suppressed"]]
        for row in items
    ] == withheld


def test_published_results_tell_organisations_of_ten_or_more_people():
    workshop = builders.make_workshop(tables=1, attribution="organisation")
    prompt = builders.make_prompt(workshop, kind="choose")
    choices = {"A": (5, 4, 3), "B": (4, 3, 3), "C": (4, 3, 2), "D": (2, 2, 2)}
    split(workshop, builders.open_round(prompt), choices)

    def told(results):
        item = results["prompts"][0]["voices"]["people"]["items"][0]
        return {one["organisation"]: one["n"] for one in item["by_organisation"]}

    in_the_room = told(workshop_results(workshop, resamples=0))
    assert in_the_room == {"A": 12, "B": 10, "C": 9, "D": 6}
    outside = {"A": 12, "B": 10, "C": None, "D": None}
    assert told(published_results(workshop)) == outside
    with ZipFile(BytesIO(package(workshop, draft(workshop)))) as files:
        assert told(json.loads(files.read("results.json"))) == outside
        rows = csv.DictReader(StringIO(files.read("answers.csv").decode()))
        named = Counter(row["organisation"] for row in rows)
    assert named == {"A": 12, "B": 10, "": 15}


@pytest.mark.parametrize("kind", ["rank", "allocate"])
def test_who_agrees_on_one_item_is_withheld_for_all(kind):
    workshop = builders.make_workshop(tables=1, attribution="organisation")
    this_round = builders.open_round(builders.make_prompt(workshop, kind=kind))
    alike = [(1, 2, 3), (1, 3, 2)]  # on the first item
    apart = [(1, 2, 3), (2, 3, 1), (3, 1, 2)]
    for name, sheets in [("One", alike * 5), ("Other", apart * 3)]:
        for sheet in sheets:
            who = builders.join(workshop)
            joining.set_badge(who, workshop=workshop, name="", organisation=name)
            values = {f"p{n}": value for n, value in enumerate(sheet, start=1)}
            builders.judge(this_round, who, values)

    people = round_results(this_round)["voices"]["people"]
    ask = ask_of(this_round)
    group = group_results(this_round, ask, "people", Group(organisation="One"))

    for row in people["items"]:
        assert [one["suppressed"] for one in row["by_organisation"]] == [True, True]
    assert group["measures"] == measures_of_prompt(ask, {}, {})  # of nobody


def test_rankings_of_a_removed_person_do_not_count():
    this_round = played("rank", (1, 2, 3), (3, 2, 1))
    joining.remove(participant=this_round.workshop.participants.first())

    measures = round_results(this_round)["voices"]["people"]["measures"]

    assert (measures["ballots"], measures["condorcet_winner"]) == (1, "p3")
