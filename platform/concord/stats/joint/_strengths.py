"""The equations of prediction-powered strengths: Newton's solution and the sandwich around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse, special

from concord.stats._arrays import FloatArray, IntArray, as_floats, compact, tally
from concord.stats.ranking._spread import NEARLY_ALL, Spread, by_cluster, decided_alone, effective_df
from concord.stats.ranking._votes import Votes

_FURTHEST = 500.0  # steps are at most 2: strengths out here run to infinity


@dataclass(frozen=True)
class Comparisons:
    """Votes of people with the judge's verdicts beside them, and the verdicts (as votes) that the judge's mean runs over."""

    people: Votes
    judged: FloatArray
    pool: Votes
    groups: tuple[IntArray, IntArray] | None  # clusters of both, coded alike
    n_systems: int

    def among(self, members: IntArray) -> Comparisons:
        """Return the comparisons between ``members`` (sorted codes), who are numbered from 0."""
        inside, judged = (
            np.isin(side.left, members) & np.isin(side.right, members) for side in (self.people, self.pool)
        )
        groups = None if self.groups is None else (self.groups[0][inside], self.groups[1][judged])
        people, pool = self.people.among(members), self.pool.among(members)
        return Comparisons(people, self.judged[inside], pool, groups, len(members))


@dataclass(frozen=True)
class Solution:
    """Strengths (S,) that sum to zero, with their covariance."""

    strengths: FloatArray
    covariance: FloatArray


class _GradientParts(NamedTuple):
    """Scores and curvatures of people's votes and of the machine's."""

    score: FloatArray
    pool_score: FloatArray
    curvature: FloatArray
    pool_curvature: FloatArray


def _gradient_parts(data: Comparisons, strengths: FloatArray, lam: float) -> _GradientParts:
    """Return per-vote scores (n,), (N,) and curvatures (n,), (N,)."""
    p = special.expit(strengths[data.people.left] - strengths[data.people.right])
    q = special.expit(strengths[data.pool.left] - strengths[data.pool.right])
    own = (p - data.people.outcome) - lam * (p - data.judged)
    return _GradientParts(own, lam * (q - data.pool.outcome), (1 - lam) * p * (1 - p), lam * q * (1 - q))


def _assemble(data: Votes, score: FloatArray, s: int) -> FloatArray:
    return tally(data.left, s, score) - tally(data.right, s, score)


def _square(data: Votes, weight: FloatArray, s: int) -> FloatArray:
    cross = tally(data.left * s + data.right, s * s, weight).reshape(s, s)
    cross = cross + cross.T
    matrix: FloatArray = np.diag(cross.sum(axis=1)) - cross
    return matrix


def solve(data: Comparisons, lam: float, start: FloatArray) -> Solution | None:
    """Return the strengths at which the corrected gradient is zero, by damped Newton steps; None where they run to infinity."""
    s, weight, m = data.n_systems, _shares(data.people), max(data.pool.n, 1)
    strengths = start
    for _ in range(300):
        own, other, curve, other_curve = _gradient_parts(data, strengths, lam)
        gradient = _assemble(data.people, weight * own, s) + _assemble(data.pool, other, s) / m
        hessian = _square(data.people, weight * curve, s) + _square(data.pool, other_curve, s) / m
        try:
            step = np.linalg.solve(hessian + 1 / s**2, gradient)
        except np.linalg.LinAlgError:
            return None
        strengths = strengths - step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        if float(np.abs(strengths).max()) > _FURTHEST:
            return None
        if float(np.abs(step).max()) < 1e-11:
            break
    else:
        return None
    own, other, _, _ = _gradient_parts(data, strengths, lam)
    meat = _meat(data, own, other)
    centre = np.eye(s) - 1 / s
    bread = centre @ np.linalg.inv(hessian + 1 / s**2) @ centre
    return Solution(strengths - strengths.mean(), bread @ meat @ bread)


def spread_of(data: Comparisons, found: Solution, *, clustered: bool) -> Spread:
    """Return how far the strengths may be off; what one cluster, or one vote, of people decides alone is unknown.

    Nothing is known where there is one vote, or where every vote (of each cluster together) says what the strengths expect.
    """
    people, s, share = data.people, data.n_systems, _shares(data.people)
    p = special.expit(found.strengths[people.left] - found.strengths[people.right])
    worth = 1 / float(share @ share)  # votes, for these weights
    curve = worth * share * p * (1 - p)
    centre, whole = np.eye(s) - 1 / s, _square(people, curve, s)
    whole = whole + np.trace(whole) / s**2
    bread = as_floats(centre @ np.linalg.inv(whole) @ centre)
    silent = s > 1 and np.diag(found.covariance).max() <= 1e-18
    if silent or people.n < 2:
        return Spread(found.covariance, np.full(s, np.nan), bread, bread)
    by_group = clustered and data.groups is not None
    group = data.groups[0] if by_group and data.groups is not None else np.arange(people.n)
    own = np.diag(bread)
    pull = curve * (own[people.left] + own[people.right] - 2 * bread[people.left, people.right])

    def information_of(g: int) -> FloatArray:
        return _square(people, np.where(group == g, curve, 0.0), s)

    alone = decided_alone(bread, whole, tally(group, 0, pull), information_of)
    df = _effective_df(people, group, curve, bread) if by_group else np.full(s, np.inf)
    return Spread(found.covariance, df, bread, alone).filled()


def _effective_df(people: Votes, group: IntArray, curve: FloatArray, bread: FloatArray) -> FloatArray:
    column, pairs = compact(people.left * len(bread) + people.right)
    left, right = np.divmod(pairs, len(bread))
    held = by_cluster([group], [column], [curve], len(pairs))
    return effective_df(
        lambda block: as_floats(held @ (bread[left, block] - bread[right, block]) ** 2), len(bread)
    )


def _shares(people: Votes) -> FloatArray:
    """Return each vote's share of all weight."""
    return as_floats(people.weight / people.weight.sum())


def _meat(data: Comparisons, own: FloatArray, other: FloatArray) -> FloatArray:
    """Return the covariance of the gradient: of people's (weighted) mean and the judge's, both centred."""
    s, n, m, weight = data.n_systems, data.people.n, max(data.pool.n, 1), _shares(data.people)
    mean, pool_mean = _assemble(data.people, weight * own, s), _assemble(data.pool, other, s) / m
    if data.groups is None:
        cross = np.outer(_assemble(data.people, weight**2 * own, s), mean)
        around = float(weight @ weight) * np.outer(mean, mean) - cross - cross.T
        first = (_square(data.people, (weight * own) ** 2, s) + around) * n / max(n - 1, 1)
        second = (_square(data.pool, other**2, s) / m - np.outer(pool_mean, pool_mean)) / max(m - 1, 1)
        return as_floats(first + second)
    group, pool_group = data.groups
    size = int(max(group.max(initial=0), pool_group.max(initial=0))) + 1
    row = np.concatenate([group, group, pool_group, pool_group])
    column = np.concatenate([data.people.left, data.people.right, data.pool.left, data.pool.right])
    entry = np.concatenate([weight * own, -weight * own, other / m, -other / m])
    total: Any = sparse.coo_array((entry, (row, column)), shape=(size, s)).tocsr()
    share = np.stack([tally(group, size, weight), tally(pool_group, size) / m], axis=1)
    means = np.stack([mean, pool_mean])
    pulled = 1 / (1 - np.minimum(share[:, 0], NEARLY_ALL))  # clusters of one size: G / (G - 1)
    weighed = share * pulled[:, None]
    cross = (total.T @ weighed) @ means
    squares = (total.T @ (total * pulled[:, None])).toarray()
    return as_floats(squares - cross - cross.T + means.T @ (share.T @ weighed) @ means)
