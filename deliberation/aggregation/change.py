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
