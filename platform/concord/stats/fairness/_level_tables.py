"""The two-by-two tables of an item, one at each level: the odds ratio that they share, and its error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, IntArray, compact, tally
from concord.stats._results import NAN
from concord.stats._two_sides import joint_variance


@dataclass(frozen=True)
class Tables:
    """Counts at each level (S,): group 1 right and wrong, group 0 wrong and right."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray

    @classmethod
    def of(cls, y: FloatArray, group: IntArray, level: IntArray) -> Tables:
        s = int(level.max()) + 1 if len(level) else 0
        table = tally((level * 2 + group) * 2 + y.astype(np.int64), 4 * s).reshape(s, 2, 2)
        return cls(table[:, 1, 1], table[:, 1, 0], table[:, 0, 0], table[:, 0, 1])

    @property
    def n(self) -> FloatArray:
        return np.maximum(self.a + self.b + self.c + self.d, 1.0)

    @property
    def up(self) -> FloatArray:
        return self.a * self.c / self.n

    @property
    def down(self) -> FloatArray:
        return self.b * self.d / self.n

    def log_ratio(self) -> tuple[float, float]:
        """Return the logarithm of the common odds ratio with the error of Robins, Breslow & Greenland."""
        up, down = self.up, self.down
        p, q = (self.a + self.c) / self.n, (self.b + self.d) / self.n
        r, t = float(up.sum()), float(down.sum())
        mixed = float((p * down + q * up).sum())
        variance = (
            float((p * up).sum()) / (2 * r * r) + mixed / (2 * r * t) + float((q * down).sum()) / (2 * t * t)
        )
        return math.log(r / t), math.sqrt(variance)

    def test(self, continuity: bool) -> dict[str, float]:
        """Return Mantel and Haenszel's chi-square; of less than half an answer nothing is taken off, as in R."""
        a, b, c, d, n = self.a, self.b, self.c, self.d, self.n
        spread = float(((a + b) * (c + d) * (a + d) * (b + c) / (n * n * np.maximum(n - 1, 1.0))).sum())
        away = abs(float((a - (a + b) * (a + d) / n).sum()))
        taken = 0.5 if continuity and away >= 0.5 else 0.0
        chi = (away - taken) ** 2 / spread if spread > 0 else NAN
        return {"statistic": chi, "df": 1.0, "p_value": float(special.chdtrc(1, chi))}

    def clustered_error(
        self, y: IntArray, group: IntArray, level: IntArray, cluster: IntArray
    ) -> tuple[float, float]:
        """Return the standard error of the logarithm where answers hang together in clusters, with its degrees of freedom.

        An answer adds to the logarithm what the pairs with the other group's answers of its level add, up less down. Summed over
        clusters, squared and summed this holds a pair of answers of one cluster twice in it, and the square of each other pair
        twice in the sum: both are taken off, which matters where levels hold few answers. Squares that are in it twice are at
        most half of it. The less is left, the fewer are its degrees of freedom (Satterthwaite). nan where nothing varies.
        """
        size = (len(self.a), int(cluster.max()) + 1)
        added = self._pairs_of_answers()
        usual = _mean_square(added, np.stack([self.c, self.d, self.b, self.a], axis=1).reshape(-1, 2, 2))
        place = group * size[1] + cluster
        total = tally(place, 2 * size[1], added[level, group, y]).reshape(2, -1)
        share = tally(place, 2 * size[1], usual[level, group]).reshape(2, -1)
        inside, squares = self._within(y, group, level, cluster, size)
        found = joint_variance(
            (total - inside / 2) * np.array([[1.0], [-1.0]]), share / share.sum(axis=1, keepdims=True)
        )
        variance = max(found.value - squares, found.value / 2)
        if not variance > 0:
            return math.nan, math.nan
        return math.sqrt(variance), max(found.df * (variance / found.value) ** 2, 1.0)

    def _pairs_of_answers(self) -> FloatArray:
        """Return what an answer adds, by level, group and outcome."""
        up, down = self.n * self.up.sum(), self.n * self.down.sum()
        return np.stack([self.a / up, -self.b / down, -self.d / down, self.c / up], axis=1).reshape(-1, 2, 2)

    def _within(
        self, y: IntArray, group: IntArray, level: IntArray, cluster: IntArray, size: tuple[int, int]
    ) -> tuple[FloatArray, float]:
        """Return what pairs inside each cluster add, and the sum of squares of all other pairs."""
        place, distinct = compact(cluster * size[0] + level)
        own = tally((place * 2 + group) * 2 + y, 4 * len(distinct)).reshape(-1, 2, 2)
        at, n = distinct % size[0], self.n
        up, down = own[:, 1, 1] * own[:, 0, 0] / n[at], own[:, 1, 0] * own[:, 0, 1] / n[at]
        r, s = float(self.up.sum()), float(self.down.sum())
        squares = float((self.up / n).sum() - (up / n[at]).sum()) / r**2
        squares += float((self.down / n).sum() - (down / n[at]).sum()) / s**2
        return tally(distinct // size[0], size[1], up / r - down / s), squares


def _mean_square(values: FloatArray, times: FloatArray) -> FloatArray:
    """Return the mean square over the last axis of values that occur so many times."""
    square: FloatArray = (times * values**2).sum(axis=2) / np.maximum(times.sum(axis=2), 1.0)
    return square
