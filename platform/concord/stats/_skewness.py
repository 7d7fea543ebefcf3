"""The interval of a mean of skewed values (or of the logarithm of a ratio): Student's t, opened towards the tail after Hall.

Skewness makes the t statistic lean the other way: the sample that misses the large values has both too small a mean and too small
a standard error. Hall (1992, JRSS B 54, 221-228) bends the statistic so that its skewness goes:
``g(T) = T + a T**2 + a**2 T**3 / 3 + a / 2`` with ``a = k / 3`` and k the skewness of the mean. It is monotone, so there is an
inverse in closed form. No end is drawn in: the interval is t's and Hall's together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, compact, largest, tally
from concord.stats._clustered import Variance
from concord.stats._normal import t_quantile, t_two_sided

_STRAIGHT = 1e-7  # below this the bend is lost in rounding


@dataclass(frozen=True)
class Bend:
    """The transformation ``g`` of a t statistic whose numerator has a skewness of three times ``slope``."""

    slope: float

    def forth(self, statistic: float) -> float:
        """Return ``g(statistic)``."""
        a = self.slope
        return statistic + a * statistic**2 + a**2 * statistic**3 / 3 + a / 2

    def back(self, bent: float) -> float:
        """Return the statistic that ``g`` turns into ``bent``."""
        a = self.slope
        if abs(a) < _STRAIGHT:
            return bent
        return float(np.cbrt(1 + 3 * a * (bent - a / 2)) - 1) / a


def bend_of(values: FloatArray, weight: FloatArray, cluster: IntArray | None) -> Bend:
    """Return the bend from the third moment of what each observation (or cluster) adds to the mean's error."""
    part = weight / weight.sum()
    added = part * (values - float(part @ values))
    if cluster is not None:
        group, distinct = compact(cluster)
        added = tally(group, len(distinct), added)
    return bend_of_parts(added)


def bend_of_parts(added: FloatArray) -> Bend:
    """Return the bend from what each independent part adds to the error of an estimate, (G,)."""
    added = added / (largest(added) or 1.0)  # skewness has no scale, and cubes might leave float64
    square = float(added @ added)
    return Bend(float((added**3).sum()) / square**1.5 / 3 if square > 0 else 0.0)


def opened(value: float, variance: Variance, bend: Bend, confidence: float) -> tuple[float, float]:
    """Return the ends of t's interval or Hall's, whichever lies further out."""
    error, q = float(np.sqrt(variance.value)), t_quantile(confidence, variance.df)
    return value - error * max(q, bend.back(q)), value + error * max(q, -bend.back(-q))


def opened_p_value(statistic: float, variance: Variance, bend: Bend) -> float:
    """Return the greater of both p-values: it is below 1 - confidence exactly where the interval leaves out the null."""
    return max(t_two_sided(statistic, variance.df), t_two_sided(bend.forth(statistic), variance.df))
