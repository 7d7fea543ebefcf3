"""A share of clustered answers with an interval that stays within 0 and 1."""

from __future__ import annotations

import math
from dataclasses import replace

from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray, compact, fraction, tally
from concord.stats._binomial import effective_number_of_clusters, wilson
from concord.stats._clustered import cluster_variance
from concord.stats._results import Estimate, TestedEstimate
from concord.stats.comparison.mean import mean_parts, observations

_FEW = 3  # clusters: two say nothing of how far others may lie from them


def clustered_proportion(
    values: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    clusters2: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Return the mean of values in [0, 1] with Wilson's interval at the number of independent answers that they are worth.

    The effective number is ``p (1 - p) / se^2``, with the clustered standard error of `mean`, times ``(z / t)^2`` for the
    degrees of freedom that the standard error has. Beyond the number of clusters (of two ways the first: give the examples
    first) it goes, where an answer is rare, only as far as half a cluster more of it leaves it. Two ways, what few raters who
    are unlike each other do not show of a rare answer is added to the variance. Where nothing varies, every cluster counts as
    one answer (of two ways those of the finer one, where the other has three or more).

    Parameters
    ----------
    values
        (n,) shares: 0 or 1, or 0.5 for a tie; nan is missing and dropped.
    clusters, clusters2, weights
        (n,) as in ``mean``: answers that share a code are alike.

    Returns
    -------
    Estimate
        Undefined where nothing is left to average; ``n`` counts the answers, the method names the effective number.

    Raises
    ------
    InputError
        A value lies outside [0, 1], or what `mean` refuses.

    References
    ----------
    Korn & Graubard (1998), "Confidence intervals for proportions with small expected number of positive counts estimated
    from survey data", Survey Methodology 24, 193-201; with Wilson's interval in the place of the exact one.

    Examples
    --------
    >>> alike = clustered_proportion([1, 1, 1, 1, 0, 0, 1, 1], clusters=[0, 0, 1, 1, 2, 2, 3, 3])
    >>> alone = clustered_proportion([1, 1, 1, 1, 0, 0, 1, 1])
    >>> alike.value, alike.high - alike.low > alone.high - alone.low
    (0.75, True)
    """
    confidence = fraction("confidence", confidence)
    value, weight, first, second, omitted = observations(values, weights, clusters, clusters2)
    if value.size and not (value.min() >= 0 and value.max() <= 1):
        raise InputError(f"values must lie in [0, 1], got {value.min():g} to {value.max():g}")
    parts = mean_parts(value, weight, first, second, confidence, 0.0)
    found = TestedEstimate(confidence=confidence, n=len(value), omitted=omitted, **parts)
    if found.undefined is not None:
        return _estimate(found, math.nan, math.nan, found.method, ())
    share = min(max(found.value, 0.0), 1.0)
    alone = _independent(weight, first, second)
    error = math.hypot(found.standard_error, _unlike(value, weight, first, second, share))
    n = _effective(replace(found, standard_error=error), share, alone, _number(weight, first, second))
    low, high = wilson(share, n, confidence)
    clustered = found.method.replace("t interval", "Wilson interval")
    name = clustered if "cluster" in clustered else "Wilson interval"
    notes = tuple(note for note in found.notes if note.startswith("the two-way"))
    if found.df != found.df:  # nothing varied, or there was one cluster
        notes = (
            *notes,
            _no_spread(alone, first is not None or second is not None),
        )
    return _estimate(found, low, high, f"{name}, effective n {n:.0f}", notes)


def _no_spread(alone: float, clustered: bool) -> str:
    answers = "one answer" if alone == 1 else f"{alone:.3g} independent answers"
    return f"no spread between {'clusters' if clustered else 'answers'} could be seen: taken for {answers}."


def _independent(weight: FloatArray, first: IntArray | None, second: IntArray | None) -> float:
    """Return how many answers these are where all of a cluster are one (Kish's number), of two ways by the finer one.

    That is simulated to hold where the coarser has three clusters or more; with fewer it counts itself.
    """
    ways = [tally(*_sized(way), weight) for way in (first, second) if way is not None] or [weight]
    sizes = [float(total.sum() ** 2 / (total @ total)) for total in ways]
    return max(sizes) if min(sizes) >= _FEW - 1e-9 else min(sizes)


def _sized(codes: IntArray) -> tuple[IntArray, int]:
    position, distinct = compact(codes)
    return position, len(distinct)


def _number(weight: FloatArray, first: IntArray | None, second: IntArray | None) -> int:
    """Return how many clusters of the first way there are: what a rare answer would fill as a whole."""
    way = second if first is None else first
    return len(weight) if way is None else _sized(way)[1]


def _unlike(
    value: FloatArray, weight: FloatArray, first: IntArray | None, second: IntArray | None, share: float
) -> float:
    """Return what the standard error lacks where few raters (of two ways the fewer clusters) differ much.

    Those who seldom give the rarer answer look alike, and none who gives it often may be among them: a sixth of one more who
    always does, as far as they are seen to answer alike whatever they are asked, ``V_2 max(p, 1 - p)^2 / (6 p (1 - p) G_2)``.
    """
    if first is None or second is None or not 0 < share < 1:
        return 0.0
    (few, n), *_ = sorted((_sized(way) for way in (first, second)), key=lambda way: way[1])
    own = cluster_variance(value, weight, few).value
    return math.sqrt(own / (6 * n * share * (1 - share))) * max(share, 1 - share) if own > 0 else 0.0


def _effective(found: TestedEstimate, share: float, alone: float, clusters: int) -> float:
    error, df = found.standard_error, found.df
    if not error > 0 or not df > 0 or not 0 < share < 1:
        return alone
    return effective_number_of_clusters(share, error, df, clusters, found.confidence)


def _estimate(
    found: TestedEstimate, low: float, high: float, method: str, notes: tuple[str, ...]
) -> Estimate:
    return Estimate(
        value=found.value if math.isnan(found.value) else min(max(found.value, 0.0), 1.0),
        low=low,
        high=high,
        confidence=found.confidence,
        method=method,
        n=found.n,
        standard_error=found.standard_error,
        undefined=found.undefined,
        notes=notes,
        omitted=found.omitted,
    )
