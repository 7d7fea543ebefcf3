"""Ends of alpha's interval where the sample hardly holds what would move them: few units, rare answers, no disagreement at all.

With few units alpha lies too low: many of the pairs that tell what chance would do are pairs within a unit, and more so the more
ratings a unit has. Resamples of three units cannot lie higher than the units that agree best, so a jackknife takes that bias off.

A resample can only repeat what was seen. With two units in sixty that deserve the rarer answer, it never shows what a third and
a fourth would do, and with no disagreement it shows none. So the end in question is taken from resamples of the units
and half an imagined one that speaks for it, as Agresti and Coull (1998) add imagined successes and failures to a share.
"""

from __future__ import annotations

import math

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, as_floats
from concord.stats._intervals import percentile_interval
from concord.stats.agreement._alpha.build import inside_rows
from concord.stats.agreement._alpha.ordinal import OrdinalPairs
from concord.stats.agreement._alpha.terms import (
    FixedDistance,
    Moments,
    Terms,
    alpha_of,
    coincidences,
    totals_of,
)
from concord.stats.agreement._few import jackknife_t, usual_ratings, with_dissent
from concord.stats.agreement._sums import Sums

_HALF = 0.5
_FEW_UNITS = 15  # from which on the bootstrap alone covers what it says


def sums_by_category(terms: Terms) -> Sums | None:
    """Return the sums where there are few categories, else None: only then can a unit be imagined."""
    return terms.sums if isinstance(terms, FixedDistance | OrdinalPairs) else None


def jackknife_interval(terms: Terms, value: float, confidence: float) -> tuple[float, float] | None:
    """Return the t interval around alpha less its jackknifed bias.

    None with fifteen units or more, and where without one unit only one value is left.
    """
    if _n(terms) >= _FEW_UNITS:
        return None
    weights = terms.multiplicity - np.eye(len(terms.multiplicity))
    left = alpha_of(*terms.disagreement(totals_of(terms.features, weights), weights))
    if (ends := jackknife_t(value, left, terms.multiplicity, confidence)) is None:
        return None
    return max(ends[0], least_alpha(terms)), min(ends[1], 1.0)


def least_alpha(terms: Terms) -> float:
    """Return what no alpha lies below: ``-1 / (m - 1)`` with m the fewest ratings of a unit, where distances are squares."""
    if isinstance(terms, Moments):
        return -1 / (float(terms.features[:, 1].min()) - 1)
    sums = sums_by_category(terms)
    if sums is None or (isinstance(terms, FixedDistance) and not _are_squares(terms.distance)):
        return -math.inf
    return -1 / (min(m for m in sums.units if m > 1) - 1)


def _are_squares(distance: FloatArray | None) -> bool:
    """Whether points in some space lie as far apart, squared (Schoenberg 1935): then no mean inside exceeds the mean of all."""
    if distance is None:
        return True
    centred = distance - distance.mean(axis=0) - distance.mean(axis=1)[:, None] + distance.mean()
    return bool(np.linalg.eigvalsh(centred).max(initial=0.0) <= 1e-9 * distance.max(initial=0.0))


def rows_of(terms: FixedDistance | OrdinalPairs) -> FloatArray:
    """Return the counts by category of each pattern, (P, K), where there are few categories."""
    features = as_floats(terms.features)
    if isinstance(terms, FixedDistance):
        return features[:, 1:]
    # Whole numbers that were divided by the ratings less one, and add up to whole numbers but for rounding.
    return as_floats(np.rint(features.reshape(-1, terms.n_categories, terms.n_categories).sum(axis=2)))


def high_with_agreement(
    terms: Terms, sums: Sums, n_resamples: int, confidence: float, rng: np.random.Generator
) -> float:
    """Return the upper end with half a unit more whose raters all give the answer that raises alpha most: a rare one."""
    counts = sums.counts(2)
    rows = (usual_ratings(counts, sums.n_units(2)) * np.eye(len(counts), dtype=np.int64))[counts > 0]
    features = _features(terms, rows)
    totals = totals_of(terms.features, terms.multiplicity.astype(np.float64)) + features
    raised = alpha_of(*terms.disagreement(totals, np.ones((len(totals), 1))))
    best = int(np.nanargmax(raised))
    drawn = _resampled(terms, features[best], n_resamples, rng)
    return percentile_interval(drawn, confidence, n=_n(terms))[1]


def low_with_dissent(
    terms: Terms, sums: Sums, n_resamples: int, confidence: float, rng: np.random.Generator
) -> float:
    """Return the lower end with half a unit more in which one rater gives the second commonest answer, not the first."""
    row = with_dissent(sums.counts(2), sums.n_units(2))
    drawn = _resampled(terms, _features(terms, row[None, :])[0], n_resamples, rng)
    return percentile_interval(drawn, confidence, n=_n(terms))[0]


def _features(terms: Terms, rows: IntArray) -> FloatArray:
    """Return the features of units with these counts, as the terms hold those of their own."""
    if isinstance(terms, FixedDistance):
        counts = rows.astype(np.float64)
        return np.column_stack([inside_rows(counts, terms.distance), counts])
    return coincidences(rows)


def _resampled(terms: Terms, feature: FloatArray, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    times = np.append(terms.multiplicity.astype(np.float64), _HALF)
    weights = as_floats(rng.multinomial(_n(terms), times / times.sum(), size=n_resamples))
    features = np.vstack([np.asarray(terms.features), feature])
    return alpha_of(*terms.disagreement(totals_of(features, weights), weights))


def _n(terms: Terms) -> int:
    return int(terms.multiplicity.sum())
