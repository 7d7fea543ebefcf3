"""Bradley-Terry strengths from pairwise votes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray, fraction, generator, one_of, repeats
from concord.stats.ranking._bootstrap import needs_votes, resampled_parameters
from concord.stats.ranking._bt_interval import interval_of
from concord.stats.ranking._bt_result import BradleyTerry, without_answer
from concord.stats.ranking._graph import (
    Components,
    scored_against,
    strong_components,
    ties_fill_every_gap,
)
from concord.stats.ranking._newton import Fit, at_infinity, fit, information_at, inverse
from concord.stats.ranking._present import spread, spread_square, unplaced
from concord.stats.ranking._ranks import rank_ranges
from concord.stats.ranking._spread import Spread, spread_notes
from concord.stats.ranking._tie_models import MODELS, TieModel
from concord.stats.ranking._two_ways import spread_of
from concord.stats.ranking._votes import Cells, Votes, cells, votes


def bradley_terry(
    left: ArrayLike,
    right: ArrayLike,
    outcome: ArrayLike,
    *,
    n_systems: int,
    ties: str = "half",
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    clusters2: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    confidence: float = 0.95,
    n_resamples: int = 0,
    rng: np.random.Generator | None = None,
) -> BradleyTerry:
    """Return maximum-likelihood Bradley-Terry strengths with sandwich (or bootstrap) intervals and ranges of ranks.

    Parameters
    ----------
    left, right
        (n,) system codes from 0 to ``n_systems - 1``. A system without votes gets nan and a note.
    outcome
        (n,) 1.0 where left won, 0.0 where right won, 0.5 for a tie; nan is dropped. With ``ties="half"`` any share between.
    n_systems
        How many systems there are, those without votes included.
    ties
        "half": half a win each; "davidson"; "rao-kupper" (both estimate how common ties are).
    weights
        (n,) weights of the votes, for instance inverse propensities of an adaptive choice of pairs.
    clusters
        (n,) codes of rater or prompt: votes in a cluster may hang together; intervals then rest on the clusters.
    clusters2
        (n,) codes of the other of both, where votes of a rater hang together and those on a prompt do too.
    covariates
        (n,) or (n, p) what sets left apart from right besides the system, left minus right: 1.0 for the position (left is
        shown first), the difference in length, and so on. Their coefficients are estimated together with the strengths.
    n_resamples
        0: intervals from the sandwich covariance; otherwise percentiles of that many resamples of votes (or clusters).

    Returns
    -------
    BradleyTerry
        Undefined, all nan, where no finite maximum exists: some group of systems never scored against another (an undefeated
        system, groups that never met), or the covariates separate the outcomes. ``components`` names the groups, best first.

    Raises
    ------
    InputError
        A code out of range, an outcome outside [0, 1] (or not 0, 0.5 or 1 for the tie models), an infinite covariate.

    Notes
    -----
    "half": ``P(i beats j) = 1 / (1 + exp(-(s_i - s_j + x b)))``. Strengths sum to zero over the systems with votes. Ranges of
    ranks count the systems that are significantly better or worse after Holm's adjustment of all pairwise differences.

    References
    ----------
    Bradley & Terry (1952), doi:10.2307/2334029. Davidson (1970), doi:10.1080/01621459.1970.10481082. Rao & Kupper (1967),
    doi:10.1080/01621459.1967.10482901. Ford (1957), doi:10.2307/2308513, for when the maximum exists.

    Examples
    --------
    >>> result = bradley_terry([0, 0, 0, 1], [1, 1, 1, 0], [1, 1, 0, 0.5], n_systems=2)
    >>> result.log_strengths.round(4).tolist()
    [0.2554, -0.2554]
    """
    confidence = fraction("confidence", confidence)
    one_of("ties", ties, tuple(MODELS))
    n_resamples = repeats("n_resamples", n_resamples)
    source = generator(rng)
    data = votes(
        left,
        right,
        outcome,
        n_systems=n_systems,
        weights=weights,
        clusters=clusters,
        clusters2=clusters2,
        covariates=covariates,
    )
    if data.cluster2 is not None and n_resamples:
        raise InputError("votes cannot be drawn two ways at once: give clusters2 without n_resamples")
    return fit_votes(data, ties, confidence, n_resamples, source)


def fit_votes(
    data: Votes, ties: str, confidence: float, n_resamples: int, source: np.random.Generator
) -> BradleyTerry:
    """Return the fit of validated votes."""
    if ties != "half" and not np.isin(data.outcome, (0.0, 0.5, 1.0)).all():
        raise InputError(f"ties={ties!r} needs outcomes of 1, 0 or 0.5")
    n_votes = data.per_system()
    present = np.flatnonzero(n_votes > 0)
    scale = _Scale.of(data)
    dense = _renumbered(data, present, scale)
    mapped = data.cluster is not None or (n_resamples > 0 and needs_votes(data))
    gathered = cells(dense, mapped=mapped)
    table = scored_against(gathered.left, gathered.right, gathered.outcome, gathered.weight, len(present))
    groups = tuple(tuple(int(present[i]) for i in group) for group in strong_components(table))
    if len(groups) != 1:
        return without_answer(data, confidence, ties, groups, _why(groups))
    model, tie_note = _model(gathered, ties)
    if model.has_parameter and ties_fill_every_gap(
        gathered.left, gathered.right, gathered.outcome, len(present)
    ):
        return without_answer(data, confidence, ties, groups, _SEPARATED)
    fitted = fit(gathered, gathered.weight, len(present), model, _start(gathered, len(present), model))
    off = spread_of(dense, gathered, fitted, model)
    reason = _failure(gathered, fitted, model, off is None)
    if reason is not None or off is None:
        return without_answer(data, confidence, ties, groups, str(reason))
    drawn = resampled_parameters(dense, gathered, fitted, model, n_resamples, source) if n_resamples else None
    fitted, off, drawn = scale.undone(fitted, off, drawn)
    return _result(
        data,
        present,
        n_votes,
        fitted,
        model,
        off,
        drawn,
        confidence,
        ties,
        groups,
        tie_note,
    )


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

    def undone(
        self, fitted: Fit, off: Spread, drawn: FloatArray | None
    ) -> tuple[Fit, Spread, FloatArray | None]:
        """Return fit, spread and resamples in the units given."""
        unit = np.ones(len(fitted.parameters))
        unit[fitted.n_systems : -1] = self.covariates
        again = replace(
            fitted, parameters=fitted.parameters / unit, log_likelihood=fitted.log_likelihood * self.weight
        )
        return again, off.in_units(unit), None if drawn is None else drawn / unit


def _renumbered(data: Votes, present: np.ndarray, scale: _Scale) -> Votes:
    """Return the votes among the systems present, coded from 0, in the units of ``scale``."""
    place = np.full(data.n_systems, -1)
    place[present] = np.arange(len(present))
    every = len(present) == data.n_systems
    return replace(
        data,
        left=data.left if every else place[data.left],
        right=data.right if every else place[data.right],
        weight=data.weight if scale.weight == 1 else data.weight / scale.weight,
        squares=None if data.squares is None else data.squares / scale.weight**2,
        covariates=data.covariates / scale.covariates,
        n_systems=len(present),
    )


def _why(groups: Components) -> str:
    if not groups:
        return "there are no votes"
    shown = [list(group) if len(group) <= 5 else f"{len(group)} systems" for group in groups[:4]]
    return (
        f"no finite strengths exist: the systems fall into {len(groups)} groups, of which some never scored against another "
        f"(best first: {', '.join(map(str, shown))}{', ...' if len(groups) > 4 else ''})"
    )


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


def _result(
    data: Votes,
    present: np.ndarray,
    n_votes: IntArray,
    fitted: Fit,
    model: TieModel,
    off: Spread,
    drawn: FloatArray | None,
    confidence: float,
    ties: str,
    groups: Components,
    notes: tuple[str, ...],
) -> BradleyTerry:
    s, error, apart = len(present), off.errors(), off.of_differences(len(present))
    low, high, method, more = interval_of(data, fitted, off, drawn, confidence)
    notes += spread_notes(off, present, n_clusters=_n_clusters(data), n_coefficients=data.covariates.shape[1])
    notes += more + unplaced(data.n_systems - s, "has no votes", "have no votes")
    log_strengths = fitted.parameters[:s]
    rank, best, worst = rank_ranges(log_strengths, apart, off.df[:s], confidence)
    share = np.exp(log_strengths - log_strengths.max())
    return BradleyTerry(
        log_strengths=spread(log_strengths, present, data.n_systems),
        low=spread(low[:s], present, data.n_systems),
        high=spread(high[:s], present, data.n_systems),
        standard_error=spread(error[:s], present, data.n_systems),
        covariance=spread_square(off.known()[:s, :s], present, data.n_systems),
        difference_variance=spread_square(apart, present, data.n_systems),
        strengths=spread(share / share.sum(), present, data.n_systems),
        rank=spread(rank, present, data.n_systems),
        rank_low=spread(best, present, data.n_systems),
        rank_high=spread(worst, present, data.n_systems),
        tie_parameter=_tie_parameter(model, fitted, ties),
        coefficients=fitted.parameters[s:-1],
        coefficient_low=low[s:-1],
        coefficient_high=high[s:-1],
        coefficient_standard_error=error[s:-1],
        log_likelihood=fitted.log_likelihood,
        converged=fitted.converged,
        iterations=fitted.iterations,
        n=data.n,
        n_votes=n_votes,
        df=off.fewest_df(s),
        system_df=spread(off.df_of_systems(s), present, data.n_systems),
        ties=ties if model.has_parameter else "half",
        undefined=None,
        components=groups,
        confidence=confidence,
        method=method,
        notes=notes,
        omitted=data.omitted,
    )


def _n_clusters(data: Votes) -> int | None:
    """Return how many clusters there are, the fewer of both ways; None without clusters."""
    ways = [int(way.max()) + 1 for way in (data.cluster, data.cluster2) if way is not None]
    return min(ways) if ways else None


def _tie_parameter(model: TieModel, fitted: Fit, ties: str) -> float:
    if not model.has_parameter:
        return {"davidson": 0.0, "rao-kupper": 1.0}.get(ties, float("nan"))
    return model.parameter(fitted.tie)


__all__ = ["BradleyTerry", "bradley_terry"]
