"""One test for value, interval and p-value of an estimate that leans: near 0 and 1, or from few events.

A share of few failures is skewed, and its error grows with the share: Student's t misses on one side. Taken as a scaled and
shifted count whose variance and third moment are those of the estimate, it has ``X = V / s**2`` events of size ``s = k3 / V``;
and the count behind such a one has the gamma distribution with ``X + 1/2`` (Jeffreys). For a share of independent labels this is,
to second order, Jeffreys' interval; where nothing leans it is normal, or Student's t (the gamma quantile is taken where the t
quantile's normal tail lies).

Of a difference the skewness depends on what it is: items on which only one system fails lean its way, and where two systems are
equal they fall on either side. Taken as it was seen, it shuts out "no difference" as soon as three or four items happen to fall
on one side. So it is that of the difference tested (a score test): none at 0, in proportion from there to the value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from concord.stats._clustered import Variance
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._results import NAN
from concord.stats._skewness import Bend, opened, opened_p_value

_LEVEL = 1e-3  # a skewness below this is none: the gamma with 1 / skewness**2 events is the normal
_TAIL = 1.25  # twice the part of the probability of labels all alike that counts as a tail: exact counts 1, mid-P counts 1/2


@dataclass(frozen=True)
class Tilted:
    """An estimate with variance, third central moment and degrees of freedom, kept between ``lowest`` and ``highest``.

    ``fading`` is the part of the third moment that belongs to the value: at 0 it is gone, and beyond (of the other sign) too.
    """

    value: float
    variance: float
    third: float
    df: float
    lowest: float = -math.inf
    highest: float = math.inf
    fading: float = 0.0

    @property
    def shown(self) -> float:
        """The value, cut to the range."""
        return min(max(self.value, self.lowest), self.highest)

    @property
    def skewness(self) -> float:
        """The skewness at the value."""
        skew = self.third / self.variance / math.sqrt(self.variance) if self.variance > 0 else 0.0
        return skew if math.isfinite(skew) else 0.0

    def _skewness_at(self, null: float) -> float:
        if not self.fading or self.value == 0:
            return self.skewness * (1 - self.fading)
        return self.skewness * (1 - self.fading * (1 - min(max(null / self.value, 0.0), 1.0)))

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the ends, of which each leaves out a tail of the same size."""
        if not self.variance > 0 or math.isnan(self.df):
            return NAN, NAN
        z = t_quantile(confidence, self.df)
        if self.fading and abs(self.skewness) >= _LEVEL:
            low, high = self._end(z), self._end(-z)
        else:
            low, high = self._at(-z), self._at(z)
        return (
            min(max(low, self.lowest), self.shown),
            max(min(high, self.highest), self.shown),
        )

    def statistic(self, null: float) -> float:
        """Return the distance from ``null`` on the scale of the t distribution."""
        if not self.variance > 0 or math.isnan(self.df):
            return NAN
        lean = self._skewness_at(null)
        if abs(lean) < _LEVEL:
            return (self.value - null) / math.sqrt(self.variance)
        events, size = 1 / lean**2, abs(lean) * math.sqrt(self.variance)
        side = 1.0 if lean > 0 else -1.0
        count = max(events + side * (null - self.value) / size, 0.0)
        below, above = special.gammainc(events + 0.5, count), special.gammaincc(events + 0.5, count)
        z = -float(special.ndtri(below)) if below < above else float(special.ndtri(above))
        return side * z

    def p_value(self, null: float) -> float:
        """Return the two-sided p-value: below 1 - confidence exactly where the interval leaves out the null."""
        return t_two_sided(self.statistic(null), self.df)

    def _end(self, z: float) -> float:
        """Return the difference whose own test has the statistic ``z``; where there is none, the end of the range."""
        from scipy.optimize import brentq  # slow to import, and needed for differences only

        far = self.lowest if z > 0 else self.highest
        gap = self.statistic(far) - z
        if not gap * z > 0:
            return far
        if not (self.statistic(self.shown) - z) * z < 0:
            return self.shown
        return float(brentq(lambda null: self.statistic(null) - z, far, self.shown, xtol=1e-13))

    def _at(self, z: float) -> float:
        """Return the point that lies ``z`` from the estimate."""
        lean = self.skewness
        if abs(lean) < _LEVEL:
            return self.value + z * math.sqrt(self.variance)
        events, size = 1 / lean**2, abs(lean) * math.sqrt(self.variance)
        side = 1.0 if lean > 0 else -1.0
        tail = float(special.ndtr(-abs(z)))
        quantile = special.gammaincinv if side * z < 0 else special.gammainccinv
        return self.value + side * size * (float(quantile(events + 0.5, tail)) - events)


@dataclass(frozen=True)
class Opened:
    """Student's t, opened towards the longer tail (Hall): for few values of which some lie far out, without known ends."""

    value: float
    variance: float
    third: float
    df: float

    @property
    def shown(self) -> float:
        """The value."""
        return self.value

    @property
    def _bend(self) -> Bend:
        skew = self.third / self.variance / math.sqrt(self.variance)
        return Bend(skew / 3 if math.isfinite(skew) else 0.0)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the ends of t's interval or Hall's, whichever lies further out."""
        return opened(self.value, Variance(self.variance, self.df, 0), self._bend, confidence)

    def statistic(self, null: float) -> float:
        """Return the t statistic."""
        return (self.value - null) / math.sqrt(self.variance)

    def p_value(self, null: float) -> float:
        """Return the greater of both p-values."""
        return opened_p_value(self.statistic(null), Variance(self.variance, self.df, 0), self._bend)


@dataclass(frozen=True)
class Alike:
    """Labels (or differences) that are all the same: ``n`` such are to be expected where hardly any others exist.

    A share ``e`` of all items that lie at the other end of the range is overlooked with the chance ``(1 - e) ** n``.
    """

    value: float
    n: float
    lowest: float = 0.0
    highest: float = 1.0
    df: float = math.inf

    @property
    def shown(self) -> float:
        """The value."""
        return self.value

    @property
    def variance(self) -> float:
        """None could be seen."""
        return 0.0

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return how far a share that was overlooked may move the mean, each way."""
        unseen = -math.expm1(math.log((1 - confidence) / _TAIL) / self.n)
        return self.value - unseen * (self.value - self.lowest), self.value + unseen * (
            self.highest - self.value
        )

    def statistic(self, null: float) -> float:
        """Return nan: there is no error to measure the distance by."""
        return NAN

    def p_value(self, null: float) -> float:
        """Return the two-sided p-value: below 1 - confidence exactly where the interval leaves out the null."""
        room = self.value - self.lowest if null < self.value else self.highest - self.value
        distance = abs(self.value - null)
        unseen = 0.0 if distance == 0 else 1.0 if distance >= room else distance / room
        return float(min(1.0, _TAIL * (1 - unseen) ** self.n))
