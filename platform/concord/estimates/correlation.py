"""Coefficients of a machine's answers against people's, with intervals for which the examples are the sample."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy import stats as distributions

from concord.estimates.arrays import Floats, Ints
from concord.stats import Estimate, comparison

RESAMPLES, FEWEST_RESAMPLES = 1000, 200
WORK = 4_000_000  # rows drawn for one interval; beyond it, fewer resamples
MOST_CELLS = 10_000
Coefficient = Callable[[Floats], float]


def correlations(
    people: Floats, machine: Floats, examples: Ints, *, confidence: float
) -> dict[str, Estimate]:
    """Return Pearson's, Spearman's and Kendall's coefficient of paired numbers."""
    rows = np.column_stack([people, machine])
    coefficients: Mapping[str, Coefficient] = {
        "pearson": _pearson,
        "spearman": _spearman,
        "kendall": _kendall,
    }
    return {
        name: _resampled(rows, coefficient, examples, confidence)
        for name, coefficient in coefficients.items()
    }


def _resampled(rows: Floats, coefficient: Coefficient, examples: Ints, confidence: float) -> Estimate:
    return comparison.bootstrap(
        rows,
        coefficient,
        clusters=examples,
        method="percentile",
        widened=True,
        confidence=confidence,
        n_resamples=int(np.clip(WORK // len(rows), FEWEST_RESAMPLES, RESAMPLES)),
    )


def _pearson(rows: Floats) -> float:
    x, y = (rows - rows.mean(axis=0)).T
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / scale if scale > 0 else float("nan")


def _spearman(rows: Floats) -> float:
    return _pearson(distributions.rankdata(rows, axis=0))


def _kendall(rows: Floats) -> float:
    """Return tau-b: from the table of distinct values where these are few, else by sorting."""
    x, at_x = np.unique(rows[:, 0], return_inverse=True)
    y, at_y = np.unique(rows[:, 1], return_inverse=True)
    if len(x) * len(y) > MOST_CELLS:
        return float(distributions.kendalltau(rows[:, 0], rows[:, 1]).statistic)
    counts = (
        np.bincount(at_x * len(y) + at_y, minlength=len(x) * len(y)).reshape(len(x), len(y)).astype(float)
    )
    return _tau_b(counts)


def _tau_b(counts: Floats) -> float:
    below = np.zeros_like(
        counts
    )  # how many stand lower on both sides, and lower on one and higher on the other
    below[1:, 1:] = counts.cumsum(axis=0).cumsum(axis=1)[:-1, :-1]
    across = np.zeros_like(counts)
    across[1:, :-1] = counts[:, ::-1].cumsum(axis=0).cumsum(axis=1)[:-1, :-1][:, ::-1]
    n, row, column = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
    pairs = n * (n - 1) / 2
    scale = np.sqrt((pairs - (row * (row - 1) / 2).sum()) * (pairs - (column * (column - 1) / 2).sum()))
    return float((counts * (below - across)).sum() / scale) if scale > 0 else float("nan")
