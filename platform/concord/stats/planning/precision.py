"""How many observations an interval of a wanted width takes."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from concord.stats._arrays import fraction, one_of
from concord.stats._binomial import wilson
from concord.stats._normal import t_quantile, z_quantile
from concord.stats.planning._plan import (
    TOO_MANY,
    Plan,
    design_effect,
    finished,
    impossible,
    independent,
    positive,
    rounded_up,
    smallest,
)


def n_for_mean(
    *,
    half_width: float,
    sd: float,
    confidence: float = 0.95,
    icc: float = 0.0,
    cluster_size: float = 1.0,
    distribution: str = "normal",
) -> Plan:
    """Return how many observations give a mean within ±``half_width``.

    Parameters
    ----------
    half_width, sd
        In the units of the values.
    icc, cluster_size
        How much observations of a cluster (rater, prompt) are alike, and how many there are in each.
    distribution
        "normal" quantiles, as in textbooks, or those of "t" (clusters less one degrees of freedom), as the interval of
        ``comparison.mean`` has them: they differ below some 50 observations or clusters.

    Returns
    -------
    Plan
        ``achieved`` is the half-width with that n, where the sd is as expected.

    Raises
    ------
    InputError
        A width or sd that is not positive, an icc outside [0, 1], another distribution.

    Notes
    -----
    ``n = (z sd / half_width)**2 * (1 + (m - 1) icc)``. Cochran (1977), "Sampling techniques", chapter 4.

    Examples
    --------
    >>> n_for_mean(half_width=0.1, sd=1.0).n, n_for_mean(half_width=0.1, sd=1.0, distribution="t").n
    (385, 387)
    """
    fraction("confidence", confidence)
    one_of("distribution", distribution, ("normal", "t"))
    deff = design_effect(icc, cluster_size)
    ratio = positive("sd", sd) / positive("half_width", half_width)
    given = {"sd": sd, "confidence": confidence, "icc": icc, "cluster_size": cluster_size}

    def quantile(n: int) -> float:
        units = independent(n, deff, cluster_size) if distribution == "t" else math.inf
        return t_quantile(confidence, units - 1) if units > 1 else math.inf

    if distribution == "normal":
        wanted = z_quantile(confidence) * ratio
        found = rounded_up(wanted * wanted * deff)
    else:
        found = smallest(lambda n: quantile(n) * ratio * math.sqrt(deff / n) <= 1)
    if found is None:
        return impossible(TOO_MANY, deff, "half-width of a mean", given)
    achieved = quantile(found) * sd * math.sqrt(deff / found)
    normal = distribution == "normal"
    return finished(found, deff, cluster_size, achieved, "half-width of a mean", given, normal=normal)


def n_for_proportion(
    *,
    half_width: float,
    p: float = 0.5,
    confidence: float = 0.95,
    icc: float = 0.0,
    cluster_size: float = 1.0,
) -> Plan:
    """Return how many observations give a proportion with a Wilson interval no wider than ±``half_width``.

    Parameters
    ----------
    half_width
        Half the length of the interval, below 0.5.
    p
        The proportion expected; 0.5 is the worst case.
    icc, cluster_size
        As in ``n_for_mean``.

    Returns
    -------
    Plan
        ``achieved`` is half the interval's length with that n.

    Raises
    ------
    InputError
        Numbers out of range.

    References
    ----------
    Wilson (1927), doi:10.2307/2276774.

    Examples
    --------
    >>> n_for_proportion(half_width=0.05).n
    381
    """
    fraction("confidence", confidence)
    fraction("half_width", half_width, high=0.5)
    wanted: Any = p
    if not isinstance(wanted, Real) or wanted not in (0, 1):
        fraction("p", p)
    deff = design_effect(icc, cluster_size)
    given = {"p": p, "confidence": confidence, "icc": icc, "cluster_size": cluster_size}
    high = smallest(lambda n: _half(p, n, confidence) <= half_width)
    n = None if high is None else rounded_up(high * deff)
    if n is None:
        return impossible(TOO_MANY, deff, "half-width of a proportion", given)
    achieved = _half(p, n / deff, confidence)
    return finished(n, deff, cluster_size, achieved, "half-width of a proportion", given)


def _half(p: float, n: float, confidence: float) -> float:
    low, high = wilson(p, n, confidence)
    return (high - low) / 2
