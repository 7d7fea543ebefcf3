"""Ratings as numbers: neighbours told apart, however large, and scaled so that their squares stay finite."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from concord.stats._arrays import FloatArray, InputError, as_floats, largest

_EXACT = 2.0**53


def exact(value: NDArray[Any]) -> FloatArray:
    """Return float64, refusing integers that it would round: what lies between such neighbours would be lost."""
    number = value.astype(np.float64)
    if value.dtype.kind in "iu" and largest(value) > _EXACT:
        step = np.maximum(np.spacing(np.abs(number)), 1.0).astype(value.dtype)
        rounded = value % step != 0
        if rounded.any():
            raise InputError(f"{int(value[rounded][0])} is too large for ratios: float64 would round it")
    return number


def shifted(value: NDArray[Any]) -> FloatArray:
    """Return float64 for what goes by differences alone: less the least where float64 would round integers."""
    if value.dtype.kind not in "iu" or largest(value) <= _EXACT:
        return value.astype(np.float64, copy=False)
    away = value.astype(np.uint64) - value.min(keepdims=True).astype(np.uint64)  # wraps around, and back
    return as_floats(away)


def scaled(number: FloatArray) -> tuple[FloatArray, float]:
    """Return the numbers divided by a power of two that keeps squares finite, and that power."""
    power = _power(float(number.min(initial=0.0)), float(number.max(initial=0.0)))
    return (number, 1.0) if power == 1.0 else (number / power, power)


def _power(low: float, high: float) -> float:
    most = max(high, -low)
    if 1e-100 < most < 1e100 or most == 0.0:
        return 1.0
    return float(2.0 ** np.clip(np.floor(np.log2(most)), -1000, 1000))


def centred(value: NDArray[Any]) -> FloatArray:
    """Return the values, divided as by ``scaled``, less the middle of their range, so that squares lose nothing."""
    number = shifted(value)
    if not len(number):
        return number
    low, high = float(number.min()), float(number.max())
    power = _power(min(low, 0.0), max(high, 0.0))
    if power != 1.0:
        number = number / power
    return number - (high / power + low / power) / 2
