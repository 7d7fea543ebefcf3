"""A corrected mean, or a difference of two, with what each cluster adds to its error: the one figure behind every joint one.

``value = sum over sides of +-[mean label + w (mean prediction of the pool - of the labelled items)]``. A cluster's influence is
what it adds to the error, each part over the root of one less its share (CR2 for clusters of like size); the variance is the sum
of their squares, so that covariances with other figures are sums of products.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, as_floats
from concord.stats._two_sides import satterthwaite
from concord.stats.joint._judges import Moments, Weights, tuned
from concord.stats.joint._raters import RaterError, rater_error
from concord.stats.joint._sides import Side, Sums

_LARGE = 100  # a pool so many times larger adds nothing to the skewness


@dataclass(frozen=True)
class Contrast:
    """``variance``, ``third`` and ``sixth`` moment over clusters, ``df``; ``n`` independent labels. ``by_raters`` comes on top.

    ``third`` is a sum of cubes whose own error, where signs fall by chance, is the root of ``sixth``. ``alike`` (k, k) are the
    correlations of the judges' verdicts in the pool.
    """

    value: float
    variance: float
    third: float
    sixth: float
    df: float
    n: float
    n_clusters: int
    weights: FloatArray
    wider: float
    common: float
    people: float  # the part of the variance that comes from people's labels
    influence: FloatArray
    codes: IntArray
    alike: FloatArray
    by_raters: RaterError | None = None


def contrast(
    sides: tuple[Side, ...], lam: FloatArray | None, *, raters: bool = False, influence: bool = True
) -> Contrast:
    """Return the figure with its judges' weights tuned, or as given."""
    if len(sides) == 1 and sides[0].group is None and not influence:
        return _independent(sides[0], lam)
    sums = Sums.of(_numbered(sides))
    sign = sums.sign[:, None]
    labels = as_floats((sign * sums.labels).sum(axis=0))
    rest = as_floats((sign[..., None] * sums.pool).sum(axis=0))
    machine = as_floats((sign[..., None] * sums.machine).sum(axis=0)) - rest
    gap = as_floats(sum(side.sign * side.gap for side in sides))
    on = sums.share.max(axis=0) > 0
    own = machine[on]
    n = sums.worth
    moments = Moments(own.T @ own, machine.T @ machine, own.T @ labels[on], gap, n, _size(sides))
    weights = _weights(sides, moments, lam)
    value = sum(side.sign * side.label for side in sides) + float(gap @ weights.value)
    own_part = _corrected(sums, sums.labels - sums.machine @ weights.value, sums.share)
    pool_part = _corrected(sums, sums.pool @ weights.value, sums.pool_share)
    own_part = own_part * _fitting(sides, weights, machine)
    added = own_part + pool_part
    whole, people = float(added @ added), float(own_part @ own_part)
    df = _df(sums, weights, people, own_part, pool_part)
    found = rater_error(sides, weights, sums) if raters else None
    return Contrast(
        value=value,
        variance=whole,
        third=_third(added),
        sixth=_sixth(added),
        df=df,
        n=n,
        n_clusters=sums.n_people,
        weights=weights.value,
        wider=weights.wider,
        common=sums.common,
        people=people,
        influence=added,
        codes=sums.codes,
        alike=_alike(rest.T @ rest),
        by_raters=found,
    )


def _third(values: FloatArray) -> float:
    """Return the sum of cubes; of values beyond 1e102 it is infinite or nan, and no bounded scale has such."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float((values * values) @ values)


def _sixth(values: FloatArray) -> float:
    """Return the sum of sixth powers."""
    with np.errstate(over="ignore", invalid="ignore"):
        cubes = values * values * values
        return float(cubes @ cubes)


def _alike(squares: FloatArray) -> FloatArray:
    """Return the correlations of sums of squares and products (k, k); those that do not vary go with no other."""
    size = np.sqrt(np.diag(squares))
    usable = np.where(size > 0, size, 1.0)
    found = np.clip(squares / np.outer(usable, usable), 0.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return as_floats(found)


def _numbered(sides: tuple[Side, ...]) -> tuple[Side, ...]:
    """Return the sides with a code for every item; items without codes are all different ones."""
    if all(side.group is not None for side in sides):
        return sides
    found, start = [], 0
    for side in sides:
        end = start + len(side.y) + len(side.pool)
        code = np.arange(start, end)
        found.append(replace(side, group=code[: len(side.y)], pool_group=code[len(side.y) :]))
        start = end
    return tuple(found)


def _weights(sides: tuple[Side, ...], moments: Moments, lam: FloatArray | None) -> Weights:
    if not all(len(side.pool) for side in sides):
        return Weights.given(np.zeros(len(moments.product)))
    return tuned(moments) if lam is None else Weights.given(lam)


def _size(sides: tuple[Side, ...]) -> FloatArray:
    return as_floats(np.max([np.abs(side.f).max(axis=0, initial=0.0) for side in sides], axis=0))


def _fitting(sides: tuple[Side, ...], weights: Weights, machine: FloatArray) -> FloatArray | float:
    """Return what fitting the weights makes of each cluster's error: where labels weigh unlike, by its own leverage (HC3)."""
    if weights.inverse is None or all(np.ptp(side.share) == 0 for side in sides):
        return math.sqrt(weights.wider)
    return as_floats(math.sqrt(1 + weights.shaken) / (1 - weights.leverage(machine)))


def _corrected(sums: Sums, added: FloatArray, share: FloatArray) -> FloatArray:
    """Return what each cluster adds, (G,); nan where one cluster is all of a side."""
    left = np.where(share < 1 - 1e-12, 1 - share, np.nan)
    turned = np.where(share > 0, added / np.sqrt(left), 0.0)
    return as_floats((sums.sign[:, None] * turned).sum(axis=0))


def _df(sums: Sums, weights: Weights, people: float, own: FloatArray, pool: FloatArray) -> float:
    """Return Satterthwaite's degrees of freedom of people's part and the machine's; the fewer where they share clusters."""
    df = _part_df(sums, sums.labels - sums.machine @ weights.value, sums.share) - weights.spent
    machine = float(pool @ pool)
    if not machine > 0:
        return df
    other = _part_df(sums, sums.pool @ weights.value, sums.pool_share)
    if ((own != 0) & (pool != 0)).any():
        return min(df, other)
    whole = people + machine
    below = (people / whole) ** 2 / df + (machine / whole) ** 2 / other
    return 1 / below if below > 0 else math.nan


def _part_df(sums: Sums, added: FloatArray, share: FloatArray) -> float:
    left = np.maximum(1 - share, 1e-12)
    own = np.where(share > 0, np.square(added) / left, 0.0).sum(axis=1)
    if not own.any():
        own = np.ones(len(own))
    own = own / own.max()  # degrees of freedom know no scale, and squares of huge labels would overflow
    diagonal = own[:, None] * share / left
    mean = sums.sign[:, None] * np.sqrt(own)[:, None] * share / np.sqrt(left)
    return satterthwaite(diagonal, mean)


def _independent(side: Side, lam: FloatArray | None) -> Contrast:
    """Return the same of one side whose items are all on their own, without an entry for each of a large pool."""
    n_pool = len(side.pool)
    y, f = side.y - side.label, side.f - side.share @ side.f
    labels, machine = side.share * y, side.share[:, None] * f
    squares = side.pool_squares
    own, rest = machine.T @ machine, squares / max(n_pool, 1) ** 2
    n = float(1 / np.square(side.share).sum())
    moments = Moments(own, own + rest, machine.T @ labels, side.gap, n, _size((side,)))
    weights = _weights((side,), moments, lam)
    w = weights.value
    left = np.where(side.share < 1 - 1e-12, 1 - side.share, np.nan)
    added = (labels - machine @ w) / np.sqrt(left)
    other = float(w @ squares @ w) / max(n_pool - 1, 1) / max(n_pool, 1)
    people = weights.wider * float(added @ added)
    df = satterthwaite((side.share / left)[None], (side.share / np.sqrt(left))[None]) - weights.spent
    whole = people + other
    if other > 0 and n_pool > 1 and whole > 0:
        df = 1 / ((people / whole) ** 2 / df + (other / whole) ** 2 / (n_pool - 1))
    wider_cubed = weights.wider**3
    third = math.sqrt(wider_cubed) * _third(added)
    if w.any() and n_pool < _LARGE * n:
        third += _third((side.pool - side.pool_mean) @ w) / n_pool**3
    return Contrast(
        value=side.label + float(side.gap @ w),
        variance=whole,
        third=third,
        sixth=wider_cubed * _sixth(added),
        df=df,
        n=n,
        n_clusters=len(y),
        weights=w,
        wider=weights.wider,
        common=0.0,
        people=people,
        influence=np.empty(0),
        codes=np.empty(0, dtype=np.int64),
        alike=_alike(squares),
    )
