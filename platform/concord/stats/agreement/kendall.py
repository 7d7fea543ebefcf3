"""Kendall's coefficient of concordance between several rankings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, InputError, compact, tally
from concord.stats._midranks import midrank
from concord.stats._results import NAN, TestedEstimate
from concord.stats.agreement._ratings import ANONYMOUS, Ratings, ratings


@dataclass(frozen=True, kw_only=True)
class KendallW(TestedEstimate):
    """Concordance between 0 and 1; ``mean_spearman`` is the mean rank correlation of two raters that it implies."""

    n_raters: int
    mean_spearman: float


def kendall_w(units: ArrayLike, raters: ArrayLike, values: ArrayLike) -> KendallW:
    """Return Kendall's W, corrected for ties, of raters who each rated the same units.

    Parameters
    ----------
    units, raters, values
        (n,) long-form ratings, at least ordinal. Units that some rater left out are dropped and counted.

    Returns
    -------
    KendallW
        ``p_value`` by the chi-square approximation, ``m (n - 1) W`` with n - 1 degrees of freedom. There is no
        interval: its usual approximations fail near 0 and 1. Undefined with fewer than two raters or two units, or
        where every rater ties everything.

    Raises
    ------
    InputError
        Malformed input or an anonymous rater.

    Notes
    -----
    ``W = 12 S / (m**2 (n**3 - n) - m sum T)`` with ``T = sum (t**3 - t)`` over each rater's groups of ties.

    References
    ----------
    Kendall & Babington Smith (1939), doi:10.1214/aoms/1177732186; Siegel & Castellan (1988), chapter 9.

    Examples
    --------
    >>> result = kendall_w([1, 2, 3, 1, 2, 3], [0, 0, 0, 1, 1, 1], [1, 2, 3, 1, 3, 2])
    >>> result.value, result.n_raters
    (0.75, 2)
    """
    data = ratings(units, raters, values)
    if (data.rater == ANONYMOUS).any():
        raise InputError("kendall_w needs to know the raters, got an anonymous one (-1)")
    m = len(data.rater_codes)
    complete = np.bincount(data.unit, minlength=data.n_units) == m
    dropped = int((~complete).sum())
    data = data.select(complete[data.unit], units_not_rated_by_all=dropped) if dropped else data
    n = data.n_units
    if m < 2 or n < 2:
        return _result(
            data, m, NAN, f"{m} raters and {n} units rated by all: at least two of each are needed"
        )
    rank, ties = _ranks_by_rater(data)
    below = m * m * (n**3 - n) - m * ties
    if below <= 0:
        return _result(data, m, NAN, "every rater gave the same value to all units: there is no order")
    spread = float(np.square(tally(data.unit, n, rank) - m * (n + 1) / 2).sum())
    return _result(data, m, 12 * spread / below, None)


def _ranks_by_rater(data: Ratings) -> tuple[FloatArray, float]:
    """Return each rating's rank among those of its rater, and the sum of ``t**3 - t`` over all groups of ties.

    Ranked all at once by rater and value, the ratings of a rater come after the n of each rater before.
    """
    place, distinct = compact(data.value)
    key = data.rater * len(distinct) + place
    size = np.bincount(compact(key)[0]).astype(np.float64)
    return midrank(key) - data.rater * data.n_units, float((size**3 - size).sum())


def _result(data: Ratings, m: int, value: float, reason: str | None) -> KendallW:
    statistic = m * (data.n_units - 1) * value
    return KendallW(
        value=value,
        confidence=NAN,
        method="Kendall's W, chi-square test" if reason is None else "none",
        n=data.n_units,
        undefined=reason,
        omitted=data.omitted,
        notes=() if reason else ("no interval: its approximations fail near 0 and 1.",),
        p_value=NAN if math.isnan(value) else float(special.chdtrc(data.n_units - 1, statistic)),
        statistic=statistic,
        df=float(data.n_units - 1) if reason is None else NAN,
        n_raters=m,
        mean_spearman=(m * value - 1) / (m - 1) if m > 1 else NAN,
    )
