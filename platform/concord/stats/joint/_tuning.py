"""How far to trust the machine: the power-tuning weight of PPI++, with cross-fitting where there are few labels."""

from __future__ import annotations

import numpy as np

from concord.stats._arrays import FloatArray, InputError, IntArray, number, tally

FEW_LABELS = 200  # below this the same labels must not both choose the weight and be corrected by it


def given_weight(lam: float | None) -> float | None:
    """Return the weight given, refused outside [0, 1]."""
    if lam is None:
        return None
    if not 0 <= number("lam", lam) <= 1:
        raise InputError(f"lam must lie from 0 to 1, got {lam!r}")
    return float(lam)


def tuned_weight(labels: FloatArray, predictions: FloatArray, pooled_variance: float, ratio: float) -> float:
    """Return the variance-minimising weight ``cov(y, f) / ((1 + n / N) var(f))``, kept in [0, 1]."""
    if not pooled_variance > 0 or len(labels) < 2:
        return 0.0
    covariance = float(((labels - labels.mean()) * (predictions - predictions.mean())).mean())
    return float(min(max(covariance / ((1 + ratio) * pooled_variance), 0.0), 1.0))


def cross_fitted_weights(
    labels: FloatArray, predictions: FloatArray, rest: FloatArray, groups: IntArray | None
) -> FloatArray:
    """Return a weight per label, tuned on all other labels (of other clusters): the order of the labels does not matter.

    Leaving out a label changes sums only, so all n weights cost one pass. A weight that has not seen the label which it
    corrects leaves the estimate unbiased (Zrnic & Candes 2024, doi:10.1073/pnas.2322083121).
    """
    n, ratio = len(labels), len(labels) / len(rest)
    group = np.arange(n) if groups is None else groups
    size = int(group.max()) + 1
    y, f, g = labels - labels.mean(), predictions - predictions.mean(), rest - predictions.mean()
    own = [tally(group, size, part) for part in (None, y, f, y * f, f * f)]
    left, y_left, f_left, both_left, square_left = (part.sum() - part for part in own)
    left = np.maximum(left, 1e-300)
    covariance = both_left / left - (y_left / left) * (f_left / left)
    total = left + len(rest)
    variance = square_left + float(g @ g) - (f_left + g.sum()) ** 2 / total
    variance = variance / np.maximum(total - 1, 1)
    floor = 1e-13 * float(f @ f + g @ g) / (n + len(rest))  # below this a variance is rounding
    usable = (variance > floor) & (left > 1.5)
    below = (1 + ratio) * np.where(usable, variance, 1.0)
    weight: FloatArray = np.where(usable, np.clip(covariance / below, 0.0, 1.0), 0.0)
    return weight[group]


def pooled_variance(f: FloatArray, rest: FloatArray) -> float:
    """Return the variance of all predictions together, without joining the arrays."""
    n = len(f) + len(rest)
    mean = (f.sum() + rest.sum()) / n
    first, second = f - mean, rest - mean
    return float((first @ first + second @ second) / max(n - 1, 1))
