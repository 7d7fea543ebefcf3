"""Bradley-Terry strengths as people would give them, from few of their votes and many of a judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    codes,
    compact,
    count,
    floats,
    fraction,
    within,
)
from concord.stats._normal import t_quantile
from concord.stats.joint._items import ONE_SIDED, inverse_chances
from concord.stats.joint._strengths import Comparisons, Solution, solve, spread_of
from concord.stats.joint._tuning import given_weight
from concord.stats.ranking._leaderboard import Leaderboard, nothing_known
from concord.stats.ranking._present import Part, together, unplaced
from concord.stats.ranking._spread import Spread, spread_notes
from concord.stats.ranking._standings import Standings, fitted_parts, standing_notes
from concord.stats.ranking._votes import Votes, votes


@dataclass(frozen=True, kw_only=True)
class PredictionPoweredBradleyTerry(Leaderboard):
    """Strengths of S systems as in ``BradleyTerry``; ``lam`` is the judge's weight, ``n_votes`` (S,) counts people's votes."""

    lam: float
    n_labelled: int
    n_unlabelled: int
    n_votes: IntArray
    converged: bool

    def _counts(self) -> IntArray:
        return self.n_votes


def prediction_powered_bradley_terry(
    left: ArrayLike,
    right: ArrayLike,
    outcome: ArrayLike,
    judged: ArrayLike,
    unlabelled_left: ArrayLike,
    unlabelled_right: ArrayLike,
    unlabelled_judged: ArrayLike,
    *,
    n_systems: int,
    clusters: ArrayLike | None = None,
    unlabelled_clusters: ArrayLike | None = None,
    propensities: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    lam: float | None = None,
    confidence: float = 0.95,
) -> PredictionPoweredBradleyTerry:
    """Return strengths that minimise the judge's loss on all comparisons, corrected by the labelled ones.

    Parameters
    ----------
    left, right, outcome, judged
        (n,) comparisons that both people and the judge decided; ties are 0.5.
    unlabelled_left, unlabelled_right, unlabelled_judged
        (N,) comparisons that only the judge decided, drawn from the same mix of pairs.
    n_systems
        How many systems there are: codes go from 0 to ``n_systems - 1``.
    clusters, unlabelled_clusters
        (n,), (N,) codes of rater or prompt: votes in a cluster may hang together. The same code on both sides is the same
        cluster.
    propensities
        (n,) the chance with which each labelled comparison had been chosen for people, out of all n + N. Default: uniform.
    weights
        (n,) weights of people's votes, instead of ``propensities``: 1 / propensity of pairs from ``next_pairs``, where the
        unlabelled comparisons have the even mix of pairs that the weights restore.
    lam
        The weight of the judge, 0 to 1; None takes that with the smallest total variance.

    Returns
    -------
    PredictionPoweredBradleyTerry
        Strengths exist within each component of systems that people's votes alone connect, as in ``bradley_terry``: without
        these the correction has no finite solution to rest on. Systems outside have none, and no bound. Undefined where
        people's votes connect no two systems. ``lam`` is that of the component with most votes.

    Raises
    ------
    InputError
        As ``bradley_terry``; a propensity outside (0, 1], weights beside propensities.

    Notes
    -----
    The gradient ``lam mean_N x (p - judged) + mean_n x ((p - outcome) - lam (p - judged))`` is set to zero; its
    sandwich gives the covariance. With propensities the first mean runs over all n + N, the second is weighted by their
    inverse. Angelopoulos, Duchi & Zrnic (2023), "PPI++", arXiv:2311.01453; Boyeau et al.
    (2024), arXiv:2403.07008.

    Examples
    --------
    >>> a, b, won = [0, 0, 1, 1] * 10, [1, 1, 0, 0] * 10, [1, 1, 1, 0] * 10
    >>> result = prediction_powered_bradley_terry(a, b, won, won, a, b, won, n_systems=2)
    >>> round(float(result.log_strengths[0]), 3)
    0.549
    """
    confidence = fraction("confidence", confidence)
    lam, n_systems = given_weight(lam), count("n_systems", n_systems, at_least=1)
    data, omitted = _data(
        (left, right, outcome, judged),
        (unlabelled_left, unlabelled_right, unlabelled_judged),
        (clusters, unlabelled_clusters),
        (propensities, weights),
        n_systems,
    )
    n_rest = data.pool.n - (data.people.n if propensities is not None else 0)
    people, standings = data.people, Standings.of_votes(data.people)
    choices = [0.0] if n_rest == 0 else ([lam] if lam is not None else np.linspace(0, 1, 21).tolist())
    how = _How(choices, clusters is not None, confidence)
    found, reasons = fitted_parts(standings, lambda members: _fitted(data, members, how))
    if not found:
        reason = (
            reasons[0] if reasons else "people's votes connect no two systems: none scored against each other"
        )
        return _undefined(data, n_rest, confidence, reason, omitted, standings)
    one_sided = clusters is not None and unlabelled_clusters is None and n_rest > 0
    notes: tuple[str, ...] = (ONE_SIDED,) if one_sided else ()
    notes += tuple(dict.fromkeys(note for each in found for note in each.notes))
    notes += standing_notes(standings, reasons)
    notes += unplaced(
        n_systems - sum(map(len, standings.components)), "has no votes of people", "have no votes of people"
    )
    return PredictionPoweredBradleyTerry(
        **together([each.part for each in found], n_systems, strengths=False),
        lam=max(found, key=lambda each: each.n_votes).lam,
        n_labelled=people.n,
        n_unlabelled=n_rest,
        n_votes=people.per_system(),
        converged=True,
        groups=standings.groups,
        components=standings.components,
        undefeated=standings.undefeated,
        winless=standings.winless,
        confidence=confidence,
        method="prediction-powered Bradley-Terry, sandwich"
        + ("" if clusters is None else ", clustered")
        + ("" if lam is None or not n_rest else f", weight {lam:g} given"),
        notes=notes,
        omitted=omitted,
    )


@dataclass(frozen=True)
class _How:
    """What is asked of every part: the weights of the judge to choose from, and whether votes come in clusters."""

    choices: list[float]
    clustered: bool
    confidence: float


@dataclass(frozen=True)
class _Fitted:
    part: Part
    lam: float
    n_votes: int
    notes: tuple[str, ...]


def _fitted(data: Comparisons, members: IntArray, how: _How) -> _Fitted | str:
    """Return the strengths of systems that people's votes connect, or why there are none."""
    own = data.among(members)
    solved = _most_precise(own, how.choices)
    if solved is None:
        return "the corrected loss has no finite minimum"
    best, found = solved
    off = spread_of(own, found, clustered=how.clustered)
    half = np.array([t_quantile(how.confidence, each) for each in off.df]) * off.errors()
    part = Part.of(
        members, found.strengths, (found.strengths - half, found.strengths + half), off, how.confidence
    )
    return _Fitted(part, best, own.people.n, _notes(own, off, members, clustered=how.clustered))


def _most_precise(data: Comparisons, choices: list[float]) -> tuple[float, Solution] | None:
    """Return the weight of the judge at which strengths vary least, with these; None where no weight has a solution."""
    usable: dict[float, Solution] = {}
    start = np.zeros(data.n_systems)
    for lam in choices:
        solution = solve(data, lam, start)
        if solution is not None:
            usable[lam], start = solution, solution.strengths  # near the next weight's
    if not usable:
        return None
    best = min(usable, key=lambda lam: float(np.trace(usable[lam].covariance)))
    return best, usable[best]


def _weights(propensities: ArrayLike | None, weights: ArrayLike | None, n: int) -> FloatArray:
    """Return what each of people's votes weighs."""
    if weights is None:
        return inverse_chances(propensities, n)
    if propensities is not None:
        raise InputError("give weights or propensities, not both: weights are inverse chances already")
    return floats("weights", weights, length=n, missing=False)


def _data(
    labelled: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike],
    rest: tuple[ArrayLike, ArrayLike, ArrayLike],
    clusters: tuple[ArrayLike | None, ArrayLike | None],
    chances: tuple[ArrayLike | None, ArrayLike | None],
    n_systems: int,
) -> tuple[Comparisons, dict[str, int]]:
    left, right, outcome, judged = labelled
    drawn = chances[0] is not None
    own = floats("outcome", outcome)
    verdict = floats("judged", judged, length=len(own))
    within("judged", verdict, 0, 1)
    both = np.where(np.isnan(verdict), np.nan, own)
    n_rest = len(codes("unlabelled_left", rest[0]))
    first, second = _clusters(clusters, len(own), n_rest)
    # What votes() drops, it drops from its covariates too: judged outcomes and clusters travel with the votes.
    carried = np.stack([np.nan_to_num(verdict), first], 1)
    people = votes(
        left, right, both, n_systems=n_systems, weights=_weights(*chances, len(own)), covariates=carried
    )
    pool = votes(*rest, n_systems=n_systems, covariates=second)
    judge, group = people.covariates[:, 0], people.covariates[:, 1].astype(np.int64)
    pool_group = pool.covariates[:, 0].astype(np.int64)
    if drawn:  # every labelled comparison is in both means, and so a cluster of its own at least
        pool, pool_group = _all(people, judge, pool), np.concatenate([group, pool_group])
    together = drawn or clusters[0] is not None
    groups = (group, pool_group) if together else None
    return Comparisons(people, judge, pool, groups, n_systems), dict(people.omitted)


def _all(people: Votes, judged: FloatArray, rest: Votes) -> Votes:
    """Return the judge's verdicts on all comparisons, those that people decided first."""
    return replace(
        rest,
        left=np.concatenate([people.left, rest.left]),
        right=np.concatenate([people.right, rest.right]),
        outcome=np.concatenate([judged, rest.outcome]),
        weight=np.ones(people.n + rest.n),
        covariates=np.empty((people.n + rest.n, 0)),
    )


def _clusters(
    given: tuple[ArrayLike | None, ArrayLike | None], n: int, n_rest: int
) -> tuple[IntArray, IntArray]:
    """Return cluster codes that mean the same on both sides; without codes a vote is its own cluster."""
    one, two = given
    if one is None and two is not None and n_rest:
        raise InputError("unlabelled_clusters need clusters")
    first = np.arange(n) if one is None else codes("clusters", one, length=n)
    if one is None or two is None:
        first = compact(first)[0]
        return first, first.max(initial=-1) + 1 + np.arange(n_rest)
    every = compact(np.concatenate([first, codes("unlabelled_clusters", two, length=n_rest)]))[0]
    return every[:n], every[n:]


def _notes(data: Comparisons, off: Spread, members: IntArray, *, clustered: bool) -> tuple[str, ...]:
    """Return what a reader of the intervals must know of the votes and their clusters."""
    if data.people.n < 2:
        return ("one vote: no interval, and every rank is open.",)
    n_clusters = len(np.unique(data.groups[0])) if clustered and data.groups is not None else None
    if np.isnan(off.df).all() and n_clusters != 1:
        together = "the votes of each cluster together say" if clustered else "every vote says"
        return (f"{together} exactly what the strengths expect: no interval, and every rank is open.",)
    return spread_notes(off, members, n_clusters=n_clusters)


def _undefined(
    data: Comparisons,
    n_rest: int,
    confidence: float,
    reason: str,
    omitted: Mapping[str, int],
    standings: Standings,
) -> PredictionPoweredBradleyTerry:
    return PredictionPoweredBradleyTerry(
        **nothing_known(data.n_systems, standings),
        lam=float("nan"),
        n_labelled=data.people.n,
        n_unlabelled=n_rest,
        n_votes=data.people.per_system(),
        converged=False,
        confidence=confidence,
        undefined=reason,
        omitted=omitted,
    )
