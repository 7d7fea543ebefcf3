"""May the judge replace people? The alternative annotator test."""

from __future__ import annotations

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
    codes,
    count,
    distinct,
    fraction,
    one_of,
    squarable,
    tally,
    vector,
)
from concord.stats._results import NAN, Record
from concord.stats.agreement._ratings import ANONYMOUS, Ratings, category_codes, ratings
from concord.stats.comparison.multiplicity import benjamini_yekutieli

NO_RATER = "no rater shares enough units with another rater and the machine"
NOBODY = "nobody agrees with anybody, nor does the machine: agreement says nothing about it"


@dataclass(frozen=True, kw_only=True)
class AlternativeAnnotatorTest(Record):
    """``winning_rate`` is the share of raters whom the machine may replace; it passes from one half on.

    ``advantage_probability`` is the chance that the machine agrees with the others at least as well as a rater chosen at random.
    Per rater (R,): ``rater_codes``, ``n``, ``advantage`` of the machine and of the ``human``, ``p_values`` as
    adjusted, ``rejected``.
    """

    winning_rate: float
    advantage_probability: float
    passes: bool
    rater_codes: IntArray
    n: IntArray
    advantage: FloatArray
    human: FloatArray
    p_values: FloatArray
    rejected: np.ndarray
    epsilon: float
    alpha: float
    n_units: int
    skipped_raters: int
    method: str
    undefined: str | None = None
    omitted: Mapping[str, int] = field(default_factory=dict)


def alternative_annotator_test(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    machine_units: ArrayLike,
    machine_values: ArrayLike,
    *,
    epsilon: float = 0.2,
    score: str = "accuracy",
    alpha: float = 0.05,
    minimum_units: int = 30,
) -> AlternativeAnnotatorTest:
    """Test, rater by rater, whether the machine agrees with the other raters as well as that rater does, less ``epsilon``.

    Parameters
    ----------
    units, raters, values
        (n,) long-form ratings by known people.
    machine_units, machine_values
        (m,) the machine's rating of each unit, one per unit.
    epsilon
        What a person's rating may be worth more, because it costs more: .2 for experts, .15 for skilled raters, .1 for crowds.
    score
        "accuracy" (equal labels) or "rmse" (numbers; smaller error agrees better).
    alpha
        The level of the adjusted tests, one for each rater.
    minimum_units
        Raters with fewer shared units are left out.

    Returns
    -------
    AlternativeAnnotatorTest
        Undefined where no rater shares enough units with another rater and the machine, and where nobody agrees with anybody;
        a rater with whom neither others nor the machine ever agree is not rejected.

    Raises
    ------
    InputError
        An anonymous rater, a unit twice in ``machine_units``, malformed input.

    Notes
    -----
    For every unit of rater j: does the machine, does j, agree with the others at least as well? The mean difference
    (j less machine) is tested to lie below epsilon by a one-sided t test; p-values are adjusted by Benjamini and
    Yekutieli. Calderon, Reichart & Dror (2025), "The alternative annotator test for LLM-as-a-judge", arXiv:2501.10970.

    Examples
    --------
    >>> units, raters = list(range(40)) * 2, [0] * 40 + [1] * 40
    >>> values = [u % 2 for u in range(40)] * 2
    >>> alternative_annotator_test(units, raters, values, range(40), values[:40]).winning_rate
    1.0
    """
    alpha = fraction("alpha", alpha)
    epsilon = fraction("epsilon", epsilon, low=-1.0)
    one_of("score", score, ("accuracy", "rmse"))
    minimum_units = count("minimum_units", minimum_units, at_least=2)
    data = ratings(units, raters, values)
    if (data.rater == ANONYMOUS).any():
        raise InputError("the test needs to know the raters, got an anonymous one (-1)")
    data, machine = _shared(data, machine_units, machine_values)
    if not len(data.unit):
        return _undefined(epsilon, alpha, 0, data.omitted)
    better, worse, agrees = (_accuracy if score == "accuracy" else _squares)(data, machine)
    r = len(data.rater_codes)
    n = tally(data.rater, r)
    kept = n >= minimum_units
    if not kept.any():
        return _undefined(epsilon, alpha, int((~kept).sum()), data.omitted)
    told = tally(data.rater, r, agrees.astype(np.float64)) > 0
    if not told[kept].any():
        return _undefined(epsilon, alpha, int((~kept).sum()), data.omitted, NOBODY)
    gap = worse.astype(np.float64) - better
    mean = tally(data.rater, r, gap) / n
    spread = np.sqrt(
        np.maximum(tally(data.rater, r, np.square(gap - mean[data.rater])), 0.0) / np.maximum(n - 1, 1)
    )
    p_values = np.array(
        [_p_value(*row, epsilon) for row in zip(mean[kept], spread[kept], n[kept], strict=True)]
    )
    p_values = np.where(
        told[kept], p_values, 1.0
    )  # who never agrees cannot be told from the machine by agreement
    adjusted = benjamini_yekutieli(p_values, alpha=alpha)
    advantage = tally(data.rater, r, better.astype(np.float64)) / n
    human = tally(data.rater, r, worse.astype(np.float64)) / n
    rate = float(adjusted.rejected.mean())
    return AlternativeAnnotatorTest(
        winning_rate=rate,
        advantage_probability=float(advantage[kept].mean()),
        passes=rate >= 0.5,
        rater_codes=data.rater_codes[kept],
        n=n[kept].astype(np.int64),
        advantage=advantage[kept],
        human=human[kept],
        p_values=adjusted.p_values,
        rejected=adjusted.rejected,
        epsilon=epsilon,
        alpha=alpha,
        n_units=data.n_units,
        skipped_raters=int((~kept).sum()),
        method=f"alternative annotator test ({score}), Benjamini-Yekutieli",
        omitted=data.omitted,
    )


def _shared(data: Ratings, machine_units: ArrayLike, machine_values: ArrayLike) -> tuple[Ratings, np.ndarray]:
    """Return the ratings of units with two raters and a machine's value, and that value for each unit."""
    unit = codes("machine_units", machine_units)
    value = vector("machine_values", machine_values, length=len(unit))
    distinct("machine_units", unit)
    known = ~np.isnan(value) if value.dtype.kind == "f" else np.ones(len(value), dtype=bool)
    unit, value = unit[known], value[known]
    per_unit = np.bincount(data.unit, minlength=data.n_units)
    usable = (per_unit >= 2) & np.isin(data.unit_codes, unit)
    kept = usable[data.unit]
    left = data.select(kept, ratings_without_one_by_another_or_by_the_machine=int((~kept).sum()))
    order = np.argsort(unit)
    return left, value[order][np.searchsorted(unit[order], left.unit_codes)]


class _Beside(NamedTuple):
    """Of each rating: is the machine as close to the others, is the rater, and does either agree with anybody?"""

    machine: np.ndarray
    rater: np.ndarray
    told: np.ndarray


def _accuracy(data: Ratings, machine: np.ndarray) -> _Beside:
    """Return for each rating: does the machine at least as well, does the rater, does either agree with anybody?"""
    names = np.union1d(np.unique(data.value), np.unique(machine))
    mine, _ = category_codes(data.value, names)
    other, _ = category_codes(machine, names)
    key, distinct = data.unit * len(names) + mine, len(names)
    table = np.bincount(key, minlength=data.n_units * distinct)
    human = table[key] - 1
    judge = table[data.unit * distinct + other[data.unit]] - (other[data.unit] == mine)
    return _Beside(judge >= human, human >= judge, (judge > 0) | (human > 0))


def _squares(data: Ratings, machine: np.ndarray) -> _Beside:
    """Return the same of numbers, of which any two are more or less alike."""
    y = squarable("values", data.value.astype(np.float64))
    machine = squarable("machine_values", machine.astype(np.float64))
    n = tally(data.unit, data.n_units)
    centre = tally(data.unit, data.n_units, y) / n  # far from the origin, squares would drown the differences
    y, judge = y - centre[data.unit], (machine - centre)[data.unit]
    total = tally(data.unit, data.n_units, y)[data.unit] - y
    squares = tally(data.unit, data.n_units, y * y)[data.unit] - y * y
    others = n[data.unit] - 1
    human_error = others * y * y - 2 * y * total + squares
    judge_error = others * judge * judge - 2 * judge * total + squares
    slack = 1e-12 * (others * (y * y + judge * judge) + squares)
    better, worse = judge_error <= human_error + slack, human_error <= judge_error + slack
    return _Beside(better, worse, np.ones(len(y), dtype=bool))


def _p_value(mean: float, spread: float, n: float, epsilon: float) -> float:
    if spread == 0:
        return 0.0 if mean < epsilon else 1.0
    return float(special.stdtr(n - 1, (mean - epsilon) / (spread / np.sqrt(n))))


def _undefined(
    epsilon: float, alpha: float, skipped: int, omitted: Mapping[str, int], why: str = NO_RATER
) -> AlternativeAnnotatorTest:
    nothing = np.empty(0)
    return AlternativeAnnotatorTest(
        winning_rate=NAN,
        advantage_probability=NAN,
        passes=False,
        rater_codes=nothing.astype(np.int64),
        n=nothing.astype(np.int64),
        advantage=nothing,
        human=nothing,
        p_values=nothing,
        rejected=nothing.astype(bool),
        epsilon=epsilon,
        alpha=alpha,
        n_units=0,
        skipped_raters=skipped,
        method="none",
        undefined=why,
        omitted=omitted,
    )
