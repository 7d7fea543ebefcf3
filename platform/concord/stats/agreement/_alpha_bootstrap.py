"""Resampling units for alpha: exact, because units with the same counts are interchangeable."""

from __future__ import annotations

import numpy as np

from concord.stats._arrays import FloatArray
from concord.stats.agreement._alpha_terms import Moments, Terms, alpha_of, totals_of

_BLOCK = 4_000_000  # weights drawn at a time, so that memory stays flat
_MANY_UNITS = 50_000


def resampled_alphas(terms: Terms, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return alpha of ``n_resamples`` resamples of the units; nan where a resample holds one value only."""
    if type(terms) is Moments and normal_limit_holds(terms):
        totals = _normal_totals(terms, n_resamples, rng)
        return alpha_of(*terms.disagreement(totals, totals))
    n = int(terms.multiplicity.sum())
    share = terms.multiplicity / n
    size = max(1, _BLOCK // len(share))
    blocks = []
    for start in range(0, n_resamples, size):
        weights = rng.multinomial(n, share, size=min(size, n_resamples - start)).astype(np.float64)
        blocks.append(alpha_of(*terms.disagreement(totals_of(terms.features, weights), weights)))
    return np.concatenate(blocks) if blocks else np.empty(0)


def normal_limit_holds(terms: Moments) -> bool:
    """Whether the resampled totals are normal for all purposes: very many units, none of which weighs much.

    By Berry-Esseen the error is of the order of the largest standardised contribution, here below one percent.
    """
    if len(terms.features) < _MANY_UNITS:
        return False
    spread = terms.features.std(axis=0) * np.sqrt(len(terms.features))
    furthest = np.abs(terms.features - terms.features.mean(axis=0)).max(axis=0)
    return bool((furthest <= 0.05 * spread + 1e-300).all())


def _normal_totals(terms: Moments, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    centre = terms.features.sum(axis=0)
    deviation = terms.features - terms.features.mean(axis=0)
    values, vectors = np.linalg.eigh(deviation.T @ deviation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    result: FloatArray = centre + rng.standard_normal((n_resamples, len(centre))) @ root.T
    return result


def without_each_pattern(terms: Terms) -> FloatArray | None:
    """Return alpha without one unit of each pattern, or None where that would cost a full pass per unit."""
    if not isinstance(terms.features, np.ndarray):
        return None
    weights = terms.multiplicity[None, :].astype(np.float64)
    totals = totals_of(terms.features, weights)
    left = totals - terms.features
    return alpha_of(*terms.disagreement(left, weights))
