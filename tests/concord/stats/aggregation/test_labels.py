"""What all label models share: known answers, labels that cannot be held, and truth found better than by a majority."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError, aggregation
from concord.stats.aggregation import dawid_skene, glad, mace, majority_vote, one_coin, rater_cards
from tests.concord.stats.aggregation.crowds import simulate

pytestmark = pytest.mark.filterwarnings("error")


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


@pytest.mark.parametrize("model", [dawid_skene, one_coin, mace, glad])
def test_a_known_answer_that_nobody_gave_is_said(model) -> None:
    ratings = ([1, 1, 2, 2, 3, 3], [0, 1] * 3, [0, 0, 1, 1, 0, 1])
    slip = model(*ratings, gold_units=[1, 2], gold_values=[1, 7])
    assert slip.notes[0] == "gold_values hold 7, which no rater ever answered: taken as further categories."
    meant = model(*ratings, gold_units=[1, 2], gold_values=[1, 7], categories=[0, 1, 7])
    assert meant.notes == ()
    assert model(*ratings, gold_units=[1, 2], gold_values=[0, 1]).notes == ()


@pytest.mark.parametrize("model", [majority_vote, dawid_skene, one_coin, mace, glad, rater_cards])
def test_labels_too_many_to_hold_are_refused_before_memory_is_short(model) -> None:
    """Numbers of a slider, taken for labels."""
    values = np.arange(30_000) / 7
    with pytest.raises(InputError, match="30000 categories are too many for 15000 units"):
        model(np.repeat(np.arange(15_000), 2), np.tile([0, 1], 15_000), values)


def test_labels_that_floats_would_round_are_refused() -> None:
    for model in (aggregation.majority_vote, aggregation.dawid_skene):
        with pytest.raises(InputError, match=r"2\*\*53"):
            model([1, 1, 1], [0, 1, 2], [2**62 + 1, 2**62 + 1, 5])
