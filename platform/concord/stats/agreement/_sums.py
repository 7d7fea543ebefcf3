"""Whole-number sums over units, from which every coefficient for categories follows.

They are exact in float64 whatever the order of units and ratings, so that counts that grew rating by rating give the very
same figures as counting everything at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, as_floats
from concord.stats.agreement._rows import Rows, pairs_of_categories, sizes_of


@dataclass
class Sums:
    """By the number m of ratings of a unit: how many units, their ratings by category (K,), and their ordered pairs of
    different ratings by category (K, K)."""

    n_categories: int
    units: dict[int, int] = field(default_factory=dict)
    totals: dict[int, FloatArray] = field(default_factory=dict)
    pairs: dict[int, FloatArray] = field(default_factory=dict)

    def add(self, row: IntArray, times: int) -> None:
        """Count a unit with these ratings ``times`` more (less, where negative)."""
        m = int(row.sum())
        if m == 0:
            return
        if m not in self.units:
            self.units[m], self.totals[m] = 0, np.zeros(self.n_categories)
            self.pairs[m] = np.zeros((self.n_categories, self.n_categories))
        self.units[m] += times
        self.totals[m] += times * row
        self.pairs[m] += times * _pairs_in(row)
        if not self.units[m]:
            del self.units[m], self.totals[m], self.pairs[m]

    def n_units(self, at_least: int = 1) -> int:
        """Return how many units have at least so many ratings."""
        return sum(units for m, units in self.units.items() if m >= at_least)

    def counts(self, at_least: int = 1) -> FloatArray:
        """Return the ratings by category, (K,), in units with at least so many ratings."""
        kept = [total for m, total in self.totals.items() if m >= at_least]
        return as_floats(sum(kept, np.zeros(self.n_categories)))

    def coincidences(self) -> FloatArray:
        """Return the (K, K) pairs within units, each unit weighing as many as its ratings."""
        total = np.zeros((self.n_categories, self.n_categories))
        for m in sorted(self.pairs):
            if m > 1:
                total += self.pairs[m] / (m - 1)
        return total

    def mean_agreement(self, weights: FloatArray) -> float:
        """Return the mean over units with at least two ratings of their share of (weighted) agreeing pairs."""
        shares = [float((weights * self.pairs[m]).sum()) / (m * (m - 1)) for m in sorted(self.pairs) if m > 1]
        return sum(shares) / self.n_units(2)

    def prevalence(self) -> FloatArray:
        """Return the mean share of each category over units, (K,)."""
        total = np.zeros(self.n_categories)
        for m in sorted(self.totals):
            total += self.totals[m] / m
        return as_floats(total / self.n_units())

    def disagreement(self, distance: FloatArray) -> tuple[float, float]:
        """Return alpha's observed and expected disagreement for a (K, K) distance."""
        counts = self.counts(2)
        n = float(counts.sum())
        if n < 2:
            return 0.0, 0.0
        observed = float((self.coincidences() * distance).sum()) / n
        return observed, float((counts @ distance @ counts) / (n * (n - 1)))


def sums_of(rows: Rows, multiplicity: IntArray) -> Sums:
    """Return the sums of distinct rows of counts (P, K), each of which ``multiplicity`` units have."""
    result = Sums(rows.shape[1])
    sizes = sizes_of(rows).astype(np.int64)
    times = multiplicity.astype(np.float64)
    for m in (1 + np.flatnonzero(np.bincount(sizes)[1:])).tolist():
        chosen = np.flatnonzero(sizes == m)
        mine, weight = rows[chosen], times[chosen]
        total = as_floats(weight @ mine)
        pairs = pairs_of_categories(mine, weight)
        pairs[np.diag_indices(rows.shape[1])] -= total
        result.units[m], result.totals[m], result.pairs[m] = int(weight.sum()), total, pairs
    return result


def _pairs_in(row: IntArray) -> IntArray:
    pairs: IntArray = row[:, None] * row
    pairs.flat[:: len(row) + 1] -= row
    return pairs
