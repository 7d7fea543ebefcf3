"""Tests, bootstraps, sequences and item response theory against published examples and reference packages."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.comparison import (
    bootstrap,
    clustered_proportion,
    confidence_sequence,
    e_value,
    equivalence,
    irt_2pl,
    mcnemar,
    mean,
    non_inferiority,
    paired_difference,
    pass_at_k,
    pass_hat_k,
    permutation_test,
    probability_better,
    proportion,
    variance_components,
    wilcoxon,
)

# Darwin's maize (Fisher 1935, section 17): differences of crossed and self-fertilised plants in eighths of an inch.
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
# Efron & Tibshirani (1993), table 14.1: spatial test A of 26 children.
SPATIAL = [
    48,
    36,
    20,
    29,
    42,
    42,
    20,
    42,
    22,
    41,
    45,
    14,
    6,
    0,
    33,
    28,
    34,
    4,
    32,
    24,
    47,
    41,
    24,
    26,
    30,
    41,
]
# Efron & Tibshirani (1993), table 3.1: law school sample, LSAT and GPA.
LAW = np.array(
    [
        [576, 3.39], [635, 3.30], [558, 2.81], [578, 3.03], [666, 3.44], [580, 3.07], [555, 3.00], [661, 3.43],
        [651, 3.36], [605, 3.13], [653, 3.12], [575, 2.74], [545, 2.76], [572, 2.88], [594, 2.96],
    ]
)  # fmt: skip
# Bock & Lieberman (1970), LSAT section 6: frequencies of the 32 answer patterns 00000 ... 11111.
LSAT6 = [
    3,
    6,
    2,
    11,
    1,
    1,
    3,
    4,
    1,
    8,
    0,
    16,
    0,
    3,
    2,
    15,
    10,
    29,
    14,
    81,
    3,
    28,
    15,
    80,
    16,
    56,
    21,
    173,
    11,
    61,
    28,
    298,
]


def test_fishers_count_for_darwins_maize() -> None:
    zero = np.zeros(15)
    result = permutation_test(MAIZE, zero, alternative="greater")
    assert (result.as_extreme, result.n_rearrangements) == (863, 32768)
    assert permutation_test(MAIZE, zero).as_extreme == 1726
    assert permutation_test(MAIZE, zero, alternative="less").p_value == pytest.approx(
        1 - 863 / 32768, abs=1e-3
    )
    assert paired_difference(MAIZE, zero).statistic == pytest.approx(2.148, abs=1e-3)


def test_permutation_of_labels_is_exact_on_small_samples(rng: np.random.Generator) -> None:
    a, b = rng.normal(size=6), rng.normal(size=5)
    ours = permutation_test(a, b, paired=False, alternative="greater")
    theirs = stats.permutation_test(
        (a, b), lambda x, y: np.mean(x) - np.mean(y), n_resamples=np.inf, alternative="greater"
    )
    assert ours.exact
    assert ours.p_value == pytest.approx(float(theirs.pvalue), abs=1e-12)
    many = permutation_test(rng.normal(size=40), rng.normal(size=40), n_resamples=500, rng=rng)
    assert not many.exact
    assert many.p_value >= 1 / 501
    clustered = permutation_test([1, 1, 1, 1.0], [0, 0, 0, 0], clusters=[0, 0, 1, 1])
    assert clustered.p_value == 0.5
    assert permutation_test([], []).undefined


def test_mcnemar_against_agrestis_presidential_ratings() -> None:
    """Agresti, table 10.1: 794, 86, 150, 570; z squared = 17.36 for 34.7."""
    result = mcnemar([[570, 86], [150, 794]], method="asymptotic")
    assert result.value == pytest.approx(0.04)
    assert result.statistic == pytest.approx((150 - 86) ** 2 / 236)
    assert (result.low, result.high) == pytest.approx((0.021, 0.059), abs=1.5e-3)


def test_mcnemar_against_scipy_and_fagerland(rng: np.random.Generator) -> None:
    """Fagerland et al. (2013): 1 and 7 discordant, exact p = .0703, mid-p .0391, asymptotic .0339."""
    table = [[59, 6], [16, 80]]
    assert mcnemar([[10, 1], [7, 3]]).p_value == pytest.approx(0.0703, abs=5e-5)
    assert mcnemar([[10, 1], [7, 3]], method="mid-p").p_value == pytest.approx(0.0391, abs=5e-5)
    assert mcnemar([[10, 1], [7, 3]], method="asymptotic").p_value == pytest.approx(0.0339, abs=5e-5)
    assert mcnemar(table).p_value == pytest.approx(stats.binomtest(6, 22).pvalue)
    a, b = rng.integers(0, 2, 60).astype(float), rng.integers(0, 2, 60).astype(float)
    a[0] = np.nan
    result = mcnemar(a, b)
    assert result.value == pytest.approx(np.mean(a[1:] - b[1:]))
    assert result.omitted == {"incomplete pairs": 1}
    assert mcnemar([], []).undefined
    with pytest.raises(InputError):
        mcnemar([0.5], [1])


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


def test_efrons_bca_examples() -> None:
    """An introduction to the bootstrap, table 14.2: variance of A, 90 % BCa (115.8, 259.6); correlation of the law schools."""
    found = bootstrap(SPATIAL, np.var, confidence=0.9, n_resamples=10_000)
    assert found.value == pytest.approx(171.5, abs=0.05)
    assert (found.low, found.high) == pytest.approx((115.8, 259.6), rel=0.03)
    law = bootstrap(LAW, lambda rows: float(np.corrcoef(rows.T)[0, 1]), confidence=0.9, n_resamples=4000)
    assert law.value == pytest.approx(0.776, abs=5e-4)
    assert (law.low, law.high) == pytest.approx((0.43, 0.92), abs=0.03)


def test_bootstrap_by_cluster_is_wider_where_clusters_hang_together(rng: np.random.Generator) -> None:
    cluster = np.repeat(np.arange(12), 10)
    y = rng.normal(size=12)[cluster] + 0.2 * rng.normal(size=120)
    alone, together = bootstrap(y), bootstrap(y, clusters=cluster)
    assert together.high - together.low > 2 * (alone.high - alone.low)
    assert together.standard_error == pytest.approx(mean(y, clusters=cluster).standard_error, rel=0.15)
    assert bootstrap([], np.mean).undefined
    assert np.isnan(bootstrap([3.0, 3.0]).low)


def test_a_bootstrap_of_few_rows_or_clusters_says_that_it_is_too_narrow(rng: np.random.Generator) -> None:
    y = rng.normal(size=24)
    assert bootstrap(y, n_resamples=99).notes == ()
    assert bootstrap(y[:8], widened=True, n_resamples=99).notes == ()
    assert bootstrap(y[:8], n_resamples=99).notes == (
        "8 rows: the interval covers less than it says; widened=True errs less.",
    )
    for widened in (True, False):
        few = bootstrap(y, clusters=np.arange(24) // 6, widened=widened, n_resamples=99)
        assert few.notes == (
            "4 clusters: resamples of so few end early, and the interval covers less than it says.",
        )
    assert len(bootstrap([3.0, 3.0]).notes) == 1


def test_probability_better_of_proportions_against_the_closed_form() -> None:
    """P(p1 > p2) for Beta(a, b) with whole numbers has a closed form; here by a fine grid of both."""
    a, b = [1] * 30 + [0] * 20, [1] * 22 + [0] * 28
    p = (np.arange(4000) + 0.5) / 4000
    first = stats.beta.pdf(p, 30.5, 20.5) / 4000
    expected = float((first * stats.beta.cdf(p, 22.5, 28.5)).sum())
    assert probability_better(a, b, paired=False).value == pytest.approx(expected, abs=1e-4)
    pairs = probability_better([3.0, 4.0, 5.0, 7.0], [2.0, 4.5, 4.0, 5.0])
    t = paired_difference([3.0, 4.0, 5.0, 7.0], [2.0, 4.5, 4.0, 5.0])
    assert pairs.value == pytest.approx(1 - t.p_value / 2)
    assert probability_better([1.0], [2.0]).undefined


def test_equivalence_agrees_with_its_interval(rng: np.random.Generator) -> None:
    for _ in range(30):
        a = rng.normal(0.1, 1, size=40)
        b = a + rng.normal(0, 0.4, size=40)
        result = equivalence(a, b, margin=0.15)
        assert result.shown == (result.low > -0.15 and result.high < 0.15)
        assert result.confidence == 0.9
        worse = non_inferiority(a, b, margin=0.15)
        assert worse.shown == (worse.low > -0.15)
    assert equivalence([1.0, 1.0], [1.0, 1.0], margin=1.0).undefined
    with pytest.raises(InputError):
        equivalence([1.0], [1.0], margin=0.0)


def test_confidence_sequences_hold_at_all_times_and_e_values_stay_small(rng: np.random.Generator) -> None:
    missed = rejected = 0
    for _ in range(200):
        x = (rng.random(400) < 0.3).astype(float)
        found = confidence_sequence(x)
        missed += not ((found.lows <= 0.3) & (found.highs >= 0.3)).all()
        rejected += e_value(x, null=0.3).p_value <= 0.05
    assert missed <= 16
    assert rejected <= 16
    x = (rng.random(2000) < 0.6).astype(float)
    assert e_value(x, null=0.5).value > 1e3
    narrow = confidence_sequence(x)
    assert narrow.high - narrow.low < 0.12
    assert confidence_sequence([]).undefined
    with pytest.raises(InputError):
        confidence_sequence([1.5])


def test_variance_components_are_unbiased_without_balance(rng: np.random.Generator) -> None:
    found = []
    for _ in range(80):
        example, rater = rng.integers(0, 40, 400), rng.integers(0, 10, 400)
        y = 2 * rng.normal(size=40)[example] + rng.normal(size=10)[rater] + 0.5 * rng.normal(size=400)
        result = variance_components(y, examples=example, raters=rater)
        found.append((result.example, result.rater, result.repeat))
    assert np.mean(found, axis=0) == pytest.approx([4, 1, 0.25], rel=0.15)
    assert result.standard_error(examples=40, raters=10) == pytest.approx(math.sqrt(4 / 40 + 1 / 10), rel=0.4)
    assert variance_components([1, 2], examples=[0, 1]).undefined


def test_pass_at_k_against_the_papers_formula_and_enumeration() -> None:
    for n, c, k in ((10, 3, 1), (10, 3, 5), (7, 0, 2), (6, 6, 3), (8, 5, 4)):
        at_least = 1 - math.comb(n - c, k) / math.comb(n, k)
        every = math.comb(c, k) / math.comb(n, k)
        assert pass_at_k(n, c, k).value == pytest.approx(at_least, abs=1e-12)
        assert pass_hat_k(n, c, k).value == pytest.approx(every, abs=1e-12)
    several = pass_at_k([10, 10, 10], [1, 5, 9], 1)
    assert several.value == pytest.approx(0.5)
    assert several.n == 3
    for bad in ((5, 6, 1), (3, 1, 4)):
        with pytest.raises(InputError):
            pass_at_k(*bad)
    assert pass_at_k([], [], 1).undefined


def test_lsat6_against_the_published_two_parameter_fit() -> None:
    """R's ltm vignette (Rizopoulos 2006): discriminations, difficulties and log-likelihood -2466.65."""
    assert sum(LSAT6) == 1000
    patterns = np.repeat(np.arange(32), LSAT6)
    answers = (patterns[:, None] >> np.array([4, 3, 2, 1, 0])) & 1
    person, item = np.indices(answers.shape)
    result = irt_2pl(person.ravel(), item.ravel(), answers.ravel())
    assert result.discrimination == pytest.approx([0.825, 0.723, 0.890, 0.689, 0.658], abs=2e-3)
    assert result.difficulty == pytest.approx([-3.360, -1.370, -0.280, -1.866, -3.124], abs=5e-3)
    assert result.log_likelihood == pytest.approx(-2466.65, abs=0.02)
    assert result.converged


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ([(0, 1)], [0, 0, 0, 0, 0]),  # one association for two discriminations
        ([(0, 1), (1, 2)], [0, 0, 0, 0, 0]),
        ([(0, 1), (1, 2), (0, 2)], [1, 1, 1, 0, 0]),  # a ring of three pairs
        ([(0, 1), (1, 2), (2, 3), (0, 3)], [0, 0, 0, 0, 0]),  # a ring of four
        ([(0, 1, 2), (3, 4)], [1, 1, 1, 0, 0]),
        ([(0, 1, 2), (2, 3), (3, 4)], [1, 1, 1, 1, 1]),
    ],
)
def test_items_have_parameters_where_their_associations_tell_them_apart_against_the_rank(
    asked: list[tuple[int, ...]], known: list[int]
) -> None:
    """The chances of all patterns, as functions of the parameters, have full rank exactly there (for rings of four nearly)."""
    items = sorted({item for group in asked for item in group if known[item]})
    both = [group for group in asked if set(group) <= set(items)]
    if items:
        assert smallest_of_jacobian(both, items) > 1e-2
    else:
        assert smallest_of_jacobian(asked, sorted({item for group in asked for item in group})) < 1e-4
    rng = np.random.default_rng(5)
    group = rng.integers(len(asked), size=900)
    person = np.concatenate([[p] * len(asked[g]) for p, g in enumerate(group)])
    item = np.concatenate([asked[g] for g in group])
    right = rng.random(len(item)) < 1 / (1 + np.exp(-rng.normal(size=900)[person]))
    found = irt_2pl(person, item, right)
    assert np.isfinite(found.discrimination).tolist() == [bool(known[i]) for i in found.item_codes]
    assert bool(found.undefined) == (not any(known))
    assert any("not answered together" in note for note in found.notes) == (
        len(items) < len(found.item_codes)
    )


def smallest_of_jacobian(asked: list[tuple[int, ...]], items: list[int]) -> float:
    """The smallest singular value over the largest, of the chances of patterns by slopes and intercepts."""
    x = np.linspace(-7, 7, 201)
    weight = np.exp(-x * x / 2) / np.exp(-x * x / 2).sum()
    rng, n = np.random.default_rng(0), len(items)

    def chances(parameter: np.ndarray) -> np.ndarray:
        one = 1 / (1 + np.exp(-(parameter[:n, None] * x + parameter[n:, None])))
        found = []
        for group in asked:
            for pattern in np.ndindex(*[2] * len(group)):
                each = [
                    one[items.index(i)] if yes else 1 - one[items.index(i)]
                    for i, yes in zip(group, pattern, strict=True)
                ]
                found.append(float(np.prod(each, axis=0) @ weight))
        return np.array(found)

    at = np.concatenate([rng.uniform(0.6, 1.5, n), rng.normal(0, 0.7, n)])
    slope = [(chances(at + 1e-5 * e) - chances(at - 1e-5 * e)) / 2e-5 for e in np.eye(2 * n)]
    values = np.linalg.svd(np.array(slope), compute_uv=False)
    return float(values[-1] / values[0])


def test_irt_without_an_answer_and_with_solved_items() -> None:
    assert irt_2pl([0, 1], [0, 0], [1, 0]).undefined
    person, item = np.indices((60, 4))
    answers = np.random.default_rng(1).integers(0, 2, size=(60, 4))
    answers[:, 3] = 1
    result = irt_2pl(person.ravel(), item.ravel(), answers.ravel())
    assert np.isnan(result.difficulty[3])
    assert result.notes
    with pytest.raises(InputError):
        irt_2pl([0], [0], [2])


def test_millers_clustered_standard_errors() -> None:
    """Miller (2024), section 3: the naive error understates where questions come in groups."""
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(100), 10)
    right = (rng.random(1000) < np.clip(rng.normal(0.6, 0.25, size=100), 0, 1)[group]).astype(float)
    naive, clustered = mean(right), mean(right, clusters=group)
    assert clustered.standard_error > 1.3 * naive.standard_error
    assert proportion(int(right.sum()), 1000).low == pytest.approx(naive.low, abs=0.005)


def test_bootstrap_of_many_rows_leaves_out_blocks(rng: np.random.Generator) -> None:
    """The acceleration of n rows from 1,000 blocks is that of n single rows, within the error of the blocks."""
    from concord.stats._intervals import acceleration
    from concord.stats.comparison.bootstrap import _blocks, _Members, _without_each

    rows = rng.exponential(size=6000)
    single = acceleration((rows.sum() - rows) / (len(rows) - 1))
    blocks = _blocks(_Members(np.arange(len(rows)), np.ones(len(rows), dtype=np.int64)))
    assert len(blocks.size) == 1000
    assert np.array_equal(np.sort(blocks.order), np.arange(len(rows)))
    assert acceleration(_without_each(rows, blocks, np.mean)) == pytest.approx(single, abs=0.002)
    assert single == pytest.approx(2 / (6 * len(rows) ** 0.5), rel=0.2)  # the skewness of an exponential is 2


def test_a_resample_of_clusters_holds_their_rows(rng: np.random.Generator) -> None:
    from concord.stats.comparison.bootstrap import _Members

    group = np.array([2, 0, 1, 2, 2, 0])
    members = _Members(np.argsort(group, kind="stable"), np.bincount(group))
    assert members.rows(np.array([2, 1, 2, 0])).tolist() == [0, 3, 4, 2, 0, 3, 4, 1, 5]
    assert members.sums(np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])).tolist() == [34.0, 4.0, 25.0]


def test_the_normal_limit_of_a_mean_agrees_with_its_resamples(rng: np.random.Generator) -> None:
    from concord.stats.comparison import bootstrap

    rows, cluster = rng.gamma(2.0, size=60_000), rng.integers(0, 55_000, size=60_000)
    limit = bootstrap(rows, clusters=cluster, rng=rng)
    drawn = bootstrap(rows, lambda some: float(some.mean()), clusters=cluster, n_resamples=300, rng=rng)
    assert limit.standard_error == pytest.approx(drawn.standard_error, rel=0.15)
    assert (limit.low + limit.high) / 2 == pytest.approx(limit.value, abs=0.15 * limit.standard_error)


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


def test_clusters_of_unlike_size_widen_a_bootstrap_like_fewer_even_ones() -> None:
    sizes = np.array([1, 1, 2, 2, 3, 3, 4, 16])
    groups, values = np.repeat(np.arange(8), sizes), np.random.default_rng(1).normal(size=32)
    found = bootstrap(
        values, clusters=groups, method="percentile", widened=True, rng=np.random.default_rng(2)
    )
    n = 32**2 / np.square(sizes).sum()
    tail = stats.norm.cdf(-np.sqrt(n / (n - 1)) * stats.t.ppf(0.975, n - 1))
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(found.resamples, [tail, 1 - tail])))


def test_all_solved_or_nearly_so_has_an_interval_within_bounds() -> None:
    every = pass_at_k(10, [10] * 30, 1)
    alone = proportion(30, 30)
    assert (every.value, every.low, every.high) == (1.0, pytest.approx(alone.low), 1.0)
    once = pass_at_k(1, [1] * 18 + [0] * 2, 1)  # one try: a share of examples
    assert (once.low, once.high) == pytest.approx(
        (clustered_proportion([1] * 18 + [0] * 2).low, clustered_proportion([1] * 18 + [0] * 2).high)
    )
    nearly = pass_at_k(10, [10] * 58 + [3, 4], 5)
    assert "method='skewed'" in nearly.notes[0]
    wider = pass_at_k(10, [10] * 58 + [3, 4], 5, method="skewed")
    assert wider.low < nearly.low
    assert wider.high == 1.0
    assert pass_hat_k(5, [5, 5, 4, 0], 2, method="t").high == 1.0
    with pytest.raises(InputError, match="method must be one of wilson, t, skewed"):
        pass_at_k(10, [5], 1, method="bca")


def test_many_skewed_values_are_told_of_too() -> None:
    """A long tail does not end at two hundred values; of 0 and 1 a share has the better interval."""
    tail = ((np.arange(500) + 0.5) / 500) ** -0.625
    assert "method='skewed' errs less" in mean(tail).notes[0]
    assert "clustered_proportion" in mean([1.0] * 297 + [0.0] * 3).notes[0]
    assert mean(np.arange(500.0)).notes == () == mean([1.0] * 400 + [0.0] * 100).notes


def test_too_few_rearrangements_say_what_they_can_show() -> None:
    five = permutation_test([9.0] * 20, [1.0] * 20, clusters=np.repeat(np.arange(5), 4))
    assert five.p_value == 2 / 32
    assert "no p-value can lie below 0.0625" in five.notes[1]
    assert len(permutation_test([9.0] * 6, [1.0] * 6).notes) == 1  # 2 of 64
    three = permutation_test([7, 8, 9], [1, 2, 3], paired=False, alternative="greater")
    assert (three.p_value, len(three.notes)) == (1 / 20, 1)
    assert "below 0.1." in permutation_test([7, 8, 9], [1, 2, 3], paired=False).notes[1]


def test_pass_at_k_of_very_many_tries() -> None:
    """With one pass of n, k tries hold it with the chance k / n; with one failure none do with 1 - k / n."""
    assert pass_at_k([20_000], [1], 10_001).value == pytest.approx(10_001 / 20_000, rel=1e-9)
    assert pass_hat_k([20_000], [19_999], 10_001).value == pytest.approx(1 - 10_001 / 20_000, rel=1e-9)
    assert pass_hat_k([20_000], [10_000], 10_001).value == 0
