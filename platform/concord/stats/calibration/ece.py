"""Expected calibration error, and the bins behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, IntArray, count, fraction, generator, one_of, tally
from concord.stats._binomial import wilson
from concord.stats._intervals import percentile_interval
from concord.stats._results import NAN, Estimate, Record
from concord.stats.calibration._pairs import bin_of, edges, pairs


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


@dataclass(frozen=True, kw_only=True)
class Ece(Estimate):
    """Calibration error with the number and kind of bins, without which it means nothing."""

    n_bins: int
    bins: str
    debiased: bool
    largest: float


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
    fraction("confidence", confidence)
    count("n_bins", n_bins, at_least=1)
    one_of("bins", bins, ("width", "mass"))
    p, y, _ = pairs(probabilities, outcomes)
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
        Undefined without pairs. The interval is a bootstrap over items around the value less the bootstrap's bias, cut at 0; near
        perfect calibration it covers less than it says.

    Raises
    ------
    InputError
        Values out of range.

    Notes
    -----
    ``sum n_b / n |p_b - o_b|`` (Naeini et al. 2015); debiased: ``sqrt(max(0, sum n_b / n ((p_b - o_b)**2 - o_b (1 -
    o_b) / (n_b - 1))))`` (Kumar, Liang & Ma 2019, "Verified uncertainty calibration", NeurIPS), bins with one item left out.

    Examples
    --------
    >>> round(ece([0.1, 0.1, 0.9, 0.9], [0, 0, 1, 0], n_bins=10).value, 3)
    0.25
    """
    fraction("confidence", confidence)
    count("n_bins", n_bins, at_least=1)
    count("n_resamples", n_resamples)
    one_of("bins", bins, ("width", "mass"))
    p, y, omitted = pairs(probabilities, outcomes)
    n = len(p)
    if n == 0:
        return Ece(
            value=NAN,
            confidence=confidence,
            method="none",
            n=0,
            undefined="there are no probabilities with outcomes",
            omitted=omitted,
            n_bins=n_bins,
            bins=bins,
            debiased=debiased,
            largest=NAN,
        )
    edge = edges(p, n_bins, bins)
    size, forecast, happened = _sums(p, y, edge)
    value = float(_error(size[None], forecast[None], happened[None], debiased)[0])
    gap = np.divide(np.abs(forecast - happened), size, out=np.zeros(len(size)), where=size > 0)
    drawn = _resampled(p, y, edge, debiased, n_resamples, generator(rng))
    low, high = percentile_interval(2 * value - drawn, confidence) if n > 1 and len(drawn) > 1 else (NAN, NAN)
    return Ece(
        value=value,
        low=max(low, 0.0),
        high=max(high, 0.0),
        confidence=confidence,
        method=f"{len(edge) - 1} bins of equal {bins}, basic bootstrap",
        n=n,
        standard_error=float(drawn.std(ddof=1)) if len(drawn) > 1 else NAN,
        omitted=omitted,
        n_bins=len(edge) - 1,
        bins=bins,
        debiased=debiased,
        largest=float(gap.max()),
    )


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


def _resampled(
    p: FloatArray, y: FloatArray, edge: FloatArray, debiased: bool, n_resamples: int, rng: np.random.Generator
) -> FloatArray:
    n = len(p)
    drawn = np.empty(n_resamples)
    for i in range(n_resamples):
        pick = rng.integers(n, size=n)
        size, forecast, happened = _sums(p[pick], y[pick], edge)
        drawn[i] = _error(size[None], forecast[None], happened[None], debiased)[0]
    return drawn
