import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.aggregation.shares import share_measures, wilson


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [
        # Newcombe 1998, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # Small tables.
        (0, 8, 0, 0.3244),
        (6, 8, 0.4093, 0.9285),
    ],
)
def test_wilson_gives_the_printed_intervals(x, n, low, high):
    assert [round(end, 4) for end in wilson(x, n)] == [low, high]


@pytest.mark.parametrize(("x", "n"), [(3, 2), (-1, 4), (1, 0)])
def test_wilson_refuses_what_is_no_share(x, n):
    with pytest.raises(ValueError, match="is not a share"):
        wilson(x, n)


def test_share_measures():
    assert share_measures(6, 8) == {"share": 0.75, "wilson": [0.4093, 0.9285]}
    assert share_measures(0, 0) == {"share": None, "wilson": None}


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_mirrors(x_of_n):
    x, n = x_of_n
    low, high = wilson(x, n)

    assert 0 <= low <= x / n <= high <= 1
    assert wilson(n - x, n) == pytest.approx((1 - high, 1 - low))
