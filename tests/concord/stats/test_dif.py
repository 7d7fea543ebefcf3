"""Differential functioning of items against R, statsmodels and the classes of the ETS."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from concord.stats.fairness import (
    logistic_dif,
    mantel_haenszel_dif,
)

# UCBAdmissions of R: department by (men admitted, men rejected, women admitted, women rejected).
BERKELEY = [
    (512, 313, 89, 19),
    (353, 207, 17, 8),
    (120, 205, 202, 391),
    (138, 279, 131, 244),
    (53, 138, 94, 299),
    (22, 351, 24, 317),
]


def berkeley() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = [
        (admitted, group, department)
        for department, counts in enumerate(BERKELEY)
        for (group, admitted), times in zip([(1, 1), (1, 0), (0, 1), (0, 0)], counts, strict=True)
        for _ in range(times)
    ]
    admitted, man, department = np.array(rows).T
    return admitted, man, department


def test_berkeley_admissions_against_r() -> None:
    """R: mantelhaen.test(UCBAdmissions), and with correct = FALSE."""
    result = mantel_haenszel_dif(*berkeley())
    assert (result.value, result.low, result.high) == pytest.approx(
        (0.904696828259, 0.771907361759, 1.060329764437), abs=1e-11
    )
    assert (result.statistic, result.p_value) == pytest.approx((1.52460666044, 0.216923697056), abs=1e-11)
    corrected = mantel_haenszel_dif(*berkeley(), continuity=True)
    assert (corrected.statistic, corrected.p_value) == pytest.approx(
        (1.42694622859, 0.232263462817), abs=1e-11
    )
    assert result.ets_class == "A"
    assert result.n == 4526


def test_mantel_haenszel_against_statsmodels_on_random_sets(rng: np.random.Generator) -> None:
    """Empty cells, levels with one group only and missing answers included."""
    compared = 0
    for _ in range(250):
        n, levels = int(rng.integers(10, 200)), int(rng.integers(1, 8))
        group, level = rng.integers(0, 2, size=n), rng.integers(0, levels, size=n)
        right = (rng.random(n) < rng.uniform(0.2, 0.8)).astype(float)
        right[rng.random(n) < 0.1] = np.nan
        known = ~np.isnan(right)
        result = mantel_haenszel_dif(right, group, level * 7 - 3)
        tables = [
            [[np.sum(known & (level == s) & (group == g) & (right == y)) for y in (1, 0)] for g in (1, 0)]
            for s in range(levels)
        ]
        used = [table for table in tables if np.sum(table) > 1]
        if not result.defined:
            assert all(t[0][0] * t[1][1] == 0 for t in used) or all(t[0][1] * t[1][0] == 0 for t in used)
            continue
        peer = StratifiedTable([np.array(table, dtype=float) for table in used])
        assert result.value == pytest.approx(peer.oddsratio_pooled, rel=1e-9)
        assert (result.low, result.high) == pytest.approx(peer.oddsratio_pooled_confint(), rel=1e-9)
        away = sum(t[0][0] - (t[0][0] + t[0][1]) * (t[0][0] + t[1][0]) / np.sum(t) for t in used)
        for continuity in (False, True):
            tested = mantel_haenszel_dif(right, group, level, continuity=continuity)
            # Less than half an answer away from chance there is nothing to take off (R), or it would count twice.
            expected = peer.test_null_odds(correction=continuity and abs(away) >= 0.5)
            assert tested.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12)
        assert result.omitted == ({"missing values": int((~known).sum())} if (~known).any() else {})
        compared += 1
    assert compared >= 200


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


@pytest.mark.parametrize(
    ("delta", "expected"), [(-0.9, "A"), (-1.2, "B"), (1.2, "B"), (-2.0, "C"), (2.0, "C")]
)
def test_classes_of_ets_by_size_where_all_is_certain(delta: float, expected: str) -> None:
    """Many answers at one level with a given odds ratio, so that only the size decides."""
    odds = np.exp(-delta / 2.35)
    right = {1: odds / (1 + odds), 0: 0.5}
    n = 200_000
    rows = [(y, g) for g in (0, 1) for y in (0, 1)]
    times = [round(n * (right[g] if y else 1 - right[g])) for y, g in rows]
    y, g = np.repeat(np.array(rows), times, axis=0).T
    result = mantel_haenszel_dif(y, g, np.zeros(len(y), dtype=int))
    assert result.delta == pytest.approx(delta, abs=1e-3)
    assert result.ets_class == expected
