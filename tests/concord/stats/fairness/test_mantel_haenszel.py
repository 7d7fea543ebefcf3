"""Mantel and Haenszel's test: published tables, statsmodels, and clusters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from concord.stats import InputError, fairness
from concord.stats.fairness import logistic_dif, mantel_haenszel_dif
from tests.concord.stats.fairness.crowd import answers

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


EXACT: dict[str, float] = {"rel": 1e-8, "abs": 1e-10}
Rng = np.random.Generator
Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


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


def test_mantel_haenszel_against_statsmodels(rng: np.random.Generator) -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    for _ in range(30):
        counts = rng.integers(1, 15, size=(4, 2, 2))
        level, group, right = (np.repeat(i.ravel(), counts.ravel()) for i in np.indices(counts.shape))
        strata = [[[t[1, 1], t[1, 0]], [t[0, 1], t[0, 0]]] for t in counts]
        expected = tables.StratifiedTable(np.array(strata, dtype=float).transpose(1, 2, 0))
        result = mantel_haenszel_dif(right, group, level)
        assert result.value == pytest.approx(expected.oddsratio_pooled, rel=1e-9)
        low, high = expected.oddsratio_pooled_confint()
        assert (result.low, result.high) == pytest.approx((low, high), rel=1e-9)
        assert result.p_value == pytest.approx(expected.test_null_odds(correction=False).pvalue, rel=1e-6)
    assert mantel_haenszel_dif([1, 1], [0, 1], [0, 0]).undefined


def test_ets_classes() -> None:
    level = np.tile(np.arange(5), 400)
    group = np.repeat([0, 1], 1000)
    rng = np.random.default_rng(3)
    chance = 1 / (1 + np.exp(-(level - 2 - 1.2 * group)))
    result = mantel_haenszel_dif((rng.random(2000) < chance).astype(float), group, level)
    assert result.ets_class == "C"
    assert result.delta == pytest.approx(-2.35 * np.log(result.value))
    fair = mantel_haenszel_dif((rng.random(2000) < 0.5).astype(float), group, level)
    assert fair.ets_class == "A"


# De Boeck (2008), 316 people and 24 items: item S2WantShout by total score 0 to 24,
# (men yes, men no, women yes, women no).
WANT_SHOUT = [
    (0, 0, 0, 4), (0, 1, 0, 3), (0, 1, 1, 8), (0, 0, 1, 6), (0, 3, 3, 12), (1, 3, 2, 7), (0, 2, 1, 8), (1, 2, 6, 8),
    (2, 5, 4, 10), (1, 4, 7, 8), (0, 3, 7, 9), (0, 2, 7, 6), (1, 3, 9, 6), (3, 3, 4, 5), (0, 5, 16, 4), (3, 2, 12, 6),
    (5, 2, 7, 2), (3, 0, 5, 1), (1, 2, 8, 1), (2, 0, 8, 0), (0, 1, 5, 0), (3, 0, 6, 0), (0, 0, 5, 0), (2, 0, 1, 0),
    (1, 0, 4, 0),
]  # fmt: skip


def test_wanting_to_shout_against_difr() -> None:
    """difMH: 9.6032, p = .0019, odds ratio .3472, effect 2.486, large; R: mantelhaen.test, glm(epsilon = 1e-15)."""
    rows = [
        (yes, man, level)
        for level, counts in enumerate(WANT_SHOUT)
        for (man, yes), times in zip([(1, 1), (1, 0), (0, 1), (0, 0)], counts, strict=True)
        for _ in range(times)
    ]
    yes, man, level = np.array(rows).T
    assert len(yes) == 316
    found = mantel_haenszel_dif(yes, man, level, continuity=True)
    assert found.value == pytest.approx(0.34717605904271, abs=1e-12)
    assert (found.low, found.high) == pytest.approx((0.17927332242677, 0.67233213698965), abs=1e-12)
    assert (found.statistic, found.p_value) == pytest.approx((9.60320864404615, 0.00194237667553), abs=1e-12)
    assert (found.delta, found.ets_class) == (pytest.approx(2.486, abs=5e-4), "C")
    fitted = logistic_dif(yes, man, level)
    assert fitted.log_odds == pytest.approx(-1.0901544131964, abs=1e-10)
    assert fitted.high - fitted.log_odds == pytest.approx(1.959963984540 * 0.3336372730683, abs=1e-9)
    p_values = fitted.uniform_p, fitted.non_uniform_p, fitted.both_p
    assert p_values == pytest.approx((0.000773773884245, 0.742450663011261, 0.003327456750333), abs=1e-9)
