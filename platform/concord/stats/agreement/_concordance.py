"""For each pair of numbers, how many other pairs lie the same way from it on both sides, less those that do not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from concord.stats._arrays import FloatArray, IntArray


def concordance(x: IntArray, y: IntArray) -> FloatArray:
    """Return (n,) ``sum_j sign(x_i - x_j) sign(y_i - y_j)`` of codes from 0 in O(n log(n)**2).

    Those below on both sides are counted; the rest follows from how many lie below, level and above on one side.
    """
    (x_less, x_level), (y_less, y_level) = _ranks(x), _ranks(y)
    # In order of y, then x, those before a pair are all of smaller y and, of its own y, those of smaller x.
    before, same = _ranks(y * (x.max() + 1) + x)
    left = before - y_less
    beneath = _ranks(x * (y.max() + 1) + y).less - x_less
    below = _both_below(x, y)
    left_above = x_less - below - left
    right_below = y_less - below - beneath
    right = y_level - same - left
    above = len(x) - x_less - x_level - right_below - right
    return (below + above - left_above - right_below).astype(np.float64)


class _Ranks(NamedTuple):
    """How many codes are less than each, and how many the same, itself included."""

    less: IntArray
    level: IntArray


def _ranks(code: IntArray) -> _Ranks:
    _, place, times = np.unique(code, return_inverse=True, return_counts=True)
    return _Ranks((np.cumsum(times) - times)[place].astype(np.int64), times[place].astype(np.int64))


def _both_below(x: IntArray, y: IntArray) -> IntArray:
    """Return for each how many others are below it on both sides.

    In the order of x (ties: larger y first), those are the earlier ones of smaller y. They are counted as a merge sort meets
    them: at each width, those of the right half of a block against those of its left half.
    """
    n = len(x)
    order = np.lexsort((-y, x))
    value, place, found = y[order], np.arange(n), np.zeros(n, dtype=np.int64)
    values = int(y.max()) + 1
    width = 1
    while width < n:
        block, left = place // (2 * width), place // width % 2 == 0
        merged = np.argsort((block * values + value) * 2 + left, kind="stable")
        before = np.cumsum(left[merged]) - block[merged] * width  # every block before is full
        right = ~left[merged]
        found[merged[right]] += before[right]
        width *= 2
    counts = np.empty(n, dtype=np.int64)
    counts[order] = found
    return counts
