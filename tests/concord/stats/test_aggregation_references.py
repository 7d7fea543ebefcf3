"""Label models against crowd-kit on hundreds of random sets with missing ratings.

crowd-kit stops early (its loss counts each unit's prior once per rating, and its GLAD takes a few gradient steps), so most
tests start it from our solution and check that its own steps stay there: ours is a fixed point of theirs.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import numpy as np
import pytest
from crowdkit.aggregation import GLAD, MACE, DawidSkene, MajorityVote, OneCoinDawidSkene
from pandas import DataFrame, MultiIndex, Series

from concord.stats.aggregation import dawid_skene, glad, mace, majority_vote, one_coin

pytestmark = pytest.mark.filterwarnings("ignore")  # the reference package uses pandas' older ways
Ratings = tuple[np.ndarray, np.ndarray, np.ndarray]


def random_sets(rng: np.random.Generator, n: int) -> Iterator[tuple[Ratings, DataFrame, int]]:
    """Raters of differing skill who leave out a part of the units; every category occurs."""
    while n:
        k, r, u = int(rng.integers(2, 5)), int(rng.integers(3, 8)), int(rng.integers(6, 20))
        truth, skill = rng.integers(k, size=u), rng.uniform(0.4, 0.95, size=r)
        unit, rater = (index.ravel() for index in np.indices((u, r)))
        value = np.where(rng.random(u * r) < skill[rater], truth[unit], rng.integers(k, size=u * r))
        keep = rng.random(u * r) < rng.choice([0.6, 0.8, 1.0])
        unit, rater, value = unit[keep], rater[keep], value[keep]
        if len(np.unique(value)) == k and len(np.unique(rater)) == r:
            yield (
                (unit, rater, value),
                DataFrame({"task": unit, "worker": rater, "label": value}),
                k,
            )
            n -= 1


@pytest.fixture(autouse=True)
def unclipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """crowd-kit keeps probabilities 1e-10 away from 0 and 1, which shows in the ninth place."""
    module = importlib.import_module("crowdkit.aggregation.classification.dawid_skene")
    monkeypatch.setattr(module, "_EPS", 1e-300)


def soft(result, k: int) -> DataFrame:
    return DataFrame(result.posterior, index=result.unit_codes, columns=range(k))


def test_majority_vote_against_crowd_kit(rng: np.random.Generator) -> None:
    for data, frame, k in random_sets(rng, 200):
        result = majority_vote(*data)
        model = MajorityVote()
        labels = model.fit_predict(frame).sort_index()
        shares = model.probas_.sort_index()[list(range(k))].to_numpy()
        assert result.counts / result.counts.sum(axis=1, keepdims=True) == pytest.approx(shares, abs=1e-12)
        assert (result.label[~result.tied] == labels.to_numpy()[~result.tied]).all()


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_dawid_skene_stays_where_crowd_kits_own_steps_lead(
    smoothing: float, rng: np.random.Generator
) -> None:
    for data, frame, k in random_sets(rng, 100):
        result = dawid_skene(*data, smoothing=smoothing, tolerance=1e-13)
        assert result.converged
        probabilities = soft(result, k)
        if smoothing:  # crowd-kit adds nothing to the counts: compare what follows from our parameters
            cells = MultiIndex.from_product([result.rater_codes, range(k)], names=["worker", "label"])
            errors = DataFrame(
                result.confusion.transpose(0, 2, 1).reshape(-1, k), index=cells, columns=range(k)
            )
            priors = Series(result.prevalence)
        else:
            errors = DawidSkene._m_step(frame, probabilities)
            priors = probabilities.mean()
        again = DawidSkene._e_step(frame, priors, errors).sort_index()[list(range(k))]
        assert again.to_numpy() == pytest.approx(result.posterior, abs=1e-9)


def test_dawid_skene_is_where_crowd_kit_arrives_when_it_is_not_stopped(rng: np.random.Generator) -> None:
    for data, frame, k in random_sets(rng, 2):
        result = dawid_skene(*data, tolerance=1e-13)
        model = DawidSkene(n_iter=100, tol=-1.0)
        reached = model.fit_predict_proba(frame).sort_index()[list(range(k))].to_numpy()
        again = DawidSkene._e_step(
            frame, DataFrame(reached).mean(), DawidSkene._m_step(frame, DataFrame(reached))
        )
        if np.abs(again.sort_index()[list(range(k))].to_numpy() - reached).max() < 1e-12:
            assert result.posterior == pytest.approx(reached, abs=1e-9)


def test_one_coin_stays_where_crowd_kits_own_steps_lead(rng: np.random.Generator) -> None:
    for data, frame, k in random_sets(rng, 200):
        result = one_coin(*data, tolerance=1e-13)
        assert result.converged
        probabilities = soft(result, k)
        skills = OneCoinDawidSkene._m_step(frame, probabilities)
        assert skills.sort_index().to_numpy() == pytest.approx(result.reliability, abs=1e-9)
        errors = OneCoinDawidSkene._process_skills_to_errors(frame, probabilities, skills)
        again = DawidSkene._e_step(frame, probabilities.mean(), errors).sort_index()[list(range(k))]
        assert again.to_numpy() == pytest.approx(result.posterior, abs=1e-9)


def test_mace_stays_where_crowd_kits_own_steps_lead(rng: np.random.Generator) -> None:
    """crowd-kit smooths by .01 / K, whatever its options say, and takes classes to be equally likely, as published."""
    for data, frame, k in random_sets(rng, 200):
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


def test_glad_stays_where_crowd_kits_own_steps_lead(rng: np.random.Generator) -> None:
    for data, frame, k in random_sets(rng, 100):
        result = glad(*data, tolerance=1e-10)
        assert result.converged
        model = GLAD()
        model._init(frame)
        model.alphas_ = Series(result.ability, index=result.rater_codes)
        model.betas_ = Series(-result.difficulty, index=result.unit_codes)
        joined = model._e_step(model._join_all(frame.copy(), model.alphas_, model.betas_, model.priors_))
        again = model.probas_.sort_index()[list(range(k))].to_numpy()
        assert again == pytest.approx(result.posterior, abs=1e-9)
        uphill = model._gradient_Q(joined)
        assert max(np.abs(slope).max() for slope in uphill) < 1e-9
