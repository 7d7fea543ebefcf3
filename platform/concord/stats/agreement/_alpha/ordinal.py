"""Alpha's terms for ordinal values, whose distances are differences of midranks and so follow the ratings themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray, as_floats
from concord.stats.agreement._alpha.terms import (
    Weighed,
    influence_of,
    of_all_units,
    per_pair,
    per_rating,
    totals_of,
)
from concord.stats.agreement._sums import Sums


@dataclass
class OrdinalPairs:
    """Ordinal values with few categories: features are the coincidences inside the pattern, K * K of them."""

    features: FloatArray
    multiplicity: IntArray
    pattern: IntArray
    sums: Sums

    @property
    def n_categories(self) -> int:
        """Return the number of categories."""
        return self.sums.n_categories

    def whole(self) -> tuple[float, float]:
        """Return observed and expected disagreement of all units, exactly."""
        return self.sums.disagreement(rank_distance(self.sums.counts(2)))

    def disagreement(self, totals: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return observed and expected disagreement; the distance follows the totals' own midranks."""
        pairs = totals.reshape(-1, self.n_categories, self.n_categories)
        counts = pairs.sum(axis=2)
        n = counts.sum(axis=1)
        rank = midranks(counts)
        squared = np.square(rank[:, :, None] - rank[:, None, :])
        observed = (pairs * squared).sum(axis=(1, 2))
        return per_rating(observed, n), _ordinal_expected(counts, rank, n)

    def inside(self) -> FloatArray:
        """Return each pattern's own disagreement at the full data's midranks."""
        return as_floats(self.features @ rank_distance(self.sums.counts(2)).ravel())


@dataclass
class OrdinalRanks:
    """Ordinal values with many categories: features are the sparse counts; the inside follows from the midranks."""

    features: sparse.csr_array
    multiplicity: IntArray
    pattern: IntArray

    def whole(self) -> tuple[float, float]:
        """Return observed and expected disagreement of all units."""
        return of_all_units(self)

    @cached_property
    def sizes(self) -> FloatArray:
        """Return how many ratings each unit has, (P,)."""
        return as_floats(self.features.sum(axis=1)).ravel()

    @cached_property
    def totals(self) -> FloatArray:
        """Return how often each value occurs in all, (K,)."""
        return totals_of(self.features, self.multiplicity.astype(np.float64))

    def disagreement(self, totals: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return observed and expected disagreement, one resample at a time: the midranks differ between them."""
        n = totals.sum(axis=1)
        rank = midranks(totals)
        observed = np.array([float(w @ self.inside_at(r)) for w, r in zip(weights, rank, strict=True)])
        return per_rating(observed, n), _ordinal_expected(totals, rank, n)

    def exchanged(self, gone: IntArray, come: OrdinalRanks) -> tuple[float, float]:
        """Return observed and expected disagreement with other units in place of some, whose ranks and all others' move."""
        counts = self.totals - totals_of(self.features[gone], np.ones(len(gone))) + come.totals
        rank, n = midranks(counts[None, :]), counts.sum(keepdims=True)
        own = self.inside_at(rank[0])
        observed = own.sum(keepdims=True) - own[gone].sum() + come.inside_at(rank[0]).sum()
        return float(per_rating(observed, n)[0]), float(_ordinal_expected(counts[None, :], rank, n)[0])

    def inside(self) -> FloatArray:
        """Return each pattern's own disagreement at the full data's midranks."""
        return self.inside_at(midranks(self.totals[None, :])[0])

    def influence(self) -> FloatArray:
        """Return how alpha moves with the weight of each pattern, (P,), which also moves the midranks above its values."""
        counts, m = self.totals, self.sizes
        n = counts.sum()
        rank = midranks(counts[None, :])[0] - n / 2
        first = np.asarray(self.features @ rank)
        observed = self.inside_at(rank) + np.asarray(self.features @ _above(self._pull(rank, first)))
        slope = np.square(rank) + 2 * _above(counts * rank)
        spread = float(counts @ np.square(rank))
        pairs = 2 * n * np.asarray(self.features @ slope) + 2 * spread * m
        return influence_of(self, Weighed(m, n, observed, pairs, 2 * n * spread))

    def _pull(self, rank: FloatArray, first: FloatArray) -> FloatArray:
        """Return how the disagreement inside all units moves with the rank of each value, (K,)."""
        m = self.sizes
        mine = totals_of(self.features, 4 * m / (m - 1) * self.multiplicity) * rank
        return as_floats(mine - totals_of(self.features, 4 * first / (m - 1) * self.multiplicity))

    def inside_at(self, rank: FloatArray) -> FloatArray:
        """Return each pattern's own disagreement at these midranks."""
        m = self.sizes
        centred = rank - rank.mean()
        first, second = np.asarray(self.features @ np.stack([centred, np.square(centred)], axis=1)).T
        return as_floats(np.maximum(2 * (m * second - first * first) / (m - 1), 0.0))


def _above(pull: FloatArray) -> FloatArray:
    """Return what a further rating of each value pulls at: all values above it, and half its own."""
    return as_floats(pull.sum() - np.cumsum(pull) + pull / 2)


def midranks(counts: FloatArray) -> FloatArray:
    """Return the mean rank of each category, (B, K): the ordinal distance is the squared difference of midranks."""
    return np.cumsum(counts, axis=1) - counts / 2


def rank_distance(counts: FloatArray) -> FloatArray:
    """Return the (K, K) ordinal distance that the counts of the categories (K,) imply."""
    rank = midranks(counts[None, :])[0]
    return as_floats(np.square(rank[:, None] - rank[None, :]))


def _ordinal_expected(counts: FloatArray, rank: FloatArray, n: FloatArray) -> FloatArray:
    # Midranks have mean n / 2 by construction, so centring them keeps the closed form free of cancellation.
    centred = rank - n[:, None] / 2
    pairs = 2 * (n * (counts * np.square(centred)).sum(axis=1) - np.square((counts * centred).sum(axis=1)))
    return per_pair(np.where(np.count_nonzero(counts, axis=1) > 1, pairs, 0.0), n)
