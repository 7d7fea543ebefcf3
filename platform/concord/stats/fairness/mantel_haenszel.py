"""Differential item functioning after Mantel and Haenszel: an odds ratio at the same level."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, IntArray, codes, compact, flag, floats, fraction, tally
from concord.stats._normal import z_quantile
from concord.stats._results import NAN, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.fairness._answers import check_answers, dropped


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
    continuity
        Whether half an answer is taken off the test statistic, as Holland & Thayer and R's ``mantelhaen.test`` do.

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
    p-value is Mantel and Haenszel's (1959) chi-square. Holland & Thayer (1988) for its use on items; classes after Zieky
    (1993): A where |delta| < 1 or it does not differ from 0 at 5 %, C where it is at least 1.5 and above 1 at 5 %
    (one-sided), else B.

    Examples
    --------
    >>> result = mantel_haenszel_dif([1, 1, 0, 1, 0, 0, 1, 0], [1, 1, 1, 1, 0, 0, 0, 0], [0] * 8)
    >>> round(result.value, 3)
    9.0
    """
    confidence, continuity = fraction("confidence", confidence), flag("continuity", continuity)
    y, group, level, omitted = _cases(correct, groups, levels)
    tables, total = _Tables.of(y, group, level), len(y)
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
    half = z_quantile(confidence) * error
    chi = tables.chi_square(continuity)
    delta = -2.35 * log
    return MantelHaenszel(
        value=math.exp(log),
        low=math.exp(log - half),
        high=math.exp(log + half),
        confidence=confidence,
        method="Mantel-Haenszel, Robins-Breslow-Greenland interval",
        n=total,
        omitted=omitted,
        standard_error=error,
        null=1.0,
        statistic=chi,
        df=1.0,
        p_value=float(special.chdtrc(1, chi)) if not math.isnan(chi) else NAN,
        delta=delta,
        ets_class=_ets_class(delta, 2.35 * error),
    )


@dataclass(frozen=True)
class _Tables:
    """Counts at each level (S,): group 1 right and wrong, group 0 wrong and right."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray

    @classmethod
    def of(cls, y: FloatArray, group: IntArray, level: IntArray) -> _Tables:
        s = int(level.max()) + 1 if len(level) else 0
        table = tally((level * 2 + group) * 2 + y.astype(np.int64), 4 * s).reshape(s, 2, 2)
        return cls(table[:, 1, 1], table[:, 1, 0], table[:, 0, 0], table[:, 0, 1])

    @property
    def n(self) -> FloatArray:
        return np.maximum(self.a + self.b + self.c + self.d, 1.0)

    @property
    def up(self) -> FloatArray:
        return self.a * self.c / self.n

    @property
    def down(self) -> FloatArray:
        return self.b * self.d / self.n

    def log_ratio(self) -> tuple[float, float]:
        """Return the logarithm of the common odds ratio with the error of Robins, Breslow & Greenland."""
        up, down = self.up, self.down
        p, q = (self.a + self.c) / self.n, (self.b + self.d) / self.n
        r, t = float(up.sum()), float(down.sum())
        mixed = float((p * down + q * up).sum())
        variance = (
            float((p * up).sum()) / (2 * r * r) + mixed / (2 * r * t) + float((q * down).sum()) / (2 * t * t)
        )
        return math.log(r / t), math.sqrt(variance)

    def chi_square(self, continuity: bool) -> float:
        """Return Mantel and Haenszel's statistic; of less than half an answer nothing is taken off, as in R."""
        a, b, c, d, n = self.a, self.b, self.c, self.d, self.n
        spread = float(((a + b) * (c + d) * (a + d) * (b + c) / (n * n * np.maximum(n - 1, 1.0))).sum())
        away = abs(float((a - (a + b) * (a + d) / n).sum()))
        taken = 0.5 if continuity and away >= 0.5 else 0.0
        return (away - taken) ** 2 / spread if spread > 0 else NAN


def _cases(
    correct: ArrayLike, groups: ArrayLike, levels: ArrayLike
) -> tuple[FloatArray, IntArray, IntArray, Mapping[str, int]]:
    y = floats("correct", correct)
    group = codes("groups", groups, length=len(y))
    level = codes("levels", levels, length=len(y))
    known = ~np.isnan(y)
    y, group, level = y[known], group[known], compact(level[known])[0]
    check_answers(y, group)
    return y, group, level, dropped(known)


def _ets_class(delta: float, error: float) -> str:
    size = abs(delta)
    if size < 1 or size / error < 1.96:
        return "A"
    return "C" if size >= 1.5 and (size - 1) / error > 1.645 else "B"
