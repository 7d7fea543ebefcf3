"""When a sample hardly holds what would move agreement: said in the same words, and met in the same way, whatever the measure."""

from __future__ import annotations

import math

import numpy as np

from concord.stats._arrays import FloatArray, IntArray
from concord.stats._normal import t_quantile
from concord.stats.agreement._rows import Rows, given_twice, of_one_category

_ENOUGH = 10  # units that differ from the commonest answers
_ENOUGH_AGREED = 5  # units whose raters agree on something else
_TOO_FEW = 6  # units, of which no interval covers what it says
SMALL = 30  # units with fewer of which Student's t is wide enough for kappas, and nothing is added to their upper end
NO_DISSENT = "no unit disagrees: the lower end is that with half a unit more, in which one rater differs."


def commonest(rows: Rows, times: IntArray) -> int:
    """Return how many units got the commonest answers; all that agree on one category are alike, however many rated them."""
    return int(max(times.max(), of_one_category(rows, times).max(initial=0)))


def agreed_otherwise(rows: Rows, times: IntArray) -> int:
    """Return in how many units two raters agree on another than the commonest answer."""
    return given_twice(rows, times, besides=int(np.argmax(times @ rows)))


def hardly_any_differ(n: int, alike: int, otherwise: int) -> tuple[str, ...]:
    """Return a warning where too few units tell what more would say beside the ``alike`` of n that got the same answers.

    Either next to none differs from these, or raters hardly ever agree on anything else: in ``otherwise`` units.
    """
    if 2 * alike < n or (n - alike >= _ENOUGH and otherwise >= _ENOUGH_AGREED):
        return ()
    few = f"only {n - alike} of {n} units differ from the commonest answers"
    if n - alike >= _ENOUGH:
        few = f"in only {otherwise} of {n} units do raters agree on another than the commonest answer"
    return (f"{few}: too few to tell what more of them would say.",)


def too_few_units(n: int) -> tuple[str, ...]:
    """Return a warning where no interval of so few units covers what it says."""
    return (f"{n} units tell little of others: the interval may be too narrow.",) if n < _TOO_FEW else ()


def usual_ratings(counts: FloatArray, n_units: int) -> int:
    """Return how many ratings a unit usually has, given all ratings by category."""
    return max(2, round(float(counts.sum()) / n_units))


def with_dissent(counts: FloatArray, n_units: int) -> IntArray:
    """Return the counts (K,) of an imagined unit, one of whose raters gives the second commonest answer, not the first."""
    first, second = np.argsort(-counts, kind="stable")[:2]
    row = np.zeros(len(counts), dtype=np.int64)
    row[first], row[second] = usual_ratings(counts, n_units) - 1, 1
    return row


def jackknife(without: FloatArray, times: IntArray) -> tuple[float, float]:
    """Return the mean of the values without one unit of each kind, of which there are ``times``, and Tukey's variance."""
    n = int(times.sum())
    centre = float(times @ without) / n
    return centre, float(times @ np.square(without - centre)) * (n - 1) / n


def jackknife_t(
    value: float, without: FloatArray, times: IntArray, confidence: float
) -> tuple[float, float] | None:
    """Return Tukey's t interval around a value less its jackknifed bias (Efron & Tibshirani 1993, chapter 11).

    None where one of the values without a unit is unknown.
    """
    if not np.isfinite(without).all():
        return None
    n = int(times.sum())
    centre, variance = jackknife(without, times)
    middle, half = n * value - (n - 1) * centre, t_quantile(confidence, n - 1) * math.sqrt(variance)
    return middle - half, middle + half


def joined(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Return the ends further out."""
    return min(one[0], other[0]), max(one[1], other[1])
