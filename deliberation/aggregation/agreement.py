"""Agreement within a group on an ordinal scale.

Everywhere `counts` maps each value of the scale, lowest to highest in any order, to
the number of people who chose it. Values nobody chose must be there with 0: dropping
an unused end of the scale changes agreement and dispersion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, combinations

from .rounding import rounded


@dataclass(frozen=True, kw_only=True)
class WordRule:
    """When a distribution earns which word; shares in whole per cent of the answers."""

    least_answers: int = 5
    agreed: int = 75  # at least so many on one side ...
    opposed: int = 15  # ... and at most so many on the other
    split: int = 30  # at least so many on each side
    lukewarm: int = 50  # at least so many on the middle point


WORD_RULE = WordRule()


@dataclass(frozen=True)
class Sides:
    """People below, on and above the middle of a scale.

    A scale with an even number of points has no middle point.
    """

    disagree: int
    middle: int
    agree: int


def sides(counts: Mapping[int, int]) -> Sides:
    """Divide the answers at the middle point of the scale, by position."""
    people = _in_scale_order(counts)
    half = len(people) // 2
    below, above = sum(people[:half]), sum(people[len(people) - half :])
    return Sides(below, sum(people) - below - above, above)


def agree_values(values: Sequence[int]) -> frozenset[int]:
    """Name the values above the middle point of a scale."""
    return frozenset(sorted(values)[(len(values) + 1) // 2 :])


def quantile(counts: Mapping[int, int], share: Fraction) -> Fraction | None:
    """Give the value below which `share` of the answers lie; None without answers.

    Linear between neighbouring answers: type 7 of Hyndman and Fan, Am Stat 1996;50:361.
    """
    answers = [value for value in sorted(counts) for _ in range(counts[value])]
    if not answers:
        return None
    place = (len(answers) - 1) * share
    below = int(place)
    above = min(below + 1, len(answers) - 1)
    return answers[below] + (place - below) * (answers[above] - answers[below])


def median(counts: Mapping[int, int]) -> Fraction | None:
    """Give the middle answer, or the mean of the two middle ones."""
    return quantile(counts, Fraction(1, 2))


def mean(counts: Mapping[int, int]) -> Fraction | None:
    """Give the mean answer; it takes the points of the scale as equal steps."""
    n = sum(counts.values())
    if n == 0:
        return None
    return Fraction(sum(value * people for value, people in counts.items()), n)


def iqr(counts: Mapping[int, int]) -> Fraction | None:
    """Give the distance between the quartiles (type 7), in points of the scale."""
    lower = quantile(counts, Fraction(1, 4))
    upper = quantile(counts, Fraction(3, 4))
    return None if lower is None or upper is None else upper - lower


def van_der_eijk_a(counts: Mapping[int, int]) -> Fraction | None:
    """Measure agreement: 1 all on one point, 0 spread evenly, -1 half at each end.

    None without answers and for scales of fewer than three points.
    Source: van der Eijk, Quality & Quantity 2001;35:325. The distribution is peeled
    into layers that are either empty or equally filled at every point.
    """
    left = _in_scale_order(counts)
    n = sum(left)
    if n == 0 or len(left) < 3:
        return None
    agreement = Fraction(0)
    while any(left):
        thickness = min(people for people in left if people)
        pattern = [people > 0 for people in left]
        people_in_layer = thickness * sum(pattern)
        agreement += Fraction(people_in_layer, n) * _agreement_of_layer(pattern)
        left = [people - thickness if people else 0 for people in left]
    return agreement


def _agreement_of_layer(pattern: Sequence[bool]) -> Fraction:
    points, filled = len(pattern), sum(pattern)
    if filled == 1:
        return Fraction(1)
    triples = list(combinations(pattern, 3))
    one_peak = triples.count((True, True, False)) + triples.count((False, True, True))
    two_peaks = triples.count((True, False, True))
    if one_peak + two_peaks == 0:
        return Fraction(0)
    unimodality = Fraction(
        (points - 2) * one_peak - (points - 1) * two_peaks,
        (points - 2) * (one_peak + two_peaks),
    )
    return unimodality * (1 - Fraction(filled - 1, points - 1))


def leik_d(counts: Mapping[int, int]) -> Fraction | None:
    """Measure dispersion: 0 all on one point, 1 half at each end of the scale.

    None without answers and for scales of fewer than two points.
    Source: Leik, Pacific Sociological Review 1966;9:85.
    """
    people = _in_scale_order(counts)
    n = sum(people)
    if n == 0 or len(people) < 2:
        return None
    # The last cumulative count is n and adds nothing.
    nearer_end = sum(min(up_to, n - up_to) for up_to in accumulate(people))
    return Fraction(2 * nearer_end, n * (len(people) - 1))


def word(counts: Mapping[int, int], rule: WordRule = WORD_RULE) -> str | None:
    """Sum a distribution up in one word; None below the least number of answers.

    One of "agreed", "rejected", "split", "lukewarm", "mixed", first that fits.
    """
    n = sum(counts.values())
    if n == 0 or n < rule.least_answers:
        return None

    def at_least(people: int, percent: int) -> bool:
        return 100 * people >= percent * n

    def won(people: int, against: int) -> bool:
        few_against = 100 * against <= rule.opposed * n
        return at_least(people, rule.agreed) and few_against

    side = sides(counts)
    if won(side.agree, side.disagree):
        return "agreed"
    if won(side.disagree, side.agree):
        return "rejected"
    if at_least(side.agree, rule.split) and at_least(side.disagree, rule.split):
        return "split"
    if side.middle and at_least(side.middle, rule.lukewarm):
        return "lukewarm"
    return "mixed"


def rate_measures(
    counts: Mapping[int, int], *, rule: WordRule = WORD_RULE
) -> dict[str, int | float | str | None]:
    """Give all measures of one item and criterion of a rating, None where undefined."""
    side = sides(counts)
    return {
        "median": rounded(median(counts)),
        "mean": rounded(mean(counts)),
        "iqr": rounded(iqr(counts)),
        "agree": side.agree,
        "disagree": side.disagree,
        "agreement": rounded(van_der_eijk_a(counts)),
        "dispersion": rounded(leik_d(counts)),
        "word": word(counts, rule),
    }


def _in_scale_order(counts: Mapping[int, int]) -> list[int]:
    return [counts[value] for value in sorted(counts)]
