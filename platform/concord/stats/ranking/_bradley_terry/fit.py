"""Bradley-Terry strengths of systems that all scored against each other, directly or through others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from concord.stats._arrays import FloatArray, IntArray
from concord.stats.ranking._bootstrap import needs_votes, resampled_parameters
from concord.stats.ranking._bradley_terry.interval import interval_of
from concord.stats.ranking._graph import ties_fill_every_gap
from concord.stats.ranking._newton import Fit, at_infinity, fit, information_at, inverse
from concord.stats.ranking._present import Part
from concord.stats.ranking._spread import Spread, spread_notes
from concord.stats.ranking._tie_models import MODELS, TieModel
from concord.stats.ranking._two_ways import spread_of
from concord.stats.ranking._votes import Cells, Votes, cells


@dataclass(frozen=True)
class BtPart:
    """The strengths of a part, ends and errors of all parameters (strengths first), and how they were made."""

    part: Part
    fitted: Fit
    model: TieModel
    low: FloatArray
    high: FloatArray
    error: FloatArray
    n_votes: int
    method: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class HowToFit:
    """What is asked of every part."""

    ties: str
    confidence: float
    n_resamples: int
    source: np.random.Generator


def fit_part(data: Votes, members: IntArray, how: HowToFit) -> BtPart | str:
    """Return the fit of the votes among ``members``, or the reason why there is none."""
    votes, s = data.among(members), len(members)
    scale = _Scale.of(votes)
    dense = scale.applied(votes)
    mapped = votes.cluster is not None or (how.n_resamples > 0 and needs_votes(votes))
    gathered = cells(dense, mapped=mapped)
    model, notes = _model(gathered, how.ties)
    if model.has_parameter and ties_fill_every_gap(gathered.left, gathered.right, gathered.outcome, s):
        return _SEPARATED
    fitted = fit(gathered, gathered.weight, s, model, _start(gathered, s, model))
    off = spread_of(dense, gathered, fitted, model)
    reason = _failure(gathered, fitted, model, off is None)
    if reason is not None or off is None:
        return str(reason)
    drawn = None
    if how.n_resamples:
        drawn = resampled_parameters(dense, gathered, fitted, model, how.n_resamples, how.source)
    fitted, off, drawn = scale.undone(fitted, off, drawn)
    low, high, method, more = interval_of(votes, fitted, off, drawn, how.confidence)
    n_coefficients = votes.covariates.shape[1]
    notes += spread_notes(off, members, n_clusters=n_clusters_of(votes), n_coefficients=n_coefficients) + more
    part = Part.of(members, fitted.parameters[:s], (low, high), off, how.confidence)
    return BtPart(part, fitted, model, low, high, off.errors(), votes.n, method, notes)


_SEPARATED = "the outcomes are separated: the maximum lies at infinity"


def _failure(gathered: Cells, fitted: Fit, model: TieModel, singular: bool) -> str | None:
    """Return why a fit is no answer; without covariates a maximum exists here, but may be too far to be computed."""
    if not gathered.covariates.shape[1]:
        lopsided = "the votes are too lopsided: the maximum is too far out to be computed"
        return lopsided if singular or not fitted.converged else None
    far = at_infinity(gathered, fitted.parameters, fitted.n_systems)
    if not (far or singular) and fitted.converged:
        return None
    even = information_at(gathered, gathered.weight, len(fitted.parameters), fitted.n_systems, model)
    if inverse(even, fitted.n_systems, model) is None:
        return "a covariate follows from the other covariates and the systems"
    return _SEPARATED


class Undone(NamedTuple):
    """Fit, spread and resamples in the units given."""

    fitted: Fit
    spread: Spread
    drawn: FloatArray | None


@dataclass(frozen=True)
class _Scale:
    """Weights are fitted with a mean of about 1 (by a power of two, which rounds nothing) and covariates with a largest value
    of 1, so that no unit of measurement leaves float64."""

    weight: float
    covariates: FloatArray  # (p,)

    @classmethod
    def of(cls, data: Votes) -> _Scale:
        largest = np.abs(data.covariates).max(axis=0, initial=0.0)
        mean = float(data.weight.sum()) / max(data.n, 1)
        power = 2.0 ** np.round(np.log2(mean)) if mean > 0 else 1.0
        return cls(float(power), np.where(largest > 1e-140, largest, 1.0))

    def applied(self, data: Votes) -> Votes:
        """Return the votes in these units."""
        return replace(
            data,
            weight=data.weight if self.weight == 1 else data.weight / self.weight,
            squares=None if data.squares is None else data.squares / self.weight**2,
            covariates=data.covariates / self.covariates,
        )

    def undone(self, fitted: Fit, off: Spread, drawn: FloatArray | None) -> Undone:
        """Return fit, spread and resamples in the units given."""
        unit = np.ones(len(fitted.parameters))
        unit[fitted.n_systems : -1] = self.covariates
        again = replace(
            fitted, parameters=fitted.parameters / unit, log_likelihood=fitted.log_likelihood * self.weight
        )
        return Undone(again, off.in_units(unit), None if drawn is None else drawn / unit)


def _model(gathered: Cells, ties: str) -> tuple[TieModel, tuple[str, ...]]:
    tied = float(gathered.weight[gathered.outcome == 0.5].sum())
    if ties != "half" and tied == 0:
        return MODELS["half"], (
            "no vote was a tie: the tie parameter is at its edge and the plain model stands.",
        )
    return MODELS[ties], ()


def _start(gathered: Cells, n_systems: int, model: TieModel) -> FloatArray:
    start = np.zeros(n_systems + gathered.covariates.shape[1] + 1)
    share = float(gathered.weight[gathered.outcome == 0.5].sum() / gathered.weight.sum())
    start[-1] = model.start(min(max(share, 1e-6), 0.95)) if model.has_parameter else 0.0
    return start


def n_clusters_of(data: Votes) -> int | None:
    """Return how many clusters there are, the fewer of both ways; None without clusters."""
    ways = [int(way.max()) + 1 for way in (data.cluster, data.cluster2) if way is not None]
    return min(ways) if ways else None
