"""Means of two groups where raters and examples are drawn anew, each for itself, and a value counts by both draws."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from concord.stats._arrays import BoolArray, FloatArray, IntArray, as_floats, tally

_NUMBERS = 1_000_000  # held at a time


def means_drawn_both_ways(
    value: FloatArray, second: IntArray, rater: IntArray, example: IntArray, n: int, rng: np.random.Generator
) -> FloatArray:
    """Return n resampled means of both groups, (n, 2); ``second`` is 0 or 1, nan where nothing of a group was drawn.

    A resample's sum is ``r' V e`` with how often raters and examples were drawn, and V the sums of their cells: one product for
    many resamples at once.
    """
    shape = int(rater.max()) + 1, int(example.max()) + 1
    tables = [_cells(value, second == group, rater, example, shape) for group in (0, 1)]
    size = max(1, _NUMBERS // max(shape))
    return np.concatenate(
        [_drawn(tables, shape, min(size, n - start), rng) for start in range(0, n, size)]
        or [np.empty((0, 2))]
    )


def _cells(
    value: FloatArray, mine: BoolArray, rater: IntArray, example: IntArray, shape: tuple[int, int]
) -> list[Any]:
    """Return the sums and the numbers of a group's values by rater and example."""
    place = (rater[mine], example[mine])
    parts = (value[mine], np.ones(np.count_nonzero(mine)))
    return [sparse.coo_array((part, place), shape=shape).tocsr() for part in parts]


def _drawn(tables: list[list[Any]], shape: tuple[int, int], n: int, rng: np.random.Generator) -> FloatArray:
    both = [np.empty((n, size)) for size in shape]
    for at in range(n):
        for drawn, size in zip(both, shape, strict=True):
            drawn[at] = tally(rng.integers(size, size=size), size)
    raters, examples = (np.ascontiguousarray(drawn.T) for drawn in both)
    result = np.full((n, 2), np.nan)
    for group, cells in enumerate(tables):
        total, number = (as_floats(np.einsum("rn,rn->n", raters, table @ examples)) for table in cells)
        np.divide(total, number, out=result[:, group], where=number > 0)
    return result
