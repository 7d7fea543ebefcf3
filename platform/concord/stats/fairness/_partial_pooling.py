"""Intervals of partially pooled means that allow for how little a few cells tell of their spread.

Given the spread s between cells, a cell's mean is normal about its pooled mean. How large s is, the cells say themselves: the
interval is that of the mixture over all s, weighted by their likelihood (uniform in s: Gelman 2006, doi:10.1214/06-BA117A). With
one estimated s alone, cells that seem not to differ would be drawn in as if that were known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, as_floats

_GRID, _COARSE = 60, 15  # spreads tried at a time; many cells leave little doubt which it is
_MANY = 500
_FURTHEST = 5.0  # of the greatest spread tried, in standard deviations of the cells
_NEGLIGIBLE = 1e-6
_ROUNDS = 6
_HALVINGS = 45


@dataclass(frozen=True)
class _Mixture:
    """The spreads that matter: their shares (T,), and mean and standard deviation of every cell at each, (T, C)."""

    share: FloatArray
    mean: FloatArray
    sd: FloatArray

    def quantile(self, probability: float) -> FloatArray:
        """Return the value that each cell lies below with this probability, (C,), by halving."""
        reach = 40 * self.sd
        low, high = (self.mean - reach).min(axis=0), (self.mean + reach).max(axis=0)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            below = self.share @ special.ndtr((middle - self.mean) / self.sd) < probability
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return as_floats((low + high) / 2)


def pooled_ends(
    raw: FloatArray, noise: FloatArray, confidence: float, widening: float
) -> tuple[FloatArray, FloatArray]:
    """Return both ends for each cell from its raw mean and the variance of that, (C,).

    ``widening`` is what standard deviations are multiplied with, as the variance inside cells is estimated as well.
    """
    mixture = _mixture(raw, noise, widening)
    tail = (1 - confidence) / 2
    return mixture.quantile(tail), mixture.quantile(1 - tail)


def _mixture(raw: FloatArray, noise: FloatArray, widening: float) -> _Mixture:
    points = _GRID if len(raw) <= _MANY else _COARSE
    low, high = 0.0, _FURTHEST * float(np.sqrt(max(np.median(noise), raw.var())))
    for _ in range(_ROUNDS):  # narrow the grid down to where the likelihood lies
        spread = np.linspace(low, high, points)
        share = _likelihood(spread, raw, noise)
        kept = np.flatnonzero(share > _NEGLIGIBLE)
        first, last = max(int(kept[0]) - 1, 0), min(int(kept[-1]) + 1, points - 1)
        if last - first > points // 3:
            break
        low, high = float(spread[first]), float(spread[last])
    share, spread = share[kept] / share[kept].sum(), spread[kept]
    total = noise + np.square(spread)[:, None]
    weight = 1 / total
    overall = (weight @ raw / weight.sum(axis=1))[:, None]
    lost = noise / total
    variance = (1 - lost) * noise + np.square(lost) / weight.sum(axis=1)[:, None]
    return _Mixture(share, raw - lost * (raw - overall), widening * np.sqrt(variance))


def _likelihood(spread: FloatArray, raw: FloatArray, noise: FloatArray) -> FloatArray:
    """Return the likelihood of each spread with the overall mean integrated out, the greatest being 1."""
    total = noise + np.square(spread)[:, None]
    weight = 1 / total
    overall = (weight @ raw / weight.sum(axis=1))[:, None]
    squares = (weight * np.square(raw - overall)).sum(axis=1)
    log = -(np.log(total).sum(axis=1) + np.log(weight.sum(axis=1)) + squares) / 2
    return as_floats(np.exp(log - log.max()))
