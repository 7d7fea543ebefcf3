"""EM over the classes that a unit may have at all, where these are few of many.

A confusion cell that starts at zero stays there: no unit's posterior reaches it. So a unit can be of a class only if, of each of
its raters, the cell of the label given starts above zero; mostly that leaves the classes that somebody named. Sums over
(unit, class) and (rating, class) then run over these candidates alone, and the parameters are the cells that they touch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray, as_floats, compact, tally
from concord.stats.aggregation._em import TINY
from concord.stats.aggregation._kinds import BLOCK
from concord.stats.aggregation._labels import Labels

_FEW = 0.6  # of all (rating, class) pairs: with more, sweeping over whole rows is as fast


class Whole(NamedTuple):
    """What a model says of every class, rater and unit."""

    prevalence: FloatArray
    confusion: FloatArray
    posterior: FloatArray


@dataclass(frozen=True)
class Candidates:
    """Candidates (C,), sorted by unit: their unit and class, and a (C, cells) table with a 1 for each rating's cell.

    ``cells`` are the places of the cells among all R * K * K; ``group`` is the pair of rater and true class of each.
    """

    unit: IntArray
    true: IntArray
    first: IntArray  # (U,) the first candidate of each unit
    scores: Any
    cells: IntArray
    group: IntArray
    n_categories: int

    def of(self, start: FloatArray) -> FloatArray:
        """Return the parameters of all prevalences and cells that are these candidates'."""
        return np.concatenate([start[: self.n_categories], start[self.n_categories :][self.cells]])

    def outside(self, start: FloatArray) -> float:
        """Return the sum of squares of the cells that no candidate touches."""
        cells = start[self.n_categories :]
        return max(float(cells @ cells) - float(np.square(cells[self.cells]).sum()), 0.0)

    def step(self, parameters: FloatArray) -> tuple[FloatArray, float]:
        """Return the better parameters and the log-likelihood at the given ones."""
        posterior, value = self.posterior(parameters)
        classes = tally(self.true, self.n_categories, posterior)
        return self._maximised(classes, self.scores.T @ posterior), value

    def posterior(self, parameters: FloatArray) -> tuple[FloatArray, float]:
        """Return each candidate's share of its unit, (C,), and the log-likelihood."""
        logs = np.log(np.maximum(parameters, TINY))
        score = as_floats(self.scores @ logs[self.n_categories :])
        score += logs[self.true]
        top = np.maximum.reduceat(score, self.first)
        score -= top[self.unit]
        np.exp(score, out=score)
        total = np.add.reduceat(score, self.first)
        score /= total[self.unit]
        return score, float(top.sum() + np.log(total).sum())

    def project(self, parameters: FloatArray) -> FloatArray:
        """Return the parameters with sums of one; a rater who never met a class keeps the labels' even shares."""
        k = self.n_categories
        classes, cells = parameters[:k], parameters[k:]
        total, size = tally(self.group, 0, cells), tally(self.group, 0)
        even = (size < k) & (np.abs(total - size / k) < 1e-9)
        return np.concatenate([classes / classes.sum(), cells / np.where(even, 1.0, total)[self.group]])

    def _maximised(self, classes: FloatArray, counts: FloatArray) -> FloatArray:
        total = tally(self.group, 0, counts)
        if total.all():
            cells = counts / total[self.group]
        else:  # a rater who never met a class
            total, own = np.where(total > 0, total, 1.0), total[self.group]
            cells = np.where(own > 0, counts / total[self.group], 1 / self.n_categories)
        return np.concatenate([classes / classes.sum(), cells])

    def whole(self, table: Labels, parameters: FloatArray) -> Whole:
        """Return prevalence (K,), confusion (R, K label, K true) and posterior (U, K); uniform for classes a rater never met."""
        k, r = self.n_categories, table.n_raters
        flat = np.zeros(r * k * k)
        flat[self.cells] = parameters[k:]
        confusion = flat.reshape(r, k, k)
        # Nothing of it is touched, or what is has its even share only (`_maximised`).
        never = confusion.sum(axis=1) < 1 - 1e-9
        if never.any():
            confusion = np.where(never[:, None, :], 1 / k, confusion)
        posterior = np.zeros((table.n_units, k))
        posterior[self.unit, self.true] = self.posterior(parameters)[0]
        return Whole(parameters[:k], confusion, posterior)


def candidates_of(table: Labels, start: FloatArray) -> Candidates | None:
    """Return the candidates under these first parameters; None where they are not few."""
    k = table.n_categories
    row, given = table.rater * k + table.category, table.data.per_unit
    open_ = start[k:].reshape(-1, k) > 0
    closed = (k - np.count_nonzero(open_, axis=1))[row]
    if table.n * k - float(given[table.data.unit] @ closed) > _FEW * table.n * k:
        return None  # even if no two ratings of a unit rule out the same class
    row = row[np.argsort(table.data.unit, kind="stable")]
    unit, true = _possible(table, open_, row, given)
    size = given[unit]
    if float(size.sum()) > _FEW * table.n * k:
        return None
    ends = np.append(0, np.cumsum(size))
    place = np.arange(ends[-1]) - np.repeat(ends[:-1] - (np.cumsum(given) - given)[unit], size)
    touched, cells = compact(row[place] * k + np.repeat(true, size))
    narrow = np.int32 if max(ends[-1], len(cells)) < 2**31 else np.int64
    scores = sparse.csr_array(
        (np.ones(len(touched)), touched.astype(narrow), ends.astype(narrow)), shape=(len(unit), len(cells))
    )
    group = compact(cells // (k * k) * k + cells % k)[0]
    first = np.searchsorted(unit, np.arange(table.n_units))
    return Candidates(unit, true, first, scores, cells, group, k)


def _possible(table: Labels, open_: Any, row: IntArray, given: IntArray) -> tuple[IntArray, IntArray]:
    """Return unit and class of every candidate; ``open_`` (R * K, K) says which cells start above zero."""
    start = np.cumsum(given) - given
    units, classes = [], []
    for low in range(0, table.n_units, BLOCK):
        high = min(low + BLOCK, table.n_units)
        rows = row[start[low] : start[high - 1] + given[high - 1]]
        both = np.logical_and.reduceat(open_[rows], start[low:high] - start[low], axis=0)
        if table.gold is not None:
            both &= np.isnan(table.gold[low:high]) | (table.gold[low:high] > 0)
        unit, true = np.nonzero(both)
        units.append(unit + low)
        classes.append(true)
    return np.concatenate(units), np.concatenate(classes)
