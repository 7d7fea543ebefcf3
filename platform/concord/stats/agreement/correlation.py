"""Correlations of two columns of numbers, with intervals for which pairs or clusters of pairs are the sample."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    IntArray,
    codes,
    compact,
    floats,
    fraction,
    left_out,
    one_of,
    tally,
)
from concord.stats._clustered import mean_variance
from concord.stats._midranks import midrank
from concord.stats._normal import t_quantile
from concord.stats._results import NAN, Estimate
from concord.stats.agreement._concordance import concordance

_FEWEST_DF = 4.0  # below it, an interval would say more than a handful of clusters can
_MOST_OF_ONE = 0.4


@dataclass(frozen=True, kw_only=True)
class Correlation(Estimate):
    """A coefficient between -1 and 1; ``standard_error`` is on its own scale, ``df`` the degrees of freedom of the interval."""

    df: float = NAN
    n_clusters: int


class _Found(NamedTuple):
    """A coefficient, and what each pair moves it by (n,), summing to 0."""

    value: float
    moved: FloatArray


def correlation(
    a: ArrayLike,
    b: ArrayLike,
    *,
    coefficient: str = "pearson",
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Correlation:
    """Return how closely two columns go together: by a line, by ranks, or by pairs in the same order.

    Parameters
    ----------
    a, b
        (n,) numbers, such as people's mean and a machine's score of each output; a pair with nan on either side is dropped.
    coefficient
        "pearson" goes by a straight line, "spearman" by ranks (ties share their mean rank), "kendall" is tau-b: by pairs of pairs
        in the same and in the opposite order, ties left out on either side.
    clusters
        (n,) integer codes: pairs that share an example, a document or a person.

    Returns
    -------
    Correlation
        Undefined with fewer than three pairs, or where a column does not vary. Of fewer than about six clusters, or where all
        pairs lie on one line (or in one order), the value stands and there is no interval, with a note.

    Raises
    ------
    InputError
        Lengths differ, a number is infinite, the coefficient is unknown, or the clusters are no codes.

    Notes
    -----
    The interval is made on Fisher's scale, ``atanh``, from what each pair (or cluster) moves the coefficient by: the variance
    of their mean, CR2 with Bell-McCaffrey degrees of freedom, so that neither normal numbers nor independent pairs are
    assumed. Pearson's loses one more degree of freedom, and its error grows by ``sqrt((df + 1) / (df - 3))``, as the normal
    theory's ``1 / sqrt(n - 3)`` does. Long tails (lognormal numbers) leave Pearson's interval too short; the ranks' are not.

    References
    ----------
    Fisher (1921), "On the probable error of a coefficient of correlation", Metron 1; Kendall (1945), doi:10.2307/2332303
    (tau-b); Hampel (1974), doi:10.2307/2285666 (influence); Bonett & Wright (2000), doi:10.1007/BF02294183 (sizes of samples,
    and Fisher's scale for ranks).

    Examples
    --------
    >>> people, judge = [5, 3, 4, 2, 5, 1, 4, 2, 3, 5, 4, 1], [4, 3, 5, 1, 4, 2, 4, 3, 2, 5, 4, 2]
    >>> found = correlation(people, judge, coefficient="kendall")
    >>> round(found.value, 3), round(found.low, 2), round(found.high, 2)
    (0.697, 0.47, 0.84)
    """
    kind = one_of("coefficient", coefficient, tuple(_KINDS))
    confidence = fraction("confidence", confidence)
    one = floats("a", a)
    two = floats("b", b, length=len(one))
    known = ~(np.isnan(one) | np.isnan(two))
    cluster = None if clusters is None else compact(codes("clusters", clusters, length=len(one))[known])[0]
    omitted = left_out(known, "incomplete pairs")
    one, two = one[known], two[known]
    n = len(one)
    n_clusters = n if cluster is None else int(cluster.max(initial=-1)) + 1
    reason = _why_not(one, two)
    if reason:
        return Correlation(
            value=NAN,
            confidence=confidence,
            method="none",
            n=n,
            n_clusters=n_clusters,
            undefined=reason,
            omitted=omitted,
        )
    found = _KINDS[kind](one, two)
    ends = _interval(kind, found, cluster, confidence)
    return Correlation(
        value=found.value,
        low=ends.low,
        high=ends.high,
        confidence=confidence,
        method=f"{_NAMES[kind]}, {'' if cluster is None else 'clustered '}t interval of atanh",
        n=n,
        standard_error=ends.standard_error,
        notes=ends.notes,
        omitted=omitted,
        df=ends.df,
        n_clusters=n_clusters,
    )


def _why_not(a: FloatArray, b: FloatArray) -> str | None:
    if len(a) < 3:
        return f"{len(a)} complete pairs: at least three are needed"
    for name, side in (("a", a), ("b", b)):
        if side.min() == side.max():
            return f"{name} is the same throughout: there is nothing to go together"
    return None


class _Ends(NamedTuple):
    """Both ends with the standard error and its degrees of freedom, and notes."""

    low: float = NAN
    high: float = NAN
    standard_error: float = NAN
    df: float = NAN
    notes: tuple[str, ...] = ()


def _interval(kind: str, found: _Found, cluster: IntArray | None, confidence: float) -> _Ends:
    """Return the ends by Fisher's scale, on which a step of ``moved`` is ``moved / (1 - value**2)``."""
    if 1 - abs(found.value) < 1e-12:
        same = "on one line" if kind == "pearson" else "in one order"
        return _Ends(notes=(f"all pairs lie {same}: no interval.",))
    variance, _ = mean_variance(found.moved, np.ones(len(found.moved)), cluster, None)
    df = variance.df
    if not df >= _FEWEST_DF:
        return _Ends(notes=("too few pairs or clusters for an interval: about six are needed.",))
    error = math.sqrt(variance.value)
    if error < 1e-12:
        return _Ends(notes=("the pairs do not vary in what they say: no interval.",))
    if kind == "pearson":
        error, df = error * math.sqrt((df + 1) / (df - 3)), df - 1
    half = t_quantile(confidence, df) * error / (1 - found.value**2)
    middle = math.atanh(found.value)
    return _Ends(math.tanh(middle - half), math.tanh(middle + half), error, df, _alone(found.moved, cluster))


def _alone(moved: FloatArray, cluster: IntArray | None) -> tuple[str, ...]:
    """Return a note where one pair or cluster makes up most of the variance: of long tails, intervals are too short."""
    parts = moved if cluster is None else tally(cluster, int(cluster.max()) + 1, moved)
    share = float(np.square(parts).max() / np.square(parts).sum())
    if share < _MOST_OF_ONE:
        return ()
    what = "pair" if cluster is None else "cluster"
    return (f"one {what} makes up {100 * share:.0f} % of the variance: the interval may be too short.",)


def _pearson(a: FloatArray, b: FloatArray) -> _Found:
    x, y = _standard(a), _standard(b)
    value = float(np.clip((x * y).mean(), -1, 1))
    return _Found(value, x * y - value * (x * x + y * y) / 2)


def _standard(values: FloatArray) -> FloatArray:
    """Return numbers of mean 0 and mean square 1; their largest is taken out first, so that no square overflows."""
    scaled = values / np.abs(values).max()
    centred = scaled - scaled.mean()
    centred = centred / np.abs(centred).max()
    result: FloatArray = centred / math.sqrt((centred * centred).mean())
    return result


def _spearman(a: FloatArray, b: FloatArray) -> _Found:
    """Return the coefficient of the ranks. A pair also moves the ranks of those above it, by which ``_above`` counts."""
    n = len(a)
    x, y = (midrank(side) - 0.5 for side in (a, b))
    x, y = x / n - 0.5, y / n - 0.5
    both, alone_x, alone_y = (x * y).mean(), (x * x).mean(), (y * y).mean()
    value = float(np.clip(both / math.sqrt(alone_x * alone_y), -1, 1))
    both_moved = x * y + _above(a, y) + _above(b, x) - 3 * both
    x_moved, y_moved = x * x + 2 * _above(a, x) - 3 * alone_x, y * y + 2 * _above(b, y) - 3 * alone_y
    moved = both_moved / math.sqrt(alone_x * alone_y) - value * (x_moved / alone_x + y_moved / alone_y) / 2
    return _Found(value, moved)


def _above(by: FloatArray, what: FloatArray) -> FloatArray:
    """Return for each the sum of ``what`` of all that are above it, half of those beside it, per pair."""
    place, distinct = compact(by)
    sums = tally(place, len(distinct), what)
    result: FloatArray = (sums[::-1].cumsum()[::-1] - sums / 2)[place] / len(by)
    return result


def _kendall(a: FloatArray, b: FloatArray) -> _Found:
    n = len(a)
    (x, _), (y, _) = compact(a), compact(b)
    together = concordance(x, y) / (n - 1)
    apart_x, apart_y = ((n - tally(side, int(side.max()) + 1)[side]) / (n - 1) for side in (x, y))
    scale = math.sqrt(apart_x.mean() * apart_y.mean())
    value = float(np.clip(together.mean() / scale, -1, 1))
    moved = 2 * (together / scale - value * (apart_x / apart_x.mean() + apart_y / apart_y.mean()) / 2)
    return _Found(value, moved)


_KINDS: dict[str, Callable[[FloatArray, FloatArray], _Found]] = {
    "pearson": _pearson,
    "spearman": _spearman,
    "kendall": _kendall,
}
_NAMES = {"pearson": "Pearson's r", "spearman": "Spearman's rho", "kendall": "Kendall's tau-b"}
