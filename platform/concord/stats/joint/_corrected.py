"""A mean of labels corrected by a machine, with its error: what all prediction-powered means compute."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray, largest
from concord.stats.joint._items import Items, fresh, in_both
from concord.stats.joint._variance import Part, corrected_variance


@dataclass(frozen=True)
class Corrected:
    """The corrected mean; ``error`` is nan where there is none, and 0 where nothing varies."""

    value: float
    error: float
    df: float
    notes: tuple[str, ...]


def residuals(items: Items, weights: FloatArray) -> FloatArray:
    """Return ``y - weight * (f - mean of the pool)``: weights that differ must not multiply the machine's offset."""
    return items.y - weights * (items.f - items.pool_mean)


def mean_weight(items: Items, weights: FloatArray) -> float:
    """Return the machine's weight over all labels."""
    return float((items.weight * weights).sum() / items.weight.sum())


def corrected(
    items: Items,
    residual: FloatArray,
    share: float,
    small_sample: bool,
    pseudo: tuple[float, float] | None = None,
) -> Corrected:
    """Return the mean of the residuals with its error; pseudo-residuals weigh as an average label."""
    group, rest_group, weight, pool = items.group, items.rest_group, items.weight, items.pool
    if items.drawn:  # every labelled item is in both means
        group, rest_group = in_both(group, rest_group, len(residual), len(pool))
    if pseudo is not None:
        mean = weight.mean()
        residual, weight = np.append(residual, pseudo), np.append(weight, [mean, mean])
        group = None if group is None else np.append(group, fresh(group, rest_group))
    variance, df, notes = corrected_variance(
        Part(residual, weight, group),
        Part(pool, None, rest_group, scale=share),
        small_sample=small_sample,
    )
    error = math.sqrt(variance)
    if error <= 1e-14 * (largest(items.y) + share * largest(items.f)):
        error = 0.0
        notes = (*notes, "the labels do not vary: an interval cannot be had from them.")
    return Corrected(float((weight * residual).sum() / weight.sum()), error, df, notes)
