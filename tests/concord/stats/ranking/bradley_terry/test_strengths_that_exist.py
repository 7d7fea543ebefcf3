"""Which strengths exist: undefeated systems, groups that never met, and one-way chains."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special, stats

from concord.stats import InputError
from concord.stats.ranking import bradley_terry, plackett_luce
from tests.concord.stats.ranking.votes import random_votes

pytestmark = pytest.mark.filterwarnings("error")


def test_an_undefeated_newcomer_leaves_the_others_their_strengths(rng: np.random.Generator) -> None:
    left, right, outcome = random_votes(rng, 4, 120)
    alone = bradley_terry(left, right, outcome, n_systems=4)
    result = bradley_terry([4, *left, 3], [1, *right, 4], [1, *outcome, 0], n_systems=5)
    for name in ("log_strengths", "low", "high", "rank", "rank_low", "rank_high", "strengths", "system_df"):
        assert getattr(result, name)[:4].tolist() == getattr(alone, name).tolist(), name
    assert (result.undefeated, result.winless) == ((4,), ())
    assert (result.groups, result.components) == (((0, 1, 2, 3, 4),), ((4,), (0, 1, 2, 3)))
    assert np.isnan([result.log_strengths[4], result.rank[4], result.rank_low[4]]).all()
    assert (np.isfinite(result.low[4]), result.high[4]) == (True, np.inf)
    assert "one way" in str(result.difference(4, 0).undefined)
    assert np.isnan(result.win_probability(4, 0))
    assert "has not lost yet" in str(result.why_undefined(4))
    assert result.why_undefined(0) is None
    assert next(row["system"] for row in result.table()) == 4


def test_all_won_is_bounded_as_clopper_and_pearson_do_against_reference_package() -> None:
    """The opponent's strength is known to all digits, and 0."""
    for won in (1, 2, 30):
        left, right = [0, 1] * 500_000 + [2] * won, [1, 0] * 500_000 + [0] * won
        result = bradley_terry(left, right, np.ones(len(left)), n_systems=3, confidence=0.9)
        share = stats.binomtest(won, won).proportion_ci(0.9, "exact").low
        assert result.low[2] == pytest.approx(special.logit(share), abs=2e-3)
        assert result.high[2] == np.inf
        turned = bradley_terry(left, right, np.zeros(len(left)), n_systems=3, confidence=0.9)
        assert (turned.winless, turned.low[2]) == ((2,), -np.inf)
        assert turned.high[2] == pytest.approx(-result.low[2])
        assert "has not won yet" in str(turned.why_undefined(2))


def test_votes_of_a_cluster_count_once_towards_the_end_of_an_undefeated_system() -> None:
    """Nobody knows how votes of a rater hang together: ten that are decided as one say what one says."""
    ring = [0, 1] * 50, [1, 0] * 50
    left, right = ring[0] + [2] * 12, ring[1] + [0] * 12
    clusters = [*range(100), *[200] * 10, 201, 202]
    by_rater = bradley_terry(left, right, np.ones(112), n_systems=3, clusters=clusters)
    three = bradley_terry(
        ring[0] + [2] * 3, ring[1] + [0] * 3, np.ones(103), n_systems=3, clusters=range(103)
    )
    assert by_rater.low[2] == pytest.approx(three.low[2], abs=1e-6)
    both = bradley_terry(left, right, np.ones(112), n_systems=3, clusters=range(112), clusters2=clusters)
    assert both.low[2] == pytest.approx(by_rater.low[2], abs=0.1)


def test_groups_that_never_met_are_ranked_within_themselves_whatever_their_codes() -> None:
    votes = np.array([0, 1, 0, 2, 3, 2, 2]), np.array([1, 0, 1, 3, 2, 3, 3]), np.ones(7)
    result = bradley_terry(*votes, n_systems=5)
    assert (result.groups, result.components) == (((0, 1), (2, 3)),) * 2
    assert result.rank[:4].tolist() == [1, 2, 1, 2]
    assert result.log_strengths[:4] == pytest.approx(np.log([2, 0.5, 3, 1 / 3]) / 2)
    assert "never compared" in str(result.difference(0, 3).undefined)
    assert np.isnan(result.win_probability(0, 3))
    assert sum("never compared" in note for note in result.notes) == 1
    assert result.lone_groups() == ()
    swap = np.array([2, 3, 0, 1])
    other = bradley_terry(swap[votes[0]], swap[votes[1]], votes[2], n_systems=5)
    assert other.log_strengths[swap] == pytest.approx(result.log_strengths[:4])
    assert other.groups == result.groups
    assert [row["system"] for row in result.table()] == [0, 1, 2, 3, 4]


def test_what_won_one_way_only_is_ranked_apart_with_the_better_first() -> None:
    """2 and 3 beat 0 and 1 whenever they met."""
    left, right = [0, 1, 2, 3, 2, 3], [1, 0, 3, 2, 0, 1]
    result = bradley_terry(left, right, np.ones(6), n_systems=4)
    assert (result.groups, result.components) == (((0, 1, 2, 3),), ((2, 3), (0, 1)))
    assert (result.undefeated, result.winless) == ((), ())
    assert result.log_strengths.tolist() == [0, 0, 0, 0]
    assert "one way" in str(result.difference(0, 2).undefined)
    assert any("went against the order" in note for note in result.notes)


def test_a_chain_has_no_strengths_but_its_order() -> None:
    result = bradley_terry([2, 0], [0, 1], [1, 1], n_systems=3)
    assert "no two systems scored" in str(result.undefined)
    assert result.components == ((2,), (0,), (1,))
    assert (result.undefeated, result.winless) == ((2,), (1,))
    assert np.isnan([result.low, result.high]).all()


@pytest.mark.parametrize("ties", ["half", "davidson", "rao-kupper"])
def test_an_undefeated_system_has_its_end_in_every_model_of_ties(ties: str) -> None:
    left, right = [0, 1, 0, 2, 2], [1, 0, 1, 0, 1]
    result = bradley_terry(left, right, [1, 1, 0.5, 1, 1], n_systems=3, ties=ties)
    assert -10 < result.low[2] < 0
    fewer = bradley_terry(left[:4], right[:4], [1, 1, 0.5, 1], n_systems=3, ties=ties)
    assert fewer.low[2] < result.low[2]


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_ties_alone_do_not_make_a_tie_model_finite(ties: str) -> None:
    """One wins or ties, never loses: the tie parameter and the gap run to infinity together."""
    result = bradley_terry([0] * 6, [1] * 6, [1, 1, 1, 0.5, 0.5, 0.5], n_systems=2, ties=ties)
    assert result.undefined is not None
    assert np.isnan(result.strengths).all()
    assert bradley_terry([0] * 4, [1] * 4, [0.5] * 4, n_systems=2, ties=ties).undefined is not None


def test_separating_covariates_are_noticed() -> None:
    outcome = [1, 0, 1, 0, 1, 0]
    result = bradley_terry([0, 1, 0, 1, 0, 1], [1, 0, 1, 0, 1, 0], outcome, n_systems=2)
    assert result.undefined is not None
    mixed = bradley_terry(
        [0, 1, 0, 1], [1, 0, 1, 0], [1, 1, 0, 0], n_systems=2, covariates=[2.0, 2.0, -2.0, -2.0]
    )
    assert "separated" in str(mixed.undefined)


def test_no_votes_and_unused_systems() -> None:
    assert bradley_terry([], [], [], n_systems=0).undefined == "there are no votes"
    result = bradley_terry([0, 2, 0], [2, 0, 2], [1, 1, 0.5], n_systems=3)
    assert np.isnan(result.log_strengths[1])
    assert np.isfinite(result.log_strengths[[0, 2]]).all()
    assert result.notes


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


def test_a_covariate_that_says_nothing_new_is_named() -> None:
    votes = [0, 0, 1, 0], [1, 1, 0, 1], [1, 0, 1, 0]
    for covariates in (np.zeros(4), np.ones((4, 2)), [1, 1, -1, 1]):
        result = bradley_terry(*votes, n_systems=2, covariates=covariates)
        assert "follows from the other" in str(result.undefined)
    with pytest.raises(InputError, match="numbers"):
        bradley_terry(*votes, n_systems=2, covariates=["1", "2", "3", "4"])
    with pytest.raises(InputError, match="rescale"):
        bradley_terry(*votes, n_systems=2, covariates=[1e300, 1, 2, 3])


def test_a_system_beside_itself_differs_by_nothing_if_it_has_a_strength() -> None:
    fit = bradley_terry([0, 1, 0], [1, 0, 1], [1.0, 1.0, 0.5], n_systems=3)
    same = fit.difference(1, 1)
    assert (same.value, same.n) == (0, 3)
    assert same.notes == ("a system beside itself: no interval.",)
    assert fit.difference(2, 2).undefined == "a system has no votes"
    assert np.isnan(fit.difference(2, 2).value)


def test_the_end_of_an_undefeated_system_counts_what_the_side_was_worth(rng: np.random.Generator) -> None:
    """A win at home says less than one away; a vote turned round, with its covariate, says the same."""
    left = rng.integers(0, 4, 400)
    right = (left + rng.integers(1, 4, 400)) % 4
    home = np.where(rng.random(400) < 0.5, 1.0, -1.0)
    won = (rng.random(400) < 1 / (1 + np.exp(-0.9 * home))).astype(float)
    new = np.arange(4).repeat(3)

    def bound(covariate: float | None, turned: bool = False) -> float:
        x = np.append(home, np.full(12, covariate or 0.0))
        a, b, y = np.append(left, [4] * 12), np.append(right, new), np.append(won, np.ones(12))
        if turned:
            a[400:], b[400:], y[400:], x[400:] = new, 4, 0.0, -x[400:]
        found = bradley_terry(a, b, y, n_systems=5, covariates=None if covariate is None else x)
        assert found.undefeated == (4,)
        return float(found.low[4])

    level, at_home, away = bound(0.0), bound(1.0), bound(-1.0)
    assert at_home < level - 0.5
    assert level < away - 0.5
    assert away - at_home == pytest.approx(2 * 0.9, abs=0.6)  # twice what a side is worth
    for covariate in (0.0, 1.0, -1.0):
        assert bound(covariate, turned=True) == pytest.approx(bound(covariate), abs=1e-6)
    assert level == pytest.approx(bound(None), abs=0.25)
