"""Alpha without single ratings and without whole raters, by subtraction from the totals that alpha follows from.

Taking a rating out of a unit changes the unit's features. With few categories that happens in as many ways as there are
patterns and categories; for numbers in closed form. A rater has at most one rating of a unit, so his ratings' changes add up. A
unit that is left with one rating no longer counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, IntArray, as_floats, tally
from concord.stats.agreement._alpha.build import Level, inside_rows
from concord.stats.agreement._alpha.exchange import LITTLE, counted_anew, without_each_group
from concord.stats.agreement._alpha.few import rows_of
from concord.stats.agreement._alpha.ordinal import OrdinalPairs
from concord.stats.agreement._alpha.terms import (
    FixedDistance,
    Moments,
    Terms,
    alpha_of,
    coincidences,
    totals_of,
)
from concord.stats.agreement._numbers import centred
from concord.stats.agreement._ratings import ANONYMOUS, Ratings, category_codes, pairable

_ROWS = 1 << 21  # numbers held at a time


@dataclass(frozen=True)
class Removal:
    """How the totals change without one rating: ``changes`` (D, F) of D ways, and the way of each rating ``way`` (N,)."""

    terms: Terms
    changes: FloatArray
    way: IntArray

    def single(self) -> FloatArray:
        """Return alpha without one rating, for each way, (D,); nan where only one value is left."""
        width = max(self.changes.shape[1], 1)
        size = max(1, _ROWS // width)
        blocks = [
            alpha_of(*self._disagreement(self.changes[i : i + size]))
            for i in range(0, len(self.changes), size)
        ]
        return np.concatenate(blocks) if blocks else np.empty(0)

    def by(self, group: IntArray, n_groups: int) -> tuple[FloatArray, FloatArray]:
        """Return observed and expected disagreement without the ratings of each group, of which no unit holds two.

        A negative group is left alone.
        """
        named = group >= 0
        group, way = group[named], self.way[named]
        n_ways = len(self.changes)
        if n_groups * n_ways <= 8 * len(way) + _ROWS:
            used = tally(group * n_ways + way, n_groups * n_ways).reshape(n_groups, n_ways)
            return self._disagreement(used @ self.changes)
        columns = [tally(group, n_groups, column[way]) for column in self.changes.T]
        return self._disagreement(np.stack(columns, axis=1))

    def _disagreement(self, changes: FloatArray) -> tuple[FloatArray, FloatArray]:
        weights = self.terms.multiplicity[None, :].astype(np.float64)
        totals = totals_of(self.terms.features, weights) + changes
        return self.terms.disagreement(totals, np.broadcast_to(weights, (len(totals), weights.size)))


def removal(data: Ratings, terms: Terms, categories: ArrayLike | None) -> Removal | None:
    """Return how single ratings change the totals, or None where alpha is not a function of few of them."""
    if isinstance(terms, Moments):
        return Removal(terms, _without_number(terms, data), np.arange(len(data.unit)))
    if not isinstance(terms, FixedDistance | OrdinalPairs) or not isinstance(terms.features, np.ndarray):
        return None
    rows = rows_of(terms)
    n_patterns, k = rows.shape
    reduced = np.repeat(rows, k, axis=0) - np.tile(np.eye(k), (n_patterns, 1))
    usable = (reduced.min(axis=1) >= 0) & (reduced.sum(axis=1) >= 2)
    after = np.zeros((n_patterns * k, terms.features.shape[1]))
    after[usable] = _features(terms, reduced[usable])
    category = category_codes(data.value, categories)[0]
    return Removal(
        terms,
        after - np.repeat(as_floats(terms.features), k, axis=0),
        terms.pattern[data.unit] * k + category,
    )


def without_each_rater(
    data: Ratings, terms: Terms, level: Level, categories: ArrayLike | None, known: Removal | None
) -> FloatArray:
    """Return alpha without each known rater, (R,); ``known`` is what ``removal`` gives."""
    n_raters = len(data.rater_codes)
    if known is None:
        return without_each_group(data, terms, data.rater, n_raters, level, categories)
    observed, expected = known.by(data.rater, n_raters)
    alpha = alpha_of(observed, expected)
    whole = terms.whole()
    little = (observed < LITTLE * whole[0]) | (expected < LITTLE * whole[1])
    for rater in np.flatnonzero(little):
        alpha[rater] = counted_anew(pairable(data.select(data.rater != rater)), level, categories)
    return alpha


def own_raters(data: Ratings) -> tuple[IntArray, int]:
    """Return raters numbered from 0 with every anonymous rating a rater of its own, and how many there are."""
    anonymous = data.rater == ANONYMOUS
    number = len(data.rater_codes) + np.cumsum(anonymous) - 1
    return np.where(anonymous, number, data.rater), data.n_raters


def _without_number(terms: Moments, data: Ratings) -> FloatArray:
    """Return the change of (inside, ratings, sum, sum of squares) without each rating, (N, 4)."""
    x, before = centred(data.value), terms.features[data.unit]
    inside, m, first, second = before.T
    left = m - 1
    within = inside * left / (2 * m) - np.square(x - first / m) * m / left
    factor = np.divide(2 * left, left - 1, out=np.zeros_like(m), where=left > 1)
    after = np.stack([factor * np.maximum(within, 0.0), left, first - x, second - x * x], axis=1)
    after[left < 2] = 0.0
    return as_floats(after - before)


def _features(terms: FixedDistance | OrdinalPairs, rows: FloatArray) -> FloatArray:
    if isinstance(terms, FixedDistance):
        return np.column_stack([inside_rows(rows, terms.distance), rows])
    return coincidences(rows.astype(np.int64))
