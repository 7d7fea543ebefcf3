"""Differential item functioning where each of few raters gave many answers: against plain sums and matrices, R and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from concord.stats import InputError, fairness

EXACT: dict[str, float] = {"rel": 1e-8, "abs": 1e-10}
Rng = np.random.Generator
Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def answers(rng: Rng, raters: int, *, each: int = 20, levels: int = 5, mixed: bool = False) -> Columns:
    """No gap at all; raters lean differently (sd .7)."""
    rater = np.repeat(np.arange(raters), each)
    group = rng.integers(2, size=len(rater)) if mixed else rater % 2
    level = rng.integers(levels, size=len(rater))
    chance = special.expit(2.8 * (level / (levels - 1) - 0.5) + rng.normal(0, 0.7, size=raters)[rater])
    return (rng.random(len(rater)) < chance).astype(int), group, level, rater


def test_mantel_haenszel_error_against_sums_over_pairs(rng: Rng) -> None:
    """What two answers of a level, one of each group, add to the logarithm: summed for each cluster, pair by pair."""
    for mixed in (True, False):
        y, group, level, rater = answers(rng, 8, each=5, levels=3, mixed=mixed)
        found = fairness.mantel_haenszel_dif(y, group, level, clusters=rater)
        size = np.bincount(level)
        pairs = [
            (i, j, (y[i] > y[j]) / size[level[i]], (y[i] < y[j]) / size[level[i]])
            for i in np.flatnonzero(group == 1)
            for j in np.flatnonzero(group == 0)
            if level[i] == level[j]
        ]
        up, down = sum(pair[2] for pair in pairs), sum(pair[3] for pair in pairs)
        assert found.value == pytest.approx(up / down, **EXACT)
        total, usual, squares = np.zeros((2, 8)), np.zeros((2, len(y))), 0.0
        for i, j, more, less in pairs:
            adds, same = more / up - less / down, rater[i] == rater[j]
            total[1, rater[i]] += adds / (2 if same else 1)
            total[0, rater[j]] += adds / (2 if same else 1)
            usual[1, i] += adds
            usual[0, j] += adds
            squares += 0.0 if same else adds**2
        share = np.zeros((2, 8))
        for side in (0, 1):
            for cell in {(side, k) for k in level.tolist()}:
                own = (group == cell[0]) & (level == cell[1])
                np.add.at(share[side], rater[own], np.square(usual[side][own]).mean() if own.any() else 0.0)
        share /= share.sum(axis=1, keepdims=True)
        added = (total / np.sqrt(1 - share)).sum(axis=0)
        assert found.standard_error == pytest.approx(
            np.sqrt(max((added**2).sum() - squares, (added**2).sum() / 2)), **EXACT
        )
        half = stats.t.ppf(0.975, found.df) * found.standard_error
        assert np.log([found.low, found.high]) == pytest.approx(
            np.log(found.value) + np.array([-half, half]), **EXACT
        )


def test_one_answer_a_rater_agrees_with_robins_breslow_and_greenland(rng: Rng) -> None:
    for levels in (4, 400):  # many answers at a level, and two
        ratios = []
        for _ in range(60):
            y, group, level, rater = answers(rng, 800, each=1, levels=levels, mixed=True)
            alone = fairness.mantel_haenszel_dif(y, group, level)
            ratios.append(
                fairness.mantel_haenszel_dif(y, group, level, clusters=rater).standard_error
                / alone.standard_error
            )
        assert np.mean(ratios) == pytest.approx(1, abs=0.04)


def _sandwich(design: np.ndarray, y: np.ndarray, beta: np.ndarray, cluster: np.ndarray, which: list[int]):
    """CR2's covariance with the degrees of freedom of Hotelling's test, as matrices of Pearson's residuals."""
    p = special.expit(design @ beta)
    root = np.sqrt(p * (1 - p))
    z, e = design * root[:, None], (y - p) / root
    bread = np.linalg.inv(z.T @ z)
    maker = np.eye(len(y)) - z @ bread @ z.T
    rows = []
    for code in np.unique(cluster):
        own = np.flatnonzero(cluster == code)
        values, vectors = np.linalg.eigh(maker[np.ix_(own, own)])
        row = np.zeros((len(which), len(y)))
        row[:, own] = (bread @ z[own].T @ (vectors * values**-0.5) @ vectors.T)[which]
        rows.append(row)
    covariance = sum(np.outer(row @ e, row @ e) for row in rows)
    white = np.linalg.inv(np.linalg.cholesky(bread[np.ix_(which, which)]))
    rows = [white @ row for row in rows]
    q, spread = len(which), 0.0
    for s in range(q):
        for t in range(q):
            form = [
                np.array([[one[i] @ maker @ two[j] for two in rows] for one in rows])
                for i, j in ((s, s), (t, t), (s, t))
            ]
            spread += float((form[0] * form[1]).sum() + (form[2] * form[2].T).sum())
    return covariance, q * (q + 1) / spread


def test_logistic_tests_against_plain_matrices(rng: Rng) -> None:
    from concord.stats.fairness import _logistic_clusters

    for _ in range(5):
        rater = np.repeat(np.arange(10), rng.integers(2, 7, size=10))
        n = len(rater)
        group, x = np.where(rng.random(n) < 0.3, 1 - rater % 2, rater % 2), rng.normal(size=n)
        design = np.column_stack([np.ones(n), x, group, x * group])
        y, beta = rng.integers(2, size=n).astype(float), rng.normal(0, 0.4, size=4)
        found = _logistic_clusters.Sandwich.of(design, y, beta, rater)
        for which in ([2], [3], [2, 3]):
            covariance, eta = _sandwich(design, y, beta, rater, which)
            q, test = len(which), found.test(beta, which)
            square = beta[which] @ np.linalg.solve(covariance, beta[which])
            wanted = stats.f.sf(square * (eta - q + 1) / (eta * q), q, eta - q + 1)
            assert (test.p_value, test.df) == pytest.approx((wanted, eta - q + 1), **EXACT)


def test_logistic_tests_beside_club_sandwich() -> None:
    """R, glm and clubSandwich's CR2 on these numbers: error .694035, 9.10837 degrees of freedom, p .26177; HTZ p .38099."""
    y, group, x, rater = (np.array(column) for column in MADE_UP)
    found = fairness.logistic_dif(y, group, x, clusters=rater)
    assert (found.standard_error, found.df) == pytest.approx(
        (0.694035, 9.10837), rel=1e-3
    )  # other roots, the same expectation
    assert (found.uniform_p, found.both_p, found.non_uniform_p) == pytest.approx(
        (0.26177, 0.38099, 0.29947), rel=1e-2
    )


@pytest.mark.parametrize("mixed", [False, True])
def test_tests_of_no_gap_reject_as_often_as_they_say(rng: Rng, mixed: bool) -> None:
    """Without clusters a quarter is rejected where each rater is of one group."""
    p_values = []
    for _ in range(300):
        y, group, level, rater = answers(rng, 24, mixed=mixed)
        one = fairness.mantel_haenszel_dif(y, group, level, clusters=rater)
        two = fairness.logistic_dif(y, group, level, clusters=rater)
        p_values.append([one.p_value, two.uniform_p, two.non_uniform_p, two.both_p])
    share = (np.array(p_values) < 0.05).mean(axis=0)
    assert (share < 0.09).all(), share
    assert (share > 0.015).all(), share


def test_a_group_within_one_cluster_leaves_no_interval() -> None:
    y, group, level = [1, 0, 1, 0, 0, 1, 0, 1], [1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 1, 1, 0]
    clusters = [0, 0, 0, 0, 1, 1, 2, 2]
    one = fairness.mantel_haenszel_dif(y, group, level, clusters=clusters)
    assert (one.defined, np.isnan(one.low), np.isnan(one.p_value), one.ets_class) == (True, True, True, "A")
    two = fairness.logistic_dif(y, group, level, clusters=clusters)
    assert (np.isnan(two.low), np.isnan(two.both_p)) == (True, True)
    for found in (one, two):
        assert found.notes == ("a group lies within one cluster, or the clusters do not vary: no interval.",)
    wide = fairness.mantel_haenszel_dif(
        [1, 0, 1, 0, 0, 1], [1, 1, 1, 0, 0, 0], [0] * 6, clusters=[0, 1, 1, 2, 2, 3], confidence=1 - 1e-9
    )
    assert 0 < wide.low < 1e-300 < 1e300 < wide.high < np.inf  # one degree of freedom or so
    with pytest.raises(InputError, match="continuity goes without clusters"):
        fairness.mantel_haenszel_dif(y, group, level, clusters=clusters, continuity=True)


def test_few_raters_of_both_groups_do_not_see_gaps_that_are_not_there(rng: Rng) -> None:
    """What is taken off the sum over clusters makes it less certain too: .11 was rejected."""
    rejected = []
    for _ in range(500):
        y, group, level, rater = answers(rng, 6, each=15, levels=3, mixed=True)
        rejected.append(fairness.mantel_haenszel_dif(y, group, level, clusters=rater).p_value < 0.05)
    assert np.mean(rejected) < 0.07


def test_a_coefficient_that_hangs_on_one_cluster_is_not_tested(rng: Rng) -> None:
    """One rater of group 0 with a low score, or one for each cell: else rejected nearly always, though only raters differ."""
    for cells in (
        [(0, 0), (0, 1), (0, 1), (0, 1), (1, 0), (1, 0), (1, 1), (1, 1)],
        [(0, 0), (0, 1), (1, 0), (1, 1)],
    ):
        rater = np.repeat(np.arange(len(cells)), 40)
        group, level = np.array(cells)[rater].T
        chance = special.expit(rng.normal(0, 0.7, size=len(cells)))[rater]
        y = (rng.random(len(rater)) < chance).astype(int)
        found = fairness.logistic_dif(y, group, level, clusters=rater)
        assert np.isnan([found.non_uniform_p, found.both_p]).all()
        assert 0 < found.uniform_p < 1
        assert found.notes == ("too few clusters for all three tests: what is nan could not be tested.",)


def test_what_lies_within_one_cluster_but_moves_no_tested_coefficient_is_no_hindrance(rng: Rng) -> None:
    """An intercept of one rater: known from that rater alone, and the gap of the groups is known from the others too."""
    from concord.stats.fairness import _logistic_clusters

    y, group, level, rater = answers(rng, 12, mixed=True)
    own = (rater == 0).astype(float)
    design = np.column_stack([np.ones(len(y)), level, group, own])
    beta = np.array([-1.0, 0.5, 0.1, 0.2])
    found = _logistic_clusters.Sandwich.of(design, y.astype(float), beta, rater)
    assert 0 < found.test(beta, [2]).p_value < 1
    assert np.isnan(found.test(beta, [3]).p_value)


# fmt: off
MADE_UP = (
    [
        0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1,
        1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0,
    ],
    [
        0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1,
        1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0,
    ],
    [
        2.6, 3.2, 3, 3.6, 2.6, 2.8, 3.2, 3.1, 2.1, 3.9, 1.7, 1.8, 1.7, 4, 2.6, 2, 1.9, 3.4, 1.9,
        1.7, 3.6, 1.8, 2.7, 3, 2.6, 2.9, 4.3, 2.5, 1.7, 1.2, 2.8, 2.6, 3.3, 2.5, 2.5, 2.3, 2.5, 3.2,
        2.6, 3.1, 4.9, 3.5, 1.4, 4.7, 3.3, 2.1, 3.9, 3, 2.4, 2.4, 2, 3, 4.1, 2.7, 3.4, 4.9, 1.8,
        3.3, 2.7,
    ],
    [
        0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5,
        5, 6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 10, 10, 10, 11, 11, 11, 11,
    ],
)
# fmt: on
