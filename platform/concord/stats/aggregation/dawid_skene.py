"""Dawid and Skene's model: every rater has a confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concord.stats._arrays import FloatArray, InputError, IntArray, count
from concord.stats.aggregation._candidates import candidates_of
from concord.stats.aggregation._em import (
    expected_counts,
    maximise,
    normalised,
    safe_log,
    settled_at,
    sweep,
)
from concord.stats.aggregation._labels import Labels, labels, non_negative, vote_shares
from concord.stats.aggregation._result import Aggregated, common, nothing
from concord.stats.aggregation._unsettled import maximise_in_rounds

METHOD = "Dawid-Skene, accelerated EM"
_MIXED = 0.01


@dataclass(frozen=True, kw_only=True)
class DawidSkene(Aggregated):
    """``confusion`` (R, K, K): the chance that rater r calls a unit of true class i (row) j (column)."""

    confusion: FloatArray = field(repr=False)


def dawid_skene(
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
    start: DawidSkene | None = None,
) -> DawidSkene:
    """Return the labels, the raters' confusion matrices and the prevalence that make the ratings likeliest.

    Parameters
    ----------
    units, raters, values
        (n,) long-form ratings. Anonymous ratings (rater -1) share one pooled confusion matrix.
    categories
        All possible values; default: those observed.
    gold_units, gold_values
        (g,) units with a known answer, and the answers, which are held fixed and so teach about the raters.
    smoothing
        Pseudo-counts added to every cell of every confusion matrix and to the prevalence: a Dirichlet prior, which
        keeps rare cells from being called impossible. 0 is maximum likelihood.
    max_iterations, tolerance
        Stop when no probability moves by more than ``tolerance`` in a plain step; default 1e-10 for few ratings,
        growing to 1e-5 for a million.
    start
        An earlier result to start from, for ratings that have grown since: fewer iterations to the same maximum. Raters and
        categories that it does not know start from the votes. The likelihood may have several maxima; where the earlier result
        lies nearer to another than the votes do, the labels are those of that other.

    Returns
    -------
    DawidSkene
        A confusion row is uniform where a rater never met that class. Undefined without ratings.

    Raises
    ------
    InputError
        Malformed input, a gold answer outside the categories, negative ``smoothing``.

    Notes
    -----
    ``P(ratings of u) = sum_k p_k prod_r c_r[k, label]``, maximised by EM from the shares of votes. Each unit's prior
    is counted once. Where few raters of many ratings still move, steps go on for these alone; what has settled is said of a step
    of everything.

    References
    ----------
    Dawid & Skene (1979), doi:10.2307/2346806; Meng & Rubin (1993), doi:10.1093/biomet/80.2.267, for steps of some raters.

    Examples
    --------
    >>> units, raters = [1, 1, 1, 2, 2, 2, 3, 3, 3], [0, 1, 2] * 3
    >>> result = dawid_skene(units, raters, [0, 0, 1, 1, 1, 1, 0, 0, 0], smoothing=0.1)
    >>> result.label.tolist(), result.converged
    ([0.0, 1.0, 0.0], True)
    """
    max_iterations = count("max_iterations", max_iterations, at_least=1)
    smoothing = non_negative("smoothing", smoothing)
    table = labels(
        units, raters, values, categories=categories, gold_units=gold_units, gold_values=gold_values
    )
    if not table.n:
        empty = np.empty((0, table.n_categories, table.n_categories))
        return DawidSkene(**nothing(table, METHOD), confusion=empty)
    shares = vote_shares(table)
    votes = _maximisation(expected_counts(table, shares), shares.sum(axis=0), smoothing)
    begin = votes if start is None else _warmed(table, votes, start)
    few = None if smoothing else candidates_of(table, begin)
    limits: dict[str, Any] = {"max_iterations": max_iterations, "tolerance": settled_at(table.n, tolerance)}
    if few is not None:
        run = maximise(few.step, few.of(begin), few.project, outside=few.outside(begin), **limits)
        prevalence, confusion, posterior = few.whole(table, run.parameters)
    else:
        run = maximise_in_rounds(
            table,
            lambda x: _step(table, x, smoothing),
            begin,
            lambda x: _project(table, x),
            smoothing=smoothing,
            **limits,
        )
        prevalence, confusion = _split(table, run.parameters)
        posterior = sweep(table, safe_log(prevalence), safe_log(confusion), keep=True).posterior
    fields = common(table, posterior, prevalence, run, METHOD)
    return DawidSkene(**fields, confusion=confusion.transpose(0, 2, 1))


def _warmed(table: Labels, votes: FloatArray, start: DawidSkene) -> FloatArray:
    """Return the earlier parameters in the order of these ratings.

    A little of the votes is mixed in: what was impossible in fewer ratings must not stay impossible for good.
    """
    if not isinstance(start, DawidSkene):
        raise InputError(f"start must be an earlier result of dawid_skene, got {type(start).__name__}")
    prevalence, confusion = (part.copy() for part in _split(table, votes))
    mine, theirs = _matches(table.categories, start.categories)
    here, there = _matches(table.rater_codes, start.rater_codes)
    if len(here) and len(mine):
        prevalence[mine] = start.prevalence[theirs]
        block = start.confusion.transpose(0, 2, 1)[np.ix_(there, theirs, theirs)]
        confusion[np.ix_(here, mine, mine)] = block
    warm = np.concatenate([prevalence, confusion.ravel()])
    return _project(table, (1 - _MIXED) * warm + _MIXED * votes)


def _matches(now: NDArray[Any], before: NDArray[Any]) -> tuple[IntArray, IntArray]:
    """Return the places of the common entries in the one and in the other."""
    number = {code: i for i, code in enumerate(before.tolist())}
    pairs = [(i, number[code]) for i, code in enumerate(now.tolist()) if code in number]
    mine, theirs = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return mine, theirs


def _split(table: Labels, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return prevalence (K,) and confusion (R, K label, K true)."""
    k = table.n_categories
    return parameters[:k], parameters[k:].reshape(table.n_raters, k, k)


def _step(table: Labels, parameters: FloatArray, smoothing: float) -> tuple[FloatArray, float]:
    prevalence, confusion = _split(table, parameters)
    log_prevalence, log_confusion = safe_log(prevalence), safe_log(confusion)
    found = sweep(table, log_prevalence, log_confusion)
    prior = smoothing * float(log_prevalence.sum() + log_confusion.sum()) if smoothing else 0.0
    return _maximisation(found.counts, found.classes, smoothing), found.value + prior


def _maximisation(counts: FloatArray, classes: FloatArray, smoothing: float) -> FloatArray:
    prevalence = classes + smoothing
    return np.concatenate([prevalence / prevalence.sum(), normalised(counts + smoothing, 1).ravel()])


def _project(table: Labels, parameters: FloatArray) -> FloatArray:
    prevalence, confusion = _split(table, parameters)
    return np.concatenate([prevalence / prevalence.sum(), normalised(confusion, 1).ravel()])
