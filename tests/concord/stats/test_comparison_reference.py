"""Comparisons against reference packages, on hundreds of random sets with missing data, to 1e-9."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import integrate, special, stats
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW, ttost_paired

from concord.stats import comparison

Rng = np.random.Generator
EXACT = {"rel": 1e-9, "abs": 1e-9}
SETS = range(200)


def with_gaps(rng: Rng, n: int, share: float = 0.15) -> np.ndarray:
    y = rng.gamma(2, size=n) * 10.0 ** rng.integers(-3, 4)
    y[rng.random(n) < share] = np.nan
    y[:2] = rng.normal(size=2)
    return y


def test_proportions_against_statsmodels(rng: Rng) -> None:
    names = {"wilson": "wilson", "clopper-pearson": "beta", "jeffreys": "jeffreys"}
    for _ in SETS:
        n = int(10 ** rng.uniform(0, 5))
        k, confidence = int(rng.integers(0, n + 1)), rng.uniform(0.5, 0.999)
        for ours, theirs in names.items():
            low, high = proportion_confint(k, n, alpha=1 - confidence, method=theirs)
            found = comparison.proportion(k, n, ours, confidence=confidence)
            if k > 0 or ours != "jeffreys":  # at the ends ours is closed, as Brown, Cai & DasGupta advise
                assert found.low == pytest.approx(low, **EXACT)
            if k < n or ours != "jeffreys":
                assert found.high == pytest.approx(high, **EXACT)


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


def test_mcnemar_against_statsmodels(rng: Rng) -> None:
    for _ in SETS:
        table = rng.integers(0, int(rng.integers(2, 200)), size=(2, 2))
        table[1, 0] += 1
        exact = reference_mcnemar(table, exact=True)
        asymptotic = reference_mcnemar(table, exact=False, correction=False)
        assert comparison.mcnemar(table).p_value == pytest.approx(exact.pvalue, **EXACT)
        assert comparison.mcnemar(table, method="asymptotic").p_value == pytest.approx(
            asymptotic.pvalue, **EXACT
        )
        b, m = int(table[1, 0]), int(table[1, 0] + table[0, 1])
        middle = exact.pvalue - stats.binom.pmf(b, m, 0.5) if 2 * b != m else 1.0
        assert comparison.mcnemar(table, method="mid-p").p_value == pytest.approx(middle, **EXACT)


def test_mcnemars_interval_leaves_out_0_exactly_where_the_test_rejects(rng: Rng) -> None:
    for _ in SETS:
        table = rng.integers(0, int(rng.integers(2, 40)), size=(2, 2)) + np.array([[1, 0], [0, 0]])
        for method in ("exact", "mid-p", "asymptotic"):
            found = comparison.mcnemar(table, method=method, confidence=0.9)
            assert found.low <= found.value <= found.high
            assert (found.low > 0 or found.high < 0) == (found.p_value < 0.1)
            mirrored = comparison.mcnemar(table.T, method=method, confidence=0.9)
            assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low), abs=1e-12)


def test_adjusted_p_values_against_statsmodels(rng: Rng, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "gc.collect", lambda: 0
    )  # statsmodels collects garbage in each call, which takes 0.1 s
    ours = (
        (comparison.holm, "holm"),
        (comparison.benjamini_hochberg, "fdr_bh"),
        (comparison.benjamini_yekutieli, "fdr_by"),
    )
    for _ in SETS:
        p = np.round(rng.random(int(rng.integers(1, 60))) ** 3, int(rng.integers(2, 12)))
        p[rng.random(len(p)) < 0.1] = np.nan
        known = ~np.isnan(p)
        for function, method in ours:
            found = function(p, alpha=0.1)
            assert np.isnan(found.p_values[~known]).all()
            if known.any():
                rejected, adjusted = multipletests(p[known], alpha=0.1, method=method)[:2]
                assert found.p_values[known] == pytest.approx(adjusted, **EXACT)
                assert found.rejected[known].tolist() == rejected.tolist()


def test_equivalence_against_statsmodels(rng: Rng) -> None:
    for _ in SETS:
        n = int(rng.integers(3, 50))
        b = rng.normal(size=n)
        a = b + rng.normal(rng.normal(0, 0.3), 1, size=n)
        margin = rng.uniform(0.1, 1.5)
        p, lower, _ = ttost_paired(a, b, -margin, margin)
        gaps = np.append(a, np.nan), np.append(b, 1.0)
        assert comparison.equivalence(*gaps, margin=margin).p_value == pytest.approx(p, **EXACT)
        assert comparison.non_inferiority(*gaps, margin=margin).p_value == pytest.approx(lower[1], **EXACT)


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


def test_permutations_against_scipy(rng: Rng) -> None:
    for i in range(200):
        paired = i % 2 == 0
        n = int(rng.integers(2, 9 if paired else 6))
        a = np.round(rng.normal(size=n), 1) * 10.0 ** rng.integers(-30, 30)
        b = np.round(rng.normal(size=n if paired else 4), 1) * np.abs(a).max()
        side = ("greater", "less", "two-sided")[i % 3] if paired else ("greater", "less")[i // 2 % 2]
        theirs = stats.permutation_test(
            (a, b),
            lambda x, y, axis: np.mean(x, axis=axis) - np.mean(y, axis=axis),
            permutation_type="samples" if paired else "independent",
            alternative=side,
            n_resamples=np.inf,
            vectorized=True,
        )
        found = comparison.permutation_test(
            np.append(a, np.nan), np.append(b, np.nan), paired=paired, alternative=side
        )
        assert found.exact
        assert found.p_value == pytest.approx(theirs.pvalue, **EXACT)


def test_bca_against_scipy_on_the_same_resamples(rng: Rng) -> None:
    for i in SETS:
        y = rng.gamma(1.5, size=int(rng.integers(12, 30))) * 10.0 ** rng.integers(-20, 20)
        statistic = (np.mean, np.var, np.median)[i % 3]
        ours = comparison.bootstrap(np.append(y, np.nan), statistic, n_resamples=99, confidence=0.9, rng=rng)
        same = stats._resampling.BootstrapResult(None, ours.resamples, 0.0)
        theirs = stats.bootstrap(
            (y,), statistic, n_resamples=0, bootstrap_result=same, confidence_level=0.9, method="BCa"
        )
        if np.isfinite(theirs.confidence_interval).all():  # all resamples on one side: ours still has ends
            scale = np.abs(y).max() ** (2 if statistic is np.var else 1)
            expected = np.array(theirs.confidence_interval) / scale
            assert (ours.low / scale, ours.high / scale) == pytest.approx(tuple(expected), abs=1e-9)


def test_probability_better_against_piecewise_quadrature(rng: Rng) -> None:
    """The integral of one posterior's density times the other's tail, between their quantiles."""
    quantiles = np.array([1e-12, 1e-9, 1e-6, 1e-3, 0.1, 0.5, 0.9, 0.999, 1 - 1e-6, 1 - 1e-9, 1 - 1e-12])
    node, weight = np.polynomial.legendre.leggauss(60)
    for _ in SETS:
        n, m = int(rng.integers(2, 80)), int(rng.integers(2, 80))
        j, k = int(rng.integers(1, n)), int(rng.integers(1, m))
        margin = float(rng.choice([0.0, 0.1, -0.3]))
        a, b = np.repeat([1.0, 0.0], [j, n - j]), np.repeat([1.0, 0.0], [k, m - k])
        one, two = (j + 0.5, n - j + 0.5), (k + 0.5, m - k + 0.5)
        breaks = np.append(
            special.betaincinv(*two, quantiles), special.betaincinv(*one, quantiles) - margin
        ).clip(0, 1)
        ends = np.unique(np.append(breaks, [0.0, 1.0]))
        x = ends[:-1, None] + np.diff(ends)[:, None] * (node + 1) / 2
        density = np.exp((two[0] - 1) * np.log(x) + (two[1] - 1) * np.log1p(-x) - special.betaln(*two))
        tail = special.betaincc(*one, (x + margin).clip(0, 1))
        expected = float((density * tail * np.diff(ends)[:, None] * weight / 2).sum())
        found = comparison.probability_better(np.append(a, np.nan), b, paired=False, margin=margin)
        assert found.value == pytest.approx(expected, abs=1e-9)
        if margin > 0:
            beyond = comparison.probability_better(a, b, paired=False, margin=found.low)
            assert beyond.value == pytest.approx(0.975, abs=1e-9)


def test_paired_answers_against_their_dirichlet_posterior(rng: Rng) -> None:
    """Altham (1971): the share that differ and the share of these that speak for a are independent Betas."""
    for _ in range(30):
        only_a, only_b, both, neither = (int(n) for n in rng.integers(0, 25, size=4))
        a = np.repeat([1.0, 0.0, 1.0, 0.0, np.nan], [only_a, only_b, both, neither, 1])
        b = np.repeat([0.0, 1.0, 1.0, 0.0, 1.0], [only_a, only_b, both, neither, 1])
        if len(a) < 2:
            continue
        differ, lean = stats.beta(only_a + only_b + 1, both + neither + 1), (only_a + 0.5, only_b + 0.5)
        assert comparison.probability_better(a, b).value == pytest.approx(
            special.betaincc(*lean, 0.5), abs=1e-12
        )
        margin = float(rng.choice([0.02, 0.15, -0.1]))
        expected, _ = integrate.quad(
            lambda d: differ.pdf(d) * special.betaincc(*lean, np.clip((1 + margin / d) / 2, 0, 1)),  # noqa: B023
            1e-12, 1, points=[abs(margin), differ.mean()], limit=400, epsabs=1e-11,
        )  # fmt: skip
        found = comparison.probability_better(a, b, margin=margin)
        assert found.value == pytest.approx(expected, abs=1e-8)
        assert found.n == len(a) - 1
        drawn = rng.dirichlet(np.array([only_a, only_b, both, neither]) + 0.5, size=4000)
        assert found.standard_error == pytest.approx((drawn[:, 0] - drawn[:, 1]).std(), rel=0.06)
        for end, chance in ((found.low, 0.975), (found.high, 0.025)):
            beyond = comparison.probability_better(a, b, margin=end)
            assert beyond.value == pytest.approx(chance, abs=1e-8)
        turned = comparison.probability_better(b, a)
        assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-10)


def test_paired_answers_that_never_differ_leave_it_open() -> None:
    same = comparison.probability_better([1, 0, 1, 1], [1, 0, 1, 1])
    assert (same.value, same.difference) == (pytest.approx(0.5), 0.0)
    assert same.low == pytest.approx(-same.high) != 0
    clustered = comparison.probability_better([1, 0, 1, 1], [1, 0, 0, 0], clusters=[0, 0, 1, 2])
    assert clustered.notes == ("only 2 pairs differ: Student's t is rough for answers of 0 and 1.",)


def test_welchs_posterior_against_scipy(rng: Rng) -> None:
    for _ in SETS:
        a, b = with_gaps(rng, int(rng.integers(3, 30))), with_gaps(rng, int(rng.integers(3, 30)))
        theirs = stats.ttest_ind(a, b, equal_var=False, nan_policy="omit", alternative="greater")
        assert comparison.probability_better(a, b, paired=False).value == pytest.approx(
            1 - theirs.pvalue, **EXACT
        )


def test_pass_at_k_against_the_papers_code(rng: Rng) -> None:
    """Chen et al. (2021), figure 3: ``1 - prod(1 - k / arange(n - c + 1, n + 1))``."""
    for _ in SETS:
        n = rng.integers(20, 300, size=int(rng.integers(1, 20)))
        c, k = (rng.random(len(n)) * (n + 1)).astype(int), int(rng.integers(1, 20))
        theirs = [
            1.0 if a - b < k else 1.0 - np.prod(1.0 - k / np.arange(a - b + 1, a + 1))
            for a, b in zip(n.tolist(), c.tolist(), strict=True)
        ]
        every = [math.comb(b, k) / math.comb(a, k) for a, b in zip(n.tolist(), c.tolist(), strict=True)]
        assert comparison.pass_at_k(n, c, k).value == pytest.approx(np.mean(theirs), **EXACT)
        assert comparison.pass_hat_k(n, c, k).value == pytest.approx(np.mean(every), **EXACT)


def test_variance_components_of_balanced_data_against_mean_squares(rng: Rng) -> None:
    """Where nothing is missing, the estimates are the textbook's: differences of mean squares."""
    for _ in SETS:
        u, r, k = (int(n) for n in rng.integers(2, 7, size=3))
        y = rng.normal(size=(u, r, k)) + rng.normal(size=(u, 1, 1)) + rng.normal(size=(1, r, 1))
        unit, rater, _ = (i.ravel() for i in np.indices(y.shape))
        by_unit, by_rater, centre = y.mean((1, 2)), y.mean((0, 2)), y.mean()
        ms_unit, ms_rater = r * k * by_unit.var(ddof=1), u * k * by_rater.var(ddof=1)
        left = y - by_unit[:, None, None] - by_rater[None, :, None] + centre
        residual = float((left**2).sum()) / (y.size - u - r + 1)
        order = rng.permutation(y.size)
        found = comparison.variance_components(y.ravel()[order], examples=unit[order], raters=rater[order])
        expected = (ms_unit - residual) / (r * k), (ms_rater - residual) / (u * k), residual
        assert (found.example, found.rater, found.repeat) == pytest.approx(expected, **EXACT)


def test_variance_components_of_any_design_against_projections(rng: Rng) -> None:
    """Henderson's method 3 by its definition: sums of squares as y' P y, whose expectations are traces."""
    for trial in range(40):
        i, j = rng.integers(0, 6, size=30), rng.integers(0, 4, size=30)
        if trial % 2:  # two teams, each with examples of its own
            i, j = np.r_[i, i + 6], np.r_[j, j + 4]
        u, r = (np.eye(int(code.max()) + 1)[code] for code in (i, j))
        both, one, two = (z @ np.linalg.pinv(z) for z in (np.hstack([u, r]), u, r))
        y = rng.normal(size=len(i)) + 2 * rng.normal(size=12)[i]
        forms = [np.eye(len(i)) - both, both - two, both - one]
        parts = [u @ u.T, r @ r.T, np.eye(len(i))]
        expected = np.array([[np.trace(form @ part) for part in parts] for form in forms])
        found = comparison.variance_components(y, examples=i, raters=j)
        truth = np.linalg.solve(expected, [y @ form @ y for form in forms])
        assert [found.example, found.rater, found.repeat] == pytest.approx(
            truth.tolist(), rel=1e-8, abs=1e-10
        )


def test_no_rater_in_common_leaves_the_parts_untold() -> None:
    own = comparison.variance_components(
        [1, 2, 3, 5, 8, 9] * 2, examples=[0, 0, 1, 1, 2, 2] * 2, raters=[0, 1, 2, 3, 4, 5] * 2
    )
    assert own.undefined
