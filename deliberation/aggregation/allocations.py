"""Points shared out over items.

A person's points are whole numbers from 0. Totals are never scaled up to the budget:
what people left over is counted as unspent.
"""

from collections.abc import Mapping
from fractions import Fraction

from .rounding import rounded


def effective_number(totals: Mapping[str, int]) -> Fraction | None:
    """Give over how many items the points are spread: 1 all on one, k evenly on k.

    None if nobody gave a point.
    Source: Laakso and Taagepera, Comparative Political Studies 1979;12:3.
    """
    given = sum(totals.values())
    if given == 0:
        return None
    return Fraction(given**2, sum(total**2 for total in totals.values()))


def unspent(spent: Mapping[int, int], budget: int) -> int:
    """Add up the points left over: `spent` maps points spent to people.

    Whoever spent more than the budget leaves nothing over.
    """
    return sum(max(0, budget - points) * people for points, people in spent.items())


def item_measures(
    points: Mapping[int, int], total_all: int, *, n: int | None = None
) -> dict[str, int | float | None]:
    """Give all measures of one item, None where undefined.

    points: points given -> people who gave so many; total_all: the points given to all
    items; n: the people who answered the prompt, who gave 0 if `points` lacks them. As
    many as are in `points` if None. Raises ValueError if they are more, if points are
    below 0, or if the item has more than all.
    """
    total = sum(given * people for given, people in points.items())
    listed = sum(points.values())
    n = listed if n is None else n
    if min(points, default=0) < 0 or listed > n or total > total_all:
        raise ValueError(f"{dict(points)} of {n} people is not part of {total_all}")
    return {
        "total": total,
        "supporters": sum(people for given, people in points.items() if given),
        "mean": rounded(Fraction(total, n)) if n else None,
        "share": rounded(Fraction(total, total_all)) if total_all else None,
    }


def prompt_measures(
    totals: Mapping[str, int], unspent: int
) -> dict[str, int | float | None]:
    """Give the measures of a whole allocation; `totals` has every item's points."""
    return {
        "effective_number": rounded(effective_number(totals)),
        "unspent": unspent,
    }
