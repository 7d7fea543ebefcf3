"""Which pairs to compare next, chosen at random with known chances so that the votes can be weighted back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import BoolArray, FloatArray, InputError, IntArray, fraction, generator, repeats
from concord.stats._results import Record
from concord.stats.ranking._bradley_terry.result import BradleyTerry


@dataclass(frozen=True, kw_only=True)
class Pairs(Record):
    """``left``, ``right`` (n,) with the chance (n,) that a draw is this unordered pair; weight the votes by ``1 /
    propensity``."""

    left: IntArray
    right: IntArray
    propensity: FloatArray


def next_pairs(
    result: BradleyTerry,
    *,
    n: int,
    exploration: float = 0.2,
    allowed: ArrayLike | None = None,
    rng: np.random.Generator | None = None,
) -> Pairs:
    """Return ``n`` pairs to compare next, more often those whose comparison tells most.

    Parameters
    ----------
    result
        The fit so far. While not all systems share a scale, pairs favour systems with few votes, and across components.
    n
        How many pairs to draw, with replacement.
    exploration
        The share of draws that is uniform over all pairs: every pair keeps a chance above zero, without which no
        weighting is possible.
    allowed
        (S, S) booleans: pairs that may be drawn; default all.

    Returns
    -------
    Pairs
        The sides of each pair are random.

    Raises
    ------
    InputError
        Fewer than two systems, no pair allowed, ``exploration`` outside (0, 1].

    Notes
    -----
    The gain of a vote on i and j is taken as ``log(1 + p (1 - p) Var(s_i - s_j))``, the information it adds about
    their difference. Glickman & Jensen (2005), doi:10.1016/j.jspi.2003.09.005.

    Examples
    --------
    >>> from concord.stats.ranking import bradley_terry
    >>> fitted = bradley_terry([0, 1, 1, 2, 0, 2], [1, 0, 2, 1, 2, 0], [1, 1, 1, 1, 1, 1], n_systems=3)
    >>> len(next_pairs(fitted, n=5).left)
    5
    """
    given: object = result
    if not isinstance(given, BradleyTerry):
        raise InputError(f"result must be one of bradley_terry, got {type(given).__name__}")
    n = repeats("n", n)
    s = len(result.n_votes)
    if s < 2:
        raise InputError(f"at least two systems are needed to compare, got {s}")
    if exploration != 1:
        fraction("exploration", exploration)
    first, second = np.triu_indices(s, 1)
    usable = _allowed(allowed, s)[first, second]
    first, second = first[usable], second[usable]
    if not len(first):
        raise InputError("no pair is allowed")
    gain = _gain(result, first, second)
    share = gain / gain.sum() if gain.sum() > 0 else np.full(len(gain), 1 / len(gain))
    chance = exploration / len(gain) + (1 - exploration) * share
    source = generator(rng)
    drawn = source.choice(len(chance), size=n, p=chance / chance.sum())
    swap = source.random(n) < 0.5
    left = np.where(swap, second[drawn], first[drawn]).astype(np.int64)
    right = np.where(swap, first[drawn], second[drawn]).astype(np.int64)
    return Pairs(left=left, right=right, propensity=chance[drawn])


def _allowed(allowed: ArrayLike | None, s: int) -> BoolArray:
    if allowed is None:
        return np.ones((s, s), dtype=bool)
    table = np.asarray(allowed)
    if table.dtype.kind not in "biu" and not np.isin(table, (0, 1)).all():
        raise InputError("allowed must hold booleans")
    table = table.astype(bool)
    if table.shape != (s, s):
        raise InputError(f"allowed must be ({s}, {s}), got shape {table.shape}")
    either: BoolArray = table | table.T
    return either


def _gain(result: BradleyTerry, first: IntArray, second: IntArray) -> FloatArray:
    known = np.isfinite(result.log_strengths)
    few = 1 / (1.0 + result.n_votes)
    gain: FloatArray = few[first] + few[second]
    if not result.defined or len(result.components) > 1:  # no scale for all
        group = -1 - np.arange(len(few))  # a system without votes is a group of its own
        for number, members in enumerate(result.components):
            group[list(members)] = number
        return gain * np.where(group[first] != group[second], 2.0, 1.0)
    both = known[first] & known[second]
    i, j = first[both], second[both]
    variance = result.difference_variance[i, j]
    chance = 1 / (1 + np.exp(-(result.log_strengths[i] - result.log_strengths[j])))
    gain = np.full(len(gain), np.nan)
    gain[both] = np.log1p(chance * (1 - chance) * variance)
    open_ = np.isnan(gain)  # a system without votes, or two that one cluster alone ties together
    if open_.any():
        gain[open_] = max(float(gain[~open_].max(initial=0.0)), 1e-3)
    return gain
