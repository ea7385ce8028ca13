from collections import Counter
from fractions import Fraction
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberation.aggregation.agreement import van_der_eijk_a
from deliberation.aggregation.tables import (
    assess_by_table,
    gic,
    icc1,
    light_margolin_r2,
    rate_by_table,
)

KEYS = ["unproblematic", "difficult", "inconsistent"]


def rated(*answers):
    """Counts on 1 to 5 for each table, from its answers written as digits."""
    return {
        table: {value: digits.count(str(value)) for value in range(1, 6)}
        for table, digits in enumerate(answers, start=1)
    }


def judged(*rows):
    return {
        table: dict(zip(KEYS, row, strict=True))
        for table, row in enumerate(rows, start=1)
    }


DIFFERING = rated("55454544", "21221223", "44545443", "22132212")
EACH_SPLIT = rated(*["11124555"] * 4)
JUDGED_APART = judged((6, 1, 1), (1, 6, 1), (5, 2, 1), (1, 1, 6))


def test_icc1():
    assert isclose(icc1(DIFFERING), 0.8376, abs_tol=5e-5)
    assert icc1(EACH_SPLIT) == Fraction(-1, 7)


def test_icc1_of_unequal_tables():
    # By hand: 1 2 | 3 3 3 | 5, of which the single answer is left out.
    # Between 2.7, within 0.5 / 3, n0 = 5 - 13 / 5 = 2.4.
    between, within = Fraction(27, 10), Fraction(1, 6)

    assert icc1(rated("12", "333", "5")) == (between - within) / (
        between + Fraction(14, 10) * within
    )


def test_light_margolin_r2():
    assert isclose(light_margolin_r2(JUDGED_APART), 0.3353, abs_tol=5e-5)
    assert light_margolin_r2(judged((4, 0, 0), (0, 4, 0))) == 1
    assert light_margolin_r2(judged((1, 2, 1), (2, 4, 2))) == 0


def test_light_margolin_r2_goes_by_category_not_by_place():
    swapped = {**JUDGED_APART, 2: dict(reversed(JUDGED_APART[2].items()))}

    assert light_margolin_r2(swapped) == light_margolin_r2(JUDGED_APART)
    assert assess_by_table(swapped, seed=1, resamples=99) == assess_by_table(
        JUDGED_APART, seed=1, resamples=99
    )


def test_tables_that_agree_inside_differ():
    everybody = sum(map(Counter, DIFFERING.values()), Counter())

    assert [van_der_eijk_a(counts) for counts in DIFFERING.values()] == [0.75] * 4
    assert isclose(van_der_eijk_a(everybody), 0.066, abs_tol=5e-4)
    assert rate_by_table(DIFFERING, seed=2006, resamples=9_999) == {
        "icc1": 0.8376,
        "permutation_p": 0.0001,
        "permutation": "drawn",
        "seed": 2006,
        "resamples": 9_999,
        "tables": "differ",
        "gic": 0.0072,
    }


def test_tables_that_are_split_alike_are_each_split():
    assert isclose(van_der_eijk_a(EACH_SPLIT[1]), -0.569, abs_tol=5e-4)
    assert rate_by_table(EACH_SPLIT, seed=2006, resamples=999) == {
        "icc1": 0,
        "permutation_p": 1,
        "permutation": "drawn",
        "seed": 2006,
        "resamples": 999,
        "tables": "each-split",
        "gic": 0.0625,
    }


def test_tables_that_differ_and_are_split_are_both():
    both = rated("11111555", "11115555", "11155555", "55555555", "11111111", "11115555")

    compared = rate_by_table(both, seed=1, resamples=999)

    assert (compared["tables"], compared["permutation_p"] < 0.05) == ("both", True)


def test_tables_of_one_mind_are_alike():
    assert rate_by_table(rated("44444", "44444", "44444"), seed=1) == {
        "icc1": None,
        "permutation_p": 1,
        "permutation": "drawn",
        "seed": 1,
        "resamples": 9_999,
        "tables": "alike",
        "gic": 0.6297,
    }


def test_assess_by_table():
    compared = assess_by_table(JUDGED_APART, seed=2006)

    # The exact p is about .0031.
    assert 0.0015 < compared.pop("permutation_p") < 0.0055
    assert compared == {
        "r2": 0.3353,
        "permutation": "drawn",
        "seed": 2006,
        "resamples": 9_999,
        "tables": "differ",
    }


def test_assess_by_table_of_one_mind():
    assert assess_by_table(judged((5, 0, 0), (5, 0, 0), (5, 0, 0)), seed=1) == {
        "r2": None,
        "permutation_p": 1,
        "permutation": "drawn",
        "seed": 1,
        "resamples": 9_999,
        "tables": "alike",
    }


@pytest.mark.parametrize(
    "by_table",
    [
        rated("55454544", "21221223"),  # two tables
        rated("5544", "2122", "5454"),  # twelve people
        rated("55454544", "21221223", "4"),  # the third has one answer
    ],
)
def test_few_tables_or_people_get_no_sentence(by_table):
    compared = rate_by_table(by_table, seed=1, resamples=99)

    assert (compared["tables"], compared["permutation_p"] is None) == (None, False)


@pytest.mark.parametrize("by_table", [{}, rated("", ""), rated("1", "5"), rated("12")])
def test_a_single_table_is_compared_with_nothing(by_table):
    compared = rate_by_table(by_table, seed=1, resamples=99)
    del compared["gic"]

    assert compared == {
        "icc1": None,
        "permutation_p": None,
        "permutation": None,
        "seed": 1,
        "resamples": 99,
        "tables": None,
    }


def test_the_slow_part_can_be_left_out():
    compared = rate_by_table(DIFFERING, seed=1, resamples=0)

    assert compared == {
        "icc1": 0.8376,
        "permutation_p": None,
        "permutation": None,
        "seed": 1,
        "resamples": 0,
        "tables": None,
        "gic": 0.0072,
    }


def test_the_permutation_finds_the_exact_p_of_a_case_that_can_be_counted():
    # Four people at two tables: of 6 seatings, 2 put the equal ones together.
    compared = rate_by_table(rated("11", "22"), seed=7, resamples=9_999)

    assert isclose(compared["permutation_p"], 1 / 3, abs_tol=0.015)


def test_gic():
    assert gic(rated("4444444441", "4411111111")) == Fraction(10 * 3, 12 * 12)
    assert gic(rated("", "")) == Fraction(1, 4)
    assert gic({}) is None


TABLES = st.lists(st.text("12345", max_size=6), min_size=1, max_size=5)


@given(TABLES, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_neither_order_nor_numbers_of_tables_matter(answers, random):
    shuffled = answers.copy()
    random.shuffle(shuffled)

    compared = rate_by_table(rated(*answers), seed=3, resamples=50)

    assert rate_by_table(rated(*shuffled), seed=3, resamples=50) == compared


@given(TABLES)
def test_figures_stay_in_range(answers):
    by_table = rated(*answers)
    between, explained = icc1(by_table), light_margolin_r2(by_table)

    assert 0 < gic(by_table) < 1
    assert between is None or between <= 1
    assert explained is None or 0 <= explained <= 1


@given(TABLES)
def test_the_same_answers_at_every_table_explain_nothing(answers):
    everybody = Counter("".join(answers))
    by_table = rated(*["".join(everybody.elements())] * 3)

    assert light_margolin_r2(by_table) in (0, None)
    assert (icc1(by_table) or -1) < 0
