"""How many ratings an example should get: more examples or more raters?"""

from __future__ import annotations

import math

from concord.stats._arrays import InputError
from concord.stats.planning._plan import Plan, positive


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
    ``k = sqrt(example_cost / rating_cost) * rating_sd / example_sd``, whichever neighbouring whole number is better.
    Cochran (1977), section 10.6.

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
    best: tuple[float, int, int] | None = None
    for k in {max(1, math.floor(ideal)), max(1, math.ceil(ideal)), 1}:
        n = math.floor(min(total / (c1 + k * c2) + 1e-9, 1e15))
        if n >= 2:
            error = math.sqrt((between**2 + within**2 / k) / n)
            best = min(best, (error, k, n)) if best else (error, k, n)
    if best is None:
        raise InputError(f"the budget {budget!r} does not pay for two examples with one rating each")
    error, k, n = best
    return Plan(
        n=n,
        achieved=error,
        design_effect=1.0,
        clusters=n,
        method="standard error of a mean within a budget",
        assumptions={"ratings per example": float(k), "example_sd": between, "rating_sd": within},
    )
