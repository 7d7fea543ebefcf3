"""Agreement weights: how much of an agreement two different categories are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concord.stats._arrays import FloatArray, InputError, as_floats, one_of
from concord.stats.agreement._numbers import exact, scaled, shifted

Weights = str | ArrayLike | None
_STRAIGHT = 1e-8  # so short an arc is its chord


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
        distance = _DISTANCES[weights](categories)
        return as_floats(1.0 - distance / distance.max())
    return _checked(weights, k)


def _checked(weights: ArrayLike, k: int) -> FloatArray:
    try:
        matrix = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"weights must be a ({k}, {k}) matrix of numbers: {error}") from None
    if matrix.shape != (k, k):
        raise InputError(f"weights must be a ({k}, {k}) matrix of agreement, got shape {matrix.shape}")
    if not k:
        return matrix
    if not np.isfinite(matrix).all() or (np.diag(matrix) != 1).any() or matrix.max() > 1 or matrix.min() < 0:
        raise InputError("weights must lie between 0 and 1 with 1 on the diagonal (weights of agreement)")
    return matrix


def _apart(categories: NDArray[Any]) -> FloatArray:
    """Return the absolute differences as shares of the range, so that no power of them leaves float64."""
    number, _ = scaled(shifted(categories))
    return as_floats(np.abs(number[:, None] - number[None, :]) / np.ptp(number))


def _ordinal(categories: NDArray[Any]) -> FloatArray:
    step = np.arange(len(categories), dtype=np.float64)
    between = np.abs(step[:, None] - step[None, :])
    return as_floats(between * (between + 1) / 2)


def _ratio(categories: NDArray[Any]) -> FloatArray:
    value = exact(categories)
    if value.min() < 0:
        raise InputError(f"ratio weights need categories that are not negative, got {float(value.min())}")
    share = value / value.max()
    total = share[:, None] + share[None, :]
    difference = share[:, None] - share[None, :]
    return as_floats(np.square(np.divide(difference, total, out=np.zeros_like(total), where=total > 0)))


def _circular(categories: NDArray[Any]) -> FloatArray:
    value = shifted(categories)
    span = float(value.max()) - float(value.min())
    if not math.isfinite(span):
        raise InputError("circular weights need categories whose range is finite")
    if span < _STRAIGHT:
        return as_floats(np.square(_apart(categories)))
    return as_floats(np.square(np.sin(np.pi * (value[:, None] - value[None, :]) / (span + 1))))


def _bipolar(categories: NDArray[Any]) -> FloatArray:
    number, _ = scaled(shifted(categories))
    place = (number - number.min()) / np.ptp(number)
    both = place[:, None] + place[None, :]
    below = both * (2 - both)
    apart = np.square(place[:, None] - place[None, :])
    return as_floats(np.divide(apart, below, out=np.zeros_like(apart), where=below > 0))


_DISTANCES: dict[str, Callable[[NDArray[Any]], FloatArray]] = {
    "identity": lambda categories: 1.0 - np.eye(len(categories)),
    "linear": _apart,
    "quadratic": lambda categories: np.square(_apart(categories)),
    "ordinal": _ordinal,
    "radical": lambda categories: np.sqrt(_apart(categories)),
    "ratio": _ratio,
    "circular": _circular,
    "bipolar": _bipolar,
}
