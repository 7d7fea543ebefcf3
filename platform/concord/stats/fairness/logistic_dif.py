"""Differential item functioning by logistic regression: a constant gap, and one that changes with the score."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, IntArray, codes, compact, floats, fraction, left_out
from concord.stats._normal import t_quantile
from concord.stats._results import NAN, Record
from concord.stats.fairness._answers import check_answers
from concord.stats.fairness._logistic_clusters import Sandwich

_STEPS = 100
_FAR = 15.0  # log-odds; in separated data some run away beyond it


@dataclass(frozen=True, kw_only=True)
class LogisticDif(Record):
    """Tests of a ``uniform`` (constant) gap, a ``non_uniform`` one (which changes with level), and both at once.

    ``log_odds`` is the uniform gap of group 1 over group 0 with its interval; ``df`` are the degrees of freedom of its t,
    infinite without clusters.
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
    standard_error: float = NAN
    df: float = math.inf
    undefined: str | None = None
    notes: tuple[str, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)


def logistic_dif(
    correct: ArrayLike,
    groups: ArrayLike,
    scores: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
) -> LogisticDif:
    """Return logistic-regression tests of whether an item treats two groups differently at the same score.

    Parameters
    ----------
    correct, groups
        As in ``mantel_haenszel_dif``.
    scores
        (n,) the level as a number (ability, total score); nan is dropped.
    clusters
        (n,) integer codes of answers that hang together, as in ``mantel_haenszel_dif``.

    Returns
    -------
    LogisticDif
        Undefined where a model has no finite fit: one group only, one outcome only, scores that do not vary in both groups, or
        outcomes that the predictors separate. A group within one cluster leaves neither interval nor tests; where a coefficient
        hangs on one cluster (one rater gave all answers of a group at low scores) its tests are nan. A note says so.

    Raises
    ------
    InputError
        Anything but 0 and 1.

    Notes
    -----
    The interval is Wald's, the tests compare likelihoods: score against score + group, against score + group + score x
    group. With ``clusters`` the covariance is CR2's, and the tests are t and Hotelling's (Pustejovsky & Tipton 2018,
    doi:10.1080/07350015.2016.1247004). Swaminathan & Rogers (1990), doi:10.1111/j.1745-3984.1990.tb00754.x; Albert & Anderson
    (1984), doi:10.1093/biomet/71.1.1, for when no fit exists.

    Examples
    --------
    >>> y, g, x = [1, 0, 1, 0, 1, 1, 0, 1, 0, 0], [0, 1] * 5, [1, 2, 3, 1, 2, 3, 2, 2, 1, 3]
    >>> result = logistic_dif(y, g, x)
    >>> result.undefined is None and 0 < result.uniform_p < 1
    True
    """
    confidence = fraction("confidence", confidence)
    y = floats("correct", correct)
    x = floats("scores", scores, length=len(y))
    known = ~(np.isnan(y) | np.isnan(x))
    group = codes("groups", groups, length=len(y))
    check_answers(y, group, known)
    cluster = None if clusters is None else compact(codes("clusters", clusters, length=len(y))[known])[0]
    y, x, group = y[known], x[known], group[known]
    n, omitted = len(y), left_out(known)
    if n < 5 or len(np.unique(group)) < 2 or len(np.unique(y)) < 2:
        return _no_dif(n, confidence, "both groups and both outcomes are needed", omitted)
    if min(np.ptp(x[group == code]) for code in (0, 1)) == 0:
        return _no_dif(n, confidence, "different scores are needed in both groups", omitted)
    z = (x - x.mean()) / max(float(np.abs(x - x.mean()).max()), 1e-300)
    z = z / z.std()
    design = np.column_stack([np.ones(n), z, group.astype(np.float64), group * z])
    fits = [found for k in (2, 3, 4) if (found := _logistic(design[:, :k], y)) is not None]
    if len(fits) < 3:
        return _no_dif(n, confidence, "the outcomes are separated: the likelihood has no maximum", omitted)
    parts = _by_likelihood(fits) if cluster is None else _by_clusters(fits, design, y, group, cluster)
    half = t_quantile(confidence, parts["df"]) * parts["standard_error"]
    log_odds = float(fits[1].beta[2])
    return LogisticDif(
        log_odds=log_odds,
        low=log_odds - half,
        high=log_odds + half,
        n=n,
        confidence=confidence,
        omitted=omitted,
        **parts,
    )


@dataclass(frozen=True)
class _Fit:
    """A model with its largest log-likelihood, coefficients and their standard errors."""

    value: float
    beta: FloatArray
    error: FloatArray


def _by_likelihood(fits: list[_Fit]) -> dict[str, Any]:
    """Return the tests and the error of independent answers."""
    base, uniform, full = (fit.value for fit in fits)
    return {
        "standard_error": float(fits[1].error[2]),
        "df": math.inf,
        "uniform_p": float(special.chdtrc(1, max(2 * (uniform - base), 0.0))),
        "non_uniform_p": float(special.chdtrc(1, max(2 * (full - uniform), 0.0))),
        "both_p": float(special.chdtrc(2, max(2 * (full - base), 0.0))),
        "method": "logistic regression, likelihood-ratio tests",
    }


def _by_clusters(
    fits: list[_Fit], design: FloatArray, y: FloatArray, group: IntArray, cluster: IntArray
) -> dict[str, Any]:
    """Return the tests and the error of answers that hang together in clusters."""
    method = "logistic regression, clustered t and Hotelling tests (CR2)"
    if min(len(np.unique(cluster[group == code])) for code in (0, 1)) < 2:
        none = dict.fromkeys(("standard_error", "df", "uniform_p", "non_uniform_p", "both_p"), NAN)
        return {
            **none,
            "method": method,
            "notes": ("a group lies within one cluster, or the clusters do not vary: no interval.",),
        }
    uniform = Sandwich.of(design[:, :3], y, fits[1].beta, cluster).test(fits[1].beta, [2])
    full = Sandwich.of(design, y, fits[2].beta, cluster)
    slope, both = full.test(fits[2].beta, [3]), full.test(fits[2].beta, [2, 3])
    unknown = math.isnan(both.p_value + slope.p_value + uniform.p_value)
    return {
        "standard_error": uniform.error,
        "df": uniform.df,
        "uniform_p": uniform.p_value,
        "non_uniform_p": slope.p_value,
        "both_p": both.p_value,
        "method": method,
        "notes": ("too few clusters for all three tests: what is nan could not be tested.",) * unknown,
    }


def _logistic(design: FloatArray, y: FloatArray) -> _Fit | None:
    """Fit by Newton with halved steps; None where there is no maximum."""
    beta, value = np.zeros(design.shape[1]), -len(y) * math.log(2)
    for _ in range(_STEPS):
        p = special.expit(design @ beta)
        information = design.T @ (design * (p * (1 - p))[:, None])
        step = np.linalg.lstsq(information, design.T @ (y - p), rcond=None)[0]
        while (found := _log_likelihood(design @ (beta + step), y)) < value - 1e-12 * abs(value):
            step = step / 2
        beta, value = beta + step, found
        if np.abs(step).max() < 1e-10 * max(1.0, float(np.abs(beta).max())):
            break
    if np.abs(design @ beta).max() > _FAR and _separated(design, y):
        return None
    return _Fit(value, beta, np.sqrt(np.diag(np.linalg.inv(information))))


def _log_likelihood(a: FloatArray, y: FloatArray) -> float:
    return float(special.log_expit(np.where(y == 1, a, -a)).sum())


def _separated(design: FloatArray, y: FloatArray) -> bool:
    """Whether some direction of the coefficients never lowers and somewhere raises the likelihood, by linear programming."""
    # Here, because web processes import this package, and the optimizers would add 24 MB to each.
    from scipy import optimize

    signed = np.unique(design * np.where(y == 1, 1.0, -1.0)[:, None], axis=0)
    found = optimize.linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1), method="highs"
    )
    return bool(found.success and found.fun is not None and found.fun < -1e-7)


def _no_dif(n: int, confidence: float, reason: str, omitted: Mapping[str, int]) -> LogisticDif:
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
        omitted=omitted,
    )
