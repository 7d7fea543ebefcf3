"""Prediction-powered estimates and judge checks at the edges: few labels, machines of every kind, shared clusters, odd scales."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.joint import (
    alternative_annotator_test,
    best_next_labels,
    budget,
    length_bias,
    position_bias,
    prediction_powered_bradley_terry,
    prediction_powered_difference,
    prediction_powered_mean,
    prediction_powered_stratified,
    prediction_powered_win_rate,
    rogan_gladen,
    self_preference,
)


@pytest.fixture(autouse=True)
def no_warning_from_numpy() -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_the_order_of_labels_and_the_names_of_clusters_do_not_matter(rng: np.random.Generator) -> None:
    y = rng.normal(size=37)
    f, rest = y + rng.normal(size=37), rng.normal(size=400)
    group, rest_group = rng.integers(0, 12, size=37), rng.integers(6, 60, size=400)
    order, name = rng.permutation(37), rng.permutation(60) * 7 - 100
    for clustered in (False, True):
        one = {"clusters": group, "unlabelled_clusters": rest_group} if clustered else {}
        two = {"clusters": name[group][order], "unlabelled_clusters": name[rest_group]} if clustered else {}
        first = prediction_powered_mean(y, f, rest, **one)
        second = prediction_powered_mean(y[order], f[order], rest, **two)
        assert (second.value, second.low, second.lam) == pytest.approx(
            (first.value, first.low, first.lam), abs=1e-12
        )


def test_the_weight_is_that_of_least_squares_with_one_label_more(rng: np.random.Generator) -> None:
    """By minimising the variance with a ridge over a fine grid, and the value by its formula."""
    y = rng.normal(size=25)
    f, rest = 0.8 * y + rng.normal(size=25), rng.normal(size=60)
    within, pool = np.sum((f - f.mean()) ** 2) / 25**2, np.sum((rest - rest.mean()) ** 2) / 60**2
    grid = np.linspace(0, 1, 200_001)
    product = np.sum((y - y.mean()) * (f - f.mean())) / 25**2
    loss = grid**2 * (within + pool) * (1 + 1 / 25) - 2 * grid * product
    result = prediction_powered_mean(y, f, rest)
    assert result.lam == pytest.approx(grid[loss.argmin()], abs=1e-5)
    assert result.value == pytest.approx(y.mean() + result.lam * (rest.mean() - f.mean()), abs=1e-12)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_labels_all_alike_are_not_certainty(share: float) -> None:
    """Ten right of ten: no interval of no width, whatever the machine says."""
    y = np.full(10, share)
    for f, rest in ((y, np.full(90, share)), (np.tile([0.0, 1.0], 5), np.tile([0.0, 1.0], 45))):
        for call in (prediction_powered_mean, prediction_powered_win_rate):
            result = call(y, f, rest)
            assert result.value == pytest.approx(share)
            assert 0 <= result.low <= share <= result.high <= 1
            assert 0.15 < result.high - result.low < 0.5
    same = prediction_powered_mean([7.0] * 5, [1.0] * 5, [1.0] * 9)
    assert np.isnan(same.low)
    assert "do not vary" in same.notes[0]


def test_a_machine_that_made_no_error_yet_may_still_make_one() -> None:
    """Eight labels, no error of the machine seen: the interval must hold the chance of about one error in ten."""
    y = np.array([1, 1, 1, 1, 1, 1, 0, 0.0])
    rest = np.repeat([1.0, 0.0], [75, 25])
    result = prediction_powered_mean(y, y, rest, lam=1.0)
    assert result.value == pytest.approx(0.75)
    assert result.low < 0.65
    assert result.high > 0.85
    off = prediction_powered_mean(y, y, rest, lam=1.0, small_sample=False)
    assert off.high - off.low < 0.2


def test_clusters_on_both_sides_are_one_sample(rng: np.random.Generator) -> None:
    """With the machine's weight 1 and every document on both sides, the estimate is a mean over documents."""
    document = np.repeat(np.arange(40), 2)
    effect = rng.normal(size=40)
    y = effect[document] + 0.1 * rng.normal(size=80)
    f = y + 0.1 * rng.normal(size=80)
    first = np.arange(80) % 2 == 0
    result = prediction_powered_mean(
        y[first],
        f[first],
        f[~first],
        lam=1.0,
        clusters=document[first],
        unlabelled_clusters=document[~first],
    )
    by_document = f[~first] + y[first] - f[first]
    assert result.value == pytest.approx(by_document.mean(), abs=1e-12)
    assert result.standard_error == pytest.approx(by_document.std(ddof=1) / np.sqrt(40), rel=1e-2)


def test_known_chances_join_labels_and_pool(rng: np.random.Generator) -> None:
    """All items labelled with chance 1: the machine drops out, and the interval is that of the labels."""
    y = rng.normal(size=60)
    f = y**2 + rng.normal(size=60)
    result = prediction_powered_mean(y, f, [0.5], lam=1.0, propensities=np.ones(60))
    plain = stats.ttest_1samp(y, 0.0).confidence_interval()
    assert (result.low, result.high) == pytest.approx(tuple(plain), abs=0.03)


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


def test_estimated_shares_add_the_variance_between_strata(rng: np.random.Generator) -> None:
    """With perfect knowledge within strata, what is left is the error of the shares themselves."""
    stratum = np.repeat([0, 1], [30, 10])
    y = 10.0 * stratum + 1e-3 * rng.normal(size=40)
    own = prediction_powered_stratified(y, y, stratum, y, stratum)
    given = prediction_powered_stratified(y, y, stratum, y, stratum, shares={0: 0.75, 1: 0.25})
    assert own.standard_error == pytest.approx(10 * np.sqrt(0.75 * 0.25 / 80), rel=5e-3)
    assert given.standard_error < 1e-3


def test_differences_of_right_and_wrong_stay_in_range() -> None:
    a, b = [1.0] * 6, [0.0] * 6
    result = prediction_powered_difference(a, b, a, b, a * 9, b * 9)
    assert result.value == 1.0
    assert result.high == 1.0
    assert 0.1 < result.low < 0.6


def test_strengths_of_clusters_of_one_vote_are_those_without(rng: np.random.Generator) -> None:
    n, s = 300, 4
    left = rng.integers(s, size=n)
    right = (left + rng.integers(1, s, size=n)) % s
    won, judged = rng.integers(0, 2, size=(2, n)).astype(float)
    args = (left[:100], right[:100], won[:100], judged[:100], left[100:], right[100:], judged[100:])
    plain = prediction_powered_bradley_terry(*args, n_systems=s, lam=0.4)
    alone = prediction_powered_bradley_terry(
        *args, n_systems=s, lam=0.4, clusters=np.arange(100), unlabelled_clusters=np.arange(100, 300)
    )
    assert alone.standard_error == pytest.approx(plain.standard_error, rel=0.01)
    twice = [np.concatenate([part, part]) for part in args]
    doubled = prediction_powered_bradley_terry(
        *twice,
        n_systems=s,
        lam=0.4,
        clusters=np.tile(np.arange(100), 2),
        unlabelled_clusters=np.tile(np.arange(100, 300), 2),
    )
    assert doubled.standard_error == pytest.approx(alone.standard_error, rel=1e-9)
    one = prediction_powered_bradley_terry(*args, n_systems=s, clusters=np.zeros(100, dtype=int))
    assert np.isnan(one.low).all()
    assert one.notes


def test_the_annotator_test_does_not_see_the_origin_of_its_numbers(rng: np.random.Generator) -> None:
    unit, rater = np.tile(np.arange(60), 3), np.repeat([0, 1, 2], 60)
    truth = rng.normal(size=60)
    value = truth[unit] + 0.4 * rng.normal(size=180)
    machine = truth + 0.5 * rng.normal(size=60)
    near, far = (
        alternative_annotator_test(unit, rater, value + shift, range(60), machine + shift, score="rmse")
        for shift in (0.0, 1e7)
    )
    assert far.advantage.tolist() == near.advantage.tolist()
    assert far.human.tolist() == near.human.tolist()


def test_the_annotator_test_by_the_papers_steps(rng: np.random.Generator) -> None:
    """Leave one annotator out, compare alignment with the others, t test against epsilon, Benjamini-Yekutieli, omega."""
    labels = rng.integers(0, 3, size=(50, 4)).astype(float)
    truth = rng.integers(0, 3, size=50)
    labels[rng.random((50, 4)) < 0.6] = np.nan
    labels = np.where(rng.random((50, 4)) < 0.6, truth[:, None], labels)
    machine = np.where(rng.random(50) < 0.8, truth, 1)
    p_values, advantages = [], []
    for j in range(4):
        gaps, better = [], []
        for i in range(50):
            others = [labels[i, k] for k in range(4) if k != j and not np.isnan(labels[i, k])]
            if np.isnan(labels[i, j]) or not others:
                continue
            llm, human = (np.mean([x == other for other in others]) for x in (machine[i], labels[i, j]))
            gaps.append(float(human >= llm) - float(llm >= human))
            better.append(llm >= human)
        p_values.append(stats.ttest_1samp(gaps, 0.2, alternative="less").pvalue)
        advantages.append(np.mean(better))
    unit, rater = np.indices(labels.shape)
    result = alternative_annotator_test(
        unit.ravel(), rater.ravel(), labels.ravel(), range(50), machine, minimum_units=10
    )
    adjusted = stats.false_discovery_control(p_values, method="by")
    assert result.p_values == pytest.approx(adjusted, abs=1e-12)
    assert result.winning_rate == np.mean(adjusted < 0.05)
    assert result.advantage_probability == pytest.approx(np.mean(advantages))
    assert result.passes == (result.winning_rate >= 0.5)


def test_biases_at_their_limits() -> None:
    always = position_bias([1] * 12, [1] * 12)
    assert (always.value, always.high) == (0.5, 0.5)
    assert 0.2 < always.low < 0.5
    assert length_bias([1.0] * 5, [1.0, 2, 3, 4, 5], [1.0] * 5).notes
    one_document = self_preference([1.0, 2, 3, 4], [0.0] * 4, [1, 1, 0, 0], clusters=[0, 0, 0, 0])
    assert np.isnan(one_document.low)
    assert one_document.notes


def test_rogan_gladen_of_the_paper_and_of_everything(rng: np.random.Generator) -> None:
    """Rogan & Gladen's (1978) correction; the interval holds its value for every count."""
    assert rogan_gladen(150, 1000, sensitivity=(95, 100), specificity=(95, 100)).value == pytest.approx(1 / 9)
    for _ in range(500):
        n, m1, m0 = (int(x) for x in rng.integers(1, 40, size=3))
        result = rogan_gladen(
            int(rng.integers(0, n + 1)),
            n,
            sensitivity=(int(rng.integers(0, m1 + 1)), m1),
            specificity=(int(rng.integers(0, m0 + 1)), m0),
        )
        if result.defined and not any("cannot hold" in note for note in result.notes):
            assert 0 <= result.low <= result.value <= result.high <= 1
            assert result.low < result.high


def test_rogan_gladen_says_where_the_machine_hardly_beats_guessing() -> None:
    few = rogan_gladen(54, 100, sensitivity=(58, 100), specificity=(50, 100))
    assert (few.low, few.high) == (0.0, 1.0)
    assert "1.08, and by so many labels it may be 1" in few.notes[0]
    many = rogan_gladen(50_000, 100_000, sensitivity=(560, 1000), specificity=(520, 1000))
    assert many.high - many.low > 0.5
    assert "1.08, little more than the 1 of a machine that guesses" in many.notes[-1]
    assert rogan_gladen(3, 10, sensitivity=(9, 10), specificity=(8, 10)).notes == ()  # wide for its few items


def test_malformed_calls_get_a_clear_sentence() -> None:
    five = [1.0, 0.0, 1.0, 0.0, 1.0]
    for call in (
        lambda: prediction_powered_mean(five, five, five, lam="a"),  # type: ignore[arg-type]
        lambda: prediction_powered_mean(five, five, five, lam=float("nan")),
        lambda: prediction_powered_mean(five, five, five, null=float("inf")),
        lambda: prediction_powered_mean(five, five[:4], five),
        lambda: prediction_powered_mean(five, five, five, unlabelled_clusters=[1] * 5),
        lambda: prediction_powered_mean(five, five, five, propensities=[0.5] * 4),
        lambda: prediction_powered_mean(["a"], [1], [1]),
        lambda: prediction_powered_mean([np.inf], [1], [1]),
        lambda: prediction_powered_stratified(five, five, [0] * 5, five, [0] * 5, shares={0: float("nan")}),
        lambda: prediction_powered_bradley_terry([0], [1], [1], [1], [0], [1], [1], n_systems=2, lam="x"),  # type: ignore[arg-type]
        lambda: prediction_powered_bradley_terry([0], [1], [1], [1, 1], [0], [1], [1], n_systems=2),
        lambda: rogan_gladen(5, 10, sensitivity=5, specificity=(3, 4)),  # type: ignore[arg-type]
        lambda: rogan_gladen(5.5, 10, sensitivity=(5, 6), specificity=(3, 4)),  # type: ignore[arg-type]
        lambda: best_next_labels([1.0], n=1, exploration="x"),  # type: ignore[arg-type]
        lambda: budget(total="1", label_cost=1, prediction_cost=1, correlation=0.4),  # type: ignore[arg-type]
        lambda: budget(total=9, label_cost=1, prediction_cost=0, correlation=1.5),
    ):
        with pytest.raises(InputError):
            call()


def test_one_table_with_gaps_is_split_and_its_mistakes_are_said(rng: np.random.Generator) -> None:
    label, judge, prompt = rng.integers(0, 2, 60).astype(float), rng.random(60), rng.integers(0, 20, 60)
    label[20:] = np.nan
    gap = np.isnan(label)
    clusters = {"clusters": prompt[~gap], "unlabelled_clusters": prompt[gap]}
    right = prediction_powered_mean(label[~gap], judge[~gap], judge[gap], **clusters)
    assert (right.n_labelled, right.n_unlabelled, right.notes, right.omitted) == (20, 40, (), {})
    kept = prediction_powered_mean(label, judge, judge[gap])
    assert kept.omitted == {"items with nan": 40}
    assert kept.notes == ()
    assert kept.value == prediction_powered_mean(label[~gap], judge[~gap], judge[gap]).value
    twice = prediction_powered_mean(label, judge, judge)
    assert any("count on both sides" in note for note in twice.notes)
    votes = prediction_powered_win_rate(label, judge, judge)
    assert any("count on both sides" in note for note in votes.notes)


def test_clusters_of_one_side_only_are_said(rng: np.random.Generator) -> None:
    y, f, g, group = rng.normal(size=30), rng.normal(size=30), rng.normal(size=90), np.arange(30) // 3
    found = prediction_powered_mean(y, f, g, clusters=group)
    assert any("the unlabelled have none" in note for note in found.notes)
    assert not prediction_powered_mean(y, f, [], clusters=group, lam=0.0).notes[:-1]
    left = rng.integers(0, 2, 30)
    rest = rng.integers(0, 2, 90)
    won, judged, verdicts = (rng.integers(0, 2, size).astype(float) for size in (30, 30, 90))
    votes = (left, 1 - left, won, judged, rest, 1 - rest, verdicts)
    one = prediction_powered_bradley_terry(*votes, n_systems=2, clusters=group)
    assert any("the unlabelled have none" in note for note in one.notes)
    both = prediction_powered_bradley_terry(
        *votes, n_systems=2, clusters=group, unlabelled_clusters=np.arange(90) // 3
    )
    assert both.notes == ()


def test_people_alone_stay_in_the_range_of_their_labels() -> None:
    few = prediction_powered_mean([1, 0, 1], [0.9, 0.2, 0.6], [0.5] * 10 + [0.7] * 10)
    assert (few.human_only.low, few.human_only.high) == (0.0, 1.0)
    assert 0 <= few.low < few.high <= 1
    free = prediction_powered_mean([1, 0, 2], [0.9, 0.2, 0.6], [0.5] * 10 + [0.7] * 10)
    assert free.human_only.low < 0
    gap = prediction_powered_difference([1, 0, 1], [0, 1, 0], [1, 0, 1], [0, 1, 1], [1, 0] * 5, [0, 0] * 5)
    assert (gap.human_only.low, gap.human_only.high) == (-1.0, 1.0)


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


def test_strata_weigh_labels_by_their_chances(rng: np.random.Generator) -> None:
    y, stratum, chance = rng.normal(size=40), np.arange(40) % 2, rng.uniform(0.1, 0.9, size=40)
    found = prediction_powered_stratified(
        y, y, stratum, y, stratum, propensities=chance, shares={0: 3, 1: 1}, lam=0.0
    )
    means = [np.average(y[stratum == h], weights=1 / chance[stratum == h]) for h in (0, 1)]
    assert found.value == pytest.approx(0.75 * means[0] + 0.25 * means[1])


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


def test_one_vote_beside_a_judge_leaves_no_interval() -> None:
    found = prediction_powered_bradley_terry([0], [1], [0.5], [1], [0, 1], [1, 0], [1, 0], n_systems=2)
    assert np.isnan([*found.low, *found.high]).all()
    assert "one vote: no interval, and every rank is open." in found.notes
    assert found.rank_low.tolist() == [1, 1]
    assert found.rank_high.tolist() == [2, 2]
