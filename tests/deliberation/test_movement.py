import pytest

from deliberation.actions import answers, rounds
from deliberation.live.console_movement import moves_since, whose_items
from deliberation.models import Item, Round, RoundItem, Wording
from deliberation.models.challenge import Audience
from deliberation.movement import (
    earlier_round,
    movement,
    rounds_before,
    whole_movement,
)
from deliberation.results import workshop_results
from tests import builders

pytestmark = pytest.mark.django_db


def ask_twice(prompt, before, after, **fields):
    """Have people answer two rounds, value by value; None does not answer."""
    workshop = prompt.session.workshop
    people = [builders.join(workshop) for _answer in before]
    asked = []
    for given in (before, after):
        this_round = builders.open_round(prompt)
        for who, value in zip(people, given, strict=True):
            if value is not None:
                builders.judge(this_round, who, {"p1": value}, **fields)
        rounds.close_round(round_id=this_round.pk)
        asked.append(this_round)
    return people, *asked


def test_movement_compares_the_same_people():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, kind="rate", items=1)
    _people, _first, second = ask_twice(
        prompt, [1, 3, 5, 4, "abstain", None], [2, 4, 5, None, 3, 1]
    )

    found = movement(rounds_before(second), second, "people")

    assert found == {
        ("p1", ""): {
            "since": 1,
            "both": 3,
            "before_only": 1,
            "after_only": 2,
            "up": 2,
            "same": 1,
            "down": 0,
            "net": 0.3333,
            "gross": 0.6667,
            "transitions": [
                [0, 1, 0, 0, 0],
                [0, 0, 0, 0, 0],
                [0, 0, 0, 1, 0],
                [0, 0, 0, 0, 0],
                [0, 0, 0, 0, 1],
            ],
            "mcnemar_p": 1,
            "wilcoxon_p": 0.5,
            "stability": 0.6667,
        }
    }


def test_movement_leaves_out_who_was_removed():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, items=1)
    people, _first, second = ask_twice(prompt, [1, 2], [2, 2])
    people[0].removed_at = people[0].joined_at
    people[0].save()

    (found,) = movement(rounds_before(second), second, "people").values()

    assert (found["both"], found["same"], found["before_only"]) == (1, 1, 0)


def test_movement_of_tables_is_that_of_their_own_answers():
    workshop = builders.make_workshop(tables=2)
    prompt = builders.make_prompt(workshop, items=1, asks_tables=True)
    asked = []
    for value in (1, 3):
        this_round = builders.open_round(prompt)
        for number in (1, 2):
            scribe = builders.scribe_of(workshop, table=number)
            builders.judge(
                this_round, scribe, {"p1": value}, voice="tables", table=scribe.table
            )
        rounds.close_round(round_id=this_round.pk)
        asked.append(this_round)

    (found,) = movement(rounds_before(asked[1]), asked[1], "tables").values()

    assert found["transitions"] == [[0, 0, 2], [0, 0, 0], [0, 0, 0]]


def ask_only(prompt, *keys):
    """Open a round, of these items alone."""
    this_round = builders.open_round(prompt)
    this_round.round_items.exclude(item__key__in=keys).delete()
    return this_round


def test_an_item_is_compared_with_the_last_round_that_asked_it():
    prompt = builders.make_prompt(builders.make_workshop(), items=2)
    people = [builders.join(prompt.session.workshop) for _person in range(6)]
    asked = [("p1", "p2"), ("p2",), ("p1", "p2")]
    given = [{"p1": 1, "p2": 1}, {"p2": 2}, {"p1": 3, "p2": 2}]
    for keys, values in zip(asked, given, strict=True):
        this_round = ask_only(prompt, *keys)
        for who in people if len(keys) > 1 else people[1:]:
            builders.judge(this_round, who, values)
        rounds.close_round(round_id=this_round.pk)

    found = movement(rounds_before(this_round), this_round, "people")

    told = ("since", "both", "before_only", "after_only", "same")
    assert {item: [row[name] for name in told] for (item, _), row in found.items()} == {
        "p1": [1, 6, 0, 0, 0],
        "p2": [2, 5, 0, 1, 5],
    }
    [drawn] = moves_since(this_round, ident="m")
    assert drawn["slopes"]["before"] == "Before"


def test_a_round_that_asked_a_few_people_is_nothing_to_compare_with():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop)
    for number in (1, 2, 3):
        this_round = builders.open_round(prompt)
        rounds.close_round(round_id=this_round.pk)
        if number == 2:
            Round.objects.filter(pk=this_round.pk).update(audience="tables")

    numbers = {one.number for one in rounds_before(this_round).values()}

    assert (numbers, earlier_round(this_round).number) == ({1}, 2)


def test_an_order_is_compared_with_the_last_one_of_the_same_items():
    prompt = builders.make_prompt(builders.make_workshop(), kind="rank", items=3)
    who = builders.join(prompt.session.workshop)
    for keys in (("p1", "p2", "p3"), ("p1", "p2"), ("p1", "p2", "p3")):
        this_round = ask_only(prompt, *keys)
        places = dict(zip(keys, range(1, 4), strict=False))
        builders.judge(this_round, who, places)
        rounds.close_round(round_id=this_round.pk)

    before = rounds_before(this_round)

    assert {key: one.number for key, one in before.items()} == {
        "p1": 1,
        "p2": 1,
        "p3": 1,
    }
    assert whole_movement(before, this_round, "people")["since"] == 1


def test_earlier_round_is_the_one_before():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop)
    _people, first, second = ask_twice(prompt, [], [])

    assert earlier_round(second) == first
    assert earlier_round(first) is None


def test_results_of_a_later_round_say_who_moved():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, kind="choose", items=1)
    ask_twice(prompt, [0, 0, 0, 0, 1], [1, 0, 0, 0, 1])

    first, second = workshop_results(workshop)["prompts"]

    (before,), (after,) = (
        found["voices"]["people"]["items"] for found in (first, second)
    )
    assert "up" not in before["measures"]
    moved = {name: after["measures"][name] for name in ("since", "up", "same", "down")}
    assert moved == {"since": 1, "up": 1, "same": 4, "down": 0}


def test_results_say_of_fewer_than_five_only_how_many_they_are():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, kind="choose", items=1)
    ask_twice(prompt, [0, 0, 1, 1], [1, 0, 1, 1])

    _first, second = workshop_results(workshop)["prompts"]

    (item,) = second["voices"]["people"]["items"]
    names = ("since", "both", "before_only", "after_only", "up", "same", "transitions")
    assert [item["measures"][name] for name in names] == [1, 4, 0, 0, None, None, None]


def test_moves_are_drawn_for_five_and_counted_for_fewer():
    workshop = builders.make_workshop()
    few = builders.make_prompt(workshop, items=1, key="few")
    enough = builders.make_prompt(workshop, items=1, key="enough")
    _people, _first, second_few = ask_twice(few, [1] * 4, [2] * 4)
    _people, _first, second = ask_twice(enough, [1, 1, 1, 2, 3], [1, 1, 2, 1, 1])

    (held,) = moves_since(second_few, ident="r")
    (shown,) = moves_since(second, ident="r")

    assert (held["slopes"], held["items"]) == (None, [])
    assert held["basis"].endswith("only after. Too few to draw.")
    assert shown["basis"] == (
        "5 people answered in both rounds, 0 only before, 0 only after."
    )
    (line,) = shown["slopes"]["rows"]
    assert (line["before"], line["after"], line["said"]) == (
        "3 of 5",
        "4 of 5",
        "1 more",
    )
    (item,) = shown["items"]
    assert item["said"] == "3 of 5 changed"


def ranked_twice(kind="rank", people=5, **fields):
    """Have people rank two items, or give them points; two people turn them round."""
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, kind=kind, items=2, **fields)
    everybody = [builders.join(workshop) for _number in range(people)]
    first, other = (1, 2) if kind == "rank" else (80, 20)
    asked = []
    for turned in (0, 2):
        this_round = builders.open_round(prompt)
        for number, who in enumerate(everybody):
            pair = (other, first) if number < turned else (first, other)
            builders.judge(this_round, who, dict(zip(("p1", "p2"), pair, strict=True)))
        rounds.close_round(round_id=this_round.pk)
        rounds.reveal(round_id=this_round.pk)
        asked.append(this_round)
    return asked[1]


@pytest.mark.parametrize(
    ("kind", "means"), [("rank", (1, 1.4)), ("allocate", (80, 56))]
)
def test_rankings_and_points_say_who_put_another_item_in_front(kind, means):
    second = ranked_twice(kind)

    _first, found = workshop_results(second.workshop)["prompts"]

    people = found["voices"]["people"]
    moved = people["items"][0]["measures"]
    assert (moved["mean_before"], moved["mean_after"]) == means
    assert (moved["up"], moved["same"], moved["down"]) == (0, 3, 2)
    names = ("since", "both", "changed", "changed_first")
    assert [people["measures"][name] for name in names] == [1, 5, 2, 2]


def test_of_few_rankings_only_the_number_is_told():
    second = ranked_twice(people=4)

    _first, found = workshop_results(second.workshop)["prompts"]

    measures = found["voices"]["people"]["measures"]
    assert (measures["both"], measures["changed_first"]) == (4, None)
    (moved,) = moves_since(second, ident="r")
    assert moved["basis"].endswith("Too few to draw.")
    assert (moved["slopes"], moved["items"]) == (None, [])


def test_rankings_of_other_items_are_not_compared():
    second = ranked_twice()
    RoundItem.objects.filter(round=second, item__key="p2").delete()
    answers._ask.cache_clear()

    assert movement(rounds_before(second), second, "people") == {}
    assert whole_movement(rounds_before(second), second, "people") == {}
    assert moves_since(second, ident="r") == []


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (
            "rank",
            (
                "First choice",
                ["5 of 5", "3 of 5", "2 fewer"],
                "2 of 5 put another item first.",
                "0 up, 2 down, 3 stayed; mean place 1.0, then 1.4",
            ),
        ),
        (
            "allocate",
            (
                "Points each",
                ["80.0", "56.0", "24.0 fewer"],
                "2 of 5 gave another item most points.",
                "0 up, 2 down, 3 stayed; mean 80.0 points, then 56.0",
            ),
        ),
    ],
)
def test_moves_of_rankings_and_points_are_drawn(kind, told):
    (moved,) = moves_since(ranked_twice(kind), ident="r")

    row = moved["slopes"]["rows"][0]
    assert (
        moved["slopes"]["heads"],
        [row["before"], row["after"], row["said"]],
        moved["basis"].partition("only after. ")[2],
        moved["items"][0]["said"],
    ) == told


def test_moves_have_no_better_side_where_categories_have_none():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, items=1)
    for point in prompt.scale.points.all():
        point.key = f"category-{point.value}"
        point.save()
    _people, _first, second = ask_twice(prompt, [1] * 5, [2] * 5)

    (found,) = moves_since(second, ident="r")

    assert found["slopes"] is None
    assert found["items"][0]["table"]["totals"] == [0, 5, 0]


def test_moves_are_on_the_results_page(client):
    workshop = builders.make_workshop()
    client.force_login(builders.make_facilitator(workshop))
    prompt = builders.make_prompt(workshop, kind="approve", items=1, least=0, most=1)
    ask_twice(prompt, [0] * 5, [1, 1, 0, 0, 0])

    html = client.get(f"/console/{workshop.slug}/results/").content.decode()

    assert "The same people, from round to round" in html
    assert "2 up, 0 down, 3 stayed" in html


def test_what_is_asked_again_in_part_says_so():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, items=2)
    everybody, _first, _second = ask_twice(prompt, [1] * 5, [1] * 5)
    added = Item.objects.create(prompt=prompt, key="p3", position=3)
    Wording.objects.create(item=added, text="A new one")
    again = rounds.ask_again(prompt=prompt, items=[prompt.items.get(key="p1"), added])
    for who in everybody[:4]:
        builders.judge(again, who, {"p1": 2, "p3": 1})

    (moved,) = moves_since(again, ident="r")

    assert moved["basis"] == (
        "4 people answered in both rounds, 1 only before, 0 only after. Too few to"
        " draw. Only 2 items were asked again. 1 item was not asked before."
    )


def test_who_was_not_asked_again_is_said_to_be_among_those_before():
    workshop = builders.make_workshop(tables=2)
    prompt = builders.make_prompt(workshop, items=1)
    ask_twice(prompt, [1] * 5, [2] * 5)
    again = rounds.open_round(prompt=prompt)
    again.audience = Audience.PEOPLE

    said = whose_items(rounds_before(again), again)

    assert said == [
        "Not everybody was asked again; who was not is among “only before”."
    ]
