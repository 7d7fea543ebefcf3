"""Wilcoxon's signed-rank test with the Hodges-Lehmann estimate."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, floats, fraction, one_of
from concord.stats._midranks import midrank
from concord.stats._normal import z_quantile
from concord.stats._results import NAN, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.comparison._walsh import walsh_average

METHODS = ("auto", "exact", "normal")
_EXACT = 60
_MOST_EXACT = 1000
_ROUNDING = 4 * 2.0**-52


def wilcoxon(
    a: ArrayLike, b: ArrayLike | None = None, *, method: str = "auto", confidence: float = 0.95
) -> TestedEstimate:
    """Return the pseudo-median of paired differences ``a - b`` with Wilcoxon's signed-rank test.

    Parameters
    ----------
    a, b
        (n,) aligned numbers, or ``a`` alone as the differences; nan is dropped. The differences are taken to be
        symmetric around their centre.
    method
        "exact" (every choice of signs counted, also with ties; up to 1,000 differences), "normal" (with the correction
        for ties and half a step for continuity), or "auto": exact up to 60 differences.

    Returns
    -------
    TestedEstimate
        ``value`` is the Hodges-Lehmann estimate (median of all averages of two differences), with the interval that
        inverts the test; ``statistic`` is the sum of the ranks of positive differences; ``n`` counts the differences other
        than zero. Undefined where there is none; with too few for the confidence the value stands without an interval. Notes
        say so, and also where most differences are zero or tied.

    Raises
    ------
    InputError
        Malformed input.

    Notes
    -----
    Zeros are left out of all of it, of the estimate and its interval as of the test (Wilcoxon's own rule, and R's), so that
    these speak of the same differences: of those where something changed. Ties share their mean rank; differences that only
    rounding tells apart count as tied. With ties the exact p-value is that of the ranks at hand (Pratt & Gibbons 1981; R's
    exactRankTests), and the exact interval, whose ends are averages of two differences, is that of the case without ties and
    covers at least what it says; the normal interval has the correction for ties that R's ``wilcox.test`` has.

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
    confidence = fraction("confidence", confidence)
    one_of("method", method, METHODS)
    gap, blur, missing = _differences(a, b)
    omitted = {"incomplete pairs": missing} if missing else {}
    moving = gap[gap != 0]
    if n_zero := len(gap) - len(moving):
        omitted["differences of zero"] = n_zero
    if not len(moving):
        reason = f"all {n_zero} differences are zero" if n_zero else "there is no difference to rank"
        return undefined(TestedEstimate, reason, confidence=confidence, omitted=omitted)
    rank = midrank(_tied(np.abs(moving), blur))
    statistic = float(rank[moving > 0].sum())
    exact = len(moving) <= {"auto": _EXACT, "exact": _MOST_EXACT, "normal": 0}[method]
    value, low, high = _hodges_lehmann(np.sort(moving), blur, confidence, exact)
    notes: tuple[str, ...] = ()
    if math.isnan(low):
        notes = (
            f"{len(moving)} differences are too few for an interval of {100 * confidence:g}% confidence.",
        )
    elif float(np.ptp(moving)) <= blur:
        low = high = NAN
        notes = ("the differences do not vary: an interval cannot be had from them.",)
    return TestedEstimate(
        value=value,
        low=low,
        high=high,
        confidence=confidence,
        method=f"Wilcoxon signed rank ({'exact' if exact else 'normal'}), Hodges-Lehmann estimate",
        n=len(moving),
        notes=(*notes, *_little_to_rank(n_zero, rank)),
        omitted=omitted,
        p_value=_p_value(statistic, rank, exact),
        statistic=statistic,
    )


def _little_to_rank(n_zero: int, rank: FloatArray) -> tuple[str, ...]:
    """Return a note where more than half of all differences are zero or share their rank with others."""
    alone = int((np.unique(rank, return_counts=True)[1] == 1).sum())
    n = n_zero + len(rank)
    if 2 * alone >= n:
        return ()
    return (
        f"{n - alone} of {n} differences are zero or tied in size, and ranks say little of them: "
        "take mcnemar for answers of right or wrong, permutation_test for a difference of means.",
    )


class _Differences(NamedTuple):
    """Known differences, what rounding may have done to them, and how many are missing."""

    known: FloatArray
    blur: float
    missing: int


def _differences(a: ArrayLike, b: ArrayLike | None) -> _Differences:
    """Return the known differences, what rounding may have done to them, and how many are missing."""
    one = floats("a", a)
    if b is None:
        known = ~np.isnan(one)
        return _Differences(one[known], 0.0, int((~known).sum()))
    two = floats("b", b, length=len(one))
    known = ~(np.isnan(one) | np.isnan(two))
    one, two = one[known], two[known]
    each = _ROUNDING * np.maximum(np.abs(one), np.abs(two))
    gap = one - two
    gap[np.abs(gap) <= each] = 0.0
    return _Differences(gap, float(each.max(initial=0.0)), int((~known).sum()))


def _tied(size: FloatArray, blur: float) -> FloatArray:
    """Return the sizes with those made equal that differ by rounding only (0.3 - 0.2 and 0.2 - 0.1)."""
    if not blur or not len(size):
        return size
    order = np.argsort(size, kind="stable")
    first = np.append(True, np.diff(size[order]) > blur)
    result = np.empty(len(size))
    result[order] = size[order][first][np.cumsum(first) - 1]
    return result


def _p_value(statistic: float, rank: FloatArray, exact: bool) -> float:
    n = len(rank)
    if exact:
        chance = _exact_distribution(np.rint(2 * rank).astype(np.int64))
        k = round(2 * statistic)
        return float(min(1.0, 2 * min(chance[: k + 1].sum(), chance[k:].sum())))
    spread = math.sqrt(float(np.square(rank).sum()) / 4)
    away = abs(statistic - n * (n + 1) / 4)
    return float(min(1.0, 2 * special.ndtr(-max(away - 0.5, 0.0) / spread)))


def _exact_distribution(steps: np.ndarray) -> FloatArray:
    """Return the chance of each sum of a random half of the whole-numbered ``steps``."""
    chance = np.ones(1)
    for step in np.sort(steps).tolist():
        longer = np.zeros(len(chance) + step)
        longer[: len(chance)] += chance / 2
        longer[step:] += chance / 2
        chance = longer
    return chance


class _Shift(NamedTuple):
    """Hodges and Lehmann's estimate and its interval."""

    value: float
    low: float
    high: float


def _hodges_lehmann(ordered: FloatArray, blur: float, confidence: float, exact: bool) -> _Shift:
    n = len(ordered)
    pairs = n * (n + 1) // 2
    value = walsh_average(ordered, (pairs + 1) // 2)
    if pairs % 2 == 0:
        value = (value + walsh_average(ordered, pairs // 2 + 1)) / 2
    if exact:
        below = np.cumsum(_exact_distribution(np.arange(1, n + 1)))
        depth = int(np.searchsorted(below, (1 - confidence) / 2, side="right"))
    else:  # the outermost sums of ranks that the test, half a step taken off, does not reject
        rank = midrank(_tied(ordered, blur))  # seen from any other centre, just the equal ones stay tied
        spread = math.sqrt(n * (n + 1) * (2 * n + 1) / 24 - _lost_to_ties(rank))
        depth = math.ceil(pairs / 2 - z_quantile(confidence) * spread - 0.5)
    if depth < 1:
        return _Shift(value, NAN, NAN)
    return _Shift(value, walsh_average(ordered, depth), walsh_average(ordered, pairs + 1 - depth))


def _lost_to_ties(rank: FloatArray) -> float:
    """Return by how much ties lower the variance of the sum of ranks."""
    times = np.unique(rank, return_counts=True)[1].astype(np.float64)
    return float((times**3 - times).sum()) / 48
