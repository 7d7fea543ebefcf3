"""Are errors shared equally? True and false positive rates by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    codes,
    compact,
    count,
    floats,
    fraction,
    left_out,
    zeros_and_ones,
)
from concord.stats._results import NAN, Estimate, Record
from concord.stats._undefined import undefined
from concord.stats.fairness._rate_gaps import Answers, gap_limits


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
    smaller of both ratios of least to greatest rate. Each gap has an interval (low, high); nan where there is no gap.
    """

    difference: float
    true_positive_gap: float
    false_positive_gap: float
    demographic_parity_gap: float
    ratio: float
    difference_interval: tuple[float, float]
    true_positive_interval: tuple[float, float]
    false_positive_interval: tuple[float, float]
    demographic_parity_interval: tuple[float, float]
    groups: tuple[GroupRates, ...]
    confidence: float
    method: str
    undefined: str | None = None
    omitted: Mapping[str, int] = field(default_factory=dict)


def equalised_odds(
    predicted: ArrayLike,
    actual: ArrayLike,
    groups: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    minimum: int = 10,
    confidence: float = 0.95,
) -> EqualisedOdds:
    """Return true and false positive rates by group, and how far apart they are.

    Parameters
    ----------
    predicted, actual
        (n,) 0 or 1; nan is dropped.
    groups
        (n,) integer codes.
    clusters
        (n,) integer codes of people, templates, documents, whose cases are alike; a cluster may have cases in several groups.
    minimum
        A rate with fewer cases (with clusters: clusters) below the line is not given, nor used in the gaps, nor are the numbers
        from which it would follow.

    Returns
    -------
    EqualisedOdds
        The gaps are those of the estimates: with many small groups they are large by chance alone, so look at the intervals,
        which allow for it: where the low end is above 0, the groups differ.

    Raises
    ------
    InputError
        Anything but 0 and 1.

    Notes
    -----
    Rates have Wilson's interval (with clusters at the effective number of cases), pairs of groups Newcombe's (1998,
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I), with the correlation that shared clusters make (no end
    nearer than Student's). The low end of a gap is the greatest of all pairs' with the quantile of the range of so many equal
    rates (Tukey), the high end the greatest of all pairs' own.

    References
    ----------
    Hardt, Price & Srebro (2016), "Equality of opportunity in supervised learning", arXiv:1610.02413.

    Examples
    --------
    >>> result = equalised_odds([1, 1, 0, 0, 1, 0], [1, 1, 0, 1, 1, 0], [0, 0, 0, 1, 1, 1], minimum=1)
    >>> result.true_positive_gap, result.false_positive_gap
    (0.5, 0.0)
    """
    confidence = fraction("confidence", confidence)
    minimum = count("minimum", minimum, at_least=1)
    said = floats("predicted", predicted)
    real = floats("actual", actual, length=len(said))
    group = codes("groups", groups, length=len(said))
    cluster = None if clusters is None else codes("clusters", clusters, length=len(said))
    known = ~(np.isnan(said) | np.isnan(real))
    zeros_and_ones("predicted", said, where=known)
    zeros_and_ones("actual", real, where=known)
    said, real, group = said[known], real[known], group[known]
    cluster = None if cluster is None else compact(cluster[known])[0]
    each = [
        _group(int(code), said, real, group == code, cluster, minimum, confidence)
        for code in np.unique(group)
    ]
    rates = [found for found, _ in each]
    shown = [[answers[i] for _, answers in each if i in answers] for i in range(3)]
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
        difference_interval=_of_both(shown[0], shown[1], confidence),
        true_positive_interval=gap_limits(shown[0], confidence),
        false_positive_interval=gap_limits(shown[1], confidence),
        demographic_parity_interval=gap_limits(shown[2], confidence),
        groups=tuple(rates),
        confidence=confidence,
        method="Wilson, Newcombe, range over groups" + (", clustered" if cluster is not None else ""),
        undefined=None if gaps else "fewer than two groups have enough cases to compare",
        omitted=left_out(known, "incomplete cases"),
    )


def _group(
    code: int,
    said: FloatArray,
    real: FloatArray,
    mine: BoolArray,
    cluster: IntArray | None,
    minimum: int,
    confidence: float,
) -> tuple[GroupRates, dict[int, Answers]]:
    """Return a group's rates and the answers behind those that are shown (0: positives, 1: negatives, 2: all).

    Positives and negatives add up to the group: if one is kept back, the group's total is too.
    """
    behind = [
        Answers(said[part], None if cluster is None else cluster[part])
        for part in (mine & (real == 1), mine & (real == 0), mine)
    ]
    enough = [_size(answers) >= minimum for answers in behind]
    whole = enough[0] and enough[1]
    enough[2] = whole
    unit = "" if cluster is None else "clusters of "
    reasons = (
        f"suppressed: fewer than {minimum} {unit}positives",
        f"suppressed: fewer than {minimum} {unit}negatives",
        "suppressed: with it, a rate that is kept back could be worked out",
    )
    found = [
        answers.rate(confidence) if fine else undefined(Estimate, reason, confidence=confidence)
        for answers, fine, reason in zip(behind, enough, reasons, strict=True)
    ]
    return GroupRates(
        group=code,
        n=len(behind[2].said) if whole else 0,
        true_positive_rate=found[0],
        false_positive_rate=found[1],
        positive_rate=found[2],
    ), {i: behind[i] for i in range(3) if enough[i]}


def _size(answers: Answers) -> int:
    """Return how many people (or cases) the answers come from."""
    return len(answers.said) if answers.cluster is None else len(np.unique(answers.cluster))


def _of_both(positives: list[Answers], negatives: list[Answers], confidence: float) -> tuple[float, float]:
    """Return limits of the larger of both gaps, looked at together."""
    families = [family for family in (positives, negatives) if len(family) > 1]
    if not families:
        return NAN, NAN
    limits = [gap_limits(family, confidence, families=len(families)) for family in families]
    return max(low for low, _ in limits), max(high for _, high in limits)


def _spread(values: list[float]) -> tuple[float, float]:
    known = [value for value in values if not np.isnan(value)]
    if len(known) < 2:
        return NAN, NAN
    return max(known) - min(known), min(known) / max(known) if max(known) > 0 else NAN
