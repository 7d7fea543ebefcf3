"""GLAD: raters differ in ability, and units in difficulty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, as_floats, count, tally
from concord.stats.aggregation._em import Run, settled_at, soft_rows
from concord.stats.aggregation._labels import Labels, labels, vote_shares
from concord.stats.aggregation._result import Aggregated, common, without_answer

METHOD = "GLAD, quasi-Newton"
_MOST_POLISH = 300
_ROUGH = 20  # iterations after which the nearest maximum is settled
_MEMORY = 8  # steps that L-BFGS remembers: of a million units more would cost more than they save


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
    parameters, posterior = run.parameters, _expectation(table, run.parameters).posterior
    ability, log_ease = parameters[: table.n_raters], parameters[table.n_raters :]
    return Glad(
        **common(table, posterior, posterior.mean(axis=0), run, METHOD),
        ability=ability,
        difficulty=-log_ease,
        reliability=special.expit(ability * np.exp(log_ease.mean())),
    )


@dataclass(frozen=True)
class _Expected:
    """What parameters imply: (U, K) labels, the objective, and of each rating (n,) the ease of its unit, ability times ease,
    and the logarithm of the chance of being right."""

    posterior: FloatArray
    value: float
    ease: FloatArray
    certainty: FloatArray
    log_right: FloatArray


def _expectation(table: Labels, parameters: FloatArray) -> _Expected:
    k, unit = table.n_categories, table.data.unit
    ability, log_ease = parameters[: table.n_raters], parameters[table.n_raters :]
    ease = np.exp(np.clip(log_ease, -20, 20))[unit]
    x = ability[table.rater] * ease
    log_right = special.log_expit(x)
    wrong = log_right - x - np.log(k - 1)  # of each of the other labels; log_expit(-x) is log_expit(x) - x
    score = tally(unit * k + table.category, table.n_units * k, log_right - wrong).reshape(-1, k)
    score += (tally(unit, table.n_units, wrong) - np.log(k))[:, None]
    posterior, value = soft_rows(score, table.gold)
    value -= float(np.square(parameters - 1).sum()) / 2
    return _Expected(posterior, value, ease, x, log_right)


def _slope(table: Labels, parameters: FloatArray) -> tuple[float, FloatArray]:
    """Return the objective and its gradient (which is that of the expected one: Fisher's identity)."""
    at = _expectation(table, parameters)
    surplus = at.posterior[table.data.unit, table.category] - np.exp(at.log_right)
    by_rater = tally(table.rater, table.n_raters, surplus * at.ease)
    by_unit = tally(table.data.unit, table.n_units, surplus * at.certainty)
    return at.value, np.concatenate([by_rater, by_unit]) - (parameters - 1)


def _fit(table: Labels, max_iterations: int, tolerance: float) -> Run:
    """Climb as the crow flies until the maximum is chosen, then with steps of each parameter's own size, which are far fewer."""
    rough = min(max_iterations, _ROUGH)
    parameters, first = _climbed(table, _first(table), 1.0, rough, tolerance)
    scale = _step_sizes(table, parameters)
    second: list[float] = []
    if max_iterations > rough:
        parameters, second = _climbed(table, parameters, scale, max_iterations - rough, tolerance)
    parameters, left = _polished(table, parameters, scale, max_iterations, tolerance)
    trace = [*first, *second, _slope(table, parameters)[0]]
    return Run(parameters, np.maximum.accumulate(trace), left <= tolerance, len(trace))


def _climbed(
    table: Labels, start: FloatArray, scale: FloatArray | float, max_iterations: int, tolerance: float
) -> tuple[FloatArray, list[float]]:
    """Return where L-BFGS ends, with parameters divided by ``scale``, and the objective after each iteration."""
    # Here, because web processes import this package, and the optimizers would add 24 MB to each.
    from scipy import optimize

    trace: list[float] = []

    def downhill(scaled: FloatArray) -> tuple[float, FloatArray]:
        value, slope = _slope(table, scaled * scale)
        return -value, -slope * scale

    def note(intermediate_result: Any) -> None:  # SciPy goes by the name of the argument
        trace.append(-float(intermediate_result.fun))

    found = optimize.minimize(
        downhill,
        start / scale,
        jac=True,
        method="L-BFGS-B",
        callback=note,
        options={
            "maxiter": max_iterations,
            "ftol": 0.0,
            "gtol": tolerance * float(np.min(scale)),
            "maxcor": _MEMORY,
        },
    )
    return as_floats(found.x) * scale, trace


def _first(table: Labels) -> FloatArray:
    """Return where to start: abilities follow how often a rater votes with the others."""
    share = vote_shares(table)[table.data.unit, table.category]
    agreed = tally(table.rater, table.n_raters, share) / tally(table.rater, table.n_raters)
    return np.concatenate([1 + agreed - agreed.mean(), np.ones(table.n_units)])


def _step_sizes(table: Labels, parameters: FloatArray) -> FloatArray:
    """Return how far each parameter goes for the same change: abilities are known far better than difficulties."""
    at = _expectation(table, parameters)
    bend = np.exp(at.log_right) * -np.expm1(at.log_right)
    by_rater = tally(table.rater, table.n_raters, bend * np.square(at.ease))
    by_unit = tally(table.data.unit, table.n_units, bend * np.square(at.certainty))
    return as_floats(1 / np.sqrt(1 + np.concatenate([by_rater, by_unit])))


def _polished(
    table: Labels, parameters: FloatArray, scale: FloatArray, max_iterations: int, tolerance: float
) -> tuple[FloatArray, float]:
    """Return the parameters where the gradient is smallest, and how large it still is there.

    Rounding of the objective stops a line search long before the gradient is at zero; these steps look at the gradient alone
    (Barzilai & Borwein 1988), each parameter's on the scale of its own.
    """
    slope = _slope(table, parameters)[1]
    best, least, step = parameters, float(np.abs(slope).max()), 0.1
    for _ in range(min(max_iterations, _MOST_POLISH)):
        if least <= tolerance:
            break
        after = parameters + step * np.square(scale) * slope
        change, bend = (after - parameters) / scale, (slope - (slope := _slope(table, after)[1])) * scale
        parameters, curvature = after, float(change @ bend)
        step = float(change @ change) / curvature if curvature > 0 else 0.1
        if (size := float(np.abs(slope).max())) < least:
            best, least = parameters, size
    return best, least


__all__ = ["Glad", "glad"]
