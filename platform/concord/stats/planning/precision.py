"""How many observations an interval of a wanted width takes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from scipy import special

from concord.stats._arrays import InputError, fraction, number, one_of
from concord.stats._binomial import wilson
from concord.stats._normal import t_quantile, z_quantile
from concord.stats.planning._plan import (
    FEW_EVENTS,
    TOO_MANY,
    Plan,
    design_effect,
    either,
    finished,
    impossible,
    positive,
    rounded_up,
    smallest,
    upper_quantile,
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
        The wanted half-width of the interval, and the standard deviation of the values: both in the units of the values.
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
    confidence = fraction("confidence", confidence)
    one_of("distribution", distribution, ("normal", "t"))
    deff = design_effect(icc, cluster_size)
    ratio = positive("sd", sd) / positive("half_width", half_width)
    given = {"sd": sd, "confidence": confidence, "icc": icc, "cluster_size": cluster_size}

    def quantile(n: int) -> float:
        units = n / cluster_size if distribution == "t" else math.inf
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
    half_width: float | None = None,
    p: float = 0.5,
    null: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    confidence: float = 0.95,
    icc: float = 0.0,
    cluster_size: float = 1.0,
) -> Plan:
    """Return how many observations give a proportion with a Wilson interval no wider than ±``half_width``, or show that it
    is not ``null``.

    Parameters
    ----------
    half_width
        Half the length of the interval, below 0.5. Give this or ``null``.
    p
        The proportion expected; for a width 0.5 is the worst case.
    null
        The proportion to be told from, tested two-sided at ``alpha`` with ``power`` by the score test, which Wilson's interval
        inverts.
    power, alpha
        With ``null``: the chance to tell the proportions apart, and the level of the test.
    icc, cluster_size
        As in ``n_for_mean``.

    Returns
    -------
    Plan
        ``achieved`` is half the interval's length with that n, or the power; undefined where ``p`` is ``null``.

    Raises
    ------
    InputError
        Numbers out of range, both or neither of ``half_width`` and ``null``.

    Notes
    -----
    Power: ``n = (z_{a/2} sqrt(p0 q0) + z_b sqrt(p q))**2 / (p - p0)**2`` (Fleiss 1981, "Statistical methods for rates and
    proportions", section 2.2).

    References
    ----------
    Wilson (1927), doi:10.2307/2276774.

    Examples
    --------
    >>> n_for_proportion(half_width=0.05).n
    381
    >>> n_for_proportion(p=0.6, null=0.5).n
    194
    """
    confidence = fraction("confidence", confidence)
    power = fraction("power", power)
    alpha = fraction("alpha", alpha)
    p = number("p", p)
    if not 0 <= p <= 1:
        raise InputError(f"p must lie from 0 to 1, got {p!r}")
    deff = design_effect(icc, cluster_size)
    either("half_width", half_width, "null", null)
    if half_width is None:
        given = {"alpha": alpha, "power": power, "icc": icc, "cluster_size": cluster_size}
        return _n_against(p, fraction("null", null), given, deff)
    half_width = fraction("half_width", half_width, high=0.5)
    given = {"p": p, "confidence": confidence, "icc": icc, "cluster_size": cluster_size}
    n = smallest(lambda n: _half(p, n / deff, confidence) <= half_width)
    if n is None:
        return impossible(TOO_MANY, deff, "half-width of a proportion", given)
    achieved = _half(p, n / deff, confidence)
    return finished(n, deff, cluster_size, achieved, "half-width of a proportion", given)


def _n_against(p: float, null: float, given: Mapping[str, float], deff: float) -> Plan:
    gap, name = abs(p - null), "power to tell a proportion from its null"
    power, alpha, cluster_size = given["power"], given["alpha"], given["cluster_size"]
    given = {"p": p, "null": null, **given}
    if gap == 0:
        return impossible("a proportion that is its null cannot be told from it", deff, name, given)
    limit, real = upper_quantile(alpha / 2) * math.sqrt(null * (1 - null)), math.sqrt(p * (1 - p))
    root = (limit + upper_quantile(1 - power) * real) / gap
    n = rounded_up(max(root, 0.0) ** 2 * deff)
    if n is None:
        return impossible(TOO_MANY, deff, name, given)
    reach = gap * math.sqrt(n / deff) - limit
    achieved = float(special.ndtr(reach / real)) if real > 0 else float(reach >= 0)
    notes = (FEW_EVENTS,) if min(p, 1 - p) * n / deff < 10 else ()
    return finished(n, deff, cluster_size, achieved, name, given, notes=notes)


def _half(p: float, n: float, confidence: float) -> float:
    low, high = wilson(p, n, confidence)
    return (high - low) / 2
