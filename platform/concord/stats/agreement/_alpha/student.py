"""The bootstrap-t interval of alpha for interval values in closed form.

Numbers with tails make every percentile of resampled alphas too short: how far alpha lies off goes with how many large
values the sample happened to hold. Dividing each resample's error by its own standard error takes that into account
(Efron & Tibshirani 1993, chapter 12; DiCiccio & Efron 1996, doi:10.1214/ss/1032280214), on the scale of ``log(1 - alpha)``.
"""

from __future__ import annotations

import math

import numpy as np

from concord.stats._arrays import FloatArray
from concord.stats._resampling import resampled_weights
from concord.stats.agreement._alpha.few import least_alpha
from concord.stats.agreement._alpha.terms import Moments, Terms

_FEWEST = 5
_MOST = 1_000  # units; with more the two intervals hardly differ


def student_interval(
    terms: Terms, value: float, n_resamples: int, confidence: float, rng: np.random.Generator
) -> tuple[float, float] | None:
    """Return the interval, or None for other terms, too few or many units, and where resamples mostly have no error."""
    if type(terms) is not Moments or not _FEWEST <= len(terms.features) <= _MOST or not value < 1:
        return None
    n = len(terms.features)
    whole, error = (float(part[0]) for part in _logs_and_errors(terms, np.ones((1, n))))
    if not (math.isfinite(whole) and error > 0):
        return None
    drawn = [
        _logs_and_errors(terms, weights)
        for weights in resampled_weights(terms.multiplicity, n_resamples, rng)
    ]
    logs, errors = (np.concatenate(part) for part in zip(*drawn, strict=True))
    known = np.isfinite(logs) & (errors > 0)
    if known.sum() < max(2, 0.9 * n_resamples):
        return None
    ratio = (logs[known] - whole) / errors[known]
    tail = (1 - confidence) / 2
    far, near = np.quantile(ratio, [tail, 1 - tail], method="weibull")
    low = 1 - math.exp(min(whole - float(far) * error, 700.0))
    return max(low, least_alpha(terms)), 1 - math.exp(min(whole - float(near) * error, 700.0))


def _logs_and_errors(terms: Moments, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return ``log(1 - alpha)`` of each row of weights (B, n) and its standard error by the delta method."""
    totals = weights @ terms.features
    inside, n, first, second = totals.T
    spread = n * second - first * first
    with np.errstate(divide="ignore", invalid="ignore"):
        observed, expected = terms.disagreement(totals, weights)
        logs = np.log(observed) - np.log(expected)
        slope = np.stack([1 / inside, 1 / (n - 1) - second / spread, 2 * first / spread, -n / spread], axis=1)
    slope[~np.isfinite(slope).all(axis=1)] = 0.0
    influence = slope @ terms.features.T
    units = weights.sum(axis=1)
    centre = (weights * influence).sum(axis=1) / units
    square = (weights * np.square(influence - centre[:, None])).sum(axis=1)
    return logs, np.sqrt(square * units / (units - 1))
