"""Shares of clustered answers: bounded, right where the answer is known, and covering what they say."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.comparison import clustered_proportion, proportion


def test_without_clusters_it_is_close_to_wilsons_interval() -> None:
    values = np.repeat([1.0, 0.0], [30, 70])
    mine, wilson = clustered_proportion(values), proportion(30, 100)
    assert mine.value == pytest.approx(0.3)
    assert (mine.low, mine.high) == pytest.approx((wilson.low, wilson.high), abs=0.004)


def test_answers_repeated_within_a_cluster_bring_nothing() -> None:
    once = np.array([1.0, 0, 0, 1, 0, 0, 1, 0, 0, 0] * 5)
    mine = clustered_proportion(np.repeat(once, 4), clusters=np.repeat(np.arange(50), 4))
    alone = clustered_proportion(once)
    assert (mine.low, mine.high) == pytest.approx((alone.low, alone.high), abs=1e-9)


@pytest.mark.parametrize("same", [0.0, 1.0])
def test_where_nothing_varies_each_cluster_is_one_answer(same: float) -> None:
    mine = clustered_proportion(np.full(40, same), clusters=np.repeat(np.arange(8), 5))
    wilson = proportion(int(8 * same), 8)
    assert (mine.value, mine.low, mine.high) == pytest.approx((same, wilson.low, wilson.high))


def test_it_stays_within_0_and_1_where_a_t_interval_does_not() -> None:
    mine = clustered_proportion([1, 1, 0, 0, 0, 0], clusters=[0, 0, 1, 1, 2, 2])
    assert 0 <= mine.low < mine.value < mine.high <= 1


def test_nothing_is_undefined_and_a_percentage_is_refused() -> None:
    assert clustered_proportion([np.nan]).undefined
    with pytest.raises(InputError, match="0, 1"):
        clustered_proportion([30, 70])


@pytest.mark.parametrize(("clusters", "share"), [(30, 0.1), (30, 0.5), (100, 0.03)])
def test_its_coverage_against_simulation(clusters: int, share: float) -> None:
    """Beta-binomial clusters of five with an intraclass correlation of 0.3: the true share is inside about 95 % of intervals."""
    rng = np.random.default_rng(5)
    spread = 1 / 0.3 - 1
    inside = 0
    for _ in range(400):
        each = rng.beta(share * spread, (1 - share) * spread, clusters)
        found = clustered_proportion(
            (rng.random((clusters, 5)) < each[:, None]).astype(float).ravel(),
            clusters=np.repeat(np.arange(clusters), 5),
        )
        inside += found.low <= share <= found.high
    assert 0.92 <= inside / 400 <= 0.99
