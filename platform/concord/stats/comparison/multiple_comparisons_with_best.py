"""Hsu's multiple comparisons with the best: how far each system is from the best of the others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    as_floats,
    flag,
    fraction,
    generator,
)
from concord.stats._results import Record
from concord.stats.comparison._family import Contrasts
from concord.stats.comparison.rank_ranges import sides
from concord.stats.comparison.simultaneous import t_upper

_CIRCLE = "every system is behind another: the differences go in a circle, and which is best is no question."


@dataclass(frozen=True, kw_only=True)
class ComparisonsWithBest(Record):
    """How much better each of S systems is than the best of the others, (S,) each: ``value`` with its interval.

    Intervals hold together and are constrained: they reach from a number of at most 0 to one of at least 0. ``may_be_best`` is
    true where the upper end lies above 0; ``is_best`` where that is one system only. Below 0 is worse, whatever the direction.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    may_be_best: NDArray[np.bool_]
    is_best: NDArray[np.bool_]
    confidence: float
    n: int
    method: str
    notes: tuple[str, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)


def multiple_comparisons_with_best(
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    left: ArrayLike,
    right: ArrayLike,
    *,
    n_systems: int,
    higher_is_better: bool = True,
    df: ArrayLike = math.inf,
    correlation: ArrayLike | None = None,
    influence: ArrayLike | None = None,
    correlation_df: float | None = None,
    confidence: float = 0.95,
    rng: np.random.Generator | None = None,
) -> ComparisonsWithBest:
    """Return Hsu's intervals for the one question which system is the best, declared before; they are narrower than all pairs'.

    They say nothing of any other difference, and stand in the place of `simultaneous`, never beside it.

    Parameters
    ----------
    estimates, standard_errors, df, correlation, influence, correlation_df
        (m,) differences of systems, one for each pair, as in ``simultaneous``.
    left, right, n_systems, higher_is_better
        As in ``rank_ranges``: contrast j is system ``left[j]`` less system ``right[j]``.

    Returns
    -------
    ComparisonsWithBest
        A pair without a standard error leaves open which of both is better: an end of an interval that would rest on it is
        infinite. Where the differences go in a circle (each system behind another), a note says so and all may be best.

    Raises
    ------
    InputError
        As `simultaneous` and `rank_ranges`; or a pair occurs twice.

    Notes
    -----
    With d_i the one-sided critical value of all differences from system i (Dunnett's with i as control; t margins as in
    `simultaneous`) and ``D_i = min over j of (x_i - x_j + d_i s_ij)``, those in G = {i: D_i > 0} may be best. System i less
    the best other lies in ``[min(0, min over j in G of (x_i - x_j - d_j s_ij)), max(0, D_i)]``, with 0 below where G = {i}.

    References
    ----------
    Hsu (1984), "Constrained simultaneous confidence intervals for multiple comparisons with the best", Annals of Statistics 12,
    1136-1144; Hsu (1996), "Multiple comparisons: theory and methods", sections 4.2 and 7.3 (unequal variances and correlations).

    Examples
    --------
    >>> found = multiple_comparisons_with_best([0.6, 0.1, -0.5], [0.2, 0.2, 0.2], [0, 0, 1], [1, 2, 2], n_systems=3)
    >>> found.may_be_best.tolist(), found.low.round(2).tolist(), found.high.round(2).tolist()
    ([True, False, True], [-0.29, -0.99, -0.49], [0.49, 0.0, 0.29])
    """
    alpha = 1 - fraction("confidence", confidence)
    rng = generator(rng)
    given = Contrasts.of(estimates, standard_errors, df, correlation, influence, correlation_df)
    one, two, s = sides(left, right, len(given.value), n_systems)
    at, sign = _places(one, two, s)
    if not flag("higher_is_better", higher_is_better):
        sign = -sign
    gap, reach = _gaps(given, at, sign, alpha, rng)
    return _constrained(gap, reach, given, alpha)


def _places(one: IntArray, two: IntArray, s: int) -> tuple[IntArray, FloatArray]:
    """Return for systems (i, j) which contrast is theirs, -1 where none is, and with which sign it is i less j."""
    key = np.minimum(one, two) * s + np.maximum(one, two)
    distinct, times = np.unique(key, return_counts=True)
    if (times > 1).any():
        pair = divmod(int(distinct[times > 1][0]), s)
        raise InputError(f"every pair of systems may occur once, got {pair[0]} and {pair[1]} twice")
    at, sign = np.full((s, s), -1, dtype=np.int64), np.zeros((s, s))
    at[one, two] = at[two, one] = np.arange(len(one))
    sign[one, two], sign[two, one] = 1.0, -1.0
    return at, sign


def _gaps(
    given: Contrasts, at: IntArray, sign: FloatArray, alpha: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return (S, S) by how much i exceeds j (nan on the diagonal and where unknown), and i's critical value times its error."""
    s = len(at)
    known = np.zeros_like(at, dtype=bool)
    known[at >= 0] = given.known[at[at >= 0]]
    gap = np.where(at >= 0, sign * given.value[at] if len(given.value) else np.nan, np.nan)
    reach = np.full((s, s), np.inf)
    for i in range(s):
        others = np.flatnonzero(known[i])
        if not len(others):
            continue
        rows = at[i, others]
        largest = given.largest(rows, rng, sides=1, sign=sign[i, others])
        reach[i, others] = t_upper(given.df[rows], largest.critical_p(alpha)) * given.error[rows]
    return as_floats(gap), reach


def _constrained(gap: FloatArray, reach: FloatArray, given: Contrasts, alpha: float) -> ComparisonsWithBest:
    s = len(gap)
    other = ~np.eye(s, dtype=bool)
    known = np.where(np.isnan(gap), 0.0, gap)
    upper = np.where(other, known + reach, np.inf).min(axis=1)
    best = upper > 0
    notes: tuple[str, ...] = ()
    if not best.any():
        best, notes = np.ones(s, dtype=bool), (_CIRCLE,)
    below = known - reach.T  # the best's own critical value counts, not that of the system that lies behind
    lower = np.where(other & best[None, :], below, np.inf).min(axis=1)
    alone = best & (best.sum() == 1)
    unknown = int((~given.known).sum())
    value = np.where(other & ~np.isnan(gap), gap, np.inf).min(axis=1)
    return ComparisonsWithBest(
        value=np.where(np.isinf(value), np.nan, value),
        low=np.where(alone, 0.0, np.minimum(lower, 0.0)),
        high=np.maximum(upper, 0.0),
        may_be_best=best,
        is_best=alone,
        confidence=1 - alpha,
        n=s,
        method="multiple comparisons with the best (Hsu, constrained)",
        notes=notes,
        omitted={"contrasts without a standard error": unknown} if unknown else {},
    )
