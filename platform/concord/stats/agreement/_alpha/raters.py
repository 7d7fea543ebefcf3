"""Alpha's interval where raters are a sample as well as units: a jackknife both ways.

Leaving out units shows what other units would change, ``V_u``; leaving out raters what other raters would, ``V_r``. Both hold the
noise of single ratings, so that of leaving out single ratings, ``V_1``, is taken off once: ``V_u + V_r - V_1``, as Cameron,
Gelbach and Miller (2011, doi:10.1198/jbes.2010.07136) do for means. (Drawing units and raters again at the same time, Owen's
pigeonhole bootstrap, counts that noise three times.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, IntArray, tally
from concord.stats._normal import t_quantile
from concord.stats._results import NAN
from concord.stats.agreement._alpha.bootstrap import without_each_pattern
from concord.stats.agreement._alpha.build import Level
from concord.stats.agreement._alpha.exchange import without_each_group
from concord.stats.agreement._alpha.ordinal import OrdinalRanks
from concord.stats.agreement._alpha.removal import own_raters, removal, without_each_rater
from concord.stats.agreement._alpha.result import Alpha
from concord.stats.agreement._alpha.terms import FixedDistance, LogMoments, Terms
from concord.stats.agreement._few import too_few_units
from concord.stats.agreement._ratings import Ratings

_GROUPS = 50  # where alpha must be counted anew, raters and ratings are left out in so many groups at most
METHOD = "jackknife over units and raters, t interval"


@dataclass(frozen=True)
class _Left:
    """Alphas without a part of the data, each of ``times`` parts, and the jackknife's variance; nan where one is unknown."""

    alpha: FloatArray
    times: FloatArray

    @property
    def n(self) -> float:
        return float(self.times.sum())

    @property
    def variance(self) -> float:
        if self.n < 2:
            return NAN
        centre = float(self.times @ self.alpha) / self.n
        return float(self.times @ np.square(self.alpha - centre)) * (self.n - 1) / self.n


def over_raters(
    found: Alpha, terms: Terms, data: Ratings, level: Level, categories: ArrayLike | None
) -> Alpha:
    """Return alpha with the t interval of the jackknife over units and raters."""
    if not found.defined:
        return found
    if found.n < 2:
        return _without(found, "one unit: no interval.")
    if found.n_raters < 3:
        return _without(found, "two raters do not tell what others would say: no interval.")
    raters, ratings = _without_raters(data, terms, level, categories)
    if not np.isfinite(raters.alpha).all():
        return _without(found, "without one rater only one value, or no pair, is left: no interval.")
    by_units, n = _unit_variance(terms), found.n
    if math.isnan(by_units + ratings.variance):
        return _without(found, "without one unit or rating only one value is left: no interval.")
    total = max(by_units + raters.variance - ratings.variance, by_units)
    if not total > 1e-24:
        return _without(found, "all units and raters disagree alike: no interval.")
    df = total**2 / (by_units**2 / (n - 1) + raters.variance**2 / (raters.n - 1))
    error = math.sqrt(total)
    half = t_quantile(found.confidence, max(df, 1.0)) * error
    return replace(
        found,
        low=found.value - half,
        high=min(found.value + half, 1.0),
        standard_error=error,
        method=METHOD,
        notes=(*found.notes, *too_few_units(n)),
    )


def _without(found: Alpha, note: str) -> Alpha:
    return replace(found, low=NAN, high=NAN, standard_error=NAN, method=METHOD, notes=(*found.notes, note))


def _unit_variance(terms: Terms) -> float:
    """Return the jackknife's variance over units; of many categories by how alpha moves with the weight of each unit."""
    times = terms.multiplicity.astype(np.float64)
    left = without_each_pattern(terms)
    if left is not None:
        known = np.isfinite(left)
        return _Left(left[known], times[known]).variance
    if not isinstance(terms, FixedDistance | LogMoments | OrdinalRanks):
        raise AssertionError("alpha of these terms moves in no known way")
    n, influence = float(times.sum()), terms.influence()
    centre = float(times @ influence) / n
    return float(times @ np.square(influence - centre)) * n / (n - 1)


def _without_raters(
    data: Ratings, terms: Terms, level: Level, categories: ArrayLike | None
) -> tuple[_Left, _Left]:
    """Return alpha without each rater, and without each rating (in groups, where it must be counted anew)."""
    known = removal(data, terms, categories)
    if known is not None:
        single, times = known.single(), tally(known.way, len(known.changes))
        named = without_each_rater(data, terms, level, categories, known)
        alone = single[known.way[data.rater < 0]]
        raters = np.concatenate([named, alone])
        usable = (times > 0) & np.isfinite(single)
        return _Left(raters, np.ones(len(raters))), _Left(single[usable], times[usable])
    rater, n_raters = own_raters(data)
    by_rater = _in_groups(data, terms, rater, n_raters, level, categories)
    order = np.random.default_rng(0).permutation(
        len(data.unit)
    )  # any order that knows neither units nor raters
    return by_rater, _in_groups(data, terms, order, len(order), level, categories)


def _in_groups(
    data: Ratings, terms: Terms, code: IntArray, n_codes: int, level: Level, categories: ArrayLike | None
) -> _Left:
    n = min(n_codes, _GROUPS)
    alpha = without_each_group(data, terms, code % n, n, level, categories)
    return _Left(alpha, np.ones(n))
