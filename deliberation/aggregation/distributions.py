"""The beta and Student's t distribution, as far as they are needed here."""

from math import exp, lgamma, log, log1p, sqrt

PRECISION = 1e-15  # relative, of what a sum's next factor may still change
LEAST = 1e-300  # stands in for a divisor of 0


def beta_cdf(x: float, a: float, b: float) -> float:
    """Give the probability of at most x under the beta distribution of a, b > 0.

    Source: Press et al., Numerical Recipes, section 6.4: a continued fraction, summed
    by Lentz's method from the side where it converges fast.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    fraction, numerator, denominator = 1.0, 1.0, 0.0
    step, factor = 0, 0.0
    while abs(factor - 1) > PRECISION:
        half = step // 2
        if step == 0:
            term = 1.0
        elif step % 2 == 0:
            term = half * (b - half) * x / ((a + step - 1) * (a + step))
        else:
            term = -(a + half) * (a + b + half) * x / ((a + step - 1) * (a + step))
        denominator = 1 / (1 + term * denominator or LEAST)
        numerator = 1 + term / numerator or LEAST
        factor = numerator * denominator
        fraction *= factor
        step += 1
    return exp(front) * (fraction - 1) / a


def t_quantile(share: float, df: int) -> float:
    """Give the value that Student's t with `df` >= 1 is at most `share` of the time.

    Raises ValueError unless 0.5 <= share < 1.
    """
    if not 0.5 <= share < 1:
        raise ValueError(f"{share} is no share from 0.5 to 1")
    # x = df / (df + t * t) follows the beta distribution of df / 2 and 1 / 2.
    low, high = 0.0, 1.0
    while low < (x := (low + high) / 2) < high:
        if beta_cdf(x, df / 2, 0.5) < 2 * (1 - share):
            low = x
        else:
            high = x
    return sqrt(df * (1 - x) / x)
