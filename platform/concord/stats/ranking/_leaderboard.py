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
from concord.stats.ranking._graph import Components
from concord.stats.ranking._spread import known_groups
from concord.stats.ranking._standings import NEVER_COMPARED, ONE_WAY, Standings

EACH = ("log_strengths", "low", "high", "standard_error", "rank", "rank_low", "rank_high", "system_df")


@dataclass(frozen=True, kw_only=True)
class Leaderboard(Record):
    """Strengths of S systems. All (S,) arrays are in the order of the codes; nan where nothing is known of a system.

    ``groups`` of systems were never compared with each other, directly or through others; one where all were. ``components``
    are the systems that all scored against each other, directly or through others: those of a group come together, and there a
    component precedes those that it beat. Strengths and ranks are within components of two and more: ``log_strengths`` sum to
    zero in each, ``rank`` 1 is its best, and ``rank_low`` to ``rank_high`` is the range that adjusted pairwise differences
    leave open. ``undefeated`` systems won all of their votes and have a ``low`` (and an infinite ``high``) on the scale of the
    systems they met, ``winless`` ones the reverse. ``difference_variance`` (S, S) is the variance of the difference of two
    log-strengths, nan across components and where the votes of one cluster, or a single vote, tie two systems together, or
    nearly so. ``system_df`` (S,) are the degrees of freedom
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
    groups: Components = ()
    components: Components = ()
    undefeated: tuple[int, ...] = ()
    winless: tuple[int, ...] = ()
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
        one, two = self._system(i), self._system(j)
        gap = float(self.log_strengths[one] - self.log_strengths[two])
        return self._chance(NAN if self._apart(one, two) else gap)

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
        if one == two or self._apart(one, two):
            reason, value = self._why_none(one, two, value)
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

    def why_undefined(self, i: int) -> str | None:
        """Return why system ``i`` has no strength; None where it has one."""
        system = self._system(i)
        if not math.isnan(self.log_strengths[system]):
            return None
        if not self._counts()[system]:
            return "the system has no votes"
        if system in self.undefeated:
            return "the system has not lost yet: no finite strength"
        if system in self.winless:
            return "the system has not won yet: no finite strength"
        return self.undefined or "no finite strength: see the notes"

    def lone_groups(self) -> tuple[tuple[int, ...], ...]:
        """Return the groups of systems that votes of one cluster (nearly) alone tie together; empty without such."""
        found: list[tuple[int, ...]] = []
        for part in self._parts():
            groups = known_groups(self.difference_variance[np.ix_(part, part)])
            found += [tuple(part[group].tolist()) for group in groups] if len(groups) > 1 else []
        return tuple(found)

    def table(
        self, names: Sequence[Any] | None = None, *, base: float = 1000.0, scale: float = 400.0
    ) -> list[dict[str, Any]]:
        """Return the leaderboard: a dict for each system, ready for ``pandas.DataFrame`` or ``csv.DictWriter``.

        Best first within a group, the groups one after the other. Each holds ``rank``, ``rank_low``, ``rank_high``, ``system``
        (its code, or its entry of ``names``), ``rating``, ``rating_low``, ``rating_high`` (as ``rating`` with ``base`` and
        ``scale``) and ``votes``; None where nothing is known.
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
            for i in self._order()
        ]

    def _order(self) -> list[int]:
        """Return the systems component by component, by rank within each; those without votes last."""
        place = np.full(len(self.rank), len(self.components))
        for at, members in enumerate(self.components):
            place[list(members)] = at
        order: list[int] = np.lexsort((np.nan_to_num(self.rank), place)).tolist()
        return order

    def _parts(self) -> list[IntArray]:
        """Return the codes of the systems of each component that has strengths."""
        parts = [np.array(part, dtype=np.int64) for part in self.components if len(part) > 1]
        return [part for part in parts if not np.isnan(self.log_strengths[part]).any()]

    def _apart(self, one: int, two: int) -> bool:
        """Whether two systems have no strengths on the same scale."""
        if not math.isnan(self.difference_variance[one, two]):
            return False
        unknown = math.isnan(self.log_strengths[one] - self.log_strengths[two])
        return unknown or self._part_of(one) != self._part_of(two)

    def _part_of(self, system: int) -> int:
        return next((n for n, part in enumerate(self.components) if system in part), -1)

    def _why_none(self, one: int, two: int, value: float) -> tuple[str | None, float]:
        """Return why the difference of two systems has no interval or no value, and the value."""
        if self._part_of(one) == self._part_of(two) >= 0:
            reason = (self.undefined or "these systems have no strengths") if math.isnan(value) else None
            return (None, 0.0) if one == two and reason is None else (reason, value)
        if self._part_of(one) < 0 or self._part_of(two) < 0:
            return "a system has no votes", NAN
        same = any(one in group and two in group for group in self.groups)
        return (ONE_WAY if same else NEVER_COMPARED), NAN

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
    return float(value) if math.isfinite(value) else None


def _whole(value: float) -> int | None:
    return None if math.isnan(value) else int(value)


def nothing_known(n_systems: int, standings: Standings) -> dict[str, Any]:
    """Return what a leaderboard says of each system, all nan, and who met whom: a fit without an answer."""
    each, pairs = np.full(n_systems, np.nan), np.full((n_systems, n_systems), np.nan)
    return {
        **dict.fromkeys(EACH, each),
        "covariance": pairs,
        "difference_variance": pairs,
        "df": NAN,
        "groups": standings.groups,
        "components": standings.components,
        "undefeated": standings.undefeated,
        "winless": standings.winless,
        "method": "none",
    }
