"""The intervals of a Bradley-Terry fit: by the sandwich, or from resamples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray
from concord.stats._intervals import TOO_FEW_RESAMPLES, widened_z
from concord.stats._normal import t_quantile
from concord.stats.ranking._newton import Fit
from concord.stats.ranking._spread import Spread
from concord.stats.ranking._votes import Votes


class Intervals(NamedTuple):
    """The ends for all parameters, how they were found, and notes."""

    low: FloatArray
    high: FloatArray
    method: str
    notes: tuple[str, ...]


def interval_of(
    data: Votes, fitted: Fit, spread: Spread, drawn: FloatArray | None, confidence: float
) -> Intervals:
    """Return the ends for all parameters, by the sandwich or from resamples, with the method's name and notes."""
    error = spread.errors()
    half = np.array([t_quantile(confidence, each) for each in spread.df]) * error
    low, high = fitted.parameters - half, fitted.parameters + half
    ways = "" if data.cluster is None else ", clustered" + (" two ways" if data.cluster2 is not None else "")
    method = "sandwich" + ways
    if drawn is None or np.isnan(error[: fitted.n_systems]).all():
        return Intervals(low, high, method, ())
    n_units = data.n if data.cluster is None else int(data.cluster.max()) + 1
    ends = _percentiles(drawn, fitted.parameters, confidence, n_units)
    if fitted.n_systems > 1 and np.ptp(ends[:2], axis=0).max() <= 1e-12:
        alike = "all resamples are alike: the interval is that of the model's information."
        return Intervals(low, high, "sandwich", (*ends[2], alike))
    method = f"bootstrap over {'votes' if data.cluster is None else 'clusters'}, {len(drawn)} resamples"
    unknown = np.isnan(error)  # a single cluster is drawn as it is, or there are no strengths at all
    return Intervals(np.where(unknown, np.nan, ends[0]), np.where(unknown, np.nan, ends[1]), method, ends[2])


class _Percentiles(NamedTuple):
    """Percentiles of the resamples, and notes."""

    low: FloatArray
    high: FloatArray
    notes: tuple[str, ...]


def _percentiles(drawn: FloatArray, value: FloatArray, confidence: float, n_units: int) -> _Percentiles:
    """Return percentiles of the resamples, widened for few units, and a note on those that had no finite strengths.

    The k-th smallest of B resamples stands for k / (B + 1): with few resamples anything else is too narrow. Where they are too
    few to reach the tail, their ends are moved away from the value as far as a normal tail lies further out.
    """
    usable = drawn[~np.isnan(drawn).any(axis=1)]
    lost = len(drawn) - len(usable)
    notes = (f"{lost} of {len(drawn)} resamples had no finite strengths and were left out.",) if lost else ()
    if len(usable) < 2:
        nothing = np.full(drawn.shape[1], np.nan)
        return _Percentiles(nothing, nothing, (*notes, TOO_FEW_RESAMPLES))
    z = widened_z(confidence, n_units)
    reached = min(z, -float(special.ndtri(1 / (len(usable) + 1))))
    tail = float(special.ndtr(-reached))
    low, high = np.quantile(usable, [tail, 1 - tail], axis=0, method="weibull")
    further = z / reached if reached > 0 else 1.0
    return _Percentiles(value + (low - value) * further, value + (high - value) * further, notes)
