"""Plackett-Luce strengths from rankings of several systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, IntArray, fraction
from concord.stats._normal import t_quantile
from concord.stats.ranking._graph import Components
from concord.stats.ranking._leaderboard import Leaderboard
from concord.stats.ranking._pl_fit import PlFit, newton, sandwich
from concord.stats.ranking._present import spread, spread_square, unplaced
from concord.stats.ranking._rankings import Rankings, components_of, places_of, rankings_of
from concord.stats.ranking._ranks import rank_ranges
from concord.stats.ranking._spread import Spread, spread_notes
from concord.stats.ranking._votes import system_count


@dataclass(frozen=True, kw_only=True)
class PlackettLuce(Leaderboard):
    """Strengths of S systems, as in ``BradleyTerry``: log-strengths sum to zero, strengths to one, ``n`` counts rankings.

    ``win_probability`` is the chance of being ranked above the other.
    """

    strengths: FloatArray
    log_likelihood: float
    converged: bool
    iterations: int
    n: int
    n_rankings: IntArray
    components: Components

    def _counts(self) -> IntArray:
        return self.n_rankings


def plackett_luce(
    rankings: ArrayLike,
    *,
    n_systems: int,
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
) -> PlackettLuce:
    """Return maximum-likelihood strengths from (partial) rankings, with sandwich intervals.

    Parameters
    ----------
    rankings
        (n, m) system codes, best first, one ranking a row, padded with -1. A row may rank any subset; what is not in it was not
        shown.
    n_systems
        How many systems there are.
    weights, clusters
        (n,) per ranking, as in ``bradley_terry``.

    Returns
    -------
    PlackettLuce
        Undefined where no finite maximum exists: some group of systems was never ranked above another.

    Raises
    ------
    InputError
        A code out of range, a system twice in a ranking, -1 before a code.

    Notes
    -----
    ``P(ranking) = prod_k exp(s_k) / sum_{j >= k} exp(s_j)``, by Newton's method. With two systems a row this is Bradley-Terry.

    References
    ----------
    Plackett (1975), doi:10.2307/2346567; Hunter (2004), doi:10.1214/aos/1079120141.

    Examples
    --------
    >>> result = plackett_luce([[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 0, 1]], n_systems=3)
    >>> result.rank.tolist()
    [1.0, 2.0, 2.0]
    """
    confidence = fraction("confidence", confidence)
    n_systems = system_count(n_systems)
    data = rankings_of(rankings, n_systems, weights, clusters)
    met = data.per_system()
    present = np.flatnonzero(met)
    unit = 2.0 ** np.round(np.log2(data.weight.mean())) if len(data.weight) else 1.0  # rounds nothing
    places = places_of(data.table, data.weight / unit, present)
    groups = components_of(places, present)
    common: dict[str, Any] = {
        "n": len(data.table),
        "n_rankings": met,
        "components": groups,
        "confidence": confidence,
        "omitted": data.omitted,
    }
    if len(groups) != 1:
        reason = "there are no rankings" if not groups else _why(groups)
        return _undefined(n_systems, reason, common)
    found = newton(places)
    if found is None:
        reason = "the rankings are too lopsided: the maximum is too far out to be computed"
        return _undefined(n_systems, reason, common)
    off = sandwich(places, found, data.cluster)
    return _result(found, off, data, present, unit, common)


def _result(
    found: PlFit,
    off: Spread,
    data: Rankings,
    present: IntArray,
    unit: float,
    common: dict[str, Any],
) -> PlackettLuce:
    s, confidence = data.n_systems, common["confidence"]
    n_clusters = None if data.cluster is None else int(data.cluster.max()) + 1
    notes = spread_notes(off, present, n_clusters=n_clusters, what="ranking")
    error, apart = off.errors(), off.of_differences(len(present))
    half = np.array([t_quantile(confidence, each) for each in off.df]) * error
    rank, best, worst = rank_ranges(found.strengths, apart, off.df, confidence)
    share = np.exp(found.strengths - found.strengths.max())
    return PlackettLuce(
        log_strengths=spread(found.strengths, present, s),
        low=spread(found.strengths - half, present, s),
        high=spread(found.strengths + half, present, s),
        standard_error=spread(error, present, s),
        covariance=spread_square(off.known(), present, s),
        difference_variance=spread_square(apart, present, s),
        strengths=spread(share / share.sum(), present, s),
        rank=spread(rank, present, s),
        rank_low=spread(best, present, s),
        rank_high=spread(worst, present, s),
        df=off.fewest_df(len(present)),
        system_df=spread(off.df_of_systems(len(present)), present, s),
        log_likelihood=found.log_likelihood * unit,
        converged=True,
        iterations=found.iterations,
        undefined=None,
        method="sandwich" if data.cluster is None else "sandwich, clustered",
        notes=notes + unplaced(s - len(present), "was in no ranking", "were in no ranking"),
        **common,
    )


def _why(groups: Components) -> str:
    shown = ", ".join(str(list(group)) for group in groups[:4])
    return f"no finite strengths exist: {len(groups)} groups, of which some were never ranked above another (best first: {shown})"


def _undefined(n_systems: int, reason: str, common: dict[str, Any]) -> PlackettLuce:
    nothing = np.full(n_systems, np.nan)
    return PlackettLuce(
        log_strengths=nothing,
        low=nothing,
        high=nothing,
        standard_error=nothing,
        covariance=np.full((n_systems, n_systems), np.nan),
        difference_variance=np.full((n_systems, n_systems), np.nan),
        strengths=nothing,
        rank=nothing,
        rank_low=nothing,
        rank_high=nothing,
        df=float("nan"),
        system_df=nothing,
        log_likelihood=float("nan"),
        converged=False,
        iterations=0,
        undefined=reason,
        method="none",
        **common,
    )
