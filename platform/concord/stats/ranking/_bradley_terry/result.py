"""What a Bradley-Terry fit says."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray, IntArray
from concord.stats._results import NAN
from concord.stats.ranking._leaderboard import Leaderboard, nothing_known
from concord.stats.ranking._standings import Standings
from concord.stats.ranking._tie_models import MODELS
from concord.stats.ranking._votes import Votes


@dataclass(frozen=True, kw_only=True)
class BradleyTerry(Leaderboard):
    """Strengths of S systems. All (S,) arrays are in the order of the codes; nan where a system has no votes.

    Within each component ``log_strengths`` sum to zero and ``strengths`` (their exponentials) to one. ``tie_parameter`` is
    Davidson's nu or Rao and Kupper's eta, nan for half-wins. ``coefficients`` belong to the covariates.
    """

    strengths: FloatArray
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
    ties: str

    def _counts(self) -> IntArray:
        return self.n_votes

    def _chance(self, gap: float) -> float:
        if math.isnan(gap):
            return NAN
        tie = math.log(self.tie_parameter) if self.ties != "half" else 0.0
        return float(MODELS[self.ties].expected_score(np.array([gap]), tie)[0])


def without_answer(
    data: Votes, confidence: float, ties: str, standings: Standings, reason: str
) -> BradleyTerry:
    """Return a fit that says why there are no strengths."""
    nothing = np.full(data.n_systems, np.nan)
    none = np.full(data.covariates.shape[1], np.nan)
    return BradleyTerry(
        **nothing_known(data.n_systems, standings),
        strengths=nothing,
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
        ties=ties,
        undefined=reason,
        confidence=confidence,
        omitted=data.omitted,
    )
