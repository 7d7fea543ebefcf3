"""Wilcoxon's signed ranks: published data, exact tables, and Walsh averages that are never listed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import comparison
from concord.stats.comparison import wilcoxon


def test_wilcoxon_against_scipy(rng: np.random.Generator) -> None:
    for n in (5, 12, 30, 90):
        gap = rng.normal(0.3, 1, size=n)
        assert wilcoxon(gap).p_value == pytest.approx(
            stats.wilcoxon(gap, method="exact" if n <= 60 else "asymptotic", correction=n > 60).pvalue,
            rel=1e-9,
        )
        tied = np.round(gap)
        if (tied != 0).sum() > 2:
            expected = stats.wilcoxon(tied, method="asymptotic", correction=True).pvalue
            assert wilcoxon(tied, method="normal").p_value == pytest.approx(expected, rel=1e-9)


def test_wilcoxon_interval_against_hollander_and_wolfe() -> None:
    """The depression data: estimate .46; R's wilcox.test(conf.int = TRUE) gives .01 to .786 at 96.1 %."""
    x = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
    y = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])
    result = wilcoxon(x, y)
    assert result.value == pytest.approx(0.46)
    assert (result.low, result.high) == pytest.approx((0.01, 0.786), abs=1e-6)


@pytest.mark.parametrize("kind", ["normal", "tied", "rounded", "far apart", "close together"])
def test_averages_of_pairs_are_selected_as_from_a_list_of_all(kind: str, rng: np.random.Generator) -> None:
    from concord.stats.comparison._walsh import _selected

    for n in (2, 3, 9, 40, 111):
        numbers = {
            "normal": rng.normal(size=n),
            "tied": rng.integers(-3, 4, size=n).astype(float),
            "rounded": np.round(rng.normal(size=n), 1),
            "far apart": 1e6 * rng.standard_cauchy(n),
            "close together": 1e9 + 1e-3 * rng.random(n),
        }[kind]
        ordered = np.sort(numbers)
        i, j = np.triu_indices(n)
        every = np.sort((ordered[i] + ordered[j]) / 2)
        for k in {1, len(every), len(every) // 2 + 1, *rng.integers(1, len(every) + 1, size=20).tolist()}:
            size = float(np.abs(every).max())
            assert _selected(ordered, k) == pytest.approx(every[k - 1], rel=0, abs=4e-16 * size)


# Student (1908), "The probable error of a mean": additional hours of sleep with two drugs.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_students_sleep_with_ranks_and_margins() -> None:
    """R: exactRankTests::wilcox.exact gives .00390625 (ties and a zero), wilcox.test's normal approximation .009090698."""
    assert comparison.wilcoxon(SLEEP_2, SLEEP_1).p_value == pytest.approx(2 / 512)
    assert comparison.wilcoxon(SLEEP_2, SLEEP_1, method="normal").p_value == pytest.approx(
        0.009090698, abs=5e-10
    )
    found = comparison.permutation_test(SLEEP_2, SLEEP_1)
    assert (found.n_rearrangements, found.exact) == (512, True)  # one of the ten did not change
    shown = comparison.non_inferiority(SLEEP_2, SLEEP_1, margin=0.5)
    assert shown.statistic == pytest.approx((1.58 + 0.5) / 0.38895, abs=1e-3)


def test_ranks_against_exact_rank_tests() -> None:
    """R, on made-up numbers: exactRankTests::wilcox.exact, wilcox.test(exact = FALSE), wilcox.test(conf.int = TRUE)."""
    tied = [1.2, -0.5, 2, 2, 0, -1, 3, 1.2, 0.5, -2, 4, 1, 1, -0.5]
    assert comparison.wilcoxon(tied).p_value == pytest.approx(0.064453125, abs=1e-12)
    assert comparison.wilcoxon(tied, method="normal").p_value == pytest.approx(0.068109649672, abs=1e-12)
    y = [0.8, 1.9, -0.3, 2.5, 3.1, -1.2, 0.4, 1.1, 2.2, 0.9, -0.6, 1.7]
    found = comparison.wilcoxon(y)
    assert (found.p_value, found.statistic, found.value) == pytest.approx((0.02685546875, 67, 1.025))
    assert (found.low, found.high) == pytest.approx((0.15, 1.95))
    narrow = comparison.wilcoxon(y, confidence=0.9)
    assert (narrow.low, narrow.high) == pytest.approx((0.3, 1.8))


def test_ranks_leave_zeros_out_of_the_interval_as_r_does() -> None:
    """R, on made-up numbers: wilcox.exact gives 1.275 [.4, 2] and .015625, wilcox.test 1.2702 [.40006, 1.99998] and .02086."""
    some = [1.5, 0, 0, 0, 2.2, -0.3, 0.7, 1.1, 0, 0.9, 1.6, 2.4]
    found = comparison.wilcoxon(some)
    assert (found.value, found.low, found.high, found.p_value) == pytest.approx((1.275, 0.4, 2.0, 0.015625))
    assert (found.n, found.omitted, found.notes) == (8, {"differences of zero": 4}, ())
    normal = comparison.wilcoxon(some, method="normal")
    assert (normal.low, normal.high, normal.p_value) == pytest.approx((0.4, 2.0, 0.02086258), abs=1e-4)
    tied = [1, 1, 1, 2, -1, 0, 0, 2, 3, -2, 1, 1, 0, 1, 2, -1, 1]
    rank = comparison.wilcoxon(tied, method="normal")  # R: 1.00004 [-.00001, 1.50006], p = .04780459789
    assert (rank.value, rank.low, rank.high) == (1.0, 0.0, 1.5)
    assert rank.p_value == pytest.approx(0.04780459789, abs=1e-11)
    assert "16 of 17 differences are zero or tied" in rank.notes[0]
    assert "mcnemar" in rank.notes[0]
    assert comparison.wilcoxon([0.0] * 9).undefined == "all 9 differences are zero"


@pytest.mark.parametrize(("n", "most"), [(6, 0), (8, 3), (10, 8), (12, 13), (15, 25), (20, 52)])
def test_ranks_against_the_table_of_critical_sums(n: int, most: int) -> None:
    """The largest sum of ranks of the rarer sign that is significant at .05, two-sided (Siegel 1956, table G, and its heirs)."""

    def p_value(total: int) -> float:
        size = np.arange(1.0, n + 1)
        for i in range(n - 1, -1, -1):
            if size[i] <= total:
                total -= int(size[i])
                size[i] *= -1
        return comparison.wilcoxon(size).p_value

    assert p_value(most) <= 0.05 < p_value(most + 1)


Rng = np.random.Generator
EXACT = {"rel": 1e-9, "abs": 1e-9}
SETS = range(200)


def test_wilcoxon_against_scipy_with_ties_zeros_and_gaps(rng: Rng) -> None:
    for i in SETS:
        n = int(rng.integers(4, 40))
        gap = rng.normal(0.3, 1, size=n)
        if i % 2:
            gap = np.round(gap, 1)
        some = np.append(gap, [np.nan, np.nan])
        normal = stats.wilcoxon(gap, zero_method="wilcox", method="asymptotic", correction=True)
        found = comparison.wilcoxon(some, method="normal")
        assert found.p_value == pytest.approx(normal.pvalue, **EXACT)
        if i % 2 == 0:
            assert comparison.wilcoxon(some).p_value == pytest.approx(
                stats.wilcoxon(gap, method="exact").pvalue, **EXACT
            )


def test_exact_wilcoxon_with_ties_against_every_choice_of_signs(rng: Rng) -> None:
    for _ in range(60):
        gap = rng.integers(-4, 6, size=int(rng.integers(3, 11))).astype(float)
        moving = gap[gap != 0]
        rank = stats.rankdata(np.abs(moving))
        signs = np.array(np.meshgrid(*[[0, 1]] * len(moving))).reshape(len(moving), -1)
        sums, seen = rank @ signs, rank[moving > 0].sum()
        expected = min(1.0, 2 * min((sums <= seen + 1e-9).mean(), (sums >= seen - 1e-9).mean()))
        found = comparison.wilcoxon(gap)
        if not len(moving):
            assert found.undefined == f"all {len(gap)} differences are zero"
            continue
        assert found.statistic == seen
        assert found.p_value == pytest.approx(expected, **EXACT)
        i, j = np.triu_indices(len(moving))
        assert found.value == pytest.approx(np.median((moving[i] + moving[j]) / 2), **EXACT)


def _r_statistic(x: np.ndarray, centre: float, corrected: bool) -> float:
    """The standardised sum of ranks around a centre, as R's wilcox.test has it when it looks for its interval."""
    away = x - centre
    away = away[away != 0]
    n, rank = len(away), stats.rankdata(np.abs(away))
    times = np.unique(rank, return_counts=True)[1]
    spread = np.sqrt(n * (n + 1) * (2 * n + 1) / 24 - (times**3 - times).sum() / 48)
    z = rank[away > 0].sum() - n * (n + 1) / 4
    return float((z - 0.5 * corrected * np.sign(z)) / spread)


def test_wilcoxon_interval_is_where_the_statistic_of_r_crosses(rng: Rng) -> None:
    """Zeros dropped from estimate and interval too; R finds these crossings by a search that stops within 1e-4."""
    q, step = stats.norm.ppf(0.975), 1e-7
    for i in range(200):
        gap = rng.normal(0.4, 1, size=int(rng.integers(12, 60)))
        gap = (gap, np.round(gap, 1), np.round(2 * gap), np.where(rng.random(len(gap)) < 0.4, 0.0, gap))[
            i % 4
        ]
        moving = gap[gap != 0]
        if len(moving) < 7:
            continue
        found = comparison.wilcoxon(gap, method="normal")
        assert found.n == len(moving)
        assert found.omitted.get("differences of zero", 0) == len(gap) - len(moving)
        for end, wanted in ((found.low, q), (found.high, -q)):
            assert _r_statistic(moving, end - step, True) > wanted >= _r_statistic(moving, end + step, True)
        below, above = (_r_statistic(moving, found.value + sign * step, False) for sign in (-1, 1))
        assert below >= 0 >= above
        outside = not found.low <= 0 <= found.high
        if abs(found.low) > step and abs(found.high) > step:
            assert outside == (found.p_value < 0.05)


def test_walsh_averages_are_selected_without_being_listed(rng: Rng) -> None:
    from concord.stats.comparison import _walsh

    for i in SETS:
        n = int(rng.integers(1, 50))
        kinds = rng.normal(size=n), np.round(3 * rng.normal(size=n)), 10.0 ** rng.uniform(-9, 9, size=n)
        x = np.sort(kinds[i % 3])
        one, two = np.triu_indices(n)
        listed = np.sort((x[one] + x[two]) / 2)
        for k in rng.integers(1, len(listed) + 1, size=3).tolist():
            found = _walsh._selected(x, k)
            assert abs(found - listed[k - 1]) <= 1e-15 * np.abs(x).max()
