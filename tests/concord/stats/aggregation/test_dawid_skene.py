"""Dawid and Skene's model: its published example, the maximum that it reaches, crowd-kit's steps, and starts."""

from __future__ import annotations

import numpy as np
import pytest
from crowdkit.aggregation import DawidSkene
from pandas import DataFrame, MultiIndex, Series

from concord.stats import aggregation
from concord.stats.aggregation import _unsettled, dawid_skene
from tests.concord.stats.aggregation.crowds import random_sets, simulate

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


def test_dawid_and_skenes_published_prevalence() -> None:
    result = dawid_skene(*patients(), tolerance=1e-9)
    assert result.prevalence == pytest.approx([0.400, 0.422, 0.112, 0.067], abs=1e-3)
    assert np.diff(result.log_likelihood).min() >= -1e-9


def plain_em(unit, rater, value, posterior, n_raters: int, smoothing: float, steps: int, known=()):
    """Dawid and Skene's steps as they are written; the first units' answers may be ``known``."""
    u, k = posterior.shape
    for _ in range(steps):
        confusion = np.full((n_raters, k, k), smoothing)
        np.add.at(confusion.transpose(0, 2, 1), (rater, value), posterior[unit])
        confusion /= confusion.sum(axis=2, keepdims=True)
        prevalence = posterior.sum(axis=0) + smoothing
        prevalence /= prevalence.sum()
        score = np.tile(np.log(prevalence), (u, 1))
        np.add.at(score, unit, np.log(np.maximum(confusion[rater, :, value], 1e-300)))
        posterior = np.exp(score - score.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
        posterior[: len(known)] = np.eye(k)[list(known)]
    return posterior, confusion


@pytest.mark.parametrize("smoothing", [0.0, 0.5])
def test_acceleration_reaches_the_maximum_of_plain_em(smoothing: float, rng: np.random.Generator) -> None:
    unit, rater, value, _, _ = simulate(rng, u=120, r=5)
    result = dawid_skene(unit, rater, value, smoothing=smoothing, tolerance=1e-10)
    posterior = np.zeros((120, 3))
    np.add.at(posterior, (unit, value), 0.25)
    posterior, confusion = plain_em(unit, rater, value, posterior, 5, smoothing, 800)
    assert result.posterior == pytest.approx(posterior, abs=1e-6)
    assert result.confusion == pytest.approx(confusion, abs=1e-6)


@pytest.mark.parametrize(("smoothing", "n_known"), [(0.0, 0), (0.1, 0), (0.1, 60)])
def test_holding_those_who_settled_reaches_the_maximum_of_plain_em(
    smoothing: float, n_known: int, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixteen ratings a rater, of units in any order: in turn all raters, and those alone who still move."""
    truth = rng.integers(0, 3, 400)
    unit, rater = np.repeat(np.arange(400), 4), rng.permuted(np.tile(np.arange(100), (16, 1)), axis=1).ravel()
    value = np.where(rng.random(1600) < 0.65, truth[unit], rng.integers(0, 3, 1600))
    value[:3] = [0, 1, 2]
    kept = np.unique(unit * 100 + rater, return_index=True)[1]
    unit, rater, value = unit[kept], rater[kept], value[kept]
    known = truth[:n_known].tolist()
    gold = {"gold_units": np.arange(n_known), "gold_values": known} if known else {}
    rounds: list[int] = []
    part_of = _unsettled._part_of
    monkeypatch.setattr(_unsettled, "_MANY", 0)
    monkeypatch.setattr(_unsettled, "_part_of", lambda *a: rounds.append(len(a[2])) or part_of(*a))
    found = dawid_skene(unit, rater, value, smoothing=smoothing, tolerance=1e-9, **gold)
    assert found.converged
    assert len(rounds) > 0
    assert 0 < max(rounds) < 100
    assert np.diff(found.log_likelihood).min() >= 0
    assert found.iterations >= len(found.log_likelihood)
    again, confusion = plain_em(unit, rater, value, found.posterior, 100, smoothing, 20, known)
    assert found.posterior == pytest.approx(again, abs=1e-7)
    assert found.confusion == pytest.approx(confusion, abs=1e-7)
    if smoothing:
        votes = np.zeros((400, 3))
        np.add.at(votes, (unit, value), 1.0)
        votes /= votes.sum(axis=1, keepdims=True)
        votes[:n_known] = np.eye(3)[known] if known else votes[:n_known]
        plain, _ = plain_em(unit, rater, value, votes, 100, smoothing, 1000, known)
        assert found.posterior == pytest.approx(plain, abs=1e-6)
    short = dawid_skene(unit, rater, value, smoothing=smoothing, tolerance=1e-9, max_iterations=25, **gold)
    assert (short.converged, short.iterations) == (False, 25)
    assert found.log_likelihood[-1] >= short.log_likelihood[-1]


def test_relabelling_and_shuffling_change_nothing(rng: np.random.Generator) -> None:
    unit, rater, value, _, _ = simulate(rng, u=100)
    base = dawid_skene(unit, rater, value, tolerance=1e-10)
    order = rng.permutation(len(unit))
    again = dawid_skene(
        unit[order] * 7 + 3, (7 - rater)[order], np.array([20, 10, 30])[value][order], tolerance=1e-10
    )
    assert again.posterior[:, [1, 0, 2]] == pytest.approx(base.posterior, abs=1e-6)
    assert again.confusion[::-1][:, [1, 0, 2]][:, :, [1, 0, 2]] == pytest.approx(base.confusion, abs=1e-5)


def test_dawid_and_skenes_published_error_rates_of_observer_one() -> None:
    """Table 4: what observer 1 says of patients who deserve 1, 2, 3 and 4."""
    published = [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0], [0, 0, 0.56, 0.44]]
    result = dawid_skene(*patients())
    assert result.confusion[result.rater_codes.tolist().index(-1)] == pytest.approx(
        np.array(published), abs=0.0051
    )


Ratings = tuple[np.ndarray, np.ndarray, np.ndarray]


def soft(result, k: int) -> DataFrame:
    return DataFrame(result.posterior, index=result.unit_codes, columns=range(k))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("unclipped")
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_dawid_skene_stays_where_crowd_kits_own_steps_lead(
    smoothing: float, rng: np.random.Generator
) -> None:
    for data, frame, k in random_sets(rng, 40):
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


@pytest.mark.filterwarnings("error")
def test_a_warm_start_ends_where_a_cold_one_does(rng: np.random.Generator) -> None:
    """With raters and categories that the earlier result did not know."""
    for _ in range(20):
        truth = rng.integers(3, size=60)
        unit, rater = (index.ravel() for index in np.indices((60, 6)))
        value = np.where(rng.random(360) < 0.75, truth[unit], rng.integers(3, size=360))
        early = (rater < 5) & (value < 2)
        before = aggregation.dawid_skene(unit[early], rater[early], value[early], smoothing=0.5)
        options = {"smoothing": 0.5, "tolerance": 1e-13}
        cold = aggregation.dawid_skene(unit, rater, value, **options)
        warm = aggregation.dawid_skene(unit, rater, value, start=before, **options)
        assert warm.posterior == pytest.approx(cold.posterior, abs=1e-9)
        assert warm.confusion == pytest.approx(cold.confusion, abs=1e-9)
    again = aggregation.dawid_skene(unit, rater, value, start=cold, **options)
    assert again.iterations < cold.iterations
