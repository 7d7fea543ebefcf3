"""How far to trust the machine: the power-tuning weight of PPI++, with cross-fitting where there are few labels."""

from __future__ import annotations

import numpy as np

from concord.stats._arrays import FloatArray, IntArray

FEW_LABELS = 200  # below this the same labels must not both choose the weight and be corrected by it
FOLDS = 10


def tuned_weight(labels: FloatArray, predictions: FloatArray, pooled_variance: float, ratio: float) -> float:
    """Return the variance-minimising weight ``cov(y, f) / ((1 + n / N) var(f))``, kept in [0, 1]."""
    if not pooled_variance > 0 or len(labels) < 2:
        return 0.0
    covariance = float(((labels - labels.mean()) * (predictions - predictions.mean())).mean())
    return float(min(max(covariance / ((1 + ratio) * pooled_variance), 0.0), 1.0))


def cross_fitted_weights(
    labels: FloatArray, predictions: FloatArray, pooled_variance: float, ratio: float, groups: IntArray | None
) -> FloatArray:
    """Return a weight per label, each tuned on the other folds; a cluster is never split between folds."""
    n = len(labels)
    fold = (np.arange(n) if groups is None else groups) % FOLDS
    result = np.zeros(n)
    for k in np.unique(fold):
        inside = fold == k
        others = ~inside
        if others.any():
            result[inside] = tuned_weight(labels[others], predictions[others], pooled_variance, ratio)
    return result
