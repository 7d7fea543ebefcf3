"""Intervals of a share whose answers come in clusters, put together by hand, and of a difference of two shares."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from concord.stats._binomial import (
    clopper_pearson,
    effective_number,
    effective_number_of_clusters,
    newcombe,
    newcombe_with_each,
    wilson,
)


def test_a_share_is_worth_as_many_answers_as_its_error_says() -> None:
    """An error of .05 at a half is that of 100 answers; an estimated one, with 4 degrees of freedom, is worth half of them."""
    assert effective_number(0.5, 0.05, math.inf, 0.95) == pytest.approx(100)
    shrunk = (stats.norm.isf(0.025) / stats.t.isf(0.025, 4)) ** 2
    assert effective_number(0.2, 0.1, 4.0, 0.95) == pytest.approx(16 * shrunk)
    assert effective_number(0.2, 0.1, 4.0, 0.8) == pytest.approx(
        16 * (stats.norm.isf(0.1) / stats.t.isf(0.1, 4)) ** 2
    )


@pytest.mark.parametrize(
    ("share", "clusters", "fade"),
    [
        (0.1, 20, 1.0),  # 2 clusters' worth of the rarer answer: half a cluster is added
        (0.9, 20, 1.0),
        (0.2, 20, 1.0),  # four
        (0.3, 20, 0.5),  # six
        (0.4, 20, 0.0),  # eight: nothing any more
        (0.5, 20, 0.0),
    ],
)
def test_half_a_cluster_of_the_rarer_answer_is_added(share: float, clusters: int, fade: float) -> None:
    error = 0.01
    added = math.sqrt(fade / 2) * max(share, 1 - share) / clusters
    wider = share * (1 - share) / (error**2 + added**2)
    found = effective_number_of_clusters(share, error, math.inf, clusters, 0.95)
    assert found == pytest.approx(max(wider, clusters))


def test_answers_are_worth_at_least_one_and_left_alone_below_the_clusters() -> None:
    assert effective_number_of_clusters(0.1, 0.1, math.inf, 20, 0.95) == pytest.approx(9)
    assert effective_number_of_clusters(0.5, 0.9, math.inf, 20, 0.95) == 1.0


def test_exact_limits_are_those_that_the_binomial_reaches() -> None:
    """The share at which as many or more (as few or fewer) come with chance .025."""
    low, high = clopper_pearson(3, 17, 0.95)
    assert stats.binom.sf(2, 17, low) == pytest.approx(0.025)
    assert stats.binom.cdf(3, 17, high) == pytest.approx(0.025)
    assert clopper_pearson(0, 10, 0.95) == (0.0, pytest.approx(1 - 0.025**0.1))
    assert clopper_pearson(10, 10, 0.95) == (pytest.approx(0.025**0.1), 1.0)


def test_wilsons_limits_solve_his_equation_and_stay_inside() -> None:
    z = stats.norm.isf(0.025)
    low, high = wilson(0.3, 12.5, 0.95)
    for limit in (low, high):
        assert (0.3 - limit) ** 2 == pytest.approx(z * z * limit * (1 - limit) / 12.5)
    assert wilson(0.0, 5, 0.95) == (0.0, pytest.approx(z * z / (5 + z * z)))
    assert wilson(1.0, 5, 0.95) == (pytest.approx(5 / (5 + z * z)), 1.0)


def test_a_difference_of_shares_against_newcombes_table() -> None:
    """Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<873, table II, method 10: examples (a), (c) and (g)."""
    for (a, m), (b, n), low, high in (
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ):
        sides = [(k / size, *wilson(k / size, size, 0.95)) for k, size in ((a, m), (b, n))]
        assert newcombe(*sides) == pytest.approx((low, high), abs=6e-5)


def test_what_rises_together_differs_less() -> None:
    """Zou & Donner (2008): the cross term is twice the correlation times both distances to the limits."""
    a, b, r = (0.7, 0.5, 0.85), (0.4, 0.25, 0.6), 0.4
    low, high = newcombe(a, b, r)
    assert low == pytest.approx(0.3 - math.sqrt(0.2**2 + 0.2**2 - 2 * r * 0.2 * 0.2))
    assert high == pytest.approx(0.3 + math.sqrt(0.15**2 + 0.15**2 - 2 * r * 0.15 * 0.15))
    assert newcombe(a, a, 1.0) == pytest.approx((-math.sqrt(0.2**2 + 0.15**2 - 2 * 0.03), 0.05), abs=1e-9)
    lows, highs = newcombe_with_each(a, np.array([b, a]).T, np.array([r, 1.0]))
    assert (lows[0], highs[0]) == pytest.approx((low, high))


def test_differences_of_shares_end_at_one() -> None:
    assert newcombe((1.0, 0.0, 1.0), (0.0, 0.0, 1.0)) == (pytest.approx(1 - math.sqrt(2)), 1.0)
    assert newcombe((0.0, 0.0, 1.0), (1.0, 0.0, 1.0)) == (-1.0, pytest.approx(math.sqrt(2) - 1))
