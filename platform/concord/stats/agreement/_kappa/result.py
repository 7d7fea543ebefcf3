"""The result of every kappa-like coefficient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from concord.stats._normal import t_quantile, z_quantile
from concord.stats._results import NAN, Estimate

_EDGE = 1e-9
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


def kappa_interval(
    value: float, error: float, confidence: float, *, df: float | None = None
) -> tuple[float, float]:
    """Return a symmetric interval, cut at 1; nan where there is no standard error."""
    if not error > 0:
        return NAN, NAN
    q = z_quantile(confidence) if df is None else t_quantile(confidence, df)
    return value - q * error, min(1.0, value + q * error)


def bent_kappa_interval(value: float, error: float, confidence: float, *, df: float) -> tuple[float, float]:
    """Return the t interval on Fisher's scale ``atanh(kappa)``, on which its error hardly goes with its size; nan without one."""
    if not -1 + _EDGE < value < 1 - _EDGE:  # only weights of one's own lead below -1
        return kappa_interval(value, error, confidence, df=df)
    if not error > 0:
        return NAN, NAN
    half = t_quantile(confidence, df) * error / (1 - value * value)
    centre = math.atanh(value)
    return math.tanh(centre - half), math.tanh(centre + half)


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
