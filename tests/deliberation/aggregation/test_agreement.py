from fractions import Fraction
from itertools import product
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.aggregation.agreement import (
    Sides,
    WordRule,
    agree_values,
    iqr,
    leik_d,
    mean,
    median,
    rate_measures,
    sides,
    van_der_eijk_a,
    word,
)


def on_scale(*people):
    return dict(enumerate(people, start=1))


# A party placed on a scale of seven points: van der Eijk 2001, page 331.
PRINTED = on_scale(30, 40, 210, 130, 530, 50, 10)
SCALES_OF_FIVE = st.lists(st.integers(0, 12), min_size=5, max_size=5)
ANY_SCALE = st.lists(st.integers(0, 12), min_size=3, max_size=9)


@pytest.mark.parametrize(
    ("people", "agreement"),
    [
        ((4, 0, 0, 0, 4), -1),
        ((3, 0, 0, 0, 2), Fraction(-6, 10)),
        ((0, 4, 0, 4, 0), Fraction(1, 6)),
        ((1, 1, 1, 1, 1), 0),
        ((0, 0, 1, 3, 4), Fraction(6875, 10000)),
        ((0, 0, 0, 1, 0), 1),
        ((0, 0, 0, 0, 0), None),
        ((3, 4), None),
    ],
)
def test_van_der_eijk_a(people, agreement):
    assert van_der_eijk_a(on_scale(*people)) == agreement


def test_van_der_eijk_a_of_the_printed_example():
    assert isclose(van_der_eijk_a(PRINTED), 0.61133, abs_tol=5e-6)


@pytest.mark.parametrize(
    ("people", "dispersion"),
    [
        ((4, 0, 0, 0, 4), 1),
        ((3, 0, 0, 0, 2), Fraction(8, 10)),
        ((1, 1, 1, 1, 1), Fraction(6, 10)),
        ((0, 0, 1, 3, 4), Fraction(3125, 10000)),
        ((2, 0, 0, 0, 6), Fraction(1, 2)),
        ((0, 0, 0, 7, 0), 0),
        ((0, 0, 0, 0, 0), None),
        ((5,), None),
    ],
)
def test_leik_d(people, dispersion):
    assert leik_d(on_scale(*people)) == dispersion


def test_leik_d_of_the_printed_example():
    assert isclose(leik_d(PRINTED), 0.28667, abs_tol=5e-6)


@pytest.mark.parametrize(
    ("people", "range_of_quartiles"),
    [
        ((0, 0, 1, 3, 4), 1),
        ((1, 1, 1, 1, 1), 2),
        ((4, 0, 0, 0, 4), 4),
        ((2, 0, 0, 0, 6), 1),
        ((1, 1, 0, 0, 0), Fraction(1, 2)),
        ((0, 0, 0, 0, 0), None),
    ],
)
def test_iqr_is_linear_between_answers(people, range_of_quartiles):
    assert iqr(on_scale(*people)) == range_of_quartiles


@pytest.mark.parametrize(
    ("people", "middle"),
    [
        ((0, 4, 0, 4, 0), 3),
        ((0, 0, 0, 4, 4), Fraction(9, 2)),
        ((1, 0, 1, 0, 3), 5),
        ((0, 0, 0, 0, 0), None),
    ],
)
def test_median(people, middle):
    assert median(on_scale(*people)) == middle


def test_mean():
    assert mean({-2: 1, 0: 1, 2: 5}) == Fraction(8, 7)
    assert mean(on_scale(0, 0, 0)) is None


def test_sides_divide_at_the_middle_point():
    assert sides(on_scale(1, 2, 3, 4, 5)) == Sides(disagree=3, middle=3, agree=9)
    assert sides(on_scale(1, 2, 3, 4)) == Sides(disagree=3, middle=0, agree=7)
    assert sides({2: 6, -2: 1, 0: 4}) == Sides(disagree=1, middle=4, agree=6)
    assert sides({}) == Sides(disagree=0, middle=0, agree=0)


def test_agree_values_lie_above_the_middle_point():
    assert agree_values([5, 4, 3, 2, 1]) == {4, 5}
    assert agree_values([1, 2, 3, 4]) == {3, 4}
    assert agree_values([0, 1]) == {1}


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ((3, 0, 2, 10, 5), "agreed"),  # 75 % for, 15 % against: both limits hold
        ((4, 0, 1, 10, 5), "mixed"),  # a fifth against
        ((4, 0, 0, 8, 8), "mixed"),
        ((6, 2, 1, 1, 0), "rejected"),
        ((3, 0, 4, 0, 3), "split"),
        ((2, 0, 5, 1, 2), "lukewarm"),
        ((2, 1, 2, 3, 2), "split"),
        ((2, 0, 4, 2, 2), "mixed"),
        ((0, 0, 0, 0, 5), "agreed"),
        ((0, 0, 0, 0, 4), None),  # too few for a word
        ((0, 0, 0, 0, 0), None),
        ((5, 5), "split"),
        ((2, 2, 3, 3), "split"),
    ],
)
def test_word(people, expected):
    assert word(on_scale(*people)) == expected


def test_word_follows_the_rule_given():
    strict = WordRule(least_answers=3, agreed=100)

    assert word(on_scale(0, 0, 0, 0, 4), strict) == "agreed"
    assert word(on_scale(0, 0, 1, 0, 4), strict) == "mixed"


def test_rate_measures():
    assert rate_measures(on_scale(0, 0, 1, 3, 4)) == {
        "median": 4.5,
        "mean": 4.375,
        "iqr": 1,
        "agree": 7,
        "disagree": 0,
        "agreement": 0.6875,
        "dispersion": 0.3125,
        "word": "agreed",
    }


def test_rate_measures_without_answers_are_undefined():
    assert rate_measures(on_scale(0, 0, 0, 0, 0)) == {
        "median": None,
        "mean": None,
        "iqr": None,
        "agree": 0,
        "disagree": 0,
        "agreement": None,
        "dispersion": None,
        "word": None,
    }


def test_indices_stay_in_range_for_all_ways_eight_people_can_answer():
    vectors = [
        on_scale(*people) for people in product(range(9), repeat=5) if sum(people) == 8
    ]

    assert len(vectors) == 495
    assert {-1 <= van_der_eijk_a(vector) <= 1 for vector in vectors} == {True}
    assert {0 <= leik_d(vector) <= 1 for vector in vectors} == {True}


@given(ANY_SCALE)
def test_reversing_the_scale_changes_only_the_side(people):
    forward, backward = on_scale(*people), on_scale(*reversed(people))

    assert van_der_eijk_a(backward) == van_der_eijk_a(forward)
    assert leik_d(backward) == leik_d(forward)
    assert iqr(backward) == iqr(forward)
    assert sides(backward).agree == sides(forward).disagree
    mirrored = {"agreed": "rejected", "rejected": "agreed"}
    assert word(backward) == mirrored.get(word(forward), word(forward))


@given(ANY_SCALE)
def test_ten_times_as_many_people_agree_as_much(people):
    once, tenfold = on_scale(*people), on_scale(*[10 * count for count in people])

    assert van_der_eijk_a(tenfold) == van_der_eijk_a(once)
    assert leik_d(tenfold) == leik_d(once)
    assert mean(tenfold) == mean(once)


@given(SCALES_OF_FIVE, st.permutations(range(1, 6)))
def test_the_order_of_the_counts_does_not_matter(people, order):
    counts = on_scale(*people)

    assert rate_measures({value: counts[value] for value in order}) == rate_measures(
        counts
    )
