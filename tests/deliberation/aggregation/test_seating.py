from collections import Counter
from fractions import Fraction
from itertools import accumulate, permutations
from math import isclose
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.aggregation.seating import moments, permutation_p

LINE = {value: (value,) for value in range(1, 6)}  # ratings
APART = {1: (1, 0, 0), 2: (0, 1, 0), 3: (0, 0, 1)}  # categories


def seated(*answers):
    """Counts at each table, from its answers written as digits."""
    return [Counter(map(int, digits)) for digits in answers]


def share_between(tables, points):
    """The part of the squared distances that lies between tables, from the answers."""
    people = [points[answer] for table in tables for answer in table]
    middle = [Fraction(sum(axis), len(people)) for axis in zip(*people, strict=True)]

    def squared(point):
        return sum((x - m) ** 2 for x, m in zip(point, middle, strict=True))

    apart = 0
    for table in tables:
        axes = zip(*[points[answer] for answer in table], strict=True)
        apart += len(table) * squared([Fraction(sum(a), len(table)) for a in axes])
    return apart / sum(map(squared, people))


def all_seatings(answers, points):
    """The share between tables in every way of seating their people."""
    sizes = list(map(len, answers))
    found = []
    for order in permutations([int(digit) for digit in "".join(answers)]):
        left = iter(order)
        tables = [[next(left) for _ in range(size)] for size in sizes]
        found.append(share_between(tables, points))
    return found


@pytest.mark.parametrize(
    ("answers", "points"),
    [
        (("125", "45", "22"), LINE),
        (("11", "23455"), LINE),
        (("12", "311", "2"), APART),
        (("112", "332"), APART),
    ],
)
def test_moments_are_those_of_all_seatings(answers, points):
    shares = all_seatings(answers, points)
    mean = sum(shares) / len(shares)
    variance = sum(share**2 for share in shares) / len(shares) - mean**2

    assert moments(seated(*answers), points) == (mean, variance)


@pytest.mark.parametrize(
    ("answers", "points"),
    [
        (("124", "33", "5"), LINE),
        (("11", "12455"), LINE),
        (("111", "223"), APART),
        (("112", "33"), APART),
    ],
)
def test_drawn_seatings_come_close_to_all_of_them(answers, points):
    shares = all_seatings(answers, points)
    observed = share_between([list(map(int, digits)) for digits in answers], points)
    exact = sum(share >= observed for share in shares) / len(shares)

    drawn = permutation_p(seated(*answers), points, seed=11)

    # Four standard deviations of 9,999 draws.
    assert drawn.method == "drawn"
    assert abs(drawn.p - exact) < 4 * (exact * (1 - exact) / 9_999) ** 0.5 + 0.0001


def room(*, seed, people, at_a_table, shares):
    draw, answers = Random(seed).random, []
    for _ in range(people):
        place = draw() * sum(shares.values())
        upper = accumulate(shares.values())
        answers.append(
            next(a for a, up in zip(shares, upper, strict=True) if place < up)
        )
    return [
        Counter(answers[start : start + at_a_table])
        for start in range(0, people, at_a_table)
    ]


RATED = {"people": 400, "at_a_table": 8, "shares": {1: 10, 2: 20, 3: 70, 4: 40, 5: 30}}
JUDGED = {"people": 500, "at_a_table": 10, "shares": {1: 50, 2: 35, 3: 15}}


@pytest.mark.parametrize(
    ("points", "people", "seed", "p"),
    [
        # The p of 200,000 seatings drawn elsewhere.
        (LINE, RATED, 378, 0.0099),
        (LINE, RATED, 209, 0.0531),
        (LINE, RATED, 311, 0.3031),
        (APART, JUDGED, 79, 0.0123),
        (APART, JUDGED, 155, 0.0540),
        (APART, JUDGED, 252, 0.3067),
    ],
)
def test_the_p_of_a_large_room_is_worked_out(points, people, seed, p):
    found = permutation_p(room(seed=seed, **people), points, seed=1)

    assert found.method == "moments"
    assert isclose(found.p, p, rel_tol=0.11)
    assert isclose(found.p, p, abs_tol=0.009)


def test_a_p_worked_out_is_never_smaller_than_one_drawn_can_be():
    apart = [{1: 250, 5: 0}, {1: 0, 5: 300}]

    found = permutation_p(apart, LINE, seed=1)

    assert found.method == "moments"
    assert found.p >= Fraction(1, 10_000)
    assert isclose(found.p, 1e-4)


def test_everybody_of_one_mind_is_what_chance_would_seat():
    assert permutation_p([{4: 9, 5: 0}, {4: 900}], LINE, seed=1) == (1, "drawn")
    assert permutation_p([{4: 9}], LINE, seed=1) == (None, None)
    assert permutation_p([{4: 9}, {5: 9}], LINE, seed=1, resamples=0) == (None, None)


def test_one_dissenter_in_a_large_room_is_drawn():
    tables = [{4: 99, 5: 1}, *[{4: 100, 5: 0}] * 99]

    assert permutation_p(tables, LINE, seed=1) == (1, "drawn")


TABLES = st.lists(st.text("12345", min_size=2, max_size=6), min_size=2, max_size=5)


@given(TABLES, st.randoms(use_true_random=False))
def test_neither_the_order_of_tables_nor_of_answers_matters(answers, random):
    tables = seated(*answers)
    shuffled = [
        dict(random.sample(list(table.items()), len(table))) for table in tables
    ]
    random.shuffle(shuffled)

    assert permutation_p(shuffled, LINE, seed=3, resamples=50) == permutation_p(
        tables, LINE, seed=3, resamples=50
    )


@given(TABLES, st.integers(1, 5))
def test_moving_the_scale_changes_nothing(answers, by):
    tables = seated(*answers)
    moved = [{value + by: n for value, n in table.items()} for table in tables]
    line = {value: (value,) for value in range(1, 11)}

    assert permutation_p(moved, line, seed=3, resamples=50) == permutation_p(
        tables, line, seed=3, resamples=50
    )
