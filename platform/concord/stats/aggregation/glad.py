"""GLAD: raters differ in ability, and units in difficulty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, as_floats, count, tally
from concord.stats.aggregation._em import Run, settled_at
from concord.stats.aggregation._labels import Labels, clamp, labels, vote_shares
from concord.stats.aggregation._result import Aggregated, common, without_answer

METHOD = "GLAD, quasi-Newton"
_MOST_POLISH = 300


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
    max_iterations: int = 2000,
    tolerance: float | None = None,
) -> Glad:
    """Return labels under rater ability and unit difficulty.

    Parameters
    ----------
    units, raters, values, categories, gold_units, gold_values
        As in ``dawid_skene``.
    max_iterations, tolerance
        Stop when no slope of the objective is steeper than ``tolerance``; default 1e-10 for few ratings, growing to 1e-5 for a
        million.

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
    classes equally likely beforehand; the labels are summed out, and the rest is maximised by L-BFGS.
    Whitehill et al. (2009), "Whose vote should count more", NIPS.

    Examples
    --------
    >>> units, raters = [1, 1, 1, 2, 2, 2, 3, 3, 3], [0, 1, 2] * 3
    >>> glad(units, raters, [0, 0, 1, 1, 1, 1, 0, 0, 0]).label.tolist()
    [0.0, 1.0, 0.0]
    """
    table = labels(
        units, raters, values, categories=categories, gold_units=gold_units, gold_values=gold_values
    )
    if not table.n or table.n_categories < 2:
        by_rater, by_unit = np.full(table.n_raters, np.nan), np.full(table.n_units, np.nan)
        return Glad(
            **without_answer(table, METHOD), ability=by_rater, difficulty=by_unit, reliability=by_rater
        )
    run = _fit(
        table,
        count("max_iterations", max_iterations, at_least=1),
        settled_at(table.n, tolerance),
    )
    parameters, posterior = run.parameters, _expectation(table, run.parameters)[0]
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


def _slope(table: Labels, parameters: FloatArray) -> tuple[float, FloatArray]:
    """Return the objective and its gradient (which is that of the expected one: Fisher's identity)."""
    posterior, value = _expectation(table, parameters)
    right = posterior[table.data.unit, table.category]
    x = _certainty(table, parameters)
    slope = right - special.expit(x)
    ease = np.exp(np.clip(parameters[table.n_raters :], -20, 20))
    by_rater = tally(table.rater, table.n_raters, slope * ease[table.data.unit])
    by_unit = tally(table.data.unit, table.n_units, slope * x)
    return value, np.concatenate([by_rater, by_unit]) - (parameters - 1)


def _fit(table: Labels, max_iterations: int, tolerance: float) -> Run:
    # Here, because web processes import this package, and the optimizers would add 24 MB to each.
    from scipy import optimize

    trace: list[float] = []

    def downhill(parameters: FloatArray) -> tuple[float, FloatArray]:
        value, slope = _slope(table, parameters)
        return -value, -slope

    def note(intermediate_result: Any) -> None:  # SciPy goes by the name of the argument
        trace.append(-float(intermediate_result.fun))

    found = optimize.minimize(
        downhill,
        _first(table),
        jac=True,
        method="L-BFGS-B",
        callback=note,
        options={"maxiter": max_iterations, "ftol": 0.0, "gtol": tolerance, "maxcor": 20},
    )
    parameters, left = _polished(table, as_floats(found.x), max_iterations, tolerance)
    trace.append(_slope(table, parameters)[0])
    return Run(parameters, np.maximum.accumulate(trace), left <= tolerance, len(trace))


def _first(table: Labels) -> FloatArray:
    """Return where to start: abilities follow how often a rater votes with the others."""
    share = vote_shares(table)[table.data.unit, table.category]
    agreed = tally(table.rater, table.n_raters, share) / tally(table.rater, table.n_raters)
    return np.concatenate([1 + agreed - agreed.mean(), np.ones(table.n_units)])


def _polished(
    table: Labels, parameters: FloatArray, max_iterations: int, tolerance: float
) -> tuple[FloatArray, float]:
    """Return the parameters where the gradient is smallest, and how large it still is there.

    Rounding of the objective stops a line search long before the gradient is at zero; these steps look at the gradient alone
    (Barzilai & Borwein 1988).
    """
    slope = _slope(table, parameters)[1]
    best, least, step = parameters, float(np.abs(slope).max()), 0.1
    for _ in range(min(max_iterations, _MOST_POLISH)):
        if least <= tolerance:
            break
        after = parameters + step * slope
        change, bend = after - parameters, slope - (slope := _slope(table, after)[1])
        parameters, curvature = after, float(change @ bend)
        step = float(change @ change) / curvature if curvature > 0 else 0.1
        if (size := float(np.abs(slope).max())) < least:
            best, least = parameters, size
    return best, least


__all__ = ["Glad", "glad"]
