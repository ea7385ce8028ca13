"""Could chance seating explain how much tables differ?

`tables` holds each table's counts of the same answers, `points` where each answer
lies: a rating at its value, categories all as far from each other. Tables differ by
the squared distances of their means from everybody's, each taken once a person.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from random import Random
from typing import Literal, NamedTuple

from .distributions import beta_cdf

RESAMPLES = 9_999
# With more people off the most frequent answer drawing takes long, and the p worked out
# is about as close: near .05 within .004 of that of 200,000 drawn seatings.
DRAWN_UP_TO = 200

type Point = tuple[int, ...]


class Permutation(NamedTuple):
    """A p-value, and whether seatings were drawn for it or their moments worked out."""

    p: Fraction | None
    method: Literal["drawn", "moments"] | None


def permutation_p[Key](
    tables: Sequence[Mapping[Key, int]],
    points: Mapping[Key, Point],
    *,
    seed: int,
    resamples: int = RESAMPLES,
    drawn_up_to: int = DRAWN_UP_TO,
) -> Permutation:
    """Tell how often chance seating makes tables differ as much as they do.

    p is (b + 1) / (resamples + 1), b counting the seatings that differ as much or more;
    if more than `drawn_up_to` people gave another than the most frequent answer, b is
    what `moments_p` expects. None for fewer than two tables or no resamples.
    Source: Phipson and Smyth, Stat Appl Genet Mol Biol 2010;9:39.
    """
    if len(tables) < 2 or resamples < 1:
        return Permutation(None, None)
    everybody = pooled(tables)
    if sum(everybody.values()) - max(everybody.values()) > drawn_up_to:
        expected = Fraction(moments_p(tables, points)) * resamples
        return Permutation((expected + 1) / (resamples + 1), "moments")
    as_much = _seatings_as_different(tables, points, seed=seed, resamples=resamples)
    return Permutation(Fraction(as_much + 1, resamples + 1), "drawn")


def moments_p[Key](
    tables: Sequence[Mapping[Key, int]], points: Mapping[Key, Point]
) -> float:
    """Work out how often, roughly, chance seating makes tables differ as much.

    The share of the spread that lies between tables has a mean and a variance over all
    seatings that are known exactly; the beta distribution with these stands in for it.
    For hundreds of people: with few, or few who differ, it is too coarse.
    Source: Pitman, Biometrika 1938;29:322.
    """
    centred = _centred(tables, points)
    spread = sum(
        people * _product(centred[key], centred[key])
        for key, people in pooled(tables).items()
    )
    between = Fraction(0)
    for table in tables:
        answers = [(people, centred[key]) for key, people in table.items()]
        totals = [
            sum(people * point[axis] for people, point in answers)
            for axis in range(len(answers[0][1]))
        ]
        between += Fraction(_product(totals, totals), sum(table.values()))
    mean, variance = moments(tables, points)
    both = mean * (1 - mean) / variance - 1
    return beta_cdf(
        float(1 - between / spread), float((1 - mean) * both), float(mean * both)
    )


def moments[Key](
    tables: Sequence[Mapping[Key, int]], points: Mapping[Key, Point]
) -> tuple[Fraction, Fraction]:
    """Give mean and variance, over all seatings, of the share between tables.

    For two tables and four people or more, not all of one answer.
    Source: Kazi-Aoual et al., Comput Stat Data Anal 1995;20:643.
    """
    sizes = [sum(table.values()) for table in tables]
    n, apart = sum(sizes), len(sizes) - 1
    everybody, centred = pooled(tables), _centred(tables, points)
    # Of two matrices, who sits with whom and who answers like whom: the trace, the
    # trace of the square, and the squares of the diagonal.
    seats = (
        Fraction(apart),
        Fraction(apart),
        sum((size * Fraction(n - size, n * size) ** 2 for size in sizes), Fraction(0)),
    )
    alike = {
        (one, two): _product(centred[one], centred[two])
        for one in everybody
        for two in everybody
    }
    answers = (
        Fraction(sum(everybody[key] * alike[key, key] for key in everybody)),
        Fraction(sum(everybody[a] * everybody[b] * alike[a, b] ** 2 for a, b in alike)),
        Fraction(sum(everybody[key] * alike[key, key] ** 2 for key in everybody)),
    )

    def together(trace: Fraction, square: Fraction, _: Fraction) -> Fraction:
        return (n - 1) * square - trace**2

    def alone(trace: Fraction, square: Fraction, diagonal: Fraction) -> Fraction:
        return n * (n + 1) * diagonal - (n - 1) * (trace**2 + 2 * square)

    variance = 2 * together(*seats) * together(*answers) / (
        (n - 1) ** 2 * (n + 1) * (n - 2)
    ) + alone(*seats) * alone(*answers) / ((n + 1) * n * (n - 1) * (n - 2) * (n - 3))
    return Fraction(apart, n - 1), variance / answers[0] ** 2


def pooled[Key](tables: Iterable[Mapping[Key, int]]) -> Counter[Key]:
    """Add up how many people gave each answer, at all tables."""
    everybody: Counter[Key] = Counter()
    for counts in tables:
        everybody.update(counts)
    return everybody


def _seatings_as_different[Key](
    tables: Sequence[Mapping[Key, int]],
    points: Mapping[Key, Point],
    *,
    seed: int,
    resamples: int,
) -> int:
    """Count the drawn seatings in which tables differ as much as they do, or more."""
    everybody = pooled(tables)
    # In the order of the points, as neither names nor order decide the draws.
    answers = sorted(everybody, key=points.__getitem__)
    usual = max(answers, key=everybody.__getitem__)
    # Measured from the most frequent answer, only the others need seats.
    steps = {
        key: [
            (axis, x - x0)
            for axis, (x, x0) in enumerate(zip(points[key], points[usual], strict=True))
            if x != x0
        ]
        for key in answers
    }
    axes = range(len(points[usual]))
    tables = sorted(tables, key=lambda table: sum(table.values()), reverse=True)
    sizes = [sum(table.values()) for table in tables]
    # A common multiple in place of fractions keeps the comparison exact and fast.
    weights = [lcm(*sizes) // size for size in sizes]

    def apart(totals: Iterable[Sequence[int]]) -> int:
        return sum(
            [w * x * x for row in totals for w, x in zip(weights, row, strict=True)]
        )

    observed = [[0] * len(sizes) for _ in axes]
    for place, table in enumerate(tables):
        for key, people in table.items():
            for axis, step in steps[key]:
                observed[axis][place] += people * step
    least = apart(observed)

    seats = [place for place, size in enumerate(sizes) for _ in range(size)]
    groups, start = [], 0
    for key in answers:
        if key != usual:
            end = start + everybody[key]
            groups.append((slice(start, end), steps[key]))
            start = end
    free = [(place, len(seats) - place) for place in range(start)]
    # Of all of `random`, only random() promises the same draws in later versions.
    draw = Random(seed).random  # noqa: S311 - draws seats, no secrets
    as_much = 0
    for _ in range(resamples):
        for place, left in free:
            other = place + int(draw() * left)
            seats[place], seats[other] = seats[other], seats[place]
        totals = [[0] * len(sizes) for _ in axes]
        for group, moved in groups:
            taken = seats[group]
            for axis, step in moved:
                row = totals[axis]
                for seat in taken:
                    row[seat] += step
        if apart(totals) >= least:
            as_much += 1
    return as_much


def _centred[Key](
    tables: Iterable[Mapping[Key, int]], points: Mapping[Key, Point]
) -> dict[Key, Point]:
    """Measure points from the mean answer, times the people to stay whole numbers."""
    everybody = pooled(tables)
    n = sum(everybody.values())
    totals = [
        sum(people * points[key][axis] for key, people in everybody.items())
        for axis in range(len(next(iter(points.values()))))
    ]
    return {
        key: tuple(n * x - total for x, total in zip(points[key], totals, strict=True))
        for key in everybody
    }


def _product(one: Sequence[int], two: Sequence[int]) -> int:
    return sum(x * y for x, y in zip(one, two, strict=True))
