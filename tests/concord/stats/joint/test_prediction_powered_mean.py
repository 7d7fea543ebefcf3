"""Prediction-powered means: ppi_py, closed forms, clusters, edges, and what is refused."""

from __future__ import annotations

import numpy as np
import ppi_py
import ppi_py as ppi
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.comparison import mean
from concord.stats.joint import (
    prediction_powered_bradley_terry,
    prediction_powered_difference,
    prediction_powered_mean,
    prediction_powered_win_rate,
)
from concord.stats.joint._items import inverse_chances
from tests.concord.stats.joint.samples import sample_of_any_kind


def sample(rng: np.random.Generator, n: int, rest: int, noise: float = 0.5) -> tuple[np.ndarray, ...]:
    truth = rng.normal(size=n + rest)
    machine = truth + 0.7 + noise * rng.normal(size=n + rest)
    return truth[:n], machine[:n], machine[n:], truth


def test_prediction_powered_mean_by_the_formula(rng: np.random.Generator) -> None:
    y, f, rest, _ = sample(rng, 500, 5000)
    result = prediction_powered_mean(y, f, rest, small_sample=False)
    pooled = np.concatenate([f, rest]).var(ddof=1)
    lam = np.mean((y - y.mean()) * (f - f.mean())) / ((1 + 500 / 5000) * pooled)
    value = lam * rest.mean() + (y - lam * f).mean()
    error = np.sqrt((y - lam * f).var() / 500 + lam**2 * rest.var() / 5000)
    assert result.lam == pytest.approx(lam, abs=1e-12)
    assert result.value == pytest.approx(value, abs=1e-12)
    assert (result.low, result.high) == pytest.approx(
        (value - 1.959963984540054 * error, value + 1.959963984540054 * error), abs=1e-12
    )


def test_against_ppi_python(rng: np.random.Generator) -> None:
    for _ in range(100):
        y, f, rest, _ = sample(
            rng, int(rng.integers(5, 300)), int(rng.integers(20, 3000)), rng.uniform(0.1, 3)
        )
        low, high = ppi.ppi_mean_ci(y, f, rest, alpha=0.1)
        result = prediction_powered_mean(y, f, rest, confidence=0.9, small_sample=False)
        assert (result.low, result.high) == pytest.approx((float(low[0]), float(high[0])), abs=1e-9)


def test_weight_zero_is_the_mean_of_the_labels(rng: np.random.Generator) -> None:
    y, f, rest, _ = sample(rng, 40, 400)
    result = prediction_powered_mean(y, f, rest, lam=0.0)
    plain = mean(y)
    assert (result.value, result.low, result.high) == pytest.approx((plain.value, plain.low, plain.high))
    assert result.effective_n == pytest.approx(40)


def test_a_constant_machine_neither_helps_nor_harms(rng: np.random.Generator) -> None:
    y = rng.normal(size=30)
    result = prediction_powered_mean(y, np.full(30, 7.0), np.full(1000, 7.0))
    assert result.lam == 0.0
    assert result.value == pytest.approx(y.mean())


def test_a_good_machine_is_worth_many_labels(rng: np.random.Generator) -> None:
    y, f, rest, _ = sample(rng, 300, 30000, noise=0.2)
    result = prediction_powered_mean(y, f, rest)
    assert result.effective_n > 10 * 300
    assert result.machine_only - result.value == pytest.approx(0.7, abs=0.05)
    assert result.low < 0.05
    assert result.high > -0.05


def test_propensities_undo_a_biased_choice(rng: np.random.Generator) -> None:
    values = []
    for _ in range(60):
        truth = rng.normal(size=4000)
        machine = truth**2 + rng.normal(size=4000)
        chance = np.where(truth > 0, 0.2, 0.04)
        chosen = rng.random(4000) < chance
        result = prediction_powered_mean(
            truth[chosen], machine[chosen], machine[~chosen], propensities=chance[chosen]
        )
        values.append(result.value)
    assert np.mean(values) == pytest.approx(0.0, abs=0.03)


def test_edges() -> None:
    assert prediction_powered_mean([], [], [1.0]).undefined
    alone = prediction_powered_mean([1.0, 2.0, 3.0], [1, 2, 3], [])
    assert alone.value == 2.0
    assert alone.notes
    assert np.isnan(prediction_powered_mean([1.0], [1.0], [1.0, 2.0]).low)
    with pytest.raises(InputError):
        prediction_powered_mean([1.0], [1.0], [1.0], lam=2.0)
    with pytest.raises(InputError):
        prediction_powered_mean([1.0], [1.0], [1.0], propensities=[0.0])


@pytest.mark.filterwarnings("error")
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


@pytest.mark.filterwarnings("error")
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


@pytest.mark.filterwarnings("error")
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


@pytest.mark.filterwarnings("error")
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


@pytest.mark.filterwarnings("error")
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


@pytest.mark.filterwarnings("error")
def test_known_chances_join_labels_and_pool(rng: np.random.Generator) -> None:
    """All items labelled with chance 1: the machine drops out, and the interval is that of the labels."""
    y = rng.normal(size=60)
    f = y**2 + rng.normal(size=60)
    result = prediction_powered_mean(y, f, [0.5], lam=1.0, propensities=np.ones(60))
    plain = stats.ttest_1samp(y, 0.0).confidence_interval()
    assert (result.low, result.high) == pytest.approx(tuple(plain), abs=0.03)


@pytest.mark.filterwarnings("error")
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


@pytest.mark.filterwarnings("error")
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


@pytest.mark.filterwarnings("error")
def test_people_alone_stay_in_the_range_of_their_labels() -> None:
    few = prediction_powered_mean([1, 0, 1], [0.9, 0.2, 0.6], [0.5] * 10 + [0.7] * 10)
    assert (few.human_only.low, few.human_only.high) == (0.0, 1.0)
    assert 0 <= few.low < few.high <= 1
    free = prediction_powered_mean([1, 0, 2], [0.9, 0.2, 0.6], [0.5] * 10 + [0.7] * 10)
    assert free.human_only.low < 0
    gap = prediction_powered_difference([1, 0, 1], [0, 1, 0], [1, 0, 1], [0, 1, 1], [1, 0] * 5, [0, 0] * 5)
    assert -1.0 <= gap.human_only.low < 0
    assert gap.human_only.high == 1.0


def test_means_intervals_and_weights_against_ppi_python(rng: np.random.Generator) -> None:
    for i in range(300):
        y, f, rest = sample_of_any_kind(rng)
        lam = float(rng.random()) if i % 2 else None
        level = float(rng.uniform(0.5, 0.99))
        low, high = ppi_py.ppi_mean_ci(y, f, rest, alpha=1 - level, lam=lam)
        result = prediction_powered_mean(y, f, rest, lam=lam, confidence=level, small_sample=False)
        assert (result.low, result.high) == pytest.approx((float(low[0]), float(high[0])), abs=1e-9)
        if lam is not None:
            value = ppi_py.ppi_mean_pointestimate(y, f, rest, lam=lam)
            assert result.value == pytest.approx(float(value[0]), abs=1e-9)


def test_missing_items_are_those_that_ppi_python_never_sees(rng: np.random.Generator) -> None:
    for _ in range(220):
        y, f, rest = sample_of_any_kind(rng)
        gone, unseen = rng.random(len(y)) < 0.2, rng.random(len(rest)) < 0.2
        if (~gone).sum() < 2 or (~unseen).sum() < 2 or np.ptp(y[~gone]) == 0:
            continue
        holes = np.where(gone, np.nan, y), f, np.where(unseen, np.nan, rest)
        result = prediction_powered_mean(*holes, small_sample=False)
        low, high = ppi_py.ppi_mean_ci(y[~gone], f[~gone], rest[~unseen], alpha=0.05)
        assert (result.low, result.high) == pytest.approx((float(low[0]), float(high[0])), abs=1e-9)
        assert result.omitted.get("items with nan", 0) == gone.sum()


def test_inverse_chances_against_weighted_labels_of_ppi_python(rng: np.random.Generator) -> None:
    """The weighted point estimate is theirs with weights 1 / chance, where all items together are the second sample."""
    for _ in range(200):
        y, f, rest = sample_of_any_kind(rng)
        chance, lam = rng.uniform(0.05, 1, size=len(y)), float(rng.random())
        result = prediction_powered_mean(y, f, rest, lam=lam, propensities=chance)
        theirs = ppi_py.ppi_mean_pointestimate(y, f, np.concatenate([f, rest]), lam=lam, w=1 / chance)
        assert result.value == pytest.approx(float(np.squeeze(theirs)), abs=1e-9)


@pytest.mark.parametrize("bad", [0.0, -0.1, 1.1])
def test_the_chance_that_cannot_be_is_named(bad: float) -> None:
    with pytest.raises(InputError, match=rf"propensities must lie in \(0, 1\], got {bad}"):
        inverse_chances([1.0, 0.5, bad], 3)
    assert inverse_chances([1.0, 0.5, 0.25], 3).tolist() == [1, 2, 4]
    assert inverse_chances(None, 2).tolist() == [1, 1]
    assert inverse_chances([], 0).tolist() == []
