"""Differential item functioning: does an item treat equally able groups differently?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, InputError, IntArray, codes, compact, floats, fraction, tally
from concord.stats._normal import z_quantile
from concord.stats._results import NAN, Record, TestedEstimate

_FURTHEST = 30.0


@dataclass(frozen=True, kw_only=True)
class MantelHaenszel(TestedEstimate):
    """``value`` is the common odds ratio (above 1: group 1 does better at the same level); ``delta`` on the ETS
    scale, with its class.

    Class A is negligible, B moderate, C large (|delta| of 1 and 1.5, significantly so).
    """

    delta: float
    ets_class: str


@dataclass(frozen=True, kw_only=True)
class LogisticDif(Record):
    """Likelihood-ratio tests: ``uniform`` (a constant gap), ``non_uniform`` (a gap that changes with level), and both at once.

    ``log_odds`` is the uniform gap of group 1 over group 0 with its interval.
    """

    log_odds: float
    low: float
    high: float
    uniform_p: float
    non_uniform_p: float
    both_p: float
    n: int
    confidence: float
    method: str
    undefined: str | None = None


def mantel_haenszel_dif(
    correct: ArrayLike, groups: ArrayLike, levels: ArrayLike, *, confidence: float = 0.95
) -> MantelHaenszel:
    """Return the Mantel-Haenszel odds ratio of being right, group 1 over group 0, at the same level.

    Parameters
    ----------
    correct
        (n,) 0 or 1; nan is dropped.
    groups
        (n,) 0 or 1.
    levels
        (n,) integer codes of the level at which they are compared (total score, topic, difficulty band).

    Returns
    -------
    MantelHaenszel
        Undefined where no level holds both groups and both outcomes, or where the ratio is 0 or infinite.

    Raises
    ------
    InputError
        Anything but 0 and 1.

    Notes
    -----
    ``sum a d / n / sum b c / n`` with the variance of Robins, Breslow & Greenland (1986), doi:10.2307/2531052; the
    p-value is Mantel and Haenszel's (1959) chi-square without continuity correction. Holland & Thayer (1988) for its
    use on items.

    Examples
    --------
    >>> result = mantel_haenszel_dif([1, 1, 0, 1, 0, 0, 1, 0], [1, 1, 1, 1, 0, 0, 0, 0], [0] * 8)
    >>> round(result.value, 3)
    9.0
    """
    fraction("confidence", confidence)
    y, group, level = _cases(correct, groups, levels)
    s = int(level.max()) + 1 if len(level) else 0
    table = tally((level * 2 + group) * 2 + y.astype(np.int64), 4 * s).reshape(s, 2, 2)
    d, c, b, a = table[:, 0, 1], table[:, 0, 0], table[:, 1, 0], table[:, 1, 1]
    n = np.maximum(table.sum(axis=(1, 2)), 1.0)
    # a: group 1 right, b: group 1 wrong, d: group 0 right, c: group 0 wrong
    up, down = a * c / n, b * d / n
    total = len(y)
    if not (up.sum() > 0 and down.sum() > 0):
        reason = "no level holds both groups with both outcomes, so the odds ratio has no finite value"
        return MantelHaenszel(
            value=NAN,
            confidence=confidence,
            method="none",
            n=total,
            undefined=reason,
            null=1.0,
            delta=NAN,
            ets_class="",
        )
    ratio = float(up.sum() / down.sum())
    p, q = (a + c) / n, (b + d) / n
    r, t = float(up.sum()), float(down.sum())
    variance = float(
        (p * up).sum() / (2 * r * r)
        + (p * down + q * up).sum() / (2 * r * t)
        + (q * down).sum() / (2 * t * t)
    )
    error, log = math.sqrt(variance), math.log(ratio)
    half = z_quantile(confidence) * error
    expected = (a + b) * (a + d) / n
    spread = float(((a + b) * (c + d) * (a + d) * (b + c) / (n * n * np.maximum(n - 1, 1.0))).sum())
    chi = float((a - expected).sum()) ** 2 / spread if spread > 0 else NAN
    delta = -2.35 * log
    return MantelHaenszel(
        value=ratio,
        low=math.exp(log - half),
        high=math.exp(log + half),
        confidence=confidence,
        method="Mantel-Haenszel, Robins-Breslow-Greenland interval",
        n=total,
        standard_error=error,
        null=1.0,
        statistic=chi,
        df=1.0,
        p_value=float(special.chdtrc(1, chi)) if not math.isnan(chi) else NAN,
        delta=delta,
        ets_class=_ets_class(delta, 2.35 * error),
    )


def logistic_dif(
    correct: ArrayLike, groups: ArrayLike, scores: ArrayLike, *, confidence: float = 0.95
) -> LogisticDif:
    """Return logistic-regression tests of whether an item treats two groups differently at the same score.

    Parameters
    ----------
    correct, groups
        As in ``mantel_haenszel_dif``.
    scores
        (n,) the level as a number (ability, total score).

    Returns
    -------
    LogisticDif
        Undefined where a model has no finite fit: one group only, one outcome only, or outcomes that the predictors separate.

    Raises
    ------
    InputError
        Anything but 0 and 1.

    References
    ----------
    Swaminathan & Rogers (1990), doi:10.1111/j.1745-3984.1990.tb00754.x.

    Examples
    --------
    >>> y, g, x = [1, 0, 1, 0, 1, 1, 0, 1, 0, 0], [0, 1] * 5, [1, 2, 3, 1, 2, 3, 2, 2, 1, 3]
    >>> result = logistic_dif(y, g, x)
    >>> result.undefined is None and 0 < result.uniform_p < 1
    True
    """
    fraction("confidence", confidence)
    y = floats("correct", correct)
    x = floats("scores", scores, length=len(y))
    known = ~(np.isnan(y) | np.isnan(x))
    group = codes("groups", groups, length=len(y))[known]
    y, x = y[known], x[known]
    _check(y, group)
    n = len(y)
    if n < 5 or len(np.unique(group)) < 2 or len(np.unique(y)) < 2 or np.ptp(x) == 0:
        return _no_dif(n, confidence, "both groups, both outcomes and different scores are needed")
    z = (x - x.mean()) / x.std()
    columns = [np.ones(n), z, group.astype(np.float64), group * z]
    fits = [_logistic(np.column_stack(columns[:k]), y) for k in (2, 3, 4)]
    if any(found is None for found in fits):
        return _no_dif(n, confidence, "the outcomes are separated: the likelihood has no maximum")
    (base, _, _), (uniform, at, error), (full, _, _) = (found for found in fits if found is not None)
    half = z_quantile(confidence) * error[2]
    return LogisticDif(
        log_odds=float(at[2]),
        low=float(at[2] - half),
        high=float(at[2] + half),
        uniform_p=float(special.chdtrc(1, max(2 * (uniform - base), 0.0))),
        non_uniform_p=float(special.chdtrc(1, max(2 * (full - uniform), 0.0))),
        both_p=float(special.chdtrc(2, max(2 * (full - base), 0.0))),
        n=n,
        confidence=confidence,
        method="logistic regression, likelihood-ratio tests",
    )


def _logistic(design: FloatArray, y: FloatArray) -> tuple[float, FloatArray, FloatArray] | None:
    """Return log-likelihood, coefficients and standard errors by Newton; None where they run away."""
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        p = special.expit(design @ beta)
        information = design.T @ (design * (p * (1 - p))[:, None])
        if np.linalg.cond(information) > 1e12:
            return None
        step = np.linalg.solve(information, design.T @ (y - p))
        beta = beta + step
        if np.abs(design @ beta).max() > _FURTHEST:
            return None
        if np.abs(step).max() < 1e-10:
            value = float(
                (y * special.log_expit(design @ beta) + (1 - y) * special.log_expit(-(design @ beta))).sum()
            )
            return value, beta, np.sqrt(np.diag(np.linalg.inv(information)))
    return None


def _cases(correct: ArrayLike, groups: ArrayLike, levels: ArrayLike) -> tuple[FloatArray, IntArray, IntArray]:
    y = floats("correct", correct)
    group = codes("groups", groups, length=len(y))
    level = codes("levels", levels, length=len(y))
    known = ~np.isnan(y)
    y, group, level = y[known], group[known], compact(level[known])[0]
    _check(y, group)
    return y, group, level


def _check(y: FloatArray, group: IntArray) -> None:
    if not np.isin(y, (0, 1)).all() or not np.isin(group, (0, 1)).all():
        raise InputError("correct and groups must be 0 or 1")


def _ets_class(delta: float, error: float) -> str:
    size = abs(delta)
    if size < 1 or size / error < 1.96:
        return "A"
    return "C" if size >= 1.5 and (size - 1) / error > 1.645 else "B"


def _no_dif(n: int, confidence: float, reason: str) -> LogisticDif:
    return LogisticDif(
        log_odds=NAN,
        low=NAN,
        high=NAN,
        uniform_p=NAN,
        non_uniform_p=NAN,
        both_p=NAN,
        n=n,
        confidence=confidence,
        method="none",
        undefined=reason,
    )
