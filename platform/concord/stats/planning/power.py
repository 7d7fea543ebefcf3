"""How many observations it takes to find a difference, and which difference can be found."""

from __future__ import annotations

import math
from collections.abc import Mapping

from scipy import special

from concord.stats._arrays import InputError, count, flag, fraction, number
from concord.stats._normal import t_quantile
from concord.stats.planning._design import checked
from concord.stats.planning._plan import (
    TOO_MANY,
    Plan,
    impossible,
    positive,
    rounded_up,
    smallest,
    upper_quantile,
)


def n_for_difference(
    *,
    effect: float,
    sd: float,
    power: float = 0.8,
    alpha: float = 0.05,
    correlation: float = 0.0,
    paired: bool = True,
    noise_sd: float = 0.0,
    repeats: int = 1,
    icc: float = 0.0,
    cluster_size: float = 1.0,
    distribution: str = "normal",
) -> Plan:
    """Return how many examples (per system) find a difference of means with the wanted power, two-sided.

    Parameters
    ----------
    effect
        The difference to be found, in the units of the scores.
    sd
        Standard deviation of the scores of one system over examples, in the same units.
    power, alpha
        The chance to find the difference, and the level of the two-sided test.
    correlation
        Between both systems' scores of the same example; pays off only if ``paired``.
    paired
        Whether both systems answer the same examples; else each has ``n`` examples of its own.
    noise_sd, repeats
        Standard deviation of repeated scores of the same example (sampling), and how many are averaged.
    icc, cluster_size
        As in ``n_for_mean``: how much the differences (unpaired: the scores) of a cluster are alike.
    distribution
        "normal" quantiles, as in Miller (2024), or the noncentral "t" of the t test (clusters less one degrees of freedom, twice
        that if unpaired): they differ below some 50 examples or clusters.

    Returns
    -------
    Plan
        ``n`` examples, each answered by both systems (unpaired: n for each). ``achieved`` is the power.

    Raises
    ------
    InputError
        Numbers out of range.

    Notes
    -----
    ``n = (z_{a/2} + z_b)**2 (w**2 + 2 noise**2 / K) / effect**2`` with ``w**2 = 2 sd**2 (1 - correlation)``, by normal quantiles.
    With "t" the power is that of the noncentral t distribution, as in Cohen (1988), "Statistical power analysis", chapter
    2. Miller (2024), "Adding error bars to evals", arXiv:2411.00640, section 5.

    Examples
    --------
    >>> n_for_difference(effect=0.03, sd=(1 / 18) ** 0.5).n
    969
    >>> n_for_difference(effect=0.5, sd=1.0, paired=False, distribution="t").n
    64
    """
    power, alpha = fraction("power", power), fraction("alpha", alpha)
    variance = _variance(sd, correlation, paired, noise_sd, repeats)
    design = checked(variance, paired, icc, cluster_size, distribution)
    size = positive("effect", abs(number("effect", effect)))
    noise = {"noise_sd": noise_sd, "repeats": repeats} if noise_sd else {}
    given = {"effect": effect, **_given(sd, correlation, paired, noise, power, alpha, icc, cluster_size)}
    if variance == 0:
        reason = "the differences have no variance under these assumptions"
        return impossible(reason, design.deff, "power", given)
    ratio = size / design.error(1)

    def reached(n: int) -> float:
        return _power(ratio * math.sqrt(n), design.df(n), alpha)

    if design.normal:
        z = _shift(math.inf, alpha, power)
        found = rounded_up((z / ratio) ** 2) if z / ratio < 1e100 else None
    else:
        found = smallest(lambda n: reached(n) >= power)
    if found is None:
        return impossible(TOO_MANY, design.deff, "power", given)
    return design.plan(found, reached(found), "power of a difference of means", given)


def minimum_detectable_effect(
    *,
    n: int,
    sd: float,
    power: float = 0.8,
    alpha: float = 0.05,
    correlation: float = 0.0,
    paired: bool = True,
    noise_sd: float = 0.0,
    repeats: int = 1,
    icc: float = 0.0,
    cluster_size: float = 1.0,
    distribution: str = "normal",
) -> Plan:
    """Return the smallest difference of means that ``n`` examples find with the wanted power.

    Parameters
    ----------
    n
        Examples (per system).
    sd, power, alpha, correlation, paired, noise_sd, repeats, icc, cluster_size, distribution
        As in ``n_for_difference``.

    Returns
    -------
    Plan
        ``achieved`` is the effect.

    Raises
    ------
    InputError
        Numbers out of range.

    Notes
    -----
    ``(z_{a/2} + z_b) sqrt(variance / n)``; with "t" the effect at which the noncentral t has the
    power. Bloom (1995), doi:10.1177/0193841X9501900504.

    Examples
    --------
    >>> round(minimum_detectable_effect(n=969, sd=(1 / 18) ** 0.5).achieved, 4)
    0.03
    """
    power, alpha = fraction("power", power), fraction("alpha", alpha)
    variance = _variance(sd, correlation, paired, noise_sd, repeats)
    design = checked(variance, paired, icc, cluster_size, distribution)
    size = count("n", n, at_least=2)
    noise = {"noise_sd": noise_sd, "repeats": repeats} if noise_sd else {}
    given = _given(sd, correlation, paired, noise, power, alpha, icc, cluster_size)
    if not design.df(size) > 0:
        return impossible("one cluster alone finds no difference", design.deff, "power", given)
    effect = _shift(design.df(size), alpha, power) * design.error(size)
    return design.plan(size, effect, "minimum detectable difference of means", given)


def _given(
    sd: float,
    correlation: float,
    paired: bool,
    noise: Mapping[str, float],
    power: float,
    alpha: float,
    icc: float,
    cluster_size: float,
) -> dict[str, float]:
    """Return what was assumed, as a plan repeats it; ``paired`` is 1 or 0."""
    pairs = {"correlation": correlation} if paired else {}
    return {
        "sd": sd,
        "paired": float(paired),
        **pairs,
        **noise,
        "alpha": alpha,
        "power": power,
        "icc": icc,
        "cluster_size": cluster_size,
    }


def _variance(sd: float, correlation: float, paired: bool, noise_sd: float, repeats: int) -> float:
    positive("sd", sd)
    if not -1 <= number("correlation", correlation) <= 1:
        raise InputError(f"correlation must lie between -1 and 1, got {correlation!r}")
    if not number("noise_sd", noise_sd) >= 0 or not number("repeats", repeats) >= 1:
        raise InputError(
            f"noise_sd must not be negative and repeats at least 1, got {noise_sd!r}, {repeats!r}"
        )
    return 2 * sd**2 * (1 - (correlation if flag("paired", paired) else 0.0)) + 2 * noise_sd**2 / repeats


def _power(shift: float, df: float, alpha: float) -> float:
    """Return the power of a two-sided test whose statistic is shifted by ``shift`` standard errors."""
    if math.isinf(df):
        z = upper_quantile(alpha / 2)
        return float(special.ndtr(shift - z) + special.ndtr(-shift - z))
    if not df > 0:
        return 0.0
    t = t_quantile(1 - alpha, df)
    return float(special.nctdtr(df, -shift, -t) + special.nctdtr(df, shift, -t))


def _shift(df: float, alpha: float, power: float) -> float:
    """Return the shift in standard errors that gives the power."""
    if math.isinf(df):
        return max(
            upper_quantile(alpha / 2) + upper_quantile(1 - power), 0.0
        )  # so little power takes no effect
    low, high = 0.0, 1.0
    while _power(high, df, alpha) < power and high < 1e9:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _power(middle, df, alpha) < power else (low, middle)
    return high
