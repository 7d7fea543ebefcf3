"""The result of every kappa-like coefficient, and the weights that they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concord.stats._arrays import FloatArray, InputError, one_of
from concord.stats._normal import t_quantile, z_quantile
from concord.stats._results import NAN, Estimate

Weights = str | ArrayLike | None
NO_PAIRS = "no unit has two ratings: there is nothing to compare"
NO_SPREAD = "chance agreement is complete (one category only): the coefficient is 0/0"


@dataclass(frozen=True, kw_only=True)
class Kappa(Estimate):
    """A chance-corrected agreement: ``value == (observed - expected) / (1 - expected)``. ``n`` counts units."""

    observed: float
    expected: float
    n_raters: int
    n_ratings: int
    categories: NDArray[Any] = field(repr=False)


def agreement_weights(weights: Weights, categories: NDArray[Any]) -> FloatArray:
    """Return the (K, K) agreement weights: 1 on the diagonal, by distance between the category *values* elsewhere.

    "linear" is ``1 - |a - b| / range``, "quadratic" is ``1 - (a - b)**2 / range**2``; None is the identity.
    """
    k = len(categories)
    if weights is None:
        return np.eye(k)
    if isinstance(weights, str):
        one_of("weights", weights, ("linear", "quadratic"))
        value = categories.astype(np.float64)
        span = float(np.ptp(value)) if k else 0.0
        apart = np.abs(value[:, None] - value[None, :]) / (span or 1.0)
        return 1.0 - (apart if weights == "linear" else np.square(apart))
    matrix = np.asarray(weights, dtype=np.float64)
    if matrix.shape != (k, k):
        raise InputError(f"weights must be a ({k}, {k}) matrix of agreement, got shape {matrix.shape}")
    if not np.isfinite(matrix).all() or (np.diag(matrix) != 1).any() or matrix.max() > 1 or matrix.min() < 0:
        raise InputError("weights must lie between 0 and 1 with 1 on the diagonal (weights of agreement)")
    return matrix


def kappa_interval(
    value: float, error: float, confidence: float, *, df: float | None = None
) -> tuple[float, float]:
    """Return a symmetric interval, cut at 1; nan where there is no standard error."""
    if not error > 0:
        return NAN, NAN
    q = z_quantile(confidence) if df is None else t_quantile(confidence, df)
    return value - q * error, min(1.0, value + q * error)


def undefined_kappa(
    *,
    reason: str,
    confidence: float,
    n: int,
    n_raters: int,
    n_ratings: int,
    categories: NDArray[Any],
    omitted: Mapping[str, int],
    observed: float = NAN,
    expected: float = NAN,
) -> Kappa:
    """Return a kappa without a value, with the reason."""
    return Kappa(
        value=NAN,
        confidence=confidence,
        method="none",
        n=n,
        undefined=reason,
        omitted=omitted,
        observed=observed,
        expected=expected,
        n_raters=n_raters,
        n_ratings=n_ratings,
        categories=categories,
    )
