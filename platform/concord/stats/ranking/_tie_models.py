"""Three ways for a comparison to end in a tie, each as a concave log-likelihood of (advantage, tie parameter).

``advantage`` is ``strength of left - strength of right + covariates @ coefficients``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Derivatives:
    """Per-cell log-likelihood of one vote with first and second derivatives in advantage (a) and tie parameter (t)."""

    value: FloatArray
    a: FloatArray
    aa: FloatArray
    t: FloatArray
    at: FloatArray
    tt: FloatArray

    def some(self, places: IntArray) -> Derivatives:
        """Return those of these cells, which may repeat."""
        return Derivatives(
            *(each[places] for each in (self.value, self.a, self.aa, self.t, self.at, self.tt))
        )


class TieModel(Protocol):
    """A likelihood of one vote."""

    has_parameter: bool

    def derivatives(self, advantage: FloatArray, outcome: FloatArray, tie: float) -> Derivatives:
        """Return the log-likelihood of one vote in each cell and its derivatives."""

    def expected_score(self, advantage: FloatArray, tie: float) -> FloatArray:
        """Return the chance that left wins plus half the chance of a tie."""

    def parameter(self, tie: float) -> float:
        """Return the tie parameter on the scale of the paper that introduced it."""

    def start(self, tie_share: float) -> float:
        """Return a starting value for the tie parameter."""


class Half:
    """A tie is half a win for each side: Bradley and Terry's (1952) likelihood with half-wins."""

    has_parameter = False

    def derivatives(self, advantage: FloatArray, outcome: FloatArray, tie: float) -> Derivatives:
        """Return the log-likelihood and its derivatives."""
        share = special.expit(advantage)
        value = special.log_expit(advantage) - (1 - outcome) * advantage
        zero = np.zeros_like(share)
        return Derivatives(value, outcome - share, -share * (1 - share), zero, zero, zero)

    def expected_score(self, advantage: FloatArray, tie: float) -> FloatArray:
        """Return the chance that left wins."""
        result: FloatArray = special.expit(advantage)
        return result

    def parameter(self, tie: float) -> float:
        """There is none."""
        return float("nan")

    def start(self, tie_share: float) -> float:
        """There is none."""
        return 0.0


class _Shares(NamedTuple):
    """Chances of left, right and a tie, and the log of their total."""

    left: FloatArray
    right: FloatArray
    even: FloatArray
    total: FloatArray


class Davidson:
    """Ties are as likely as ``nu`` times the geometric mean of both wins (Davidson 1970); the parameter is ``log nu``."""

    has_parameter = True

    def _shares(self, advantage: FloatArray, tie: float) -> _Shares:
        scores = np.stack([advantage / 2, -advantage / 2, np.full_like(advantage, tie)])
        total = special.logsumexp(scores, axis=0)
        left, right, even = np.exp(scores - total)
        return _Shares(left, right, even, total)

    def derivatives(self, advantage: FloatArray, outcome: FloatArray, tie: float) -> Derivatives:
        """Return the log-likelihood and its derivatives."""
        left, right, even, total = self._shares(advantage, tie)
        tied = (outcome == 0.5).astype(np.float64)
        signed = outcome - 0.5
        lead = (left - right) / 2
        return Derivatives(
            value=signed * advantage + tied * tie - total,
            a=signed - lead,
            aa=-((left + right) / 4 - lead**2),
            t=tied - even,
            at=even * lead,
            tt=-even * (1 - even),
        )

    def expected_score(self, advantage: FloatArray, tie: float) -> FloatArray:
        """Return the chance that left wins plus half the chance of a tie."""
        left, _, even, _ = self._shares(np.asarray(advantage, dtype=np.float64), tie)
        return left + even / 2

    def parameter(self, tie: float) -> float:
        """Return nu."""
        return float(np.exp(tie))

    def start(self, tie_share: float) -> float:
        """Return log nu at which equals tie that often."""
        return float(np.log(2 * tie_share / (1 - tie_share)))


class RaoKupper:
    """A tie where the advantage is too small to be seen (Rao and Kupper 1967); the parameter is ``log eta > 0``."""

    has_parameter = True

    def derivatives(self, advantage: FloatArray, outcome: FloatArray, tie: float) -> Derivatives:
        """Return the log-likelihood and its derivatives; -inf where the parameter leaves its range."""
        if tie <= 0:
            nothing = np.zeros_like(advantage)
            return Derivatives(np.full_like(advantage, -np.inf), *([nothing] * 5))
        tied = outcome == 0.5
        left_seen = ((outcome == 1) | tied).astype(np.float64)
        right_seen = ((outcome == 0) | tied).astype(np.float64)
        left, right = special.expit(advantage - tie), special.expit(-advantage - tie)
        log_gap = 2 * tie + np.log(-np.expm1(-2 * tie))  # log(exp(2 t) - 1), which would overflow
        slope = 2 / -np.expm1(-2 * tie)
        bend = -4 * np.exp(-2 * tie) / np.expm1(-2 * tie) ** 2
        curve_left, curve_right = left_seen * left * (1 - left), right_seen * right * (1 - right)
        step_left, step_right = left_seen * (1 - left), right_seen * (1 - right)
        return Derivatives(
            value=left_seen * special.log_expit(advantage - tie)
            + right_seen * special.log_expit(-advantage - tie)
            + tied * log_gap,
            a=step_left - step_right,
            aa=-curve_left - curve_right,
            t=tied * slope - step_left - step_right,
            at=curve_left - curve_right,
            tt=tied * bend - curve_left - curve_right,
        )

    def expected_score(self, advantage: FloatArray, tie: float) -> FloatArray:
        """Return the chance that left wins plus half the chance of a tie."""
        advantage = np.asarray(advantage, dtype=np.float64)
        result: FloatArray = (special.expit(advantage - tie) + 1 - special.expit(-advantage - tie)) / 2
        return result

    def parameter(self, tie: float) -> float:
        """Return eta."""
        return float(np.exp(tie))

    def start(self, tie_share: float) -> float:
        """Return log eta at which equals tie that often."""
        return float(np.log((1 + tie_share) / (1 - tie_share)))


MODELS: dict[str, TieModel] = {"half": Half(), "davidson": Davidson(), "rao-kupper": RaoKupper()}
