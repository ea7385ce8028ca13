"""Tests, intervals and distributions against scipy and statsmodels."""

from random import Random

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.proportion import proportion_confint

from deliberation.aggregation import agreement, change, pooling, seating, shares, tables
from deliberation.aggregation.distributions import beta_cdf, t_quantile

CLOSE = 1e-9


def close(expected, *, within=CLOSE):
    return pytest.approx(expected, rel=within, abs=within)


def test_mcnemar_p():
    for left in range(40):
        for joined in range(40):
            if left + joined:
                table = [[5, left], [joined, 7]]
                found = float(change.mcnemar_p(left, joined))
                binomial = stats.binomtest(left, left + joined).pvalue
                assert found == close(binomial)
                assert found == close(mcnemar(table, exact=True).pvalue)


def test_wilcoxon_p_without_ties_is_exact():
    random = Random(1)
    for _ in range(1000):
        sizes = random.sample(range(1, 200), random.randint(1, 50))
        moved = [random.choice([-1, 1]) * size for size in sizes]

        expected = stats.wilcoxon(moved, method="exact").pvalue

        assert float(change.wilcoxon_p([*moved, 0])) == close(expected)


def test_wilcoxon_p_with_ties_is_that_of_all_signs():
    random = Random(2)
    every_sign = stats.PermutationMethod(n_resamples=2**9)
    for _ in range(300):
        number = random.randint(2, 8)
        moved = [random.choice([-3, -2, -1, 1, 2, 3]) for _ in range(number)]

        expected = stats.wilcoxon(moved, method=every_sign).pvalue

        assert float(change.wilcoxon_p(moved)) == close(expected)


def test_wilcoxon_p_of_many_is_the_normal_approximation():
    random = Random(3)
    for _ in range(1000):
        number = random.randint(51, 400)
        moved = [random.choice([-4, -2, -1, 1, 1, 2, 3]) for _ in range(number)]

        expected = stats.wilcoxon(
            moved, method="asymptotic", correction=True, zero_method="wilcox"
        ).pvalue

        assert float(change.wilcoxon_p(moved)) == close(expected)


def test_wilson():
    for n in range(1, 70):
        for x in range(n + 1):
            found = shares.wilson(x, n)
            assert found == close(proportion_confint(x, n, method="wilson"))
            interval = stats.binomtest(x, n).proportion_ci(method="wilson")
            assert found == close((interval.low, interval.high))


def test_quantiles_median_and_mean():
    random = Random(4)
    for _ in range(3000):
        counts = {
            v: random.choice([0, 0, 1, 2, 9]) for v in range(random.randint(2, 9))
        }
        answers = np.repeat(list(counts), list(counts.values()))
        if answers.size:
            assert float(agreement.median(counts)) == close(np.median(answers))
            assert float(agreement.mean(counts)) == close(answers.mean())
            assert float(agreement.iqr(counts)) == close(stats.iqr(answers))


def random_tables(random, *, least=2):
    """Answers on 1 to 5 at tables of different sizes."""
    return [
        [random.randint(1, 5) for _ in range(random.randint(least, 9))]
        for _ in range(random.randint(2, 6))
    ]


def counted(answers):
    return {
        number: {value: table.count(value) for value in range(1, 6)}
        for number, table in enumerate(answers, 1)
    }


def test_icc1_is_that_of_the_analysis_of_variance():
    random = Random(5)
    for _ in range(3000):
        answers = random_tables(random)
        if all(len(set(table)) == 1 for table in answers):
            continue  # F is infinite
        sizes = np.array([len(table) for table in answers])
        usual = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / (len(sizes) - 1)

        f = stats.f_oneway(*answers).statistic

        found = float(tables.icc1(counted(answers)))
        assert found == close((f - 1) / (f + usual - 1))


def test_light_margolin_r2_is_what_a_regression_on_tables_explains():
    random = Random(6)
    for _ in range(2000):
        answers = random_tables(random)
        flat = np.array([answer for table in answers for answer in table])
        if len(set(flat)) == 1:
            continue
        number = np.repeat(np.arange(len(answers)), [len(table) for table in answers])
        chosen = (flat[:, None] == np.arange(1, 6)).astype(float)
        seats = (number[:, None] == np.arange(len(answers))).astype(float)

        fitted = seats @ np.linalg.lstsq(seats, chosen, rcond=None)[0]

        left = ((chosen - fitted) ** 2).sum()
        whole = ((chosen - chosen.mean(axis=0)) ** 2).sum()
        found = tables.light_margolin_r2(counted(answers))
        assert float(found) == close(1 - left / whole)


def test_the_p_of_drawn_seatings_is_that_of_scipy_s():
    random = Random(7)
    line = {value: (value,) for value in range(1, 6)}
    for seed in range(15):
        answers = [[random.randint(1, 5) for _ in range(3)] for _ in range(3)]
        if len({answer for table in answers for answer in table}) == 1:
            continue

        def apart(*samples, axis=-1):
            return sum(sample.sum(axis=axis) ** 2 / 3 for sample in samples)

        exact = stats.permutation_test(
            answers, apart, vectorized=True, n_resamples=2000, alternative="greater"
        )  # of 1,680 seatings, so each is tried once
        drawn = seating.permutation_p(
            list(counted(answers).values()), line, seed=seed, resamples=9_999
        )

        assert exact.null_distribution.size == 1680
        deviation = (exact.pvalue * (1 - exact.pvalue) / 9_999) ** 0.5
        assert abs(float(drawn.p) - exact.pvalue) < 4 * deviation + 1e-4


def test_pooled_workshops():
    random = Random(8)
    for _ in range(2000):
        estimates = [
            pooling.Estimate(
                random.gauss(0, random.choice([0.1, 2])), random.uniform(0.05, 2)
            )
            for _ in range(random.randint(3, 12))
        ]
        effects, variances = map(np.array, zip(*estimates, strict=True))
        oracle = combine_effects(effects, variances, method_re="dl", use_t=True)
        # Its tau2 may be below 0, and is then of no use to it: fixed effects are.
        below = oracle.tau2 < 0
        effect = oracle.mean_effect_fe if below else oracle.mean_effect_re
        interval = oracle.conf_int()[2 if below else 3]
        found = pooling.pool(estimates)

        assert found.q == close(oracle.q)
        assert found.tau2 == close(max(0, oracle.tau2))
        assert found.i2 == close(max(0, oracle.i2))
        assert found.pooled == close(effect)
        assert found.interval == close(tuple(interval))
        error = np.ptp(found.interval) / 2 / stats.t.ppf(0.975, len(estimates) - 1)
        reach = stats.t.ppf(0.975, len(estimates) - 1) * (error**2 + found.tau2) ** 0.5
        assert found.prediction == close((found.pooled - reach, found.pooled + reach))


def test_distributions():
    random = Random(9)
    for _ in range(5000):
        a = random.choice([0.5, random.uniform(0.01, 5), random.uniform(1, 5000)])
        b = random.choice([0.5, random.uniform(0.01, 5), random.uniform(1, 5000)])
        x = random.choice([random.random(), stats.beta.ppf(random.random(), a, b)])
        assert beta_cdf(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), abs=CLOSE)
    for df in range(1, 200):
        for share in (0.5, 0.8, 0.95, 0.975, 0.995):
            assert t_quantile(share, df) == close(stats.t.ppf(share, df))
