"""For each pair of numbers, how many other pairs lie the same way from it on both sides, less those that do not."""

from __future__ import annotations

import numpy as np

from concord.stats._arrays import FloatArray, IntArray


def concordance(x: IntArray, y: IntArray) -> FloatArray:
    """Return (n,) ``sum_j sign(x_i - x_j) sign(y_i - y_j)`` of codes from 0 in O(n log(n)**2)."""
    up, across = x.max() - x, y.max() - y
    same = _both_below(x, y) + _both_below(up, across)
    opposed = _both_below(x, across) + _both_below(up, y)
    return (same - opposed).astype(np.float64)


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
