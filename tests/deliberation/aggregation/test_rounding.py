from fractions import Fraction

import pytest

from deliberation.aggregation.rounding import rounded


@pytest.mark.parametrize(
    ("figure", "shown"),
    [
        (None, None),
        (3, 3),
        (Fraction(6, 2), 3),
        (1.0, 1),
        (-0.0, 0),
        (Fraction(7, 2), 3.5),
        (Fraction(2, 3), 0.6667),
        (Fraction(-1, 7), -0.1429),
        (0.01953125, 0.0195),
    ],
)
def test_rounded_keeps_four_decimals(figure, shown):
    assert repr(rounded(figure)) == repr(shown)


def test_rounded_never_turns_a_small_figure_into_zero():
    assert rounded(Fraction(1, 2**40)) == 9.095e-13
    assert rounded(-0.000012345678) == -1.235e-05
