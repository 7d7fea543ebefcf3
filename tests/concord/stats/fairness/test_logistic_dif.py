"""Differential item functioning by logistic regression: statsmodels, plain matrices, and clusters."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import special, stats

from concord.stats import fairness
from concord.stats.fairness import logistic_dif
from tests.concord.stats.fairness.crowd import answers


def test_logistic_dif_against_r() -> None:
    """R: glm(case ~ spontaneous + (induced > 0), binomial, infert) and likelihood-ratio tests; here without the data set:
    the table of infert by spontaneous, induced > 0 and case.
    """
    table = {
        (0, 0): (47, 6),
        (0, 1): (66, 22),
        (1, 0): (26, 28),
        (1, 1): (14, 3),
        (2, 0): (10, 15),
        (2, 1): (2, 9),
    }
    rows = [
        (case, g, s)
        for (s, g), (no, yes) in table.items()
        for case, times in ((0, no), (1, yes))
        for _ in range(times)
    ]
    y, g, s = np.array(rows).T
    fits = [
        sm.Logit(y, sm.add_constant(np.column_stack(columns))).fit(disp=0, tol=1e-13)
        for columns in ([s], [s, g], [s, g, s * g])
    ]
    result = logistic_dif(y, g, s)
    assert result.log_odds == pytest.approx(fits[1].params[2], abs=1e-9)
    assert (result.low, result.high) == pytest.approx(tuple(fits[1].conf_int()[2]), abs=1e-8)
    assert result.both_p == pytest.approx(stats.chi2.sf(2 * (fits[2].llf - fits[0].llf), 2), rel=1e-8)


def test_logistic_dif_against_statsmodels_on_random_sets(rng: np.random.Generator) -> None:
    compared = 0
    for _ in range(220):
        n = int(rng.integers(40, 300))
        score = rng.normal(rng.uniform(-5, 5), rng.uniform(0.1, 20), size=n)
        group = rng.integers(0, 2, size=n)
        z = (score - score.mean()) / score.std()
        y = (rng.random(n) < 1 / (1 + np.exp(-(z + rng.normal() * group)))).astype(float)
        missing = rng.random(n) < 0.1
        y[missing] = np.nan
        result = logistic_dif(y, group, score)
        kept, z, g = y[~missing], z[~missing], group[~missing]
        if not result.undefined:
            fits = [
                sm.Logit(kept, sm.add_constant(np.column_stack(columns))).fit(
                    disp=0, method="newton", tol=1e-13
                )
                for columns in ([z], [z, g], [z, g, z * g])
            ]
            assert result.log_odds == pytest.approx(fits[1].params[2], abs=1e-9)
            assert (result.low, result.high) == pytest.approx(tuple(fits[1].conf_int()[2]), abs=1e-9)
            chi = [2 * (b.llf - a.llf) for a, b in pairwise(fits)]
            assert result.uniform_p == pytest.approx(stats.chi2.sf(chi[0], 1), abs=1e-9)
            assert result.non_uniform_p == pytest.approx(stats.chi2.sf(chi[1], 1), abs=1e-9)
            assert result.n == len(kept)
            compared += 1
    assert compared >= 200


def test_logistic_dif_tells_separation_from_steep_and_says_what_is_missing(rng: np.random.Generator) -> None:
    x, g = rng.normal(size=60), np.arange(60) % 2
    for y in (x > 0, (x > 0) | (g == 1), g, np.where(g == 1, 1, rng.integers(0, 2, 60))):
        assert "separated" in str(logistic_dif(y, g, x).undefined)
    score = np.tile([-40.0, -30.0, -1.0, -0.5, 0.5, 1.0, 30.0, 40.0], 8)
    steep = np.tile(
        [0, 0, 0, 1, 0, 1, 1, 1], 8
    )  # overlaps around 0 only: log-odds beyond 20 at the ends, yet a maximum
    assert logistic_dif(steep, np.arange(64) // 8 % 2, score).log_odds == pytest.approx(0.0, abs=1e-9)
    assert "both groups" in str(logistic_dif(rng.integers(0, 2, 60), g * 0, x).undefined)
    assert "scores" in str(logistic_dif(rng.integers(0, 2, 60), g, np.where(g == 1, 1.0, x)).undefined)


EXACT: dict[str, float] = {"rel": 1e-8, "abs": 1e-10}
Rng = np.random.Generator
Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


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


def test_logistic_dif_against_statsmodels(rng: np.random.Generator) -> None:
    sm = pytest.importorskip("statsmodels.api")
    score, group = rng.normal(size=500), rng.integers(0, 2, size=500)
    y = (rng.random(500) < 1 / (1 + np.exp(-(score + 0.8 * group)))).astype(float)
    fits = [
        sm.Logit(y, sm.add_constant(np.column_stack([score, group, score * group][:k]))).fit(disp=0)
        for k in (1, 2, 3)
    ]
    fits[0] = sm.Logit(y, sm.add_constant(score)).fit(disp=0)
    result = logistic_dif(y, group, score)
    assert result.log_odds == pytest.approx(fits[1].params[2], abs=1e-6)
    from scipy import stats

    assert result.uniform_p == pytest.approx(stats.chi2.sf(2 * (fits[1].llf - fits[0].llf), 1), rel=1e-4)
    assert result.non_uniform_p == pytest.approx(stats.chi2.sf(2 * (fits[2].llf - fits[1].llf), 1), rel=1e-4)
    assert logistic_dif([1, 1, 1, 0, 0, 0], [0, 1, 0, 1, 0, 1], [6, 5, 4, 3, 2, 1]).undefined


def test_answers_that_are_missing_are_counted(rng: Rng) -> None:
    x, g = rng.normal(size=60), np.arange(60) % 2
    y = (x + rng.normal(size=60) > 0).astype(float)
    assert logistic_dif(y, g, x).omitted == {}
    y[[3, 8]] = np.nan
    assert logistic_dif(y, g, x).omitted == {"missing values": 2}
    assert logistic_dif(y, g, np.where(np.arange(60) == 9, np.nan, x)).omitted == {"missing values": 3}
