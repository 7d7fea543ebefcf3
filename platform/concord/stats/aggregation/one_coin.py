"""One coin per rater: a rater is right with one probability, whatever the class, and errs evenly."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, count
from concord.stats.aggregation._em import expected_counts, maximise, safe_log, settled_at, sweep
from concord.stats.aggregation._labels import Labels, labels, non_negative, vote_shares
from concord.stats.aggregation._result import Aggregated, common, without_answer

METHOD = "one-coin Dawid-Skene, accelerated EM"


@dataclass(frozen=True, kw_only=True)
class Reliable(Aggregated):
    """``reliability`` (R,): the chance that a rater is right (one coin) or knows the answer (MACE)."""

    reliability: FloatArray = field(repr=False)


def one_coin(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    categories: ArrayLike | None = None,
    gold_units: ArrayLike | None = None,
    gold_values: ArrayLike | None = None,
    smoothing: float = 0.0,
    max_iterations: int = 10_000,
    tolerance: float | None = None,
) -> Reliable:
    """Return labels under one accuracy per rater: the model of choice with few ratings per rater.

    Parameters
    ----------
    units, raters, values, categories, gold_units, gold_values, smoothing, max_iterations, tolerance
        As in ``dawid_skene``; ``smoothing`` adds that many right and wrong ratings to every rater.

    Returns
    -------
    Reliable
        Undefined without ratings or with one category only.

    Raises
    ------
    InputError
        As ``dawid_skene``.

    Notes
    -----
    ``P(label j | true i) = a`` where i is j, else ``(1 - a) / (K - 1)``. Dawid & Skene (1979); Zhang et al. (2016),
    "Spectral methods meet EM", section 4.

    Examples
    --------
    >>> units, raters = [1, 1, 1, 2, 2, 2, 3, 3, 3], [0, 1, 2] * 3
    >>> one_coin(units, raters, [0, 0, 1, 1, 1, 0, 0, 0, 0], smoothing=1.0).label.tolist()
    [0.0, 1.0, 0.0]
    """
    max_iterations = count("max_iterations", max_iterations, at_least=1)
    smoothing = non_negative("smoothing", smoothing)
    table = labels(
        units, raters, values, categories=categories, gold_units=gold_units, gold_values=gold_values
    )
    if not table.n or table.n_categories < 2:
        return Reliable(**without_answer(table, METHOD), reliability=np.full(table.n_raters, np.nan))
    shares = vote_shares(table)
    start = _maximisation(expected_counts(table, shares), shares.sum(axis=0), smoothing)
    run = maximise(
        lambda x: _step(table, x, smoothing),
        start,
        lambda x: _project(table, x),
        max_iterations=max_iterations,
        tolerance=settled_at(table.n, tolerance),
    )
    k = table.n_categories
    prevalence, accuracy = run.parameters[:k], run.parameters[k:]
    last = sweep(table, safe_log(prevalence), _log_confusion(table, accuracy), keep=True)
    return Reliable(**common(table, last.posterior, prevalence, run, METHOD), reliability=accuracy)


def _log_confusion(table: Labels, accuracy: FloatArray) -> FloatArray:
    k = table.n_categories
    wrong = safe_log((1 - accuracy) / (k - 1))
    result = np.broadcast_to(wrong[:, None, None], (table.n_raters, k, k)).copy()
    result[:, np.arange(k), np.arange(k)] = safe_log(accuracy)[:, None]
    return result


def _step(table: Labels, parameters: FloatArray, smoothing: float) -> tuple[FloatArray, float]:
    k = table.n_categories
    prevalence, accuracy = parameters[:k], parameters[k:]
    found = sweep(table, safe_log(prevalence), _log_confusion(table, accuracy))
    value = found.value
    if smoothing:
        value += smoothing * float(
            safe_log(accuracy).sum() + safe_log(1 - accuracy).sum() + safe_log(prevalence).sum()
        )
    return _maximisation(found.counts, found.classes, smoothing), value


def _maximisation(counts: FloatArray, classes: FloatArray, smoothing: float) -> FloatArray:
    right = np.trace(counts, axis1=1, axis2=2)
    total = counts.sum(axis=(1, 2))
    prevalence = classes + smoothing
    accuracy = (right + smoothing) / (total + 2 * smoothing)
    return np.concatenate([prevalence / prevalence.sum(), np.clip(accuracy, 0.0, 1.0)])


def _project(table: Labels, parameters: FloatArray) -> FloatArray:
    k = table.n_categories
    prevalence = parameters[:k]
    return np.concatenate([prevalence / prevalence.sum(), np.clip(parameters[k:], 0.0, 1.0)])
