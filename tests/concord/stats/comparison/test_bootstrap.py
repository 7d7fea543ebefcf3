"""The bootstrap: scipy's, published data, clusters, and resamples of many rows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError, comparison
from concord.stats.comparison import bootstrap, mean

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


def test_clusters_of_unlike_size_widen_a_bootstrap_like_fewer_even_ones() -> None:
    sizes = np.array([1, 1, 2, 2, 3, 3, 4, 16])
    groups, values = np.repeat(np.arange(8), sizes), np.random.default_rng(1).normal(size=32)
    found = bootstrap(
        values, clusters=groups, method="percentile", widened=True, rng=np.random.default_rng(2)
    )
    n = 32**2 / np.square(sizes).sum()
    tail = stats.norm.cdf(-np.sqrt(n / (n - 1)) * stats.t.ppf(0.975, n - 1))
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(found.resamples, [tail, 1 - tail])))


# Efron & Tibshirani (1993), table 10.1: hormone in the blood with a placebo, an old and a new patch.
PATCHES = np.array(
    [
        [9243, 17649, 16449], [9671, 12013, 14614], [11792, 19979, 17274], [13357, 21816, 23798],
        [9055, 13850, 12560], [6290, 9806, 10157], [12412, 17208, 16570], [18806, 29044, 26325],
    ]
)  # fmt: skip


def test_ratio_of_patches_against_efron_and_tibshirani() -> None:
    """Chapter 10: the new patch is bioequivalent where mean(new - old) / mean(old - placebo) is within .2; -.071, error .105."""
    gains = np.stack([PATCHES[:, 1] - PATCHES[:, 0], PATCHES[:, 2] - PATCHES[:, 1]], axis=1)
    found = comparison.bootstrap(gains, lambda rows: rows[:, 1].mean() / rows[:, 0].mean())
    assert found.value == pytest.approx(-0.0713, abs=5e-5)
    assert found.standard_error == pytest.approx(0.105, abs=6e-3)
    assert 0 < found.bias < 0.015
    assert found.low < -0.2 < 0.1 < found.high


Rng = np.random.Generator
SETS = range(200)


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


def test_resamples_without_a_value_are_counted_and_left_out(rng: np.random.Generator) -> None:
    """A resample of one value alone has no spread to divide by: each such is nan, and the rest decide."""
    y = np.array([1.0, 2.0, 4.0, 7.0])

    def inverse_spread(rows: np.ndarray) -> float:
        return float(1 / rows.std()) if np.ptp(rows) > 0 else np.nan

    found = bootstrap(y, inverse_spread, n_resamples=400, method="percentile", confidence=0.8, rng=rng)
    finite = found.resamples[np.isfinite(found.resamples)]
    lost = 400 - len(finite)
    assert 0 < lost < 30  # 4 of 256
    assert found.notes[0] == f"{lost} resamples had no value and were left out."
    assert found.bias == pytest.approx(finite.mean() - 1 / y.std())
    assert found.standard_error == pytest.approx(finite.std(ddof=1))
    assert found.method == "bootstrap of rows, 400 resamples (percentile)"
    assert (found.n, found.confidence, len(found.notes)) == (4, 0.8, 2)


def test_a_bootstrap_says_what_it_left_out_and_why_there_is_none() -> None:
    rows = np.array([[1.0, 2.0], [np.nan, 1.0], [3.0, np.nan], [2.0, 2.0], [5.0, 1.0]])
    found = bootstrap(rows, lambda some: float(some[:, 0].mean()), clusters=[4, 4, 7, 7, 9], n_resamples=50)
    assert (found.n, found.omitted, found.value) == (3, {"rows with nan": 2}, pytest.approx(8 / 3))
    assert found.method == "bootstrap of clusters, 50 resamples (bca)"
    assert len(found.resamples) == 50
    none = bootstrap([np.nan, np.nan])
    assert (none.n, none.undefined, len(none.resamples)) == (0, "there are no data", 0)
    silent = bootstrap([1.0, 2.0], lambda some: np.nan)
    assert (silent.n, silent.undefined) == (2, "the statistic has no value on these data")
    lone = bootstrap([3.0], n_resamples=20)
    assert lone.notes == ("one row or cluster, or a statistic that never varies: no interval.",)
    assert (lone.value, lone.bias, np.isnan(lone.high)) == (3.0, 0.0, True)


def test_a_statistic_is_a_function_to_one_number() -> None:
    with pytest.raises(InputError, match="statistic must be a function from rows to a number, got 3"):
        bootstrap([1.0, 2.0], 3)
    for wrong in (lambda rows: rows, lambda rows: "many", lambda rows: 1j):
        with pytest.raises(InputError, match="the statistic must give one number"):
            bootstrap([1.0, 2.0], wrong)
    with pytest.raises(InputError, match="n_resamples"):
        bootstrap([1.0, 2.0], n_resamples=1)
    assert bootstrap([1.0, 2.0], lambda rows: np.array([[rows.sum()]]), n_resamples=2).value == 3.0


@pytest.mark.parametrize(("n", "note"), [(7, "end early"), (8, "errs less"), (19, "errs less"), (20, "")])
def test_fewer_than_eight_and_than_twenty_rows_are_few(n: int, note: str) -> None:
    notes = bootstrap(np.arange(float(n)), n_resamples=30).notes
    assert bool(notes) == bool(note)
    assert all(note in one and one.startswith(f"{n} rows") for one in notes)


def test_two_resamples_have_a_standard_error() -> None:
    found = bootstrap(np.arange(9.0) ** 2, n_resamples=2)
    one, two = found.resamples
    assert found.standard_error == pytest.approx(abs(one - two) / np.sqrt(2))
    assert found.bias == pytest.approx((one + two) / 2 - found.value)
