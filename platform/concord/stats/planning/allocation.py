"""How many ratings an example should get: more examples or more raters?"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from concord.stats._arrays import InputError
from concord.stats.planning._plan import Plan, positive

_SMALL = 1000  # numbers of ratings that are all tried; where budgets leave much over, the best one is small


class _Bought(NamedTuple):
    """The error that a budget buys, with how many ratings of how many examples."""

    standard_error: float
    ratings: int
    examples: int


def ratings_per_example(
    *, example_sd: float, rating_sd: float, example_cost: float, rating_cost: float, budget: float
) -> Plan:
    """Return how many ratings each example should get for the most precise mean that the budget buys.

    Parameters
    ----------
    example_sd
        Standard deviation between examples (of their true means).
    rating_sd
        Standard deviation of a rating around its example.
    example_cost, rating_cost
        The cost of one more example (writing it, running it) and of one more rating, in the unit of ``budget``.
    budget
        What may be spent in all.

    Returns
    -------
    Plan
        ``n`` examples; ``assumptions["ratings per example"]``; ``achieved`` is the standard error of the mean.

    Raises
    ------
    InputError
        Numbers that are not positive, or a budget too small for two examples.

    Notes
    -----
    ``k = sqrt(example_cost / rating_cost) * rating_sd / example_sd``, and of the whole numbers around it the one whose plan is
    the most precise: a small budget leaves some over. Cochran (1977), section 10.6.

    Examples
    --------
    >>> plan = ratings_per_example(example_sd=0.5, rating_sd=1.0, example_cost=1.0, rating_cost=1.0, budget=300)
    >>> plan.n, plan.assumptions["ratings per example"]
    (100, 2.0)
    """
    between, within = positive("example_sd", example_sd), positive("rating_sd", rating_sd)
    c1, c2, total = (
        positive("example_cost", example_cost),
        positive("rating_cost", rating_cost),
        positive("budget", budget),
    )
    ideal = math.sqrt(c1 / c2) * within / between
    if not ideal < 1e15:
        raise InputError(f"so many ratings an example cannot be made: {ideal:.3g}")
    most = math.floor(min((total / 2 - c1) / c2 + 1e-9, 1e15))  # two examples must be paid for
    if most < 1:
        raise InputError(f"the budget {budget!r} does not pay for two examples with one rating each")

    def bought(k: int) -> _Bought:
        n = max(2, math.floor(min(total / (c1 + k * c2) + 1e-9, 1e15)))
        return _Bought(math.sqrt((between**2 + within**2 / k) / n), k, n)

    error, k, n = min(bought(k) for k in _tried(ideal, most))
    return Plan(
        n=n,
        achieved=error,
        design_effect=1.0,
        clusters=n,
        method="standard error of a mean within a budget",
        assumptions={"ratings per example": float(k), "example_sd": between, "rating_sd": within},
    )


def _tried(ideal: float, most: int) -> set[int]:
    """Return numbers of ratings that may be best: all small ones, and those beside a large ideal."""
    small = range(1, min(most, _SMALL) + 1)
    beside = (min(max(math.floor(ideal * share), 1), most) for share in np.linspace(0.5, 2, _SMALL))
    return {*small, *beside, min(math.ceil(ideal), most), most}
