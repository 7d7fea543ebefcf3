"""Plackett-Luce strengths from rankings of several systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, IntArray, fraction
from concord.stats._normal import t_quantile
from concord.stats.ranking._leaderboard import Leaderboard
from concord.stats.ranking._plackett_luce.bounds import with_bounds
from concord.stats.ranking._plackett_luce.fit import PlFit, newton, sandwich
from concord.stats.ranking._present import Part, together, unplaced
from concord.stats.ranking._rankings import Rankings, places_of, rankings_of, standings_of
from concord.stats.ranking._spread import spread_notes
from concord.stats.ranking._standings import NO_STRENGTHS, fitted_parts, standing_notes
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
        As in ``bradley_terry``: strengths within each component of systems that were all ranked above each other, directly or
        through others, and one end for systems that always came first or last. Undefined where there is no such component.

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
    standings = standings_of(places_of(data.table, data.weight / unit, present), present)
    common: dict[str, Any] = {
        "n": len(data.table),
        "n_rankings": met,
        "groups": standings.groups,
        "components": standings.components,
        "undefeated": standings.undefeated,
        "winless": standings.winless,
        "confidence": confidence,
        "omitted": data.omitted,
    }
    if not len(present):
        return _undefined(n_systems, "there are no rankings", common)
    found, reasons = fitted_parts(standings, lambda members: _fitted(data, members, unit, confidence))
    if not found:
        return _undefined(n_systems, reasons[0] if reasons else NO_STRENGTHS, common)
    notes = tuple(dict.fromkeys(note for each in found for note in each.notes))
    notes += standing_notes(standings, reasons)
    notes += unplaced(n_systems - len(present), "was in no ranking", "were in no ranking")
    fields = together([each.part for each in found], n_systems)
    fields["low"], fields["high"] = with_bounds(
        data, [each.part for each in found], standings, confidence, fields
    )
    return PlackettLuce(
        **fields,
        **common,
        log_likelihood=sum(each.fit.log_likelihood for each in found) * unit,
        converged=True,
        iterations=max(each.fit.iterations for each in found),
        undefined=None,
        method="sandwich" if data.cluster is None else "sandwich, clustered",
        notes=notes,
    )


@dataclass(frozen=True)
class _Fitted:
    part: Part
    fit: PlFit
    notes: tuple[str, ...]


def _fitted(data: Rankings, members: IntArray, unit: float, confidence: float) -> _Fitted | str:
    """Return the strengths of systems that were all ranked above each other, or why there are none."""
    own = data.among(members)
    places = places_of(own.table, own.weight / unit, members)
    found = newton(places)
    if found is None:
        return "the rankings are too lopsided: the maximum is too far out to be computed"
    off = sandwich(places, found, own.cluster)
    n_clusters = None if own.cluster is None else int(own.cluster.max()) + 1
    half = np.array([t_quantile(confidence, each) for each in off.df]) * off.errors()
    ends = found.strengths - half, found.strengths + half
    part = Part.of(members, found.strengths, ends, off, confidence)
    return _Fitted(part, found, spread_notes(off, members, n_clusters=n_clusters, what="ranking"))


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
