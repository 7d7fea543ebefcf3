"""Order statistics of all averages of two numbers (Walsh averages), without listing them where they are many."""

from __future__ import annotations

import numpy as np

from concord.stats._arrays import FloatArray

_LISTED = 400
_ROUNDING = 2.0**-52


def walsh_average(ordered: FloatArray, k: int) -> float:
    """Return the k-th smallest (from 1) of ``(x_i + x_j) / 2`` over ``i <= j``; ``ordered`` is sorted."""
    if len(ordered) <= _LISTED:
        i, j = np.triu_indices(len(ordered))
        return float(np.partition((ordered[i] + ordered[j]) / 2, k - 1)[k - 1])
    return _selected(ordered, k)


def _selected(ordered: FloatArray, k: int) -> float:
    """Halve the range that holds the answer until rounding ends it; each count costs n log n."""
    low, high = float(ordered[0]), float(ordered[-1])
    if _at_most(ordered, low) >= k:
        return low
    end = _ROUNDING * max(abs(low), abs(high))
    while high - low > end:  # fewer than k are at most low, k or more at most high
        middle = low + (high - low) / 2
        if not low < middle < high:
            break
        low, high = (low, middle) if _at_most(ordered, middle) >= k else (middle, high)
    return _largest_at_most(ordered, high)


def _at_most(ordered: FloatArray, value: float) -> int:
    """Return how many averages of ``i <= j`` are at most ``value``."""
    partner = np.searchsorted(ordered, 2 * value - ordered, side="right")
    itself = int(np.searchsorted(ordered, value, side="right"))
    return (int(partner.sum()) + itself) // 2


def _largest_at_most(ordered: FloatArray, value: float) -> float:
    partner = np.searchsorted(ordered, 2 * value - ordered, side="right")
    found = partner > 0
    return float(((ordered[found] + ordered[partner[found] - 1]) / 2).max())
