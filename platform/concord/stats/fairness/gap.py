"""The gap between two groups, as a difference or a ratio, by resampling raters, examples, or both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    as_floats,
    compact,
    count,
    fraction,
    generator,
    one_of,
    repeats,
    tally,
)
from concord.stats._clustered import Variance, cells_of, crossed_df
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._resampling import normal_limit_holds, normal_totals, resampled_weights
from concord.stats._results import NAN, TestedEstimate
from concord.stats._skewness import bend_of_parts, opened, opened_p_value
from concord.stats._undefined import undefined
from concord.stats.fairness._both_ways import means_drawn_both_ways
from concord.stats.fairness.groups import GroupEstimate, Scores, group_estimate, scores

_MOST_LOG = 300.0


@dataclass(frozen=True, kw_only=True)
class Gap(TestedEstimate):
    """A difference or ratio of two groups' means, with both means and sizes and the resamples behind the interval.

    ``n_first`` and ``n_second`` count the groups' values; 0 where a group is missing or suppressed.

    Of a ratio ``standard_error`` is that of its logarithm, which is what ``statistic`` tests against 0.
    """

    first: float
    second: float
    n_first: int
    n_second: int
    resamples: FloatArray = field(repr=False)


@dataclass(frozen=True)
class _Sample:
    """The values of both groups, with the groups' places (0: ``of``, 1: ``versus``) and what is resampled."""

    value: FloatArray
    second: IntArray
    ways: tuple[tuple[str, IntArray], ...]


@dataclass(frozen=True)
class _Spread:
    """The variance of the gap by its linearisation, and the degrees of freedom that it has."""

    variance: float
    df: float


def gap(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    of: int,
    versus: int,
    raters: ArrayLike | None = None,
    examples: ArrayLike | None = None,
    measure: str = "difference",
    minimum: int = 10,
    confidence: float = 0.95,
    n_resamples: int = 2000,
    rng: np.random.Generator | None = None,
) -> Gap:
    """Return the difference (or ratio) of two groups' means, resampling raters, examples, or both.

    Parameters
    ----------
    values, groups, raters, examples, minimum
        As in ``group_estimates``.
    of, versus
        The codes of both groups: ``of - versus`` or ``of / versus``.
    measure
        "difference" or "ratio".

    Returns
    -------
    Gap
        Undefined where a group is missing or suppressed, or for a ratio with a mean of zero below. Without raters
        and examples the values themselves are resampled. Ratings of the same rater hang together: resampling ratings
        as if they were independent makes intervals several times too narrow.

    Raises
    ------
    InputError
        Malformed input.

    Notes
    -----
    Ratios one way: Student's t of the log ratio, opened towards the longer tail by Hall's transformation. Else
    percentile bootstrap (ratios on the log scale), its spread scaled to the cluster-robust standard error with CR2's correction
    for few clusters (Bell & McCaffrey 2002), its tails those of t with degrees of freedom after Satterthwaite; where t's own ends
    lie further out (resamples of few clusters end early) these, and rates differ by 1 at most. Sums over more
    than 50,000 clusters, none of which weighs much, are drawn from their normal limit. Both ways at once
    the resamples multiply the weights of raters and examples (Owen 2007, doi:10.1214/07-AOAS122), which alone is up to 1.7
    times too wide; the standard error to which they are scaled is that of Cameron, Gelbach & Miller (2011),
    doi:10.1198/jbes.2010.07136: ``V(raters) + V(examples) - V(both)``. The p-value is that of t on the same standard error:
    below 1 - confidence wherever an interval by percentiles leaves out the null, and close to the limit also where it does not.

    Examples
    --------
    >>> result = gap([1, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1], of=1, versus=0, raters=range(6), minimum=2)
    >>> result.value
    0.0
    """
    confidence = fraction("confidence", confidence)
    one_of("measure", measure, ("difference", "ratio"))
    n_resamples = repeats("n_resamples", n_resamples, at_least=2)
    minimum = count("minimum", minimum, at_least=1)
    of, versus = (count(name, code, at_least=-(2**62)) for name, code in (("of", of), ("versus", versus)))
    if of == versus:
        raise InputError(f"of and versus must be two groups, got {of!r} twice")
    data = scores(values, groups, raters, examples)
    both = [group_estimate(data, code, minimum, confidence) for code in (of, versus)]
    reason = next((_lacking(g, data) for g in both if not g.defined), None)
    first, second = both[0].value, both[1].value
    if reason is None and measure == "ratio" and not _has_ratio(first, second):
        reason = "a ratio needs two means above zero, and not more than e**300 apart"
    if reason:
        return undefined(
            Gap,
            reason,
            confidence=confidence,  # and no n: the sum would give the number of a suppressed group away
            omitted=data.omitted,
            null=1.0 if measure == "ratio" else 0.0,
            first=first,
            second=second,
            n_first=0,
            n_second=0,
            resamples=np.empty(0),
        )
    sample = _sample(data, of, versus)
    drawn = _resampled(sample, n_resamples, generator(rng))
    return _gap(sample, (first, second), drawn, measure, confidence, data.omitted)


def _lacking(group: GroupEstimate, data: Scores) -> str:
    """Say why a group has no figure: code 99 of six groups is more likely a slip than a small group."""
    found = bool((data.group == group.group).any())
    return f"group {group.group}: {group.undefined}" if found else f"group {group.group} has no values"


def _has_ratio(first: float, second: float) -> bool:
    return first > 0 and second > 0 and abs(math.log(first) - math.log(second)) < _MOST_LOG


def _sample(data: Scores, of: int, versus: int) -> _Sample:
    used = (data.group == of) | (data.group == versus)
    codes = (("raters", data.rater), ("examples", data.example))
    ways = tuple((name, compact(code[used])[0]) for name, code in codes if code is not None)
    value = data.value[used]
    return _Sample(
        value,
        (data.group[used] == versus).astype(np.int64),
        ways or (("values", np.arange(len(value))),),
    )


def _gap(
    sample: _Sample,
    means: tuple[float, float],
    drawn: FloatArray,
    measure: str,
    confidence: float,
    omitted: Mapping[str, int],
) -> Gap:
    ratio = measure == "ratio"
    opened_up = ratio and len(sample.ways) == 1
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.log(drawn[:, 0]) - np.log(drawn[:, 1]) if ratio else drawn[:, 0] - drawn[:, 1]
    known = gaps[np.isfinite(gaps)]
    value = math.log(means[0]) - math.log(means[1]) if ratio else means[0] - means[1]
    spread = _spread(sample, means, ratio)
    error, own = math.sqrt(spread.variance), float(known.std(ddof=1)) if len(known) > 1 else NAN
    notes: tuple[str, ...] = ()
    if len(known) < len(gaps):
        notes = (f"{len(gaps) - len(known)} resamples lacked a group and were left out.",)
    if error > 0 and own > 0 and spread.df > 0:
        known = value + (known - value) * (error / own)
        statistic = value / error
        low, high, p_value = _ends(sample, means, value, known, spread, confidence, ratio)
    else:
        low = high = statistic = p_value = NAN
        notes = (*notes, "too few clusters, or none that differ: an interval cannot be had from them.")
    scale = _exp if ratio else float
    over = " and ".join(name for name, _ in sample.ways)
    return Gap(
        value=scale(value),
        low=scale(low),
        high=scale(high),
        confidence=confidence,
        method=f"t interval of the logarithm over {over}, opened for skewness (Hall)"
        if opened_up
        else f"bootstrap over {over}, {len(gaps)} resamples",
        n=len(sample.value),
        standard_error=error,
        notes=notes,
        omitted=omitted,
        null=1.0 if ratio else 0.0,
        statistic=statistic,
        df=spread.df,
        p_value=p_value,
        first=means[0],
        second=means[1],
        n_first=int((sample.second == 0).sum()),
        n_second=int(sample.second.sum()),
        resamples=np.exp(np.clip(known, -_MOST_LOG, _MOST_LOG)) if ratio else known,
    )


class _Ends(NamedTuple):
    """Both ends and the p-value."""

    low: float
    high: float
    p_value: float


def _ends(
    sample: _Sample,
    means: tuple[float, float],
    value: float,
    known: FloatArray,
    spread: _Spread,
    confidence: float,
    ratio: bool,
) -> _Ends:
    """Return both ends and the p-value: of the scaled resamples and Student, or for a ratio those of Student and Hall."""
    statistic = value / math.sqrt(spread.variance)
    if not ratio or len(sample.ways) > 1:
        t = t_quantile(confidence, spread.df)
        tail, half = float(special.ndtr(-t)), t * math.sqrt(spread.variance)
        low, high = (float(end) for end in np.quantile(known, [tail, 1 - tail]))
        most = math.inf if ratio or not np.isin(sample.value, (0, 1)).all() else 1.0
        ends = max(min(low, value - half), -most), min(max(high, value + half), most)
        return _Ends(*ends, t_two_sided(statistic, spread.df))
    cluster = sample.ways[0][1]
    signed = _influence(sample, means, True) * np.where(sample.second == 0, 1.0, -1.0)
    bend = bend_of_parts(tally(cluster, int(cluster.max()) + 1, signed))
    variance = Variance(spread.variance, spread.df, int(cluster.max()) + 1)
    return _Ends(*opened(value, variance, bend, confidence), opened_p_value(statistic, variance, bend))


def _influence(sample: _Sample, means: tuple[float, float], ratio: bool) -> FloatArray:
    """Return what each value adds to its group's mean (to the mean's logarithm), in excess of the mean."""
    centre = np.array(means)[sample.second]
    size = tally(sample.second, 2)
    return as_floats((sample.value - centre) / size[sample.second] / (centre if ratio else 1.0))


def _exp(value: float) -> float:
    return math.exp(min(max(value, -_MOST_LOG), _MOST_LOG)) if not math.isnan(value) else NAN


def _spread(sample: _Sample, means: tuple[float, float], ratio: bool) -> _Spread:
    """Return the variance of the gap (of its logarithm): one way, or both ways less what both count twice."""
    influence = _influence(sample, means, ratio)
    parts = [_one_spread(influence, sample.second, code) for _, code in sample.ways]
    if len(parts) == 1:
        return parts[0]
    (_, first), (_, second) = sample.ways
    both = _one_spread(influence, sample.second, cells_of(first, second)).variance
    one, two = (Variance(part.variance, part.df, 0) for part in parts)
    variance = max(one.value + two.value - both, one.value, two.value)
    return _Spread(variance, crossed_df(variance, one, two))


def _one_spread(influence: FloatArray, second: IntArray, cluster: IntArray) -> _Spread:
    """Return the cluster-robust variance with each group's clusters corrected for the mean that was taken out of them."""
    g = int(cluster.max()) + 1
    key = second * g + cluster
    total, share = tally(key, 2 * g, influence).reshape(2, g), tally(key, 2 * g).reshape(2, g)
    share = share / share.sum(axis=1, keepdims=True)
    if share.max() >= 1 - 1e-12:
        return _Spread(NAN, NAN)
    total = total / np.sqrt(1 - share)
    own = np.square(total).sum(axis=1)
    variance = float(np.square(total[0] - total[1]).sum())
    df = 1 / np.square(share).sum(axis=1) - 1
    if (share > 0).all(axis=0).any():  # clusters that hold both groups: a comparison inside them
        return _Spread(variance, float(df.min()))
    most = float(own.max()) or 1.0
    return _Spread(
        variance, float(np.square(own.sum() / most) / max(float((np.square(own / most) / df).sum()), 1e-300))
    )


def _resampled(sample: _Sample, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return resampled means of both groups, (n_resamples, 2)."""
    if len(sample.ways) == 1:
        return _one_way(sample.value, sample.second, sample.ways[0][1], n_resamples, rng)
    (_, rater), (_, example) = sample.ways
    return means_drawn_both_ways(sample.value, sample.second, rater, example, n_resamples, rng)


def _one_way(
    value: FloatArray, second: IntArray, cluster: IntArray, n_resamples: int, rng: np.random.Generator
) -> FloatArray:
    g = int(cluster.max()) + 1
    key = cluster * 2 + second
    total, number = tally(key, 2 * g, value).reshape(g, 2), tally(key, 2 * g).reshape(g, 2)
    sums = np.column_stack([total, number])
    if normal_limit_holds(sums):
        drawn = normal_totals(sums, n_resamples, rng)
    else:  # clusters with the same totals are interchangeable
        rows, times = np.unique(sums, axis=0, return_counts=True)
        drawn = np.concatenate([weight @ rows for weight in resampled_weights(times, n_resamples, rng)])
    above, below = drawn[:, :2], drawn[:, 2:]
    return as_floats(np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0))
