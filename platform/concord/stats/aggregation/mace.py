"""MACE: a rater either knows the answer or draws from a habit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, count, generator, repeats
from concord.stats.aggregation._em import (
    Run,
    expected_counts,
    maximise,
    normalised,
    safe_log,
    settled_at,
    sweep,
)
from concord.stats.aggregation._labels import Labels, labels, non_negative, vote_shares
from concord.stats.aggregation._result import common, without_answer
from concord.stats.aggregation.one_coin import Reliable

METHOD = "MACE, accelerated EM"


@dataclass(frozen=True, kw_only=True)
class Mace(Reliable):
    """``habit`` (R, K): what a rater answers without knowing; ``reliability`` (R,) the chance that the rater knows."""

    habit: FloatArray = field(repr=False)


def mace(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    categories: ArrayLike | None = None,
    gold_units: ArrayLike | None = None,
    gold_values: ArrayLike | None = None,
    smoothing: float = 0.1,
    n_restarts: int = 10,
    max_iterations: int = 10_000,
    tolerance: float | None = None,
    rng: np.random.Generator | None = None,
) -> Mace:
    """Return labels under the model that each rater either knows the answer or spams: good at finding spammers.

    Parameters
    ----------
    units, raters, values, categories, gold_units, gold_values, max_iterations, tolerance
        As in ``dawid_skene``.
    smoothing
        Pseudo-counts of knowing, of not knowing, and of every habitual answer.
    n_restarts
        The likelihood has several maxima: the best of this many starts is taken (the first from the votes, the rest at random).

    Returns
    -------
    Mace
        ``prevalence`` is the mean posterior: the model itself takes all classes to be equally likely beforehand.
        Undefined without ratings or with one category only.

    Raises
    ------
    InputError
        As ``dawid_skene``.

    Notes
    -----
    ``P(label j | true i) = a 1[i = j] + (1 - a) h_j``. Hovy et al. (2013), "Learning whom to trust with MACE", NAACL.

    Examples
    --------
    >>> units, raters = [1, 1, 1, 2, 2, 2, 3, 3, 3], [0, 1, 2] * 3
    >>> mace(units, raters, [0, 0, 1, 1, 1, 1, 0, 0, 1]).label.tolist()
    [0.0, 1.0, 0.0]
    """
    max_iterations = count("max_iterations", max_iterations, at_least=1)
    n_restarts = repeats("n_restarts", n_restarts, at_least=1)
    smoothing = non_negative("smoothing", smoothing)
    table = labels(
        units, raters, values, categories=categories, gold_units=gold_units, gold_values=gold_values
    )
    k = table.n_categories
    if not table.n or k < 2:
        nothing = np.full(table.n_raters, np.nan)
        return Mace(
            **without_answer(table, METHOD), reliability=nothing, habit=np.full((table.n_raters, k), np.nan)
        )
    given = table.per_rater_label()
    runs = [
        maximise(
            lambda x: _step(table, given, x, smoothing),
            start,
            lambda x: _project(table, x),
            max_iterations=max_iterations,
            tolerance=settled_at(table.n, tolerance),
        )
        for start in _starts(table, given, smoothing, n_restarts, generator(rng))
    ]
    best: Run = max(runs, key=lambda run: float(run.trace[-1]))
    known, habit = _split(table, best.parameters)
    last = sweep(table, np.full(k, -np.log(k)), _log_confusion(known, habit), keep=True)
    fields = common(table, last.posterior, last.classes / table.n_units, best, METHOD)
    return Mace(**fields, reliability=known, habit=habit)


def _split(table: Labels, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    r = table.n_raters
    return parameters[:r], parameters[r:].reshape(r, table.n_categories)


def _starts(
    table: Labels, given: FloatArray, smoothing: float, n: int, rng: np.random.Generator
) -> list[FloatArray]:
    counts = expected_counts(table, vote_shares(table))
    right = np.trace(counts, axis1=1, axis2=2) / np.maximum(given.sum(axis=1), 1.0)
    starts = [np.concatenate([np.clip(right, 0.05, 0.95), normalised(given + 1.0, 1).ravel()])]
    for _ in range(n - 1):
        habit = rng.dirichlet(np.ones(table.n_categories), size=table.n_raters)
        starts.append(np.concatenate([rng.uniform(0.3, 0.95, size=table.n_raters), habit.ravel()]))
    return starts


def _log_confusion(known: FloatArray, habit: FloatArray) -> FloatArray:
    """Return (R, K label, K true)."""
    k = habit.shape[1]
    chance = np.repeat((1 - known)[:, None] * habit, k, axis=1).reshape(-1, k, k)
    chance[:, np.arange(k), np.arange(k)] += known[:, None]
    return safe_log(chance)


def _step(
    table: Labels, given: FloatArray, parameters: FloatArray, smoothing: float
) -> tuple[FloatArray, float]:
    known, habit = _split(table, parameters)
    k = table.n_categories
    found = sweep(table, np.full(k, -np.log(k)), _log_confusion(known, habit))
    value = found.value
    if smoothing:
        value += smoothing * float(safe_log(known).sum() + safe_log(1 - known).sum() + safe_log(habit).sum())
    right = np.diagonal(found.counts, axis1=1, axis2=2)
    chance = known[:, None] + (1 - known)[:, None] * habit
    knew = right * np.divide(known[:, None], chance, out=np.zeros_like(chance), where=chance > 0)
    again = (knew.sum(axis=1) + smoothing) / (given.sum(axis=1) + 2 * smoothing)
    spam = np.maximum(given - knew, 0.0) + smoothing
    return np.concatenate([np.clip(again, 0.0, 1.0), normalised(spam, 1).ravel()]), value


def _project(table: Labels, parameters: FloatArray) -> FloatArray:
    known, habit = _split(table, parameters)
    return np.concatenate([np.clip(known, 1e-12, 1 - 1e-12), normalised(np.maximum(habit, 1e-12), 1).ravel()])
