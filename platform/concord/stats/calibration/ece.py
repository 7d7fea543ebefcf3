"""Expected calibration error, and the bins behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
        How many, and whether of equal "width" or equal "mass" (numbers); ties may leave fewer bins of equal mass.

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
        The plain ECE is never zero, even for perfect probabilities. True gives the root of the debiased squared error instead.

    Returns
    -------
    Ece
        Undefined without pairs. The interval is for the true error in these bins, not for the value, which chance makes too
        large: the value may lie above it. It starts at 0 where perfect calibration would give such a value.

    Raises
    ------
    InputError
        Values out of range.

    Notes
    -----
    ``sum n_b / n |p_b - o_b|`` (Naeini et al. 2015); debiased: ``sqrt(max(0, sum n_b / n ((p_b - o_b)**2 - o_b (1 -
    o_b) / (n_b - 1))))`` (Kumar, Liang & Ma 2019, "Verified uncertainty calibration", NeurIPS), bins with one item left out.

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
    n = len(p)
    if n == 0:
        return undefined(
            Ece,
            "there are no probabilities with outcomes",
            confidence=confidence,
            omitted=omitted,
            n_bins=n_bins,
            bins=bins,
            debiased=debiased,
            largest=NAN,
            by_chance=NAN,
        )
    edge = edges(p, n_bins, bins)
    size, forecast, happened = _sums(p, y, edge)
    value = float(_error(size[None], forecast[None], happened[None], debiased)[0])
    gaps = _bin_gaps(p, y, edge)
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
        notes=(why,) if why else (),
        omitted=omitted,
        n_bins=len(edge) - 1,
        bins=bins,
        debiased=debiased,
        largest=float(np.abs(gaps.gap).max()),
        by_chance=float(drawn.mean()) if len(drawn) else NAN,
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
        share = bins.n * (bins.n >= 2) / bins.n.sum()
        result: FloatArray = np.sqrt(np.maximum((np.square(gap) - np.square(bins.error)) @ share, 0.0))
        return result

    return (root_debiased, root) if debiased else (plain, plain)


def _sums(p: FloatArray, y: FloatArray, edge: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    group, k = bin_of(p, edge), len(edge) - 1
    return tally(group, k), tally(group, k, p), tally(group, k, y)


def _error(size: FloatArray, forecast: FloatArray, happened: FloatArray, debiased: bool) -> FloatArray:
    n = size.sum(axis=1)
    if not debiased:
        total: FloatArray = np.abs(forecast - happened).sum(axis=1) / n
        return total
    usable = size >= 2
    below = np.where(usable, size, 2.0)
    share = happened / below
    square = np.square((forecast - happened) / below) - share * (1 - share) / (below - 1)
    root: FloatArray = np.sqrt(np.maximum((np.where(usable, size * square, 0.0)).sum(axis=1) / n, 0.0))
    return root
