"""Plackett-Luce, best-worst, Elo, additive counts and adaptive pairs."""

from __future__ import annotations

import choix
import numpy as np
import pytest
from scipy import optimize

from concord.stats import InputError
from concord.stats.ranking import (
    VoteCounts,
    best_worst,
    bradley_terry,
    elo,
    next_pairs,
    plackett_luce,
    win_rates,
)


def random_votes(rng: np.random.Generator, s: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    left = rng.integers(s, size=n)
    right = (left + rng.integers(1, s, size=n)) % s
    return left, right, rng.choice([0.0, 0.5, 1.0], size=n)


def test_bradley_terry_against_choix_and_the_likelihood_equations(rng: np.random.Generator) -> None:
    for _ in range(8):
        left, right, outcome = random_votes(rng, 5, 200)
        outcome = np.where(outcome == 0.5, 1.0, outcome)
        pairs = [(a, b) if o else (b, a) for a, b, o in zip(left, right, outcome, strict=True)]
        expected = choix.opt_pairwise(5, pairs, tol=1e-12)
        result = bradley_terry(left, right, outcome, n_systems=5)
        assert result.log_strengths == pytest.approx(expected - expected.mean(), abs=1e-6)
        wins = np.zeros((5, 5))
        np.add.at(wins, tuple(np.array(pairs).T), 1)
        flow = result.strengths
        balance = (wins + wins.T) / (flow[:, None] + flow[None, :])
        assert flow * balance.sum(axis=1) == pytest.approx(
            wins.sum(axis=1), abs=1e-9
        )  # the likelihood equations


def test_plackett_luce_against_choix(rng: np.random.Generator) -> None:
    for _ in range(2):
        rankings = [rng.permutation(4)[:3] for _ in range(25)]
        expected = choix.opt_rankings(4, [r.tolist() for r in rankings], tol=1e-12)
        result = plackett_luce(rankings, n_systems=4)
        assert result.log_strengths == pytest.approx(expected - expected.mean(), abs=1e-6)


def test_plackett_luce_of_pairs_is_bradley_terry(rng: np.random.Generator) -> None:
    left, right, outcome = random_votes(rng, 5, 150)
    outcome = np.round(outcome)
    rows = np.where(outcome[:, None] == 1, np.stack([left, right], 1), np.stack([right, left], 1))
    pairs, lists = bradley_terry(left, right, outcome, n_systems=5), plackett_luce(rows, n_systems=5)
    assert lists.log_strengths == pytest.approx(pairs.log_strengths, abs=1e-9)
    assert lists.covariance == pytest.approx(pairs.covariance, abs=1e-9)
    assert lists.log_likelihood == pytest.approx(pairs.log_likelihood)


def test_plackett_luce_ranks_what_scored_against_each_other() -> None:
    result = plackett_luce([[0, 1, 2], [0, 2, 1]], n_systems=3)
    assert (result.components, result.undefeated) == (((0,), (1, 2)), (0,))
    assert result.log_strengths[1:].tolist() == [0, 0]
    assert np.isnan(result.strengths[0])
    assert (np.isfinite(result.low[0]), result.high[0]) == (True, np.inf)
    assert plackett_luce([[0, 1, 2]], n_systems=3).undefined


def test_groups_far_apart_split_the_likelihood_of_rankings_against_optimizer(
    rng: np.random.Generator,
) -> None:
    """Systems 0 to 2 always come before 3 and 4: the best strengths with a gap of 40 are those of both on their own."""
    rows = [[*rng.permutation(3), *(3 + rng.permutation(2))] for _ in range(30)]
    result = plackett_luce(rows, n_systems=5)
    assert result.components == ((0, 1, 2), (3, 4))

    def lost(free: np.ndarray) -> float:
        s = np.array([*free[:2], -free[:2].sum(), free[2] - 40, -free[2] - 40])
        ranked = s[np.array(rows)]
        left = np.logaddexp.accumulate(ranked[:, ::-1], axis=1)[:, ::-1]
        return float((left - ranked).sum())

    found = optimize.minimize(lost, np.zeros(3), tol=1e-10).x
    assert result.log_strengths[[0, 1, 3]] == pytest.approx(found, abs=1e-4)
    assert result.log_likelihood == pytest.approx(-lost(result.log_strengths[[0, 1, 3]]), abs=1e-9)


def test_first_or_last_in_every_ranking_leaves_one_end_against_bradley_terry(
    rng: np.random.Generator,
) -> None:
    """In rankings of two both are the same."""
    left, right, outcome = random_votes(rng, 4, 80)
    outcome = np.round(outcome)
    left, right = np.append(left, [4, 4, 5]), np.append(right, [0, 1, 2])
    outcome = np.append(outcome, [1, 1, 0])
    rows = np.where(outcome[:, None] == 1, np.stack([left, right], 1), np.stack([right, left], 1))
    pairs, lists = bradley_terry(left, right, outcome, n_systems=6), plackett_luce(rows, n_systems=6)
    assert (lists.undefeated, lists.winless) == ((4,), (5,))
    assert lists.low[4] == pytest.approx(pairs.low[4], abs=1e-6)
    assert lists.high[5] == pytest.approx(pairs.high[5], abs=1e-6)
    assert (lists.low[5], lists.high[4]) == (-np.inf, np.inf)


def test_the_last_of_many_is_further_down_than_the_last_of_two() -> None:
    ring = [[0, 1, 2, -1], [1, 2, 0, -1], [2, 0, 1, -1]] * 20
    few = plackett_luce([*ring, [0, 3, -1, -1]], n_systems=4)
    many = plackett_luce([*ring, [0, 1, 2, 3]], n_systems=4)
    assert many.high[3] < few.high[3]
    # Last of four equal ones: passed over with chances 3 / 4, 2 / 3, 1 / 2, and of two with 1 / 2.
    assert few.high[3] == pytest.approx(3.66, abs=0.05)


def test_plackett_luce_says_when_no_maximum_exists() -> None:
    assert plackett_luce([], n_systems=3).undefined
    for bad in ([[0, 0]], [[0, 7]], [[-1, 0]]):
        with pytest.raises(InputError):
            plackett_luce(bad, n_systems=3)


@pytest.mark.parametrize("ties", ["half", "davidson", "rao-kupper"])
def test_additive_counts_equal_the_votes(ties: str, rng: np.random.Generator) -> None:
    left, right, outcome = random_votes(rng, 6, 400)
    full = bradley_terry(left, right, outcome, n_systems=6, ties=ties)
    first, second = VoteCounts(6), VoteCounts(6)
    first.update(left[:150], right[:150], outcome[:150])
    second.update(left[150:], right[150:], outcome[150:])
    first.merge(second)
    again = first.bradley_terry(ties=ties)
    assert again.log_strengths == pytest.approx(full.log_strengths, abs=1e-11)
    assert again.covariance == pytest.approx(full.covariance, abs=1e-11)
    assert (again.n, again.n_votes.tolist()) == (full.n, full.n_votes.tolist())
    assert first.win_rate() == pytest.approx(win_rates(left, right, outcome, n_systems=6).value)
    with pytest.raises(InputError):
        first.merge(VoteCounts(5))


def test_elo_is_the_chess_formula_and_depends_on_order() -> None:
    forward = elo([0, 0], [1, 1], [1, 0], n_systems=3)
    backward = elo([0, 0], [1, 1], [0, 1], n_systems=3)
    assert forward.rating[:2].sum() == pytest.approx(2000)
    assert np.isnan(forward.rating[2])
    assert forward.rating[0] == pytest.approx(1016 - 32 / (1 + 10 ** (-32 / 400)))
    assert forward.rating[0] != backward.rating[0]


def test_best_worst_by_hand() -> None:
    result = best_worst([[0, 1, 2], [0, 1, 2], [1, 2, -1]], [0, 0, 1], [2, 1, 2], n_systems=4)
    assert result.value[:3] == pytest.approx([1.0, 0.0, -2 / 3])
    assert result.n_shown.tolist() == [2, 3, 3, 0]
    assert result.undefined[3]
    for bad in (([[0, 1]], [0], [0]), ([[0, 1]], [2], [0])):
        with pytest.raises(InputError):
            best_worst(*bad, n_systems=4)


def test_next_pairs_prefer_what_is_unsure_and_know_their_chances(rng: np.random.Generator) -> None:
    left = np.repeat([0, 1, 2], [400, 400, 6])
    right = np.repeat([1, 0, 0], [400, 400, 6])
    outcome = np.tile([1.0, 0.0], 403)
    fitted = bradley_terry(left, right, outcome, n_systems=3)
    drawn = next_pairs(fitted, n=4000, rng=rng)
    with_new = (drawn.left == 2) | (drawn.right == 2)
    assert with_new.mean() > 0.85
    assert (drawn.left == 0).mean() == pytest.approx((drawn.right == 0).mean(), abs=0.05)
    key = np.minimum(drawn.left, drawn.right) * 3 + np.maximum(drawn.left, drawn.right)
    for pair in np.unique(key):
        assert (key == pair).mean() == pytest.approx(drawn.propensity[key == pair][0], abs=0.03)
    undefined = bradley_terry([0], [1], [1], n_systems=3)
    assert len(next_pairs(undefined, n=10, rng=rng).left) == 10
    with pytest.raises(InputError):
        next_pairs(undefined, n=1, allowed=np.zeros((3, 3)))
