"""The interval of alpha from resamples of its units, joined with another where these are known to be too short."""

from __future__ import annotations

import numpy as np

from concord.stats._arrays import FloatArray
from concord.stats._intervals import (
    TOO_FEW_RESAMPLES,
    acceleration,
    bca_interval,
    percentile_interval,
    too_little,
)
from concord.stats._results import NAN
from concord.stats.agreement._alpha.bootstrap import without_each_pattern
from concord.stats.agreement._alpha.few import (
    high_with_agreement,
    jackknife_interval,
    low_with_dissent,
    rows_of,
    sums_by_category,
)
from concord.stats.agreement._alpha.ordinal import OrdinalPairs
from concord.stats.agreement._alpha.student import student_interval
from concord.stats.agreement._alpha.terms import FixedDistance, Terms
from concord.stats.agreement._few import (
    NO_DISSENT,
    agreed_otherwise,
    commonest,
    hardly_any_differ,
    joined,
    too_few_units,
)

Interval = tuple[float, float, str, tuple[str, ...]]  # low, high, method, notes


def bootstrap_interval(
    terms: Terms,
    value: float,
    drawn: FloatArray,
    confidence: float,
    rng: np.random.Generator,
) -> Interval:
    """Return low, high, method and notes from the resampled alphas, ``drawn``."""
    n = int(terms.multiplicity.sum())
    method = f"bootstrap over units, {len(drawn)} resamples"
    if (why := too_little(n, len(drawn))) is not None:
        return NAN, NAN, "no interval", (why,)
    finite = drawn[np.isfinite(drawn)]
    lost = len(drawn) - len(finite)
    left_out = f"{lost} of {len(drawn)} resamples held one value only and were left out."
    notes: tuple[str, ...] = (left_out,) if lost else ()
    if len(finite) < 2 and value < 1:
        return NAN, NAN, method, (*notes, TOO_FEW_RESAMPLES)
    if len(finite) < 2 or np.ptp(finite) == 0:
        return _without_variation(terms, value, len(drawn), confidence, rng, method, notes)
    notes += thin(terms)
    left = without_each_pattern(terms)
    ends, how = _by_resamples(terms, value, drawn, left, confidence)
    student = student_interval(terms, value, len(drawn), confidence, rng)
    if left is not None and student is not None:
        ends, how = joined(ends, student), "BCa joined with bootstrap-t"
        return (*ends, f"{method} ({how})", notes + long_tails(left, terms))
    if thin(terms) and (sums := sums_by_category(terms)) is not None:
        high = high_with_agreement(terms, sums, len(drawn), confidence, rng)
        ends, how = (ends[0], max(ends[1], high)), f"{how}, half a unit added for the upper end"
    if (further := jackknife_interval(terms, value, confidence)) is not None:
        ends, how = joined(ends, further), f"{how}, joined with jackknife-t"
    return (*ends, f"{method} ({how})", notes + too_few_units(n))


def _by_resamples(
    terms: Terms, value: float, drawn: FloatArray, left: FloatArray | None, confidence: float
) -> tuple[tuple[float, float], str]:
    """Return the ends that the resamples alone give, and how."""
    n = int(terms.multiplicity.sum())
    if left is None:
        return percentile_interval(drawn, confidence, n=n), "percentile"
    skew = acceleration(left, terms.multiplicity)
    return bca_interval(value, drawn, confidence, skew=skew, n=n), "BCa"


def _without_variation(
    terms: Terms,
    value: float,
    n_resamples: int,
    confidence: float,
    rng: np.random.Generator,
    method: str,
    notes: tuple[str, ...],
) -> Interval:
    """Return the interval of perfect agreement; where all units disagree alike there is none."""
    sums = sums_by_category(terms)
    if value < 1 or sums is None:
        alike = "all units disagree alike" if value < 1 else "no unit disagrees"
        return NAN, NAN, method, (*notes, f"{alike}: resampling shows no variation, so no interval.")
    low = low_with_dissent(terms, sums, n_resamples, confidence, rng)
    return low, 1.0, f"{method} (percentile, half a unit added for the lower end)", (*notes, NO_DISSENT)


def thin(terms: Terms) -> tuple[str, ...]:
    """Return a warning where nearly all units got the same answers."""
    n, times = int(terms.multiplicity.sum()), terms.multiplicity
    if isinstance(terms, FixedDistance | OrdinalPairs) and isinstance(terms.features, np.ndarray):
        rows = rows_of(terms)
        return hardly_any_differ(n, commonest(rows, times), agreed_otherwise(rows, times))
    return hardly_any_differ(n, int(times.max()), n)


def long_tails(left: FloatArray, terms: Terms) -> tuple[str, ...]:
    """Return a warning where one unit makes up much of the variance, so that the next such unit may change everything."""
    known = np.isfinite(left)
    times = terms.multiplicity[known].astype(np.float64)
    n = float(times.sum())
    if n < 2:
        return ()
    shifts = np.square(left[known] - float(times @ left[known]) / n)
    share = float(shifts.max() / total) if (total := float(times @ shifts)) > 0 else 0.0
    if share <= max(1 / 3, 8 / n):
        return ()
    return (f"one unit makes up {share:.0%} of the variance (long tails): the interval may be too narrow.",)
