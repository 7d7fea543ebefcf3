"""An interval for a calibration error: every size of miscalibration under which the error seen would not be unusual.

The error is a sum of magnitudes, and near perfect calibration its sampling distribution piles up above the truth, where a
bootstrap holds far less than it says. So the gaps between probability and share are taken as normal around true gaps of a
given shape times a factor; the interval holds the errors of those factors for which the value seen lies in the middle 95 %
of what they give (test inversion: Carpenter 1999, doi:10.1111/1467-9868.00180). By how much chance raises the value depends
on the shape: least where all bins are off alike, most where few are. The shape seen (noise shrunk away) and the flat one are
both tried, and the ends further out stand. Each bin's noise is at least that of the true gap which is tried: sure forecasts that
all came true have none of their own to see, and would still have come true, had they been a little too sure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from concord.stats._arrays import BoolArray, FloatArray

_MOST_FACTOR = 2.0**12


@dataclass(frozen=True)
class BinGaps:
    """Bins that hold anything: mean gap between probability and outcome, its standard error (and what that would be if the
    probabilities were true), the number of items, and mean and variance of their probabilities.
    """

    gap: FloatArray
    error: FloatArray
    calibrated: FloatArray
    n: FloatArray
    mean: FloatArray
    spread: FloatArray

    def only(self, kept: BoolArray) -> BinGaps:
        """Return the bins that are kept, (B,)."""
        parts = (self.gap, self.error, self.calibrated, self.n, self.mean, self.spread)
        return BinGaps(*(part[kept] for part in parts))

    def error_of(self, gap: FloatArray) -> FloatArray:
        """Return the standard error in bins with these true gaps, at least the one seen."""
        share = np.clip(self.mean - gap, 0.0, 1.0)
        variance = np.maximum(share * (1 - share) - self.spread, 0.0)
        return np.maximum(self.error, np.sqrt(variance / self.n))

    def possible(self, gap: FloatArray) -> FloatArray:
        """Return gaps, cut off where no outcomes could make them: all or none came true."""
        return np.clip(gap, self.mean - 1, self.mean)


class Statistic(Protocol):
    """The error of (R, B) gaps in these bins, (R,)."""

    def __call__(self, gap: FloatArray, bins: BinGaps) -> FloatArray: ...


def by_chance(bins: BinGaps, statistic: Statistic, noise: FloatArray) -> FloatArray:
    """Return what the statistic comes to under perfect calibration, (R,); ``noise`` is (R, B) standard normal."""
    return statistic(bins.calibrated * noise, bins)


def inverted(
    bins: BinGaps, value: float, statistic: Statistic, truth: Statistic, noise: FloatArray, confidence: float
) -> tuple[float, float]:
    """Return the ends of the interval; 0 where perfect calibration would not be unusual."""
    tail = (1 - confidence) / 2
    extra = np.random.default_rng(0).standard_normal(len(noise))
    lows, highs = [], []
    usual = float((by_chance(bins, statistic, noise) >= value).mean()) >= tail
    flat = float((np.abs(bins.gap) + bins.error).max())
    for shape in (_shape(bins), np.where(bins.mean >= 0.5, flat, -flat)):  # too sure everywhere
        model = _Model(bins, shape, statistic, truth, noise, extra)
        lows.append(0.0 if usual else model.end(lambda given: float((given >= value).mean()) >= tail))
        # An error lower than chance allows (few sure items, all right) says no more than a low one does.
        least = max(value, float(np.quantile(model.drawn(0.0), 0.25)))
        highs.append(model.end(partial(_below, least, tail)))
    return min(lows), max(highs)


def _below(value: float, tail: float, given: FloatArray) -> bool:
    return float((given <= value).mean()) <= tail


@dataclass(frozen=True)
class _Model:
    """What the statistic would be if the true gaps were the shape times a factor."""

    bins: BinGaps
    shape: FloatArray
    statistic: Statistic
    truth: Statistic
    noise: FloatArray
    extra: FloatArray

    def gap(self, factor: float) -> FloatArray:
        return self.bins.possible(factor * self.shape)

    def true(self, factor: float) -> float:
        return float(self.truth(self.gap(factor)[None], self.bins)[0])

    def drawn(self, factor: float) -> FloatArray:
        gap, n = self.gap(factor), self.bins.n
        # How many items fall into which bin is chance as well.
        mix = np.sqrt(
            float((n / n.sum() * np.square(np.abs(gap) - self.true(factor))).sum()) / float(n.sum())
        )
        seen = self.bins.possible(gap + self.bins.error_of(gap) * self.noise)
        moved: FloatArray = self.statistic(seen, self.bins) + mix * self.extra
        return moved

    def end(self, unusual: Callable[[FloatArray], bool]) -> float:
        """Return the error at the factor from which on the draws are as asked."""
        low, high = 0.0, 1.0
        while not unusual(self.drawn(high)) and high < _MOST_FACTOR:
            low, high = high, 2 * high
        for _ in range(30):
            middle = (low + high) / 2
            low, high = (low, middle) if unusual(self.drawn(middle)) else (middle, high)
        return self.true(high)


def _shape(bins: BinGaps) -> FloatArray:
    """Return the gaps with the size that noise would give taken off; the gaps themselves where that leaves none."""
    square = np.square(bins.gap) - np.square(bins.error)
    shrunk: FloatArray = np.sign(bins.gap) * np.sqrt(np.maximum(square, 0.0))
    if shrunk.any():
        return shrunk
    return bins.gap if bins.gap.any() else bins.error
