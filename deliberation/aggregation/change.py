"""What changed between two rounds of a prompt, for people who answered both.

`before` and `after` map a respondent to the answer given; whoever abstained or did not
answer is left out by the caller. All figures but `before_only` and `after_only` are
of the people in both.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from math import comb, erfc, sqrt

from .agreement import agree_values
from .rounding import rounded

EXACT_UP_TO = 50  # non-zero differences; beyond, the normal approximation serves

type Change = dict[str, int | float | list[list[int]] | None]
type Pairs[Answer] = Sequence[tuple[Answer, Answer]]
type Numbers = Mapping[str, int]  # one person's places or points, by item


def rate_change[Person: Hashable](
    before: Mapping[Person, int], after: Mapping[Person, int], *, values: Sequence[int]
) -> Change:
    """Compare two rounds of a rating of one item and criterion.

    values: the points of the scale. `net` is the change in the share above the middle
    point, -1 to 1; `gross` the share of people who changed at all; `transitions` has a
    row for each value before and a column for each value after, lowest first.
    Raises ValueError for an answer off the scale.
    """
    scale = sorted(values)
    pairs = _linked(before, after)
    return {
        **_who(before, after),
        **_moves(pairs),
        **_sides(pairs, agree_values(scale)),
        "gross": rounded(_gross(pairs)),
        "transitions": transitions(pairs, scale),
        "wilcoxon_p": rounded(wilcoxon_p([new - old for old, new in pairs])),
        "stability": rounded(stability(pairs)),
    }


def choice_change[Person: Hashable](
    before: Mapping[Person, bool], after: Mapping[Person, bool]
) -> Change:
    """Compare two rounds in which people chose, or approved, an item or did not.

    As `rate_change`, on a scale of not chosen (first) and chosen.
    """
    pairs = _linked(before, after)
    return {
        **_who(before, after),
        **_moves(pairs),
        **_sides(pairs, [True]),
        "gross": rounded(_gross(pairs)),
        "transitions": transitions(pairs, [False, True]),
        "wilcoxon_p": None,
        "stability": rounded(stability(pairs)),
    }


def assess_change[Person: Hashable](
    before: Mapping[Person, str], after: Mapping[Person, str], *, keys: Sequence[str]
) -> Change:
    """Compare two rounds of an assessment of one item.

    keys: the categories, in the order of rows and columns of `transitions`. Categories
    have no order and no agreeing side: what needs one is None.
    Raises ValueError for an answer that is no category.
    """
    pairs = _linked(before, after)
    return {
        **_who(before, after),
        "up": None,
        "same": sum(old == new for old, new in pairs),
        "down": None,
        "net": None,
        "mcnemar_p": None,
        "gross": rounded(_gross(pairs)),
        "transitions": transitions(pairs, keys),
        "wilcoxon_p": None,
        "stability": rounded(stability(pairs)),
    }


def rank_change[Person: Hashable](
    before: Mapping[Person, Numbers],
    after: Mapping[Person, Numbers],
    *,
    item: str,
    most: int,
) -> Change:
    """Compare where the same people put one item in two rankings.

    before, after: a place for every item, 1 the best, 0 left out, which is behind all
    others. most: places there are. `up` put it higher; `net` and `mcnemar_p` are about
    putting it first; `transitions` has a row and a column for each place and a last one
    for left out; the means are of places, of which level items share theirs.
    """
    pairs = _linked(before, after)
    places = [(old[item], new[item]) for old, new in pairs]
    heights = [(-(old or most + 1), -(new or most + 1)) for old, new in places]
    return {
        **_who(before, after),
        **_moves(heights),
        **_sides(places, [1]),
        "gross": rounded(_gross(places)),
        "transitions": transitions(places, [*range(1, most + 1), 0]),
        "wilcoxon_p": None,
        "stability": rounded(stability(places)),
        "mean_before": rounded(_mean([_standing(old, item) for old, _new in pairs])),
        "mean_after": rounded(_mean([_standing(new, item) for _old, new in pairs])),
    }


def points_change[Person: Hashable](
    before: Mapping[Person, Numbers], after: Mapping[Person, Numbers], *, item: str
) -> Change:
    """Compare the points that the same people gave one item in two rounds.

    `up` gave it more; `net`, `mcnemar_p` and `transitions` are about giving none or
    any; the means are of points. Points are no categories, so `stability` is None.
    """
    pairs = [(old[item], new[item]) for old, new in _linked(before, after)]
    any_given = [(old > 0, new > 0) for old, new in pairs]
    return {
        **_who(before, after),
        **_moves(pairs),
        **_sides(any_given, [True]),
        "gross": rounded(_gross(pairs)),
        "transitions": transitions(any_given, [False, True]),
        "wilcoxon_p": rounded(wilcoxon_p([new - old for old, new in pairs])),
        "stability": None,
        "mean_before": rounded(_mean([old for old, _new in pairs])),
        "mean_after": rounded(_mean([new for _old, new in pairs])),
    }


def whole_change[Person: Hashable](
    before: Mapping[Person, Numbers],
    after: Mapping[Person, Numbers],
    *,
    lowest_first: bool,
) -> Change:
    """Count the same people who changed their ranking, or what they gave, at all.

    lowest_first: whether the smallest number above 0 comes first, as in a ranking, or
    the largest. `changed_first` counts those with another item in front, or others.
    """
    pairs = _linked(before, after)
    return {
        **_who(before, after),
        "changed": sum(old != new for old, new in pairs),
        "changed_first": sum(
            _in_front(old, lowest_first) != _in_front(new, lowest_first)
            for old, new in pairs
        ),
    }


def transitions[Answer: Hashable](
    pairs: Pairs[Answer], answers: Sequence[Answer]
) -> list[list[int]]:
    """Count the moves from each answer (rows) to each answer (columns)."""
    moves = Counter(pairs)
    table = [[moves[old, new] for new in answers] for old in answers]
    if sum(map(sum, table)) != len(pairs):
        raise ValueError(f"an answer is none of {list(answers)}")
    return table


def mcnemar_p(left: int, joined: int) -> Fraction | None:
    """Test whether as many people left a side as joined it: exact, two-sided.

    None if nobody crossed. Source: McNemar, Psychometrika 1947;12:153.
    """
    crossed = left + joined
    if crossed == 0:
        return None
    tail = sum(comb(crossed, k) for k in range(min(left, joined) + 1))
    return min(Fraction(1), Fraction(2 * tail, 2**crossed))


def wilcoxon_p(
    differences: Sequence[int], *, exact_up_to: int = EXACT_UP_TO
) -> Fraction | float | None:
    """Test whether people moved up as far as down: Wilcoxon's signed ranks, two-sided.

    Differences of 0 are dropped, as Wilcoxon did, and equal ones share their mean rank.
    Up to `exact_up_to` others, all ways of flipping their signs are counted; beyond,
    the normal approximation with corrections for ties and continuity is used.
    None if nobody moved. Source: Hollander and Wolfe, 1973, section 3.1.
    """
    moved = sorted((d for d in differences if d), key=abs)
    n = len(moved)
    if n == 0:
        return None
    # Doubled, so that the mean ranks of ties stay whole numbers.
    ranks: list[int] = []
    ties: list[int] = []
    for _, tied in groupby(moved, key=abs):
        size = len(list(tied))
        ranks += [2 * len(ranks) + size + 1] * size
        ties.append(size)
    up = sum(rank for rank, d in zip(ranks, moved, strict=True) if d > 0)
    smaller = min(up, sum(ranks) - up)
    if n <= exact_up_to:
        tail = sum(_ways_to_reach(ranks)[: smaller + 1])
        return min(Fraction(1), Fraction(2 * tail, 2**n))
    variance = n * (n + 1) * (2 * n + 1) / 24 - sum(t**3 - t for t in ties) / 48
    distance = n * (n + 1) / 4 - smaller / 2
    return erfc(max(0.0, distance - 0.5) / sqrt(2 * variance))


def stability[Answer: Hashable](pairs: Pairs[Answer]) -> Fraction | None:
    """Give the share of answers that changed category net; below 0.15 is stable.

    None without people in both. Source: Scheibe, Skutsch and Schofer 1975, in Linstone
    and Turoff, The Delphi Method.
    """
    if not pairs:
        return None
    change = Counter(new for _, new in pairs)
    change.subtract(Counter(old for old, _ in pairs))
    return Fraction(sum(map(abs, change.values())), 2 * len(pairs))


def _ways_to_reach(ranks: Sequence[int]) -> list[int]:
    """Count, for each sum, the sets of ranks that add up to it."""
    ways = [1] + [0] * sum(ranks)
    highest = 0
    for rank in ranks:
        highest += rank
        for total in range(highest, rank - 1, -1):
            ways[total] += ways[total - rank]
    return ways


def _linked[Person: Hashable, Answer](
    before: Mapping[Person, Answer], after: Mapping[Person, Answer]
) -> Pairs[Answer]:
    return [(old, after[person]) for person, old in before.items() if person in after]


def _in_front(numbers: Numbers, lowest_first: bool) -> set[str]:
    given = {item: number for item, number in numbers.items() if number}
    best = (min if lowest_first else max)(given.values(), default=0)
    return {item for item, number in given.items() if number == best}


def _standing(places: Numbers, item: str) -> Fraction:
    """Give an item's rank on a ballot; level items, and all left out, share theirs."""
    last = len(places) + 1
    own = places[item] or last
    order = [place or last for place in places.values()]
    better, level = sum(place < own for place in order), order.count(own)
    return better + Fraction(level + 1, 2)


def _mean(numbers: Sequence[int] | Sequence[Fraction]) -> Fraction | None:
    return Fraction(sum(numbers), len(numbers)) if numbers else None


def _who[Person: Hashable](
    before: Mapping[Person, object], after: Mapping[Person, object]
) -> dict[str, int]:
    return {
        "both": len(before.keys() & after.keys()),
        "before_only": len(before.keys() - after.keys()),
        "after_only": len(after.keys() - before.keys()),
    }


def _moves(pairs: Pairs[int]) -> dict[str, int]:
    return {
        "up": sum(new > old for old, new in pairs),
        "same": sum(new == old for old, new in pairs),
        "down": sum(new < old for old, new in pairs),
    }


def _sides(pairs: Pairs[int], agree: Collection[int]) -> Change:
    joined = sum(new in agree and old not in agree for old, new in pairs)
    left = sum(old in agree and new not in agree for old, new in pairs)
    return {
        "net": rounded(Fraction(joined - left, len(pairs))) if pairs else None,
        "mcnemar_p": rounded(mcnemar_p(left, joined)),
    }


def _gross[Answer](pairs: Pairs[Answer]) -> Fraction | None:
    if not pairs:
        return None
    return Fraction(sum(old != new for old, new in pairs), len(pairs))
