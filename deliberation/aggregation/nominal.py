"""Agreement within a group on categories without order.

`counts` maps every category offered to the number of people who chose it, zeros
included. Category keys are never averaged.
"""

from collections.abc import Mapping
from fractions import Fraction

from .rounding import rounded


def mode(counts: Mapping[str, int]) -> str | None:
    """Name the category most people chose; None on a tie or without answers."""
    most = max(counts.values(), default=0)
    leading = [key for key, people in counts.items() if people == most]
    return leading[0] if most and len(leading) == 1 else None


def modal_share(counts: Mapping[str, int]) -> Fraction | None:
    """Give the share of the largest category, tied or not; None without answers."""
    n = sum(counts.values())
    return Fraction(max(counts.values()), n) if n else None


def margin(counts: Mapping[str, int]) -> Fraction | None:
    """Give the share of the largest category less that of the second; 0 on a tie."""
    n = sum(counts.values())
    if n == 0:
        return None
    second, first = sorted([0, *counts.values()])[-2:]
    return Fraction(first - second, n)


def iqv(counts: Mapping[str, int]) -> Fraction | None:
    """Give the index of qualitative variation: 0 all in one category, 1 spread evenly.

    None without answers and for fewer than two categories.
    Source: Mueller and Schuessler, Statistical Reasoning in Sociology, 1961.
    """
    n, categories = sum(counts.values()), len(counts)
    if n == 0 or categories < 2:
        return None
    same = Fraction(sum(people**2 for people in counts.values()), n**2)
    return Fraction(categories, categories - 1) * (1 - same)


def assess_measures(counts: Mapping[str, int]) -> dict[str, int | float | str | None]:
    """Give all measures of one item of an assessment, None where undefined."""
    return {
        "mode": mode(counts),
        "modal_share": rounded(modal_share(counts)),
        "margin": rounded(margin(counts)),
        "iqv": rounded(iqv(counts)),
    }
