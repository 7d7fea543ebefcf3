"""Newton's method for the strengths: the log-likelihood is concave, so a stationary point is the maximum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, as_floats
from concord.stats.ranking._tie_models import Derivatives, TieModel
from concord.stats.ranking._votes import Cells

MAX_ITERATIONS = 100
FURTHEST = (
    25.0  # an advantage by covariates beyond this is a chance below 1e-10: the maximum lies at infinity
)
NEAR_STEPS = 40


@dataclass(frozen=True)
class Fit:
    """A maximum: parameters are strengths (S), coefficients (p), and the tie parameter where the model has one."""

    parameters: FloatArray
    information: FloatArray  # minus the Hessian; singular along "all strengths + 1"
    log_likelihood: float
    converged: bool
    iterations: int
    n_systems: int

    @property
    def tie(self) -> float:
        """The tie parameter on its working scale (0 where there is none)."""
        return float(self.parameters[-1])


def fit(cells: Cells, weight: FloatArray, n_systems: int, model: TieModel, start: FloatArray) -> Fit:
    """Maximise from ``start`` (S + p + 1 parameters; the last is the tie parameter, held where the model has none)."""
    parameters = start
    value, gradient, information = _evaluate(cells, weight, n_systems, model, parameters)
    scale = max(float(weight.sum()), 1.0)
    for iteration in range(1, MAX_ITERATIONS + 1):
        step = _solve(information, gradient, n_systems, model)
        decrement = float(gradient @ step)
        if not np.isfinite(decrement) or decrement < 1e-24 * scale:
            return Fit(parameters, information, value, bool(np.isfinite(decrement)), iteration, n_systems)
        length = 1.0
        while length > 1e-8:
            trial = parameters + length * step
            outcome = _evaluate(cells, weight, n_systems, model, trial)
            if outcome[0] >= value - 1e-13 * abs(value):
                break
            length /= 2
        else:
            return Fit(parameters, information, value, decrement < 1e-12 * scale, iteration, n_systems)
        parameters, (value, gradient, information) = trial, outcome
        if cells.covariates.shape[1] and at_infinity(cells, parameters, n_systems, 4 * FURTHEST):
            break
    return Fit(parameters, information, value, False, iteration, n_systems)


def fit_near(
    cells: Cells, weight: FloatArray, n_systems: int, start: FloatArray, bread: FloatArray
) -> FloatArray:
    """Return the parameters of half-wins near those of ``start``, stepping with its inverse information and solving nothing.

    Meant for resamples, whose information is almost that of the full data; nan where these steps do not close in.
    """
    parameters, last = start, np.inf
    scale = max(float(weight.sum()), 1e-300)
    for _ in range(NEAR_STEPS):
        gap = advantage(cells, parameters, n_systems)
        gradient = design_sum(cells, weight * (cells.outcome - special.expit(gap)), 0.0, n_systems)
        step = bread @ gradient
        decrement = float(gradient @ step)
        if decrement < 1e-20 * scale:
            return parameters + step
        if decrement > 0.5 * last:
            break
        parameters, last = parameters + step, decrement
    return np.full(len(start), np.nan)


def at_infinity(cells: Cells, parameters: FloatArray, n_systems: int, furthest: float = FURTHEST) -> bool:
    """Whether some advantage has run so far that only a maximum at infinity explains it."""
    return bool(np.abs(advantage(cells, parameters, n_systems)).max(initial=0.0) > furthest)


def information_at(
    cells: Cells, weight: FloatArray, size: int, n_systems: int, model: TieModel
) -> FloatArray:
    """Return the information where all systems are equal, singular exactly where the design is; ties are as likely as not."""
    even = np.zeros(size)
    even[-1] = model.start(0.5) if model.has_parameter else 0.0
    return _evaluate(cells, weight, n_systems, model, even)[2]


def advantage(cells: Cells, parameters: FloatArray, n_systems: int) -> FloatArray:
    """Return the advantage of left in each cell."""
    gap: FloatArray = parameters[cells.left] - parameters[cells.right]
    if cells.covariates.shape[1]:
        gap = gap + cells.covariates @ parameters[n_systems:-1]
    return gap


class _At(NamedTuple):
    """Log-likelihood, gradient and information at a point."""

    value: float
    gradient: FloatArray
    information: FloatArray


def _evaluate(
    cells: Cells, weight: FloatArray, n_systems: int, model: TieModel, parameters: FloatArray
) -> _At:
    at = model.derivatives(advantage(cells, parameters, n_systems), cells.outcome, parameters[-1])
    value = float(weight @ at.value)
    if not np.isfinite(value):
        size = len(parameters)
        return _At(-np.inf, np.zeros(size), np.zeros((size, size)))
    gradient = design_sum(cells, weight * at.a, float(weight @ at.t), n_systems)
    return _At(value, gradient, -design_product(cells, at, weight, n_systems))


def design_sum(cells: Cells, by_cell: FloatArray, by_tie: float, n_systems: int) -> FloatArray:
    """Return the sum over cells of ``by_cell`` times the cell's row of the design."""
    strength = np.bincount(cells.left, weights=by_cell, minlength=n_systems) - np.bincount(
        cells.right, weights=by_cell, minlength=n_systems
    )
    return np.concatenate([strength, by_cell @ cells.covariates, [by_tie]])


def design_product(cells: Cells, at: Derivatives, weight: FloatArray, n_systems: int) -> FloatArray:
    """Return the (S + p + 1) square matrix of weighted second derivatives (or of squared scores, given as such)."""
    s, size = n_systems, n_systems + cells.covariates.shape[1] + 1
    result = np.zeros((size, size))
    curve = weight * at.aa
    cross = np.bincount(cells.left * s + cells.right, weights=curve, minlength=s * s).reshape(s, s)
    cross = cross + cross.T
    result[:s, :s] = np.diag(cross.sum(axis=1)) - cross
    if size > s + 1:
        weighted = curve[:, None] * cells.covariates
        for column in range(cells.covariates.shape[1]):
            mixed = np.bincount(cells.left, weights=weighted[:, column], minlength=s)
            mixed -= np.bincount(cells.right, weights=weighted[:, column], minlength=s)
            result[:s, s + column] = result[s + column, :s] = mixed
        result[s:-1, s:-1] = cells.covariates.T @ weighted
    border = design_sum(cells, weight * at.at, float(weight @ at.tt), n_systems)
    result[-1, :] = result[:, -1] = border
    return result


def _solve(information: FloatArray, gradient: FloatArray, n_systems: int, model: TieModel) -> FloatArray:
    try:
        return as_floats(np.linalg.solve(anchored(information, n_systems, model), gradient))
    except np.linalg.LinAlgError:
        return np.full(len(gradient), np.nan)


def anchored(information: FloatArray, n_systems: int, model: TieModel) -> FloatArray:
    """Return the information made invertible: strengths sum to zero, and a tie parameter that is not there stays put."""
    result = information.copy()
    result[:n_systems, :n_systems] += (
        max(float(np.trace(information[:n_systems, :n_systems])), 1e-300) / n_systems**2
    )
    if not model.has_parameter:
        result[-1, -1] = 1.0
    return result


def inverse(information: FloatArray, n_systems: int, model: TieModel) -> FloatArray | None:
    """Return the inverse information on the space of strengths that sum to zero; None where it does not exist."""
    matrix = anchored(information, n_systems, model)
    scale = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    values = np.linalg.eigvalsh(matrix / np.outer(scale, scale))
    if values[0] < 1e-11 * values[-1]:
        return None
    result = np.linalg.inv(matrix)
    centre = np.eye(len(matrix))
    centre[:n_systems, :n_systems] -= 1 / n_systems
    if not model.has_parameter:
        centre[-1, -1] = 0.0
    product: FloatArray = centre @ result @ centre
    return product
