"""How often units are drawn: expectations, and where a normal limit may stand for draws."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats._resampling import (
    normal_limit_holds,
    normal_totals,
    resampled_weights,
    totals_in_the_limit,
)


@pytest.mark.parametrize("multiplicity", [[1] * 8, [3, 1, 1, 2], [500, 300, 200]])
@pytest.mark.parametrize("width", [1, 300_000])
def test_every_unit_is_drawn_as_often(multiplicity: list[int], width: int) -> None:
    """The draws of a resample are as many as there are units, and each pattern's a binomial number of them."""
    times = np.array(multiplicity)
    blocks = list(resampled_weights(times, 4000, np.random.default_rng(1), width=width))
    drawn = np.concatenate(blocks)
    n = times.sum()
    assert drawn.shape == (4000, len(times))
    assert (drawn.sum(axis=1) == n).all()
    error = np.sqrt(times * (1 - times / n) / 4000)
    assert (np.abs(drawn.mean(axis=0) - times) < 4 * error).all()
    assert drawn.var(axis=0) == pytest.approx(times * (1 - times / n), rel=0.12)
    assert all(len(block) <= 2_000_000 // width for block in blocks)


def test_few_units_that_each_weigh_much_are_not_normal() -> None:
    rng = np.random.default_rng(1)
    even = rng.normal(size=(400, 2))
    assert not normal_limit_holds(even, at_least=401)
    assert not normal_limit_holds(
        even, at_least=400
    )  # the furthest of 400 is a sixth of the spread of the total
    many = rng.uniform(-1, 1, size=(2000, 2))
    assert normal_limit_holds(many, at_least=2000)
    heavy = many.copy()
    heavy[0, 1] = 40.0
    assert not normal_limit_holds(heavy, at_least=2000)
    assert normal_limit_holds(np.zeros((10, 1)), at_least=10)  # nothing varies: the total is known


def test_normal_totals_have_the_mean_and_covariance_of_resampled_ones() -> None:
    rng = np.random.default_rng(1)
    added = rng.normal(size=(50, 2)) @ np.array([[1.0, 0.6], [0.0, 0.5]]) + [1.0, -2.0]
    found = normal_totals(added, 40_000, rng)
    assert found.mean(axis=0) == pytest.approx(added.sum(axis=0), abs=0.2)
    assert np.cov(found.T) == pytest.approx(np.cov(added.T, ddof=0) * 50, rel=0.05)


def test_totals_in_the_limit_are_the_normal_ones_where_no_unit_weighs_much() -> None:
    many = np.random.default_rng(1).uniform(-1, 1, size=(2000, 2))
    found = totals_in_the_limit(many, 5, np.random.default_rng(2), at_least=2000)
    assert found is not None
    assert found.tolist() == normal_totals(many, 5, np.random.default_rng(2)).tolist()
    assert totals_in_the_limit(many, 5, np.random.default_rng(2), at_least=2001) is None
    for far in (40.0, -40.0):
        many[0, 1] = far
        assert totals_in_the_limit(many, 5, np.random.default_rng(2), at_least=2000) is None
