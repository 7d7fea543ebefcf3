"""What a sample of raters adds to the error of a corrected mean, over that of the examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, as_floats, compact, tally
from concord.stats._clustered import cluster_variance, crossed_variance
from concord.stats._two_sides import satterthwaite
from concord.stats.joint._judges import Weights
from concord.stats.joint._sides import Side, Sums


@dataclass(frozen=True)
class RaterError:
    """What each rater adds, the ``variance`` of it, and how much ``more`` that is than examples and answers account for."""

    influence: FloatArray
    codes: IntArray
    variance: float
    more: float
    df: float


def rater_error(sides: tuple[Side, ...], weights: Weights, sums: Sums) -> RaterError | None:
    """Return the error by raters, or None where one rater is all of a side; an anonymous rating (-1) is a rater of its own."""
    parts = [_answers(side, weights) for side in sides]
    raters = _apart(np.concatenate([rater for _, _, rater, _ in parts]))
    place, codes = compact(raters)
    example = np.concatenate([code for _, _, _, code in parts])
    side = np.concatenate([np.full(len(rater), at) for at, (_, _, rater, _) in enumerate(parts)])
    added = np.concatenate([part for part, _, _, _ in parts])
    share = np.concatenate([part for _, part, _, _ in parts])
    by_rater = _influence(place, len(codes), side, added, share, sums.sign)
    if by_rater is None:
        return None
    influence, df = by_rater
    return RaterError(
        influence,
        codes,
        float(influence @ influence),
        _more(added, share, side, sums.sign, example, place),
        df,
    )


def _more(
    added: FloatArray, share: FloatArray, side: IntArray, sign: FloatArray, example: IntArray, rater: IntArray
) -> float:
    """Return by how much the variance two ways exceeds that by examples: a contrast is the mean of what its answers add."""
    values, whole = sign[side] * added / share * share.sum(), compact(example)[0]
    crossed = crossed_variance(values, share, whole, rater)
    alone = cluster_variance(values, share, whole).value
    return max(crossed - alone, 0.0) if alone >= 0 else 0.0


class _Answers(NamedTuple):
    """Of each rating: what it adds, its share of the mean, its rater, and the code of its example."""

    added: FloatArray
    share: FloatArray
    rater: IntArray
    example: IntArray


def _answers(side: Side, weights: Weights) -> _Answers:
    """Return of each rating: what it adds, its share of the mean, its rater, the code of its example."""
    ratings = side.ratings
    if ratings is None or side.group is None:
        raise ValueError("raters need ratings, and codes of examples")
    each = side.share / tally(ratings.item, len(side.y))
    corrected = side.f @ weights.value
    middle = side.label - float(side.share @ corrected)
    added = each[ratings.item] * (ratings.value - corrected[ratings.item] - middle)
    return _Answers(added, each[ratings.item], ratings.rater, side.group[ratings.item])


def _apart(raters: IntArray) -> IntArray:
    """Return the codes with a new one for every anonymous rating."""
    nobody = raters < 0
    found = raters.copy()
    found[nobody] = raters.max(initial=0) + 1 + np.arange(nobody.sum())
    return found


def _influence(
    place: IntArray, size: int, side: IntArray, added: FloatArray, share: FloatArray, sign: FloatArray
) -> tuple[FloatArray, float] | None:
    """Return what each code adds, (G,), and the degrees of freedom."""
    n_sides = len(sign)
    key = side * size + place
    sums = tally(key, n_sides * size, added).reshape(n_sides, size)
    held = tally(key, n_sides * size, share).reshape(n_sides, size)
    left = 1 - held
    if left.min() <= 1e-12:
        return None
    own = (np.square(sums) / left).sum(axis=1)
    own = own if own.any() else np.ones(n_sides)
    mean = sign[:, None] * np.sqrt(own)[:, None] * held / np.sqrt(left)
    df = satterthwaite(own[:, None] * held / left, mean)
    return as_floats((sign[:, None] * sums / np.sqrt(left)).sum(axis=0)), df
