"""Agreement on spans of text: exact, overlapping, or character by character."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    codes,
    compact,
    floats,
    fraction,
    generator,
    one_of,
    repeats,
)
from concord.stats._binomial import effective_number, wilson
from concord.stats._intervals import acceleration, bca_interval, too_little
from concord.stats._resampling import resampled_weights
from concord.stats._results import NAN, Estimate
from concord.stats.agreement._few import jackknife, joined
from concord.stats.agreement._ratings import ANONYMOUS
from concord.stats.agreement._span_pairs import Spans, shared_by_unit

MODES = ("exact", "overlap", "character")
_FEW_UNITS = 25  # from which on the bootstrap alone covers what it says


@dataclass(frozen=True, kw_only=True)
class SpanAgreement(Estimate):
    """Mean pairwise F1 of spans; ``per_unit`` (U,) is nan where nobody marked anything. ``n`` counts units with two raters."""

    mode: str
    unit_codes: IntArray
    per_unit: FloatArray


@dataclass(frozen=True)
class _Sums:
    """Per unit with two raters: twice what pairs of raters share, and what they marked."""

    shared: FloatArray
    marked: FloatArray
    unit_codes: IntArray


def span_agreement(
    units: ArrayLike,
    raters: ArrayLike,
    starts: ArrayLike,
    ends: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    mode: str = "exact",
    confidence: float = 0.95,
    n_resamples: int = 1000,
    rng: np.random.Generator | None = None,
) -> SpanAgreement:
    """Return how far raters mark the same spans: ``2 * shared / (marked by one + marked by the other)`` over pairs of raters.

    Parameters
    ----------
    units, raters
        (n,) integer codes, one row per span. A rater who read a unit and marked nothing has one row with nan as start and end.
        The same span stated twice by the same rater is one span.
    starts, ends
        (n,) positions; a span holds the characters from start up to, not including, end.
    labels
        (n,) integer codes of error categories; only spans with the same label can match. Default: all the same.
    mode
        "exact": same start and end; "overlap": at least one shared character, each span matched once, as many as possible;
        "character": characters instead of spans.

    Returns
    -------
    SpanAgreement
        All pairs pooled. Undefined where no unit has two raters, or where nobody marked anything (0/0).

    Raises
    ------
    InputError
        A span that ends before it starts, an anonymous rater, malformed input.

    Notes
    -----
    The interval is a BCa bootstrap over units, with fewer than 25 units joined with Wilson's on the effective number of spans
    that the jackknife's error implies (Korn & Graubard 1998): the ends further out stand. Hripcsak & Rothschild (2005),
    doi:10.1197/jamia.M1733: where what is not marked is boundless, F1 is what kappa tends to.

    Examples
    --------
    >>> span_agreement([1, 1, 1], [0, 1, 1], [0, 0, 10], [5, 5, 12]).value.__round__(4)
    0.6667
    """
    confidence = fraction("confidence", confidence)
    one_of("mode", mode, MODES)
    n_resamples = repeats("n_resamples", n_resamples)
    unit, unit_codes = compact(codes("units", units))
    rater, rater_codes = compact(codes("raters", raters, length=len(unit)))
    if (rater_codes == ANONYMOUS).any():
        raise InputError("span_agreement needs to know the raters, got an anonymous one (-1)")
    start, end = floats("starts", starts, length=len(unit)), floats("ends", ends, length=len(unit))
    label = (
        np.zeros(len(unit), dtype=np.int64) if labels is None else codes("labels", labels, length=len(unit))
    )
    _check_ends(start, end)
    label = compact(label)[0]
    once = _first_mentions(unit, rater, start, end, label)
    spans = Spans(unit, rater, label, start, end).take(once)
    shared, marked, pairs = shared_by_unit(spans, len(unit_codes), mode)
    omitted = {"repeated spans": len(unit) - len(once), "units with one rater": int((pairs == 0).sum())}
    sums = _Sums(shared[pairs > 0], marked[pairs > 0], unit_codes[pairs > 0].astype(np.int64))
    known = {name: number for name, number in omitted.items() if number}
    return _estimate(sums, mode, confidence, n_resamples, generator(rng), known)


def _check_ends(start: FloatArray, end: FloatArray) -> None:
    bad = (np.isnan(start) != np.isnan(end)) | (end <= start)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        raise InputError(
            "every span needs a start before its end (or nan in both, for nothing marked), "
            f"got {start[at]:g} to {end[at]:g} at position {at}"
        )


def _first_mentions(
    unit: IntArray, rater: IntArray, start: FloatArray, end: FloatArray, label: IntArray
) -> IntArray:
    """Return the rows without those that a rater states again: a span is marked or not."""
    columns = (unit, rater, np.nan_to_num(start), np.nan_to_num(end), np.where(np.isnan(start), -1, label))
    order = np.lexsort(columns[::-1])
    differs = np.any([np.diff(column[order]) != 0 for column in columns], axis=0)
    return np.sort(order[np.append(True, differs)]) if len(order) else order


def _estimate(
    sums: _Sums,
    mode: str,
    confidence: float,
    n_resamples: int,
    rng: np.random.Generator,
    omitted: dict[str, int],
) -> SpanAgreement:
    n, total = len(sums.shared), float(sums.marked.sum())
    per_unit = np.divide(sums.shared, sums.marked, out=np.full(n, np.nan), where=sums.marked > 0)
    common: dict[str, Any] = {
        "confidence": confidence,
        "n": n,
        "mode": mode,
        "unit_codes": sums.unit_codes,
        "per_unit": per_unit,
        "omitted": omitted,
    }
    if total == 0:
        reason = "nobody marked anything: agreement is 0/0" if n else "no unit has two raters"
        return SpanAgreement(value=NAN, method="none", undefined=reason, **common)
    value = float(sums.shared.sum()) / total
    low, high, error, why = _interval(sums, value, confidence, n_resamples, rng)
    joint = " joined with Wilson's" if n < _FEW_UNITS else ""
    drawn = "no interval" if why else f"bootstrap over units, {n_resamples} resamples (BCa{joint})"
    return SpanAgreement(
        value=value,
        low=low,
        high=high,
        method=f"pairwise F1 ({mode}), {drawn}",
        standard_error=error,
        notes=(why,) if why else (),
        **common,
    )


class _Interval(NamedTuple):
    """Both ends and the standard error, or why there are none."""

    low: float
    high: float
    standard_error: float
    why: str | None


def _interval(
    sums: _Sums, value: float, confidence: float, n_resamples: int, rng: np.random.Generator
) -> _Interval:
    """Return ``(low, high, standard error, why there are none)``: units that share and mark alike are interchangeable."""
    n, total = len(sums.shared), float(sums.marked.sum())
    if (why := too_little(n, n_resamples)) is not None:
        return _Interval(NAN, NAN, NAN, why)
    (shared, marked), times = np.unique(np.stack([sums.shared, sums.marked]), axis=1, return_counts=True)
    rows = np.stack([shared, marked], axis=1)
    totals = [weights @ rows for weights in resampled_weights(times, n_resamples, rng)]
    both, below = np.concatenate(totals).T
    ratio = np.divide(both, below, out=np.full(n_resamples, np.nan), where=below > 0)
    left = total - marked
    without = np.divide(value * total - shared, left, out=np.full(len(times), np.nan), where=left > 0)
    finite = ratio[np.isfinite(ratio)]
    if len(finite) < 2 or np.ptp(finite) == 0:
        return _Interval(NAN, NAN, NAN, "units do not differ: resampling shows no variation, so no interval.")
    ends = bca_interval(value, ratio, confidence, skew=acceleration(without, times), n=n)
    if n < _FEW_UNITS:
        ends = joined(ends, _of_a_share(value, without, times, confidence))
    return _Interval(*ends, float(finite.std(ddof=1)), None)


def _of_a_share(value: float, without: FloatArray, times: IntArray, confidence: float) -> tuple[float, float]:
    """Return Wilson's interval on the effective number of spans that the jackknife's error implies; nothing without one."""
    known = np.isfinite(without)
    n, error = int(times[known].sum()), math.sqrt(jackknife(without[known], times[known])[1])
    if not (error > 0 and 0 < value < 1):
        return value, value
    return wilson(value, max(effective_number(value, error, n - 1, confidence), 0.5), confidence)
