"""GLAD: raters differ in ability, and units in difficulty."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, count, tally
from concord.stats.aggregation._em import Run
from concord.stats.aggregation._labels import Labels, clamp, labels, vote_shares
from concord.stats.aggregation._result import Aggregated, common
from concord.stats.aggregation.one_coin import _without

METHOD = "GLAD, EM with quasi-Newton steps"


@dataclass(frozen=True, kw_only=True)
class Glad(Aggregated):
    """``ability`` (R,): positive is good, 0 is chance, negative is adversarial. ``difficulty`` (U,): higher is
    harder (-log beta).

    ``reliability`` (R,) is the chance of being right on a unit of average difficulty.
    """

    ability: FloatArray = field(repr=False)
    difficulty: FloatArray = field(repr=False)
    reliability: FloatArray = field(repr=False)


def glad(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    categories: ArrayLike | None = None,
    gold_units: ArrayLike | None = None,
    gold_values: ArrayLike | None = None,
    max_iterations: int = 200,
    tolerance: float = 1e-5,
) -> Glad:
    """Return labels under rater ability and unit difficulty.

    Parameters
    ----------
    units, raters, values, categories, gold_units, gold_values
        As in ``dawid_skene``.
    max_iterations, tolerance
        Stop when the objective gains less than ``tolerance`` per thousand ratings.

    Returns
    -------
    Glad
        Undefined without ratings or with one category only.

    Raises
    ------
    InputError
        As ``dawid_skene``.

    Notes
    -----
    ``P(right) = 1 / (1 + exp(-a_r b_u))``, errors spread evenly; ``a_r ~ N(1, 1)``, ``log b_u ~ N(1, 1)``, all
    classes equally likely beforehand. Whitehill et al. (2009), "Whose vote should count more", NIPS.

    Examples
    --------
    >>> units, raters = [1, 1, 1, 2, 2, 2, 3, 3, 3], [0, 1, 2] * 3
    >>> glad(units, raters, [0, 0, 1, 1, 1, 1, 0, 0, 0]).label.tolist()
    [0.0, 1.0, 0.0]
    """
    count("max_iterations", max_iterations, at_least=1)
    table = labels(
        units, raters, values, categories=categories, gold_units=gold_units, gold_values=gold_values
    )
    if not table.n or table.n_categories < 2:
        by_rater, by_unit = np.full(table.n_raters, np.nan), np.full(table.n_units, np.nan)
        return Glad(**_without(table, METHOD), ability=by_rater, difficulty=by_unit, reliability=by_rater)
    parameters = np.ones(table.n_raters + table.n_units)
    trace: list[float] = []
    posterior, converged = vote_shares(table), False
    for _ in range(max_iterations):
        parameters = _maximisation(table, posterior, parameters)
        posterior, value = _expectation(table, parameters)
        if trace and value - trace[-1] < tolerance * table.n / 1000:
            converged = True
        trace.append(max(value, trace[-1]) if trace else value)
        if converged:
            break
    run = Run(parameters, np.array(trace), converged, len(trace))
    ability, log_ease = parameters[: table.n_raters], parameters[table.n_raters :]
    return Glad(
        **common(table, posterior, posterior.mean(axis=0), run, METHOD),
        ability=ability,
        difficulty=-log_ease,
        reliability=special.expit(ability * np.exp(log_ease.mean())),
    )


def _certainty(table: Labels, parameters: FloatArray) -> FloatArray:
    """Return ability times ease of each rating, (n,)."""
    ability, log_ease = parameters[: table.n_raters], parameters[table.n_raters :]
    product: FloatArray = ability[table.rater] * np.exp(np.clip(log_ease[table.data.unit], -20, 20))
    return product


def _expectation(table: Labels, parameters: FloatArray) -> tuple[FloatArray, float]:
    k = table.n_categories
    x = _certainty(table, parameters)
    right, wrong = special.log_expit(x), special.log_expit(-x) - np.log(k - 1)
    base = tally(table.data.unit, table.n_units, wrong) - np.log(k)
    key = table.data.unit * k + table.category
    score = base[:, None] + tally(key, table.n_units * k, right - wrong).reshape(-1, k)
    if table.gold is not None:
        score = np.where(table.gold == 0, -np.inf, score)
    total = special.logsumexp(score, axis=1)
    posterior = clamp(np.exp(score - total[:, None]), table.gold)
    return posterior, float(total.sum()) - float(np.square(parameters - 1).sum()) / 2


def _maximisation(table: Labels, posterior: FloatArray, start: FloatArray) -> FloatArray:
    # Here, because web processes import this package, and the optimizers would add 24 MB to each.
    from scipy import optimize

    chance = posterior[table.data.unit, table.category]
    k = table.n_categories

    def objective(parameters: FloatArray) -> tuple[float, FloatArray]:
        x = _certainty(table, parameters)
        value = chance @ special.log_expit(x) + (1 - chance) @ (special.log_expit(-x) - np.log(k - 1))
        slope = chance - special.expit(x)
        ease = np.exp(np.clip(parameters[table.n_raters :], -20, 20))
        by_rater = tally(table.rater, table.n_raters, slope * ease[table.data.unit])
        by_unit = tally(table.data.unit, table.n_units, slope * x)
        gradient = np.concatenate([by_rater, by_unit]) - (parameters - 1)
        return -(float(value) - float(np.square(parameters - 1).sum()) / 2), -gradient

    found = optimize.minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 25})
    better: FloatArray = found.x if found.fun <= objective(start)[0] else start
    return better


__all__ = ["Glad", "glad"]
