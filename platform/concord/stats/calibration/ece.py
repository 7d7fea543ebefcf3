"""Expected calibration error, and the bins behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    IntArray,
    compact,
    flag,
    fraction,
    generator,
    one_of,
    repeats,
    tally,
)
from concord.stats._binomial import wilson
from concord.stats._intervals import too_little
from concord.stats._results import NAN, Estimate, Record
from concord.stats._undefined import undefined
from concord.stats.calibration._inversion import BinGaps, Statistic, by_chance, inverted
from concord.stats.calibration._pairs import bin_of, bins_wanted, edges, pairs


@dataclass(frozen=True, kw_only=True)
class Bins(Record):
    """Bins (B,): edges, numbers, mean probability, share that came true with its Wilson interval; nan in an empty bin."""

    lower: FloatArray
    upper: FloatArray
    n: IntArray
    mean_probability: FloatArray
    observed: FloatArray
    low: FloatArray
    high: FloatArray
    confidence: float
    bins: str
    omitted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Ece(Estimate):
    """Calibration error with the number and kind of bins, without which it means nothing.

    ``by_chance`` is what perfectly calibrated probabilities would give on average with so many items in these bins: the
    plain error is never zero.
    """

    n_bins: int
    bins: str
    debiased: bool
    largest: float
    by_chance: float


def reliability_bins(
    probabilities: ArrayLike,
    outcomes: ArrayLike,
    *,
    n_bins: int = 15,
    bins: str = "width",
    confidence: float = 0.95,
) -> Bins:
    """Return the bins of a reliability diagram with bands.

    Parameters
    ----------
    probabilities, outcomes
        As in ``brier``.
    n_bins, bins
        How many, and whether of equal "width" or equal "mass" (numbers); ties may leave fewer bins of equal mass. A bin holds
        its upper edge and not its lower one, the first also 0: of ten equal widths, 0.1 is in the first and 0.2 in the second.

    Returns
    -------
    Bins
        Each band holds for its own bin, not for all at once.

    Raises
    ------
    InputError
        Values out of range.

    References
    ----------
    Bröcker & Smith (2007), doi:10.1175/WAF993.1.

    Examples
    --------
    >>> reliability_bins([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], n_bins=2).observed.tolist()
    [0.0, 1.0]
    """
    confidence = fraction("confidence", confidence)
    n_bins = bins_wanted(n_bins)
    one_of("bins", bins, ("width", "mass"))
    p, y, omitted = pairs(probabilities, outcomes)
    edge = edges(p, n_bins, bins) if len(p) else np.linspace(0, 1, n_bins + 1)
    size, forecast, happened = _sums(p, y, edge)
    share = np.divide(happened, size, out=np.full(len(size), np.nan), where=size > 0)
    bands = [wilson(s, n, confidence) if n else (NAN, NAN) for s, n in zip(share, size, strict=True)]
    return Bins(
        lower=edge[:-1],
        upper=edge[1:],
        n=size.astype(np.int64),
        mean_probability=np.divide(forecast, size, out=np.full(len(size), np.nan), where=size > 0),
        observed=share,
        low=np.array([band[0] for band in bands]),
        high=np.array([band[1] for band in bands]),
        confidence=confidence,
        bins=bins,
        omitted=omitted,
    )


def ece(
    probabilities: ArrayLike,
    outcomes: ArrayLike,
    *,
    n_bins: int = 15,
    bins: str = "width",
    debiased: bool = False,
    confidence: float = 0.95,
    n_resamples: int = 1000,
    rng: np.random.Generator | None = None,
) -> Ece:
    """Return the expected calibration error: the mean gap between probability and share that came true, over bins.

    Parameters
    ----------
    probabilities, outcomes, n_bins, bins
        As in ``reliability_bins``.
    debiased
        The plain ECE is never zero, even for perfect probabilities. True gives the root of the debiased squared error instead,
        of the bins with two items and more: one item does not show how far its bin varies.

    Returns
    -------
    Ece
        Undefined without pairs; debiased also where no bin has two items, and a note says how many items stood alone.
        ``n`` counts the items that the figure rests on. The interval is for the true error in these bins, not for the value,
        which chance makes too large: the value may lie above it. It starts at 0 where perfect calibration would give such a
        value.

    Raises
    ------
    InputError
        Values out of range.

    Notes
    -----
    ``sum n_b / n |p_b - o_b|`` (Naeini et al. 2015); debiased: ``sqrt(max(0, sum n_b / n ((p_b - o_b)**2 - o_b (1 -
    o_b) / (n_b - 1))))`` (Kumar, Liang & Ma 2019, "Verified uncertainty calibration", NeurIPS), n being the items of the bins
    with two and more.

    The interval inverts the test of the error seen, by ``n_resamples`` draws of normal gaps (Carpenter 1999,
    doi:10.1111/1467-9868.00180): a bootstrap over items misses a true error near 0 nearly always.

    Examples
    --------
    >>> round(ece([0.1, 0.1, 0.9, 0.9], [0, 0, 1, 0], n_bins=10).value, 3)
    0.25
    """
    confidence = fraction("confidence", confidence)
    n_bins = bins_wanted(n_bins)
    n_resamples = repeats("n_resamples", n_resamples)
    debiased = flag("debiased", debiased)
    one_of("bins", bins, ("width", "mass"))
    p, y, omitted = pairs(probabilities, outcomes)
    if len(p) == 0:
        return _no_ece(
            "there are no probabilities with outcomes", n_bins, bins, debiased, confidence, omitted
        )
    edge = edges(p, n_bins, bins)
    gaps = _bin_gaps(p, y, edge)
    largest = float(np.abs(gaps.gap).max())
    notes: tuple[str, ...] = ()
    if debiased:
        alone = int((gaps.n < 2).sum())
        gaps, notes = gaps.only(gaps.n >= 2), (_alone(alone),) if alone else ()
        if not len(gaps.n):
            reason = "every bin holds one item: nothing shows how far the outcomes of a bin vary"
            return _no_ece(reason, len(edge) - 1, bins, debiased, confidence, omitted)
    n = int(gaps.n.sum())
    value = float(_error(gaps, debiased))
    statistic, truth = _statistics(debiased)
    why = too_little(n, n_resamples, "forecast")
    drawn, low, high = np.empty(0), NAN, NAN
    if why is None:
        noise = generator(rng).standard_normal((n_resamples, len(gaps.n)))
        drawn = by_chance(gaps, statistic, noise)
        low, high = inverted(gaps, value, statistic, truth, noise, confidence)
    return Ece(
        value=value,
        low=low,
        high=high if why else min(high, 1.0),
        confidence=confidence,
        method=f"{len(edge) - 1} bins of equal {bins}, inverted test",
        n=n,
        notes=(*notes, why) if why else notes,
        omitted=omitted,
        n_bins=len(edge) - 1,
        bins=bins,
        debiased=debiased,
        largest=largest,
        by_chance=float(drawn.mean()) if len(drawn) else NAN,
    )


def _alone(number: int) -> str:
    said = (
        "1 item is alone in its bin and was"
        if number == 1
        else f"{number} items are alone in their bins and were"
    )
    return f"{said} left out: one item does not show how far its bin varies."


def _no_ece(
    reason: str, n_bins: int, bins: str, debiased: bool, confidence: float, omitted: Mapping[str, int]
) -> Ece:
    return undefined(
        Ece,
        reason,
        confidence=confidence,
        omitted=omitted,
        n_bins=n_bins,
        bins=bins,
        debiased=debiased,
        largest=NAN,
        by_chance=NAN,
    )


def _bin_gaps(p: FloatArray, y: FloatArray, edge: FloatArray) -> BinGaps:
    """Return the bins that hold anything. To a bin's variance come two items: one as if calibrated, one by Laplace's rule of
    succession, as few items may all have come true and still not be sure.
    """
    group, k = compact(bin_of(p, edge))
    b = len(k)
    n, gap = tally(group, b), tally(group, b, p - y)
    gap = gap / n
    mean = tally(group, b, p) / n
    spread = tally(group, b, np.square(p - mean[group])) / n
    squares = tally(group, b, np.square(p - y - gap[group]))
    calibrated = tally(group, b, p * (1 - p)) / n
    share = (tally(group, b, y) + 1) / (n + 2)
    error = np.sqrt((squares + calibrated + share * (1 - share)) / (n + 1) / n)
    return BinGaps(gap, error, np.sqrt(calibrated / n), n, mean, spread)


def _statistics(debiased: bool) -> tuple[Statistic, Statistic]:
    """Return the error of (R, B) observed gaps, and of true ones."""

    def plain(gap: FloatArray, bins: BinGaps) -> FloatArray:
        result: FloatArray = np.abs(gap) @ (bins.n / bins.n.sum())
        return result

    def root(gap: FloatArray, bins: BinGaps) -> FloatArray:
        result: FloatArray = np.sqrt(np.square(gap) @ (bins.n / bins.n.sum()))
        return result

    def root_debiased(gap: FloatArray, bins: BinGaps) -> FloatArray:
        square = np.square(gap) - np.square(bins.error)
        result: FloatArray = np.sqrt(np.maximum(square @ (bins.n / bins.n.sum()), 0.0))
        return result

    return (root_debiased, root) if debiased else (plain, plain)


class _BinSums(NamedTuple):
    """Of each bin: how many items, and the sums of their probabilities and outcomes."""

    n: FloatArray
    probability: FloatArray
    outcome: FloatArray


def _sums(p: FloatArray, y: FloatArray, edge: FloatArray) -> _BinSums:
    group, k = bin_of(p, edge), len(edge) - 1
    return _BinSums(tally(group, k), tally(group, k, p), tally(group, k, y))


def _error(gaps: BinGaps, debiased: bool) -> float:
    share = gaps.n / gaps.n.sum()
    if not debiased:
        return float(share @ np.abs(gaps.gap))
    happened = np.clip(gaps.mean - gaps.gap, 0.0, 1.0)
    square = np.square(gaps.gap) - happened * (1 - happened) / (gaps.n - 1)
    return math.sqrt(max(float(share @ square), 0.0))
