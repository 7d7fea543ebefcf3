"""Plackett-Luce: choix, Cox models, Bradley-Terry for pairs, and rankings without a maximum."""

from __future__ import annotations

import choix
import numpy as np
import pytest
from scipy import optimize

from concord.stats import InputError
from concord.stats.ranking import bradley_terry, plackett_luce
from tests.concord.stats.ranking.votes import random_votes


def test_clusters_whose_rankings_cancel_do_not_make_strengths_certain() -> None:
    rankings, clusters = [[0, 1], [1, 0]] * 4, np.arange(8) // 2
    found = plackett_luce(rankings, n_systems=2, clusters=clusters)
    # Eight even votes say 1 / sqrt(8 / 4) about the difference, half of it about each strength.
    np.testing.assert_allclose(found.standard_error, np.sqrt(1 / 2) / 2)
    assert found.high.min() > 1.0


def test_rankings_of_unlike_length_are_refused_with_a_word_on_rows() -> None:
    with pytest.raises(InputError, match="rankings must be a list of numbers, or rows of equal length"):
        plackett_luce([[0, 1, 2], [1, 0]], n_systems=3)  # type: ignore[list-item]


def test_plackett_luce_goes_by_the_likelihood_of_every_choice(rng: np.random.Generator) -> None:
    from concord.stats.ranking import _rankings
    from concord.stats.ranking._plackett_luce import fit

    table = np.argsort(rng.random((30, 5)), axis=1)
    for row in table[::2]:
        row[rng.integers(2, 5) :] = -1
    weight, strengths = rng.random(30) + 0.5, rng.normal(size=5)
    value, gradient, information = 0.0, np.zeros(5), np.zeros((5, 5))
    for ranking, w in zip(table, weight, strict=True):
        left = ranking[ranking >= 0].tolist()
        while len(left) > 1:
            chance = np.zeros(5)
            chance[left] = np.exp(strengths[left]) / np.exp(strengths[left]).sum()
            value += w * np.log(chance[left[0]])
            gradient += w * (np.eye(5)[left[0]] - chance)
            information += w * (np.diag(chance) - np.outer(chance, chance))
            left = left[1:]
    found = fit._evaluate(_rankings.places_of(table, weight, np.arange(5)), strengths)
    for part, plain in zip(found, (value, gradient, information), strict=True):
        assert part == pytest.approx(plain, rel=1e-12, abs=1e-12)


@pytest.mark.filterwarnings("error")
def test_many_rankings_settle_though_their_sums_round(rng: np.random.Generator) -> None:
    """260,000 rankings: the search must stop at the noise of its own sums instead of giving up."""
    truth = np.array([0.8, 0.2, -0.3, -0.7])
    table = np.argsort(-truth - rng.gumbel(size=(260_000, 4)), axis=1)
    result = plackett_luce(table, n_systems=4)
    assert result.iterations < 20
    assert result.log_strengths == pytest.approx(truth, abs=0.02)


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


def test_plackett_luce_is_a_fixed_point_of_choix(rng: np.random.Generator) -> None:
    seen = 0
    while seen < 200:
        s, n = int(rng.integers(2, 7)), int(rng.integers(5, 40))
        noisy = rng.normal(size=s) + rng.gumbel(size=(n, s))
        table = np.argsort(-noisy, axis=1)
        shown = rng.integers(2, s + 1, size=n)
        table[np.arange(s)[None, :] >= shown[:, None]] = -1
        result = plackett_luce(table, n_systems=s)
        if result.undefined or np.isnan(result.log_strengths).any():
            continue
        rankings = [tuple(row[row >= 0].tolist()) for row in table]
        again = choix.lsr_rankings(s, rankings, initial_params=result.log_strengths)
        assert again - again.mean() == pytest.approx(result.log_strengths, abs=1e-9)
        assert result.log_likelihood == pytest.approx(
            choix.log_likelihood_rankings(rankings, result.log_strengths), rel=1e-12
        )
        seen += 1


def test_plackett_luce_is_the_stratified_cox_model(textbook_clusters: None) -> None:
    """R: coxph(Surv(place) ~ system + strata(ranking), cluster = judge), whose sandwich has no factor G / (G - 1)."""
    rankings = ["01234", "1032", "240", "43102", "021", "3041", "12430", "20", "03142", "4021", "143", "3201"]
    padded = [[int(c) for c in row] + [-1] * (5 - len(row)) for row in rankings]
    result = plackett_luce(padded, n_systems=5, clusters=np.repeat(np.arange(4), 3))
    expected = [-0.25885141628264, -0.27312883167158, 0.18189475244285, 0.04348241556827]
    assert result.log_strengths[1:] - result.log_strengths[0] == pytest.approx(expected, abs=1e-12)
    assert result.log_likelihood == pytest.approx(-37.54028223239, abs=1e-10)
    own = np.diag(result.covariance)
    error = np.sqrt((own[1:] + own[0] - 2 * result.covariance[0, 1:]) * 3 / 4)
    robust = [0.6315809198047, 0.3054323406779, 0.3524818400022, 0.3749320640916]
    assert error == pytest.approx(robust, abs=1e-12)
