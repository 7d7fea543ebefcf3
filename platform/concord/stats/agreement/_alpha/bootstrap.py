"""Resampling units for alpha: exact, because units with the same counts are interchangeable.

For very many units, none of which weighs much, what is drawn comes from its normal limit: the totals of interval values,
or alpha itself where a resample of as many patterns as units would cost a pass over all ratings.
"""

from __future__ import annotations

import numpy as np

from concord.stats._arrays import FloatArray, as_floats
from concord.stats._resampling import (
    normal_limit_holds,
    normal_totals,
    resampled_weights,
    totals_in_the_limit,
)
from concord.stats.agreement._alpha.ordinal import OrdinalRanks
from concord.stats.agreement._alpha.terms import (
    FixedDistance,
    LogMoments,
    Moments,
    Terms,
    alpha_of,
    totals_of,
)

_MANY = 10_000  # units from which alpha is as good as linear: what it bends by is a hundredth of its standard error
_NUMBERS = 1 << 16  # held at a time while single patterns are left out: they stay in cache


def resampled_alphas(terms: Terms, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return alpha of ``n_resamples`` resamples of the units; nan where a resample holds one value only."""
    drawn = _in_the_limit(terms, n_resamples, rng)
    if drawn is not None:
        return drawn
    width = max(terms.features.shape)
    blocks = [
        alpha_of(*terms.disagreement(totals_of(terms.features, weights), weights))
        for weights in resampled_weights(terms.multiplicity, n_resamples, rng, width=width)
    ]
    return np.concatenate(blocks) if blocks else np.empty(0)


def _in_the_limit(terms: Terms, n_resamples: int, rng: np.random.Generator) -> FloatArray | None:
    """Return resampled alphas by the central limit theorem, or None where it does not hold."""
    if isinstance(terms, Moments):
        totals = totals_in_the_limit(terms.features, n_resamples, rng)
        return None if totals is None else alpha_of(*terms.disagreement(totals, totals))
    influence = influence_in_the_limit(terms)
    if influence is None:
        return None
    observed, expected = terms.whole()
    return as_floats(1 - observed / expected + normal_totals(influence[:, None], n_resamples, rng)[:, 0])


def influence_in_the_limit(terms: Terms) -> FloatArray | None:
    """Return how alpha moves with each unit's weight where units are so many that nothing else matters, else None."""
    if not isinstance(terms, FixedDistance | LogMoments | OrdinalRanks):
        return None
    if len(terms.multiplicity) < _MANY or terms.multiplicity.max() > 1:
        return None
    influence = terms.influence()
    return influence if normal_limit_holds(influence[:, None], _MANY) else None


def without_each_pattern(terms: Terms) -> FloatArray | None:
    """Return alpha without one unit of each pattern, or None where that would cost a full pass per unit."""
    if not isinstance(terms.features, np.ndarray):
        return None
    weights = terms.multiplicity[None, :].astype(np.float64)
    totals = totals_of(terms.features, weights)
    size = max(1, _NUMBERS // terms.features.shape[1])
    left = [
        alpha_of(*terms.disagreement(totals - terms.features[start : start + size], weights))
        for start in range(0, len(terms.features), size)
    ]
    return np.concatenate(left)
