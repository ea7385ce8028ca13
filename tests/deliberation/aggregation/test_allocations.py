from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.aggregation.allocations import (
    effective_number,
    item_measures,
    prompt_measures,
    unspent,
)


@pytest.mark.parametrize(
    ("totals", "number"),
    [
        ((25, 25, 25, 25), 4),
        ((100, 0, 0), 1),
        ((5, 3, 2), Fraction(100, 38)),
        ((0, 0), None),
        ((), None),
    ],
)
def test_effective_number(totals, number):
    assert effective_number(dict(enumerate(totals))) == number


def test_item_measures():
    assert item_measures({0: 5, 10: 2, 40: 1}, 300) == {
        "total": 60,
        "supporters": 3,
        "mean": 7.5,
        "share": 0.2,
    }


def test_people_who_gave_an_item_nothing_count_in_its_mean():
    assert item_measures({10: 2, 40: 1}, 300, n=8) == item_measures(
        {0: 5, 10: 2, 40: 1}, 300
    )


def test_item_measures_without_answers_are_undefined():
    assert item_measures({}, 0) == {
        "total": 0,
        "supporters": 0,
        "mean": None,
        "share": None,
    }
    assert item_measures({0: 3}, 0) == {
        "total": 0,
        "supporters": 0,
        "mean": 0,
        "share": None,
    }


@pytest.mark.parametrize(
    ("points", "total_all", "n"), [({5: 2}, 9, None), ({5: 2}, 10, 1), ({-1: 1}, 9, 3)]
)
def test_item_measures_refuse_what_does_not_add_up(points, total_all, n):
    with pytest.raises(ValueError, match="is not part of"):
        item_measures(points, total_all, n=n)


def test_prompt_measures():
    assert prompt_measures({"a": 50, "b": 30, "c": 20}, 100) == {
        "effective_number": 2.6316,
        "unspent": 100,
    }
    assert prompt_measures({"a": 0}, 7) == {"effective_number": None, "unspent": 7}


def test_unspent_counts_what_each_left_over():
    assert unspent({100: 63, 99: 11, 0: 1, 101: 2}, 100) == 111
    assert unspent({}, 100) == 0


@given(st.lists(st.integers(0, 50), min_size=1, max_size=9), st.integers(1, 9))
def test_effective_number_lies_between_one_and_all(totals, times):
    by_item = dict(enumerate(totals))
    number = effective_number(by_item)

    assert number is None or 1 <= number <= len(totals)
    assert effective_number({k: times * total for k, total in by_item.items()}) == (
        number
    )
    assert effective_number(dict(reversed(by_item.items()))) == number
