"""Iterations over the raters that still move, once most have settled.

With few ratings a rater, a handful of them take thousands of steps of EM, the rest a few dozen. Steps for the unsettled raters
alone, all others and the prevalence held as they are, are EM of the same likelihood with fewer free parameters
(Meng & Rubin 1993, doi:10.1093/biomet/80.2.267): it never falls. Only a step of everything says that the whole has settled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray, as_floats
from concord.stats.aggregation._em import Run, Step, maximise, normalised, safe_log, soft_rows
from concord.stats.aggregation._labels import Labels

_MANY = 20_000  # ratings from which leaving raters out pays
_SHARE = 0.3  # of all raters: with fewer that move, the others are held
_CLOSER = 0.3  # of the tolerance: what moves by more is still on its way
_FIRST = 25  # steps of everything before the first round: most data need no more
_FULL = 3  # the same between two rounds
_ROUND = 20  # steps of a round, after which some more may have settled


def maximise_in_rounds(
    table: Labels,
    step: Step,
    start: FloatArray,
    project: Callable[[FloatArray], FloatArray],
    *,
    smoothing: float,
    max_iterations: int,
    tolerance: float,
) -> Run:
    """Return what ``maximise`` does: steps of everything, in turn with steps of the raters that still move.

    Parameters are the prevalence (K,) and the confusions (R, K label, K true).
    """
    if table.n < _MANY:
        return maximise(step, start, project, max_iterations=max_iterations, tolerance=tolerance)
    k, most = table.n_categories, max(1, int(_SHARE * table.n_raters))

    parameters, traces, used, settled = start, [], 0, False

    def few_move(move: FloatArray, steps: int) -> bool:
        return steps >= (_FULL if used else _FIRST) and 0 < len(_moving(move, k, tolerance)) <= most

    while not settled and used < max_iterations:
        left = max_iterations - used
        run = maximise(step, parameters, project, max_iterations=left, tolerance=tolerance, until=few_move)
        traces.append(run.trace)
        parameters, used, settled = run.parameters, used + run.iterations, run.converged
        if settled or used == max_iterations:
            break
        part = _part_of(table, parameters, _moving(run.last_move, k, _CLOSER * tolerance), smoothing)
        left = min(_ROUND, max_iterations - used)
        run = maximise(
            part.step, part.start, part.project, max_iterations=left, tolerance=_CLOSER * tolerance
        )
        traces.append(run.trace)
        parameters, used = part.put_back(parameters, run.parameters), used + run.iterations
    trace = np.maximum.accumulate(np.concatenate(traces))  # sums of parts are rounded otherwise
    return Run(parameters, as_floats(trace), settled, used)


def _moving(move: FloatArray, k: int, tolerance: float) -> IntArray:
    """Return the raters one of whose cells moved by more."""
    furthest = np.abs(move[k:]).reshape(-1, k * k).max(axis=1)
    return np.flatnonzero(furthest > tolerance)


@dataclass(frozen=True)
class Part:
    """Some raters and the kinds of units that they rated; ``fixed`` (P, K) are the scores of these by all else.

    ``times`` (P,) is how many units are of a kind, ``outside`` the objective but for these units and raters.
    """

    raters: IntArray
    given: Any  # (P, raters * K) sparse
    fixed: FloatArray
    times: FloatArray
    gold: FloatArray | None
    outside: float
    smoothing: float
    start: FloatArray

    def step(self, parameters: FloatArray) -> tuple[FloatArray, float]:
        """Return better confusions of these raters, and the objective at the given ones."""
        k = self.fixed.shape[1]
        logs = safe_log(parameters).reshape(-1, k)
        score = np.asarray(self.given @ logs)
        score += self.fixed
        posterior, value = soft_rows(score, self.gold, times=self.times)
        counts = as_floats(self.given.T @ posterior).reshape(-1, k, k)
        prior = self.smoothing * float(logs.sum()) if self.smoothing else 0.0
        return normalised(counts + self.smoothing, 1).ravel(), value + prior + self.outside

    def project(self, parameters: FloatArray) -> FloatArray:
        """Return the confusions with sums of one."""
        k = self.fixed.shape[1]
        return normalised(parameters.reshape(-1, k, k), 1).ravel()

    def put_back(self, parameters: FloatArray, found: FloatArray) -> FloatArray:
        """Return all parameters with these raters' in their places."""
        k = self.fixed.shape[1]
        result = parameters.copy()
        result[k:].reshape(-1, k * k)[self.raters] = found.reshape(-1, k * k)
        return result


def _part_of(table: Labels, parameters: FloatArray, raters: IntArray, smoothing: float) -> Part:
    k, kinds = table.n_categories, table.kinds
    logs = safe_log(parameters)
    chosen = np.zeros(table.n_raters, dtype=bool)
    chosen[raters] = True
    met = np.zeros(len(kinds.times), dtype=bool)
    met[kinds.own[table.data.unit[chosen[table.rater]]]] = True
    column = (raters[:, None] * k + np.arange(k)).ravel()
    flat = logs[k:].reshape(-1, k)
    held = np.where(np.repeat(chosen, k)[:, None], 0.0, flat)
    kept, fixed, outside = [], [], 0.0
    for block, rows in zip(kinds.blocks, kinds.rows, strict=True):
        mine = met[rows]
        score = np.asarray(block @ held)
        score += logs[:k]
        gold = None if kinds.gold is None else kinds.gold[rows][~mine]
        outside += soft_rows(score[~mine], gold, times=kinds.times[rows][~mine])[1]
        kept.append(block[np.flatnonzero(mine)][:, column])
        fixed.append(score[mine])
    prior = smoothing * float(logs[:k].sum() + flat[~np.repeat(chosen, k)].sum()) if smoothing else 0.0
    return Part(
        raters,
        sparse.vstack(kept, format="csr"),
        np.concatenate(fixed),
        kinds.times[met],
        None if kinds.gold is None else kinds.gold[met],
        outside + prior,
        smoothing,
        parameters[k:].reshape(-1, k * k)[raters].ravel(),
    )
