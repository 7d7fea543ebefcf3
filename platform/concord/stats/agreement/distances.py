"""How far two answers lie apart: the difference functions of Krippendorff's alpha.

Each takes two arrays of values that broadcast against each other and returns what stands for the squared difference in
the formula of alpha. Sets of labels are written as bit masks: the set {0, 2} is ``0b101 == 5``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from concord.stats._arrays import FloatArray, InputError, as_floats, real, shown

Distance = Callable[[NDArray[Any], NDArray[Any]], FloatArray]
LEVELS = ("nominal", "ordinal", "interval", "ratio")


def nominal(a: NDArray[Any], b: NDArray[Any]) -> FloatArray:
    """Return 0 where both are the same label, else 1."""
    return as_floats(a != b)


def interval(a: NDArray[Any], b: NDArray[Any]) -> FloatArray:
    """Return the squared difference."""
    return as_floats(np.square(as_floats(a) - b))


def ratio(a: NDArray[Any], b: NDArray[Any]) -> FloatArray:
    """Return ``((a - b) / (a + b)) ** 2``, and 0 where both are 0; for values that are never negative."""
    total = as_floats(a) + b
    return as_floats(np.square(np.divide(a - b, total, out=np.zeros(np.shape(total)), where=total != 0)))


def jaccard(a: NDArray[Any], b: NDArray[Any]) -> FloatArray:
    """Return one minus shared over joint labels of two label sets given as bit masks; two empty sets are the same."""
    shared, joint = _set_sizes(a, b)
    return 1.0 - np.divide(shared, joint, out=np.ones(np.shape(joint)), where=joint > 0)


def masi(a: NDArray[Any], b: NDArray[Any]) -> FloatArray:
    """Return Passonneau's (2006) MASI distance of two label sets given as bit masks.

    One minus Jaccard's index times 1 (same set), 2/3 (one contains the other), 1/3 (they overlap) or 0 (disjoint).
    """
    left, right = np.broadcast_arrays(_masks(a), _masks(b))
    contained = ((left & right) == left) | ((left & right) == right)
    monotone = np.where(left == right, 1.0, np.where(contained, 2 / 3, 1 / 3))
    return as_floats(1.0 - (1.0 - jaccard(left, right)) * monotone)


def angular(period: float) -> Distance:
    """Return the distance for circular values (hours, degrees): the squared chord ``sin(pi * (a - b) / period) ** 2``.

    >>> float(angular(24)(np.array(23.0), np.array(1.0)).round(3))
    0.067
    """
    given: Any = period
    if not 0 < real(given) < np.inf:
        raise InputError(f"period must be a positive number, got {shown(period)}")

    def around(values: NDArray[Any]) -> FloatArray:
        array = np.asarray(values)
        if array.dtype.kind in "iu" and float(period).is_integer():
            return as_floats(array % int(period))  # exact, however large
        return as_floats(array) % period

    def distance(a: NDArray[Any], b: NDArray[Any]) -> FloatArray:
        return as_floats(np.square(np.sin((around(a) - around(b)) * (np.pi / period))))

    return distance


def _masks(values: NDArray[Any]) -> NDArray[np.int64]:
    array = np.asarray(values)
    fits = np.abs(array) < 2.0**62 if array.dtype.kind == "f" else np.ones(array.shape, dtype=bool)
    masks = np.where(fits, array, 0).astype(np.int64)
    if array.size and ((masks != array).any() or masks.min() < 0):
        raise InputError("sets of labels must be given as bit masks: whole numbers of at least 0")
    return masks


def _set_sizes(a: NDArray[Any], b: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    left, right = _masks(a), _masks(b)
    shared = np.bitwise_count(left & right).astype(np.float64)
    joint = np.bitwise_count(left | right).astype(np.float64)
    return shared, joint
