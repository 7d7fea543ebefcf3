"""Levels of raters and of units by least squares, and which raters share units with which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from concord.stats._arrays import FloatArray, IntArray, as_floats, compact, tally
from concord.stats.agreement._ratings import Ratings

_EXACT = 1e-20  # of the variance of all ratings: what is left is rounding


@dataclass(frozen=True)
class Linked:
    """The group of each rater, (R,), and unit, (U,): groups share no unit, so nothing tells their raters' levels apart."""

    of_rater: IntArray
    of_unit: IntArray
    n: int

    @classmethod
    def of(cls, data: Ratings) -> Linked:
        """Return the groups of these ratings, numbered by their first raters."""
        r, u = len(data.rater_codes), data.n_units
        ends = data.rater, data.unit + r
        table: Any = sparse.coo_array((np.ones(len(data.unit)), ends), shape=(r + u, r + u))
        label = csgraph.connected_components(table.tocsr(), directed=False)[1]
        first = np.full(int(label.max(initial=-1)) + 1, r + u)
        np.minimum.at(first, label, np.arange(r + u))
        place = compact(first)[0][label]
        return cls(place[:r], place[r:], len(first))

    def mean_of_raters(self, level: FloatArray) -> FloatArray:
        """Return the mean over the raters of each group, (n,)."""
        return as_floats(tally(self.of_rater, self.n, level) / tally(self.of_rater, self.n))

    def mean_of_units(self, level: FloatArray) -> FloatArray:
        """Return the mean over the units of each group, (n,)."""
        return as_floats(tally(self.of_unit, self.n, level) / tally(self.of_unit, self.n))

    def centred(self, covariance: FloatArray) -> FloatArray:
        """Return the covariance (R, R) of the raters' levels less the mean of their group."""
        if self.n == 1:
            mean = covariance.mean(axis=0)
            return as_floats(covariance - mean - covariance.mean(axis=1)[:, None] + covariance.mean())
        size = tally(self.of_rater, self.n)
        same = self.of_rater[:, None] == self.of_rater[None, :]
        centre = np.eye(len(size[self.of_rater])) - same / size[self.of_rater][:, None]
        return as_floats(centre @ covariance @ centre.T)


@dataclass(frozen=True)
class Levels:
    """Least squares: ``bias`` (R,), zero on average in each group, ``unit`` (U,), and what they leave of the variance.

    ``noise`` is the variance left, 0 where the levels fit exactly, nan where there are as many levels as ratings.
    """

    bias: FloatArray
    unit: FloatArray
    noise: float


def levels(data: Ratings, y: FloatArray, linked: Linked) -> Levels:
    """Return the levels of standardised ratings."""
    # Here, because web processes import this package, and the solvers would add to each.
    from scipy.sparse.linalg import lsmr

    r, u, n = len(data.rater_codes), data.n_units, len(y)
    rows = np.arange(n)
    design = sparse.coo_array(
        (np.ones(2 * n), (np.append(rows, rows), np.append(data.rater, data.unit + r))), shape=(n, r + u)
    ).tocsr()
    found = as_floats(lsmr(design, y, atol=1e-15, btol=1e-15, conlim=0, maxiter=4 * (r + u) + 100)[0])
    left = y - found[data.rater] - found[data.unit + r]
    shift = linked.mean_of_raters(found[:r])
    spare = n - (r + u - linked.n)
    square = float(np.square(left).sum())
    noise = float("nan") if spare < 1 else 0.0 if square <= _EXACT * n else square / spare
    return Levels(found[:r] - shift[linked.of_rater], found[r:] + shift[linked.of_unit], noise)
