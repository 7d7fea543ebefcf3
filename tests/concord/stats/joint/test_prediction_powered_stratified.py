"""Prediction-powered means by strata: allocations, lone labels, and shared clusters."""

from __future__ import annotations

import numpy as np
import ppi_py
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.joint import prediction_powered_mean, prediction_powered_stratified
from tests.concord.stats.joint.samples import sample_of_any_kind


@pytest.mark.filterwarnings("error")
def test_strata_with_one_label_or_labels_alike_borrow_variance() -> None:
    y, f = [1.0] * 10 + [0.0, 1.0, 0.0, 1.0], [1.0, 0.0] * 5 + [0.0, 1.0, 1.0, 1.0]
    stratum, rest = [0] * 10 + [1] * 4, [1.0, 0.0] * 50
    result = prediction_powered_stratified(y, f, stratum, rest, [0] * 60 + [1] * 40)
    assert np.isfinite([result.low, result.high]).all()
    assert "1 stratum has" in result.notes[0]
    alone = prediction_powered_stratified([1.0, 1.0], [1.0, 1.0], [0, 0], [1.0, 1.0], [0, 0])
    assert (alone.low, alone.high) == pytest.approx((1 - (1 - 0.04**0.5), 1.0))
    numbers = prediction_powered_stratified([7.0, 7.0], [1.0, 1.0], [0, 0], [1.0, 1.0], [0, 0])
    assert np.isnan(numbers.low)
    assert numbers.notes


@pytest.mark.filterwarnings("error")
def test_strata_of_right_and_wrong_stay_in_range_as_the_mean_does(rng: np.random.Generator) -> None:
    """Few labels near 1: t went beyond 1, and labels all alike had no interval where the mean has one."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        y, rest = (rng.random(24) < 0.93).astype(float), (rng.random(240) < 0.9).astype(float)
        stratum, other = np.arange(24) % 3, np.arange(240) % 3
        f = np.where(rng.random(24) < 0.9, y, 1 - y)
        found = prediction_powered_stratified(y, f, stratum, rest, other)
        whole = prediction_powered_mean(y, f, rest)
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert np.isfinite(found.low)
        assert np.isfinite(whole.low)
        assert (found.p_value < 0.05) == (found.low > 0)


@pytest.mark.filterwarnings("error")
def test_estimated_shares_add_the_variance_between_strata(rng: np.random.Generator) -> None:
    """With perfect knowledge within strata, what is left is the error of the shares themselves."""
    stratum = np.repeat([0, 1], [30, 10])
    y = 10.0 * stratum + 1e-3 * rng.normal(size=40)
    own = prediction_powered_stratified(y, y, stratum, y, stratum)
    given = prediction_powered_stratified(y, y, stratum, y, stratum, shares={0: 0.75, 1: 0.25})
    assert own.standard_error == pytest.approx(10 * np.sqrt(0.75 * 0.25 / 80), rel=5e-3)
    assert given.standard_error < 1e-3


@pytest.mark.filterwarnings("error")
def test_strata_with_one_item_of_every_cluster_have_the_error_of_the_clusters_means(
    rng: np.random.Generator,
) -> None:
    """Without the machine the estimate is the mean of one number for each cluster, and so is its standard error."""
    y = rng.normal(size=12)[:, None] + rng.normal(size=(12, 3))
    document, stratum = (index.ravel() for index in np.indices(y.shape))
    share = {0: 0.5, 1: 0.3, 2: 0.2}
    rest = rng.normal(size=30), np.arange(30) % 3
    found = prediction_powered_stratified(
        y.ravel(),
        rng.normal(size=36),
        stratum,
        *rest,
        clusters=document,
        unlabelled_clusters=99 + np.arange(30),
        shares=share,
        lam=0.0,
    )
    each = y @ np.array(list(share.values()))
    assert found.value == pytest.approx(each.mean())
    assert found.standard_error == pytest.approx(each.std(ddof=1) / np.sqrt(12))
    assert found.df == 12 - 3  # clusters less strata
    alone = prediction_powered_stratified(
        y.ravel(), rng.normal(size=36), stratum, *rest, shares=share, lam=0.0
    )
    assert alone.standard_error < 0.9 * found.standard_error


@pytest.mark.filterwarnings("error")
def test_strata_without_shared_clusters_are_independent(rng: np.random.Generator) -> None:
    y, f, g = rng.normal(size=60), rng.normal(size=60), rng.normal(size=200)
    stratum, rest_stratum = np.arange(60) % 2, np.arange(200) % 2
    document, rest_document = np.arange(60) // 6 * 2 + stratum, 100 + np.arange(200) // 6 * 2 + rest_stratum
    found = prediction_powered_stratified(
        y,
        f,
        stratum,
        g,
        rest_stratum,
        clusters=document,
        unlabelled_clusters=rest_document,
        shares={0: 0.6, 1: 0.4},
    )
    parts = [
        prediction_powered_mean(
            y[stratum == h],
            f[stratum == h],
            g[rest_stratum == h],
            clusters=document[stratum == h],
            unlabelled_clusters=rest_document[rest_stratum == h],
        )
        for h in (0, 1)
    ]
    pieces = np.array([0.6, 0.4]) ** 2 * [part.standard_error**2 for part in parts]
    assert found.value == pytest.approx(0.6 * parts[0].value + 0.4 * parts[1].value)
    assert found.standard_error == pytest.approx(np.sqrt(pieces.sum()))
    assert found.df == pytest.approx(pieces.sum() ** 2 / (pieces**2 / [part.df for part in parts]).sum())
    one = prediction_powered_stratified(
        y,
        f,
        [5] * 60,
        g,
        [5] * 200,
        clusters=document,
        unlabelled_clusters=rest_document,
        propensities=[0.3] * 60,
    )
    whole = prediction_powered_mean(
        y, f, g, clusters=document, unlabelled_clusters=rest_document, propensities=[0.3] * 60
    )
    assert (one.value, one.standard_error, one.df) == pytest.approx(
        (whole.value, whole.standard_error, whole.df)
    )


@pytest.mark.filterwarnings("error")
def test_one_large_cluster_in_all_strata_is_covered(rng: np.random.Generator) -> None:
    """A document of most items in each stratum: its part of the error is CR2's, and few clusters are worth few (.71 was held)."""
    document = np.repeat(np.arange(13), [100] + [5] * 12)
    held, share = [], {0: 0.2, 1: 0.3, 2: 0.5}
    for _ in range(120):
        stratum = rng.integers(0, 3, size=len(document))
        y = rng.normal(0, 0.55, size=13)[document] + rng.normal(0, 0.85, size=len(document))
        f, known = 0.7 * y + rng.normal(0, 0.5, size=len(y)), rng.random(len(y)) < 0.4
        found = prediction_powered_stratified(
            y[known],
            f[known],
            stratum[known],
            f[~known],
            stratum[~known],
            clusters=document[known],
            unlabelled_clusters=document[~known],
            shares=share,
        )
        held.append(found.low <= 0 <= found.high)
    assert np.mean(held) > 0.91
    assert found.df < 5


@pytest.mark.filterwarnings("error")
def test_covariances_of_strata_are_those_of_sums_that_cr2_corrects(rng: np.random.Generator) -> None:
    """Without the machine: each stratum's own variance, and between strata the products of what a document adds to both."""
    document, stratum = rng.integers(0, 6, size=40) ** 2 // 5, rng.integers(0, 2, size=40)
    y = rng.normal(size=6)[document] + rng.normal(size=40)
    given = {0: 0.4, 1: 0.6}
    found = prediction_powered_stratified(
        y, y, stratum, [], [], clusters=document, unlabelled_clusters=[], shares=given, lam=0.0
    )
    parts, variance = np.zeros((2, 6)), 0.0
    for h in (0, 1):
        own = stratum == h
        away, size = y[own] - y[own].mean(), np.bincount(document[own], minlength=6) / own.sum()
        total = np.bincount(document[own], away, minlength=6) / own.sum()
        parts[h] = given[h] * total / np.sqrt(1 - size)
        variance += (
            given[h] ** 2
            * prediction_powered_mean(y[own], y[own], [], clusters=document[own]).standard_error ** 2
        )
    assert found.standard_error**2 == pytest.approx(variance + 2 * parts[0] @ parts[1])
    held = sum(
        given[h] * np.bincount(document[stratum == h], minlength=6) / (stratum == h).sum() for h in (0, 1)
    )
    clusters = len(np.unique(document))
    assert found.df == pytest.approx(max(min(clusters - 2, 1 / (held @ held) - 1), 1.0))


@pytest.mark.filterwarnings("error")
def test_a_stratum_of_one_label_borrows_the_variance_of_labels_as_it_takes_them(
    rng: np.random.Generator,
) -> None:
    """One label tells no weight for the machine and is taken as it is: the others' corrected labels vary less (.82 was held)."""
    stratum, rest_stratum = np.repeat([0, 1, 2, 3], [50, 1, 1, 1]), np.tile([0, 1, 2, 3], 60)
    share, held = dict.fromkeys(range(4), 0.25), []
    for _ in range(150):
        y, z = rng.normal(size=53), rng.normal(size=240)
        f, g = y + rng.normal(0, 0.3, size=53), z + rng.normal(0, 0.3, size=240)
        found = prediction_powered_stratified(y, f, stratum, g, rest_stratum, shares=share)
        held.append(found.low <= 0 <= found.high)
    assert np.mean(held) > 0.9
    first = prediction_powered_mean(y[:50], f[:50], g[rest_stratum == 0])
    raw = y[:50].var(ddof=1)
    assert found.standard_error**2 == pytest.approx((first.standard_error**2 + 3 * raw) / 16)


@pytest.mark.filterwarnings("error")
def test_strata_weigh_labels_by_their_chances(rng: np.random.Generator) -> None:
    y, stratum, chance = rng.normal(size=40), np.arange(40) % 2, rng.uniform(0.1, 0.9, size=40)
    found = prediction_powered_stratified(
        y, y, stratum, y, stratum, propensities=chance, shares={0: 3, 1: 1}, lam=0.0
    )
    means = [np.average(y[stratum == h], weights=1 / chance[stratum == h]) for h in (0, 1)]
    assert found.value == pytest.approx(0.75 * means[0] + 0.25 * means[1])


@pytest.mark.filterwarnings("error")
def test_a_stratum_of_one_cluster_borrows_and_nothing_else_leaves_an_interval(
    rng: np.random.Generator,
) -> None:
    y, stratum = rng.normal(size=30), np.repeat([0, 1, 2], 10)
    document = np.where(stratum == 2, 50, np.arange(30) // 2)
    found = prediction_powered_stratified(y, y, stratum, y, stratum, clusters=document, lam=0.0)
    assert found.notes[-1].startswith("1 stratum has one label or cluster")
    assert "the unlabelled have none" in found.notes[0]
    assert found.standard_error > 0
    lone = prediction_powered_stratified(y, y, stratum, y, stratum, clusters=[4] * 30, lam=0.0)
    assert np.isnan(lone.low)
    assert lone.notes
    gaps = np.where(np.arange(30) % 5 == 0, np.nan, y)
    assert prediction_powered_stratified(gaps, y, stratum, [], []).omitted == {"items with nan": 6}


@pytest.mark.filterwarnings("error")
def test_labels_of_strata_without_a_share_and_gaps_of_the_machine_are_counted(
    rng: np.random.Generator,
) -> None:
    y, stratum = rng.normal(size=12), np.repeat([0, 1, 2], 4)
    y[5] = np.nan
    rest = np.array([0.1, np.nan, 0.3, 0.5, np.nan, 0.2])
    shares = {0: 1, 1: 0, 2: 0.0}
    found = prediction_powered_stratified(y, y, stratum, rest, stratum[:6], shares=shares, lam=0.0)
    assert found.omitted == {
        "items with nan": 1,
        "unlabelled items with nan": 2,
        "labels of strata with share 0": 7,
    }
    assert (found.n, found.value) == (4, pytest.approx(y[:4].mean()))
    assert found.method == "prediction-powered, 1 stratum"
    two = prediction_powered_stratified(y, y, stratum, rest, stratum[:6], shares={0: 1, 1: 0, 2: 1}, lam=0.0)
    assert two.method == "prediction-powered, 2 strata"
    assert two.omitted["labels of strata with share 0"] == 3
    assert prediction_powered_mean(y, y, rest).omitted == {
        "items with nan": 1,
        "unlabelled items with nan": 2,
    }
    with pytest.raises(InputError, match="strata of shares"):
        prediction_powered_stratified(y, y, stratum, [], [], shares={**shares, 0.5: 1})  # type: ignore[dict-item]


@pytest.mark.filterwarnings("error")
def test_strata_by_people_alone_are_students_interval_opened_by_halls_bend() -> None:
    rng = np.random.default_rng(7)
    y, stratum = rng.exponential(size=20), np.repeat([0, 1], 10)
    share = {0: 0.7, 1: 0.3}
    found = prediction_powered_stratified(
        y, y, stratum, np.zeros(40), np.repeat([0, 1], 20), shares=share, lam=0.0
    )
    parts = [y[stratum == h] for h in (0, 1)]
    pieces = [share[h] ** 2 * parts[h].var(ddof=1) / 10 for h in (0, 1)]
    error, df = np.sqrt(sum(pieces)), sum(pieces) ** 2 / sum(piece**2 / 9 for piece in pieces)
    assert (found.standard_error, found.df) == pytest.approx((error, df))
    added = np.concatenate([share[h] * (parts[h] - parts[h].mean()) / 10 for h in (0, 1)])
    k, t = (added**3).sum() / (added**2).sum() ** 1.5, stats.t.ppf(0.975, df)
    hall = (np.cbrt(1 + k * (-t - k / 6)) - 1) / (k / 3)
    assert k > 0
    assert found.high == pytest.approx(found.value - error * min(hall, -t))
    assert found.low == pytest.approx(found.value - error * t)


def test_strata_undo_an_uneven_choice(rng: np.random.Generator) -> None:
    found, covered = [], 0
    for _ in range(100):
        stratum = np.repeat([0, 1], [3000, 1000])
        truth = stratum + rng.normal(size=4000)
        machine = truth + 0.5 * stratum + 0.4 * rng.normal(size=4000)
        chosen = np.concatenate(
            [rng.choice(3000, 40, replace=False), 3000 + rng.choice(1000, 60, replace=False)]
        )
        rest = np.setdiff1d(np.arange(4000), chosen)
        result = prediction_powered_stratified(
            truth[chosen], machine[chosen], stratum[chosen], machine[rest], stratum[rest]
        )
        found.append(result.value)
        covered += result.low <= truth.mean() <= result.high
    assert np.mean(found) == pytest.approx(0.25, abs=0.03)
    assert covered >= 88
    assert prediction_powered_stratified([1.0], [1.0], [0], [1.0], [1]).undefined


def test_strata_add_up_means_of_ppi_python(rng: np.random.Generator) -> None:
    for _ in range(200):
        parts = [sample_of_any_kind(rng) for _ in range(int(rng.integers(1, 5)))]
        shares, lam = rng.dirichlet(np.ones(len(parts))), float(rng.random())
        code = [np.concatenate([np.full(len(p[k]), h) for h, p in enumerate(parts)]) for k in (0, 2)]
        y, f, rest = (np.concatenate([p[k] for p in parts]) for k in range(3))
        result = prediction_powered_stratified(
            y, f, code[0], rest, code[1], shares=dict(enumerate(shares)), lam=lam
        )
        theirs = [float(ppi_py.ppi_mean_pointestimate(*p, lam=lam)[0]) for p in parts]
        assert result.value == pytest.approx(float(shares @ theirs), abs=1e-9)
