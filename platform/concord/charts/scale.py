"""The ends of a scale and its ticks: round numbers around everything that is drawn."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from concord.charts.rows import Axis


@dataclass(frozen=True, kw_only=True)
class Scale:
    """From `low` to `high`, with `ticks` and how many decimals their text needs, in the axis's own unit."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int
    factor: float
    unit: str

    def at(self, value: float, width: float) -> float:
        """Return where a value lies on a line of `width` pixels; what lies beyond an end is drawn at it."""
        return (self.within(value) - self.low) / (self.high - self.low) * width

    def within(self, value: float) -> float:
        """Return the value, or the end of the scale that it lies beyond."""
        return min(max(value, self.low), self.high)


def scale_around(values: Iterable[float], axis: Axis, *, most: int = 5, from_zero: bool = False) -> Scale:
    """Return a scale around `values` with at most about `most` steps of 1, 2 or 5 times a power of ten.

    A point or bound that the axis cannot go beyond ends it. Without any value the axis shows its own range, or 0 to 1.
    `from_zero` is for bars, whose length is read.
    """
    low, high = _ends(values, axis, from_zero)
    step = _step((high - low) * axis.factor / max(most, 1)) / axis.factor
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    decimals = max(0, -math.floor(math.log10(step * axis.factor) + 1e-9))
    ticks = tuple(float(f"{place * step:.12g}") for place in range(first, last + 1))
    return Scale(
        low=ticks[0], high=ticks[-1], ticks=ticks, decimals=decimals, factor=axis.factor, unit=axis.unit
    )


def _ends(values: Iterable[float], axis: Axis, from_zero: bool) -> tuple[float, float]:
    finite = [value for value in values if math.isfinite(value)]
    if axis.line is not None:
        finite.append(axis.line)
    if from_zero:
        finite.append(0.0)
    if not finite:
        low, high = axis.low, axis.high
        return (0.0 if low is None else low, 1.0 + (low or 0.0) if high is None else high)
    low, high = min(finite), max(finite)
    spread = max(high - low, 1e-6 * max(abs(low), abs(high)), 1e-9)
    if high - low < spread:
        low, high = low - spread / 2, high + spread / 2
    return (
        low if axis.low is None else max(low, axis.low),
        high if axis.high is None else min(high, axis.high),
    )


def _step(rough: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not below `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999999)
