from fractions import Fraction
from itertools import product
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.aggregation.change import (
    assess_change,
    choice_change,
    mcnemar_p,
    points_change,
    rank_change,
    rate_change,
    whole_change,
    wilcoxon_p,
)

FIVE = range(1, 6)


def test_rate_change():
    before = {"seat 1": 2, "seat 2": 3, "seat 3": 4, "seat 4": 4, "seat 5": 5}
    after = {"seat 1": 4, "seat 2": 5, "seat 3": 4, "seat 4": 3, "seat 6": 1}

    assert rate_change(before, after, values=FIVE) == {
        "both": 4,
        "before_only": 1,
        "after_only": 1,
        "up": 2,
        "same": 1,
        "down": 1,
        "net": 0.25,
        "gross": 0.75,
        "transitions": [
            [0, 0, 0, 0, 0],
            [0, 0, 0, 1, 0],
            [0, 0, 0, 0, 1],
            [0, 0, 1, 1, 0],
            [0, 0, 0, 0, 0],
        ],
        "mcnemar_p": 1,
        "wilcoxon_p": 0.5,
        "stability": 0.25,
    }


def test_choice_change():
    before = {1: False, 2: False, 3: True, 4: True}
    after = {1: True, 2: True, 3: True, 5: False}

    assert choice_change(before, after) == {
        "both": 3,
        "before_only": 1,
        "after_only": 1,
        "up": 2,
        "same": 1,
        "down": 0,
        "net": 0.6667,
        "gross": 0.6667,
        "transitions": [[0, 2], [0, 1]],
        "mcnemar_p": 0.5,
        "wilcoxon_p": None,
        "stability": 0.6667,
    }


def test_assess_change_has_no_up_and_down():
    before = {1: "difficult", 2: "difficult", 3: "unproblematic"}
    after = {1: "unproblematic", 2: "difficult", 3: "difficult"}

    assert assess_change(before, after, keys=["unproblematic", "difficult"]) == {
        "both": 3,
        "before_only": 0,
        "after_only": 0,
        "up": None,
        "same": 1,
        "down": None,
        "net": None,
        "gross": 0.6667,
        "transitions": [[0, 1], [1, 1]],
        "mcnemar_p": None,
        "wilcoxon_p": None,
        "stability": 0,
    }


def test_rank_change_compares_places_and_first_choices():
    before = {"A": {"x": 1, "y": 2, "z": 0}, "B": {"x": 2, "y": 1, "z": 0}, "C": {}}
    after = {"A": {"x": 1, "y": 2, "z": 0}, "B": {"x": 1, "y": 0, "z": 0}, "D": {}}

    assert rank_change(before, after, item="x", most=2) == {
        "both": 2, "before_only": 1, "after_only": 1,
        "up": 1, "same": 1, "down": 0,
        "net": 0.5, "mcnemar_p": 1, "gross": 0.5,
        "transitions": [[1, 0, 0], [1, 0, 0], [0, 0, 0]],
        "wilcoxon_p": None, "stability": 0.5,
        "mean_before": 1.5, "mean_after": 1,
    }  # fmt: skip
    left_out = rank_change(before, after, item="y", most=2)
    assert (left_out["down"], left_out["mean_before"], left_out["mean_after"]) == (
        1,
        1.5,
        2.25,  # second; level last of two
    )


def test_points_change_compares_points_and_who_gave_any():
    before = {"A": {"x": 60}, "B": {"x": 0}, "C": {"x": 10}}
    after = {"A": {"x": 40}, "B": {"x": 5}, "C": {"x": 10}}

    assert points_change(before, after, item="x") == {
        "both": 3, "before_only": 0, "after_only": 0,
        "up": 1, "same": 1, "down": 1,
        "net": 0.3333, "mcnemar_p": 1, "gross": 0.6667,
        "transitions": [[0, 1], [0, 2]],
        "wilcoxon_p": 1, "stability": None,
        "mean_before": 23.3333, "mean_after": 18.3333,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lowest_first", "before", "after", "changed", "changed_first"),
    [
        (True, {"x": 1, "y": 2}, {"x": 1, "y": 2}, 0, 0),
        (True, {"x": 1, "y": 2, "z": 0}, {"x": 1, "y": 0, "z": 2}, 1, 0),
        (True, {"x": 1, "y": 0}, {"x": 1, "y": 1}, 1, 1),
        (False, {"x": 60, "y": 40}, {"x": 90, "y": 10}, 1, 0),
        (False, {"x": 60, "y": 40}, {"x": 50, "y": 50}, 1, 1),
        (False, {"x": 0, "y": 0}, {"x": 0, "y": 0}, 0, 0),
    ],
)
def test_whole_change_counts_who_put_another_in_front(
    lowest_first, before, after, changed, changed_first
):
    found = whole_change({"A": before}, {"A": after}, lowest_first=lowest_first)

    assert (found["both"], found["changed"], found["changed_first"]) == (
        1,
        changed,
        changed_first,
    )


def test_nobody_in_both_rounds_has_no_means():
    found = rank_change({"A": {"x": 1}}, {"B": {"x": 1}}, item="x", most=1)

    assert (found["mean_before"], found["mean_after"], found["gross"]) == (None,) * 3


def test_rounds_without_anybody_in_both_leave_the_figures_undefined():
    assert rate_change({1: 2}, {2: 2}, values=[1, 2, 3]) == {
        "both": 0,
        "before_only": 1,
        "after_only": 1,
        "up": 0,
        "same": 0,
        "down": 0,
        "net": None,
        "gross": None,
        "transitions": [[0, 0, 0], [0, 0, 0], [0, 0, 0]],
        "mcnemar_p": None,
        "wilcoxon_p": None,
        "stability": None,
    }


def test_an_answer_off_the_scale_is_refused():
    with pytest.raises(ValueError, match="none of"):
        rate_change({1: 6}, {1: 5}, values=FIVE)
    with pytest.raises(ValueError, match="none of"):
        assess_change({1: "easy"}, {1: "easy"}, keys=["difficult"])


def test_mcnemar_p_is_exact():
    assert mcnemar_p(0, 0) is None
    assert mcnemar_p(0, 6) == Fraction(2, 64)
    assert mcnemar_p(1, 7) == Fraction(18, 256)
    assert mcnemar_p(3, 3) == 1


def test_mcnemar_p_of_the_approval_survey():
    # Agresti's 1,600 voters, of whom 150 left and 86 joined: z squared 17.36, p 3e-5.
    assert 2e-5 < mcnemar_p(150, 86) < 5e-5


def test_wilcoxon_p_of_the_depression_trial():
    # Hollander and Wolfe 1973, table 3.1, in thousandths: one-sided exact p .01953.
    differences = [952, -147, 1022, 430, 620, 590, 490, -80, 10]

    assert wilcoxon_p(differences) == Fraction(2 * 10, 512)


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([0, 0, 0], None),
        ([1], 1),
        ([1, 1, 1, 1, 1, 1, 0], Fraction(1, 32)),
        ([2, -2], 1),
    ],
)
def test_wilcoxon_p_of_few(differences, p):
    assert wilcoxon_p(differences) == p


def flipped(differences):
    """The p of Wilcoxon's test by trying all signs."""
    moved = [d for d in differences if d]
    sizes = sorted(abs(d) for d in moved)
    rank = {s: sizes.index(s) + (sizes.count(s) + 1) / 2 for s in sizes}

    def off_centre(signs):
        return abs(sum(s * rank[abs(d)] for s, d in zip(signs, moved, strict=True)))

    observed = off_centre([1 if d > 0 else -1 for d in moved])
    ways = list(product([1, -1], repeat=len(moved)))
    return Fraction(sum(off_centre(signs) >= observed for signs in ways), len(ways))


@given(st.lists(st.integers(-4, 4).filter(bool), min_size=1, max_size=8))
def test_wilcoxon_p_equals_flipping_all_signs(differences):
    assert wilcoxon_p(differences) == flipped(differences)


def test_wilcoxon_p_of_many_is_close_to_the_exact_one():
    differences = [1, 1, 2, -1, 3, -2, 1, -1, 2, 1, -3] * 6

    assert isclose(
        wilcoxon_p(differences),
        wilcoxon_p(differences, exact_up_to=100),
        abs_tol=0.001,
    )
    assert wilcoxon_p([1, -1] * 30) == 1


ROUND = st.dictionaries(st.integers(1, 15), st.integers(1, 5))


@given(ROUND, ROUND)
def test_moves_and_transitions_add_up(before, after):
    change = rate_change(before, after, values=FIVE)
    linked = before.keys() & after.keys()

    assert change["up"] + change["same"] + change["down"] == change["both"]
    assert change["both"] + change["before_only"] == len(before)
    assert change["both"] + change["after_only"] == len(after)
    assert [sum(row) for row in change["transitions"]] == [
        sum(before[person] == value for person in linked) for value in FIVE
    ]
    assert [sum(column) for column in zip(*change["transitions"], strict=True)] == [
        sum(after[person] == value for person in linked) for value in FIVE
    ]


@given(ROUND, ROUND)
def test_swapping_the_rounds_turns_the_direction_round(before, after):
    there = rate_change(before, after, values=FIVE)
    back = rate_change(after, before, values=FIVE)

    assert (back["up"], back["down"]) == (there["down"], there["up"])
    assert (back["net"] or 0) == -(there["net"] or 0)
    for same in ("same", "gross", "mcnemar_p", "wilcoxon_p", "stability"):
        assert back[same] == there[same]


@given(ROUND, ROUND)
def test_reversing_the_scale_turns_the_direction_round(before, after):
    forward = rate_change(before, after, values=FIVE)
    backward = rate_change(
        {person: 6 - value for person, value in before.items()},
        {person: 6 - value for person, value in after.items()},
        values=FIVE,
    )

    assert (backward["up"], backward["down"]) == (forward["down"], forward["up"])
    assert backward["transitions"] == [
        row[::-1] for row in forward["transitions"][::-1]
    ]
    for same in ("both", "same", "gross", "wilcoxon_p", "stability"):
        assert backward[same] == forward[same]


@given(st.dictionaries(st.integers(1, 15), st.sampled_from([1, 5])), ROUND)
def test_without_a_middle_reversing_the_scale_negates_net(before, after):
    after = {person: 1 if value < 3 else 5 for person, value in after.items()}
    forward = rate_change(before, after, values=FIVE)
    backward = rate_change(
        {person: 6 - value for person, value in before.items()},
        {person: 6 - value for person, value in after.items()},
        values=FIVE,
    )

    assert backward["mcnemar_p"] == forward["mcnemar_p"]
    assert (backward["net"] or 0) == -(forward["net"] or 0)


@given(ROUND, ROUND, st.randoms(use_true_random=False))
def test_the_order_of_the_people_does_not_matter(before, after, random):
    shuffled = list(before.items())
    random.shuffle(shuffled)

    assert rate_change(dict(shuffled), after, values=FIVE) == rate_change(
        before, after, values=FIVE
    )
