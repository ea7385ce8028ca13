from math import isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.aggregation.pooling import (
    Estimate,
    Pooled,
    mean_measures,
    of_mean,
    of_share,
    pool,
    share_measures,
)

# Thirteen trials of the BCG vaccine, in every handbook of meta-analysis (Colditz et
# al., JAMA 1994;271:698): ill and well of those vaccinated, ill and well of the others.
BCG = [
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
]


def log_risk_ratio(ill, well, ill_others, well_others):
    n, n_others = ill + well, ill_others + well_others
    return Estimate(
        log(ill / n) - log(ill_others / n_others),
        1 / ill - 1 / n + 1 / ill_others - 1 / n_others,
    )


def on_scale(*people):
    return dict(enumerate(people, start=1))


def test_pool_gives_the_printed_figures_of_the_bcg_trials():
    pooled = pool([log_risk_ratio(*trial) for trial in BCG])

    assert round(pooled.pooled, 4) == -0.7141
    assert round(pooled.tau2, 4) == 0.3088
    assert round(100 * pooled.i2, 2) == 92.12
    assert round(pooled.q, 2) == 152.23


def test_pool_by_hand():
    # Equal variances of 1: q is the squared distance from the mean, 8, tau2 is
    # 8 / 2 - 1, the error's variance 8 / 2 / 3, and t of two degrees 4.3027.
    pooled = pool([Estimate(1, 1), Estimate(3, 1), Estimate(5, 1)])
    reach, further = 4.30265 * (4 / 3) ** 0.5, 4.30265 * (4 / 3 + 3) ** 0.5

    assert (pooled.pooled, pooled.tau2, pooled.i2, pooled.q) == (3, 3, 0.75, 8)
    assert pooled.interval == pytest.approx((3 - reach, 3 + reach), rel=1e-5)
    assert pooled.prediction == pytest.approx((3 - further, 3 + further), rel=1e-5)


def test_workshops_closer_than_chance_have_no_variance_of_their_own():
    pooled = pool([Estimate(1, 100), Estimate(3, 100), Estimate(5, 100)])

    assert (pooled.tau2, pooled.i2) == (0, 0)
    assert pooled.interval == pooled.prediction


def test_workshops_that_found_the_same_give_no_interval():
    assert pool([Estimate(2, 1)] * 3) == Pooled(2, None, None, tau2=0, i2=0, q=0)
    assert pool([Estimate(2, 1)] * 2) is None


def test_of_mean():
    assert of_mean(on_scale(0, 0, 1, 3, 4)) == Estimate(4.375, 3.875 / 56)
    assert of_mean(on_scale(0, 0, 0, 1, 3)) is None  # four answers
    assert of_mean(on_scale(0, 0, 0, 8, 0)) is None
    assert of_mean({}) is None


def test_of_share():
    assert of_share(3, 10) == Estimate(log(3.5 / 7.5), 1 / 3.5 + 1 / 7.5)
    assert of_share(0, 0) is None
    with pytest.raises(ValueError, match="is not a share"):
        of_share(4, 3)


def test_mean_measures():
    # statsmodels' combine_effects gives the same.
    workshops = [
        on_scale(0, 0, 1, 3, 4),
        on_scale(1, 2, 3, 2, 0),
        on_scale(0, 1, 4, 5, 2),
        on_scale(0, 0, 0, 9, 0),  # without an error, so not pooled
    ]

    assert mean_measures(workshops) == {
        "workshops": 3,
        "pooled": 3.6286,
        "interval": [1.6327, 5.6246],
        "tau2": 0.4716,
        "i2": 0.8487,
        "q": 13.2152,
        "prediction": [0.0629, 7.1943],
        "conventions": {
            "effect": "mean",
            "tau2": "dersimonian-laird",
            "interval": "hartung-knapp",
            "prediction": "hartung-knapp",
        },
    }


def test_measures_below_three_workshops_are_undefined():
    nothing = dict.fromkeys(["pooled", "interval", "tau2", "i2", "q", "prediction"])

    two = share_measures([(3, 10), (4, 9), (0, 0)])
    del two["conventions"]
    assert two == {"workshops": 2} | nothing


def test_share_measures_are_shares():
    measures = share_measures([(18, 30), (9, 25), (20, 28)])
    low, high = measures["interval"]
    lowest, highest = measures["prediction"]

    assert 0 < lowest < low < measures["pooled"] < high < highest < 1
    assert measures["conventions"]["effect"] == "logit"


def test_shares_at_the_ends_stay_shares():
    measures = share_measures([(9_999_999, 9_999_999), (0, 9_999_999), (5, 9)])

    assert 0 <= measures["prediction"][0] <= measures["prediction"][1] <= 1


ESTIMATES = st.lists(
    st.builds(
        Estimate, st.integers(-5000, 5000).map(lambda n: n / 1000), st.floats(0.01, 5)
    ),
    min_size=3,
    max_size=9,
)


@given(ESTIMATES, st.randoms(use_true_random=False))
def test_the_order_of_the_workshops_does_not_matter(estimates, random):
    shuffled = estimates.copy()
    random.shuffle(shuffled)

    assert pool(shuffled) == pool(estimates)


@given(ESTIMATES)
def test_the_pooled_effect_lies_among_what_was_found(estimates):
    found = pool(estimates)
    effects = [estimate.effect for estimate in estimates]

    assert min(effects) - 1e-9 <= found.pooled <= max(effects) + 1e-9
    assert found.tau2 >= 0
    assert 0 <= found.i2 < 1
    if found.interval:
        assert found.interval[0] <= found.pooled <= found.interval[1]
        assert found.prediction[0] <= found.interval[0]


@given(ESTIMATES)
def test_turning_the_scale_round_turns_the_effect_round(estimates):
    found = pool(estimates)
    turned = pool([Estimate(-each.effect, each.variance) for each in estimates])

    assert isclose(turned.pooled, -found.pooled, abs_tol=1e-9)
    assert (turned.tau2, turned.i2, turned.q) == pytest.approx(
        (found.tau2, found.i2, found.q)
    )


@given(
    st.lists(
        st.integers(1, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=3,
        max_size=8,
    )
)
def test_those_who_did_not_choose_mirror_those_who_did(shares):
    chosen = share_measures(shares)
    others = share_measures([(n - x, n) for x, n in shares])

    assert others["pooled"] == pytest.approx(1 - chosen["pooled"], abs=2e-4)
    assert others["q"] == pytest.approx(chosen["q"], rel=1e-3, abs=1e-9)
