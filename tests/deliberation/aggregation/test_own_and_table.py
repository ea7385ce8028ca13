from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.aggregation.own_and_table import gap


def test_gap_counts_who_answered_as_the_table_and_how_far_it_is_off():
    # By hand: 1, 2, 2, 4, 5, 5, 5 have mean 24/7 and median 4; the table said 5.
    assert gap(5, {1: 1, 2: 2, 3: 0, 4: 1, 5: 3}, has_steps=True) == {
        "as_table": 3,
        "of": 7,
        "difference_mean": 1.5714,
        "difference_median": 1,
    }


def test_gap_of_an_even_number_takes_the_middle_of_the_two_middle_values():
    found = gap(3, {1: 3, 2: 3}, has_steps=True)

    assert (found["difference_mean"], found["difference_median"]) == (1.5, 1.5)


def test_gap_of_categories_has_no_difference():
    assert gap(2, {1: 4, 2: 1}, has_steps=False) == {
        "as_table": 1,
        "of": 5,
        "difference_mean": None,
        "difference_median": None,
    }


@pytest.mark.parametrize(("people", "told"), [(0, False), (4, False), (5, True)])
def test_gap_is_withheld_below_the_threshold(people, told):
    assert (gap(1, {1: people}, has_steps=False) is not None) == told


@given(
    st.dictionaries(st.integers(-5, 9), st.integers(0, 6), min_size=1),
    st.integers(-5, 9),
    st.integers(2, 4),
)
def test_gap_holds_for_any_counts(counts, agreed, times):
    whole = gap(agreed, counts, has_steps=True, threshold=1)
    people = sum(counts.values())
    if not people:
        assert whole is None
        return
    assert 0 <= whole["as_table"] <= whole["of"] == people
    if whole["as_table"] == people:
        assert (whole["difference_mean"], whole["difference_median"]) == (0, 0)
    mirrored = {-value: n for value, n in counts.items()}
    turned = gap(-agreed, mirrored, has_steps=True, threshold=1)
    exact = agreed - Fraction(sum(v * n for v, n in counts.items()), people)
    assert whole["difference_mean"] == pytest.approx(float(exact), abs=1e-4)
    assert turned["difference_median"] == -whole["difference_median"]
    scaled = {value: n * times for value, n in counts.items()}
    again = gap(agreed, scaled, has_steps=True, threshold=1)
    assert again["difference_mean"] == whole["difference_mean"]
    assert again["as_table"] == times * whole["as_table"]
