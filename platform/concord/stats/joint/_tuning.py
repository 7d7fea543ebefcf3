"""How far to trust the machine: a weight that is given, and the power-tuning weight of PPI++."""

from __future__ import annotations

from concord.stats._arrays import FloatArray, InputError, number


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


def pooled_variance(f: FloatArray, rest: FloatArray) -> float:
    """Return the variance of all predictions together, without joining the arrays."""
    n = len(f) + len(rest)
    mean = (f.sum() + rest.sum()) / n
    first, second = f - mean, rest - mean
    return float((first @ first + second @ second) / max(n - 1, 1))
