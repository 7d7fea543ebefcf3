"""The difference of two means that do not come in pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    codes,
    flag,
    floats,
    fraction,
    largest,
    number,
    one_of,
    tally,
)
from concord.stats._binomial import effective_number_of_clusters, newcombe, wilson
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._results import NAN, TestedEstimate
from concord.stats._two_sides import JointVariance
from concord.stats._undefined import undefined
from concord.stats.comparison._two_samples import TwoSamples
from concord.stats.comparison._two_shares import (
    Limits,
    recovered_p_value,
    score_limits,
    score_p_value,
    score_statistic,
)

METHODS = ("auto", "t", "score", "newcombe")
_NO_SPREAD = "one value or one cluster on a side: no interval."
_UNSEEN = (
    "no spread between the clusters of a side could be seen: all answers of a cluster count as one there."
)
_SKEWED = (
    "a long tail on one side, or on both sides of unlike size: the t interval covers less than it says; of positive values "
    "the logarithms may be compared."
)
_FEWEST = 8  # values on a side, to see a tail by
_LEAN = 0.2  # Cochran's rule: the skewness that a mean may have
_CONSTANT = "the values do not vary: an interval cannot be had from them."


@dataclass(frozen=True, kw_only=True)
class Difference(TestedEstimate):
    """``value`` is mean(a) - mean(b); ``n`` counts the values of both sides, ``n_shared`` the clusters found on both."""

    mean_a: float
    mean_b: float
    n_a: int
    n_b: int
    n_shared: int


def difference(
    a: ArrayLike,
    b: ArrayLike,
    *,
    clusters_a: ArrayLike | None = None,
    clusters_b: ArrayLike | None = None,
    shared_clusters: bool = True,
    method: str = "auto",
    null: float = 0.0,
    confidence: float = 0.95,
) -> Difference:
    """Return the mean of ``a`` less the mean of ``b``, two systems that were not tried on the same examples one by one.

    Parameters
    ----------
    a, b
        Numbers, as many as there are on each side; nan is missing and dropped. Where they come in pairs take `paired_difference`.
    clusters_a, clusters_b
        (n,) integer codes of what hangs together on each side (the prompt, the document, the rater). A side without them has
        independent values.
    shared_clusters
        Whether a code on both sides is the same cluster (a rater who saw both systems), so that the means may rise and fall
        together; False where each side has a list of its own.
    method
        "t": Welch's interval, with clusters that of CR2. "score": for 0 and 1 without clusters (Miettinen & Nurminen).
        "newcombe": for 0 and 1, from Wilson's limits of both shares, with clusters at the number of answers that they are worth,
        and with clusters on both sides nowhere nearer than "t".
        "auto": for 0 and 1 "score", or "newcombe" with clusters; else "t".
    null
        The difference that ``p_value`` tests against, two-sided.

    Returns
    -------
    Difference
        Undefined where a side has no values. A side with one value or cluster, or values that do not vary, leave no t interval. A
        note names the number of clusters found on both sides. ``p_value`` is below 1 - confidence exactly where the interval
        leaves out the null; for "newcombe" it is made so, without a ``statistic``, and counts the answers of a side that lies
        in one cluster as one (a note says so).

    Raises
    ------
    InputError
        Malformed input; "score" or "newcombe" for other values than 0 and 1, or with a ``null`` that is no difference of shares;
        "score" with clusters.

    Notes
    -----
    ``V = sum over clusters (what it adds to mean a - what it adds to mean b)**2``, each over ``sqrt(1 - share of its side)``;
    degrees of freedom by Satterthwaite. Without clusters V is ``s_a**2 / n_a + s_b**2 / n_b``, with Welch's (1947).

    References
    ----------
    Welch (1947), doi:10.1093/biomet/34.1-2.28; Pustejovsky & Tipton (2018), doi:10.1080/07350015.2016.1247004; Miettinen &
    Nurminen (1985), doi:10.1002/sim.4780040211; Newcombe (1998), "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17, 873-890.

    Examples
    --------
    >>> result = difference([1] * 56 + [0] * 14, [1] * 48 + [0] * 32)
    >>> round(result.value, 2), round(result.low, 4), round(result.high, 4), round(result.p_value, 4)
    (0.2, 0.0528, 0.3382, 0.0083)
    """
    confidence, null = fraction("confidence", confidence), number("null", null)
    one_of("method", method, METHODS)
    shared = flag("shared_clusters", shared_clusters)
    one, first, gone = _side("a", a, clusters_a)
    two, second, also_gone = _side("b", b, clusters_b)
    omitted = {**gone, **also_gone}
    if not len(one) or not len(two):
        reason = f"no value of {'b' if len(one) else 'a'} is left to average"
        means: dict[str, Any] = {
            f"mean_{name}": float(x.mean()) if len(x) else NAN for name, x in (("a", one), ("b", two))
        }
        sizes: dict[str, Any] = {"n": len(one) + len(two), "n_a": len(one), "n_b": len(two), "n_shared": 0}
        return undefined(
            Difference, reason, confidence=confidence, omitted=omitted, null=null, **means, **sizes
        )
    data = TwoSamples.of((one, two), (first, second), shared)
    clustered = first is not None or second is not None
    parts = _parts(data, _chosen(method, data, clustered, null), clustered, null, confidence)
    return Difference(
        confidence=confidence,
        null=null,
        n=len(one) + len(two),
        omitted=omitted,
        notes=(*parts.pop("notes", ()), *_shared_note(data)),
        mean_a=float(one.mean()),
        mean_b=float(two.mean()),
        n_a=len(one),
        n_b=len(two),
        n_shared=data.n_shared,
        **parts,
    )


class _Side(NamedTuple):
    """Known values, their clusters, and what was left out."""

    values: FloatArray
    clusters: IntArray | None
    omitted: Mapping[str, int]


def _side(name: str, values: ArrayLike, clusters: ArrayLike | None) -> _Side:
    value = floats(name, values)
    code = None if clusters is None else codes(f"clusters_{name}", clusters, length=len(value))
    known = ~np.isnan(value)
    omitted = {f"missing values of {name}": int((~known).sum())} if not known.all() else {}
    return _Side(value[known], None if code is None else code[known], omitted)


def _chosen(method: str, data: TwoSamples, clustered: bool, null: float) -> str:
    """Return the method, "auto" resolved; refused where it cannot be had."""
    odd = [float(x[(x != 0) & (x != 1)][0]) for x in data.values if ((x != 0) & (x != 1)).any()]
    if method == "auto":
        method = "t" if odd or not -1 < null < 1 else "newcombe" if clustered else "score"
    if method == "t":
        return method
    if odd:
        raise InputError(f"method {method!r} goes with values of 0 and 1, got {odd[0]:g}")
    if not -1 < null < 1:
        raise InputError(f"null must lie between -1 and 1 with method {method!r}, got {null!r}")
    if clustered and method == "score":
        raise InputError("method 'score' goes without clusters; take 'newcombe'")
    return method


def _shared_note(data: TwoSamples) -> tuple[str, ...]:
    if not data.n_shared:
        return ()
    return (
        f"{data.n_shared} of {data.n_clusters} clusters have the same code on both sides and are taken for the same; "
        "shared_clusters=False where they are not.",
    )


def _parts(data: TwoSamples, method: str, clustered: bool, null: float, confidence: float) -> dict[str, Any]:
    """Return the fields of the estimate that the method makes."""
    size = max(map(largest, data.values)) or 1.0
    scale = float(2.0 ** np.floor(np.log2(size)))  # squares of squares must stay within float64
    scaled = TwoSamples(
        (data.values[0] / scale, data.values[1] / scale), data.clusters, data.n_clusters, data.n_shared
    )
    value = float(scaled.values[0].mean() - scaled.values[1].mean())
    variance = scaled.variance()
    if method == "t":
        found = _by_t(value, variance, clustered, null / scale, confidence)
        for name in ("value", "low", "high", "standard_error"):
            found[name] = found.get(name, NAN) * scale
        return found if clustered else {**found, "notes": (*found.get("notes", ()), *_tail_note(scaled))}
    error = math.sqrt(variance.value)
    return {"value": value, "standard_error": error, **_by_shares(data, variance, method, null, confidence)}


def _tail_note(data: TwoSamples) -> tuple[str, ...]:
    """Return a warning where the difference of the means leans so much that Welch's interval is known to cover too little."""
    if min(map(len, data.values)) < _FEWEST:
        return ()
    lean, single = data.lean()
    return (_SKEWED,) if lean > _LEAN and single >= 1 else ()


def _by_t(
    value: float, variance: JointVariance, clustered: bool, null: float, confidence: float
) -> dict[str, Any]:
    """Return the t interval of values of a size of about 1."""
    method = "clustered t interval (CR2)" if clustered else "Welch's t interval"
    if math.isnan(variance.value):
        return {"value": value, "method": method, "notes": (_NO_SPREAD,)}
    if variance.value <= 1e-30:
        return {"value": value, "method": method, "notes": (_CONSTANT,), "standard_error": 0.0}
    error = math.sqrt(variance.value)
    half = t_quantile(confidence, variance.df) * error
    statistic = (value - null) / error
    return {
        "value": value,
        "low": value - half,
        "high": value + half,
        "method": method,
        "standard_error": error,
        "statistic": statistic,
        "df": variance.df,
        "p_value": t_two_sided(statistic, variance.df),
    }


def _by_shares(
    data: TwoSamples, variance: JointVariance, method: str, null: float, confidence: float
) -> dict[str, Any]:
    if method == "score":
        k = (int(data.values[0].sum()), int(data.values[1].sum()))
        n = (len(data.values[0]), len(data.values[1]))
        low, high = score_limits(k, n, confidence)
        statistic = score_statistic(k, n, null)
        p_value, name = score_p_value(statistic), "Miettinen-Nurminen score interval"
        return {
            "low": low,
            "high": high,
            "method": name,
            "statistic": statistic,
            "p_value": p_value,
            "df": math.inf,
        }
    limits = _recovered(data, variance)
    low, high = limits(confidence)
    clustered = data.n_clusters < sum(map(len, data.values))
    name = f"Newcombe's interval from {'clustered ' * clustered}Wilson intervals"
    notes = (_UNSEEN,) if clustered and not all(side > 0 for side in variance.sides) else ()
    return {
        "low": low,
        "high": high,
        "method": name,
        "notes": notes,
        "p_value": recovered_p_value(limits, null),
    }


def _recovered(data: TwoSamples, variance: JointVariance) -> Callable[[float], Limits]:
    """Return Newcombe's limits for each confidence, from Wilson's at the number of answers that each side is worth."""

    def worth(side: int, confidence: float) -> float:
        values, code = data.values[side], data.clusters[side]
        size = tally(code, data.n_clusters)
        if size.max() == 1:
            return len(values)
        error, df, share = variance.sides[side] ** 0.5, variance.side_dfs[side], float(values.mean())
        if not error > 0 or not df > 0 or not 0 < share < 1:  # all of a cluster are one answer
            return float(size.sum() ** 2 / (size @ size))
        return effective_number_of_clusters(share, error, df, int((size > 0).sum()), confidence)

    def limits(confidence: float) -> Limits:
        one, two = (
            (share, *wilson(share, worth(side, confidence), confidence))
            for side, share in enumerate(float(values.mean()) for values in data.values)
        )
        ends = newcombe(one, two, variance.correlation)
        return _beyond_t(ends, one[0] - two[0], variance, confidence) if data.n_shared else ends

    return limits


def _beyond_t(ends: Limits, value: float, variance: JointVariance, confidence: float) -> Limits:
    """Return limits no nearer than Student's: of few clusters Wilson's end at 0 and 1, and what is shared takes off too much."""
    if not variance.df > 0:
        return ends
    half = t_quantile(confidence, variance.df) * math.sqrt(variance.value)
    return max(min(ends[0], value - half), -1.0), min(max(ends[1], value + half), 1.0)
