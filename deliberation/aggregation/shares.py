"""Shares of a group that chose or approved something."""

from fractions import Fraction
from math import sqrt

from .rounding import rounded

Z = 1.959963984540054  # leaves 2.5 % of a normal distribution at each end


def wilson(x: int, n: int) -> tuple[float, float] | None:
    """Give the 95 % interval for a share of x in n; None when n is 0.

    Raises ValueError unless 0 <= x <= n.
    Source: Wilson 1927, as printed by Newcombe, Stat Med 1998;17:857.
    """
    if not 0 <= x <= n:
        raise ValueError(f"{x} of {n} is not a share")
    if n == 0:
        return None
    share, spread = x / n, Z * Z / n
    middle = share + spread / 2
    reach = Z * sqrt(share * (1 - share) / n + spread / (4 * n))
    # At the ends of the scale the formula gives 0 and 1 only up to rounding errors.
    low = 0.0 if x == 0 else (middle - reach) / (1 + spread)
    high = 1.0 if x == n else (middle + reach) / (1 + spread)
    return low, high


def share_measures(
    chosen: int, n: int
) -> dict[str, int | float | list[int | float | None] | None]:
    """Give the share of n people that chose an item, with its interval [low, high]."""
    interval = wilson(chosen, n)
    return {
        "share": rounded(Fraction(chosen, n)) if n else None,
        "wilson": None if interval is None else [rounded(end) for end in interval],
    }
