"""The bootstrap of any statistic, bias-corrected and accelerated, by rows or by clusters."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    as_floats,
    codes,
    compact,
    flag,
    floats,
    fraction,
    generator,
    left_out,
    one_of,
    repeats,
    shown,
    squarable,
    table,
)
from concord.stats._intervals import acceleration, bca_interval, percentile_interval
from concord.stats._resampling import totals_in_the_limit
from concord.stats._results import NAN, Estimate
from concord.stats._undefined import undefined

BLOCKS = 1000  # at most so many values for the acceleration
_FEW = 8  # rows or clusters, below which a note says that the interval is too narrow
_SOME = 20  # the same where it is not widened
Statistic = Callable[[NDArray[np.float64]], float]


@dataclass(frozen=True, kw_only=True)
class Bootstrap(Estimate):
    """The estimate with its ``resamples``; ``bias`` is their mean less the value."""

    bias: float
    resamples: FloatArray = field(repr=False)


@dataclass(frozen=True)
class _Members:
    """The rows of each cluster: ``size`` (G,) of them, one cluster after the other in ``order`` (n,)."""

    order: IntArray
    size: IntArray

    def rows(self, clusters: IntArray) -> IntArray:
        """Return the rows of these clusters, one cluster after the other."""
        if len(self.size) == len(self.order):
            return np.asarray(self.order.take(clusters), dtype=np.int64)
        size = self.size[clusters]
        start, before = (np.cumsum(self.size) - self.size)[clusters], np.cumsum(size) - size
        place = np.arange(int(size.sum())) + np.repeat(start - before, size)
        return np.asarray(self.order.take(place), dtype=np.int64)

    def sums(self, values: FloatArray) -> FloatArray:
        """Return the sum of the values of each cluster, (G,)."""
        return as_floats(np.add.reduceat(values[self.order], np.cumsum(self.size) - self.size))


def bootstrap(
    data: ArrayLike,
    statistic: Statistic = np.mean,
    *,
    clusters: ArrayLike | None = None,
    method: str = "bca",
    widened: bool = False,
    confidence: float = 0.95,
    n_resamples: int = 2000,
    rng: np.random.Generator | None = None,
) -> Bootstrap:
    """Return a statistic with its bootstrap interval.

    Parameters
    ----------
    data
        (n,) numbers or (n, p) rows; rows with nan are dropped.
    statistic
        A function from rows to one number; the mean of more than 50,000 rows or clusters, none of which weighs much, is
        drawn from its normal limit. Where the function gives nan for a resample, that resample is left out and counted.
    clusters
        (n,) codes: whole clusters are drawn.
    method
        "bca" (Efron 1987) or "percentile".
    widened
        Widen the tails by ``sqrt(n / (n - 1))`` and Student's t, as the other estimators do for few units. Clusters of unlike
        size count for fewer: ``n = (sum of sizes)**2 / (sum of squared sizes)``.

    Returns
    -------
    Bootstrap
        Undefined where nothing is left or the statistic itself is nan. A note says where so few rows or clusters leave the
        interval too narrow.

    Raises
    ------
    InputError
        Malformed input; a statistic that gives anything but one number.

    References
    ----------
    Efron & Tibshirani (1993), "An introduction to the bootstrap", chapter 14.

    Examples
    --------
    >>> result = bootstrap([1.0, 2.0, 4.0, 8.0, 16.0], np.median)
    >>> result.value
    4.0
    """
    confidence = fraction("confidence", confidence)
    one_of("method", method, ("bca", "percentile"))
    n_resamples = repeats("n_resamples", n_resamples, at_least=2)
    widened = flag("widened", widened)
    if not callable(statistic):
        raise InputError(f"statistic must be a function from rows to a number, got {shown(statistic)}")
    rows = _rows(data)
    group = np.arange(len(rows)) if clusters is None else codes("clusters", clusters, length=len(rows))
    known = ~np.isnan(rows.reshape(len(rows), -1)).any(axis=1) if len(rows) else np.zeros(0, dtype=bool)
    omitted = left_out(known, "rows with nan")
    rows, (group, _) = rows[known], compact(group[known])
    with _quiet():
        value = _called(statistic, rows) if len(rows) else NAN
    if not np.isfinite(value):
        reason = "there are no data" if not len(rows) else "the statistic has no value on these data"
        return undefined(
            Bootstrap,
            reason,
            confidence=confidence,
            n=len(rows),
            omitted=omitted,
            bias=NAN,
            resamples=np.empty(0),
        )
    members = _Members(np.argsort(group, kind="stable"), np.bincount(group))
    with _quiet():
        drawn = _resamples(rows, members, statistic, n_resamples, generator(rng))
        low, high = _interval(rows, members, statistic, value, drawn, method, confidence, widened)
    finite = squarable("the resampled statistic", drawn[np.isfinite(drawn)])
    lost = len(drawn) - len(finite)
    notes = (f"{lost} resamples had no value and were left out.",) if lost else ()
    if np.isnan(low):
        notes = (*notes, "one row or cluster, or a statistic that never varies: no interval.")
    else:
        notes = (*notes, *_few(len(members.size), "row" if clusters is None else "cluster", widened))
    return Bootstrap(
        value=value,
        low=low,
        high=high,
        confidence=confidence,
        method=f"bootstrap of {'rows' if clusters is None else 'clusters'}, {n_resamples} resamples ({method})",
        n=len(rows),
        standard_error=float(finite.std(ddof=1)) if len(finite) > 1 else NAN,
        notes=notes,
        omitted=omitted,
        bias=float(finite.mean()) - value if len(finite) else NAN,
        resamples=drawn,
    )


def _few(n: int, unit: str, widened: bool) -> tuple[str, ...]:
    """Return a warning where resamples of so few units are known to give too narrow an interval."""
    if n < _FEW:
        return (f"{n} {unit}s: resamples of so few end early, and the interval covers less than it says.",)
    if n < _SOME and not widened:
        return (f"{n} {unit}s: the interval covers less than it says; widened=True errs less.",)
    return ()


def _rows(data: ArrayLike) -> FloatArray:
    array = table("data", data)
    flat = floats("data", array.ravel())
    return flat if np.ndim(data) == 1 else flat.reshape(array.shape)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep a statistic from warning of resamples too few or too alike for it: its nan says so."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _called(statistic: Statistic, rows: FloatArray) -> float:
    found = np.asarray(statistic(rows))
    if found.size != 1 or found.dtype.kind not in "biuf":
        raise InputError(f"the statistic must give one number, got {found!r}")
    return float(found.item())


def _resamples(
    rows: FloatArray, members: _Members, statistic: Statistic, n: int, rng: np.random.Generator
) -> FloatArray:
    g = len(members.size)
    picks = (rng.integers(g, size=g) for _ in range(n))
    if statistic is np.mean and rows.ndim == 1:
        sums = np.stack([members.sums(rows), members.size], axis=1)
        drawn = totals_in_the_limit(sums, n, rng)
        if drawn is not None:
            return as_floats(drawn[:, 0] / drawn[:, 1])
        total, number = members.sums(rows), members.size.astype(np.float64)
        return np.array([total.take(pick).sum() / number.take(pick).sum() for pick in picks])
    return np.array([_called(statistic, rows[members.rows(pick)]) for pick in picks])


def _blocks(members: _Members) -> _Members:
    """Return at most BLOCKS groups of clusters to leave out.

    Leaving out blocks of k in place of single ones has the same acceleration in expectation (both the sum of cubes and
    the sum of squares of the influences stay), with an error of about .65 / BLOCKS: a statistic of n rows is then
    evaluated BLOCKS times and not n times.
    """
    g = len(members.size)
    if g <= BLOCKS:
        return members
    order = np.random.default_rng(0).permutation(g)
    size = [int(members.size[block].sum()) for block in np.array_split(order, BLOCKS)]
    return _Members(members.rows(order), np.array(size))


def _without_each(rows: FloatArray, blocks: _Members, statistic: Statistic) -> FloatArray:
    """Return the statistic without each block in turn."""
    if statistic is np.mean and rows.ndim == 1:
        total = blocks.sums(rows)
        return as_floats((total.sum() - total) / (len(rows) - blocks.size))
    kept = np.ones(len(rows), dtype=bool)
    found = np.empty(len(blocks.size))
    for i, block in enumerate(np.split(blocks.order, np.cumsum(blocks.size)[:-1])):
        kept[block] = False
        found[i] = _called(statistic, rows[kept])
        kept[block] = True
    return found


def _interval(
    rows: FloatArray,
    members: _Members,
    statistic: Statistic,
    value: float,
    drawn: FloatArray,
    method: str,
    confidence: float,
    widened: bool,
) -> tuple[float, float]:
    g = len(members.size)
    finite = drawn[np.isfinite(drawn)]
    if g < 2 or len(finite) < 2 or float(np.ptp(finite)) <= 1e-14 * float(np.abs(finite).max()):
        return NAN, NAN
    n = max(len(rows) ** 2 / float(np.square(members.size, dtype=np.float64).sum()), 2.0) if widened else None
    if method == "percentile":
        return percentile_interval(drawn, confidence, n=n)
    skew = acceleration(_without_each(rows, _blocks(members), statistic))
    return bca_interval(value, drawn, confidence, skew=skew, n=n)
