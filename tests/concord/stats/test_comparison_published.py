"""Comparisons against published examples: textbooks, papers, and what R gives for its own data sets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import comparison

# Efron & Tibshirani (1993), table 2.1: survival of mice in days.
TREATED, CONTROL = [94, 197, 16, 38, 99, 141, 23], [52, 104, 146, 10, 51, 30, 40, 27, 46]
# Student (1908), "The probable error of a mean": additional hours of sleep with two drugs.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
# Davies & Goldsmith (1972): yield of dyestuff from six batches of five; Dyestuff in R's lme4.
DYESTUFF = [
    1545, 1440, 1440, 1520, 1580, 1540, 1555, 1490, 1560, 1495, 1595, 1550, 1605, 1510, 1560,
    1445, 1440, 1595, 1465, 1545, 1595, 1630, 1515, 1635, 1625, 1520, 1455, 1450, 1480, 1445,
]  # fmt: skip
# Davies & Goldsmith (1972): six samples of penicillin on each of 24 plates, in the order of the plates.
PENICILLIN = """
272326232321 272326232321 252125242420 262325232320 252226222320 242225232219 242023212219 262226242421
242124222220 242124232219 262326242421 252226242420 262426242522 262326232320 262325242422 252225232320
252124232320 252224232319 242123212119 262326242421 252124222218 252225222220 242124222419 242124222118
"""
# Box, Hunter & Hunter (1978), chapters 3 and 4: wear of boys' shoes of two materials; yields of tomatoes of two fertilizers.
SHOES_A = [13.2, 8.2, 10.9, 14.3, 10.7, 6.6, 9.5, 10.8, 8.8, 13.3]
SHOES_B = [14.0, 8.8, 11.2, 14.2, 11.8, 6.4, 9.8, 11.3, 9.3, 13.6]
TOMATOES_A, TOMATOES_B = [29.9, 11.4, 25.3, 16.5, 21.1], [26.6, 23.7, 28.5, 14.2, 17.9, 24.3]
# Efron & Tibshirani (1993), table 10.1: hormone in the blood with a placebo, an old and a new patch.
PATCHES = np.array(
    [
        [9243, 17649, 16449], [9671, 12013, 14614], [11792, 19979, 17274], [13357, 21816, 23798],
        [9055, 13850, 12560], [6290, 9806, 10157], [12412, 17208, 16570], [18806, 29044, 26325],
    ]
)  # fmt: skip
# Snedecor & Cochran (1967), section 10.18: percentage of conceptions by artificial insemination with six bulls.
BULLS = [
    [46, 31, 37, 62, 30], [70, 59], [52, 44, 57, 40, 67, 64, 70], [47, 21, 70, 46, 14], [42, 64, 50, 69, 77, 81, 87],
    [35, 68, 59, 38, 57, 76, 57, 29, 60],
]  # fmt: skip
# Sheldon (1960), pulp in Faraway's "Extending the linear model with R", chapter 8: brightness of paper by operator.
PULP = [
    59.8, 60.0, 60.8, 60.8, 59.8, 59.8, 60.2, 60.4, 59.9, 60.0, 60.7, 60.7, 60.5, 60.9, 60.3, 61.0, 60.8, 60.6, 60.5, 60.5,
]  # fmt: skip
# Benjamini & Hochberg (1995), section 2: fifteen p-values of the thrombolysis trial.
THROMBOLYSIS = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip
# Bock & Lieberman (1970), LSAT section 7: frequencies of the 32 answer patterns 00000 ... 11111.
LSAT7 = [
    12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28, 7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32, 308,
]  # fmt: skip


@pytest.mark.parametrize(
    ("x", "low", "high"),
    [(0, 0, 0.217), (1, 0.011, 0.381), (2, 0.044, 0.503), (3, 0.093, 0.606), (4, 0.153, 0.696), (5, 0.224, 0.776)],
)  # fmt: skip
def test_jeffreys_limits_against_brown_cai_and_dasgupta(x: int, low: float, high: float) -> None:
    """Table 5 of Brown, Cai & DasGupta (2001), n = 10."""
    found = comparison.proportion(x, 10, "jeffreys")
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-4)


@pytest.mark.parametrize(
    ("table", "asymptotic", "exact", "mid_p"),
    [([[12, 1], [7, 1]], 0.034, 0.070, 0.039), ([[80, 6], [16, 59]], 0.033, 0.053, 0.035)],
)
def test_mcnemars_tests_against_fagerland(table, asymptotic: float, exact: float, mid_p: float) -> None:
    """Fagerland, Lydersen & Laake (2013): airways of children, and complete response before and after transplantation."""
    wanted = {"asymptotic": asymptotic, "exact": exact, "mid-p": mid_p}
    for method, p_value in wanted.items():
        assert comparison.mcnemar(table, method=method).p_value == pytest.approx(p_value, abs=6e-4)


@pytest.mark.parametrize("fewer", [2**31 - 10**5, 2**32, 10**14])
def test_mcnemar_beyond_32_bits(fewer: int) -> None:
    """Of so many pairs all three tests say what the normal limit does, and the interval says the same."""
    for away, rejected in ((1.5, False), (2.5, True)):
        more = fewer + round(away * (2 * fewer) ** 0.5)
        for method in ("exact", "mid-p", "asymptotic"):
            found = comparison.mcnemar([[0, fewer], [more, 0]], method=method)
            assert found.p_value == pytest.approx(2 * stats.norm.sf(away), rel=1e-3)
            assert (found.low > 0) == rejected


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


def test_permutations_against_exact_rank_tests_and_the_mouse_data() -> None:
    """R: exactRankTests::perm.test on made-up numbers; Efron & Tibshirani (1993), section 15.2: p = .132 of 1,000 shuffles."""
    found = comparison.permutation_test([5, 7, 7, 9, 12, 3], [2, 4, 7, 1, 3, 5, 6], paired=False)
    assert found.p_value == pytest.approx(0.060023310023, abs=1e-12)
    mice = comparison.permutation_test(TREATED, CONTROL, paired=False, alternative="greater")
    assert mice.value == pytest.approx(30.63, abs=5e-3)
    assert (mice.n_rearrangements, mice.exact) == (11440, True)
    assert mice.p_value == pytest.approx(0.132, abs=0.02)
    treated = comparison.bootstrap(TREATED, n_resamples=2000)
    assert treated.value == pytest.approx(86.86, abs=5e-3)
    assert treated.standard_error == pytest.approx(23.36, rel=0.05)  # table 2.2: the limit of many resamples


def test_rearranged_shoes_and_tomatoes_of_box_hunter_and_hunter() -> None:
    """Four ties and three sums beyond .41 of 1,024; 154 of 462 orders of the tomatoes; R: perm.test, wilcox.exact."""
    shoes = comparison.permutation_test(SHOES_B, SHOES_A, alternative="greater")
    assert (shoes.as_extreme, shoes.n_rearrangements, round(shoes.value, 9)) == (7, 1024, 0.41)
    assert comparison.paired_difference(SHOES_B, SHOES_A).statistic == pytest.approx(3.4, abs=0.06)
    assert comparison.wilcoxon(SHOES_B, SHOES_A).p_value == 0.0078125
    tomatoes = comparison.permutation_test(TOMATOES_B, TOMATOES_A, paired=False, alternative="greater")
    assert (tomatoes.as_extreme, tomatoes.n_rearrangements) == (154, 462)
    assert tomatoes.value == pytest.approx(1.69, abs=5e-3)


def test_equivalence_of_sleep_against_toster() -> None:
    """R: TOSTER::t_TOST(extra ~ group, sleep, paired = TRUE, eqb = .5): t(9) = -2.777, p = .989, 90 % -2.293 to -.867."""
    found = comparison.equivalence(SLEEP_1, SLEEP_2, margin=0.5)
    assert (found.statistic, found.p_value) == pytest.approx((-2.777, 0.989), abs=5e-4)
    assert (found.low, found.high) == pytest.approx((-2.293, -0.867), abs=5e-4)
    assert (found.shown, found.null) == (False, -0.5)
    assert comparison.equivalence(SLEEP_1, SLEEP_2, margin=2.5).shown
    assert comparison.equivalence(SLEEP_2, SLEEP_1, margin=2.5).null == 2.5
    for test in (comparison.non_inferiority, comparison.equivalence):
        for one, two in ((SLEEP_2, SLEEP_1), (SLEEP_1, SLEEP_2)):
            found = test(one, two, margin=2.5)
            assert (found.value - found.null) / found.standard_error == pytest.approx(found.statistic)


def test_ratio_of_patches_against_efron_and_tibshirani() -> None:
    """Chapter 10: the new patch is bioequivalent where mean(new - old) / mean(old - placebo) is within .2; -.071, error .105."""
    gains = np.stack([PATCHES[:, 1] - PATCHES[:, 0], PATCHES[:, 2] - PATCHES[:, 1]], axis=1)
    found = comparison.bootstrap(gains, lambda rows: rows[:, 1].mean() / rows[:, 0].mean())
    assert found.value == pytest.approx(-0.0713, abs=5e-5)
    assert found.standard_error == pytest.approx(0.105, abs=6e-3)
    assert 0 < found.bias < 0.015
    assert found.low < -0.2 < 0.1 < found.high


def test_holm_and_yekutieli_of_the_thrombolysis_trial() -> None:
    """R: p.adjust(p, "holm") and p.adjust(p, "BY"); Benjamini & Hochberg's own procedure rejects a fourth."""
    holm, by, bh = (
        f(THROMBOLYSIS)
        for f in (comparison.holm, comparison.benjamini_yekutieli, comparison.benjamini_hochberg)
    )
    assert [found.rejected.sum() for found in (holm, by, bh)] == [3, 3, 4]
    some = [0, 3, 4, 8]
    assert holm.p_values[some] == pytest.approx([0.0015, 0.1140, 0.2211, 0.3213], abs=1e-12)
    assert by.p_values[some] == pytest.approx(
        [0.00497734348984, 0.11821190788378, 0.20008920829171, 0.25384451798202], abs=1e-13
    )


def test_variance_components_of_bulls_and_paper() -> None:
    """Unbalanced: anova(lm(y ~ bull)) of R has mean squares 664.41 and 248.29; balanced: .0681 and .10625 (Faraway)."""
    bulls = comparison.variance_components(
        [y for bull in BULLS for y in bull], examples=np.repeat(range(6), [len(b) for b in BULLS])
    )
    assert (bulls.example, bulls.repeat) == pytest.approx((73.40899, 248.2876), abs=5e-5)
    pulp = comparison.variance_components(PULP, examples=np.repeat(range(4), 5))
    assert (pulp.example, pulp.repeat) == pytest.approx((0.0681, 0.10625), abs=2e-5)


def test_variance_components_against_lme4() -> None:
    """REML of balanced data: lmer(Yield ~ 1 + (1 | Batch)), lmer(diameter ~ 1 + (1 | plate) + (1 | sample))."""
    dyestuff = comparison.variance_components(DYESTUFF, examples=np.repeat(np.arange(6), 5))
    assert (dyestuff.example, dyestuff.repeat) == pytest.approx((1764.05, 2451.25), abs=1e-4)
    assert dyestuff.mean == 1527.5
    digits = "".join(PENICILLIN.split())
    diameter = [int(digits[i : i + 2]) for i in range(0, 288, 2)]
    plate, sample = (i.ravel() for i in np.indices((24, 6)))
    found = comparison.variance_components(diameter, examples=plate, raters=sample)
    assert (found.example, found.rater, found.repeat) == pytest.approx((0.71691, 3.73113, 0.302415), rel=1e-4)


def test_lsat7_against_mirt() -> None:
    """R: mirt(expand.table(LSAT7), 1): slopes, intercepts, and the log-likelihood of -2658.805."""
    answers = (np.repeat(np.arange(32), LSAT7)[:, None] >> np.array([4, 3, 2, 1, 0])) & 1
    person, item = (i.ravel() for i in np.indices(answers.shape))
    found = comparison.irt_2pl(person, item, answers.ravel())
    assert found.discrimination == pytest.approx([0.988, 1.081, 1.706, 0.765, 0.736], abs=2e-3)
    assert found.intercept == pytest.approx([1.856, 0.808, 1.804, 0.486, 1.855], abs=2e-3)
    assert found.log_likelihood == pytest.approx(-2658.805, abs=2e-3)


def test_millers_clustered_standard_error(rng: np.random.Generator) -> None:
    """Miller (2024), equation 4: the naive variance plus the products within clusters; ours is unbiased, by G / (G - 1)."""
    score = rng.random((30, 5))
    away = score - score.mean()
    within = sum(float(row.sum() ** 2 - (row**2).sum()) for row in away)
    variance = float((away**2).sum()) / 150**2 + within / 150**2
    found = comparison.mean(score.ravel(), clusters=np.repeat(np.arange(30), 5))
    assert found.standard_error**2 == pytest.approx(variance * 30 / 29, rel=1e-12)


def test_human_eval_style_pass_rates() -> None:
    """Chen et al. (2021): with 200 samples and 1 pass, pass@100 is one half; tau-bench's pass^k falls with k."""
    assert comparison.pass_at_k(200, [1], 100).value == pytest.approx(0.5)
    assert comparison.pass_at_k(200, [0, 10, 200], 1).value == pytest.approx((0 + 0.05 + 1) / 3)
    falls = [comparison.pass_hat_k(8, [8, 6, 4, 2], k).value for k in range(1, 9)]
    assert falls == sorted(falls, reverse=True)
    assert falls[-1] == 0.25


def test_confidence_sequences_and_evidence_against_simulation(rng: np.random.Generator) -> None:
    """No look of 1,000 misses the mean in more than 1 of 20 runs, and stopped evidence is worth 1 on average at most."""
    missed, stopped = 0, []
    for _ in range(400):
        x = rng.beta(0.6, 1.4, size=1000)
        found = comparison.confidence_sequence(x)
        missed += not ((found.lows <= 0.3) & (found.highs >= 0.3)).all()
        over_time = comparison.e_value(x, null=0.3).values
        reached = np.flatnonzero(over_time >= 5)  # a greedy reader stops at five, else at the end
        stopped.append(over_time[reached[0]] if len(reached) else over_time[-1])
    assert missed <= 30
    assert np.mean(stopped) <= 1 + 3 * np.std(stopped) / 20


def test_degenerate_comparisons_say_what_they_are() -> None:
    drift = comparison.confidence_sequence([0] * 500 + [1] * 500)
    assert np.isnan(drift.low)
    assert "drift" in drift.notes[0]
    alike = comparison.paired_difference([100.3, 100.4, 100.5, 100.7], [100.2, 100.3, 100.4, 100.6])
    assert np.isnan(alike.p_value)  # the differences differ by rounding only
    assert comparison.permutation_test(np.arange(1, 6) * 1e-20, np.zeros(5)).p_value == 2 / 32
    assert comparison.mean([1e-17, 2e-17, 3e-17]).p_value == pytest.approx(0.0741799, abs=1e-7)
    assert comparison.clustered_proportion([1] * 8, clusters2=[0] * 4 + [1] * 4).low == pytest.approx(
        0.34238, abs=1e-5
    )
    assert comparison.bootstrap([1.0, 2.0], lambda rows: np.inf).undefined
    assert "too few" in comparison.wilcoxon([1.0, 2.0, 3.0]).notes[0]
    alike = comparison.wilcoxon(np.array([0.3, 0.4, 0.5] * 3), np.array([0.1, 0.2, 0.3] * 3))
    assert "do not vary" in alike.notes[0]
    assert (np.isnan(alike.high), alike.p_value) == (True, 2 / 512)
    assert "skewness" in comparison.mean([0.0] * 14 + [1.0]).notes[0]


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
