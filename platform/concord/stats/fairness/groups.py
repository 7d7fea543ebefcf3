"""Estimates by group, gaps and ratios, with raters and examples as clusters and small groups kept back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    IntArray,
    as_floats,
    codes,
    compact,
    count,
    floats,
    fraction,
    generator,
    one_of,
    tally,
)
from concord.stats._intervals import percentile_interval
from concord.stats._normal import t_two_sided
from concord.stats._results import NAN, Estimate, TestedEstimate
from concord.stats.comparison.mean import mean

_BLOCK = 4_000_000


@dataclass(frozen=True, kw_only=True)
class GroupEstimate(Estimate):
    """A group's mean; ``suppressed`` where it rests on fewer people (or examples) than the minimum, value and all."""

    group: int
    n_raters: int
    n_examples: int
    suppressed: bool


@dataclass(frozen=True, kw_only=True)
class Gap(TestedEstimate):
    """A difference or ratio of two groups' means, with both means and the resamples behind the interval."""

    first: float
    second: float
    resamples: FloatArray = field(repr=False)


@dataclass(frozen=True)
class _Scores:
    value: FloatArray
    group: IntArray
    rater: IntArray | None
    example: IntArray | None
    omitted: Mapping[str, int]


def group_estimates(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    raters: ArrayLike | None = None,
    examples: ArrayLike | None = None,
    minimum: int = 10,
    confidence: float = 0.95,
) -> tuple[GroupEstimate, ...]:
    """Return the mean of each group with an interval that knows about raters and examples.

    Parameters
    ----------
    values
        (n,) numbers (0 and 1 for a rate); nan is dropped.
    groups
        (n,) integer codes: groups of raters, or of the people that examples are about.
    raters, examples
        (n,) integer codes to cluster by, one or both.
    minimum
        Groups with fewer distinct raters (without raters: examples; without both: values) are suppressed: their figures would be
        noise, and might give people away.

    Returns
    -------
    tuple of GroupEstimate
        By group code. A suppressed group is undefined, says so, and keeps only its counts.

    Raises
    ------
    InputError
        Malformed input.

    Notes
    -----
    t intervals on CR2 cluster-robust variances, two-way where both are given; see ``comparison.mean``.

    Examples
    --------
    >>> result = group_estimates([1, 0, 1, 1], [0, 0, 1, 1], raters=[0, 1, 2, 3], minimum=2)
    >>> [(g.group, g.value) for g in result]
    [(0, 0.5), (1, 1.0)]
    """
    fraction("confidence", confidence)
    count("minimum", minimum, at_least=1)
    data = _scores(values, groups, raters, examples)
    return tuple(_estimate(data, int(code), minimum, confidence) for code in np.unique(data.group))


def _estimate(data: _Scores, code: int, minimum: int, confidence: float) -> GroupEstimate:
    mine = data.group == code
    rater = None if data.rater is None else data.rater[mine]
    example = None if data.example is None else data.example[mine]
    n_raters = 0 if rater is None else len(np.unique(rater))
    n_examples = 0 if example is None else len(np.unique(example))
    people = n_raters if rater is not None else (n_examples if example is not None else int(mine.sum()))
    counts: dict[str, Any] = {"group": code, "n_raters": n_raters, "n_examples": n_examples}
    if people < minimum:
        reason = f"suppressed: {people} {'raters' if rater is not None else 'cases'}, fewer than {minimum}"
        return GroupEstimate(
            value=NAN,
            confidence=confidence,
            method="none",
            n=int(mine.sum()),
            undefined=reason,
            suppressed=True,
            **counts,
        )
    first, second = (rater, example) if rater is not None else (example, None)
    found = mean(data.value[mine], clusters=first, clusters2=second, confidence=confidence)
    return GroupEstimate(
        value=found.value,
        low=found.low,
        high=found.high,
        confidence=confidence,
        method=found.method,
        n=found.n,
        standard_error=found.standard_error,
        notes=found.notes,
        suppressed=False,
        **counts,
    )


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
    Percentile bootstrap (ratios on the log scale) with tails widened for few clusters; both ways at once multiplies
    the weights of raters and examples (Owen 2007, doi:10.1214/07-AOAS122), which errs on the wide side.

    Examples
    --------
    >>> result = gap([1, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1], of=1, versus=0, raters=range(6), minimum=2)
    >>> result.value
    0.0
    """
    fraction("confidence", confidence)
    one_of("measure", measure, ("difference", "ratio"))
    count("n_resamples", n_resamples, at_least=2)
    data = _scores(values, groups, raters, examples)
    both = [_estimate(data, code, minimum, confidence) for code in (of, versus)]
    reason = next((f"group {g.group}: {g.undefined}" for g in both if not g.defined), None)
    first, second = both[0].value, both[1].value
    if reason is None and measure == "ratio" and not (first > 0 and second > 0):
        reason = "a ratio needs two means above zero"
    n = both[0].n + both[1].n
    if reason:
        return Gap(
            value=NAN,
            confidence=confidence,
            method="none",
            n=n,
            undefined=reason,
            omitted=data.omitted,
            first=first,
            second=second,
            resamples=np.empty(0),
        )
    drawn = _resampled(data, of, versus, n_resamples, generator(rng))
    return _gap(data, first, second, drawn, measure, n, confidence)


def _gap(
    data: _Scores, first: float, second: float, drawn: FloatArray, measure: str, n: int, confidence: float
) -> Gap:
    ratio = measure == "ratio"
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.log(drawn[:, 0]) - np.log(drawn[:, 1]) if ratio else drawn[:, 0] - drawn[:, 1]
    known = gaps[np.isfinite(gaps)]
    value = float(np.log(first / second)) if ratio else first - second
    ways = [name for name, code in (("raters", data.rater), ("examples", data.example)) if code is not None]
    clusters = [len(np.unique(code)) for code in (data.rater, data.example) if code is not None]
    smallest = min(clusters) if clusters else n
    error = float(known.std(ddof=1)) if len(known) > 1 else NAN
    vary = error > 0
    low, high = percentile_interval(known, confidence, n=smallest) if vary else (NAN, NAN)
    statistic = value / error if vary else NAN
    scale = np.exp if ratio else float
    lost = len(gaps) - len(known)
    return Gap(
        value=float(scale(value)),
        low=float(scale(low)),
        high=float(scale(high)),
        confidence=confidence,
        method=f"bootstrap over {' and '.join(ways) or 'values'}, {len(gaps)} resamples",
        n=n,
        standard_error=error,
        notes=(f"{lost} resamples lacked a group and were left out.",) if lost else (),
        omitted=data.omitted,
        null=1.0 if ratio else 0.0,
        statistic=statistic,
        df=float(smallest - 1),
        p_value=t_two_sided(statistic, float(smallest - 1)),
        first=first,
        second=second,
        resamples=np.exp(gaps) if ratio else gaps,
    )


def _resampled(data: _Scores, of: int, versus: int, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return resampled means of both groups, (n_resamples, 2)."""
    used = (data.group == of) | (data.group == versus)
    value, second = data.value[used], (data.group[used] == versus).astype(np.int64)
    rater = None if data.rater is None else compact(data.rater[used])[0]
    example = None if data.example is None else compact(data.example[used])[0]
    if rater is None or example is None:
        cluster = rater if rater is not None else example
        cluster = np.arange(len(value)) if cluster is None else cluster
        return _one_way(value, second, cluster, n_resamples, rng)
    result = np.empty((n_resamples, 2))
    n_raters, n_examples = int(rater.max()) + 1, int(example.max()) + 1
    for i in range(n_resamples):
        by_rater = np.bincount(rng.integers(n_raters, size=n_raters), minlength=n_raters)
        by_example = np.bincount(rng.integers(n_examples, size=n_examples), minlength=n_examples)
        weight = (by_rater[rater] * by_example[example]).astype(np.float64)
        total, number = tally(second, 2, weight * value), tally(second, 2, weight)
        result[i] = np.divide(total, number, out=np.full(2, np.nan), where=number > 0)
    return result


def _one_way(
    value: FloatArray, second: IntArray, cluster: IntArray, n_resamples: int, rng: np.random.Generator
) -> FloatArray:
    g = int(cluster.max()) + 1
    key = cluster * 2 + second
    total, number = tally(key, 2 * g, value).reshape(g, 2), tally(key, 2 * g).reshape(g, 2)
    # Clusters with the same totals are interchangeable: one multinomial over the distinct ones.
    rows, times = np.unique(np.column_stack([total, number]), axis=0, return_counts=True)
    total, number = rows[:, :2], rows[:, 2:]
    size = max(1, _BLOCK // len(rows))
    parts = []
    for start in range(0, n_resamples, size):
        weight = as_floats(rng.multinomial(g, times / g, size=min(size, n_resamples - start)))
        below = weight @ number
        parts.append(np.divide(weight @ total, below, out=np.full(below.shape, np.nan), where=below > 0))
    return np.concatenate(parts)


def _scores(
    values: ArrayLike, groups: ArrayLike, raters: ArrayLike | None, examples: ArrayLike | None
) -> _Scores:
    value = floats("values", values)
    group = codes("groups", groups, length=len(value))
    rater = None if raters is None else codes("raters", raters, length=len(value))
    example = None if examples is None else codes("examples", examples, length=len(value))
    if rater is not None and (rater == -1).any():
        rater = np.where(rater == -1, rater.max(initial=0) + 1 + np.arange(len(rater)), rater)
    known = ~np.isnan(value)
    return _Scores(
        value[known],
        group[known],
        None if rater is None else rater[known],
        None if example is None else example[known],
        {"missing values": int((~known).sum())} if not known.all() else {},
    )
