"""Label models against Dawid and Skene's own data, crowd-kit forced to converge, and simulation."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.aggregation import (
    RaterCard,
    dawid_skene,
    glad,
    mace,
    majority_vote,
    one_coin,
    rater_bias,
    rater_cards,
)

# Dawid & Skene (1979), table 1: 45 patients, observer 1 assessed each three times, observers 2-5 once.
ANAESTHETIST = """
111 1 1 1 1|333 4 3 3 4|112 2 1 2 2|222 3 1 2 1|222 3 2 2 2|222 3 3 2 2|122 2 1 1 1|333 3 4 3 3|222 2 2 2 3|232 2 2 2 3
444 4 4 4 4|222 3 3 4 3|111 1 1 1 1|222 3 2 1 2|121 1 1 1 1|111 2 1 1 1|111 1 1 1 1|111 1 1 1 1|222 2 2 2 1|222 1 3 2 2
222 2 2 2 2|222 2 2 2 1|222 3 2 2 2|221 2 2 2 2|111 1 1 1 1|111 1 1 1 1|232 2 2 2 2|111 1 1 1 1|111 1 1 1 1|112 1 1 2 1
111 1 1 1 1|333 3 2 3 3|111 1 1 1 1|222 2 2 2 2|222 3 2 3 2|433 4 3 4 3|221 2 2 3 2|232 3 2 3 3|333 3 4 3 2|111 1 1 1 1
111 1 1 1 1|121 2 1 1 1|232 2 2 2 2|121 1 1 1 1|222 2 2 2 2
"""


def patients() -> tuple[list[int], list[int], list[int]]:
    """Observer 1's three assessments are independent given the truth: they enter as three units' worth of one
    confusion matrix."""
    unit, rater, value = [], [], []
    for patient, row in enumerate(ANAESTHETIST.replace("\n", "|").strip("|").split("|")):
        thrice, *once = row.split()
        for label in thrice:
            unit.append(patient)
            rater.append(
                -1
            )  # anonymous ratings share one confusion matrix, which is what observer 1's three need
            value.append(int(label))
        for observer, label in enumerate(once):
            unit.append(patient)
            rater.append(observer)
            value.append(int(label))
    return unit, rater, value


def simulate(rng: np.random.Generator, u: int = 300, r: int = 8, k: int = 3, skill: float = 0.6):
    confusion = np.stack(
        [rng.dirichlet(np.ones(k), size=k) * (1 - skill) + np.eye(k) * skill for _ in range(r)]
    )
    truth = rng.choice(k, size=u, p=rng.dirichlet(np.full(k, 5.0)))
    unit, rater = (
        np.repeat(np.arange(u), 4),
        np.concatenate([rng.choice(r, 4, replace=False) for _ in range(u)]),
    )
    value = np.array([rng.choice(k, p=confusion[j, truth[i]]) for i, j in zip(unit, rater, strict=True)])
    return unit, rater, value, truth, confusion


def test_dawid_and_skenes_published_prevalence() -> None:
    result = dawid_skene(*patients(), tolerance=1e-9)
    assert result.prevalence == pytest.approx([0.400, 0.422, 0.112, 0.067], abs=1e-3)
    assert np.diff(result.log_likelihood).min() >= -1e-9


@pytest.mark.parametrize("smoothing", [0.0, 0.5])
def test_acceleration_reaches_the_maximum_of_plain_em(smoothing: float, rng: np.random.Generator) -> None:
    unit, rater, value, _, _ = simulate(rng, u=120, r=5)
    result = dawid_skene(unit, rater, value, smoothing=smoothing, tolerance=1e-10)
    posterior = np.zeros((120, 3))
    np.add.at(posterior, (unit, value), 0.25)
    for _ in range(800):
        confusion = np.full((5, 3, 3), smoothing)
        np.add.at(confusion.transpose(0, 2, 1), (rater, value), posterior[unit])
        confusion /= confusion.sum(axis=2, keepdims=True)
        prevalence = posterior.sum(axis=0) + smoothing
        prevalence /= prevalence.sum()
        score = np.tile(np.log(prevalence), (120, 1))
        np.add.at(score, unit, np.log(np.maximum(confusion[rater, :, value], 1e-300)))
        posterior = np.exp(score - score.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
    assert result.posterior == pytest.approx(posterior, abs=1e-6)
    assert result.confusion == pytest.approx(confusion, abs=1e-6)


@pytest.mark.parametrize("model", [dawid_skene, one_coin, mace, glad])
def test_label_models_beat_the_majority_and_never_fall(model, rng: np.random.Generator) -> None:
    k, u = 3, 400
    truth = rng.integers(k, size=u)
    unit, rater = np.repeat(np.arange(u), 6), np.tile(np.arange(6), u)
    skill = np.array([0.95, 0.9, 0.45, 0.4, 0.4, 0.35])
    right = rng.random(6 * u) < skill[rater]
    value = np.where(right, truth[unit], (truth[unit] + rng.integers(1, k, size=6 * u)) % k)
    result = model(unit, rater, value)
    votes = majority_vote(unit, rater, value)
    assert (result.label == truth).mean() > (votes.label == truth).mean() + 0.05
    assert np.diff(result.log_likelihood).min() >= -1e-7 * abs(result.log_likelihood[-1])
    assert result.posterior.sum(axis=1) == pytest.approx(np.ones(u))
    if model is not dawid_skene:
        assert np.argsort(-result.reliability)[:2].tolist() in ([0, 1], [1, 0])


@pytest.mark.parametrize("model", [dawid_skene, one_coin, mace, glad])
def test_known_answers_are_held(model, rng: np.random.Generator) -> None:
    unit, rater, value, truth, _ = simulate(rng, u=60)
    wrong = (truth[:10] + 1) % 3
    result = model(unit, rater, value, categories=[0, 1, 2], gold_units=np.arange(10), gold_values=wrong)
    assert result.label[:10].tolist() == wrong.tolist()


@pytest.mark.parametrize("model", [dawid_skene, one_coin, mace, glad])
def test_label_models_without_an_answer(model) -> None:
    assert model([], [], []).undefined
    if model is not dawid_skene:
        assert model([1, 1], [0, 1], [3, 3]).undefined
    with pytest.raises(InputError):
        model([1], [0], [1], gold_units=[1], gold_values=None)
    with pytest.raises(InputError):
        model([1], [0], ["a"])


def test_relabelling_and_shuffling_change_nothing(rng: np.random.Generator) -> None:
    unit, rater, value, _, _ = simulate(rng, u=100)
    base = dawid_skene(unit, rater, value, tolerance=1e-10)
    order = rng.permutation(len(unit))
    again = dawid_skene(
        unit[order] * 7 + 3, (7 - rater)[order], np.array([20, 10, 30])[value][order], tolerance=1e-10
    )
    assert again.posterior[:, [1, 0, 2]] == pytest.approx(base.posterior, abs=1e-6)
    assert again.confusion[::-1][:, [1, 0, 2]][:, :, [1, 0, 2]] == pytest.approx(base.confusion, abs=1e-5)


def test_majority_vote_leaves_ties_open() -> None:
    result = majority_vote([1, 1, 1, 2, 2, 3], [0, 1, 2, 0, 1, 0], [7, 7, 8, 7, 8, 8], categories=[7, 8, 9])
    assert result.label[[0, 2]].tolist() == [7, 8]
    assert np.isnan(result.label[1])
    assert result.tied.tolist() == [False, True, False]
    assert result.margin == pytest.approx([1 / 3, 0, 1])
    assert result.entropy == pytest.approx([0.9183, 1, 0], abs=1e-4)
    weighted = majority_vote([1, 1, 1], [0, 1, 2], [7, np.nan, 8], weights=[1, 5, 3])
    assert weighted.label.tolist() == [8]
    assert not len(majority_vote([], [], []).label)


def test_rater_cards_find_the_spammer_and_the_good(rng: np.random.Generator) -> None:
    truth = rng.integers(2, size=400)
    unit, rater = np.repeat(np.arange(400), 4), np.tile(np.arange(4), 400)
    value = np.where(rng.random(1600) < 0.9, truth[unit], 1 - truth[unit])
    value[rater == 3] = 1
    cards = rater_cards(unit, rater, value)
    assert [card.reliability.value for card in cards[:3]] == pytest.approx([0.9] * 3, abs=0.05)
    assert cards[3].spam_score == pytest.approx(1.0, abs=0.02)
    assert max(card.spam_score for card in cards[:3]) < 0.5
    gold = rater_cards(unit, rater, value, gold_units=np.arange(50), gold_values=truth[:50])
    assert all(card.n == 50 for card in gold)
    assert gold[0].reliability.value == (value[rater == 0][:50] == truth[:50]).mean()
    lone = rater_cards([1, 2, 2], [0, 1, 2], [1, 1, 1])
    assert lone[0].reliability.undefined


def test_rater_bias_recovers_leniency_and_noise(rng: np.random.Generator) -> None:
    truth = rng.normal(3, 1, size=2000)
    bias, noise = np.array([-0.5, 0.0, 0.2, 0.3]), np.array([0.2, 0.5, 0.8, 1.1])
    y = truth[:, None] + bias + noise * rng.normal(size=(2000, 4))
    unit, rater = (index.ravel() for index in np.indices(y.shape))
    result = rater_bias(unit, rater, y.ravel())
    assert result.bias == pytest.approx(bias, abs=0.06)
    assert result.noise == pytest.approx(noise, abs=0.06)
    assert result.mean == pytest.approx(3, abs=0.1)
    assert np.diff(result.log_likelihood).min() > -1.0  # the prior on noise is not part of the likelihood
    weighted_error = np.abs(result.truth - truth).mean()
    assert weighted_error < np.abs(y.mean(axis=1) - truth).mean() / 1.5
    assert rater_bias([1, 1], [0, 1], [1, 2]).undefined
    assert rater_bias([1, 1, 2, 2], [0, 1, 0, 1], [1, 1, 1, 1]).undefined


def test_dawid_and_skenes_published_error_rates_of_observer_one() -> None:
    """Table 4: what observer 1 says of patients who deserve 1, 2, 3 and 4."""
    published = [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0], [0, 0, 0.56, 0.44]]
    result = dawid_skene(*patients())
    assert result.confusion[result.rater_codes.tolist().index(-1)] == pytest.approx(
        np.array(published), abs=0.0051
    )


@pytest.mark.parametrize("model", [dawid_skene, one_coin, mace, glad, rater_cards])
@pytest.mark.parametrize("categories", [None, [0, 1, 2]])
def test_what_is_wrong_with_known_answers_is_said_of_them(model, categories) -> None:
    ratings = ([1, 1, 2, 2], [0, 1, 0, 1], [0, 1, 2, 2])
    with pytest.raises(InputError, match="gold_values holds no answer for unit 2"):
        model(*ratings, categories=categories, gold_units=[1, 2], gold_values=[0, np.nan])
    with pytest.raises(InputError, match="come together"):
        model(*ratings, categories=categories, gold_units=[1, 2])
    if categories:
        with pytest.raises(InputError, match="gold_values hold 9"):
            model(*ratings, categories=categories, gold_units=[1, 2], gold_values=[0, 9])


def test_ratings_of_weight_zero_are_left_out_and_said() -> None:
    result = majority_vote([1, 1, 1, 2], [0, 1, 2, 0], [5, 6, 6, 5], weights=[1.0, 0, 0, 0])
    assert (result.n, dict(result.omitted)) == (1, {"ratings of weight 0": 3})
    assert result.label[0] == 5
    assert np.isnan(result.label[1])


def common_class(rng: np.random.Generator, u: int = 600) -> tuple[np.ndarray, ...]:
    """Nine of ten units are of class 1; six raters err without a habit."""
    truth = (rng.random(u) < 0.9).astype(int)
    accuracy = np.array([0.9, 0.85, 0.8, 0.8, 0.75, 0.7])
    unit, rater = np.repeat(np.arange(u), 6), np.tile(np.arange(6), u)
    value = np.where(rng.random(6 * u) < accuracy[rater], truth[unit], 1 - truth[unit])
    return unit, rater, value, truth


def test_mace_learns_that_one_class_is_common_against_simulation(rng: np.random.Generator) -> None:
    unit, rater, value, truth = common_class(rng)
    learnt = mace(unit, rater, value, n_restarts=4)
    votes = (majority_vote(unit, rater, value).label == truth).mean()
    assert (learnt.label == truth).mean() > max(votes + 0.03, 0.94)
    assert learnt.prevalence[1] == pytest.approx(0.9, abs=0.03)
    assert learnt.notes == ()
    assert np.diff(learnt.log_likelihood).min() >= 0
    even = mace(unit, rater, value, n_restarts=4, prevalence="uniform")
    assert (even.label == truth).mean() < votes - 0.1  # what is published takes the common class for a habit
    assert "leave the majority" in even.notes[0]
    assert 'take prevalence="estimated"' in even.notes[0]


def test_mace_still_finds_who_says_the_common_class_whatever_is_shown(rng: np.random.Generator) -> None:
    unit, rater, value, truth = common_class(rng)
    lazy = np.where(rater == 5, 1, value)
    found = mace(unit, rater, lazy, n_restarts=4)
    assert found.reliability.argmin() == 5
    assert found.reliability[5] < 0.1
    assert found.habit[5, 1] > 0.95
    assert (found.label == truth).mean() > 0.94


def test_mace_with_two_classes_is_dawid_skene_where_nobody_is_worse_than_chance(
    rng: np.random.Generator,
) -> None:
    """Two error rates for each rater are what both models have; without smoothing they share their maximum."""
    unit, rater, value, _ = common_class(rng)
    full = dawid_skene(unit, rater, value, tolerance=1e-12)
    found = mace(unit, rater, value, smoothing=0.0, n_restarts=1, tolerance=1e-12)
    assert found.posterior == pytest.approx(full.posterior, abs=1e-6)
    assert found.prevalence == pytest.approx(full.prevalence, abs=1e-7)
    assert found.log_likelihood[-1] == pytest.approx(full.log_likelihood[-1], abs=1e-8)


def test_known_answers_do_not_count_as_labels_against_the_majority(rng: np.random.Generator) -> None:
    unit, rater, value, truth = common_class(rng, 100)
    known = {"gold_units": np.arange(100), "gold_values": 1 - truth}
    assert mace(unit, rater, value, n_restarts=1, **known).notes == ()


def test_mace_refuses_an_unknown_prevalence() -> None:
    with pytest.raises(InputError, match="prevalence must be one of estimated, uniform"):
        mace([1, 1], [0, 1], [0, 1], prevalence="flat")


def test_ratings_that_fit_without_error_have_biases_and_no_interval() -> None:
    """A chain of raters, each of whom shares one unit with the next: their levels follow, and nothing shows the noise."""
    rng = np.random.default_rng(0)
    truth, bias = rng.normal(size=30), rng.normal(size=29)
    unit = np.stack([np.arange(29), np.arange(1, 30)], 1).ravel()
    rater = np.repeat(np.arange(29), 2)
    values = truth[unit] + bias[rater]
    units, raters = np.append(unit, [3, 3, 3]), np.append(rater, [0, 9, 20])
    exact = rater_bias(units, raters, np.append(values, truth[3] + bias[[0, 9, 20]]))
    assert exact.bias == pytest.approx(bias - bias.mean(), abs=1e-9)
    assert np.isnan([exact.bias_low, exact.bias_high]).all()
    assert (exact.noise == 0).all()
    assert "without error" in exact.notes[-1]
    shared = np.isin(unit, exact.unit_codes)
    assert exact.truth - exact.truth.mean() == pytest.approx(
        truth[exact.unit_codes] - truth[exact.unit_codes].mean(), abs=1e-9
    )
    assert shared.any()
    as_many = rater_bias([0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 2, 3], [1.0, 3, 2, 5, 4, 4.5])
    assert as_many.bias - as_many.bias[0] == pytest.approx([0, 2, 5, 5.5])
    assert np.isnan([*as_many.noise, *as_many.bias_low]).all()
    assert "as many as ratings" in as_many.notes[-1]


def test_raters_who_share_no_unit_are_compared_within_their_groups() -> None:
    """The second group's units lie 5 higher, which was called their raters' leniency, with a narrow interval."""
    rng = np.random.default_rng(1)
    units, raters = np.repeat(np.arange(40), 2), np.tile([7, 8], 40)
    raters[40:] += 10
    bias = {7: -0.2, 8: 0.2, 17: -0.5, 18: 0.5}
    values = (
        rng.normal(size=40)[units] + 5 * (units >= 20) + [bias[r] for r in raters] + rng.normal(0, 0.1, 80)
    )
    found = rater_bias(units, raters, values)
    assert found.groups == ((7, 8), (17, 18))
    assert found.bias == pytest.approx([bias[r] for r in found.rater_codes], abs=0.06)
    assert found.bias[:2].sum() == pytest.approx(0, abs=1e-12)
    assert found.truth[20:].mean() - found.truth[:20].mean() == pytest.approx(5, abs=1)
    assert "share no unit" in found.notes[0]
    first, second = (
        rater_bias(units[part], raters[part], values[part]) for part in (slice(40), slice(40, 80))
    )
    assert found.bias == pytest.approx([*first.bias, *second.bias], abs=0.01)
    whole = rater_bias([*units, 0], [*raters, 17], [*values, values[0]])
    assert whole.groups == ((7, 8, 17, 18),)


def test_the_objective_of_rater_bias_never_falls() -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(6, 50))
        unit, rater = rng.integers(0, 8, n), rng.integers(0, 4, n)
        result = rater_bias(unit, rater, rng.integers(0, 4, n) + unit * (seed % 2), max_iterations=300)
        if result.undefined is None and result.iterations:
            assert np.diff(result.log_likelihood).min(initial=0) >= -1e-9 * abs(result.log_likelihood[-1])


@pytest.mark.parametrize("model", [dawid_skene, one_coin, mace, glad])
def test_a_known_answer_that_nobody_gave_is_said(model) -> None:
    ratings = ([1, 1, 2, 2, 3, 3], [0, 1] * 3, [0, 0, 1, 1, 0, 1])
    slip = model(*ratings, gold_units=[1, 2], gold_values=[1, 7])
    assert slip.notes[0] == "gold_values hold 7, which no rater ever answered: taken as further categories."
    meant = model(*ratings, gold_units=[1, 2], gold_values=[1, 7], categories=[0, 1, 7])
    assert meant.notes == ()
    assert model(*ratings, gold_units=[1, 2], gold_values=[0, 1]).notes == ()


def test_the_spam_score_of_two_classes_is_what_the_page_says() -> None:
    truth = np.repeat([0, 1], 100)
    for right, score in ((95, 0.19), (90, 0.36), (80, 0.64), (75, 0.75), (60, 0.96), (50, 1.0)):
        value = np.where(np.arange(200) % 100 < right, truth, 1 - truth)
        (card,) = rater_cards(np.arange(200), [0] * 200, value, gold_units=range(200), gold_values=truth)
        assert card.spam_score == pytest.approx(score)


@pytest.mark.parametrize("model", [majority_vote, dawid_skene, one_coin, mace, glad, rater_cards])
def test_labels_too_many_to_hold_are_refused_before_memory_is_short(model) -> None:
    """Numbers of a slider, taken for labels."""
    values = np.arange(30_000) / 7
    with pytest.raises(InputError, match="30000 categories are too many for 15000 units"):
        model(np.repeat(np.arange(15_000), 2), np.tile([0, 1], 15_000), values)


def test_cards_say_where_most_answers_of_a_rare_class_are_slips(rng: np.random.Generator) -> None:
    def cards(prevalence: list[float], **known) -> tuple[RaterCard, ...]:
        truth = rng.choice(3, p=prevalence, size=200)
        given = np.where(rng.random((200, 5)) < 0.75, truth[:, None], rng.integers(0, 3, (200, 5)))
        unit, rater = np.indices(given.shape)
        if known:
            known = {"gold_units": np.arange(200), "gold_values": truth}
        return rater_cards(unit.ravel(), rater.ravel(), given.ravel(), **known)

    rare = cards([0.94, 0.04, 0.02])
    assert all("are held to be right" in card.reliability.notes[0] for card in rare)
    assert not any(card.reliability.notes for card in cards([0.5, 0.3, 0.2]))
    assert not any(card.reliability.notes for card in cards([0.94, 0.04, 0.02], known=True))
