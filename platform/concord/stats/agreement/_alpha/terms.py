"""What alpha is made of, per unit, so that any weighting of the units gives its alpha by a matrix product.

Alpha is ``1 - (N - 1) * sum(d_u) / sum(n_c * n_k * distance(c, k))`` with ``d_u`` the disagreement inside unit u. Both sums
are functions of totals of per-unit features; units with the same features are held once with their multiplicity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray, as_floats
from concord.stats.agreement import _ratio
from concord.stats.agreement._ratings import BLOCK, Ratings
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
        return per_rating(totals[:, 0], n), per_pair(pairs, n)

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
        return influence_of(self, Weighed(own[:, 0], n, self.inside(), 2 * own[:, 1], float(counts @ slope)))


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
        return per_rating(inside, n), per_pair(2 * (n * second - first * first), n)

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
        n = totals[:, 1]
        return per_rating(totals[:, 0], n), per_pair(_ratio.all_pairs(totals, self.kernel), n)

    def inside(self) -> FloatArray:
        """Return each pattern's own disagreement."""
        return self.features[:, 0]

    def influence(self) -> FloatArray:
        """Return how alpha moves with the weight of each pattern, (P,)."""
        totals = totals_of(self.features, self.multiplicity.astype(np.float64))
        n, zeros, waves = float(totals[1]), float(totals[2]), totals[3:]
        slope = np.concatenate([[0.0, zeros, n - 2 * zeros], self.kernel @ waves])
        pairs = float(waves @ self.kernel @ waves) + 2 * zeros * (n - zeros)
        return influence_of(
            self, Weighed(self.features[:, 1], n, self.inside(), 2 * (self.features @ slope), pairs)
        )


@dataclass(frozen=True)
class Weighed:
    """How the sums behind alpha move with the weight of each pattern: ratings, disagreement inside, and of all pairs."""

    ratings: FloatArray
    n: float
    inside: FloatArray
    pairs: FloatArray
    all_pairs: float


def influence_of(terms: Terms, moved: Weighed) -> FloatArray:
    """Return the slope of ``1 - (n - 1) * inside / pairs`` in the weight of each pattern."""
    observed, expected = terms.whole()
    inside = observed * moved.n
    change = moved.inside / inside + moved.ratings / (moved.n - 1) - moved.pairs / moved.all_pairs
    return as_floats(-observed / expected * change)


def _first_column(features: Features) -> FloatArray:
    if isinstance(features, np.ndarray):
        return features[:, 0]
    return np.asarray(features[:, [0]].todense()).ravel()


def per_rating(total: FloatArray, n: FloatArray) -> FloatArray:
    """Return totals divided by the number of ratings, 0 without any."""
    return np.divide(total, n, out=np.zeros_like(total), where=n > 0)


def per_pair(total: FloatArray, n: FloatArray) -> FloatArray:
    """Return totals divided by the number of ordered pairs of ratings, 0 without any."""
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
    # Columns lie together in memory: sums over a million units then go at full speed.
    columns = np.zeros((4, data.n_units))
    within, m, first, second = columns
    m[:] = data.per_unit
    for unit, x in _in_blocks(data.unit, value):
        np.add.at(first, unit, x)
    mean = first / m
    for unit, x in _in_blocks(data.unit, value):
        np.add.at(within, unit, np.square(x - mean[unit]))
    np.multiply(first, mean, out=second)
    second += within
    within *= 2 * m / (m - 1)
    return columns.T


def _in_blocks(unit: IntArray, value: FloatArray) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield units and values of so many ratings at a time that what is held of them stays in cache."""
    for start in range(0, len(unit), BLOCK):
        yield unit[start : start + BLOCK], value[start : start + BLOCK]
