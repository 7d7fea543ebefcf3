"""Alpha of two groups of ratings, compared with units resampled for both together."""

from __future__ import annotations

import math
from typing import Any

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
from concord.stats._intervals import percentile_interval, too_little
from concord.stats._normal import t_two_sided
from concord.stats._resampling import normal_totals, resampled_weights
from concord.stats._results import NAN, TestedEstimate
from concord.stats.agreement._alpha.bootstrap import influence_in_the_limit
from concord.stats.agreement._alpha.build import Level, build_terms
from concord.stats.agreement._alpha.interval import thin
from concord.stats.agreement._alpha.terms import Terms, alpha_of, totals_of
from concord.stats.agreement._few import too_few_units
from concord.stats.agreement._ratings import Ratings, pairable, ratings


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
    confidence = fraction("confidence", confidence)
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
    parts = np.divmod(distinct, n_second)
    both = [as_floats(np.array([terms.whole()]).T) for terms in built]
    gap = float((alpha_of(*both[1]) - alpha_of(*both[0]))[0])
    limit = _influence(built, parts)
    if limit is not None and len(distinct) == len(union):
        drawn = gap + normal_totals(limit[:, None], n_resamples, source)[:, 0]
    else:
        drawn = _drawn_gaps(built, parts, np.bincount(joint), n_resamples, source)
    said = [thin(terms) + too_few_units(int(terms.multiplicity.sum())) for terms in built]
    rare = tuple(f"group {g}: {note}" for g in (0, 1) for note in said[g])
    return _difference(gap, drawn, len(union), confidence, _left_out(sides), rare)


def _left_out(sides: list[Ratings]) -> dict[str, int]:
    """Return what the two groups leave out, together."""
    names = dict.fromkeys(name for side in sides for name in side.omitted)
    return {name: sum(side.omitted.get(name, 0) for side in sides) for name in names}


def _influence(built: list[Terms], parts: tuple[IntArray, IntArray]) -> FloatArray | None:
    """Return how the gap moves with the weight of each unit of the union, or None where that is not enough to go by."""
    first, second = (influence_in_the_limit(terms) for terms in built)
    if first is None or second is None:
        return None
    return as_floats(np.append(second, 0.0)[parts[1]] - np.append(first, 0.0)[parts[0]])


def _drawn_gaps(
    built: list[Terms],
    parts: tuple[IntArray, IntArray],
    multiplicity: IntArray,
    n_resamples: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Return alpha of the second group less that of the first in resamples of the units, some at a time."""
    width = max(max(terms.features.shape) for terms in built)
    gaps = [np.empty(0)]
    for weights in resampled_weights(multiplicity, n_resamples, rng, width=width):
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
    why = too_little(n, len(drawn))
    method = "no interval" if why else f"joint bootstrap over units, {len(drawn)} resamples (percentile)"
    finite = drawn[np.isfinite(drawn)]
    if why is None and (len(finite) < 2 or not np.ptp(finite)):
        why = "resampling shows no variation, so no interval."
    common: dict[str, Any] = {"value": value, "confidence": confidence, "n": n, "omitted": omitted}
    if why is not None:
        return TestedEstimate(method=method, notes=(*notes, why), **common)
    error = float(finite.std(ddof=1)) * math.sqrt(n / (n - 1))
    low, high = percentile_interval(finite, confidence, n=n)
    return TestedEstimate(
        low=low,
        high=high,
        method=method,
        standard_error=error,
        notes=notes,
        statistic=value / error,
        df=float(n - 1),
        p_value=t_two_sided(value / error, float(n - 1)),
        **common,
    )
