"""How many ratings an example should get."""

from __future__ import annotations

import numpy as np
import pytest

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
