"""Expectation maximisation for label models, accelerated, with an objective that never falls.

Each new point extrapolates the last few steps (Anderson 1965; Henderson & Varadhan 2019, "Damped Anderson
acceleration with restarts and monotonicity control"); where the leap would lower the objective, the plain step
stands and the memory is cleared, so the trace is monotone as in plain EM.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from concord.stats._arrays import FloatArray, as_floats
from concord.stats.aggregation._labels import Labels, clamp, non_negative

Step = Callable[[FloatArray], tuple[FloatArray, float]]
Project = Callable[[FloatArray], FloatArray]
TINY = 1e-300
_MEMORY = 4
_THREADS = 2
_NARROW = 16  # up to this many categories, going column by column beats NumPy's reduction of short rows


@dataclass(frozen=True)
class Run:
    """Where the iterations ended: parameters, the objective at every accepted step, and whether they settled."""

    parameters: FloatArray
    trace: FloatArray
    converged: bool
    iterations: int
    last_move: FloatArray = field(default_factory=lambda: np.empty(0))  # of the last plain step


def default_tolerance(n: int) -> float:
    """Return how far a probability may still move: 1e-10 for few ratings, up to 1e-5 for a million and more."""
    return float(min(1e-5, max(1e-10, 1e-11 * n)))


def settled_at(n: int, tolerance: float | None) -> float:
    """Return the tolerance that was asked for, or the default for n ratings."""
    return default_tolerance(n) if tolerance is None else non_negative("tolerance", tolerance)


def maximise(
    step: Step,
    start: FloatArray,
    project: Project,
    *,
    max_iterations: int,
    tolerance: float,
    outside: float = 0.0,
    until: Callable[[FloatArray, int], bool] | None = None,
) -> Run:
    """Iterate ``step`` (parameters -> better parameters, objective at the given ones) until no parameter moves any more.

    ``iterations`` counts evaluations of ``step``. Settled means that a plain step moves no parameter by more than ``tolerance``.
    ``until`` (the move of a plain step, steps so far) ends the run before that.
    ``outside`` is the sum of squares of parameters that are left out, as the first step sets them to zero for good.
    """
    current, plain, best = start, start, -np.inf
    memory = _Memory(len(start), outside)
    trace: list[float] = []
    move = np.empty(0)
    for used in range(1, max_iterations + 1):
        after, value = step(current)
        if value < best - 1e-13 * abs(best):
            current = plain
            memory.clear()
            after, value = step(current)
        best = max(value, best)
        trace.append(best)
        move = after - current
        settled = float(np.abs(move).max(initial=0.0)) <= tolerance
        if settled or (until is not None and until(move, used)):
            return Run(after, np.array(trace), settled, used, move)
        current, plain = memory.leap(move, after, project), after
    return Run(plain, np.array(trace), False, used, move)


class _Memory:
    """The last few steps, as how much their moves changed from one to the next, and what was gained."""

    def __init__(self, size: int, outside: float) -> None:
        self.outside = outside
        self.change = np.empty((_MEMORY - 1, size))
        self.gain = np.empty((_MEMORY - 1, size))
        self.gram = np.zeros((_MEMORY - 1, _MEMORY - 1))
        self.clear()

    def clear(self) -> None:
        """Forget all steps."""
        self.held = 0
        self.move: FloatArray | None = None
        self.after: FloatArray | None = None

    def leap(self, move: FloatArray, after: FloatArray, project: Project) -> FloatArray:
        """Return the extrapolation from this step, which ``move``d to ``after``, and the last ones.

        A parameter never shrinks below a tenth of the plain step, so that none is trapped at zero.
        """
        if self.move is None or self.after is None:
            self.move, self.after = move, after
            return after
        place = self.held % len(self.change)
        np.subtract(move, self.move, out=self.change[place])
        np.subtract(after, self.after, out=self.gain[place])
        self.move, self.after, self.held = move, after, self.held + 1
        n = min(self.held, len(self.change))
        change = self.change[:n]
        self.gram[place, :n] = self.gram[:n, place] = change @ self.change[place]
        self.gram[place, place] += self.outside
        self.outside = 0.0
        gram = self.gram[:n, :n] + (1e-10 * np.trace(self.gram[:n, :n]) + TINY) * np.eye(n)
        target = np.linalg.solve(gram, change @ move) @ self.gain[:n]
        np.subtract(after, target, out=target)
        return project(np.maximum(target, 0.1 * after, out=target))


@dataclass(frozen=True)
class Sweep:
    """One pass over all units: expected counts (R, K label, K true), class totals (K,), log-likelihood, and the
    posterior if kept."""

    counts: FloatArray
    classes: FloatArray
    value: float
    posterior: FloatArray


class _BlockStep(NamedTuple):
    """What one block of units adds to a step."""

    counts: FloatArray
    classes: FloatArray
    objective: float
    posterior: FloatArray


def sweep(
    table: Labels, log_prevalence: FloatArray, log_confusion: FloatArray, *, keep: bool = False
) -> Sweep:
    """Return the expectations under ``log_confusion`` (R, K label, K true), block by block so that a block stays in cache."""
    k, kinds = table.n_categories, table.kinds
    flat = np.ascontiguousarray(log_confusion.reshape(-1, k))

    def one(index: int) -> _BlockStep:
        rows = kinds.rows[index]
        times, gold = kinds.times[rows], None if kinds.gold is None else kinds.gold[rows]
        score = np.asarray(kinds.blocks[index] @ flat)
        posterior, value = soft_rows(score, gold, prior=log_prevalence, times=times)
        counts = as_floats(kinds.turned[index] @ posterior)
        alone = posterior / times[:, None] if keep else posterior[:0]
        return _BlockStep(counts, np.einsum("ij->j", posterior), value, alone)

    parts = _in_threads(one, len(kinds.blocks))
    posterior = np.concatenate([part.posterior for part in parts])
    return Sweep(
        sum(part.counts for part in parts).reshape(-1, k, k),
        as_floats(sum(part.classes for part in parts)),
        float(sum(part.objective for part in parts)),
        posterior[kinds.own] if keep else posterior,
    )


def _in_threads(work: Callable[[int], Any], n: int) -> list[Any]:
    if n < 4:
        return [work(i) for i in range(n)]
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(work, range(n)))


def soft_rows(
    score: FloatArray,
    gold: FloatArray | None,
    *,
    prior: FloatArray | None = None,
    times: FloatArray | None = None,
) -> tuple[FloatArray, float]:
    """Return the exponentials of each row (U, K) over their sum, and the summed logarithms of the sums; overwrites ``score``.

    ``prior`` (K,) is added to every row first. A row that stands for several is returned, and counts, ``times`` as much.
    """
    if gold is not None:
        score = np.where(gold == 0, -np.inf, score)
    # Few categories: turned, so that NumPy goes along units and not along rows of a few numbers.
    turned = np.ascontiguousarray(score.T) if score.shape[1] <= _NARROW else score.T
    if prior is not None:
        turned += prior[:, None]
    top = turned.max(axis=0)
    turned -= top
    np.exp(turned, out=turned)
    total = turned.sum(axis=0)
    top += np.log(total)
    turned *= 1 / total if times is None else times / total
    if gold is not None and times is not None:
        gold = gold * times[:, None]
    # No product of vectors: the threads of BLAS and ours would keep each other waiting.
    value = top.sum() if times is None else np.einsum("i,i->", times, top)
    return clamp(np.ascontiguousarray(turned.T), gold), float(value)


def expected_counts(table: Labels, posterior: FloatArray) -> FloatArray:
    """Return expected counts (R, K label, K true) of labels given for true classes."""
    k, kinds = table.n_categories, table.kinds
    totals = kinds.totals(posterior)
    parts = [block @ totals[rows] for block, rows in zip(kinds.turned, kinds.rows, strict=True)]
    return as_floats(sum(parts)).reshape(table.n_raters, k, k)


def safe_log(values: FloatArray) -> FloatArray:
    """Return the logarithm with zero as a very small number: a product with it stays finite."""
    result: FloatArray = np.log(np.maximum(values, TINY))
    return result


def normalised(values: FloatArray, axis: int) -> FloatArray:
    """Return the values divided by their sum along an axis; uniform where that is zero."""
    parts = np.moveaxis(values, axis, 0)
    total = parts[0].copy()
    if len(parts) > _NARROW:
        total = as_floats(parts.sum(axis=0))
    else:
        for part in parts[1:]:
            total += part
    none = total == 0
    if none.any():
        total[none] = 1.0
        result = values / np.expand_dims(total, axis)
        return as_floats(np.where(np.expand_dims(none, axis), 1.0 / values.shape[axis], result))
    return as_floats(values / np.expand_dims(total, axis))
