"""Permutation tests of a difference of means: exact where all rearrangements can be counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    codes,
    compact,
    flag,
    floats,
    generator,
    one_of,
    repeats,
    tally,
)
from concord.stats._results import NAN, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.comparison._subsets import half_sums, subset_sums

_EXACT = 1 << 20
_USUAL = 0.05


@dataclass(frozen=True, kw_only=True)
class PermutationTest(TestedEstimate):
    """``value`` is mean(a) - mean(b); ``n_rearrangements`` of which ``as_extreme`` were at least as extreme; no interval."""

    n_rearrangements: int
    as_extreme: int
    exact: bool


def permutation_test(
    a: ArrayLike,
    b: ArrayLike,
    *,
    paired: bool = True,
    clusters: ArrayLike | None = None,
    alternative: str = "two-sided",
    n_resamples: int = 9999,
    rng: np.random.Generator | None = None,
) -> PermutationTest:
    """Return a permutation test of the difference of means.

    Parameters
    ----------
    a, b
        (n,) numbers. Paired: aligned, each pair's difference may change sign; else the labels "a" and "b" are shuffled.
    paired
        Whether ``a`` and ``b`` are two systems on the same examples; False for two samples of any sizes.
    clusters
        (n,) codes of the pairs (paired only): the signs of a cluster change together.
    alternative
        "two-sided", "greater" (a larger) or "less".
    n_resamples
        Random rearrangements where there are too many to count all: more than 2**20 choices of signs (20 pairs or clusters that
        differ) or, unpaired, 2**18 choices of who is in which sample.

    Returns
    -------
    PermutationTest
        Undefined where nothing is left to compare. With random rearrangements the observed one is counted in,
        ``(extreme + 1) / (n_resamples + 1)``, so that the p-value is never too small. "two-sided" counts the differences
        that are as far from 0, as R's coin does; twice the smaller tail (SciPy) differs where groups are unequal. A note says
        where rearrangements are so few that no p-value can lie below .05.

    Raises
    ------
    InputError
        Clusters without pairs, malformed input.

    References
    ----------
    Fisher (1935), "The design of experiments", section 21; Phipson & Smyth (2010), doi:10.2202/1544-6115.1585.

    Examples
    --------
    >>> result = permutation_test([5, 7, 8, 9], [3, 6, 5, 5], alternative="greater")
    >>> result.value, result.as_extreme, result.n_rearrangements
    (2.5, 1, 16)
    """
    one_of("alternative", alternative, ("two-sided", "greater", "less"))
    n_resamples = repeats("n_resamples", n_resamples, at_least=1)
    one, two = floats("a", a), floats("b", b)
    if flag("paired", paired):
        if len(one) != len(two):
            raise InputError(f"pairs need as many of each, got {len(one)} and {len(two)}")
        known = ~(np.isnan(one) | np.isnan(two))
        group = None if clusters is None else codes("clusters", clusters, length=len(one))[known]
        return _paired((one - two)[known], group, alternative, n_resamples, generator(rng))
    if clusters is not None:
        raise InputError("clusters are for paired tests only")
    return _unpaired(one[~np.isnan(one)], two[~np.isnan(two)], alternative, n_resamples, generator(rng))


def _paired(
    gap: FloatArray, group: np.ndarray | None, alternative: str, n_resamples: int, rng: np.random.Generator
) -> PermutationTest:
    n = len(gap)
    if n == 0:
        return _undefined("there is no complete pair")
    if group is None:
        total = gap
    else:
        position, distinct = compact(group)
        total = tally(position, len(distinct), gap)
    moving = total[total != 0]
    exact = 1 << len(moving) <= _EXACT if len(moving) < 60 else False
    if exact:
        sums = np.zeros(1)
        for size in moving:
            sums = np.concatenate([sums - size, sums + size])
    else:
        sums = 2 * half_sums(moving, n_resamples, rng) - moving.sum()
    return _result(float(gap.mean()), n, sums / n, exact, alternative, "sign flips")


def _unpaired(
    one: FloatArray, two: FloatArray, alternative: str, n_resamples: int, rng: np.random.Generator
) -> PermutationTest:
    m, n = len(one), len(two)
    if min(m, n) == 0:
        return _undefined("one of the samples is empty")
    pooled = np.concatenate([one, two])
    pooled = pooled - pooled.mean()  # a common level would drown the differences in rounding
    total = float(pooled.sum())
    exact = m + n < 2000 and math.comb(m + n, m) <= _EXACT // 4
    if exact:
        every = np.fromiter(chain.from_iterable(combinations(range(m + n), m)), dtype=np.int64)
        chosen = pooled[every.reshape(-1, m)].sum(axis=1)
    else:
        chosen = subset_sums(pooled, m, n_resamples, rng)
    gaps = chosen / m - (total - chosen) / n
    return _result(float(one.mean() - two.mean()), m + n, gaps, exact, alternative, "label shuffles")


def _result(
    value: float, n: int, gaps: FloatArray, exact: bool, alternative: str, how: str
) -> PermutationTest:
    slack = 1e-12 * max(abs(value), float(np.abs(gaps).max(initial=0.0)))
    if alternative == "two-sided":
        far, seen = np.abs(gaps), abs(value)
    else:
        sign = 1.0 if alternative == "greater" else -1.0
        far, seen = sign * gaps, sign * value
    extreme = int((far >= seen - slack).sum())
    p_value = extreme / len(gaps) if exact else (extreme + 1) / (len(gaps) + 1)
    notes = ["a permutation test gives no interval."]
    least = float((far >= far.max() - slack).mean())
    if exact and least > _USUAL:
        notes.append(f"{len(gaps):,} rearrangements are so few that no p-value can lie below {least:.3g}.")
    return PermutationTest(
        value=value,
        confidence=NAN,
        method=f"permutation test, {'all' if exact else 'random'} {how}, {alternative}",
        n=n,
        notes=tuple(notes),
        p_value=p_value,
        statistic=value,
        n_rearrangements=len(gaps),
        as_extreme=extreme,
        exact=exact,
    )


def _undefined(reason: str) -> PermutationTest:
    return undefined(PermutationTest, reason, confidence=NAN, n_rearrangements=0, as_extreme=0, exact=False)
