"""What a Bradley-Terry fit says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from concord.stats._arrays import FloatArray, InputError, IntArray, number, shown
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._results import NAN, Record, TestedEstimate
from concord.stats.ranking._graph import Components
from concord.stats.ranking._tie_models import MODELS
from concord.stats.ranking._votes import Votes


@dataclass(frozen=True, kw_only=True)
class BradleyTerry(Record):
    """Strengths of S systems. All (S,) arrays are in the order of the codes; nan where a system has no votes.

    ``log_strengths`` sum to zero, ``strengths`` (their exponentials) to one. ``rank`` 1 is best; ``rank_low`` to ``rank_high``
    is the range that adjusted pairwise differences leave open. ``components`` are the groups of systems that all scored
    against each other, best first: one group where strengths exist. ``tie_parameter`` is Davidson's nu or Rao and Kupper's
    eta, nan for half-wins. ``coefficients`` belong to the covariates.
    """

    log_strengths: FloatArray
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray
    covariance: FloatArray = field(repr=False)
    strengths: FloatArray
    rank: FloatArray
    rank_low: FloatArray
    rank_high: FloatArray
    tie_parameter: float
    coefficients: FloatArray
    coefficient_low: FloatArray
    coefficient_high: FloatArray
    coefficient_standard_error: FloatArray
    log_likelihood: float
    converged: bool
    iterations: int
    n: int
    n_votes: IntArray
    df: float
    ties: str
    undefined: str | None
    components: Components
    confidence: float
    method: str
    notes: tuple[str, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)

    @property
    def defined(self) -> bool:
        """Whether there are strengths."""
        return self.undefined is None

    def win_probability(self, i: int, j: int) -> float:
        """Return the chance that ``i`` beats ``j`` (a tie counts half) with all covariates at zero; nan where undefined."""
        gap = self.log_strengths[self._system(i)] - self.log_strengths[self._system(j)]
        if math.isnan(gap):
            return NAN
        tie = math.log(self.tie_parameter) if self.ties != "half" else 0.0
        return float(MODELS[self.ties].expected_score(np.array([gap]), tie)[0])

    def rating(self, base: float = 1000.0, scale: float = 400.0) -> FloatArray:
        """Return the strengths on the scale of chess ratings: ``base + scale * log10(strength)``, mean ``base``. (S,)."""
        return number("base", base) + number("scale", scale) / math.log(10) * self.log_strengths

    def rating_interval(self, base: float = 1000.0, scale: float = 400.0) -> tuple[FloatArray, FloatArray]:
        """Return the ends of the intervals on the scale of ``rating``."""
        base, factor = number("base", base), number("scale", scale) / math.log(10)
        return base + factor * self.low, base + factor * self.high

    def difference(self, i: int, j: int) -> TestedEstimate:
        """Return the difference of the log-strengths of ``i`` and ``j`` with interval and (unadjusted) test."""
        one, two = self._system(i), self._system(j)
        value = float(self.log_strengths[one] - self.log_strengths[two])
        n = int(self.n_votes[one] + self.n_votes[two])
        if math.isnan(value) or one == two:
            reason = self.undefined or ("a system has no votes" if one != two else None)
            value = 0.0 if one == two and reason is None else NAN
            return TestedEstimate(
                value=value, confidence=self.confidence, method=self.method, n=n, undefined=reason
            )
        variance = self.covariance[one, one] + self.covariance[two, two] - 2 * self.covariance[one, two]
        error = math.sqrt(max(float(variance), 0.0))
        half = t_quantile(self.confidence, self.df) * error
        statistic = value / error if error > 0 else NAN
        return TestedEstimate(
            value=value,
            low=value - half if error > 0 else NAN,
            high=value + half if error > 0 else NAN,
            confidence=self.confidence,
            method="sandwich",
            n=n,
            standard_error=error,
            statistic=statistic,
            df=self.df,
            p_value=t_two_sided(statistic, self.df),
        )

    def _system(self, code: int) -> int:
        given: object = code
        known = isinstance(given, int | np.integer) and not isinstance(given, bool)
        if not known or not 0 <= code < len(self.log_strengths):
            last = len(self.log_strengths) - 1
            raise InputError(f"a system must be a code from 0 to {last}, got {shown(code)}")
        return int(code)


def without_answer(
    data: Votes, confidence: float, ties: str, groups: Components, reason: str
) -> BradleyTerry:
    """Return a fit that says why there are no strengths."""
    nothing = np.full(data.n_systems, np.nan)
    none = np.full(data.covariates.shape[1], np.nan)
    return BradleyTerry(
        log_strengths=nothing,
        low=nothing,
        high=nothing,
        standard_error=nothing,
        covariance=np.full((data.n_systems, data.n_systems), np.nan),
        strengths=nothing,
        rank=nothing,
        rank_low=nothing,
        rank_high=nothing,
        tie_parameter=NAN,
        coefficients=none,
        coefficient_low=none,
        coefficient_high=none,
        coefficient_standard_error=none,
        log_likelihood=NAN,
        converged=False,
        iterations=0,
        n=data.n,
        n_votes=data.per_system(),
        df=NAN,
        ties=ties,
        undefined=reason,
        components=groups,
        confidence=confidence,
        method="none",
        omitted=data.omitted,
    )
