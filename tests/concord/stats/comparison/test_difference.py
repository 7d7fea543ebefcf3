"""Differences of two samples that do not come in pairs: against SciPy, published tables and plain matrix algebra."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

from concord.stats import InputError, comparison
from concord.stats._binomial import newcombe, wilson

EXACT: dict[str, float] = {"rel": 1e-9, "abs": 1e-12}
Rng = np.random.Generator
test_proportions_2indep.__test__ = False


def answers(k: int, n: int) -> np.ndarray:
    return np.repeat([1.0, 0.0], [k, n - k])


def test_means_against_scipys_welch(rng: Rng) -> None:
    for _ in range(100):
        a = rng.normal(size=rng.integers(2, 60)) * 10.0 ** rng.integers(-5, 5)
        b = rng.normal(0.5, 2, size=rng.integers(2, 60))
        found, wanted = comparison.difference(a, b), stats.ttest_ind(a, b, equal_var=False)
        ends = wanted.confidence_interval()
        assert (found.statistic, found.df, found.p_value) == pytest.approx(
            (wanted.statistic, wanted.df, wanted.pvalue), **EXACT
        )
        assert (found.low, found.high) == pytest.approx((ends.low, ends.high), **EXACT)


def test_sleep_as_two_groups_against_r() -> None:
    """R: t.test(extra ~ group, data = sleep) has t = -1.8608, df = 17.776, p = .07939, -3.3654832 to .2054832."""
    one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    found = comparison.difference(one, two)
    assert (found.statistic, found.df, found.p_value) == pytest.approx((-1.8608, 17.776, 0.07939), rel=1e-4)
    assert (found.low, found.high) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


@pytest.mark.parametrize(
    ("table", "score", "newcombe"),
    [
        ((56, 70, 48, 80), (0.0528, 0.3382), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1700, 0.8406), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0342, 0.8534), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0326, 0.1933), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1658, 0.2844), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2879, 0.2879), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.7156, 1.0), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6636, 1.0), (0.6075, 1.0)),
    ],
)
def test_shares_against_newcombes_table(
    table: tuple[int, int, int, int], score: tuple[float, float], newcombe: tuple[float, float]
) -> None:
    """Newcombe (1998), table II: methods 6 (Miettinen & Nurminen) and 10."""
    a, b = answers(*table[:2]), answers(*table[2:])
    found = comparison.difference(a, b)
    assert (found.low, found.high) == pytest.approx(score, abs=5.1e-5)
    assert found.method == "Miettinen-Nurminen score interval"
    other = comparison.difference(a, b, method="newcombe")
    assert (other.low, other.high) == pytest.approx(newcombe, abs=5.1e-5)


@pytest.mark.filterwarnings("ignore:divide by zero")  # in statsmodels, of shares of 0 and 1
def test_shares_against_statsmodels(rng: Rng) -> None:
    for _ in range(150):
        n, m = (int(size) for size in rng.integers(2, 60, size=2))
        k, l = int(rng.integers(0, n + 1)), int(rng.integers(0, m + 1))  # noqa: E741
        a, b = answers(k, n), answers(l, m)
        ends = confint_proportions_2indep(k, n, l, m, method="newcomb", compare="diff")
        found = comparison.difference(a, b, method="newcombe")
        assert (found.low, found.high) == pytest.approx(ends, **EXACT)
        if 0 < k + l < n + m:
            test = test_proportions_2indep(k, n, l, m, method="score", compare="diff", correction=True)
            assert comparison.difference(a, b).p_value == pytest.approx(test.pvalue, **EXACT)


def test_score_uses_the_likeliest_shares_under_each_null(rng: Rng) -> None:
    """Found by search over a grid instead of the cubic equation."""
    for _ in range(30):
        n, m = (int(size) for size in rng.integers(2, 40, size=2))
        k, l, null = int(rng.integers(0, n + 1)), int(rng.integers(0, m + 1)), float(rng.uniform(-0.9, 0.9))  # noqa: E741
        low, high = max(0.0, null), min(1.0, 1.0 + null)
        for _ in range(6):
            p = np.clip(np.linspace(low, high, 2001), 1e-12, 1 - 1e-12)
            q = np.clip(p - null, 1e-12, 1 - 1e-12)
            fit = k * np.log(p) + (n - k) * np.log1p(-p) + l * np.log(q) + (m - l) * np.log1p(-q)
            best, step = p[fit.argmax()], (high - low) / 2000
            low, high = max(low, best - 2 * step), min(high, best + 2 * step)
        variance = best * (1 - best) / n + (best - null) * (1 - best + null) / m
        wanted = (k / n - l / m - null) / np.sqrt(variance * (n + m) / (n + m - 1))
        found = comparison.difference(answers(k, n), answers(l, m), null=null)
        if abs(variance) > 1e-6:
            assert found.statistic == pytest.approx(wanted, rel=2e-4, abs=1e-6)


@pytest.mark.parametrize("method", ["score", "newcombe"])
def test_p_value_of_shares_agrees_with_the_interval(rng: Rng, method: str) -> None:
    for _ in range(100):
        a, b = answers(int(rng.integers(0, 13)), 12), answers(int(rng.integers(0, 21)), 20)
        null = float(rng.uniform(-0.6, 0.6))
        found = comparison.difference(a, b, method=method, null=null, confidence=0.9)
        assert (found.p_value < 0.1) == (not found.low <= null <= found.high)
        if not 1e-9 < found.p_value < 0.999:
            continue
        again = comparison.difference(a, b, method=method, null=null, confidence=1 - found.p_value)
        assert min(abs(again.low - null), abs(again.high - null)) < 1e-6


def _cr2(y: np.ndarray, side: np.ndarray, cluster: np.ndarray, spread: np.ndarray) -> tuple[float, float]:
    """CR2 and Satterthwaite's degrees of freedom as matrices, with the working variances ``spread`` (n,)."""
    design = np.stack([side == 0, side == 1], axis=1).astype(float)
    inverse = np.linalg.inv(design.T @ design)
    hat = design @ inverse @ design.T
    residual, maker = y - hat @ y, np.eye(len(y)) - hat
    rows = []
    for code in np.unique(cluster):
        own = np.flatnonzero(cluster == code)
        values, vectors = np.linalg.eigh(maker[np.ix_(own, own)])
        root = vectors @ np.diag([v**-0.5 if v > 1e-9 else 0.0 for v in values]) @ vectors.T
        row = np.zeros(len(y))
        row[own] = np.array([1.0, -1.0]) @ inverse @ design[own].T @ root
        rows.append(row)
    weight = np.array(rows)
    form = weight @ maker @ np.diag(spread) @ maker @ weight.T
    return float(np.square(weight @ residual).sum()), float(np.trace(form) ** 2 / np.trace(form @ form))


@pytest.mark.parametrize("shared", [True, False])
def test_clusters_on_both_sides_against_plain_matrices(rng: Rng, shared: bool) -> None:
    for _ in range(20):
        code_a, code_b = rng.integers(0, 9, size=35), rng.integers(3, 12, size=28)
        effect = rng.normal(size=12)
        a, b = effect[code_a] + rng.normal(size=35), effect[code_b] + 2 * rng.normal(size=28)
        found = comparison.difference(a, b, clusters_a=code_a, clusters_b=code_b, shared_clusters=shared)
        alone = [comparison.mean(a, clusters=code_a), comparison.mean(b, clusters=code_b)]
        spread = np.repeat([one.standard_error**2 * one.n for one in alone], [35, 28])
        cluster = np.append(code_a, code_b if shared else code_b + 100)
        variance, df = _cr2(np.append(a, b), np.repeat([0, 1], [35, 28]), cluster, spread)
        assert (found.standard_error**2, found.df) == pytest.approx((variance, df), **EXACT)
        assert found.n_shared == (len(np.intersect1d(code_a, code_b)) if shared else 0)
        if not shared:
            parts = [one.standard_error**4 / one.df for one in alone]
            assert found.df == pytest.approx(found.standard_error**4 / sum(parts), **EXACT)


def test_standard_error_against_club_sandwich() -> None:
    """R, on made-up numbers: vcovCR(lm(y ~ side), cluster, "CR2") has a standard error of .744494614023 for the side."""
    a, b = [4.0, 5.5, 3.0, 6.0, 7.5, 5.0, 4.5], [3.0, 2.5, 5.0, 4.0, 1.0]
    found = comparison.difference(a, b, clusters_a=[1, 1, 2, 2, 3, 3, 4], clusters_b=[1, 2, 2, 3, 5])
    assert found.standard_error == pytest.approx(0.744494614023, abs=1e-11)
    assert "3 of 5 clusters have the same code on both sides" in found.notes[0]


def test_a_pair_in_each_cluster_is_the_paired_difference(rng: Rng) -> None:
    a, b = rng.normal(size=30), rng.normal(size=30)
    pair = np.arange(30)
    found = comparison.difference(a, b, clusters_a=pair, clusters_b=pair)
    wanted = comparison.paired_difference(a, b)
    for name in ("value", "low", "high", "standard_error", "df", "p_value"):
        assert getattr(found, name) == pytest.approx(getattr(wanted, name), **EXACT)


def test_clustered_shares_stay_within_bounds_and_agree_with_their_p_value(rng: Rng) -> None:
    for _ in range(40):
        code_a, code_b = np.repeat(np.arange(6), 4), np.repeat(np.arange(3, 10), 3)
        a, b = (rng.random(24) < 0.9).astype(float), (rng.random(21) < 0.3).astype(float)
        found = comparison.difference(a, b, clusters_a=code_a, clusters_b=code_b)
        assert -1 <= found.low <= found.value <= found.high <= 1
        assert (found.p_value < 0.05) == (not found.low <= 0 <= found.high)
        one = comparison.clustered_proportion(a, clusters=code_a)
        two = comparison.clustered_proportion(b, clusters=code_b)
        alone = comparison.difference(a, b, clusters_a=code_a, clusters_b=code_b, shared_clusters=False)
        assert alone.low == pytest.approx(
            max(alone.value - np.hypot(one.value - one.low, two.high - two.value), -1.0), **EXACT
        )


def test_no_answer_and_no_interval() -> None:
    none = comparison.difference([np.nan], [1, 2])
    assert none.undefined == "no value of a is left to average"
    assert (none.n_a, none.n_b, none.mean_b, none.omitted) == (0, 2, 1.5, {"missing values of a": 1})
    single = comparison.difference([3.0], [1, 2])
    assert (single.value, np.isnan(single.low)) == (1.5, True)
    assert "one value or one cluster" in single.notes[0]
    same = comparison.difference([0.1] * 3, [0.3] * 4)
    assert "do not vary" in same.notes[0]
    alike = comparison.difference(
        [1, 1, 1, 1], [0, 0, 1, 1], clusters_a=[0, 0, 1, 1], clusters_b=[2, 2, 3, 3]
    )
    assert "no spread" in alike.notes[0]


@pytest.mark.parametrize("turned", [False, True])
def test_a_side_in_one_cluster_takes_nothing_from_the_other(rng: Rng, turned: bool) -> None:
    """The side of many clusters keeps what its answers are worth; together there is no t interval, and a note for shares."""
    many, clusters = (rng.random(60) < 0.4).astype(float), rng.permutation(np.repeat(np.arange(12), 5))
    one, own = np.array([1.0, 0.0, 1.0]), np.full(3, 99)
    sides = [(many, clusters), (one, own)][:: -1 if turned else 1]
    (a, of_a), (b, of_b) = sides
    found = comparison.difference(a, b, clusters_a=of_a, clusters_b=of_b)
    alone = comparison.clustered_proportion(many, clusters=clusters)
    single = comparison.clustered_proportion(one, clusters=own)
    first, second = (single, alone) if turned else (alone, single)
    assert found.low == pytest.approx(
        found.value - np.hypot(first.value - first.low, second.high - second.value), **EXACT
    )
    assert found.high == pytest.approx(
        min(found.value + np.hypot(first.high - first.value, second.value - second.low), 1.0), **EXACT
    )
    assert found.notes == (
        "no spread between the clusters of a side could be seen: all answers of a cluster count as one there.",
    )
    by_t = comparison.difference(a, b, clusters_a=of_a, clusters_b=of_b, method="t")
    assert np.isnan([by_t.low, by_t.p_value, by_t.standard_error]).all()
    assert by_t.notes == ("one value or one cluster on a side: no interval.",)


def test_shares_by_few_raters_of_both_sides_are_no_surer_than_by_t(rng: Rng) -> None:
    """Wilson's limits of few clusters end at 0 and 1; taking off what is shared from these held .90."""
    rater, held = np.repeat(np.arange(3), 20), []
    for _ in range(200):
        y = (rng.random(60) < rng.beta(1.2, 0.8, size=3)[rater]).astype(float)
        first = rng.random(60) < 0.5
        sides = {"clusters_a": rater[first], "clusters_b": rater[~first]}
        found = comparison.difference(y[first], y[~first], **sides)
        by_t = comparison.difference(y[first], y[~first], **sides, method="t")
        if not np.isnan(by_t.low):
            assert found.low <= max(by_t.low, -1.0) + 1e-12
            assert found.high >= min(by_t.high, 1.0) - 1e-12
        assert (found.p_value < 0.05) == (not found.low <= 0 <= found.high)
        held.append(found.low <= 0 <= found.high)
    assert np.mean(held) > 0.94


def test_refusals_say_what_to_do() -> None:
    with pytest.raises(InputError, match="goes with values of 0 and 1, got 0\\.5"):
        comparison.difference([0, 1, 0.5], [1, 0], method="score")
    with pytest.raises(InputError, match="take 'newcombe'"):
        comparison.difference([0, 1, 1], [1, 0], method="score", clusters_a=[0, 0, 1])
    with pytest.raises(InputError, match="null must lie between -1 and 1"):
        comparison.difference([0, 1, 1], [1, 0], method="newcombe", null=1.5)
    with pytest.raises(InputError, match="clusters_b must have 2 entries"):
        comparison.difference([0, 1, 1], [1, 0], clusters_b=[0, 0, 1])


def test_size_of_the_numbers_changes_nothing() -> None:
    a, b = np.array([1.0, 2.0, 4.0]), np.array([2.0, 5.0, 9.0, 3.0])
    found = comparison.difference(a, b)
    for scale in (1e-150, 1e130):
        scaled = comparison.difference(a * scale, b * scale)
        assert scaled.p_value == pytest.approx(found.p_value, rel=1e-9)
        assert scaled.low == pytest.approx(found.low * scale, rel=1e-9)


def test_long_tails_are_told_of_unless_they_cancel_out() -> None:
    """As Cochran's rule for one mean; equal tails on sides of one size leave a symmetric difference."""
    few, many = (((np.arange(n) + 0.5) / n) ** -0.6 for n in (30, 300))
    assert any("long tail" in note for note in comparison.difference(few, many).notes)
    assert comparison.difference(few, few[::-1] + 3).notes == ()
    even = np.arange(30.0)
    assert comparison.difference(even, np.arange(300.0)).notes == ()
    assert any("long tail" in note for note in comparison.difference(even / 1e202, few / 1e200).notes)
    assert comparison.difference(few[:5], even).notes == ()  # too few to know


def test_a_side_of_two_clusters_is_worth_one_answer_at_least() -> None:
    a, by, b = np.repeat([1, 0], 5), np.repeat([0, 1], 5), np.tile([1, 0], 20)
    found = comparison.difference(a, b, clusters_a=by)
    ends = newcombe((0.5, *wilson(0.5, 1, 0.95)), (0.5, *wilson(0.5, 40, 0.95)), 0.0)
    assert (found.low, found.high) == pytest.approx(ends)


def test_clusters_of_one_share_throughout_are_worth_one_answer_each() -> None:
    """Each half right: they show no spread, so the answers count by Kish's n**2 / sum of squared sizes, 5 and 7 here."""
    a, b = np.tile([1, 0], 5), np.tile([1, 0, 1, 0], 7)
    found = comparison.difference(a, b, clusters_a=np.arange(10) // 2, clusters_b=np.arange(28) // 4)
    alone = comparison.difference(
        a, b, clusters_a=np.arange(10) // 2, clusters_b=np.arange(28) // 4, shared_clusters=False
    )
    ends = newcombe((0.5, *wilson(0.5, 5, 0.95)), (0.5, *wilson(0.5, 7, 0.95)), 0.0)
    assert (alone.low, alone.high) == pytest.approx(ends)
    assert found.low <= ends[0] + 1e-12
    assert "no spread" in alone.notes[0]
