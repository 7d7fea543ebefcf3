"""Cohen's kappa for two raters, plain and weighted."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray, as_floats, fraction, tally
from concord.stats._clustered import Variance, cluster_variance
from concord.stats.agreement._alpha.clusters import belong_together, cluster_of_units
from concord.stats.agreement._few import NO_DISSENT, SMALL, hardly_any_differ, too_few_units
from concord.stats.agreement._kappa.result import (
    NO_PAIRS,
    NO_SPREAD,
    Kappa,
    bent_kappa_interval,
    undefined_kappa,
)
from concord.stats.agreement._ratings import ANONYMOUS, Ratings, category_codes, pairable, ratings
from concord.stats.agreement._weights import Weights, agreement_weights

_MOST_CATEGORIES = 2_000  # tables of categories against categories are held


def cohen_kappa(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    weights: Weights = None,
    categories: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Kappa:
    """Return Cohen's kappa of exactly two raters over the units that both rated.

    Parameters
    ----------
    units, raters, values
        (n,) long-form ratings by two raters; nan is missing.
    weights
        None, "linear", "quadratic", "radical", "ratio", "circular", "bipolar" (by the distance of the category values),
        "ordinal" (by their order), or a (K, K) matrix of agreement weights.
    categories
        The possible values; default: those observed.
    clusters
        (n,) codes of what units hang together by, such as the example that several outputs answer; a unit lies in one. The
        interval then rests on the clusters. Where no cluster has two units it changes nothing.

    Returns
    -------
    Kappa
        Undefined where no unit has both ratings, or where chance agreement is 1 (one category only).

    Raises
    ------
    InputError
        More than two raters, more than 2,000 categories, an anonymous rater, a unit in two clusters, or malformed input.

    Notes
    -----
    ``kappa = (p_o - p_e) / (1 - p_e)`` with ``p_o = sum w_ij p_ij`` and ``p_e = sum w_ij p_i. p_.j``. The standard error is
    the large-sample one of Fleiss, Cohen and Everitt (1969), doi:10.1037/h0028106; the interval is
    ``tanh(atanh(kappa) +- t * error / (1 - kappa**2))`` with n - 1 degrees of freedom, which leans as kappa's distribution does.
    Where no unit disagrees, or next to none differs from the commonest answers, half an imagined unit opens the end that they
    leave shut; a note says so. With ``clusters`` the same linearisation is summed within clusters (CR2), with Satterthwaite's
    degrees of freedom.

    References
    ----------
    Cohen (1960), doi:10.1177/001316446002000104; Cohen (1968), doi:10.1037/h0026256.

    Examples
    --------
    >>> first, second = [1, 1, 2, 2, 1], [1, 1, 2, 1, 1]
    >>> result = cohen_kappa([*range(5), *range(5)], [0] * 5 + [1] * 5, first + second)
    >>> round(result.value, 4)
    0.5455
    """
    confidence = fraction("confidence", confidence)
    data, n_raters = _of_two(ratings(units, raters, values))
    category, names = category_codes(data.value, categories)
    if len(names) > _MOST_CATEGORIES:
        raise InputError(
            f"at most {_MOST_CATEGORIES:,} categories, got {len(names):,}: use krippendorff_alpha or icc"
        )
    common: dict[str, Any] = {
        "confidence": confidence,
        "n": data.n_units,
        "n_raters": n_raters,
        "n_ratings": len(data.unit),
        "categories": names,
        "omitted": data.omitted,
    }
    if not data.n_units:
        return undefined_kappa(reason=NO_PAIRS, **common)
    weight = agreement_weights(weights, names)
    counts = _counts(data, category, len(names))
    observed, expected, error = _kappa_parts(counts, weight)
    common |= {"observed": observed, "expected": expected}
    if 1 - expected <= 1e-14:
        return undefined_kappa(reason=NO_SPREAD, **common)
    value = (observed - expected) / (1 - expected)
    cluster = None if clusters is None else cluster_of_units(units, clusters, data.unit_codes)
    if cluster is not None and belong_together(cluster):
        found = _of_clusters(_linear(data, category, counts, weight), cluster)
        return Kappa(
            value=value,
            **_clustered(counts, weight, value, found, confidence),
            **common,
        )
    low, high, how, notes = _interval(counts, weight, value, error, confidence)
    return Kappa(
        value=value,
        low=low,
        high=high,
        method=f"Fleiss-Cohen-Everitt standard error, {how}",
        standard_error=error,
        notes=notes,
        **common,
    )


def _of_two(data: Ratings) -> tuple[Ratings, int]:
    """Return the ratings of units that both rated, and how many raters there are: at most two."""
    if (data.rater == ANONYMOUS).any():
        raise InputError("cohen_kappa compares two known raters, got an anonymous one (-1)")
    n_raters = len(data.rater_codes)
    if n_raters > 2:
        raise InputError(f"cohen_kappa compares two raters, got {n_raters}; see fleiss_kappa, conger_kappa")
    return pairable(data), n_raters


def _counts(data: Ratings, category: IntArray, k: int) -> FloatArray:
    """Return the (k, k) units by the first and the second rater's category."""
    pair = np.empty((2, data.n_units), dtype=np.int64)
    pair[data.rater, data.unit] = category
    return tally(pair[0] * k + pair[1], k * k).reshape(k, k)


class _KappaParts(NamedTuple):
    """Observed and expected agreement, and the standard error of kappa."""

    observed: float
    expected: float
    standard_error: float


def _kappa_parts(counts: FloatArray, weight: FloatArray) -> _KappaParts:
    """Return observed and expected agreement and the standard error of kappa for a (K, K) table of counts."""
    n = float(counts.sum())
    table = counts / n
    row, column = table.sum(axis=1), table.sum(axis=0)
    observed = float((weight * table).sum())
    expected = float(row @ weight @ column)
    if 1 - expected <= 1e-14:
        return _KappaParts(observed, expected, math.nan)
    kappa = (observed - expected) / (1 - expected)
    term = _terms(table, weight, kappa)
    centre = kappa - expected * (1 - kappa)
    variance = float((table * np.square(term)).sum()) - centre**2
    if variance <= 1e-15 or n < 2:
        return _KappaParts(observed, expected, math.nan)
    return _KappaParts(observed, expected, math.sqrt(variance / n) / (1 - expected))


def _terms(table: FloatArray, weight: FloatArray, kappa: float) -> FloatArray:
    """Return what a unit in each cell adds to kappa, (K, K), before it is divided by one less the expected agreement."""
    by_row, by_column = weight @ table.sum(axis=0), table.sum(axis=1) @ weight
    return as_floats(weight - (by_row[:, None] + by_column[None, :]) * (1 - kappa))


def _linear(data: Ratings, category: IntArray, counts: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the linearised kappa of each unit, (U,)."""
    observed, expected, _ = _kappa_parts(counts, weight)
    kappa = (observed - expected) / (1 - expected)
    pair = np.empty((2, data.n_units), dtype=np.int64)
    pair[data.rater, data.unit] = category
    return as_floats(_terms(counts / counts.sum(), weight, kappa)[pair[0], pair[1]] / (1 - expected))


def _of_clusters(linear: FloatArray, cluster: IntArray) -> Variance:
    return cluster_variance(linear, np.ones(len(linear)), cluster)


def _clustered(
    counts: FloatArray, weight: FloatArray, value: float, found: Variance, confidence: float
) -> dict[str, Any]:
    """Return the interval over clusters, with its error, method and notes."""
    g = found.n_clusters
    method = f"linearised over {g} cluster{'s' * (g != 1)} (CR2), t interval of atanh(kappa)"
    nothing = {"low": math.nan, "high": math.nan, "standard_error": math.nan, "method": method}
    if g < 2:
        return {**nothing, "notes": ("all units lie in one cluster: no interval.",)}
    if not counts[weight < 1].any():  # as many agreeing units as there are clusters
        answers = counts.sum(axis=0) + counts.sum(axis=1)
        first, second = np.argsort(-answers, kind="stable")[:2]
        fewer = counts * (g / counts.sum())
        low, _ = _with_half_a_unit(fewer, weight, [(first, second), (second, first)], confidence)
        return {**nothing, "low": low, "high": 1.0, "notes": (NO_DISSENT,)}
    if not found.value > 1e-30:
        return {**nothing, "notes": ("the clusters do not differ: a standard error cannot be had.",)}
    error = math.sqrt(found.value)
    low, high = bent_kappa_interval(value, error, confidence, df=max(found.df, 1.0))
    return {**nothing, "low": low, "high": high, "standard_error": error, "notes": too_few_units(g)}


class _Interval(NamedTuple):
    """Both ends, how they were found, and notes."""

    low: float
    high: float
    method: str
    notes: tuple[str, ...]


def _interval(
    counts: FloatArray, weight: FloatArray, value: float, error: float, confidence: float
) -> _Interval:
    """Return low, high, how, and notes; half an imagined unit speaks for answers and dissent that were hardly seen."""
    n = int(counts.sum())
    agreed = np.diag(counts)
    note = too_few_units(n) + hardly_any_differ(n, int(counts.max()), int(agreed.sum() - agreed.max()))
    answers = counts.sum(axis=0) + counts.sum(axis=1)
    if not counts[weight < 1].any() and n > 1:
        first, second = np.argsort(-answers, kind="stable")[:2]
        low, _ = _with_half_a_unit(counts, weight, [(first, second), (second, first)], confidence)
        if low < 1:  # not where weights call the commonest dissent none
            return _Interval(
                low, 1.0, "t interval of atanh(kappa), half a unit added for the lower end", (NO_DISSENT,)
            )
    if not error > 0:
        none = "the ratings leave no variance: a standard error cannot be had."
        return _Interval(math.nan, math.nan, "t interval of atanh(kappa)", (none,))
    low, high = bent_kappa_interval(value, error, confidence, df=max(n - 1, 1))
    if n < SMALL or not note:
        return _Interval(low, high, "t interval of atanh(kappa)", note)
    rarest = int(np.argmin(np.where(answers > 0, answers, np.inf)))
    _, further = _with_half_a_unit(counts, weight, [(rarest, rarest)], confidence)
    return _Interval(
        low, max(high, further), "t interval of atanh(kappa), half a unit added for the upper end", note
    )


def _with_half_a_unit(
    counts: FloatArray, weight: FloatArray, cells: list[tuple[int, int]], confidence: float
) -> tuple[float, float]:
    """Return the interval with half a unit more, shared by these cells."""
    more = counts.copy()
    for cell in cells:
        more[cell] += 0.5 / len(cells)
    observed, expected, error = _kappa_parts(more, weight)
    value = (observed - expected) / (1 - expected) if 1 - expected > 1e-14 else math.nan
    return bent_kappa_interval(value, error, confidence, df=float(counts.sum()) - 1)
