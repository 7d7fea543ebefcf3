"""Two samples with the clusters of both."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, compact, tally
from concord.stats._two_sides import JointVariance, independent_variance, joint_variance


@dataclass(frozen=True)
class TwoSamples:
    """Values of both sides with their clusters, which share one list of codes."""

    values: tuple[FloatArray, FloatArray]
    clusters: tuple[IntArray, IntArray]
    n_clusters: int
    n_shared: int

    @classmethod
    def of(
        cls,
        values: tuple[FloatArray, FloatArray],
        clusters: tuple[IntArray | None, IntArray | None],
        shared: bool,
    ) -> TwoSamples:
        """Number the clusters of both sides; a value without a cluster is one of its own."""
        one, two = (
            np.arange(len(value)) if code is None else compact(code)[0]
            for value, code in zip(values, clusters, strict=True)
        )
        known = [code for code in clusters if code is not None]
        if not shared or len(known) < 2:
            two = two + int(one.max()) + 1
            return cls(values, (one, two), int(two.max()) + 1, 0)
        both = compact(np.concatenate(known))[0]
        one, two = both[: len(one)], both[len(one) :]
        g = int(max(one.max(), two.max())) + 1
        on_both = int(((tally(one, g) > 0) & (tally(two, g) > 0)).sum())
        return cls(values, (one, two), g, on_both)

    def variance(self) -> JointVariance:
        """Return the variance of the difference of the means; the values should be of a size whose fourth power is a number."""
        if self.n_clusters == sum(map(len, self.values)):
            return independent_variance(*map(_of_mean, self.values))
        size = np.stack([tally(code, self.n_clusters) for code in self.clusters])
        pairs = zip(self.values, self.clusters, strict=True)
        total = np.stack([tally(code, self.n_clusters, value - value.mean()) for value, code in pairs])
        n = size.sum(axis=1, keepdims=True)
        return joint_variance(total / n, size / n)

    def lean(self) -> tuple[float, float]:
        """Return the skewness of the difference of the means of independent values, and the larger one of single values.

        Long tails of like size on both sides cancel out.
        """
        third = variance = most = 0.0
        for sign, values in zip((1, -1), self.values, strict=True):
            n, away = len(values), values - values.mean()
            square, cube = float(away @ away) / n, float((away * away) @ away) / n
            most = max(most, abs(cube) / square**1.5 if square > 0 else 0.0)
            third, variance = third + sign * cube / n**2, variance + square / n
        return (abs(third) / variance**1.5 if variance > 0 else 0.0), most


def _of_mean(values: FloatArray) -> tuple[float, float]:
    """Return the variance of the mean of independent values, with its degrees of freedom."""
    n, residual = len(values), values - values.mean()
    return (float(residual @ residual) / (n - 1) / n, n - 1.0) if n > 1 else (math.nan, math.nan)
