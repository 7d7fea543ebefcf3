"""Are errors shared equally? True and false positive rates by group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, codes, count, floats, fraction
from concord.stats._results import NAN, Estimate, Record
from concord.stats.comparison.proportion import proportion


@dataclass(frozen=True, kw_only=True)
class GroupRates(Record):
    """One group's rates; undefined where it has too few positives or negatives, and then n is 0 and there is no positive rate:
    with them the rate that is kept back could be worked out.
    """

    group: int
    n: int
    true_positive_rate: Estimate
    false_positive_rate: Estimate
    positive_rate: Estimate


@dataclass(frozen=True, kw_only=True)
class EqualisedOdds(Record):
    """The largest differences between groups (nan with fewer than two groups to compare) and the groups themselves.

    ``difference`` is the larger of the gaps in true and in false positive rates: 0 is equal odds. ``ratio`` is the
    smaller of both ratios of least to greatest rate.
    """

    difference: float
    true_positive_gap: float
    false_positive_gap: float
    demographic_parity_gap: float
    ratio: float
    groups: tuple[GroupRates, ...]
    confidence: float
    undefined: str | None = None


def equalised_odds(
    predicted: ArrayLike, actual: ArrayLike, groups: ArrayLike, *, minimum: int = 10, confidence: float = 0.95
) -> EqualisedOdds:
    """Return true and false positive rates by group, and how far apart they are.

    Parameters
    ----------
    predicted, actual
        (n,) 0 or 1; nan is dropped.
    groups
        (n,) integer codes.
    minimum
        A rate with fewer cases below the line is not given, nor used in the gaps, nor are the numbers from which it would follow.

    Returns
    -------
    EqualisedOdds
        The gaps are those of the estimates: with many small groups they are large by chance alone, so look at the intervals.

    Raises
    ------
    InputError
        Anything but 0 and 1.

    References
    ----------
    Hardt, Price & Srebro (2016), "Equality of opportunity in supervised learning", arXiv:1610.02413.

    Examples
    --------
    >>> result = equalised_odds([1, 1, 0, 0, 1, 0], [1, 1, 0, 1, 1, 0], [0, 0, 0, 1, 1, 1], minimum=1)
    >>> result.true_positive_gap, result.false_positive_gap
    (0.5, 0.0)
    """
    fraction("confidence", confidence)
    count("minimum", minimum, at_least=1)
    said = floats("predicted", predicted)
    real = floats("actual", actual, length=len(said))
    group = codes("groups", groups, length=len(said))
    known = ~(np.isnan(said) | np.isnan(real))
    said, real, group = said[known], real[known], group[known]
    if not (np.isin(said, (0, 1)).all() and np.isin(real, (0, 1)).all()):
        raise InputError("predicted and actual must be 0 or 1")
    rates = [
        _rates(int(code), said[group == code], real[group == code], minimum, confidence)
        for code in np.unique(group)
    ]
    tpr, tpr_ratio = _spread([r.true_positive_rate.value for r in rates])
    fpr, fpr_ratio = _spread([r.false_positive_rate.value for r in rates])
    parity, _ = _spread([r.positive_rate.value for r in rates])
    gaps = [g for g in (tpr, fpr) if not np.isnan(g)]
    ratios = [g for g in (tpr_ratio, fpr_ratio) if not np.isnan(g)]
    return EqualisedOdds(
        difference=max(gaps) if gaps else NAN,
        true_positive_gap=tpr,
        false_positive_gap=fpr,
        demographic_parity_gap=parity,
        ratio=min(ratios) if ratios else NAN,
        groups=tuple(rates),
        confidence=confidence,
        undefined=None if gaps else "fewer than two groups have enough cases to compare",
    )


def _rates(code: int, said: FloatArray, real: FloatArray, minimum: int, confidence: float) -> GroupRates:
    """Return a group's rates. Positives and negatives add up to the group: if one is kept back, the group's total is too."""
    positive = _rate(said[real == 1], minimum, confidence, "positives")
    negative = _rate(said[real == 0], minimum, confidence, "negatives")
    whole = positive.defined and negative.defined
    return GroupRates(
        group=code,
        n=len(said) if whole else 0,
        true_positive_rate=positive,
        false_positive_rate=negative,
        positive_rate=_rate(said, minimum, confidence, "cases")
        if whole
        else _kept_back("suppressed: with it, a rate that is kept back could be worked out", confidence),
    )


def _rate(said: FloatArray, minimum: int, confidence: float, what: str) -> Estimate:
    if len(said) < minimum:
        return _kept_back(f"suppressed: fewer than {minimum} {what}", confidence)
    return proportion(int(said.sum()), len(said), confidence=confidence)


def _kept_back(reason: str, confidence: float) -> Estimate:
    return Estimate(value=NAN, confidence=confidence, method="none", n=0, undefined=reason)


def _spread(values: list[float]) -> tuple[float, float]:
    known = [value for value in values if not np.isnan(value)]
    if len(known) < 2:
        return NAN, NAN
    return max(known) - min(known), min(known) / max(known) if max(known) > 0 else NAN
