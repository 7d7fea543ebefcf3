"""McNemar's test: two systems on the same examples, right or wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import (
    InputError,
    count,
    floats,
    fraction,
    left_out,
    one_of,
    table,
    zeros_and_ones,
)
from concord.stats._results import TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.comparison._discordant import difference_interval

METHODS = ("exact", "mid-p", "asymptotic")


@dataclass(frozen=True, kw_only=True)
class McNemar(TestedEstimate):
    """``value`` is the share that only ``a`` got right less the share that only ``b`` did; the counts behind it."""

    only_a: int
    only_b: int
    both: int
    neither: int


def mcnemar(
    a: ArrayLike, b: ArrayLike | None = None, method: str = "exact", *, confidence: float = 0.95
) -> McNemar:
    """Return the difference of two paired proportions with McNemar's test.

    Parameters
    ----------
    a, b
        (n,) outcomes 0 or 1 of two systems on the same examples, nan where missing; or ``a`` alone as the (2, 2)
        table of counts with rows "a wrong, a right" and columns "b wrong, b right".
    method
        "exact" (binomial), "mid-p" (less conservative), "asymptotic" (chi-square without continuity correction).

    Returns
    -------
    McNemar
        Undefined without complete pairs. ``p_value`` is 1 where the systems never differ.

    Raises
    ------
    InputError
        Outcomes other than 0 and 1, a table that is not (2, 2) whole counts.

    Notes
    -----
    Given their sum, the discordant counts are Binomial(1/2). The interval leaves out 0 exactly where the test rejects at
    1 - confidence: the share of discordant pairs that speak for ``a`` has the interval that inverts the test
    (Clopper-Pearson for "exact", its mid-p version, Wilson's for "asymptotic"), and is joined with Wilson's interval of
    the discordant share by recovering variances. "exact" never rejects too often, and so its interval is wide: it covers
    .97 or so where it says .95; that of "mid-p" comes closest.

    References
    ----------
    McNemar (1947), doi:10.1007/BF02295996; Fagerland, Lydersen & Laake (2013), doi:10.1186/1471-2288-13-91; Donner & Zou
    (2012), doi:10.1177/0962280210383082.

    Examples
    --------
    >>> result = mcnemar([[20, 3], [11, 66]])
    >>> result.value, round(result.p_value, 4)
    (0.08, 0.0574)
    """
    confidence = fraction("confidence", confidence)
    one_of("method", method, METHODS)
    (neither, only_b, only_a, both), omitted = _cells(a, b)
    n = neither + only_b + only_a + both
    counts: dict[str, Any] = {"only_a": only_a, "only_b": only_b, "both": both, "neither": neither}
    if n == 0:
        reason = "there is no complete pair"
        return undefined(McNemar, reason, confidence=confidence, omitted=omitted, **counts)
    value = (only_a - only_b) / n
    low, high = difference_interval(only_a, only_b, n, method, confidence)
    discordant = only_a + only_b
    return McNemar(
        value=value,
        low=min(max(low, -1.0), value),
        high=max(min(high, 1.0), value),
        confidence=confidence,
        method=f"McNemar ({method}), interval that agrees with the test",
        n=n,
        standard_error=math.sqrt(max(discordant / n - value**2, 0.0) / n),
        omitted=omitted,
        p_value=_p_value(only_a, only_b, method),
        statistic=(only_a - only_b) ** 2 / discordant if discordant else 0.0,
        df=1.0,
        **counts,
    )


def _p_value(b: int, c: int, method: str) -> float:
    n, smaller = b + c, min(b, c)
    if n == 0:
        return 1.0
    if method == "asymptotic":
        return float(special.chdtrc(1, (b - c) ** 2 / n))
    tail = _at_most(smaller, n)
    if method == "mid-p":
        return min(1.0, tail + (_at_most(smaller - 1, n) if smaller else 0.0))
    return min(1.0, 2 * tail)


def _at_most(k: int, n: int) -> float:
    """Return ``P(Binomial(n, 1/2) <= k)`` as an incomplete beta function: unlike SciPy's bdtr it takes n beyond 2**31."""
    return float(special.betainc(n - k, k + 1, 0.5))


class _Counts(NamedTuple):
    """How many items neither side got right, only b, only a, and both."""

    neither: int
    only_b: int
    only_a: int
    both: int


def _cells(a: ArrayLike, b: ArrayLike | None) -> tuple[_Counts, dict[str, int]]:
    if b is None:
        return _counted(table("a", a)), {}
    one = floats("a", a)
    two = floats("b", b, length=len(one))
    known = ~(np.isnan(one) | np.isnan(two))
    zeros_and_ones("a", one, where=known)
    zeros_and_ones("b", two, where=known)
    one, two = one[known], two[known]
    counts = np.bincount((2 * one + two).astype(np.int64), minlength=4)
    omitted = left_out(known, "incomplete pairs")
    return _Counts(*map(int, counts)), omitted


def _counted(cells: np.ndarray) -> _Counts:
    shown = cells.tolist()
    if cells.shape != (2, 2) or not (np.isfinite(cells) & (cells >= 0) & (cells == np.floor(cells))).all():
        raise InputError(f"without b, a must be a (2, 2) table of counts, got {shown!r}")
    neither, only_b, only_a, both = (count("a count", cell) for row in shown for cell in row)
    if neither + only_b + only_a + both >= 2**53:
        raise InputError(f"the table holds more pairs than can be counted: {shown!r}")
    return _Counts(neither, only_b, only_a, both)
