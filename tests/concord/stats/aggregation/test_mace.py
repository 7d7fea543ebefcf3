"""MACE: common classes, known answers, and crowd-kit's own steps."""

from __future__ import annotations

import numpy as np
import pytest
from crowdkit.aggregation import MACE

from concord.stats import InputError
from concord.stats.aggregation import dawid_skene, mace, majority_vote
from tests.concord.stats.aggregation.crowds import random_sets


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


Ratings = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("unclipped")
def test_mace_stays_where_crowd_kits_own_steps_lead(rng: np.random.Generator) -> None:
    """crowd-kit smooths by .01 / K, whatever its options say, and takes classes to be equally likely, as published."""
    for data, frame, k in random_sets(rng, 40):
        result = mace(*data, prevalence="uniform", smoothing=0.01 / k, n_restarts=1, tolerance=1e-13)
        assert result.converged
        model = MACE(method="em")
        model.smoothing_ = 0.01 / k
        model.spamming_ = np.stack([1 - result.reliability, result.reliability], axis=1)
        model.thetas_ = result.habit.copy()
        unit, rater, value = data
        units, raters = np.unique(unit), np.unique(rater)
        places = (np.searchsorted(units, unit), np.searchsorted(raters, rater), value)
        _, joint, strategy, knowing = model._e_step(frame.copy(), units, raters, range(k), *places)
        assert joint.div(joint.sum(axis=1), axis=0).to_numpy() == pytest.approx(result.posterior, abs=1e-9)
        model._m_step(knowing, strategy[list(range(k))])
        assert model.spamming_[:, 1] == pytest.approx(result.reliability, abs=1e-9)
        assert model.thetas_ == pytest.approx(result.habit, abs=1e-9)
