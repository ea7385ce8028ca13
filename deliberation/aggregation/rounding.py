"""The one place where a figure loses digits before it enters the results JSON."""

from fractions import Fraction

DECIMALS = 4
# Below this, as many digits as decimals are kept: a p-value, or a consensus across
# many tables, is small but never 0.
SMALL = Fraction(1, 1000)


def rounded(figure: float | Fraction | None) -> int | float | None:
    """Give a figure as the results JSON holds it, with `DECIMALS` decimals.

    Whole numbers come back as int, None (undefined) as None. Rounding is exact, half
    to even, so that every machine prints the same digits.
    """
    if figure is None:
        return None
    exact = Fraction(figure)
    if exact.denominator == 1:
        return exact.numerator
    if abs(exact) < SMALL:
        return float(f"{float(exact):.{DECIMALS}g}")
    return float(round(exact, DECIMALS))
