"""Elo ratings, for display only: they depend on the order of the votes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, IntArray, fraction
from concord.stats._results import Record
from concord.stats.ranking._graph import Components
from concord.stats.ranking._standings import Standings
from concord.stats.ranking._votes import votes

_LARGEST = 1e100


@dataclass(frozen=True, kw_only=True)
class Elo(Record):
    """``rating`` (S,), nan without votes; ``n`` (S,) votes per system. There is no interval: see ``bradley_terry``.

    Ratings of systems of different ``groups``, which were never compared, directly or through others, say nothing about each
    other: they begin at the same number, and no vote moves one against the other.
    """

    rating: FloatArray
    n: IntArray
    groups: Components
    note: str = "Elo depends on the order of the votes and has no interval: rank by bradley_terry."
    omitted: Mapping[str, int] = field(default_factory=dict)


def elo(
    left: ArrayLike,
    right: ArrayLike,
    outcome: ArrayLike,
    *,
    n_systems: int,
    k: float = 32.0,
    start: float = 1000.0,
    scale: float = 400.0,
) -> Elo:
    """Return Elo ratings after the votes in the order given.

    Parameters
    ----------
    left, right, outcome, n_systems
        As in ``bradley_terry``; the order of the votes matters.
    k, start, scale
        The largest change by one vote, the first rating, and the gap at which the stronger wins ten times as often.

    Returns
    -------
    Elo
        nan for a system without votes.

    Raises
    ------
    InputError
        As ``bradley_terry``, or a ``k`` or ``scale`` that is not positive.

    Notes
    -----
    ``r_i += k (outcome - 1 / (1 + 10 ** ((r_j - r_i) / scale)))``. Elo (1978), "The rating of chessplayers, past and present".

    Examples
    --------
    >>> elo([0], [1], [1.0], n_systems=2).rating.tolist()
    [1016.0, 984.0]
    """
    k, scale, start = (
        fraction(name, value, low=low, high=_LARGEST)
        for name, value, low in (("k", k, 0.0), ("scale", scale, 0.0), ("start", start, -_LARGEST))
    )
    data = votes(left, right, outcome, n_systems=n_systems)
    rating = [start] * data.n_systems
    for i, j, won in zip(data.left.tolist(), data.right.tolist(), data.outcome.tolist(), strict=True):
        gap = max(-300.0, min(300.0, (rating[j] - rating[i]) / scale))
        change = k * (won - 1 / (1 + 10**gap))
        rating[i] += change
        rating[j] -= change
    n = data.per_system()
    groups = Standings.of_votes(data).groups
    return Elo(rating=np.where(n > 0, np.array(rating), np.nan), n=n, groups=groups, omitted=data.omitted)
