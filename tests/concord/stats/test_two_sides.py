"""Degrees of freedom of a difference of two sides, by the matrix that they are the traces of."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from concord.stats._two_sides import independent_variance, joint_variance, satterthwaite

Rng = np.random.Generator


def by_matrix(diagonal: np.ndarray, mean: np.ndarray) -> float:
    b = np.diag(diagonal.sum(axis=0)) - sum(np.outer(row, row) for row in mean)
    return float(np.trace(b) ** 2 / np.trace(b @ b))


@pytest.mark.parametrize("sides", [1, 2, 3])
def test_degrees_of_freedom_are_those_of_the_matrix(sides: int, rng: Rng) -> None:
    mean = rng.normal(size=(sides, 7)) / 4
    diagonal = rng.uniform(0.5, 2, size=(sides, 7))
    assert satterthwaite(diagonal, mean) == pytest.approx(by_matrix(diagonal, mean))


def test_nothing_that_varies_has_no_degrees_of_freedom_and_rounding_leaves_one() -> None:
    assert math.isnan(satterthwaite(np.zeros((1, 3)), np.zeros((1, 3))))
    assert satterthwaite(np.array([[1.0, 0.0]]), np.array([[0.5, 0.0]])) == 1.0


def test_clusters_on_both_sides_by_hand(rng: Rng) -> None:
    """Each cluster's part over the root of one less its share; what it does to one side less what it does to the other."""
    share = rng.dirichlet(np.ones(6), size=2)
    total = rng.normal(size=(2, 6))
    added = total / np.sqrt(1 - share)
    found = joint_variance(total, share)
    assert found.value == pytest.approx(((added[0] - added[1]) ** 2).sum())
    own = (added**2).sum(axis=1)
    assert found.sides == pytest.approx(own)
    assert found.correlation == pytest.approx(added[0] @ added[1] / math.sqrt(own[0] * own[1]))
    assert found.value == pytest.approx(own.sum() - 2 * found.correlation * math.sqrt(own[0] * own[1]))
    diagonal = own[:, None] * share / (1 - share)
    mean = np.array([[1], [-1]]) * np.sqrt(own[:, None] / (1 - share)) * share
    assert found.df == pytest.approx(by_matrix(diagonal, mean))
    assert found.side_dfs == pytest.approx([by_matrix(diagonal[i : i + 1], mean[i : i + 1]) for i in (0, 1)])


def test_without_common_clusters_it_is_welchs_t_and_with_pairs_the_paired_one(rng: Rng) -> None:
    x, y = rng.normal(size=9), rng.normal(size=5) * 3
    apart = np.zeros((2, 14))
    apart[0, :9], apart[1, 9:] = 1 / 9, 1 / 5
    total = np.zeros((2, 14))
    total[0, :9], total[1, 9:] = (x - x.mean()) / 9, (y - y.mean()) / 5
    found = joint_variance(total, apart)
    assert found.value == pytest.approx(x.var(ddof=1) / 9 + y.var(ddof=1) / 5)
    assert found.df == pytest.approx(stats.ttest_ind(x, y, equal_var=False).df)
    welch = independent_variance((x.var(ddof=1) / 9, 8.0), (y.var(ddof=1) / 5, 4.0))
    assert (welch.value, welch.df) == pytest.approx((found.value, found.df))
    assert welch.sides == pytest.approx(found.sides)
    assert (welch.side_dfs, welch.correlation) == ((8.0, 4.0), 0.0)
    z = rng.normal(size=9)
    paired = joint_variance(np.array([x - x.mean(), z - z.mean()]) / 9, np.full((2, 9), 1 / 9))
    assert paired.value == pytest.approx((x - z).var(ddof=1) / 9)
    assert paired.df == pytest.approx(8)
    assert paired.correlation == pytest.approx(np.corrcoef(x, z)[0, 1])


def test_a_side_in_one_cluster_leaves_the_other_what_is_its_own(rng: Rng) -> None:
    total = np.array([[0.0, 0.0, 0.0, 0.0], [0.1, -0.3, 0.2, 0.0]])
    share = np.array([[1.0, 0.0, 0.0, 0.0], [0.3, 0.3, 0.4, 0.0]])
    found = joint_variance(total, share)
    assert math.isnan(found.value)
    assert math.isnan(found.sides[0])
    assert found.sides[1] == pytest.approx((0.01 + 0.09) / 0.7 + 0.04 / 0.6)
    assert found.correlation == 0.0
    flat = independent_variance((0.0, 3.0), (0.0, 3.0))
    assert flat.value == 0.0
    assert math.isnan(flat.df)
