from math import comb, isclose, pi, sin, tan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.aggregation.distributions import beta_cdf, t_quantile


@pytest.mark.parametrize(
    ("df", "value"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (12, 2.179), (30, 2.042), (120, 1.980)],
)
def test_t_quantile_gives_the_printed_table(df, value):
    assert round(t_quantile(0.975, df), 3) == value


@given(st.floats(0.5001, 0.999))
def test_t_quantile_of_one_and_two_degrees_has_a_formula(share):
    one, at = tan(pi * (share - 0.5)), 2 * share - 1
    two = at * (2 / (1 - at * at)) ** 0.5

    assert isclose(t_quantile(share, 1), one, rel_tol=1e-9, abs_tol=1e-9)
    assert isclose(t_quantile(share, 2), two, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("share", [0.49, 1, float("nan")])
def test_t_quantile_refuses_what_is_no_upper_share(share):
    with pytest.raises(ValueError, match="is no share"):
        t_quantile(share, 3)


@given(st.floats(0, 1), st.integers(1, 60), st.integers(1, 60))
def test_beta_cdf_of_whole_numbers_is_a_sum_of_the_binomial(x, a, b):
    n = a + b - 1
    at_least_a = sum(comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))

    assert isclose(beta_cdf(x, a, b), at_least_a, abs_tol=1e-11)


@given(st.integers(0, 1024), st.floats(0.1, 5000), st.floats(0.1, 5000))
def test_beta_cdf_mirrors_and_stays_in_range(part, a, b):
    x = part / 1024  # of which 1 - x is exact
    below = beta_cdf(x, a, b)

    assert -1e-9 <= below <= 1 + 1e-9
    assert isclose(below, 1 - beta_cdf(1 - x, b, a), abs_tol=1e-9)


def test_beta_cdf_of_the_arcsine_law():
    quarter = sin(pi / 4) ** 2

    assert isclose(beta_cdf(quarter, 0.5, 0.5), 0.5)
    assert beta_cdf(-1, 0.5, 0.5) == 0
    assert beta_cdf(2, 0.5, 0.5) == 1
