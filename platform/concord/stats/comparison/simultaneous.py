"""One procedure for the verdicts and the intervals of a family of contrasts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from concord.stats._arrays import (
    BoolArray,
    FloatArray,
    InputError,
    as_floats,
    codes,
    fraction,
    generator,
    left_out,
    shown,
)
from concord.stats._results import Record
from concord.stats.comparison._family import Contrasts
from concord.stats.comparison._max_normal import MaxNormal


@dataclass(frozen=True, kw_only=True)
class Simultaneous(Record):
    """A family of m contrasts, (m,) each, in the order given: all intervals hold together with probability ``confidence``.

    ``differs`` is true exactly where the interval leaves out 0, which is exactly where ``p_adjusted`` is at most
    ``1 - confidence``. ``p_values`` are those of each contrast alone; ``critical_p`` is what such a one has to fall below.
    ``n`` counts the contrasts that have an interval.
    """

    estimates: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    df: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    p_values: NDArray[np.float64]
    p_adjusted: NDArray[np.float64]
    differs: NDArray[np.bool_]
    critical_p: float
    confidence: float
    n: int
    method: str
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)

    @property
    def pointwise_confidence(self) -> float:
        """Return ``1 - critical_p``: with what confidence each interval is made alone, for intervals of another kind."""
        return 1 - self.critical_p

    def part(self, positions: ArrayLike) -> Simultaneous:
        """Return the contrasts at these positions, still held together with all others of the family."""
        m = len(self.estimates)
        at = codes("positions", positions)
        if at.size and not (at.min() >= 0 and at.max() < m):
            raise InputError(
                f"positions must lie between 0 and {m - 1}, got {int(at.min())} to {int(at.max())}"
            )
        parts: dict[str, Any] = {
            name: value[at] for name, value in vars(self).items() if isinstance(value, np.ndarray)
        }
        return replace(self, **parts, names=tuple(self.names[i] for i in at) if self.names else ())


def simultaneous(
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    *,
    df: ArrayLike = math.inf,
    correlation: ArrayLike | None = None,
    influence: ArrayLike | None = None,
    correlation_df: float | None = None,
    names: Sequence[str] | None = None,
    confidence: float = 0.95,
    rng: np.random.Generator | None = None,
) -> Simultaneous:
    """Return intervals that hold together, and the verdicts that follow from them, for all contrasts that may be stated.

    Parameters
    ----------
    estimates, standard_errors
        (m,) contrasts, each a difference from 0, with its standard error. Where either is nan, or the error 0, nothing can be
        said: the contrast does not count in the family and has no interval.
    df
        (m,) degrees of freedom of each standard error, or one number for all; inf is the normal distribution.
    correlation
        (m, m) of the contrasts; made positive semi-definite with a diagonal of 1 where it is not.
    influence
        (rows, m) instead of it: what each independent row (an example, a rater) adds to the error of each contrast; for two ways
        of clustering the rows of both, one below the other. Without either, nothing is assumed of the correlation (Sidak).
    correlation_df
        Degrees of freedom with which the correlation was estimated; inf where it is known. By default known for
        ``correlation``, and for ``influence`` the harmonic mean of ``df``.
    names
        m names, kept in the result.

    Returns
    -------
    Simultaneous
        In the order given. ``omitted`` counts contrasts without a standard error. With one contrast this is its t interval.

    Raises
    ------
    InputError
        Lengths differ, a standard error is negative, degrees of freedom are not positive, or both ``correlation`` and
        ``influence`` are given.

    Notes
    -----
    With Z ~ N(0, R) and ``p_j = 2 Phi(-|Z_j|)``, ``critical_p`` is the (1 - confidence)-quantile of ``min_j p_j``;
    interval ``j = estimate_j +- t(df_j, 1 - critical_p / 2) se_j``; adjusted ``p_j = P(min p <= p_j)``. Never below Sidak's,
    never above that of one contrast. An estimated R is drawn towards no correlation, by the part of its squares that
    is noise: few rows always look more correlated than they are.

    References
    ----------
    Hothorn, Bretz & Westfall (2008), "Simultaneous inference in general parametric models", doi:10.1002/bimj.200810425; Hasler &
    Hothorn (2008), doi:10.1002/bimj.200710466 (a t margin for each contrast); Westfall & Young (1993), "Resampling-based
    multiple testing" (min p); Schafer & Strimmer (2005), doi:10.2202/1544-6115.1175; Sidak (1967), doi:10.2307/2283989.

    Examples
    --------
    >>> family = simultaneous([0.6, 0.1, -0.5], [0.2, 0.2, 0.2], df=28, correlation=[[1, .5, -.5], [.5, 1, .5], [-.5, .5, 1]])
    >>> family.differs.tolist(), family.low.round(2).tolist()
    ([True, False, True], [0.1, -0.4, -1.0])
    """
    alpha = 1 - fraction("confidence", confidence)
    rng = generator(rng)
    given = Contrasts.of(estimates, standard_errors, df, correlation, influence, correlation_df)
    known = given.known
    labels = _names(names, len(known))
    rows = np.flatnonzero(known)
    largest = given.largest(rows, rng)
    critical = math.nan if not len(rows) else alpha if len(rows) == 1 else largest.critical_p(alpha)
    half = _half_width(given, critical)
    low, high = given.value - half, given.value + half
    differs = (low > 0) | (high < 0)
    alone = np.full(len(known), np.nan)
    alone[known] = two_sided(given.value[known] / given.error[known], given.df[known])
    return Simultaneous(
        estimates=given.value,
        standard_errors=given.error,
        df=given.df,
        low=low,
        high=high,
        p_values=alone,
        p_adjusted=_adjusted(alone, differs, largest, alpha),
        differs=differs,
        critical_p=critical,
        confidence=1 - alpha,
        n=len(rows),
        method=_method(given, len(rows)),
        names=labels,
        omitted=left_out(known, "contrasts without a standard error"),
    )


def two_sided(statistic: FloatArray, df: FloatArray) -> FloatArray:
    """Return two-sided p-values of t statistics; inf degrees of freedom are the normal distribution."""
    away = -np.abs(statistic)
    return as_floats(2 * np.where(np.isinf(df), special.ndtr(away), special.stdtr(df, away)))


def t_upper(df: FloatArray, tail: float) -> FloatArray:
    """Return what Student's t exceeds with probability ``tail``."""
    return as_floats(-np.where(np.isinf(df), special.ndtri(tail), special.stdtrit(df, tail)))


def _half_width(given: Contrasts, critical: float) -> FloatArray:
    half = np.full(len(given.value), np.nan)
    known = given.known
    half[known] = t_upper(given.df[known], critical / 2) * given.error[known]
    return half


def _adjusted(alone: FloatArray, differs: BoolArray, largest: MaxNormal, alpha: float) -> FloatArray:
    """Return adjusted p-values, on the side of ``alpha`` on which the interval says they are (rounding apart, they are)."""
    found = np.full(len(alone), np.nan)
    known = ~np.isnan(alone)
    found[known] = np.clip(largest.tail_of_p(alone[known]), alone[known], 1.0)
    if known.sum() == 1:
        return alone
    found = np.where(differs, np.minimum(found, alpha), found)
    return as_floats(np.where(known & ~differs, np.maximum(found, np.nextafter(alpha, 1.0)), found))


def _method(given: Contrasts, n: int) -> str:
    if n == 1:
        return "t interval"
    if given.together is None:
        return f"simultaneous t intervals of {n:,} contrasts (Sidak)"
    return f"simultaneous t intervals of {n:,} contrasts (largest of correlated normals)"


def _names(names: Sequence[str] | None, m: int) -> tuple[str, ...]:
    if names is None:
        return ()
    held: Any = names
    many = isinstance(held, Iterable) and not isinstance(held, str | bytes) and getattr(held, "ndim", 1) > 0
    given = list(held) if many else [held]
    if len(given) != m or not all(isinstance(name, str) for name in given):
        raise InputError(f"names must be {m} names, one for each contrast, got {shown(names)}")
    return tuple(map(str, given))
