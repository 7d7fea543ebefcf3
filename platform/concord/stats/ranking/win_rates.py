"""Win rates: how often a system wins, a tie counting half."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, IntArray, compact, fraction, one_of, tally
from concord.stats._results import Record
from concord.stats.ranking._graph import Components
from concord.stats.ranking._rates import rate
from concord.stats.ranking._standings import Standings
from concord.stats.ranking._votes import Votes, votes


@dataclass(frozen=True, kw_only=True)
class WinRates(Record):
    """Win rates of S systems, (S,) each; nan where a system has no votes. ``wins`` and ``counts`` are (S, S), i against j.

    Rates of systems of different ``groups``, which were never compared, directly or through others, say nothing about each
    other. ``undefeated`` systems won all of their votes, ``winless`` ones lost all.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray
    n: IntArray
    wins: FloatArray = field(repr=False)
    counts: FloatArray = field(repr=False)
    groups: Components
    undefeated: tuple[int, ...]
    winless: tuple[int, ...]
    confidence: float
    method: str
    undefined: tuple[str | None, ...]
    omitted: Mapping[str, int] = field(default_factory=dict)


def win_rates(
    left: ArrayLike,
    right: ArrayLike,
    outcome: ArrayLike,
    *,
    n_systems: int,
    average: str = "votes",
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
) -> WinRates:
    """Return each system's win rate, ties as half a win.

    Parameters
    ----------
    left, right, outcome, n_systems, weights, clusters
        As in ``bradley_terry``.
    average
        "votes": over the system's votes; "opponents": over its opponents, each counting the same however often it was met.

    Returns
    -------
    WinRates
        nan, with the reason in ``undefined``, for a system without votes. Intervals are Wilson's at the effective number of
        votes that the (clustered) variance implies.

    Raises
    ------
    InputError
        As ``bradley_terry``.

    Notes
    -----
    "votes": ``sum(w * outcome) / sum(w)`` over the system's votes, as seen from its side; "opponents": the mean over opponents of
    that against each, of which only what varies within opponents makes the interval. Where no vote differs from another, Wilson's
    n is the number of votes (with weights Kish's effective number, with clusters that of the clusters).

    References
    ----------
    Wilson (1927), doi:10.2307/2276774.

    Examples
    --------
    >>> win_rates([0, 0, 1], [1, 1, 0], [1.0, 0.5, 0.0], n_systems=2).value.round(3).tolist()
    [0.833, 0.167]
    """
    confidence = fraction("confidence", confidence)
    one_of("average", average, ("votes", "opponents"))
    data = votes(left, right, outcome, n_systems=n_systems, weights=weights, clusters=clusters)
    wins, counts = _tables(data)
    s = data.n_systems
    value, low, high, error = (np.full(s, np.nan) for _ in range(4))
    own, other, score, weight, cluster = _both_sides(data)
    if average == "opponents":
        weight = weight / counts[own, other]
    order = np.argsort(own, kind="stable")
    ends = np.cumsum(np.bincount(own, minlength=s))
    for system in np.flatnonzero(ends - np.append(0, ends[:-1])):
        rows = order[(ends[system - 1] if system else 0) : ends[system]]
        found = rate(
            score[rows],
            weight[rows],
            None if cluster is None else cluster[rows],
            confidence,
            None if average == "votes" else compact(other[rows])[0],
        )
        value[system], low[system], high[system], error[system] = astuple(found)
    n = data.per_system()
    standings = Standings.of_votes(data)
    return WinRates(
        value=value,
        low=low,
        high=high,
        standard_error=error,
        n=n,
        wins=wins,
        counts=counts,
        groups=standings.groups,
        undefeated=standings.undefeated,
        winless=standings.winless,
        confidence=confidence,
        method=f"mean over {average}, Wilson interval{'' if cluster is None else ' on clustered variance'}",
        undefined=tuple(None if number else "the system has no votes" for number in n),
        omitted=data.omitted,
    )


def _tables(data: Votes) -> tuple[FloatArray, FloatArray]:
    """Return weighted wins and meetings of i against j."""
    s = data.n_systems
    key = data.left * s + data.right
    first = tally(key, s * s, data.weight * data.outcome).reshape(s, s)
    met = tally(key, s * s, data.weight).reshape(s, s)
    return first + (met - first).T, met + met.T


class _BothSides(NamedTuple):
    """Every vote as seen by each of its sides."""

    system: IntArray
    other: IntArray
    outcome: FloatArray
    weight: FloatArray
    cluster: IntArray | None


def _both_sides(data: Votes) -> _BothSides:
    """Return every vote twice: as seen by left and by right."""
    return _BothSides(
        np.concatenate([data.left, data.right]),
        np.concatenate([data.right, data.left]),
        np.concatenate([data.outcome, 1 - data.outcome]),
        np.concatenate([data.weight, data.weight]),
        None if data.cluster is None else np.concatenate([data.cluster, data.cluster]),
    )
