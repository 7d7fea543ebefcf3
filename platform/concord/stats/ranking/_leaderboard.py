"""What every fit of strengths can be asked: ratings, differences, chances of winning, a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, InputError, IntArray, number, shown
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._results import NAN, Record, TestedEstimate
from concord.stats.ranking._spread import known_groups


@dataclass(frozen=True, kw_only=True)
class Leaderboard(Record):
    """Strengths of S systems. All (S,) arrays are in the order of the codes; nan where nothing is known of a system.

    ``log_strengths`` sum to zero. ``rank`` 1 is best; ``rank_low`` to ``rank_high`` is the range that adjusted pairwise
    differences leave open. ``difference_variance`` (S, S) is the variance of the difference of two log-strengths, nan where the
    votes of one cluster, or a single vote, tie two systems together, or nearly so. ``system_df`` (S,) are the degrees of freedom
    of each strength, infinite where intervals are normal, and ``df`` the fewest of them; a difference takes the fewer of both
    systems.
    """

    log_strengths: FloatArray
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray
    covariance: FloatArray = field(repr=False)
    difference_variance: FloatArray = field(repr=False)
    rank: FloatArray
    rank_low: FloatArray
    rank_high: FloatArray
    df: float
    system_df: FloatArray
    confidence: float
    method: str
    undefined: str | None = None
    notes: tuple[str, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)

    @property
    def defined(self) -> bool:
        """Whether there are strengths."""
        return self.undefined is None

    def rating(self, base: float = 1000.0, scale: float = 400.0) -> FloatArray:
        """Return (S,) strengths on the scale of chess ratings: ``base`` is the mean, ``scale`` the gap at odds of ten to one."""
        return number("base", base) + number("scale", scale) / math.log(10) * self.log_strengths

    def rating_interval(self, base: float = 1000.0, scale: float = 400.0) -> tuple[FloatArray, FloatArray]:
        """Return the ends of the intervals on the scale of ``rating`` with the same ``base`` and ``scale``."""
        base, factor = number("base", base), number("scale", scale) / math.log(10)
        return base + factor * self.low, base + factor * self.high

    def win_probability(self, i: int, j: int) -> float:
        """Return the chance that ``i`` beats ``j`` (a tie counts half) with all covariates at zero; nan where undefined."""
        gap = self.log_strengths[self._system(i)] - self.log_strengths[self._system(j)]
        return self._chance(float(gap))

    def win_probability_interval(self, i: int, j: int) -> tuple[float, float]:
        """Return the ends of the interval of ``win_probability``: those of ``difference``, each turned into a chance."""
        gap = self.difference(i, j)
        return self._chance(gap.low), self._chance(gap.high)

    def difference(self, i: int, j: int) -> TestedEstimate:
        """Return the difference of the log-strengths of ``i`` and ``j`` with interval and (unadjusted) test.

        Its ``n`` is the votes of ``i`` plus the votes of ``j``: one between both counts for each.
        """
        one, two = self._system(i), self._system(j)
        value = float(self.log_strengths[one] - self.log_strengths[two])
        n = int(self._counts()[one] + self._counts()[two])
        if math.isnan(value) or one == two:
            reason = (self.undefined or "a system has no votes") if math.isnan(value) else None
            return TestedEstimate(
                value=value,
                confidence=self.confidence,
                method="none" if reason else "no interval",
                n=n if one != two else n // 2,
                undefined=reason,
                notes=() if reason else ("a system beside itself: no interval.",),
            )
        error = math.sqrt(self.difference_variance[one, two])
        df = NAN if math.isnan(error) else float(min(self.system_df[one], self.system_df[two]))
        half = t_quantile(self.confidence, df) * error
        statistic = value / error if error > 0 else NAN
        return TestedEstimate(
            value=value,
            low=value - half if error > 0 else NAN,
            high=value + half if error > 0 else NAN,
            confidence=self.confidence,
            method="sandwich" if self.method.startswith("bootstrap") else self.method,
            n=n,
            standard_error=error,
            statistic=statistic,
            df=df,
            p_value=t_two_sided(statistic, df),
            notes=_why_open(error, "cluster" if "cluster" in self.method else "vote"),
        )

    def lone_groups(self) -> tuple[tuple[int, ...], ...]:
        """Return the groups of systems that votes of one cluster (nearly) alone tie together; empty without such."""
        present = np.flatnonzero(~np.isnan(self.log_strengths))
        groups = known_groups(self.difference_variance[np.ix_(present, present)])
        return tuple(tuple(present[group].tolist()) for group in groups) if len(groups) > 1 else ()

    def table(
        self, names: Sequence[Any] | None = None, *, base: float = 1000.0, scale: float = 400.0
    ) -> list[dict[str, Any]]:
        """Return the leaderboard, best first: a dict for each system, ready for ``pandas.DataFrame`` or ``csv.DictWriter``.

        Each holds ``rank``, ``rank_low``, ``rank_high``, ``system`` (its code, or its entry of ``names``), ``rating``,
        ``rating_low``, ``rating_high`` (as ``rating`` with ``base`` and ``scale``) and ``votes``; None where nothing is known.
        """
        names = range(len(self.log_strengths)) if names is None else names
        if isinstance(names, str) or len(names) != len(self.log_strengths):
            raise InputError(
                f"names must be {len(self.log_strengths)}, one for each system; got {shown(names)}"
            )
        ratings, (low, high) = self.rating(base, scale), self.rating_interval(base, scale)
        return [
            {
                "rank": _whole(self.rank[i]),
                "rank_low": _whole(self.rank_low[i]),
                "rank_high": _whole(self.rank_high[i]),
                "system": names[i],
                "rating": _known(ratings[i]),
                "rating_low": _known(low[i]),
                "rating_high": _known(high[i]),
                "votes": int(self._counts()[i]),
            }
            for i in np.argsort(self.rank, kind="stable").tolist()  # nan last
        ]

    def _counts(self) -> IntArray:
        """Return how many votes each system is in, (S,)."""
        raise AttributeError(f"{type(self).__name__} does not say how many votes its systems are in")

    def _chance(self, gap: float) -> float:
        """Return the chance of winning from so far ahead."""
        return float(special.expit(gap))

    def _system(self, code: int) -> int:
        given: object = code
        known = isinstance(given, int | np.integer) and not isinstance(given, bool)
        if not known or not 0 <= code < len(self.log_strengths):
            last = len(self.log_strengths) - 1
            raise InputError(f"a system must be a code from 0 to {last}, got {shown(code)}")
        return int(code)


def _why_open(error: float, unit: str) -> tuple[str, ...]:
    if math.isnan(error):
        return (f"one {unit} ties these systems together, or nearly so: no interval.",)
    return () if error > 0 else ("nothing shows how far votes scatter: no interval.",)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _whole(value: float) -> int | None:
    return None if math.isnan(value) else int(value)
