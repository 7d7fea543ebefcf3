"""Intervals of strengths: resamples, sandwich, scale, and what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.ranking import VoteCounts, bradley_terry, elo, plackett_luce, win_rates
from tests.concord.stats.ranking.votes import from_wins, random_votes

pytestmark = pytest.mark.filterwarnings("error")


def test_bad_votes_are_refused() -> None:
    for left, right, outcome in (([0], [5], [1]), ([-1], [0], [1]), ([0], [1], [2]), ([0], [1], ["x"])):
        with pytest.raises(InputError):
            bradley_terry(left, right, outcome, n_systems=3)
    with pytest.raises(InputError):
        bradley_terry([0], [1], [0.7], n_systems=2, ties="davidson")


def test_swapping_sides_shuffling_and_merging_votes_change_nothing(rng: np.random.Generator) -> None:
    left, right, outcome = random_votes(rng, 6, 300)
    base = bradley_terry(left, right, outcome, n_systems=6)
    order = rng.permutation(300)
    flip = rng.random(300) < 0.5
    a, b = np.where(flip, right, left)[order], np.where(flip, left, right)[order]
    again = bradley_terry(a, b, np.where(flip, 1 - outcome, outcome)[order], n_systems=6)
    key, times = np.unique(np.stack([left, right, outcome]), axis=1, return_counts=True)
    merged = bradley_terry(key[0], key[1], key[2], n_systems=6, weights=times)
    assert again.log_strengths == pytest.approx(base.log_strengths, abs=1e-10)
    assert again.standard_error == pytest.approx(base.standard_error, abs=1e-10)
    assert merged.log_strengths == pytest.approx(base.log_strengths, abs=1e-10)


def test_bootstrap_and_sandwich_agree_on_many_votes(rng: np.random.Generator) -> None:
    votes = random_votes(rng, 5, 3000)
    exact = bradley_terry(*votes, n_systems=5)
    drawn = bradley_terry(*votes, n_systems=5, n_resamples=300, rng=rng)
    assert drawn.high - drawn.low == pytest.approx(exact.high - exact.low, rel=0.15)
    clustered = bradley_terry(*votes, n_systems=5, clusters=np.arange(3000), n_resamples=300, rng=rng)
    assert clustered.high - clustered.low == pytest.approx(exact.high - exact.low, rel=0.15)


def test_rank_ranges_follow_from_adjusted_differences() -> None:
    wins = np.array([[0, 90, 95], [10, 0, 52], [5, 48, 0]])
    result = bradley_terry(*from_wins(wins), n_systems=3)
    assert result.rank.tolist() == [1, 2, 3]
    assert result.rank_low.tolist() == [1, 2, 2]
    assert result.rank_high.tolist() == [1, 3, 3]


def test_resamples_of_nothing_but_ties_do_not_make_strengths_certain() -> None:
    votes = [0, 1, 0] * 5, [1, 2, 2] * 5, [0.5] * 15
    drawn = bradley_terry(*votes, n_systems=3, n_resamples=50, rng=np.random.default_rng(0))
    plain = bradley_terry(*votes, n_systems=3)
    np.testing.assert_allclose(drawn.low, plain.low)
    assert drawn.high.min() > 0.5
    assert drawn.method == "sandwich"
    assert "all resamples are alike" in drawn.notes[-1]


def test_resamples_with_covariates_are_refitted_to_their_own_maximum(rng: np.random.Generator) -> None:
    from concord.stats.ranking import _bootstrap, _newton, _tie_models, _votes

    n = 600
    left = rng.integers(3, size=n)
    data = _votes.votes(
        left, (left + 1) % 3, rng.integers(2, size=n), n_systems=3, covariates=rng.normal(size=(n, 2))
    )
    cells, model = _votes.cells(data, mapped=False), _tie_models.MODELS["half"]
    full = _newton.fit(cells, cells.weight, 3, model, np.zeros(6))
    weights = _bootstrap._weights(data, cells, 20, np.random.default_rng(2))
    drawn = _bootstrap.resampled_parameters(data, cells, full, model, 20, np.random.default_rng(2))
    for weight, found in zip(weights, drawn, strict=True):
        again = _newton.fit(cells, weight, 3, model, np.zeros(6))
        assert again.converged
        assert found == pytest.approx(again.parameters, abs=1e-9)


def test_resamples_without_a_maximum_are_left_out_and_said() -> None:
    """The last system lost 7 of 8: a third of the resamples leave it without a win."""
    votes = [0, 1] * 10 + [0] * 7 + [2], [1, 0] * 10 + [2] * 7 + [0], [1.0] * 28
    result = bradley_terry(*votes, n_systems=3, n_resamples=200)
    assert np.isfinite(result.low).all()
    assert "had no finite strengths" in result.notes[0]


def test_nothing_but_ties_is_not_certainty() -> None:
    result = bradley_terry([0] * 20, [1] * 20, [0.5] * 20, n_systems=2)
    assert result.difference(0, 1).standard_error == pytest.approx(np.sqrt(4 / 20))


@pytest.mark.parametrize("unit", [1e-300, 1e-9, 1e120])
def test_weights_have_no_unit(unit: float, rng: np.random.Generator) -> None:
    left, right, outcome = random_votes(rng, 4, 80)
    weight = rng.uniform(0.5, 2, size=80)
    one, two = (bradley_terry(left, right, outcome, n_systems=4, weights=weight * u) for u in (1.0, unit))
    assert two.log_strengths == pytest.approx(one.log_strengths, abs=1e-12)
    assert two.standard_error == pytest.approx(one.standard_error, rel=1e-9)
    rows = np.where(outcome[:, None] > 0, np.stack([left, right], 1), np.stack([right, left], 1))
    one, two = (plackett_luce(rows, n_systems=4, weights=weight * u) for u in (1.0, unit))
    assert two.standard_error == pytest.approx(one.standard_error, rel=1e-9)


@pytest.mark.parametrize("unit", [1e-100, 1e-3, 1e130])
def test_covariates_have_a_unit(unit: float, rng: np.random.Generator) -> None:
    left, right, _ = random_votes(rng, 3, 200)
    x = rng.normal(size=200)
    outcome = (rng.random(200) < 1 / (1 + np.exp(-x))).astype(float)
    one = bradley_terry(left, right, outcome, n_systems=3, covariates=x, n_resamples=20)
    two = bradley_terry(left, right, outcome, n_systems=3, covariates=x * unit, n_resamples=20)
    for name in ("coefficients", "coefficient_low", "coefficient_standard_error"):
        assert getattr(two, name) * unit == pytest.approx(getattr(one, name), rel=1e-7)


def test_many_votes_are_resampled_as_a_multinomial_would(rng: np.random.Generator) -> None:
    """12,000 votes go through Poisson counts filled up to 12,000: mean, variance and covariance are the multinomial's."""
    from concord.stats.ranking._bootstrap import _multinomial

    share = np.array([0.5, 0.3, 0.15, 0.05])
    drawn = np.array([_multinomial(12_000, share, rng) for _ in range(4000)])
    assert (drawn.sum(axis=1) == 12_000).all()
    expected = 12_000 * (np.diag(share) - np.outer(share, share))
    assert drawn.mean(axis=0) == pytest.approx(12_000 * share, rel=0.005)
    assert np.cov(drawn.T) == pytest.approx(expected, abs=0.08 * expected.max())


def test_what_has_no_weight_is_left_out_and_said() -> None:
    votes = ([0, 1, 0, 1, 1, 0], [1, 0, 1, 0, 1, 1], [1.0, 1, 0.5, 0, 1, np.nan])
    weights = [1.0, 2, 0, 1, 0, 0]
    omitted = {"missing outcomes or covariates": 1, "a system against itself": 1, "votes of weight 0": 1}
    for result in (
        bradley_terry(*votes, n_systems=2, weights=weights),
        win_rates(*votes, n_systems=2, weights=weights),
    ):
        assert result.omitted == omitted
    unweighted = {name: number for name, number in omitted.items() if name != "votes of weight 0"}
    assert elo(*votes, n_systems=2).omitted == unweighted
    halves = [VoteCounts(2), VoteCounts(2)]
    for half, rows in zip(halves, (slice(0, 3), slice(3, 6)), strict=True):
        half.update(*(column[rows] for column in votes), weights=weights[rows])
    halves[0].merge(halves[1])
    assert halves[0].bradley_terry().omitted == omitted
    ranked = plackett_luce([[0, 1], [1, 0], [0, 1], [1, -1]], n_systems=3, weights=[1, 1, 0, 0])
    assert ranked.n == 2
    assert ranked.omitted == {"rankings of fewer than two systems": 1, "rankings of weight 0": 1}
    assert ranked.notes == ("1 system was in no ranking and therefore no strength.",)


def test_a_single_resample_tells_nothing_of_the_spread() -> None:
    votes = ([0, 1, 0, 1, 0], [1, 0, 1, 0, 1], [1.0, 1, 0.5, 0, 1])
    result = bradley_terry(*votes, n_systems=2, n_resamples=1)
    assert np.isnan(result.low).all()
    assert result.notes[-1] == "fewer than two resamples to go by: no interval."
    whole = bradley_terry(*votes, n_systems=2, n_resamples=20.0)  # type: ignore[arg-type]
    assert (whole.low == bradley_terry(*votes, n_systems=2, n_resamples=20).low).all()


def test_few_resamples_are_stretched_to_the_tail_that_few_clusters_ask_for(rng: np.random.Generator) -> None:
    rater = np.repeat(np.arange(20), 12)
    left = rng.integers(3, size=240)
    right = (left + rng.integers(1, 3, size=240)) % 3
    outcome = (rng.random(240) < 0.5 + 0.3 * (left < right)).astype(float)

    def widths(n_resamples: int, seed: int) -> np.ndarray:
        source = np.random.default_rng(seed)
        found = bradley_terry(
            left, right, outcome, n_systems=3, clusters=rater, n_resamples=n_resamples, rng=source
        )
        return found.high - found.low

    few = np.mean([widths(19, seed) for seed in range(20)], axis=0)
    share = few / widths(3000, 0)  # unstretched .84: 19 resamples end at a twentieth
    assert ((share > 1) & (share < 1.3)).all()
