"""Strengths at the edges: where they exist and where not, odd scales, few clusters, weighted counts, chances of pairs."""

from __future__ import annotations

import warnings

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


@pytest.fixture(autouse=True)
def no_warning_from_numpy() -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def random_votes(rng: np.random.Generator, s: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    left = rng.integers(s, size=n)
    right = (left + rng.integers(1, s, size=n)) % s
    return left, right, rng.choice([0.0, 0.5, 1.0], size=n)


def test_a_long_chain_has_strengths_however_far_apart() -> None:
    """Each of 150 systems beats the next 20 times of 21: the ends are 446 apart, and that is the maximum."""
    left = np.repeat(np.arange(149), 21)
    right, outcome = left + 1, np.tile([1.0] * 20 + [0.0], 149)
    result = bradley_terry(left, right, outcome, n_systems=150)
    assert np.diff(result.log_strengths) == pytest.approx(np.full(149, -np.log(20)), abs=1e-8)
    rows = np.where(outcome[:, None] == 1, np.stack([left, right], 1), np.stack([right, left], 1))
    lists = plackett_luce(rows, n_systems=150)
    assert lists.log_strengths == pytest.approx(result.log_strengths, abs=1e-7)


def separated(left: np.ndarray, right: np.ndarray, outcome: np.ndarray, s: int) -> bool:
    """Return whether a linear programme finds gaps and a tie parameter that grow together and lose no likelihood."""
    rows, limits = [], []
    for i, j, won in zip(left, right, outcome, strict=True):
        gap = np.zeros(s + 1)
        gap[i], gap[j] = 1.0, -1.0
        tie = np.eye(s + 1)[s]
        if won == 0.5:
            rows += [gap - tie, -gap - tie]
        else:
            rows.append(tie - gap if won == 1 else tie + gap)
        limits += [0.0] * (2 if won == 0.5 else 1)
    bounds = [(-s, s)] * s + [(0, 1)]
    solved = optimize.linprog(-np.eye(s + 1)[s], A_ub=np.array(rows), b_ub=limits, bounds=bounds)
    return bool(-solved.fun > 1e-6)


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_tie_models_are_finite_exactly_where_a_linear_programme_says_so(
    ties: str, rng: np.random.Generator
) -> None:
    seen = {True: 0, False: 0}
    for _ in range(200):
        s = int(rng.integers(2, 5))
        votes = random_votes(rng, s, int(rng.integers(s, 3 * s)))
        if not (votes[2] == 0.5).any():
            continue
        result = bradley_terry(*votes, n_systems=s, ties=ties)
        if np.isnan(result.n_votes).any() or (result.n_votes == 0).any() or len(result.components) > 1:
            continue
        assert result.defined != separated(*votes, s), (votes, result.undefined)
        seen[result.defined] += 1
    assert min(seen.values()) > 10


@pytest.mark.parametrize("ties", ["half", "davidson", "rao-kupper"])
def test_votes_of_no_weight_do_not_connect_systems(ties: str) -> None:
    left, right, outcome = [0, 1, 0, 1, 2, 2], [1, 0, 1, 2, 1, 1], [1, 1, 0.5, 1, 0.5, 1]
    assert bradley_terry(left, right, outcome, n_systems=3, ties=ties).defined
    alone = bradley_terry(left, right, outcome, n_systems=3, ties=ties, weights=[1, 1, 1, 1, 0, 0])
    assert alone.components == ((0, 1), (2,))
    assert alone.winless == (2,)


def test_resamples_without_a_maximum_are_left_out_and_said() -> None:
    """The last system lost 7 of 8: a third of the resamples leave it without a win."""
    votes = [0, 1] * 10 + [0] * 7 + [2], [1, 0] * 10 + [2] * 7 + [0], [1.0] * 28
    result = bradley_terry(*votes, n_systems=3, n_resamples=200)
    assert np.isfinite(result.low).all()
    assert "had no finite strengths" in result.notes[0]


def test_one_cluster_gives_strengths_and_no_interval() -> None:
    votes = [0, 0, 1] * 5, [1, 1, 0] * 5, [1.0] * 15
    for resamples in (0, 20):
        result = bradley_terry(*votes, n_systems=2, clusters=[3] * 15, n_resamples=resamples)
        assert np.isfinite(result.log_strengths).all()
        assert np.isnan([result.low, result.high, result.standard_error]).all()
        assert (result.rank_low.tolist(), result.rank_high.tolist()) == ([1, 1], [2, 2])
        assert "one cluster" in result.notes[0]
    lists = plackett_luce([[0, 1], [0, 1], [1, 0]], n_systems=2, clusters=[3] * 3)
    assert np.isnan(lists.low).all()
    assert lists.notes


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


def test_a_covariate_that_says_nothing_new_is_named() -> None:
    votes = [0, 0, 1, 0], [1, 1, 0, 1], [1, 0, 1, 0]
    for covariates in (np.zeros(4), np.ones((4, 2)), [1, 1, -1, 1]):
        result = bradley_terry(*votes, n_systems=2, covariates=covariates)
        assert "follows from the other" in str(result.undefined)
    with pytest.raises(InputError, match="numbers"):
        bradley_terry(*votes, n_systems=2, covariates=["1", "2", "3", "4"])
    with pytest.raises(InputError, match="rescale"):
        bradley_terry(*votes, n_systems=2, covariates=[1e300, 1, 2, 3])


def test_malformed_calls_get_a_clear_sentence() -> None:
    for call in (
        lambda: bradley_terry([0], [1], [1], n_systems=10**7),
        lambda: bradley_terry([[0, 1]], [1], [1], n_systems=2),
        lambda: bradley_terry([0, 1], [1], [1], n_systems=2),
        lambda: bradley_terry([0], [1], [1], n_systems=2, weights=[-1]),
        lambda: bradley_terry([0], [1], [1], n_systems=2, n_resamples=1.5),
        lambda: elo([0], [1], [1], n_systems=2, k="a"),
        lambda: elo([0], [1], [1], n_systems=2, scale=0),
        lambda: best_worst([[0, 1, -1]], [-1], [1], n_systems=2),
        lambda: best_worst([[0, 1, 1]], [0], [1], n_systems=2),
        lambda: next_pairs(bradley_terry([0], [1], [1], n_systems=2), n=1, exploration="x"),
        lambda: next_pairs(bradley_terry([0], [1], [1], n_systems=2), n=1, allowed=[["a", "b"], ["c", "d"]]),
        lambda: VoteCounts(2).merge(VoteCounts(3)),
        lambda: VoteCounts(2).merge("votes"),  # type: ignore[arg-type]
        lambda: plackett_luce([[0, 1], [1, 0]], n_systems=2, weights=[1, -1]),
    ):
        with pytest.raises(InputError):
            call()


@pytest.mark.parametrize("ties", ["half", "davidson", "rao-kupper"])
@pytest.mark.parametrize("weighted", [False, True])
def test_counts_equal_recomputation_bit_for_bit(ties: str, weighted: bool, rng: np.random.Generator) -> None:
    left, right, outcome = random_votes(rng, 6, 500)
    weight = rng.choice([0.0, 0.25, 1.0, 3.0], size=500) if weighted else None
    full = bradley_terry(left, right, outcome, n_systems=6, ties=ties, weights=weight)
    counts, part = VoteCounts(6), VoteCounts(6)
    for target, cut in ((counts, slice(0, 3)), (part, slice(3, 200)), (counts, slice(200, 500))):
        target.update(left[cut], right[cut], outcome[cut], weights=None if weight is None else weight[cut])
    counts.merge(part)
    again = counts.bradley_terry(ties=ties)
    for name in ("log_strengths", "covariance", "low", "high", "n_votes"):
        assert (getattr(again, name) == getattr(full, name)).all(), name
    assert (again.log_likelihood, again.n, again.tie_parameter == full.tie_parameter or ties == "half") == (
        full.log_likelihood,
        full.n,
        True,
    )
    whole = win_rates(left, right, outcome, n_systems=6, weights=weight)
    assert counts.win_rate() == pytest.approx(whole.value, abs=1e-14)


def test_counts_of_unlike_weights_cannot_be_resampled(rng: np.random.Generator) -> None:
    left, right, outcome = random_votes(rng, 3, 90)
    counts = VoteCounts(3)
    counts.update(left, right, outcome, weights=rng.uniform(1, 2, size=90))
    with pytest.raises(InputError, match="one by one"):
        counts.bradley_terry(n_resamples=10)
    alike = VoteCounts(3)
    alike.update(left, right, outcome, weights=np.full(90, 2.0))
    drawn = alike.bradley_terry(n_resamples=200)
    plain = bradley_terry(left, right, outcome, n_systems=3, n_resamples=200)
    assert drawn.low == pytest.approx(plain.low, abs=1e-9)


def test_many_votes_are_resampled_as_a_multinomial_would(rng: np.random.Generator) -> None:
    """12,000 votes go through Poisson counts filled up to 12,000: mean, variance and covariance are the multinomial's."""
    from concord.stats.ranking._bootstrap import _multinomial

    share = np.array([0.5, 0.3, 0.15, 0.05])
    drawn = np.array([_multinomial(12_000, share, rng) for _ in range(4000)])
    assert (drawn.sum(axis=1) == 12_000).all()
    expected = 12_000 * (np.diag(share) - np.outer(share, share))
    assert drawn.mean(axis=0) == pytest.approx(12_000 * share, rel=0.005)
    assert np.cov(drawn.T) == pytest.approx(expected, abs=0.08 * expected.max())


def test_weighting_by_the_chances_of_pairs_undoes_the_choice(rng: np.random.Generator) -> None:
    """A win rate over adaptively drawn pairs, weighted back, is that over pairs drawn evenly; unweighted it is not."""
    p = np.array([[0.5, 0.9, 0.6, 0.7], [0.1, 0.5, 0.4, 0.2], [0.4, 0.6, 0.5, 0.8], [0.3, 0.8, 0.2, 0.5]])
    start = random_votes(rng, 4, 60)
    fitted = bradley_terry(start[0], start[1], start[2], n_systems=4)
    lopsided = np.repeat([[0, 1], [1, 0]], [90, 90], axis=0).T
    fitted = bradley_terry(
        np.append(start[0], lopsided[0]),
        np.append(start[1], lopsided[1]),
        np.append(start[2], np.ones(180)),
        n_systems=4,
    )
    chosen = next_pairs(fitted, n=60_000, rng=rng)
    won = (rng.random(60_000) < p[chosen.left, chosen.right]).astype(float)
    even = np.array([(p[i].sum() - 0.5) / 3 for i in range(4)])
    back = win_rates(chosen.left, chosen.right, won, n_systems=4, weights=1 / chosen.propensity)
    assert back.value == pytest.approx(even, abs=0.02)
    assert ((back.low <= even) & (even <= back.high)).all()
    naive = win_rates(chosen.left, chosen.right, won, n_systems=4)
    assert np.abs(naive.value - even).max() > 0.03


def test_a_rate_over_opponents_varies_within_opponents_only(rng: np.random.Generator) -> None:
    """Nine of ten against one, one of ten against the other: the rate is .5 with the error of a stratified mean."""
    left, right = np.zeros(400, dtype=int), np.repeat([1, 2], 200)
    outcome = np.concatenate([np.tile([1] * 9 + [0], 20), np.tile([0] * 9 + [1], 20)])
    by_opponent = win_rates(left, right, outcome, n_systems=3, average="opponents")
    assert by_opponent.value[0] == pytest.approx(0.5)
    assert by_opponent.standard_error[0] == pytest.approx(np.sqrt(0.5 * 0.09 / 199), rel=1e-9)
    assert win_rates(left, right, outcome, n_systems=3).standard_error[0] == pytest.approx(
        np.sqrt(0.25 / 399), rel=1e-9
    )


def test_always_best_is_not_certainty() -> None:
    result = best_worst([[0, 1, 2]] * 10, [0] * 10, [2] * 10, n_systems=3)
    assert result.value.tolist() == [1.0, 0.0, -1.0]
    assert result.high[0] == 1.0
    assert 0.3 < result.low[0] < 0.6
    assert np.isfinite(result.low).all()


def test_many_rankings_settle_though_their_sums_round(rng: np.random.Generator) -> None:
    """260,000 rankings: the search must stop at the noise of its own sums instead of giving up."""
    truth = np.array([0.8, 0.2, -0.3, -0.7])
    table = np.argsort(-truth - rng.gumbel(size=(260_000, 4)), axis=1)
    result = plackett_luce(table, n_systems=4)
    assert result.iterations < 20
    assert result.log_strengths == pytest.approx(truth, abs=0.02)


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


@pytest.mark.parametrize(
    "call",
    [
        lambda fit: fit.difference(0, "1"),
        lambda fit: fit.difference(0, 1.5),
        lambda fit: fit.difference("GPT 4", 0),
        lambda fit: fit.win_probability_interval(0, 2),
        lambda fit: fit.table(names=["one"]),
        lambda fit: fit.table(names="ab"),
        lambda fit: fit.table(base="x"),
        lambda fit: fit.win_probability(None, 0),
        lambda fit: fit.rating("x"),
        lambda fit: fit.rating_interval(scale=None),
        lambda fit: next_pairs(None, n=2),
        lambda fit: next_pairs(fit, n=10**12),
    ],
)
def test_what_is_asked_of_a_fit_is_checked(call) -> None:
    with pytest.raises(InputError):
        call(bradley_terry([0, 1], [1, 0], [1.0, 1.0], n_systems=2))


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


def test_a_system_beside_itself_differs_by_nothing_if_it_has_a_strength() -> None:
    fit = bradley_terry([0, 1, 0], [1, 0, 1], [1.0, 1.0, 0.5], n_systems=3)
    same = fit.difference(1, 1)
    assert (same.value, same.n) == (0, 3)
    assert same.notes == ("a system beside itself: no interval.",)
    assert fit.difference(2, 2).undefined == "a system has no votes"
    assert np.isnan(fit.difference(2, 2).value)
