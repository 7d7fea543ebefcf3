"""How many observations an interval of a wanted width takes."""

from __future__ import annotations

import math

from concord.stats._arrays import fraction
from concord.stats._binomial import wilson
from concord.stats._normal import z_quantile
from concord.stats.planning._plan import Plan, design_effect, finished, positive


def n_for_mean(
    *, half_width: float, sd: float, confidence: float = 0.95, icc: float = 0.0, cluster_size: float = 1.0
) -> Plan:
    """Return how many observations give a mean within ±``half_width``.

    Parameters
    ----------
    half_width, sd
        In the units of the values.
    icc, cluster_size
        How much observations of a cluster (rater, prompt) are alike, and how many there are in each.

    Returns
    -------
    Plan
        ``achieved`` is the half-width with that n.

    Raises
    ------
    InputError
        A width or sd that is not positive, an icc outside [0, 1].

    Notes
    -----
    ``n = (z sd / half_width)**2 * (1 + (m - 1) icc)``. Cochran (1977), "Sampling techniques", chapter 4.

    Examples
    --------
    >>> n_for_mean(half_width=0.1, sd=1.0).n
    385
    """
    fraction("confidence", confidence)
    deff = design_effect(icc, cluster_size)
    z = z_quantile(confidence)
    needed = (z * positive("sd", sd) / positive("half_width", half_width)) ** 2
    n = max(2, math.ceil(needed * deff - 1e-6))
    given = {"sd": sd, "confidence": confidence, "icc": icc, "cluster_size": cluster_size}
    return finished(needed, deff, cluster_size, z * sd * math.sqrt(deff / n), "half-width of a mean", given)


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
    if not 0 <= p <= 1:
        fraction("p", p)
    deff = design_effect(icc, cluster_size)
    low, high = 1, 2
    while _half(p, high, confidence) > half_width:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _half(p, middle, confidence) > half_width else (low, middle)
    n = max(2, math.ceil(high * deff - 1e-6))
    given = {"p": p, "confidence": confidence, "icc": icc, "cluster_size": cluster_size}
    return finished(
        high, deff, cluster_size, _half(p, n / deff, confidence), "half-width of a proportion", given
    )


def _half(p: float, n: float, confidence: float) -> float:
    low, high = wilson(p, n, confidence)
    return (high - low) / 2
