"""Order statistics of all averages of two numbers (Walsh averages), without listing them where they are many."""

from __future__ import annotations

from typing import NamedTuple

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
    """Narrow the range that holds the answer, by interpolation and halving in turn; each count costs n log n.

    Its upper end is always an average itself: the search is over where no other lies between the ends, or only rounding.
    """
    low, high = float(ordered[0]), float(ordered[-1])
    below, following, _ = _split(ordered, low)
    if below >= k:
        return low
    upto, halve = len(ordered) * (len(ordered) + 1) // 2, False
    end = _ROUNDING * max(abs(low), abs(high))
    while min(high - low, high - following) > end:  # fewer than k are at most low, k or more at most high
        share = 0.5 if halve else (k - below - 0.5) / (upto - below)
        halve = not halve
        value = low + (high - low) * share
        if not low < value < high:
            continue
        number, above, largest = _split(ordered, value)
        if number >= k:
            high, upto = min(largest, value), number
        else:
            low, below, following = value, number, above
    return high


class _Split(NamedTuple):
    """How many averages are at most a value, the smallest above it, and the largest that is not."""

    at_most: int
    above: float
    below: float


def _split(ordered: FloatArray, value: float) -> _Split:
    """Return how many averages of ``i <= j`` are at most ``value``, the smallest above it and the largest that is not."""
    partner = np.searchsorted(ordered, 2 * value - ordered, side="right")
    itself = int(np.searchsorted(ordered, value, side="right"))
    some, others = partner > 0, partner < len(ordered)
    largest = ((ordered[some] + ordered[partner[some] - 1]) / 2).max(initial=-np.inf)
    smallest = ((ordered[others] + ordered[partner[others]]) / 2).min(initial=np.inf)
    return _Split((int(partner.sum()) + itself) // 2, float(smallest), float(largest))
