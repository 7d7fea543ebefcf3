"""Estimates by group, with raters and examples as clusters and small groups kept back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    IntArray,
    codes,
    count,
    floats,
    fraction,
)
from concord.stats._results import Estimate
from concord.stats._undefined import undefined
from concord.stats.comparison.clustered_proportion import clustered_proportion
from concord.stats.comparison.mean import mean


@dataclass(frozen=True, kw_only=True)
class GroupEstimate(Estimate):
    """A group's mean; ``suppressed`` where it rests on fewer people (or examples) than the minimum: value, counts and all.

    ``n_raters`` and ``n_examples`` are None where no raters, no examples were given.
    """

    group: int
    n_raters: int | None
    n_examples: int | None
    suppressed: bool


@dataclass(frozen=True)
class Scores:
    value: FloatArray
    group: IntArray
    rater: IntArray | None
    example: IntArray | None
    missing: IntArray  # the group of each value that is not there

    @property
    def omitted(self) -> Mapping[str, int]:
        """How many values are missing, as results name it."""
        return {"missing values": len(self.missing)} if len(self.missing) else {}


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
        By group code. A suppressed group is undefined, says so, and has no counts either (0): whoever knows the total must not
        be able to work them out, so show no total beside groups of which one is suppressed.

    Raises
    ------
    InputError
        Malformed input.

    Notes
    -----
    t intervals on CR2 cluster-robust variances, two-way where both are given; see ``comparison.mean``. Where all values are 0
    or 1, Wilson's interval at the effective number of values instead, which stays within 0 and 1; see
    ``comparison.clustered_proportion``.

    Examples
    --------
    >>> result = group_estimates([1, 0, 1, 1], [0, 0, 1, 1], raters=[0, 1, 2, 3], minimum=2)
    >>> [(g.group, g.value) for g in result]
    [(0, 0.5), (1, 1.0)]
    """
    confidence = fraction("confidence", confidence)
    minimum = count("minimum", minimum, at_least=1)
    data = scores(values, groups, raters, examples)
    return tuple(group_estimate(data, int(code), minimum, confidence) for code in np.unique(data.group))


def group_estimate(data: Scores, code: int, minimum: int, confidence: float) -> GroupEstimate:
    mine = data.group == code
    rater = None if data.rater is None else data.rater[mine]
    example = None if data.example is None else data.example[mine]
    n_raters = None if rater is None else len(np.unique(rater))
    n_examples = None if example is None else len(np.unique(example))
    people = next(size for size in (n_raters, n_examples, int(mine.sum())) if size is not None)
    counts: dict[str, Any] = {"group": code, "n_raters": n_raters, "n_examples": n_examples}
    if people < minimum:
        reason = f"suppressed: fewer than {minimum} {'raters' if rater is not None else 'cases'}"
        return undefined(
            GroupEstimate,
            reason,
            confidence=confidence,
            suppressed=True,
            group=code,
            n_raters=None if rater is None else 0,
            n_examples=None if example is None else 0,
        )
    first, second = (rater, example) if rater is not None else (example, None)
    estimate = clustered_proportion if np.isin(data.value, (0, 1)).all() else mean
    found = estimate(data.value[mine], clusters=first, clusters2=second, confidence=confidence)
    return GroupEstimate(
        value=found.value,
        low=found.low,
        high=found.high,
        confidence=confidence,
        method=found.method,
        n=found.n,
        standard_error=found.standard_error,
        notes=found.notes,
        omitted=replace(data, missing=data.missing[data.missing == code]).omitted,
        suppressed=False,
        **counts,
    )


def scores(
    values: ArrayLike, groups: ArrayLike, raters: ArrayLike | None, examples: ArrayLike | None
) -> Scores:
    value = floats("values", values)
    group = codes("groups", groups, length=len(value))
    rater = None if raters is None else codes("raters", raters, length=len(value))
    example = None if examples is None else codes("examples", examples, length=len(value))
    if rater is not None and (rater == -1).any():
        rater = np.where(rater == -1, rater.max(initial=0) + 1 + np.arange(len(rater)), rater)
    known = ~np.isnan(value)
    return Scores(
        value[known],
        group[known],
        None if rater is None else rater[known],
        None if example is None else example[known],
        group[~known],
    )
