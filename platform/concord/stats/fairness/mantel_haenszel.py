"""Differential item functioning after Mantel and Haenszel: an odds ratio at the same level."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    codes,
    compact,
    flag,
    floats,
    fraction,
    left_out,
)
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._results import NAN, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.fairness._answers import check_answers
from concord.stats.fairness._level_tables import Tables

_MOST_LOG = 700.0  # beyond this a ratio leaves float64
_METHODS = (
    "Mantel-Haenszel, Robins-Breslow-Greenland interval",
    "Mantel-Haenszel, clustered t interval (CR2)",
)
_ONE_CLUSTER = "a group lies within one cluster, or the clusters do not vary: no interval."


@dataclass(frozen=True, kw_only=True)
class MantelHaenszel(TestedEstimate):
    """``value`` is the common odds ratio (above 1: group 1 does better at the same level), ``standard_error`` that of its
    logarithm; ``delta`` on the ETS scale, with its class.

    Class A is negligible, B moderate, C large (|delta| of 1 and 1.5, significantly so). In the words of ETS group 1 is the
    reference and group 0 the focal group: a negative delta says that the item is harder for group 0.
    """

    delta: float
    ets_class: str


def mantel_haenszel_dif(
    correct: ArrayLike,
    groups: ArrayLike,
    levels: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    continuity: bool = False,
    confidence: float = 0.95,
) -> MantelHaenszel:
    """Return the Mantel-Haenszel odds ratio of being right, group 1 over group 0, at the same level.

    Parameters
    ----------
    correct
        (n,) 0 or 1; nan is dropped.
    groups
        (n,) 0 (in ETS words the focal group) or 1 (the reference).
    levels
        (n,) integer codes of the level at which they are compared (total score, topic, difficulty band).
    clusters
        (n,) integer codes of answers that hang together (of one rater, of one test-taker): without them every answer counts as
        independent, and where each of few raters gave many the test rejects far too often.
    continuity
        Whether half an answer is taken off the test statistic, as Holland & Thayer and R's ``mantelhaen.test`` do;
        not with ``clusters``.

    Returns
    -------
    MantelHaenszel
        Undefined where no level holds both groups and both outcomes, or where the ratio is 0 or infinite. With ``clusters``
        ``statistic`` is Student's t of the logarithm; a group within one cluster leaves no interval, and a note says so.

    Raises
    ------
    InputError
        Anything but 0 and 1; ``continuity`` with ``clusters``.

    Notes
    -----
    ``sum a d / n / sum b c / n`` with the variance of Robins, Breslow & Greenland (1986), doi:10.2307/2531052; the
    p-value is Mantel and Haenszel's (1959) chi-square. Holland & Thayer (1988) for its use on items; classes after Zieky
    (1993): A where |delta| < 1 or it does not differ from 0 at 5 %, C where it is at least 1.5 and above 1 at 5 %
    (one-sided), else B. With ``clusters`` the variance is that of the sum of what each cluster adds to the logarithm, as CR2
    corrects it for each group's share, less what pairs of answers of two clusters would count twice; t with Satterthwaite's
    degrees of freedom, fewer by the square of what is left of the sum.

    Examples
    --------
    >>> result = mantel_haenszel_dif([1, 1, 0, 1, 0, 0, 1, 0], [1, 1, 1, 1, 0, 0, 0, 0], [0] * 8)
    >>> round(result.value, 3)
    9.0
    """
    confidence, continuity = fraction("confidence", confidence), flag("continuity", continuity)
    if continuity and clusters is not None:
        raise InputError("continuity goes without clusters")
    y, group, level, cluster, omitted = _cases(correct, groups, levels, clusters)
    tables, total = Tables.of(y, group, level), len(y)
    if not (tables.up.sum() > 0 and tables.down.sum() > 0):
        reason = "no level holds both groups with both outcomes, so the odds ratio has no finite value"
        return undefined(
            MantelHaenszel,
            reason,
            confidence=confidence,
            n=total,
            omitted=omitted,
            null=1.0,
            delta=NAN,
            ets_class="",
        )
    log, error = tables.log_ratio()
    test: dict[str, Any] = tables.test(continuity)
    df = math.inf
    if cluster is not None:
        error, df = tables.clustered_error(y.astype(np.int64), group, level, cluster)
        test = _t_test(log, error, df)
    half = t_quantile(confidence, df) * error
    return MantelHaenszel(
        value=math.exp(log),
        low=math.exp(max(log - half, -_MOST_LOG)),
        high=math.exp(min(log + half, _MOST_LOG)),
        confidence=confidence,
        method=_METHODS[cluster is not None],
        n=total,
        notes=(_ONE_CLUSTER,) if math.isnan(error) else (),
        omitted=omitted,
        standard_error=error,
        null=1.0,
        delta=-2.35 * log,
        ets_class=_ets_class(-2.35 * log, 2.35 * error, df),
        **test,
    )


def _t_test(log: float, error: float, df: float) -> dict[str, float]:
    statistic = log / error if error > 0 else NAN
    return {"statistic": statistic, "df": df, "p_value": t_two_sided(statistic, df)}


class _Cases(NamedTuple):
    """Complete answers with group, level and cluster, and what was left out."""

    correct: FloatArray
    group: IntArray
    level: IntArray
    cluster: IntArray | None
    omitted: Mapping[str, int]


def _cases(correct: ArrayLike, groups: ArrayLike, levels: ArrayLike, clusters: ArrayLike | None) -> _Cases:
    y = floats("correct", correct)
    group = codes("groups", groups, length=len(y))
    level = codes("levels", levels, length=len(y))
    cluster = None if clusters is None else codes("clusters", clusters, length=len(y))
    known = ~np.isnan(y)
    check_answers(y, group, known)
    y, group, level = y[known], group[known], compact(level[known])[0]
    return _Cases(y, group, level, None if cluster is None else compact(cluster[known])[0], left_out(known))


def _ets_class(delta: float, error: float, df: float) -> str:
    """Return A, B or C; without an error what cannot be told from 0 is A."""
    size = abs(delta)
    if size < 1 or not size / error >= t_quantile(0.95, df):
        return "A"
    return "C" if size >= 1.5 and (size - 1) / error > t_quantile(0.9, df) else "B"
