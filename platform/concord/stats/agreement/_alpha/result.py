"""The result of Krippendorff's alpha, put together from its terms: whoever counted the ratings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from concord.stats._arrays import FloatArray, IntArray
from concord.stats._results import NAN, Estimate
from concord.stats.agreement._alpha.build import Level
from concord.stats.agreement._alpha.interval import bootstrap_interval, thin
from concord.stats.agreement._alpha.terms import Terms

_NO_PAIRS = "no unit has two ratings: there is nothing to compare"
_NO_SPREAD = "all ratings are the same value: expected disagreement is zero, so alpha is 0/0"


@dataclass(frozen=True, kw_only=True)
class Alpha(Estimate):
    """Krippendorff's alpha. ``n`` counts the units with at least two ratings.

    ``per_unit`` (U,) is each unit's share of the disagreement, in the order of ``unit_codes``: ``value == 1 - per_unit.sum()``.
    ``observed`` and ``expected`` are the mean squared distances inside units and overall. ``resamples`` are the bootstrap
    values behind the interval. ``categories`` is empty for continuous values.
    """

    level: str
    observed: float
    expected: float
    n_ratings: int
    n_raters: int
    unit_codes: IntArray = field(repr=False)
    per_unit: FloatArray = field(repr=False)
    categories: NDArray[Any] = field(repr=False)
    resamples: FloatArray = field(repr=False)


@dataclass(frozen=True)
class Sample:
    """What alpha was computed from, apart from the terms. ``unit`` is what interval values were divided by."""

    unit_codes: IntArray
    n_ratings: int
    n_raters: int
    omitted: Mapping[str, int]
    level: str
    names: NDArray[Any]
    unit: float = 1.0


def level_name(level: Level) -> str:
    """Return what to call a level of measurement."""
    return level if isinstance(level, str) else getattr(level, "__name__", "distance matrix")


def alpha_estimate(
    terms: Terms | None,
    sample: Sample,
    confidence: float,
    draw: Callable[[Terms], FloatArray] | None,
    rng: np.random.Generator,
) -> Alpha:
    """Return alpha with the interval that the resamples of ``draw`` give; undefined without terms or without variety.

    Without ``draw`` there is no interval yet, only the note on what would make it too narrow.
    """
    observed, expected = terms.whole() if terms is not None else (NAN, NAN)
    if terms is None or not expected > 0:
        return _undefined(sample, confidence, _NO_PAIRS if terms is None else _NO_SPREAD)
    n = len(sample.unit_codes)
    drawn = draw(terms) if n > 1 and draw is not None else np.empty(0)
    value = 1 - observed / expected
    low, high, method, notes = (
        (NAN, NAN, "none", thin(terms))
        if draw is None
        else bootstrap_interval(terms, value, drawn, confidence, rng)
    )
    finite = drawn[np.isfinite(drawn)]
    return Alpha(
        value=value,
        low=low,
        high=high,
        confidence=confidence,
        method=method,
        n=n,
        standard_error=float(finite.std(ddof=1)) if len(finite) > 1 else NAN,
        notes=notes,
        omitted=sample.omitted,
        level=sample.level,
        observed=observed * sample.unit * sample.unit,
        expected=expected * sample.unit * sample.unit,
        n_ratings=sample.n_ratings,
        n_raters=sample.n_raters,
        unit_codes=sample.unit_codes,
        per_unit=terms.inside()[terms.pattern] / (sample.n_ratings * expected),
        categories=sample.names,
        resamples=drawn,
    )


def _undefined(sample: Sample, confidence: float, reason: str) -> Alpha:
    return Alpha(
        value=NAN,
        confidence=confidence,
        method="none",
        n=len(sample.unit_codes),
        undefined=reason,
        omitted=sample.omitted,
        level=sample.level,
        observed=NAN,
        expected=NAN,
        n_ratings=sample.n_ratings,
        n_raters=sample.n_raters,
        unit_codes=sample.unit_codes,
        per_unit=np.full(len(sample.unit_codes), np.nan),
        categories=sample.names,
        resamples=np.empty(0),
    )
