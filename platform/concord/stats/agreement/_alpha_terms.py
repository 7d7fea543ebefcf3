"""What alpha is made of, per unit, so that any weighting of the units gives its alpha by a matrix product.

Alpha is ``1 - (N - 1) * sum(d_u) / sum(n_c * n_k * distance(c, k))`` with ``d_u`` the disagreement inside unit u. Both sums
are functions of totals of per-unit features; units with the same features are held once with their multiplicity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray, as_floats
from concord.stats.agreement._ratings import Ratings
from concord.stats.agreement._sums import Sums

Features = FloatArray | sparse.csr_array


class Terms(Protocol):
    """Per-pattern features and the formula that turns their totals into disagreement."""

    @property
    def features(self) -> Features:
        """Return (P, F)."""

    @property
    def multiplicity(self) -> IntArray:
        """Return how many units have each pattern, (P,)."""

    @property
    def pattern(self) -> IntArray:
        """Return the pattern of each unit, (U,)."""

    def disagreement(self, totals: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return observed and expected disagreement for totals (B, F) that came from weights (B, P)."""

    def whole(self) -> tuple[float, float]:
        """Return observed and expected disagreement of all units."""

    def inside(self) -> FloatArray:
        """Return each pattern's own disagreement at the full data, (P,)."""


def of_all_units(terms: Terms) -> tuple[float, float]:
    """Return observed and expected disagreement where every unit counts once."""
    weights = terms.multiplicity[None, :].astype(np.float64)
    observed, expected = terms.disagreement(totals_of(terms.features, weights), weights)
    return float(observed[0]), float(expected[0])


def totals_of(features: Features, weights: FloatArray) -> FloatArray:
    """Return ``weights @ features`` as a dense (B, F) array."""
    return np.asarray(weights @ features)


def alpha_of(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """Return ``1 - observed / expected``, nan where nothing could have differed."""
    ratio = np.divide(observed, expected, out=np.full(np.shape(expected), np.nan), where=expected > 0)
    return as_floats(1.0 - ratio)


@dataclass
class FixedDistance:
    """A distance that does not depend on the data: features are the disagreement inside, then the counts by category."""

    features: Features
    multiplicity: IntArray
    pattern: IntArray
    distance: FloatArray | None  # None is nominal, where no matrix is needed
    sums: Sums | None = None

    def whole(self) -> tuple[float, float]:
        """Return observed and expected disagreement of all units, exactly where the sums are known."""
        if self.sums is None:
            return of_all_units(self)
        k = self.sums.n_categories
        return self.sums.disagreement(1.0 - np.eye(k) if self.distance is None else self.distance)

    def disagreement(self, totals: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return observed and expected disagreement."""
        counts = totals[:, 1:]
        n = counts.sum(axis=1)
        if self.distance is None:
            pairs = np.square(n) - np.square(counts).sum(axis=1)
        else:
            pairs = ((counts @ self.distance) * counts).sum(axis=1)
        return _per_rating(totals[:, 0], n), _per_pair(pairs, n)

    def inside(self) -> FloatArray:
        """Return each pattern's own disagreement."""
        return _first_column(self.features)

    def influence(self) -> FloatArray:
        """Return how alpha moves with the weight of each pattern, (P,)."""
        counts = totals_of(self.features, self.multiplicity.astype(np.float64))[1:]
        n = counts.sum()
        slope = n - counts if self.distance is None else self.distance @ counts
        own = np.asarray(
            self.features @ np.stack([np.append(0.0, np.ones_like(counts)), np.append(0.0, slope)]).T
        )
        return _influence(self, Weighed(own[:, 0], n, self.inside(), 2 * own[:, 1], float(counts @ slope)))


@dataclass
class Moments:
    """Interval values in closed form: features are the disagreement inside, ratings, sum and sum of squares."""

    features: FloatArray
    multiplicity: IntArray
    pattern: IntArray

    def whole(self) -> tuple[float, float]:
        """Return observed and expected disagreement of all units."""
        return of_all_units(self)

    def disagreement(self, totals: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return observed and expected disagreement."""
        inside, n, first, second = totals.T
        return _per_rating(inside, n), _per_pair(2 * (n * second - first * first), n)

    def inside(self) -> FloatArray:
        """Return each pattern's own disagreement."""
        return self.features[:, 0]


@dataclass
class LogMoments:
    """Ratio values with many distinct magnitudes; see ``_ratio.py``. Features: inside, ratings, zeros, then the sums of
    Chebyshev polynomials of the logarithms, whose products with ``kernel`` are the disagreement of positive values."""

    features: FloatArray
    multiplicity: IntArray
    pattern: IntArray
    kernel: FloatArray

    def whole(self) -> tuple[float, float]:
        """Return observed and expected disagreement of all units."""
        return of_all_units(self)

    def disagreement(self, totals: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return observed and expected disagreement."""
        inside, n, zeros, waves = totals[:, 0], totals[:, 1], totals[:, 2], totals[:, 3:]
        pairs = ((waves @ self.kernel) * waves).sum(axis=1) + 2 * zeros * (n - zeros)
        return _per_rating(inside, n), _per_pair(np.maximum(pairs, 0.0), n)

    def inside(self) -> FloatArray:
        """Return each pattern's own disagreement."""
        return self.features[:, 0]

    def influence(self) -> FloatArray:
        """Return how alpha moves with the weight of each pattern, (P,)."""
        totals = totals_of(self.features, self.multiplicity.astype(np.float64))
        n, zeros, waves = float(totals[1]), float(totals[2]), totals[3:]
        slope = np.concatenate([[0.0, zeros, n - 2 * zeros], self.kernel @ waves])
        pairs = float(waves @ self.kernel @ waves) + 2 * zeros * (n - zeros)
        return _influence(
            self, Weighed(self.features[:, 1], n, self.inside(), 2 * (self.features @ slope), pairs)
        )


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
        return _per_rating(observed, n), _ordinal_expected(counts, rank, n)

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
        observed = np.array([float(w @ self._inside(r)) for w, r in zip(weights, rank, strict=True)])
        return _per_rating(observed, n), _ordinal_expected(totals, rank, n)

    def inside(self) -> FloatArray:
        """Return each pattern's own disagreement at the full data's midranks."""
        return self._inside(midranks(self.totals[None, :])[0])

    def influence(self) -> FloatArray:
        """Return how alpha moves with the weight of each pattern, (P,), which also moves the midranks above its values."""
        counts, m = self.totals, self.sizes
        n = counts.sum()
        rank = midranks(counts[None, :])[0] - n / 2
        first = np.asarray(self.features @ rank)
        observed = self._inside(rank) + np.asarray(self.features @ _above(self._pull(rank, first)))
        slope = np.square(rank) + 2 * _above(counts * rank)
        spread = float(counts @ np.square(rank))
        pairs = 2 * n * np.asarray(self.features @ slope) + 2 * spread * m
        return _influence(self, Weighed(m, n, observed, pairs, 2 * n * spread))

    def _pull(self, rank: FloatArray, first: FloatArray) -> FloatArray:
        """Return how the disagreement inside all units moves with the rank of each value, (K,)."""
        m = self.sizes
        mine = totals_of(self.features, 4 * m / (m - 1) * self.multiplicity) * rank
        return as_floats(mine - totals_of(self.features, 4 * first / (m - 1) * self.multiplicity))

    def _inside(self, rank: FloatArray) -> FloatArray:
        m = self.sizes
        centred = rank - rank.mean()
        first, second = np.asarray(self.features @ np.stack([centred, np.square(centred)], axis=1)).T
        return as_floats(np.maximum(2 * (m * second - first * first) / (m - 1), 0.0))


def _above(pull: FloatArray) -> FloatArray:
    """Return what a further rating of each value pulls at: all values above it, and half its own."""
    return as_floats(pull.sum() - np.cumsum(pull) + pull / 2)


@dataclass(frozen=True)
class Weighed:
    """How the sums behind alpha move with the weight of each pattern: ratings, disagreement inside, and of all pairs."""

    ratings: FloatArray
    n: float
    inside: FloatArray
    pairs: FloatArray
    all_pairs: float


def _influence(terms: Terms, moved: Weighed) -> FloatArray:
    """Return the slope of ``1 - (n - 1) * inside / pairs`` in the weight of each pattern."""
    observed, expected = terms.whole()
    inside = observed * moved.n
    change = moved.inside / inside + moved.ratings / (moved.n - 1) - moved.pairs / moved.all_pairs
    return as_floats(-observed / expected * change)


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
    return _per_pair(np.where(np.count_nonzero(counts, axis=1) > 1, pairs, 0.0), n)


def _first_column(features: Features) -> FloatArray:
    if isinstance(features, np.ndarray):
        return features[:, 0]
    return np.asarray(features[:, [0]].todense()).ravel()


def _per_rating(total: FloatArray, n: FloatArray) -> FloatArray:
    return np.divide(total, n, out=np.zeros_like(total), where=n > 0)


def _per_pair(total: FloatArray, n: FloatArray) -> FloatArray:
    pairs = n * (n - 1)
    return np.divide(total, pairs, out=np.zeros_like(total), where=pairs > 0)


def coincidences(rows: IntArray) -> FloatArray:
    """Return the (P, K * K) coincidences inside each pattern: pairs of ratings, divided by the ratings less one."""
    counts = rows.astype(np.float64)
    pairs = counts[:, :, None] * counts[:, None, :]
    k = np.arange(counts.shape[1])
    pairs[:, k, k] -= counts
    pairs /= (counts.sum(axis=1) - 1)[:, None, None]
    return pairs.reshape(len(counts), counts.shape[1] ** 2)


def sparse_counts(data: Ratings, category: IntArray, n_categories: int) -> sparse.csr_array:
    """Return the (units, categories) counts as a sparse table."""
    ones = np.ones(len(category))
    shape = (data.n_units, n_categories)
    table: Any = sparse.coo_array((ones, (data.unit, category)), shape=shape).tocsr()
    table.sum_duplicates()
    return table  # type: ignore[no-any-return]


def unit_moments(data: Ratings, value: NDArray[np.float64]) -> FloatArray:
    """Return (units, 4): disagreement inside by squared difference, ratings, sum and sum of squares of the values."""
    n_units = data.n_units
    m = np.bincount(data.unit, minlength=n_units).astype(np.float64)
    first = np.bincount(data.unit, weights=value, minlength=n_units)
    mean = first / m
    within = np.bincount(data.unit, weights=np.square(value - mean[data.unit]), minlength=n_units)
    second = within + first * mean
    # Columns lie together in memory: sums over a million units then go at full speed.
    return np.stack([2 * m / (m - 1) * within, m, first, second]).T
