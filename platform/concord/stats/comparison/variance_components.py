"""Where the noise comes from: examples, raters, or repeats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    as_floats,
    codes,
    compact,
    count,
    floats,
    left_out,
    tally,
)
from concord.stats._results import NAN, Record

_MOST_RATERS = 3000


@dataclass(frozen=True, kw_only=True)
class VarianceComponents(Record):
    """Variances of single scores: between ``example``s, between ``rater``s (nan where none were given), and what is
    left (``repeat``).

    Estimates may be slightly negative where the truth is near zero; they are left so, to stay unbiased.
    """

    example: float
    rater: float
    repeat: float
    mean: float
    n: int
    n_examples: int
    n_raters: int
    method: str
    undefined: str | None = None
    omitted: Mapping[str, int] = field(default_factory=dict)

    def standard_error(self, *, examples: int, raters: int = 1, repeats: int = 1) -> float:
        """Return the standard error of a mean over so many examples, each scored by so many raters so many times."""
        e, r = count("examples", examples, at_least=1), count("raters", raters, at_least=1)
        k = count("repeats", repeats, at_least=1)
        between = 0.0 if np.isnan(self.rater) else max(self.rater, 0.0) / r
        return float(np.sqrt(max(self.example, 0.0) / e + between + max(self.repeat, 0.0) / (e * r * k)))


def variance_components(
    values: ArrayLike, *, examples: ArrayLike, raters: ArrayLike | None = None
) -> VarianceComponents:
    """Split the variance of scores into examples, raters and repeats.

    Parameters
    ----------
    values
        (n,) scores; nan is dropped. Any number per example and rater, balanced or not.
    examples, raters
        (n,) codes; without raters (or runs, or prompts) only examples and repeats are told apart.

    Returns
    -------
    VarianceComponents
        Undefined with fewer than two examples, without repeats, or where no two examples share a rater, or no two
        raters an example. Teams of raters with examples of their own are as good as one team.

    Raises
    ------
    InputError
        Malformed input, or more than 3,000 raters.

    Notes
    -----
    Henderson's method 3: sums of squares of each effect adjusted for the other, equated to their expectations. Searle, Casella &
    McCulloch (1992), "Variance components", section 5.5. Madaan et al. (2024), "Quantifying variance in evaluation benchmarks".

    Examples
    --------
    >>> found = variance_components([1, 2, 5, 6, 9, 10], examples=[0, 0, 1, 1, 2, 2])
    >>> round(found.example, 2), round(found.repeat, 2)
    (15.75, 0.5)
    """
    y = floats("values", values)
    example = codes("examples", examples, length=len(y))
    rater = None if raters is None else codes("raters", raters, length=len(y))
    known = ~np.isnan(y)
    y, (unit, _) = y[known], compact(example[known])
    who = None if rater is None else compact(rater[known])[0]
    u = int(unit.max()) + 1 if len(y) else 0
    r = 0 if who is None or not len(y) else int(who.max()) + 1
    if r > _MOST_RATERS:
        raise InputError(f"at most {_MOST_RATERS} raters, got {r}")
    mean = float(y.mean()) if len(y) else NAN
    parts = None
    if u >= 2 and len(y) > u:
        parts = _one_way(y - mean, unit, u) if who is None else _two_way(y - mean, unit, who, u, r)
    example_part, rater_part, rest = parts or (NAN, NAN, NAN)
    return VarianceComponents(
        example=example_part,
        rater=rater_part,
        repeat=rest,
        mean=mean,
        n=len(y),
        n_examples=u,
        n_raters=r,
        method="fitting constants (Henderson 3)" if parts else "none",
        undefined=None if parts else "too few examples, raters or repeats to tell the parts apart",
        omitted=left_out(known),
    )


class _Components(NamedTuple):
    """Variance between examples, between raters, and of what is left."""

    example: float
    rater: float
    residual: float


def _one_way(y: FloatArray, unit: IntArray, u: int) -> _Components:
    m = tally(unit, u)
    mean = tally(unit, u, y) / m
    within = float(np.square(y - mean[unit]).sum()) / (len(y) - u)
    between = float((m * np.square(mean - y.mean())).sum()) / (u - 1)
    k = (len(y) - float((m * m).sum()) / len(y)) / (u - 1)
    return _Components((between - within) / k, NAN, within)


def _two_way(y: FloatArray, unit: IntArray, who: IntArray, u: int, r: int) -> _Components | None:
    n, m, given = len(y), tally(unit, u), tally(who, r)
    seen: Any = sparse.coo_array((np.ones(n), (unit, who)), shape=(u, r)).tocsr()
    by_unit = tally(unit, u, y) / m
    left = y - by_unit[unit]
    system = np.diag(given) - as_floats((seen.T @ seen.multiply(1 / m[:, None]).tocsr()).todense())
    right = tally(who, r, left)
    effect, _, rank, _ = np.linalg.lstsq(system, right, rcond=1e-10)
    df = n - u - int(rank)
    unit_df = n - r - df  # u - 1 where one chain of examples and raters holds all together
    if df < 1 or rank < 1 or unit_df < 1:
        return None
    explained = float(effect @ right)
    rest = max(float(np.square(left).sum()) - explained, 0.0)
    alone = float(np.square(y - (tally(who, r, y) / given)[who]).sum())
    residual = rest / df
    in_unit = n - float((seen.power(2) @ (1 / given)).sum())
    in_rater = n - float((seen.power(2).sum(axis=1) / m).sum())
    unit_part = (alone - rest - unit_df * residual) / in_unit
    rater_part = (explained - int(rank) * residual) / in_rater
    return _Components(unit_part, rater_part, residual)
