"""Levels of raters and of units by least squares, and which raters share units with which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, sparse
from scipy.sparse import csgraph

from concord.stats._arrays import FloatArray, IntArray, as_floats, compact, tally
from concord.stats.agreement._ratings import Ratings

_MOST_RATERS = 2000  # whose pairs are held in a table
_REFINED = 3  # solutions: the later ones take out what rounding left
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
    r, u, n = len(data.rater_codes), data.n_units, len(y)
    found = _eliminated(data, y, linked) if r <= _MOST_RATERS else _iterated(data, y)
    left = y - found[data.rater] - found[data.unit + r]
    shift = linked.mean_of_raters(found[:r])
    spare = n - (r + u - linked.n)
    square = float(np.square(left).sum())
    noise = float("nan") if spare < 1 else 0.0 if square <= _EXACT * n else square / spare
    return Levels(found[:r] - shift[linked.of_rater], found[r:] + shift[linked.of_unit], noise)


def _eliminated(data: Ratings, y: FloatArray, linked: Linked) -> FloatArray:
    """Return the levels of raters, then units, from what the raters' ratings leave of the means of units.

    What nothing tells, a group's level, is held at a mean of zero.
    """
    r, u, given = len(data.rater_codes), data.n_units, data.per_unit
    table: Any = sparse.coo_array((np.ones(len(y)), (data.unit, data.rater)), shape=(u, r)).tocsr()
    shared = np.asarray((table.T @ (sparse.diags_array(1 / given) @ table)).todense())
    same = linked.of_rater[:, None] == linked.of_rater
    factor = linalg.cho_factor(np.diag(tally(data.rater, r)) - shared + same / same.sum(axis=0))
    found, left = np.zeros(r + u), y
    for _ in range(_REFINED):
        mean = tally(data.unit, u, left) / given
        bias = linalg.cho_solve(factor, tally(data.rater, r, left - mean[data.unit]))
        found[:r] += bias
        found[r:] += mean - tally(data.unit, u, bias[data.rater]) / given
        left = y - found[data.rater] - found[data.unit + r]
    return found


def _iterated(data: Ratings, y: FloatArray) -> FloatArray:
    """Return the same for so many raters that a table of all pairs of them is too large."""
    # Here, because web processes import this package, and the solvers would add to each.
    from scipy.sparse.linalg import lsmr

    r, u, n = len(data.rater_codes), data.n_units, len(y)
    rows = np.arange(n)
    design = sparse.coo_array(
        (np.ones(2 * n), (np.append(rows, rows), np.append(data.rater, data.unit + r))), shape=(n, r + u)
    ).tocsr()
    return as_floats(lsmr(design, y, atol=1e-15, btol=1e-15, conlim=0, maxiter=4 * (r + u) + 100)[0])
