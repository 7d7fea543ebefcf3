"""Pairwise votes, validated once and gathered into cells: votes with the same sides and outcome are interchangeable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    as_floats,
    codes,
    compact,
    count,
    floats,
    squarable,
    table,
    tally,
)

MOST_SYSTEMS = 10_000  # results hold tables of systems against systems
_LEVELS = 32  # of a covariate, up to which votes are gathered by it


@dataclass(frozen=True)
class Votes:
    """Complete votes. ``outcome`` is 1 where left won, 0 where right won, 0.5 for a tie (or a share in between)."""

    left: IntArray
    right: IntArray
    outcome: FloatArray
    weight: FloatArray
    cluster: IntArray | None
    covariates: FloatArray  # (n, p)
    n_systems: int
    omitted: Mapping[str, int]
    repeats: FloatArray | None = (
        None  # how many votes a row stands for (its weight is theirs together); None is one
    )
    squares: FloatArray | None = None  # the sum of their squared weights; None is the squared weight
    cluster2: IntArray | None = None  # a second way in which votes hang together

    @property
    def n(self) -> int:
        """How many votes there are."""
        return len(self.left) if self.repeats is None else int(self.repeats.sum())

    @property
    def equally_weighted(self) -> bool:
        """Whether all votes weigh the same, also those that a row stands for."""
        each = self.weight if self.repeats is None else self.weight / self.repeats
        alike = bool((each == each[:1]).all())
        return alike and (self.squares is None or bool((self.squares == each * self.weight).all()))

    def among(self, members: IntArray) -> Votes:
        """Return the votes between ``members`` (sorted codes), who are numbered from 0; clusters are numbered anew."""
        if len(members) == self.n_systems:
            return self
        place = np.full(self.n_systems, -1)
        place[members] = np.arange(len(members))
        left, right = place[self.left], place[self.right]
        both = (left >= 0) & (right >= 0)
        kept: Any = slice(None) if both.all() else both
        ways = [
            None if way is None else way if both.all() else compact(way[kept])[0]
            for way in (self.cluster, self.cluster2)
        ]
        return replace(
            self,
            left=left[kept],
            right=right[kept],
            outcome=self.outcome[kept],
            weight=self.weight[kept],
            cluster=ways[0],
            covariates=self.covariates[kept],
            n_systems=len(members),
            repeats=None if self.repeats is None else self.repeats[kept],
            squares=None if self.squares is None else self.squares[kept],
            cluster2=ways[1],
        )

    def per_system(self) -> IntArray:
        """Return the votes that each system took part in."""
        total = tally(self.left, self.n_systems, self.repeats) + tally(
            self.right, self.n_systems, self.repeats
        )
        return total.astype(np.int64)


def votes(
    left: ArrayLike,
    right: ArrayLike,
    outcome: ArrayLike,
    *,
    n_systems: int,
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    clusters2: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
) -> Votes:
    """Validate pairwise votes; what is missing, of a system against itself or of weight 0 is dropped and counted."""
    n_systems = system_count(n_systems)
    one = _system_codes("left", codes("left", left), n_systems)
    two = _system_codes("right", codes("right", right, length=len(one)), n_systems)
    result = floats("outcome", outcome, length=len(one))
    weight = (
        np.ones(len(one)) if weights is None else floats("weights", weights, length=len(one), missing=False)
    )
    cluster = None if clusters is None else codes("clusters", clusters, length=len(one))
    second = None if clusters2 is None else codes("clusters2", clusters2, length=len(one))
    if cluster is None:
        cluster, second = second, None
    design = _design(covariates, len(one))
    if result.size and (np.nanmin(result, initial=0.0) < 0 or np.nanmax(result, initial=0.0) > 1):
        bad = result[(result < 0) | (result > 1)][0]
        raise InputError(f"outcome must be 1 (left), 0 (right) or 0.5 (tie), got {float(bad)}")
    if weight.size and weight.min() < 0:
        raise InputError(f"weights must not be negative, got {float(weight.min())}")
    missing = np.isnan(result)
    if design.shape[1]:
        missing |= np.isnan(design).any(axis=1)
    same = one == two
    kept = ~missing & ~same & (weight > 0)
    omitted = {
        "missing outcomes or covariates": int(missing.sum()),
        "a system against itself": int((same & ~missing).sum()),
        "votes of weight 0": int(((weight == 0) & ~missing & ~same).sum()),
    }
    omitted = {name: number for name, number in omitted.items() if number}
    if not kept.all():
        one, two, result, weight, design = one[kept], two[kept], result[kept], weight[kept], design[kept]
        cluster, second = (None if code is None else code[kept] for code in (cluster, second))
    return Votes(
        one,
        two,
        result,
        weight,
        None if cluster is None else compact(cluster)[0],
        design,
        n_systems,
        omitted,
        cluster2=None if second is None else compact(second)[0],
    )


def system_count(n_systems: int) -> int:
    """Return ``n_systems`` where tables of systems against systems can be held."""
    if count("n_systems", n_systems) > MOST_SYSTEMS:
        raise InputError(f"n_systems must be at most {MOST_SYSTEMS}, got {n_systems!r}")
    return int(n_systems)


def _system_codes(name: str, code: IntArray, n_systems: int) -> IntArray:
    if code.size and (code.min() < 0 or code.max() >= n_systems):
        bad = code[(code < 0) | (code >= n_systems)][0]
        raise InputError(f"{name} must hold system codes below n_systems = {n_systems}, got {int(bad)}")
    return code


def _design(covariates: ArrayLike | None, n: int) -> FloatArray:
    if covariates is None:
        return np.empty((n, 0))
    matrix = as_floats(table("covariates", covariates))
    if len(matrix) != n:
        raise InputError(f"covariates must have one row for each of {n} votes, got shape {matrix.shape}")
    if np.isinf(matrix).any():
        raise InputError("covariates hold an infinite value")
    squarable("covariates", matrix.ravel())
    return matrix


@dataclass(frozen=True)
class Cells:
    """Distinct votes: sides, outcome and covariates, with total weight and total squared weight."""

    left: IntArray
    right: IntArray
    outcome: FloatArray
    covariates: FloatArray
    weight: FloatArray
    squared_weight: FloatArray
    of_vote: IntArray | None  # the cell of each vote; None where not asked for
    sign: FloatArray | None  # -1 where the vote was mirrored to fit its cell

    def some(self, places: IntArray) -> Cells:
        """Return these cells, which may repeat."""
        return Cells(
            self.left[places],
            self.right[places],
            self.outcome[places],
            self.covariates[places],
            self.weight[places],
            self.squared_weight[places],
            None,
            None,
        )


def cells(data: Votes, *, mapped: bool) -> Cells:
    """Gather votes into cells. Without covariates a vote and its mirror image say the same and share a cell."""
    if data.covariates.shape[1]:
        rows = _distinct_rows(data.covariates) if data.equally_weighted else None
        return _single_cells(data) if rows is None else _sorted_cells(data, rows, mapped=mapped)
    dense = None if mapped or not len(data.left) else _dense_cells(data)
    none = np.zeros(len(data.left), dtype=np.int64), np.empty((1, 0))
    return _sorted_cells(data, none, mapped=mapped) if dense is None else dense


def _single_cells(data: Votes) -> Cells:
    """Return a cell for every vote."""
    sides = data.left, data.right, data.outcome, data.covariates
    return Cells(*sides, data.weight, data.weight**2, np.arange(data.n), np.ones(data.n))


def _distinct_rows(covariates: FloatArray) -> tuple[IntArray, FloatArray] | None:
    """Return the row of each vote among the distinct rows, and these; None where gathering them would not pay."""
    n = len(covariates)
    code = np.zeros(n, dtype=np.int64)
    for column in covariates.T:
        if len(np.unique(column[:: max(1, n // 512)])) > _LEVELS:
            return None
        place, distinct = compact(column)
        code = compact(code * len(distinct) + place)[0]
    n_rows = int(code.max(initial=0)) + 1
    if n_rows > n // _LEVELS:
        return None
    one = np.zeros(n_rows, dtype=np.int64)
    one[code] = np.arange(n)
    return code, covariates[one]


def _dense_cells(data: Votes) -> Cells | None:
    """Return cells from a table of all pairs and outcomes, without a sort; None where that table would be too large."""
    s = data.n_systems
    doubled = data.outcome * 2
    level = doubled.astype(np.int64)
    if 3 * s * s > 4 * len(level) + 1024 or not (level == doubled).all():
        return None
    key = (data.left * s + data.right) * 3 + level
    equal = data.repeats is None and bool((data.weight == data.weight[0]).all())
    if equal:  # whole numbers are counted faster than weights are added
        first = data.weight[0] * _folded(np.bincount(key, minlength=3 * s * s).astype(np.float64), s)
        second = data.weight[0] * first
    else:
        squares = data.weight**2 if data.squares is None else data.squares
        first = _folded(tally(key, 3 * s * s, data.weight), s)
        second = _folded(tally(key, 3 * s * s, squares), s)
    left, right, outcome = np.nonzero(first)
    at = (left, right, outcome)
    none = np.empty((len(left), 0))
    return Cells(left, right, outcome / 2, none, first[at], second[at], of_vote=None, sign=None)


def _folded(flat: FloatArray, s: int) -> FloatArray:
    """Return the (s, s, 3) table with every vote of a higher code against a lower one mirrored."""
    whole = flat.reshape(s, s, 3)
    mirrored = whole + whole.transpose(1, 0, 2)[:, :, ::-1]
    return as_floats(np.where(np.triu(np.ones((s, s), dtype=bool), 1)[:, :, None], mirrored, 0.0))


def _sorted_cells(data: Votes, rows: tuple[IntArray, FloatArray], *, mapped: bool) -> Cells:
    row, designs = rows
    mirrored = (data.left > data.right) & (designs.shape[1] == 0)
    low = np.where(mirrored, data.right, data.left)
    high = np.where(mirrored, data.left, data.right)
    level_of, levels = compact(np.where(mirrored, 1 - data.outcome, data.outcome) * 2)
    key = ((low * data.n_systems + high) * len(levels) + level_of) * len(designs) + row
    of_vote, distinct = compact(key)
    rest, design = np.divmod(distinct, len(designs))
    pair, level = np.divmod(rest, len(levels))
    squares = data.weight**2 if data.squares is None else data.squares
    return Cells(
        left=pair // data.n_systems,
        right=pair % data.n_systems,
        outcome=levels[level] / 2,
        covariates=designs[design],
        weight=tally(of_vote, len(distinct), data.weight),
        squared_weight=tally(of_vote, len(distinct), squares),
        of_vote=of_vote if mapped else None,
        sign=np.where(mirrored, -1.0, 1.0) if mapped else None,
    )
