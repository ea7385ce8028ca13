from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.aggregation.nominal import assess_measures, iqv, mode


def judged(*people):
    return dict(
        zip(["unproblematic", "difficult", "inconsistent"], people, strict=True)
    )


@pytest.mark.parametrize(
    ("people", "variation"),
    [((4, 3, 1), 0.890625), ((5, 3, 2), 0.93), ((8, 0, 0), 0), ((2, 2, 2), 1)],
)
def test_iqv(people, variation):
    assert float(iqv(judged(*people))) == variation


def test_iqv_needs_answers_and_a_choice():
    assert iqv(judged(0, 0, 0)) is None
    assert iqv({"only": 4}) is None


def test_assess_measures():
    assert assess_measures(judged(5, 3, 2)) == {
        "mode": "unproblematic",
        "modal_share": 0.5,
        "margin": 0.2,
        "iqv": 0.93,
    }


def test_assess_measures_report_a_tie_as_a_tie():
    assert assess_measures(judged(3, 3, 2)) == {
        "mode": None,
        "modal_share": 0.375,
        "margin": 0,
        "iqv": 0.9844,
    }


def test_assess_measures_without_answers_are_undefined():
    nothing = {"mode": None, "modal_share": None, "margin": None, "iqv": None}

    assert assess_measures(judged(0, 0, 0)) == nothing
    assert assess_measures({}) == nothing


@given(st.lists(st.integers(0, 12), min_size=3, max_size=3), st.permutations(range(3)))
def test_the_order_of_the_categories_does_not_matter(people, order):
    counts = judged(*people)
    keys = list(counts)
    reordered = {keys[place]: counts[keys[place]] for place in order}

    assert assess_measures(reordered) == assess_measures(counts)


@given(st.lists(st.integers(0, 12), min_size=3, max_size=3))
def test_ten_times_as_many_people_vary_as_much(people):
    once, tenfold = judged(*people), judged(*[10 * count for count in people])

    assert (iqv(tenfold), mode(tenfold)) == (iqv(once), mode(once))
    assert iqv(once) is None or 0 <= iqv(once) <= Fraction(1)
