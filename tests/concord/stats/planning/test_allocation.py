"""How many ratings an example should get."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.planning import ratings_per_example


def test_allocation_beats_its_neighbours() -> None:
    plan = ratings_per_example(example_sd=0.4, rating_sd=1.3, example_cost=2, rating_cost=0.5, budget=1000)
    k = plan.assumptions["ratings per example"]
    for other in (k - 1, k + 1, k + 2):
        n = int(1000 / (2 + other * 0.5))
        assert plan.achieved <= np.sqrt((0.16 + 1.69 / other) / n) + 1e-3


def test_a_small_budget_is_shared_as_well_as_it_can_be(rng: np.random.Generator) -> None:
    """Neighbours of the ideal number may not be affordable, and whole numbers leave some of the budget over."""
    tight = ratings_per_example(
        example_sd=0.1, rating_sd=10.0, example_cost=1.0, rating_cost=1.0, budget=50.0
    )
    assert (tight.n, tight.assumptions["ratings per example"]) == (
        2,
        24.0,
    )  # of one rating each 25: error 2.0
    assert tight.achieved == pytest.approx(((0.01 + 100 / 24) / 2) ** 0.5)
    for _ in range(50):
        b, w, c1, c2 = rng.lognormal(0, 1.5, size=4)
        budget = (c1 + c2) * 2 * np.exp(rng.uniform(0, 6))
        plan = ratings_per_example(example_sd=b, rating_sd=w, example_cost=c1, rating_cost=c2, budget=budget)
        k = np.arange(1, int((budget / 2 - c1) / c2 + 1e-9) + 1)
        every = np.sqrt((b**2 + w**2 / k) / np.floor(budget / (c1 + k * c2) + 1e-9))
        assert plan.achieved == pytest.approx(every.min())


def test_two_examples_with_one_rating_each_are_the_least() -> None:
    plan = ratings_per_example(example_sd=0.5, rating_sd=0.3, example_cost=0.1, rating_cost=0.2, budget=0.6)
    assert (plan.n, plan.clusters, plan.design_effect) == (2, 2, 1.0)  # although .6 / .3 is a hair below 2
    assert plan.achieved == pytest.approx(((0.25 + 0.09) / 2) ** 0.5)
    assert plan.assumptions == {"ratings per example": 1.0, "example_sd": 0.5, "rating_sd": 0.3}
    assert plan.method == "standard error of a mean within a budget"
    with pytest.raises(InputError, match=r"0\.59 does not pay for two examples with one rating each"):
        ratings_per_example(example_sd=0.5, rating_sd=0.3, example_cost=0.1, rating_cost=0.2, budget=0.59)


@pytest.mark.parametrize("rating_sd", [20.0, 150.0, 1111.0])
def test_very_many_ratings_are_about_cochrans_number(rating_sd: float) -> None:
    """sqrt(c1 / c2) within / between, with a budget that leaves little over; also beyond the numbers that are all tried."""
    ideal = (100.0 / 0.01) ** 0.5 * rating_sd / 1.0
    plan = ratings_per_example(
        example_sd=1.0, rating_sd=rating_sd, example_cost=100.0, rating_cost=0.01, budget=1e10
    )
    assert plan.assumptions["ratings per example"] == pytest.approx(ideal, rel=0.01)
    # Cochran (1977), 5.59: the least variance is (between sqrt(c1) + within sqrt(c2)) ** 2 / budget.
    assert plan.achieved == pytest.approx((10.0 + rating_sd * 0.1) / 1e5, rel=1e-4)
