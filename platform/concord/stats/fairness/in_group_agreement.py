"""Do raters agree more with their own group than with others?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from concord.stats._arrays import (
    BoolArray,
    FloatArray,
    InputError,
    IntArray,
    as_floats,
    codes,
    compact,
    count,
    distinct,
    generator,
    one_of,
    repeats,
    squarable,
)
from concord.stats._results import NAN, Record
from concord.stats.agreement._ratings import ANONYMOUS, Ratings, category_codes, pairable, ratings
from concord.stats.fairness._suppression import among_all

_MOST_RATERS = 3000
_BLOCK = 120_000  # members of groups held at a time
_CERTAIN = 1e-12  # variance of a difference that no rater moves


@dataclass(frozen=True, kw_only=True)
class InGroupAgreement(Record):
    """Per group (G,): agreement inside it, agreement with raters outside it, and in-group less cross-group with its p-value.

    ``difference`` is over all groups together, with ``p_value`` by permuting which rater is in which group.
    Agreement is the share of equal pairs (nominal) or one less squared distance over its overall mean (interval);
    nan where a group has no such pair, or fewer raters than the minimum (``suppressed``; its ``n_raters`` is then 0).
    """

    groups: IntArray
    n_raters: IntArray
    in_group: FloatArray
    cross_group: FloatArray
    differences: FloatArray
    p_values: FloatArray
    overall_in_group: float
    overall_cross_group: float
    difference: float
    p_value: float
    n_permutations: int
    method: str
    suppressed: BoolArray
    undefined: str | None = None
    omitted: Mapping[str, int] = field(default_factory=dict)


def in_group_agreement(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    rater_codes: ArrayLike,
    rater_groups: ArrayLike,
    *,
    level: str = "nominal",
    minimum: int = 1,
    n_permutations: int = 999,
    rng: np.random.Generator | None = None,
) -> InGroupAgreement:
    """Return whether raters of a group agree more among themselves than with others, by permutation over raters.

    Parameters
    ----------
    units, raters, values
        (n,) long-form ratings by known raters.
    rater_codes, rater_groups
        (R,) which group each rater belongs to; raters not listed are left out.
    level
        "nominal" or "interval".
    minimum
        Groups with fewer raters are suppressed: no figure of their own, and no part in the others, from which it could be worked
        out. Give 10, as ``group_estimates`` does, where the figures leave your hands.
    n_permutations
        How often the groups of the raters are shuffled for the p-values.

    Returns
    -------
    InGroupAgreement
        P-values are two-sided. Undefined where there is no pair inside any group, or none across.

    Raises
    ------
    InputError
        An anonymous rater, a rater listed twice, more than 3,000 raters.

    Notes
    -----
    Pairs of ratings share raters, so they are not independent: shuffling the raters' groups keeps that. Compared are differences
    over their errors (of a linearisation by raters; Chung & Romano 2013, doi:10.1214/13-AOS1090), so that raters of one group may
    rate far more than those of another; units must not have been dealt out by group. A shuffle that leaves a
    group without pairs is left out of that group's p-value. Prabhakaran et al. (2024), "GRASP: a disagreement analysis
    framework", arXiv:2311.05074.

    Examples
    --------
    >>> units, raters = [0, 0, 0, 0, 1, 1, 1, 1], [0, 1, 2, 3] * 2
    >>> result = in_group_agreement(units, raters, [1, 1, 2, 2, 3, 3, 1, 1], [0, 1, 2, 3], [0, 0, 1, 1])
    >>> result.overall_in_group, result.overall_cross_group
    (1.0, 0.0)
    """
    one_of("level", level, ("nominal", "interval"))
    n_permutations = repeats("n_permutations", n_permutations, at_least=1)
    minimum = count("minimum", minimum, at_least=1)
    data, group, names = _grouped(units, raters, values, rater_codes, rater_groups)
    n_raters = np.bincount(group, minlength=len(names)).astype(np.int64)
    if (n_raters < minimum).any():
        kept = (n_raters >= minimum)[group]
        rest = data.rater_codes[kept], names[group[kept]]
        found = in_group_agreement(
            units, raters, values, *rest, level=level, minimum=minimum, n_permutations=n_permutations, rng=rng
        )
        # What suppression took would tell of those kept back.
        return replace(_with_suppressed(found, names), omitted=data.omitted)
    r = len(data.rater_codes)
    if r > _MOST_RATERS:
        raise InputError(f"at most {_MOST_RATERS} raters, got {r}")
    if not data.n_units:
        return _undefined(names, n_raters, data.omitted, "no unit has two ratings")
    agree, pairs = _pair_tables(data, level)
    g = len(names)
    seen = _compared(agree, pairs, group[None, :], g)
    if np.isnan(seen.over_error[0, -1]):
        reason = "there is no pair of raters inside a group, or none across groups"
        return _undefined(names, n_raters, data.omitted, reason)
    p_values = _p_values(agree, pairs, group, seen, n_permutations, generator(rng))
    inside, across = seen.inside[0], seen.across[0]
    return InGroupAgreement(
        groups=names,
        n_raters=n_raters,
        in_group=inside[:-1],
        cross_group=across[:-1],
        differences=inside[:-1] - across[:-1],
        p_values=p_values[:-1],
        overall_in_group=float(inside[-1]),
        overall_cross_group=float(across[-1]),
        difference=float(inside[-1] - across[-1]),
        p_value=float(p_values[-1]),
        n_permutations=n_permutations,
        method=f"pairwise agreement ({level}), permutation over raters",
        suppressed=np.zeros(g, dtype=bool),
        omitted=data.omitted,
    )


class _Grouped(NamedTuple):
    """Ratings, the group of each rater, and the names of the groups."""

    ratings: Ratings
    group: IntArray
    names: IntArray


def _grouped(
    units: ArrayLike, raters: ArrayLike, values: ArrayLike, rater_codes: ArrayLike, rater_groups: ArrayLike
) -> _Grouped:
    listed = codes("rater_codes", rater_codes)
    group = codes("rater_groups", rater_groups, length=len(listed))
    distinct("rater_codes", listed)
    data = ratings(units, raters, values)
    if (data.rater == ANONYMOUS).any():
        raise InputError("raters must be known, got an anonymous one (-1)")
    grouped = np.isin(data.rater_codes, listed)[data.rater]
    data = pairable(data.select(grouped, ratings_by_raters_without_a_group=int((~grouped).sum())))
    order = np.argsort(listed)
    mine = group[order][np.searchsorted(listed[order], data.rater_codes)]
    position, names = compact(mine)
    return _Grouped(data, position, names.astype(np.int64))


def _pair_tables(data: Ratings, level: str) -> tuple[FloatArray, FloatArray]:
    """Return (R, R) summed agreement and numbers of shared units of each pair of raters; the diagonal is zero."""
    n, r = data.n_units, len(data.rater_codes)
    ones = np.ones(len(data.unit))
    seen = sparse.coo_array((ones, (data.rater, data.unit)), shape=(r, n)).tocsr()
    pairs = as_floats((seen @ seen.T).todense())
    if level == "nominal":
        category, names = category_codes(data.value, None)
        k = len(names)
        gave = sparse.coo_array((ones, (data.rater, data.unit * k + category)), shape=(r, n * k)).tocsr()
        agree = as_floats((gave @ gave.T).todense())
    else:
        y = squarable("values", as_floats(data.value))
        spread = float(y.std()) or 1.0
        y = (y - y.mean()) / spread
        first = sparse.coo_array((y, (data.rater, data.unit)), shape=(r, n)).tocsr()
        second = sparse.coo_array((y * y, (data.rater, data.unit)), shape=(r, n)).tocsr()
        cross = as_floats((second @ seen.T).todense())
        distance = cross + cross.T - 2 * as_floats((first @ first.T).todense())
        agree = pairs - distance / 2
    np.fill_diagonal(pairs, 0.0)
    np.fill_diagonal(agree, 0.0)
    return agree, pairs


@dataclass(frozen=True)
class _Compared:
    """Agreement inside and across groups for each of B ways to group raters, (B, g + 1): the last is of all groups together."""

    inside: FloatArray
    across: FloatArray
    over_error: FloatArray  # their differences


def _p_values(
    agree: FloatArray,
    pairs: FloatArray,
    group: IntArray,
    seen: _Compared,
    n_permutations: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Return the p-values of differences over their errors, (g + 1,), when raters' groups are shuffled."""
    g = seen.inside.shape[1] - 1
    size = max(1, _BLOCK // (len(group) * g))
    drawn = [
        _compared(agree, pairs, _permuted(group, min(size, n_permutations - start), rng), g).over_error
        for start in range(0, n_permutations, size)
    ]
    gap, gaps = np.abs(seen.over_error[0]), np.abs(np.concatenate(drawn))
    p_values = (1 + (gaps >= gap * (1 - 1e-9)).sum(axis=0)) / (1 + np.isfinite(gaps).sum(axis=0))
    return np.where(np.isnan(gap), np.nan, p_values)


def _permuted(group: IntArray, n: int, rng: np.random.Generator) -> IntArray:
    return np.stack([rng.permutation(group) for _ in range(n)])


def _compared(agree: FloatArray, pairs: FloatArray, groups: IntArray, g: int) -> _Compared:
    """Return the agreement of each row of groups (B, R)."""
    member = (groups.T[:, :, None] == np.arange(g)).astype(np.float64)
    agreed, met = _with_members(agree, member), _with_members(pairs, member)
    every = agree.sum(axis=1)[:, None, None] - agreed, pairs.sum(axis=1)[:, None, None] - met
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = _Ratio.of(member * agreed, member * met)
        across = _Ratio.of(member * every[0], member * every[1])
        from_outside = (1 - member) * (agreed - across.value * met) / across.below
        parts = 2 * inside.parts - across.parts - from_outside
        size = member.sum(axis=0)
        error = _error(parts * member, size) + _error(parts * (1 - member), len(member) - size)
        own, other = ((member * table).sum(axis=2, keepdims=True) for table in (agreed, met))
        away, apart = ((member * table).sum(axis=2, keepdims=True) for table in every)
        within, between = _Ratio.of(own, other), _Ratio.of(away, apart)
        whole = _error(2 * (within.parts - between.parts), np.full((len(groups), 1), len(member)))
    first = np.column_stack([inside.value, within.value])
    second = np.column_stack([across.value, between.value])
    return _Compared(first, second, (first - second) / np.sqrt(np.column_stack([error, whole])))


@dataclass(frozen=True)
class _Ratio:
    """Agreement of some pairs (B, g), how many these are, and what each rater's pairs add to it (R, B, g); nan without pairs."""

    value: FloatArray
    below: FloatArray
    parts: FloatArray

    @classmethod
    def of(cls, above: FloatArray, below: FloatArray) -> _Ratio:
        pairs = as_floats(below.sum(axis=0))
        value = _ratio(above.sum(axis=0), pairs)
        return cls(value, pairs, as_floats((above - value * below) / pairs))


def _error(parts: FloatArray, size: FloatArray) -> FloatArray:
    """Return the variance of a sum over so many raters; never 0, so that of certain differences the larger one stays larger."""
    return as_floats(np.square(parts).sum(axis=0) * size / np.maximum(size - 1, 1) + _CERTAIN)


def _with_members(table: FloatArray, member: FloatArray) -> FloatArray:
    """Return the sums of a symmetric (R, R) table over each rater's pairs with each group of each row, (R, B, g)."""
    r = len(member)
    return as_floats((table @ member.reshape(r, -1)).reshape(member.shape))


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    return as_floats(np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0))


def _with_suppressed(found: InGroupAgreement, names: IntArray) -> InGroupAgreement:
    """Return the result with places for the groups that were kept back."""
    shown = np.isin(names, found.groups)
    small, n_raters = ~shown, np.zeros(len(names), dtype=np.int64)
    small[shown], n_raters[shown] = found.suppressed, found.n_raters
    return replace(
        found,
        groups=names,
        n_raters=n_raters,
        suppressed=small,
        in_group=among_all(found.in_group, shown),
        cross_group=among_all(found.cross_group, shown),
        differences=among_all(found.differences, shown),
        p_values=among_all(found.p_values, shown),
    )


def _undefined(
    names: IntArray, n_raters: IntArray, omitted: Mapping[str, int], reason: str
) -> InGroupAgreement:
    nothing = np.full(len(names), np.nan)
    return InGroupAgreement(
        groups=names,
        n_raters=n_raters,
        in_group=nothing,
        cross_group=nothing,
        differences=nothing,
        p_values=nothing,
        overall_in_group=NAN,
        overall_cross_group=NAN,
        difference=NAN,
        p_value=NAN,
        n_permutations=0,
        method="none",
        suppressed=np.zeros(len(names), dtype=bool),
        undefined=reason,
        omitted=omitted,
    )
