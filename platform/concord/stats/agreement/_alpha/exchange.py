"""Alpha without groups of ratings where categories are many: only the units that a group rated are counted anew.

What these units are made of is exchanged for what is left of them; all others stay. At the ordinal level all ranks move with
every rating, so the disagreement inside every unit is taken again, at the ranks that the ratings left imply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray
from concord.stats._results import NAN
from concord.stats.agreement import _ratio
from concord.stats.agreement._alpha.build import Level, build_terms, sparse_features
from concord.stats.agreement._alpha.ordinal import OrdinalRanks
from concord.stats.agreement._alpha.terms import (
    Features,
    FixedDistance,
    LogMoments,
    Terms,
    alpha_of,
    sparse_counts,
    totals_of,
)
from concord.stats.agreement._numbers import exact, scaled
from concord.stats.agreement._ratings import Ratings, category_codes, pairable

LITTLE = 1e-6  # of the disagreement: what is left below is counted anew, so that rounding does not show


def without_each_group(
    data: Ratings,
    terms: Terms,
    group: IntArray,
    n_groups: int,
    level: Level,
    categories: ArrayLike | None,
) -> FloatArray:
    """Return alpha without the ratings of each group, (n_groups,); nan where no pair, or only one value, is left."""
    coded, features_of = _recoded(data, terms, level, categories)
    exchanged = _exchange(terms)
    whole = terms.whole()
    alphas = np.empty(n_groups)
    for i in range(n_groups):
        mine = group == i
        touched = np.zeros(data.n_units, dtype=bool)
        touched[data.unit[mine]] = True
        part = pairable(coded.select(touched[data.unit] & ~mine))
        come = features_of(part) if part.n_units else terms.features[:0]
        observed, expected = exchanged(np.flatnonzero(touched), come)
        if observed > LITTLE * whole[0] and expected > LITTLE * whole[1]:
            alphas[i] = 1 - observed / expected
        else:
            alphas[i] = counted_anew(pairable(data.select(~mine)), level, categories)
    return alphas


def _recoded(
    data: Ratings, terms: Terms, level: Level, categories: ArrayLike | None
) -> tuple[Ratings, Callable[[Ratings], Features]]:
    """Return the ratings with values as the terms count them, and what makes features of some of these."""
    if isinstance(terms, LogMoments):
        value = scaled(exact(data.value))[0]
        ends, kernel = _ratio.bounds(value), terms.kernel
        return replace(data, value=value), lambda part: _ratio.features_within(part, part.value, ends, kernel)
    k = terms.features.shape[1] - isinstance(terms, FixedDistance)
    # Ratio values are told apart by themselves, whatever the order of the categories.
    listed = None if isinstance(level, str) and level == "ratio" else categories
    coded = replace(data, value=category_codes(data.value, listed)[0])
    if isinstance(terms, FixedDistance):
        distance = terms.distance
        return coded, lambda part: sparse_features(sparse_counts(part, part.value, k), distance)
    return coded, lambda part: sparse_counts(part, part.value, k)


def _exchange(terms: Terms) -> Callable[[IntArray, Features], tuple[float, float]]:
    """Return what gives observed and expected disagreement with other units' features in place of some units'."""
    if isinstance(terms, OrdinalRanks):
        return lambda gone, come: terms.exchanged(gone, _all_different(come))
    everyone = np.ones(len(terms.multiplicity))
    totals = totals_of(terms.features, everyone)

    def exchanged(gone: IntArray, come: Features) -> tuple[float, float]:
        less = totals_of(terms.features[gone], np.ones(len(gone)))
        more = totals_of(come, np.ones(come.shape[0]))
        observed, expected = terms.disagreement((totals - less + more)[None, :], everyone[None, :])
        return float(observed[0]), float(expected[0])

    return exchanged


def _all_different(features: Features) -> OrdinalRanks:
    n = features.shape[0]
    return OrdinalRanks(sparse.csr_array(features), np.ones(n, dtype=np.int64), np.arange(n))


def counted_anew(data: Ratings, level: Level, categories: ArrayLike | None) -> float:
    """Return alpha of these ratings; nan where no pair, or only one value, is left."""
    if not data.n_units:
        return NAN
    terms, _ = build_terms(data, level, categories)
    weights = terms.multiplicity[None, :].astype(np.float64)
    return float(alpha_of(*terms.disagreement(totals_of(terms.features, weights), weights))[0])
