"""Wilcoxon's signed-rank test with the Hodges-Lehmann estimate."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, floats, fraction
from concord.stats._normal import z_quantile
from concord.stats._results import NAN, TestedEstimate
from concord.stats.agreement.kendall import midrank

_EXACT = 60
_MOST_WALSH = 3000


def wilcoxon(a: ArrayLike, b: ArrayLike | None = None, *, confidence: float = 0.95) -> TestedEstimate:
    """Return the pseudo-median of paired differences ``a - b`` with Wilcoxon's signed-rank test.

    Parameters
    ----------
    a, b
        (n,) aligned numbers, or ``a`` alone as the differences; nan is dropped. The differences are taken to be
        symmetric around their centre.

    Returns
    -------
    TestedEstimate
        ``value`` is the Hodges-Lehmann estimate (median of all averages of two differences), with the interval that
        inverts the test; ``statistic`` is the sum of the ranks of positive differences. Undefined where no difference is left.

    Raises
    ------
    InputError
        Malformed input.

    Notes
    -----
    Zeros are left out of the test (Wilcoxon's own rule). Exact up to 60 differences without ties, else normal with
    the correction for ties and half a step for continuity.

    References
    ----------
    Wilcoxon (1945), doi:10.2307/3001968; Hollander, Wolfe & Chicken (2013), chapter 3.

    Examples
    --------
    >>> before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    >>> after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    >>> result = wilcoxon(before, after)
    >>> round(result.value, 3), result.statistic, round(result.p_value, 5)
    (0.46, 40.0, 0.03906)
    """
    fraction("confidence", confidence)
    gap = floats("a", a)
    if b is not None:
        gap = gap - floats("b", b, length=len(gap))
    missing = int(np.isnan(gap).sum())
    gap = gap[~np.isnan(gap)]
    omitted = {"incomplete pairs": missing} if missing else {}
    if not len(gap):
        return TestedEstimate(
            value=NAN,
            confidence=confidence,
            method="none",
            n=0,
            undefined="there is no difference to rank",
            omitted=omitted,
        )
    moving = gap[gap != 0]
    if len(moving) < len(gap):
        omitted["differences of zero, left out of the test"] = len(gap) - len(moving)
    rank = midrank(np.abs(moving))
    statistic = float(rank[moving > 0].sum())
    exact = len(moving) <= _EXACT and len(np.unique(rank)) == len(rank)
    value, low, high = _hodges_lehmann(gap, confidence, exact and len(moving) == len(gap))
    return TestedEstimate(
        value=value,
        low=low,
        high=high,
        confidence=confidence,
        method=f"Wilcoxon signed rank ({'exact' if exact else 'normal'}), Hodges-Lehmann estimate",
        n=len(gap),
        omitted=omitted,
        p_value=_p_value(statistic, rank, exact),
        statistic=statistic,
    )


def _p_value(statistic: float, rank: FloatArray, exact: bool) -> float:
    n = len(rank)
    if n == 0:
        return 1.0
    if exact:
        chance = _exact_distribution(n)
        k = round(statistic)
        return float(min(1.0, 2 * min(chance[: k + 1].sum(), chance[k:].sum())))
    spread = math.sqrt(float(np.square(rank).sum()) / 4)
    away = abs(statistic - n * (n + 1) / 4)
    return float(min(1.0, 2 * special.ndtr(-max(away - 0.5, 0.0) / spread)))


def _exact_distribution(n: int) -> FloatArray:
    """Return the chance of each sum of positive ranks 0..n(n+1)/2."""
    chance = np.ones(1)
    for k in range(1, n + 1):
        longer = np.zeros(len(chance) + k)
        longer[: len(chance)] += chance / 2
        longer[k:] += chance / 2
        chance = longer
    return chance


def _hodges_lehmann(gap: FloatArray, confidence: float, exact: bool) -> tuple[float, float, float]:
    n = len(gap)
    if n > _MOST_WALSH:
        gap = np.quantile(gap, (np.arange(_MOST_WALSH) + 0.5) / _MOST_WALSH)
    i, j = np.triu_indices(len(gap))
    walsh = np.sort((gap[i] + gap[j]) / 2)
    value = float(np.median(walsh))
    if n < 2:
        return value, NAN, NAN
    if exact:
        below = np.cumsum(_exact_distribution(n))
        depth = int(np.searchsorted(below, (1 - confidence) / 2, side="right"))
    else:
        away = z_quantile(confidence) * math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        depth = math.floor((n * (n + 1) / 4 - away) * len(walsh) / (n * (n + 1) / 2))
    if depth < 1:
        return value, NAN, NAN
    return value, float(walsh[depth - 1]), float(walsh[-depth])
