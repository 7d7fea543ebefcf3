"""The ends of a scale and its ticks: round numbers around everything that is drawn."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from concord.charts.rows import Axis
from concord.charts.text import width_of


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

    def shown(self, tick: float) -> str:
        """Return the text of a tick, as Vega writes it."""
        return f"{tick * self.factor:,.{self.decimals}f}{self.unit}"

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


def overhang(values: Iterable[float], axis: Axis) -> tuple[float, float]:
    """Return how far the texts of the first and the last tick stand out beyond the plot, however many ticks it has."""
    held = list(values)
    scales = [scale_around(held, axis, most=most) for most in range(2, 9)]
    return (
        max(width_of(scale.shown(scale.ticks[0])) for scale in scales) / 2,
        max(width_of(scale.shown(scale.ticks[-1])) for scale in scales) / 2,
    )


def _ends(values: Iterable[float], axis: Axis, from_zero: bool) -> tuple[float, float]:
    # Brought inside first: a scale around nothing but values beyond an end would have no length.
    finite = [_inside(value, axis) for value in values if math.isfinite(value)]
    if axis.line is not None:
        finite.append(axis.line)
    if from_zero:
        finite.append(0.0)
    if not finite:
        return _own_range(axis)
    low, high = min(finite), max(finite)
    spread = max(high - low, 1e-6 * max(abs(low), abs(high)), 1e-9)
    if high - low < spread:
        low, high = low - spread / 2, high + spread / 2
    return (
        low if axis.low is None else max(low, axis.low),
        high if axis.high is None else min(high, axis.high),
    )


def _own_range(axis: Axis) -> tuple[float, float]:
    low = axis.low if axis.low is not None else 0.0 if axis.high is None or axis.high > 0 else axis.high - 1.0
    return low, low + 1.0 if axis.high is None else axis.high


def _inside(value: float, axis: Axis) -> float:
    if axis.low is not None:
        value = max(value, axis.low)
    return value if axis.high is None else min(value, axis.high)


def _step(rough: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not below `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999999)
