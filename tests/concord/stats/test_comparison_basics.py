"""Proportions, means, paired differences and adjusted p-values against published tables and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from concord.stats import InputError
from concord.stats.comparison import (
    benjamini_hochberg,
    benjamini_yekutieli,
    holm,
    mean,
    paired_difference,
    proportion,
)

# Benjamini & Hochberg (1995), section 2: fifteen p-values of the thrombolysis trial.
THROMBOLYSIS = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


@pytest.mark.parametrize(
    ("k", "n", "method", "low", "high"),
    [
        (81, 263, "wilson", 0.2553, 0.3662),  # Newcombe (1998), table I
        (81, 263, "clopper-pearson", 0.2527, 0.3676),
        (15, 148, "wilson", 0.0624, 0.1605),
        (15, 148, "clopper-pearson", 0.0578, 0.1617),
        (0, 20, "wilson", 0.0, 0.1611),
        (0, 20, "clopper-pearson", 0.0, 0.1684),
        (1, 29, "wilson", 0.0061, 0.1718),
        (1, 29, "clopper-pearson", 0.0009, 0.1776),
    ],
)
def test_proportion_against_newcombes_table(k: int, n: int, method: str, low: float, high: float) -> None:
    result = proportion(k, n, method)
    assert (result.low, result.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("wilson", "wilson"), ("clopper-pearson", "beta"), ("jeffreys", "jeffreys")]
)
def test_proportion_against_statsmodels(ours: str, theirs: str, rng: np.random.Generator) -> None:
    sm = pytest.importorskip("statsmodels.stats.proportion")
    for _ in range(100):
        n = int(rng.integers(1, 500))
        k = int(rng.integers(1, n)) if n > 1 else 0
        result = proportion(k, n, ours, confidence=0.9)
        expected = sm.proportion_confint(k, n, alpha=0.1, method=theirs)
        if 0 < k < n:
            assert (result.low, result.high) == pytest.approx(expected, abs=1e-9)


def test_proportion_edges() -> None:
    assert proportion(0, 0).undefined
    assert proportion(5, 5).high == 1.0
    for k, n in ((3, 2), (-1, 2), (1.5, 2)):
        with pytest.raises(InputError):
            proportion(k, n)  # type: ignore[arg-type]


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


def dense_cr2(y: np.ndarray, cluster: np.ndarray) -> tuple[float, float]:
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
        variance, df = dense_cr2(y, cluster)
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


def test_benjamini_hochberg_against_the_paper() -> None:
    """Section 2: Bonferroni and Hochberg reject three, the new procedure rejects four."""
    assert benjamini_hochberg(THROMBOLYSIS).rejected.sum() == 4
    assert holm(THROMBOLYSIS).rejected.sum() == 3


@pytest.mark.parametrize(
    ("ours", "theirs"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh"), (benjamini_yekutieli, "fdr_by")]
)
def test_adjusted_p_values_against_statsmodels(ours, theirs: str, rng: np.random.Generator) -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    for _ in range(50):
        p = rng.random(int(rng.integers(1, 40))) ** 3
        expected = multitest.multipletests(p, alpha=0.1, method=theirs)
        result = ours(p, alpha=0.1)
        assert result.p_values == pytest.approx(expected[1], abs=1e-12)
        assert (result.rejected == expected[0]).all()


def test_missing_p_values_stay_missing_and_are_not_counted() -> None:
    result = holm([0.01, np.nan, 0.04])
    assert np.isnan(result.p_values[1])
    assert result.p_values[[0, 2]].tolist() == [0.02, 0.04]
    assert result.n == 2
    assert not len(holm([]).p_values)
    with pytest.raises(InputError):
        holm([1.2])


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
    assert any("method='skewed' errs less" in note for note in mean(seconds).notes)
    assert any("even so" in note for note in mean(seconds, method="skewed").notes)
