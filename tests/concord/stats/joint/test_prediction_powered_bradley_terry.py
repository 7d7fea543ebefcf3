"""Prediction-powered strengths: what people connect, chances of being asked, and ends."""

from __future__ import annotations

import numpy as np
import ppi_py
import pytest
from scipy import special

from concord.stats import InputError
from concord.stats.joint import prediction_powered_bradley_terry
from concord.stats.ranking import bradley_terry


def test_nothing_but_ties_leaves_the_prediction_powered_strengths_open() -> None:
    a, b, tie = [0, 0, 1, 1] * 5, [1, 1, 0, 0] * 5, [0.5] * 20
    found = prediction_powered_bradley_terry(a, b, tie, tie, a, b, tie, n_systems=2)
    np.testing.assert_allclose(found.log_strengths, 0.0, atol=1e-12)
    assert np.isnan(found.low).all()
    assert found.rank_high.tolist() == [2.0, 2.0]
    assert "every vote says exactly what the strengths expect" in found.notes[0]


@pytest.mark.filterwarnings("error")
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


@pytest.mark.filterwarnings("error")
def test_one_vote_beside_a_judge_leaves_no_interval() -> None:
    found = prediction_powered_bradley_terry([0], [1], [0.5], [1], [0, 1], [1, 0], [1, 0], n_systems=2)
    assert np.isnan([*found.low, *found.high]).all()
    assert "one vote: no interval, and every rank is open." in found.notes
    assert found.rank_low.tolist() == [1, 1]
    assert found.rank_high.tolist() == [2, 2]


def test_prediction_powered_bradley_terry_ends(rng: np.random.Generator) -> None:
    """Weight 0 is the fit of people's votes; a judge who always agrees makes the fit of all votes."""
    s, n = 5, 3000
    strength = np.linspace(-1, 1, s)
    left = rng.integers(s, size=n)
    right = (left + rng.integers(1, s, size=n)) % s
    outcome = (rng.random(n) < 1 / (1 + np.exp(strength[right] - strength[left]))).astype(float)
    part, rest = slice(0, 400), slice(400, n)
    args = (left[part], right[part], outcome[part], outcome[part], left[rest], right[rest], outcome[rest])
    people = bradley_terry(left[part], right[part], outcome[part], n_systems=s)
    alone = prediction_powered_bradley_terry(*args, n_systems=s, lam=0.0)
    assert alone.log_strengths == pytest.approx(people.log_strengths, abs=1e-8)
    assert alone.standard_error == pytest.approx(people.standard_error, rel=0.01)
    trusted = prediction_powered_bradley_terry(*args, n_systems=s, lam=1.0)
    machine = bradley_terry(left[rest], right[rest], outcome[rest], n_systems=s)
    assert trusted.log_strengths == pytest.approx(machine.log_strengths, abs=1e-8)
    tuned = prediction_powered_bradley_terry(*args, n_systems=s)
    assert tuned.lam > 0.7
    assert tuned.standard_error.sum() < 0.6 * alone.standard_error.sum()
    empty = prediction_powered_bradley_terry([0], [1], [1], [1], [0], [1], [1], n_systems=3)
    assert empty.undefined


def chosen_votes(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    left = rng.integers(4, size=600)
    right = (left + rng.integers(1, 4, size=600)) % 4
    return left, right, rng.integers(0, 2, size=600).astype(float), rng.uniform(0.2, 0.9, size=600)


def test_chances_weigh_peoples_votes_and_let_the_judge_speak_of_all(rng: np.random.Generator) -> None:
    """Weight 0 is the weighted fit of people's votes; a judge who always agrees makes the plain fit of all votes."""
    left, right, won, chance = chosen_votes(rng)
    args = (left[:200], right[:200], won[:200], won[:200], left[200:], right[200:], won[200:])
    weighted = bradley_terry(left[:200], right[:200], won[:200], n_systems=4, weights=1 / chance[:200])
    for option in ({"propensities": chance[:200]}, {"weights": 1 / chance[:200]}):
        alone = prediction_powered_bradley_terry(*args, n_systems=4, lam=0.0, **option)
        assert alone.log_strengths == pytest.approx(weighted.log_strengths, abs=1e-8)
        assert alone.standard_error == pytest.approx(weighted.standard_error, rel=0.03)
        assert (alone.n_labelled, alone.n_unlabelled) == (200, 400)
    every = bradley_terry(left, right, won, n_systems=4)
    trusted = prediction_powered_bradley_terry(*args, n_systems=4, lam=1.0, propensities=chance[:200])
    assert trusted.log_strengths == pytest.approx(every.log_strengths, abs=1e-8)
    assert trusted.standard_error == pytest.approx(every.standard_error, rel=0.02)
    rest = bradley_terry(left[200:], right[200:], won[200:], n_systems=4)
    apart = prediction_powered_bradley_terry(*args, n_systems=4, lam=1.0, weights=1 / chance[:200])
    assert apart.log_strengths == pytest.approx(rest.log_strengths, abs=1e-8)


def test_equal_weights_change_nothing_and_votes_of_chances_are_their_own_clusters(
    rng: np.random.Generator,
) -> None:
    left, right, won, chance = chosen_votes(rng)
    judge = np.where(rng.random(600) < 0.8, won, 1 - won)
    args = (left[:200], right[:200], won[:200], judge[:200], left[200:], right[200:], judge[200:])
    plain = prediction_powered_bradley_terry(*args, n_systems=4)
    same = prediction_powered_bradley_terry(*args, n_systems=4, weights=[7.0] * 200)
    assert same.log_strengths == pytest.approx(plain.log_strengths, abs=1e-10)
    assert same.covariance == pytest.approx(plain.covariance, abs=1e-12)
    drawn = prediction_powered_bradley_terry(*args, n_systems=4, propensities=chance[:200])
    codes = {"clusters": np.arange(200), "unlabelled_clusters": np.arange(200, 600)}
    grouped = prediction_powered_bradley_terry(*args, n_systems=4, propensities=chance[:200], **codes)
    assert grouped.covariance == pytest.approx(drawn.covariance, abs=1e-14)
    assert drawn.df == np.inf
    assert 40 < grouped.df < 199  # clusters of one vote each, of very uneven weight
    with pytest.raises(InputError, match="not both"):
        prediction_powered_bradley_terry(*args, n_systems=4, propensities=chance[:200], weights=chance[:200])
    with pytest.raises(InputError, match="propensities must lie in"):
        prediction_powered_bradley_terry(*args, n_systems=4, propensities=[0.0] * 200)


def test_a_useless_judge_gets_no_weight(rng: np.random.Generator) -> None:
    n = 2000
    left = rng.integers(3, size=n)
    right = (left + rng.integers(1, 3, size=n)) % 3
    outcome, judge = rng.integers(0, 2, size=(2, n)).astype(float)
    result = prediction_powered_bradley_terry(
        left[:300], right[:300], outcome[:300], judge[:300], left[300:], right[300:], judge[300:], n_systems=3
    )
    assert result.lam < 0.25


@pytest.mark.filterwarnings("ignore:'penalty' was deprecated:FutureWarning")
def test_strengths_solve_the_equations_of_ppi_pythons_logistic_regression(rng: np.random.Generator) -> None:
    """Its optimiser stops near 1e-6, so our solution is put into its gradient: all of it must vanish."""
    seen = 0
    while seen < 200:
        s, n = int(rng.integers(2, 7)), int(rng.integers(20, 200))
        total = n + int(rng.integers(n, 8 * n))
        left = rng.integers(s, size=total)
        right = (left + rng.integers(1, s, size=total)) % s
        won = (rng.random(total) < special.expit(rng.normal(size=s)[left] / 2)).astype(float)
        judged = np.where(rng.random(total) < rng.uniform(0.5, 1), won, 1 - won)
        lam = float(rng.random())
        result = prediction_powered_bradley_terry(
            left[:n], right[:n], won[:n], judged[:n], left[n:], right[n:], judged[n:], n_systems=s, lam=lam
        )
        if result.undefined:
            continue
        design = np.zeros((total, s))
        design[np.arange(total), left] = 1.0
        design[np.arange(total), right] = -1.0
        p = special.expit(design @ result.log_strengths)
        gradient = (
            lam * design[n:].T @ (p - judged)[n:] / (total - n)
            - lam * design[:n].T @ (p - judged)[:n] / n
            + design[:n].T @ (p - won)[:n] / n
        )
        assert gradient == pytest.approx(np.zeros(s), abs=1e-9)
        if seen < 20:
            anchored = design[:, :-1]
            theirs = ppi_py.ppi_logistic_pointestimate(
                anchored[:n], won[:n], judged[:n], anchored[n:], judged[n:], lam=lam
            )
            ours = result.log_strengths[:-1] - result.log_strengths[-1]
            assert ours == pytest.approx(theirs, abs=1e-3)
        seen += 1


def test_what_people_connect_has_the_strengths_it_has_alone(rng: np.random.Generator) -> None:
    """System 3 won both of people's votes on it; 4 and 5 met each other only, in people's votes."""
    left, right = rng.integers(3, size=60), rng.integers(3, size=60)
    outcome, judged = rng.integers(0, 2, 60), rng.integers(0, 2, 60)
    other = rng.integers(6, size=300), rng.integers(6, size=300), rng.integers(0, 2, 300)
    inside = (other[0] < 3) & (other[1] < 3)
    alone = prediction_powered_bradley_terry(
        left, right, outcome, judged, *(part[inside] for part in other), n_systems=3, lam=0.5
    )
    found = prediction_powered_bradley_terry(
        [*left, 3, 3, 4, 5],
        [*right, 0, 1, 5, 4],
        [*outcome, 1, 1, 1, 1],
        [*judged, 1, 1, 1, 1],
        *other,
        n_systems=7,
        lam=0.5,
    )
    for name in ("log_strengths", "low", "high", "rank_low", "rank_high"):
        assert getattr(found, name)[:3].tolist() == getattr(alone, name).tolist(), name
    assert (found.groups, found.undefeated) == (((0, 1, 2, 3), (4, 5)), (3,))
    assert np.isnan(found.log_strengths[[3, 6]]).all()
    assert np.isfinite(found.log_strengths[4:6]).all()
    assert found.why_undefined(6) == "the system has no votes"
    assert "never compared" in str(found.difference(0, 4).undefined)


def test_one_vote_of_people_connects_nothing() -> None:
    found = prediction_powered_bradley_terry([0], [1], [1], [1], [0, 1], [1, 0], [1, 1], n_systems=2)
    assert "connect no two systems" in str(found.undefined)
    assert (found.undefeated, found.winless) == ((0,), (1,))
