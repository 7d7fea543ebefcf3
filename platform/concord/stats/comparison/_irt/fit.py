"""The marginal likelihood of the two-parameter logistic model, its maximum, and the errors of the parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, IntArray, as_floats, tally

if TYPE_CHECKING:
    from scipy import optimize

FURTHEST = 15.0
_FEWEST, _MOST, _WIDEST = 61, 1001, 7.0


@dataclass(frozen=True)
class Responses:
    """Who answered what, and how; ``node`` and ``log_weight`` stand for the normal abilities."""

    person: IntArray
    item: IntArray
    right: FloatArray
    n_persons: int
    n_items: int
    node: FloatArray
    log_weight: FloatArray

    @cached_property
    def tables(self) -> tuple[Any, Any]:
        """Right answers and all answers, persons by items: dense where most are there, else sparse."""
        from scipy import sparse

        shape, place = (self.n_persons, self.n_items), (self.person, self.item)
        solved = sparse.csr_array((self.right, place), shape=shape)
        asked = sparse.csr_array((np.ones(len(self.right)), place), shape=shape)
        if 4 * len(self.right) >= self.n_persons * self.n_items:
            return solved.toarray(), asked.toarray()
        return solved, asked


def nodes(n: int | None, most_items: int) -> tuple[FloatArray, FloatArray]:
    """Return abilities at equal steps, no further apart than a posterior is wide, and the logs of their normal weights.

    For smooth functions equal steps converge faster than any power; Gauss-Hermite's nodes would lie too far apart to
    see the narrow posterior of a person with hundreds of items.
    """
    if n is None:
        spread = 1 / math.sqrt(1 + 0.6 * most_items)
        n = min(max(math.ceil(2 * _WIDEST / (0.8 * spread)), _FEWEST), _MOST)
    x = np.linspace(-_WIDEST, _WIDEST, n)
    weight = np.exp(-x * x / 2)
    return x, np.log(weight / weight.sum())


class Posterior(NamedTuple):
    """Weights of the nodes (P, Q), log-likelihoods (P,), and chances of a right answer (I, Q)."""

    weight: FloatArray
    log_likelihood: FloatArray
    chance: FloatArray


def posterior(data: Responses, parameters: FloatArray) -> Posterior:
    """Return the posterior over nodes (P, Q), each person's log-likelihood (P,), and the chances (I, Q)."""
    slope, intercept = parameters[: data.n_items], parameters[data.n_items :]
    x = slope[:, None] * data.node[None, :] + intercept[:, None]
    solved, asked = data.tables
    # log P(right) = x + log P(wrong)
    score = as_floats(solved @ x)
    score += asked @ special.log_expit(-x)
    score += data.log_weight
    top = score.max(axis=1)
    score -= top[:, None]
    weight = np.exp(score, out=score)
    total = weight.sum(axis=1)
    weight /= total[:, None]
    return Posterior(weight, top + np.log(total), special.expit(x))


def _objective(data: Responses, parameters: FloatArray) -> tuple[float, FloatArray]:
    """Return the log-likelihood with the sign turned, and its gradient."""
    weight, total, chance = posterior(data, parameters)
    solved, asked = data.tables
    residual = as_floats(solved.T @ weight) - as_floats(asked.T @ weight) * chance
    return -float(total.sum()), -np.concatenate([residual @ data.node, residual.sum(axis=1)])


def covariance(data: Responses, parameters: FloatArray) -> FloatArray:
    """Return the covariance of the parameters from the outer products of the persons' gradients, or nan."""
    weight, _, chance = posterior(data, parameters)
    solved, asked = (np.asarray(t if isinstance(t, np.ndarray) else t.toarray()) for t in data.tables)
    ability = weight @ data.node
    by_slope = solved * ability[:, None] - asked * ((weight * data.node) @ chance.T)
    each = np.concatenate([by_slope, solved - asked * (weight @ chance.T)], axis=1)
    information = each.T @ each
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    unit = information / np.outer(scale, scale)
    if np.linalg.eigvalsh(unit)[0] < 1e-10:
        return np.full_like(unit, np.nan)
    return np.asarray(np.linalg.inv(unit) / np.outer(scale, scale))


def fit(data: Responses) -> optimize.OptimizeResult:
    """Return the maximum within bounds."""
    # Here, because web processes import this package, and the optimizers would add 24 MB to each.
    from scipy import optimize

    share = tally(data.item, data.n_items, data.right) / tally(data.item, data.n_items)
    start = as_floats(np.append(np.ones(data.n_items), special.logit(np.clip(share, 0.02, 0.98))))

    def objective(parameters: FloatArray) -> tuple[float, FloatArray]:
        return _objective(data, parameters)

    return optimize.minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-FURTHEST, FURTHEST)] * len(start),
        options={"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-6},
    )


def fieller(
    slope: FloatArray, intercept: FloatArray, cov: FloatArray, z: float
) -> tuple[FloatArray, FloatArray]:
    """Return the limits of ``-intercept / slope``: the d at which ``intercept + d slope`` is not told from 0.

    nan where the slope itself is not told from 0: then no difficulty is ruled out (Fieller 1954).
    """
    i = len(slope)
    v_slope, v_both, v_intercept = np.diag(cov)[:i], np.diag(cov, i), np.diag(cov)[i:]
    a = slope**2 - z**2 * v_slope
    b = slope * intercept - z**2 * v_both
    c = intercept**2 - z**2 * v_intercept
    known = a > 0
    root = np.sqrt(np.maximum(b * b - a * c, 0.0))
    low, high = (np.divide(-b + sign * root, a, out=np.full(i, np.nan), where=known) for sign in (-1.0, 1.0))
    return low, high
