"""Alpha taken apart: without each rater, slice by slice, and between two groups of ratings of the same units."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    as_floats,
    codes,
    compact,
    fraction,
    generator,
    repeats,
    tally,
    vector,
)
from concord.stats._intervals import percentile_interval
from concord.stats._normal import t_two_sided
from concord.stats._results import NAN, Record, TestedEstimate
from concord.stats.agreement._alpha_build import Level, build_terms
from concord.stats.agreement._alpha_interval import thin
from concord.stats.agreement._alpha_removal import without_each_rater
from concord.stats.agreement._alpha_terms import (
    Terms,
    alpha_of,
    totals_of,
)
from concord.stats.agreement._ratings import Ratings, pairable, ratings
from concord.stats.agreement.krippendorff import Alpha, krippendorff_alpha

_BLOCK = 4_000_000  # weights drawn at a time, so that memory stays flat


@dataclass(frozen=True, kw_only=True)
class LeaveOneOut(Record):
    """Alpha without each rater: ``raters`` (R,), ``alpha`` (R,) and ``change`` (R,) = alpha without - ``full``.

    A positive change means that agreement rises when that rater is left out. nan where too little is left.
    """

    raters: IntArray
    alpha: FloatArray
    change: FloatArray
    full: float


def alpha_without_each_rater(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    level: Level,
    categories: ArrayLike | None = None,
) -> LeaveOneOut:
    """Return alpha without each (known) rater, in one pass for data with few categories.

    Parameters
    ----------
    units, raters, values, level, categories
        As in ``krippendorff_alpha``.

    Returns
    -------
    LeaveOneOut
        nan for a rater without whom no two ratings of a unit, or only one value, are left.

    Raises
    ------
    InputError
        As ``krippendorff_alpha``.

    Notes
    -----
    ``change = alpha without the rater's ratings - alpha``; units that are left with one rating no longer count.

    Examples
    --------
    >>> units, raters = [1, 1, 1, 2, 2, 2, 3, 3, 3], [0, 1, 2] * 3
    >>> result = alpha_without_each_rater(units, raters, [1, 1, 2, 2, 2, 1, 3, 3, 1], level="nominal")
    >>> result.alpha.round(3).tolist()
    [-0.364, -0.364, 1.0]
    """
    data = pairable(ratings(units, raters, values))
    everyone = np.unique(ratings(units, raters, values).rater_codes)
    full = krippendorff_alpha(units, raters, values, level=level, categories=categories, n_resamples=0)
    if not data.n_units:
        nothing = np.full(len(everyone), np.nan)
        return LeaveOneOut(raters=everyone, alpha=nothing, change=nothing, full=full.value)
    terms, _ = build_terms(data, level, categories)
    alpha = np.full(len(everyone), full.value)
    place = np.searchsorted(everyone, data.rater_codes)
    alpha[place] = without_each_rater(data, terms, level, categories)
    return LeaveOneOut(raters=everyone, alpha=alpha, change=alpha - full.value, full=full.value)


def alpha_by_slice(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    slices: ArrayLike,
    *,
    level: Level,
    categories: ArrayLike | None = None,
    confidence: float = 0.95,
    n_resamples: int = 1000,
    rng: np.random.Generator | None = None,
) -> dict[int, Alpha]:
    """Return alpha of each slice (language, topic, hazard ...) of the ratings.

    Parameters
    ----------
    slices
        (n,) integer codes, one per rating.
    units, raters, values, level, categories, confidence, n_resamples
        As in ``krippendorff_alpha``.

    Returns
    -------
    dict
        From slice code to ``Alpha``. Expected disagreement is the slice's own, so a slice with little variety may
        have a low alpha although its raters hardly disagree: compare ``observed`` as well.

    Raises
    ------
    InputError
        As ``krippendorff_alpha``.

    Notes
    -----
    Each slice is ``krippendorff_alpha`` of its own ratings alone.

    Examples
    --------
    >>> result = alpha_by_slice([1, 1, 2, 2, 3, 3], [0, 1] * 3, [1, 1, 2, 2, 1, 2], [0, 0, 0, 0, 1, 1], level="nominal")
    >>> result[0].value
    1.0
    """
    unit = codes("units", units)
    part = codes("slices", slices, length=len(unit))
    rater, value = codes("raters", raters, length=len(unit)), vector("values", values, length=len(unit))
    source = generator(rng)
    return {
        int(code): krippendorff_alpha(
            unit[part == code],
            rater[part == code],
            value[part == code],
            level=level,
            categories=categories,
            confidence=confidence,
            n_resamples=n_resamples,
            rng=source,
        )
        for code in np.unique(part)
    }


def alpha_difference(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    which: ArrayLike,
    *,
    level: Level,
    categories: ArrayLike | None = None,
    confidence: float = 0.95,
    n_resamples: int = 1000,
    rng: np.random.Generator | None = None,
) -> TestedEstimate:
    """Return alpha of group 1 less alpha of group 0 (two guidelines, two crowds) with units resampled for both together.

    Parameters
    ----------
    which
        (n,) 0 or 1 for each rating.
    units, raters, values, level, categories, confidence, n_resamples
        As in ``krippendorff_alpha``. Units may have ratings of either group or both.

    Returns
    -------
    TestedEstimate
        Undefined where either alpha is. The p-value is that of the difference over its bootstrap standard error, by t with one
        degree of freedom less than there are units.

    Raises
    ------
    InputError
        ``which`` other than 0 or 1, or as ``krippendorff_alpha``.

    Notes
    -----
    Percentiles of the resampled differences, the tails widened (Hesterberg 2015, doi:10.1080/00031305.2015.1089789).

    Examples
    --------
    >>> units, raters = [1, 1, 2, 2, 3, 3] * 2, [0, 1] * 3 + [2, 3] * 3
    >>> values = [1, 1, 2, 2, 3, 3, 1, 2, 2, 2, 3, 1]
    >>> round(alpha_difference(units, raters, values, [1] * 6 + [0] * 6, level="nominal").value, 3)
    0.909
    """
    fraction("confidence", confidence)
    unit = codes("units", units)
    group = codes("which", which, length=len(unit))
    if not np.isin(group, (0, 1)).all():
        raise InputError(f"which must be 0 or 1, got {int(group[~np.isin(group, (0, 1))][0])}")
    rater, value = codes("raters", raters, length=len(unit)), vector("values", values, length=len(unit))
    n_resamples = repeats("n_resamples", n_resamples)
    source = generator(rng)
    sides = [pairable(ratings(unit[group == g], rater[group == g], value[group == g])) for g in (0, 1)]
    if not all(side.n_units for side in sides):
        reason = "one of the groups has no unit with two ratings"
        return TestedEstimate(
            value=NAN, confidence=confidence, method="none", n=0, undefined=reason, omitted=_left_out(sides)
        )
    built = [build_terms(side, level, categories)[0] for side in sides]
    union = np.union1d(sides[0].unit_codes, sides[1].unit_codes)
    patterns = [_patterns(terms, side, union) for terms, side in zip(built, sides, strict=True)]
    n_second = len(built[1].multiplicity) + 1
    joint, distinct = compact(patterns[0] * n_second + patterns[1])
    share = tally(joint, len(distinct)) / len(union)
    parts = np.divmod(distinct, n_second)
    drawn = _drawn_gaps(built, parts, share, len(union), n_resamples, source)
    both = [as_floats(np.array([terms.whole()]).T) for terms in built]
    gap = float((alpha_of(*both[1]) - alpha_of(*both[0]))[0])
    rare = tuple(f"group {g}: {note}" for g in (0, 1) for note in thin(built[g]))
    return _difference(gap, drawn, len(union), confidence, _left_out(sides), rare)


def _left_out(sides: list[Ratings]) -> dict[str, int]:
    """Return what the two groups leave out, together."""
    names = dict.fromkeys(name for side in sides for name in side.omitted)
    return {name: sum(side.omitted.get(name, 0) for side in sides) for name in names}


def _drawn_gaps(
    built: list[Terms],
    parts: tuple[IntArray, IntArray],
    share: FloatArray,
    n: int,
    n_resamples: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Return alpha of the second group less that of the first in resamples of the units, some at a time."""
    size = max(1, _BLOCK // len(share))
    gaps = [np.empty(0)]
    for start in range(0, n_resamples, size):
        weights = rng.multinomial(n, share, size=min(size, n_resamples - start)).astype(np.float64)
        first, second = (_alphas(terms, weights, part) for terms, part in zip(built, parts, strict=True))
        gaps.append(second - first)
    return np.concatenate(gaps)


def _patterns(terms: Terms, side: Ratings, union: IntArray) -> IntArray:
    """Return the pattern of each unit of the union; one past the last where this group did not rate it."""
    result = np.full(len(union), len(terms.multiplicity), dtype=np.int64)
    result[np.searchsorted(union, side.unit_codes)] = terms.pattern
    return result


def _alphas(terms: Terms, weights: FloatArray, pattern: IntArray) -> FloatArray:
    n_patterns = len(terms.multiplicity)
    own = np.stack([tally(pattern, n_patterns + 1, row)[:n_patterns] for row in weights])
    return alpha_of(*terms.disagreement(totals_of(terms.features, own), own))


def _difference(
    value: float,
    drawn: FloatArray,
    n: int,
    confidence: float,
    omitted: dict[str, int],
    notes: tuple[str, ...],
) -> TestedEstimate:
    if math.isnan(value):
        reason = "in one of the groups all ratings are the same value: its alpha is 0/0"
        return TestedEstimate(
            value=NAN, confidence=confidence, method="none", n=n, undefined=reason, omitted=omitted
        )
    finite = drawn[np.isfinite(drawn)]
    vary = len(finite) > 1 and n > 1 and float(np.ptp(finite)) > 0
    error = float(finite.std(ddof=1)) * math.sqrt(n / (n - 1)) if vary else NAN
    low, high = percentile_interval(finite, confidence, n=n) if vary else (NAN, NAN)
    statistic = value / error if vary else NAN
    return TestedEstimate(
        value=value,
        low=low,
        high=high,
        confidence=confidence,
        method=f"joint bootstrap over units, {len(drawn)} resamples (percentile)",
        n=n,
        standard_error=error,
        omitted=omitted,
        notes=notes if vary else (*notes, "resampling shows no variation, so no interval."),
        statistic=statistic,
        df=float(n - 1),
        p_value=t_two_sided(statistic, float(n - 1)) if vary else NAN,
    )
