"""Which systems may be the best, and which ranks each may have: read off one family of differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concord.stats._arrays import BoolArray, InputError, IntArray, codes, count, flag
from concord.stats._results import Record
from concord.stats.comparison.simultaneous import Simultaneous

_MOST_SYSTEMS = 3000  # tables of systems against systems must be held


@dataclass(frozen=True, kw_only=True)
class RankRanges(Record):
    """Ranks that S systems may have, (S,) each; rank 1 is the best. ``better[i, j]`` is true where i is better than j.

    ``may_be_best`` is true where no other is better; all of it holds together with probability ``confidence``.
    """

    best_rank: NDArray[np.int64]
    worst_rank: NDArray[np.int64]
    may_be_best: NDArray[np.bool_]
    better: NDArray[np.bool_]
    confidence: float
    n: int
    method: str


def rank_ranges(
    family: Simultaneous,
    left: ArrayLike,
    right: ArrayLike,
    *,
    n_systems: int,
    higher_is_better: bool = True,
) -> RankRanges:
    """Return which ranks are compatible with a family of differences, and which systems no other is better than.

    Parameters
    ----------
    family
        The differences of pairs of systems, of one criterion: a result of ``simultaneous``, or the ``part`` of one.
    left, right
        (m,) codes of the systems, 0 to ``n_systems`` - 1: contrast j is system ``left[j]`` less system ``right[j]``. Pairs
        that are not there, or have no interval, leave open which is better.
    n_systems
        The number of systems, S.
    higher_is_better
        Whether a higher figure is the better one; False for errors, costs, seconds.

    Returns
    -------
    RankRanges
        ``best_rank`` is 1 and one for each system that is better, ``worst_rank`` is S less one for each that is worse.

    Raises
    ------
    InputError
        A code lies outside the systems, a system is compared with itself, or lengths differ.

    Notes
    -----
    Where all intervals hold their differences, every true rank lies in its range, and the best is among those that may be.

    References
    ----------
    Al Mohamad, Goeman & van Zwet (2022), "Simultaneous confidence intervals for ranks", Biometrics 78; Gupta (1965),
    doi:10.1080/00401706.1965.10490251 (a subset that holds the best).

    Examples
    --------
    >>> from concord.stats.comparison import simultaneous
    >>> family = simultaneous([0.6, 0.1, -0.5], [0.15, 0.15, 0.15])
    >>> ranks = rank_ranges(family, [0, 0, 1], [1, 2, 2], n_systems=3)
    >>> ranks.may_be_best.tolist(), ranks.best_rank.tolist(), ranks.worst_rank.tolist()
    ([True, False, True], [1, 3, 1], [2, 3, 2])
    """
    one, two, s = sides(left, right, len(_family(family).estimates), n_systems)
    higher = flag("higher_is_better", higher_is_better)
    better = _better(family, one, two, s, higher)
    ranks = ranks_left_open(better)
    return RankRanges(
        best_rank=ranks.best,
        worst_rank=ranks.worst,
        may_be_best=ranks.best == 1,
        better=better,
        confidence=family.confidence,
        n=family.n,
        method=f"ranks from {family.method}",
    )


class Ranks(NamedTuple):
    """The best and the worst rank that each of S systems may have; 1 is the best."""

    best: IntArray
    worst: IntArray


def ranks_left_open(better: BoolArray) -> Ranks:
    """Return the ranks that (S, S) verdicts leave open: each system that is better comes before, each that is worse after."""
    return Ranks(1 + better.sum(axis=0), len(better) - better.sum(axis=1))


class Sides(NamedTuple):
    """The systems of m contrasts, and how many systems there are."""

    left: IntArray
    right: IntArray
    n_systems: int


def sides(left: ArrayLike, right: ArrayLike, m: int, n_systems: int) -> Sides:
    """Return the systems of m contrasts, each compared with another."""
    s = count("n_systems", n_systems, at_least=2)
    if s > _MOST_SYSTEMS:
        raise InputError(f"n_systems must be at most {_MOST_SYSTEMS:,}, got {s:,}")
    one, two = codes("left", left, length=m), codes("right", right, length=m)
    for name, side in (("left", one), ("right", two)):
        outside = side[(side < 0) | (side >= s)]
        if outside.size:
            raise InputError(f"{name} must lie between 0 and {s - 1}, got {int(outside[0])}")
    same = one[one == two]
    if same.size:
        raise InputError(f"a system cannot be compared with itself, got {int(same[0])} on both sides")
    return Sides(one, two, s)


def _family(family: object) -> Simultaneous:
    if not isinstance(family, Simultaneous):
        raise InputError(f"family must be a result of simultaneous, got {type(family).__name__}")
    return family


def _better(family: Simultaneous, one: IntArray, two: IntArray, s: int, higher: bool) -> BoolArray:
    """Return (S, S) whether the first is better than the second."""
    better = np.zeros((s, s), dtype=bool)
    ahead = family.low > 0 if higher else family.high < 0
    behind = family.high < 0 if higher else family.low > 0
    better[one[ahead], two[ahead]] = True
    better[two[behind], one[behind]] = True
    return better
