"""One item in several workshops, pooled by a model of random effects.

An estimate is what one workshop found, with the variance of its error. The workshops
are taken as drawn from many like them; their people are not sampled from anywhere.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import exp, fsum, log, sqrt
from typing import NamedTuple

from .agreement import mean
from .distributions import t_quantile
from .least import LEAST_FOR_INDEX
from .rounding import rounded

LEAST_WORKSHOPS = 3
UPPER = 0.975  # intervals hold 95 %

# The names of what was chosen where rules for pooling differ. The prediction uses the
# error and the degrees of freedom of the interval, one fewer than there are workshops.
CONVENTIONS = {
    "tau2": "dersimonian-laird",
    "interval": "hartung-knapp",
    "prediction": "hartung-knapp",
}

type Interval = tuple[float, float]


class Estimate(NamedTuple):
    """What one workshop found."""

    effect: float
    variance: float  # above 0


class Pooled(NamedTuple):
    """What several workshops found, in the units of their effects (tau2: squared)."""

    pooled: float
    interval: Interval | None  # of the mean over all such workshops
    prediction: Interval | None  # of the effect in the next workshop
    tau2: float  # the variance of the effects themselves
    i2: float  # the part of the variation that lies between workshops, 0 to 1
    q: float


def of_mean(counts: Mapping[int, int]) -> Estimate | None:
    """Give the mean of a workshop's answers, value -> people.

    None below LEAST_FOR_INDEX and if all answers are equal: its error is then unknown.
    """
    n, middle = sum(counts.values()), mean(counts)
    if middle is None or n < LEAST_FOR_INDEX:
        return None
    squares = sum(people * (value - middle) ** 2 for value, people in counts.items())
    if squares == 0:
        return None
    return Estimate(float(middle), float(Fraction(squares, n * (n - 1))))


def of_share(x: int, n: int) -> Estimate | None:
    """Give the logit of x of n people, half a person added on either side.

    None when n is 0. Raises ValueError unless 0 <= x <= n.
    """
    if not 0 <= x <= n:
        raise ValueError(f"{x} of {n} is not a share")
    if n == 0:
        return None
    yes, no = x + 0.5, n - x + 0.5
    return Estimate(log(yes / no), 1 / yes + 1 / no)


def pool(estimates: Sequence[Estimate]) -> Pooled | None:
    """Pool what workshops found; None below LEAST_WORKSHOPS.

    How far workshops differ is all that the intervals go by: there are none if all
    found the same, or what looks most uncertain would look certain.
    Sources: DerSimonian and Laird, Control Clin Trials 1986;7:177; Higgins and
    Thompson, Stat Med 2002;21:1539; IntHout et al., BMC Med Res Methodol 2014;14:25.
    """
    k = len(estimates)
    if k < LEAST_WORKSHOPS:
        return None
    effects, variances = zip(*estimates, strict=True)
    if min(effects) == max(effects):
        return Pooled(effects[0], None, None, tau2=0, i2=0, q=0)
    weights = [1 / variance for variance in variances]
    all_weights = fsum(weights)
    q = _spread(effects, weights)
    excess = q - (k - 1)
    size = all_weights - fsum(weight**2 for weight in weights) / all_weights
    tau2 = max(0.0, excess / size)

    weights = [1 / (variance + tau2) for variance in variances]
    centre = _mean(effects, weights)
    error2 = _spread(effects, weights) / ((k - 1) * fsum(weights))
    reach = t_quantile(UPPER, k - 1)

    def around(variance: float) -> Interval:
        return centre - reach * sqrt(variance), centre + reach * sqrt(variance)

    return Pooled(
        pooled=centre,
        interval=around(error2),
        prediction=around(error2 + tau2),
        tau2=tau2,
        i2=max(0.0, excess / q),
        q=q,
    )


def mean_measures(workshops: Iterable[Mapping[int, int]]) -> dict[str, object]:
    """Give all measures of a rated item's mean, None below LEAST_WORKSHOPS.

    workshops: each one's counts, value -> people. `workshops` counts those that could
    be pooled.
    """
    found = [of_mean(counts) for counts in workshops]
    return _measures([each for each in found if each], "mean", float)


def share_measures(workshops: Iterable[tuple[int, int]]) -> dict[str, object]:
    """Give all measures of the share that chose or agreed, None below LEAST_WORKSHOPS.

    workshops: x of n people in each. `pooled`, `interval` and `prediction` are shares;
    `tau2` is of their logits, on which all is computed.
    """
    found = [of_share(x, n) for x, n in workshops]
    return _measures([each for each in found if each], "logit", _share_of_logit)


def _measures(
    estimates: Sequence[Estimate], effect: str, shown: Callable[[float], float]
) -> dict[str, object]:
    found = pool(estimates)

    def ends(interval: Interval | None) -> list[float | None] | None:
        return interval and [rounded(shown(end)) for end in interval]

    return {
        "workshops": len(estimates),
        "pooled": None if found is None else rounded(shown(found.pooled)),
        "interval": None if found is None else ends(found.interval),
        "tau2": None if found is None else rounded(found.tau2),
        "i2": None if found is None else rounded(found.i2),
        "q": None if found is None else rounded(found.q),
        "prediction": None if found is None else ends(found.prediction),
        "conventions": {"effect": effect, **CONVENTIONS},
    }


def _mean(effects: Sequence[float], weights: Sequence[float]) -> float:
    # fsum, so that the order of the workshops changes no digit.
    products = (w * effect for w, effect in zip(weights, effects, strict=True))
    return fsum(products) / fsum(weights)


def _spread(effects: Sequence[float], weights: Sequence[float]) -> float:
    centre = _mean(effects, weights)
    return fsum(
        w * (effect - centre) ** 2 for w, effect in zip(weights, effects, strict=True)
    )


def _share_of_logit(logit: float) -> float:
    # Written for both signs: exp of a large number overflows.
    return 1 / (1 + exp(-logit)) if logit >= 0 else exp(logit) / (1 + exp(logit))
