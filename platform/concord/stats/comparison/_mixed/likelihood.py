"""The restricted likelihood of a mixed model at given variances, its slopes and its average information.

With ``A`` the covariance of noise, groups and cells (inverted in closed form, group by group) and ``Y`` the columns of the outer
terms and of the fixed effects, everything follows from ``G = Y' A^-1 Y`` and ``Q = (G + diag(1 / variances, 0))^-1``, Henderson's
mixed model equations: ``P = A^-1 - A^-1 Y Q Y' A^-1``. Gilmour, Thompson & Cullis (1995), doi:10.2307/2533274.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import linalg

from concord.stats._arrays import FloatArray, as_floats, tally
from concord.stats.comparison._mixed.layout import CELL, GROUP, NOISE, OUTER, Layout


@dataclass(frozen=True)
class Inner:
    """The inverse of A at given variances: ``a`` and ``m`` of the cells, ``d`` and ``M`` of the groups.

    ``A^-1 = W / noise - sum_c taken_c w_c w_c' - sum_i d_i v_i v_i'``, w_c a cell's weights, ``v_i = sum_c a_c w_c / noise``.
    """

    noise: float
    shrunk: FloatArray  # a_c / noise
    taken: FloatArray
    m: FloatArray
    d: FloatArray
    total: FloatArray  # M_i
    log_det: float


@dataclass(frozen=True)
class Solved:
    """What is known at given variances; ``deviance`` is minus twice the restricted log-likelihood."""

    data: Layout
    phi: FloatArray
    inner: Inner
    factor: FloatArray  # lower Cholesky factor of the mixed model equations
    spread: FloatArray  # by which they were scaled
    effects: FloatArray
    square: float  # y' P y
    deviance: float
    known: dict[str, FloatArray] = field(default_factory=dict)  # Q, once it was asked for


def gram(left: Any, weights: FloatArray, right: Any) -> FloatArray:
    """Return ``left' diag(weights) right``."""
    if isinstance(right, np.ndarray):
        return as_floats(left.T @ (weights[:, None] * right))
    return as_floats((left.T @ right.multiply(weights[:, None]).tocsr()).todense())


def scaled(matrix: Any, weights: FloatArray) -> Any:
    """Return ``diag(weights) matrix``."""
    return (
        weights[:, None] * matrix
        if isinstance(matrix, np.ndarray)
        else matrix.multiply(weights[:, None]).tocsr()
    )


def turned(data: Layout, base: FloatArray) -> FloatArray:
    """Return ``turn' base turn``."""
    return as_floats((data.turn.T @ (data.turn.T @ base).T).T)


def inner_of(data: Layout, phi: FloatArray) -> Inner:
    """Return the inverse of the covariance of noise, groups and cells."""
    noise, size = float(phi[NOISE]), tally(data.cell, len(data.home), data.weight)
    grown = 1 + phi[CELL] * size / noise
    m = size / (grown * noise)
    total = tally(data.home, data.gather.shape[0], m)
    log_det = data.n * math.log(noise) + float(np.log(grown).sum() + np.log1p(phi[GROUP] * total).sum())
    d = phi[GROUP] / (1 + phi[GROUP] * total)
    return Inner(noise, 1 / (grown * noise), phi[CELL] / (grown * noise * noise), m, d, total, log_det)


def solve(data: Layout, phi: FloatArray) -> Solved:
    """Return the mixed model equations solved; raises ``LinAlgError`` where they are singular."""
    inner = inner_of(data, phi)
    wy = data.weight * data.y
    by_cell = tally(data.cell, len(data.home), wy)
    shrunk = scaled(data.seen, inner.shrunk)
    by_group = as_floats(data.gather @ (inner.shrunk * by_cell))
    sums = data.gather @ shrunk
    base_size = tally(data.base, data.turn.shape[0], data.weight) / inner.noise
    g = -gram(data.seen, inner.taken, data.seen) - gram(sums, inner.d, sums)
    g[np.diag_indices_from(g)] += base_size
    right = tally(data.base, data.turn.shape[0], wy) / inner.noise
    right = (
        right - as_floats(data.seen.T @ (inner.taken * by_cell)) - as_floats(sums.T @ (inner.d * by_group))
    )
    square = (float(wy @ data.y) + data.within) / inner.noise
    square -= float(inner.taken @ np.square(by_cell) + inner.d @ np.square(by_group))
    spread = np.ones(data.turn.shape[1])
    for term, columns in enumerate(data.columns, start=OUTER):
        spread[columns] = math.sqrt(phi[term])
    system = turned(data, g) * spread[:, None] * spread
    system[np.arange(data.n_outer), np.arange(data.n_outer)] += 1.0
    factor = linalg.cholesky(system, lower=True, overwrite_a=True, check_finite=False)
    wanted = spread * as_floats(data.turn.T @ right)
    half = linalg.solve_triangular(factor, wanted, lower=True, check_finite=False)
    effects = spread * linalg.solve_triangular(factor, half, lower=True, trans="T", check_finite=False)
    square -= float(half @ half)
    left = data.n - data.n_fixed
    deviance = (
        left * math.log(2 * math.pi) + inner.log_det + 2 * float(np.log(np.diag(factor)).sum()) + square
    )
    return Solved(data, phi, inner, factor, spread, effects, square, deviance)


def rescaled(found: Solved) -> Solved:
    """Return the same at the multiple of the variances that is likeliest, where ``y' P y`` is the degrees of freedom."""
    data, left = found.data, found.data.n - found.data.n_fixed
    s = found.square / left
    if not s > 0:
        return found
    inner = found.inner
    moved = Inner(
        inner.noise * s,
        inner.shrunk / s,
        inner.taken / s,
        inner.m / s,
        inner.d * s,
        inner.total / s,
        inner.log_det + data.n * math.log(s),
    )
    spread, root = found.spread.copy(), math.sqrt(s)
    spread[: data.n_outer] *= root
    factor = found.factor.copy()
    factor[data.n_outer :] /= root
    deviance = found.deviance + left * math.log(s) - found.square + left
    return Solved(data, found.phi * s, moved, factor, spread, found.effects, float(left), deviance)


def inverse(found: Solved) -> FloatArray:
    """Return Q, the inverse of the mixed model equations; zero for terms without variance."""
    if "Q" not in found.known:
        half, info = linalg.lapack.dpotri(found.factor, lower=1)
        if info:
            raise np.linalg.LinAlgError("the mixed model equations are singular")
        half *= found.spread[:, None]
        half *= found.spread
        whole = half + half.T  # above the diagonal the factor holds nothing
        whole[np.diag_indices_from(whole)] /= 2
        found.known["Q"] = as_floats(whole)
    return found.known["Q"]


def inner_solve(data: Layout, inner: Inner, x: FloatArray) -> FloatArray:
    """Return ``A^-1 x`` of a value for every merged row."""
    by_cell = tally(data.cell, len(data.home), data.weight * x)
    by_group = inner.d * tally(data.home, data.gather.shape[0], inner.shrunk * by_cell)
    off = inner.taken * by_cell + inner.shrunk * by_group[data.home]
    return data.weight * (x / inner.noise - off[data.cell])


def projected(found: Solved, columns: FloatArray) -> FloatArray:
    """Return ``P x`` of each column, with an entry for every merged row."""
    data, size = found.data, found.data.turn.shape[0]
    first = [tally(data.base, size, inner_solve(data, found.inner, x)) for x in columns.T]
    wanted = found.spread[:, None] * as_floats(data.turn.T @ np.column_stack(first))
    effects = found.spread[:, None] * linalg.cho_solve((found.factor, True), wanted, check_finite=False)
    away = columns - as_floats(data.turn @ effects)[data.base]
    return np.column_stack([inner_solve(data, found.inner, x) for x in away.T])


def average_information(found: Solved, terms: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """Return ``u' V_k u`` and ``u' V_k P V_l u`` of these terms, with ``u = P y``."""
    data = found.data
    u = inner_solve(data, found.inner, data.y - as_floats(data.turn @ found.effects)[data.base])
    return information_of(found, u, data.within, terms)


def information_of(
    found: Solved, u: FloatArray, within: float, terms: tuple[int, ...]
) -> tuple[FloatArray, FloatArray]:
    """Return the same of any values with ``u = P y``, and ``within`` their squares around the merged rows' means."""
    data, noise = found.data, found.inner.noise
    moved = np.column_stack(
        [u / data.weight if term == NOISE else _spread_out(data, term, u) for term in terms]
    )
    squares = u @ moved
    table = moved.T @ projected(found, moved)
    if NOISE in terms:
        at = terms.index(NOISE)
        squares[at] += within / noise**2
        table[at, at] += within / noise**3
    return squares, (table + table.T) / 2


def _spread_out(data: Layout, term: int, u: FloatArray) -> FloatArray:
    codes = data.codes(term)
    return tally(codes, int(codes.max()) + 1, u)[codes]
