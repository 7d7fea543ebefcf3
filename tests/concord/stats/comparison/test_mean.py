"""Means, plain, clustered and paired: published data, CR2 by matrices, and reference packages."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, stats
from statsmodels.stats.weightstats import DescrStatsW

from concord.stats import InputError, comparison
from concord.stats.comparison import mean, paired_difference, proportion
from tests.concord.stats.comparison.samples import with_gaps


def test_another_rater_does_not_destroy_the_verdict() -> None:
    """Sixty examples, the same difference: the chance to see it grows with each rater."""
    seen = []
    for raters in (2, 3, 4, 5, 8, 12):
        rng, better = np.random.default_rng(5), 0
        example, rater = (i.ravel() for i in np.indices((60, raters)))
        for _ in range(300):
            moved = 0.6 * rng.normal(size=60)[example] + 0.15 * rng.normal(size=raters)[rater]
            y = 0.35 + moved + rng.normal(size=len(example))
            better += comparison.mean(y, clusters=example, clusters2=rater).low > 0
        seen.append(better / 300)
    assert all(more >= fewer - 0.02 for fewer, more in pairwise(seen)), seen
    assert seen[1] > 0.4
    assert seen[3] > 0.7


def test_plain_mean_is_students_interval() -> None:
    """Student's (1908) sleep data: ten patients, difference of two drugs 1.58, t = 4.06."""
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    result = paired_difference(second, first)
    assert result.value == pytest.approx(1.58)
    assert result.statistic == pytest.approx(4.0621, abs=1e-4)
    assert result.p_value == pytest.approx(0.00283, abs=1e-5)
    assert (result.low, result.high) == pytest.approx((0.7001, 2.4599), abs=1e-4)
    assert result.df == pytest.approx(9)
    assert result.correlation == pytest.approx(0.7952, abs=1e-4)


def unweighted_cr2(y: np.ndarray, cluster: np.ndarray) -> tuple[float, float]:
    """CR2 and Bell-McCaffrey degrees of freedom by explicit matrices, as written in the paper."""
    n = len(y)
    residual_maker = np.eye(n) - 1 / n
    rows, total = [], 0.0
    for g in np.unique(cluster):
        inside = np.flatnonzero(cluster == g)
        block = residual_maker[np.ix_(inside, inside)]
        values, vectors = np.linalg.eigh(block)
        root = vectors @ np.diag(np.where(values > 1e-10, values.clip(1e-10) ** -0.5, 0)) @ vectors.T
        row = np.full(len(inside), 1 / n) @ root @ residual_maker[inside]
        rows.append(row)
        total += float(row @ y) ** 2
    gram = np.array(rows) @ np.array(rows).T
    return total, np.trace(gram) ** 2 / (gram**2).sum()


def test_clustered_mean_against_explicit_matrices(rng: np.random.Generator) -> None:
    for _ in range(50):
        cluster = rng.integers(0, 6, size=30)
        cluster[:2] = (0, 1)
        y = rng.normal(size=30) + rng.normal(size=6)[cluster]
        result = mean(y, clusters=cluster * 1000 - 5)
        variance, df = unweighted_cr2(y, cluster)
        assert result.standard_error == pytest.approx(variance**0.5, rel=1e-9)
        assert result.df == pytest.approx(df, rel=1e-9)


def test_clustered_mean_against_statsmodels_up_to_its_correction(rng: np.random.Generator) -> None:
    sm = pytest.importorskip("statsmodels.api")
    cluster = np.repeat(np.arange(10), 7)
    y = rng.normal(size=70) + rng.normal(size=10)[cluster]
    fit = sm.OLS(y, np.ones(70)).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    assert mean(y, clusters=cluster).standard_error == pytest.approx(fit.bse[0] * (10 / 9) ** 0.5, rel=1e-9)


def test_two_ways_against_the_mean_squares_of_an_analysis_of_variance(rng: np.random.Generator) -> None:
    table = rng.normal(size=(12, 1)) + rng.normal(size=15) + rng.normal(size=(12, 15))
    rater, example = (i.ravel() for i in np.indices(table.shape))
    both = mean(table.ravel(), clusters=rater, clusters2=example)
    rows, columns, whole = table.mean(axis=1), table.mean(axis=0), table.mean()
    inner = table - rows[:, None] - columns + whole
    squares = 15 * rows.var(ddof=1), 12 * columns.var(ddof=1), (inner**2).sum() / (11 * 14)
    variance = (squares[0] + squares[1] - squares[2]) / 180
    assert both.standard_error**2 == pytest.approx(variance, rel=1e-9)
    below = (squares[0] / 180) ** 2 / 11 + (squares[1] / 180) ** 2 / 14
    assert both.df == pytest.approx(21 / (1 / 11 + 20 * below / variance**2), rel=1e-9)
    assert both.df > 11  # which the fewer clusters alone would have


def test_mean_edges() -> None:
    assert mean([]).undefined
    assert mean([np.nan]).undefined
    one = mean([3.0])
    assert one.value == 3.0
    assert np.isnan(one.low)
    assert one.notes
    flat = mean([1.0, 1.0, 1.0])
    assert flat.value == 1.0
    assert np.isnan(flat.low)
    assert "vary" in flat.notes[-1]
    single = mean([1.0, 2.0], clusters=[7, 7])
    assert np.isnan(single.high)
    with pytest.raises(InputError):
        mean([1.0, np.inf])
    with pytest.raises(InputError):
        mean([1.0, 2.0], clusters=[1])


def test_only_the_ratios_of_weights_matter(rng: np.random.Generator) -> None:
    y, weight, cluster = rng.normal(size=20), rng.integers(0, 4, size=20), rng.integers(0, 5, size=20)
    weighted = mean(y, clusters=cluster, weights=weight)
    assert weighted.value == pytest.approx(np.repeat(y, weight).mean())
    for scale in (1e-130, 7.0, 1e130):
        again = mean(y, clusters=cluster, weights=weight * scale)
        assert (again.low, again.high, again.df) == pytest.approx((weighted.low, weighted.high, weighted.df))
    same = mean(y, clusters=cluster, weights=np.full(20, 3.0))
    assert same.standard_error == pytest.approx(mean(y, clusters=cluster).standard_error, rel=1e-12)


def test_a_skewed_mean_against_halls_transformation_solved_numerically() -> None:
    values = np.array([1.2, 0.8, 0.4, 2.1, 0.9, 0.3, 7.5, 1.1, 0.6, 1.7])
    n, centre = len(values), values.mean()
    error, t = values.std(ddof=1) / np.sqrt(n), stats.t.ppf(0.975, n - 1)
    skew = stats.skew(values) / np.sqrt(n)

    def bent(mean_tried: float) -> float:
        statistic = (centre - mean_tried) / error
        return statistic + skew / 3 * statistic**2 + skew**2 / 27 * statistic**3 + skew / 6

    high = optimize.brentq(lambda m: bent(m) + t, centre, centre + 20 * error)
    result = mean(values, method="skewed")
    assert result.high == pytest.approx(high, rel=1e-9)
    assert high > centre + t * error
    assert result.low == pytest.approx(centre - t * error), (
        "Hall's lower end lies further in: Student's stays"
    )
    assert result.standard_error == pytest.approx(error)


@pytest.mark.parametrize("clustered", [False, True])
def test_a_skewed_means_p_value_is_below_5_percent_where_the_interval_leaves_out_the_null(
    clustered: bool, rng: np.random.Generator
) -> None:
    values, groups = rng.lognormal(size=40), np.repeat(np.arange(10), 4) if clustered else None
    found = mean(values, clusters=groups, method="skewed")
    for end in (found.low, found.high):
        p_values = [
            mean(values, clusters=groups, method="skewed", null=end + d).p_value for d in (-1e-6, 1e-6)
        ]
        assert min(p_values) < 0.05 < max(p_values)
    turned = mean(-values, clusters=groups, method="skewed")
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


def test_a_skewed_mean_is_never_narrower_and_the_same_without_skewness() -> None:
    even = [1.0, 2.0, 3.0, 4.0, 5.0]
    assert mean(even, method="skewed").low == pytest.approx(mean(even).low)
    assert mean(even, method="skewed").high == pytest.approx(mean(even).high)
    gap = paired_difference([9, 1, 1, 2, 1], [0, 0, 1, 0, 0], method="skewed")
    assert gap.high > paired_difference([9, 1, 1, 2, 1], [0, 0, 1, 0, 0]).high
    one_way = [0, 0, 1, 1, 2]
    assert mean(even, clusters=one_way, method="skewed") == mean(even, clusters2=one_way, method="skewed")
    with pytest.raises(InputError, match="one way of clustering"):
        mean(even, clusters=one_way, clusters2=[0, 1, 0, 1, 0], method="skewed")
    with pytest.raises(InputError, match="method must be one of t, skewed"):
        mean(even, method="bca")


def test_few_skewed_values_are_told_of_the_other_method() -> None:
    seconds = [1.2, 0.8, 0.4, 2.1, 0.9, 0.3, 7.5, 1.1, 0.6, 1.7]
    assert any('a "skewed" one errs less' in note for note in mean(seconds).notes)
    assert any("even so" in note for note in mean(seconds, method="skewed").notes)


def test_millers_clustered_standard_errors() -> None:
    """Miller (2024), section 3: the naive error understates where questions come in groups."""
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(100), 10)
    right = (rng.random(1000) < np.clip(rng.normal(0.6, 0.25, size=100), 0, 1)[group]).astype(float)
    naive, clustered = mean(right), mean(right, clusters=group)
    assert clustered.standard_error > 1.3 * naive.standard_error
    assert proportion(int(right.sum()), 1000).low == pytest.approx(naive.low, abs=0.005)


def test_many_skewed_values_are_told_of_too() -> None:
    """A long tail does not end at two hundred values; of 0 and 1 a share has the better interval."""
    tail = ((np.arange(500) + 0.5) / 500) ** -0.625
    assert 'a "skewed" one errs less' in mean(tail).notes[0]
    assert "clustered_proportion" in mean([1.0] * 297 + [0.0] * 3).notes[0]
    assert mean(np.arange(500.0)).notes == () == mean([1.0] * 400 + [0.0] * 100).notes


def test_millers_clustered_standard_error(rng: np.random.Generator) -> None:
    """Miller (2024), equation 4: the naive variance plus the products within clusters; ours is unbiased, by G / (G - 1)."""
    score = rng.random((30, 5))
    away = score - score.mean()
    within = sum(float(row.sum() ** 2 - (row**2).sum()) for row in away)
    variance = float((away**2).sum()) / 150**2 + within / 150**2
    found = comparison.mean(score.ravel(), clusters=np.repeat(np.arange(30), 5))
    assert found.standard_error**2 == pytest.approx(variance * 30 / 29, rel=1e-12)


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


Rng = np.random.Generator
EXACT = {"rel": 1e-9, "abs": 1e-9}
SETS = range(200)


def test_plain_means_and_pairs_against_scipy(rng: Rng) -> None:
    for _ in SETS:
        y = with_gaps(rng, int(rng.integers(3, 60)))
        null, confidence = rng.normal(), rng.uniform(0.5, 0.99)
        theirs = stats.ttest_1samp(y, null, nan_policy="omit")
        found = comparison.mean(y, null=null, confidence=confidence)
        assert (found.statistic, found.p_value) == pytest.approx((theirs.statistic, theirs.pvalue), **EXACT)
        assert (found.low, found.high) == pytest.approx(
            tuple(theirs.confidence_interval(confidence)), **EXACT
        )
        other = np.where(rng.random(len(y)) < 0.1, np.nan, rng.normal(size=len(y)))
        other[:2] = (0.5, 1.5)
        pairs, paired = stats.ttest_rel(y, other, nan_policy="omit"), comparison.paired_difference(y, other)
        assert (paired.statistic, paired.p_value) == pytest.approx((pairs.statistic, pairs.pvalue), **EXACT)


def test_clustered_means_against_statsmodels(rng: Rng) -> None:
    """With clusters of one size CR2 is the plain sandwich times G / (G - 1); two ways add up less what an additive fit leaves."""
    for _ in SETS:
        g, m = int(rng.integers(3, 9)), int(rng.integers(2, 7))
        one, two = (i.ravel() for i in np.indices((g, m)))
        y = rng.normal(size=g)[one] + rng.normal(size=m)[two] + rng.normal(size=g * m)
        fit = sm.OLS(y, np.ones(len(y)))

        def robust(code: np.ndarray, fit: sm.OLS = fit) -> float:
            k = len(np.unique(code))
            options = {"groups": code, "use_correction": False}
            return float(fit.fit(cov_type="cluster", cov_kwds=options).bse[0] ** 2) * k / (k - 1)

        parts = robust(one), robust(two)
        kept = rng.permutation(np.append(np.arange(g * m), np.zeros(4, dtype=int)))
        unseen = np.append(y, np.full(4, np.nan))
        order = rng.permutation(len(unseen))
        codes = [np.append(code, [0, 0, 1, 1])[order] for code in (one, two)]
        found = comparison.mean(unseen[order], clusters=codes[0])
        assert len(kept) == len(order)
        assert found.standard_error**2 == pytest.approx(parts[0], **EXACT)
        both = comparison.mean(unseen[order], clusters=codes[0], clusters2=codes[1])
        additive = sm.OLS(y, np.column_stack([one[:, None] == np.arange(g), two[:, None] == np.arange(1, m)]))
        inner = additive.fit().ssr / ((g - 1) * (m - 1)) / (g * m)
        expected = max(parts[0] + parts[1] - inner, parts[0], parts[1])
        assert both.standard_error**2 == pytest.approx(expected, **EXACT)


def dense_cr2(y: np.ndarray, cluster: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """CR2 of a weighted mean and its Satterthwaite degrees of freedom by explicit matrices, as in the paper."""
    n, p = len(y), weight / weight.sum()
    maker = np.eye(n) - np.outer(np.ones(n), p)
    rows = []
    for g in np.unique(cluster):
        inside = np.flatnonzero(cluster == g)
        values, vectors = np.linalg.eigh(maker[inside] @ maker[inside].T)
        rows.append(p[inside] @ (vectors / np.sqrt(values)) @ vectors.T @ maker[inside])
    gram = np.array(rows) @ np.array(rows).T
    return float(np.sum((np.array(rows) @ y) ** 2)), float(np.trace(gram) ** 2 / (gram**2).sum())


def test_weighted_clustered_means_against_explicit_matrices(rng: Rng) -> None:
    for _ in SETS:
        n, g = int(rng.integers(6, 40)), int(rng.integers(3, 7))
        cluster = np.append(np.arange(3), rng.integers(0, g, size=n - 3))
        y, weight = with_gaps(rng, n), rng.integers(1, 6, size=n) * rng.choice([1.0, 0.3, 2.5])
        known = ~np.isnan(y)
        found = comparison.mean(y, clusters=cluster * 1000 - 5, weights=weight)
        assert found.value == pytest.approx(DescrStatsW(y[known], weight[known]).mean, **EXACT)
        if len(np.unique(cluster[known])) > 1:
            variance, df = dense_cr2(y[known], cluster[known], weight[known])
            assert found.standard_error == pytest.approx(variance**0.5, rel=1e-9)
            assert found.df == pytest.approx(df, rel=1e-9)


@pytest.mark.parametrize(
    ("y", "g", "w", "clustered", "alone"),
    [
        (
            [0.83, -0.15, 2.13, 1.51, 0.05, -0.26, 2.18, -0.13, 4.14, 2.01, 0.91, 0.75, 0.09, 0.41],
            [5, 2, 4, 4, 2, 3, 4, 2, 5, 2, 5, 4, 5, 5],
            [0.46, 0.86, 2.42, 1.88, 2.75, 1.77, 2.32, 1.26, 1.25, 0.68, 1.47, 0.92, 1.14, 2.69],
            (1.033026977595, 0.434167550231, 2.375476094901),
            (0.340108087222, 7.397377418784),
        ),
        (
            [-0.57, 1.06, -0.48, 1.93, -1.07, 0.26, 0.55, -0.37, 2.7, 1.25, 0.21, 1.91, 2.25, 0.92],
            [1, 1, 1, 5, 2, 5, 3, 2, 4, 1, 3, 4, 4, 2],
            [2.87, 2.55, 0.8, 1.59, 1.98, 2.78, 0.23, 0.95, 1.42, 2.52, 2.64, 0.9, 1.11, 1.06],
            (0.635089743590, 0.337170087368, 2.769405858788),
            (0.311158340496, 7.371607039748),
        ),
    ],
)
def test_weighted_means_against_clubsandwich(y, g, w, clustered, alone) -> None:
    """R: coef_test(lm(y ~ 1, weights = w), vcovCR(..., cluster = g, type = "CR2"), test = "Satterthwaite")."""
    found, single = comparison.mean(y, clusters=g, weights=w), comparison.mean(y, weights=w)
    assert (found.value, found.standard_error, found.df) == pytest.approx(clustered, abs=1e-11)
    assert (single.standard_error, single.df) == pytest.approx(alone, abs=1e-11)


MQM_WEIGHT = {"Major": 5.0, "Minor": 1.0, "Neutral": 0.0, "No-error": 0.0}


def penalty(category: str, severity: str) -> float:
    if category == "Non-translation!":
        return 25.0
    return 0.1 if (category, severity) == ("Fluency/Punctuation", "Minor") else MQM_WEIGHT[severity]


@pytest.mark.real_data
def test_mqm_scores_of_fourteen_systems(mqm: list[dict[str, str]], shared_data: Path) -> None:
    """The table in the upstream README, which truncates to two digits; a segment's score is the sum of its penalties."""
    scores: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in mqm:
        scores[row["system"]][row["seg_id"]] += penalty(row["category"], row["severity"])
    text = (shared_data / "wmt_mqm_ted_ende" / "UPSTREAM_README.md").read_text()
    table = text.split("## TED talks ##")[1].split("### English to German ###")[1].split("###")[0]
    published = {
        name.strip(): float(cell.split("(")[0])
        for _, name, cell, _ in (line.split("|") for line in table.splitlines() if "(" in line)
    }
    assert len(scores) == 14
    for system, by_segment in scores.items():
        known = published["ref.A" if system == "ref" else system]
        found = mean(np.array(list(by_segment.values()))).value
        assert found == pytest.approx(known, abs=0.0101), system


@pytest.mark.parametrize(
    ("ones", "n", "noted"),
    [
        (4, 16, True),  # a skewness of 1.15, for which Cochran wants 33 values
        (12, 16, True),
        (5, 16, False),  # .81: Cochran would want 16.4, and so little skewness is not spoken of
        (2, 7, False),  # so few values tell nothing of their skewness
        (12, 48, False),  # 1.15 again, and values enough
    ],
)
def test_cochrans_rule_for_skewed_values(ones: int, n: int, noted: bool) -> None:
    values = np.repeat([2.0, 0.0], [ones, n - ones])
    assert bool(mean(values).notes) == noted
    if noted:
        assert mean(values).notes[0].startswith(f"16 values with a skewness of {stats.skew(values):.1f}")
        assert "take `clustered_proportion`" in mean(values / 2).notes[0]
        assert mean(values, method="skewed").notes == ()  # below 2 the bent interval holds
