"""Agreement weights: how much of an agreement two different categories are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concord.stats._arrays import FloatArray, InputError, as_floats, one_of

Weights = str | ArrayLike | None


def agreement_weights(weights: Weights, categories: NDArray[Any]) -> FloatArray:
    """Return the (K, K) agreement weights: 1 on the diagonal, by distance between the category *values* elsewhere.

    The names are those of Gwet (2014, "Handbook of inter-rater reliability", 4th ed., chapter 3): one less the distance over
    the largest distance. Only "ordinal" goes by the order of the categories instead of their values.
    """
    k = len(categories)
    if weights is None:
        return np.eye(k)
    if isinstance(weights, str):
        one_of("weights", weights, tuple(_DISTANCES))
        if k < 2 or weights == "identity":
            return np.eye(k)
        distance = _DISTANCES[weights](categories.astype(np.float64))
        return as_floats(1.0 - distance / distance.max())
    return _checked(weights, k)


def _checked(weights: ArrayLike, k: int) -> FloatArray:
    try:
        matrix = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"weights must be a ({k}, {k}) matrix of numbers: {error}") from None
    if matrix.shape != (k, k):
        raise InputError(f"weights must be a ({k}, {k}) matrix of agreement, got shape {matrix.shape}")
    if not k:
        return matrix
    if not np.isfinite(matrix).all() or (np.diag(matrix) != 1).any() or matrix.max() > 1 or matrix.min() < 0:
        raise InputError("weights must lie between 0 and 1 with 1 on the diagonal (weights of agreement)")
    return matrix


def _apart(value: FloatArray) -> FloatArray:
    """Return the absolute differences as shares of the range, so that no power of them leaves float64."""
    half = value / 2  # the range of the halves is finite even where that of the values is not
    return as_floats(np.abs(half[:, None] - half[None, :]) / np.ptp(half))


def _ordinal(value: FloatArray) -> FloatArray:
    step = np.arange(len(value), dtype=np.float64)
    between = np.abs(step[:, None] - step[None, :])
    return as_floats(between * (between + 1) / 2)


def _ratio(value: FloatArray) -> FloatArray:
    if value.min() < 0:
        raise InputError(f"ratio weights need categories that are not negative, got {float(value.min())}")
    share = value / value.max()
    total = share[:, None] + share[None, :]
    difference = share[:, None] - share[None, :]
    return as_floats(np.square(np.divide(difference, total, out=np.zeros_like(total), where=total > 0)))


def _circular(value: FloatArray) -> FloatArray:
    around = np.ptp(value) + 1
    if not np.isfinite(around):
        raise InputError("circular weights need categories whose range is finite")
    return as_floats(np.square(np.sin(np.pi * (value[:, None] - value[None, :]) / around)))


def _bipolar(value: FloatArray) -> FloatArray:
    place = (value / 2 - value.min() / 2) / np.ptp(value / 2)
    both = place[:, None] + place[None, :]
    below = both * (2 - both)
    apart = np.square(place[:, None] - place[None, :])
    return as_floats(np.divide(apart, below, out=np.zeros_like(apart), where=below > 0))


_DISTANCES: dict[str, Callable[[FloatArray], FloatArray]] = {
    "identity": lambda value: 1.0 - np.eye(len(value)),
    "linear": _apart,
    "quadratic": lambda value: np.square(_apart(value)),
    "ordinal": _ordinal,
    "radical": lambda value: np.sqrt(_apart(value)),
    "ratio": _ratio,
    "circular": _circular,
    "bipolar": _bipolar,
}
