"""Bradley-Terry and win rates against published tables, a second implementation, and where no estimate exists."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, special, stats

from concord.stats import InputError
from concord.stats.ranking import bradley_terry, elo, win_rates

# Agresti, Categorical Data Analysis, table 10.10: American League 1987, wins of row over column.
TEAMS = ["Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore"]
WINS = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ]
)


def from_wins(wins: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    row, column = (np.repeat(index.ravel(), wins.ravel()) for index in np.indices(wins.shape))
    return row, column, np.ones(len(row))


def random_votes(rng: np.random.Generator, s: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    left = rng.integers(s, size=n)
    right = (left + rng.integers(1, s, size=n)) % s
    return left, right, rng.choice([0.0, 0.5, 1.0], size=n)


def test_agrestis_baseball_against_the_published_table() -> None:
    """Strengths against Baltimore: 1.58, 1.44, 1.29, 1.25, 1.11, .68, 0 (standard errors .34 .34 .34 .34 .34 .34)."""
    result = bradley_terry(*from_wins(WINS), n_systems=7)
    against_last = result.log_strengths - result.log_strengths[6]
    assert against_last == pytest.approx([1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0.0], abs=6e-4)
    assert result.win_probability(0, 4) == pytest.approx(0.62, abs=5e-3)


def test_a_team_alone_against_the_closed_form() -> None:
    result = bradley_terry([0] * 8 + [1] * 2, [1] * 8 + [0] * 2, [1.0] * 10, n_systems=2)
    assert result.log_strengths[0] - result.log_strengths[1] == pytest.approx(np.log(4))
    assert result.difference(0, 1).standard_error == pytest.approx(np.sqrt(1 / 8 + 1 / 2) * np.sqrt(10 / 9))


def likelihood(theta: np.ndarray, tie: float, ties: str, votes) -> float:
    left, right, outcome = votes
    a, b = np.exp(theta[left]), np.exp(theta[right])
    if ties == "davidson":
        nu = np.exp(tie)
        total = a + b + nu * np.sqrt(a * b)
        p = np.where(outcome == 1, a / total, np.where(outcome == 0, b / total, nu * np.sqrt(a * b) / total))
        return float(np.log(p).sum())
    eta = np.exp(tie)
    even = (eta**2 - 1) * a * b / ((a + eta * b) * (b + eta * a))
    p = np.where(outcome == 1, a / (a + eta * b), np.where(outcome == 0, b / (b + eta * a), even))
    return float(np.log(p).sum())


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_tie_models_against_a_general_optimiser(ties: str, rng: np.random.Generator) -> None:
    votes = random_votes(rng, 4, 120)
    result = bradley_terry(*votes, n_systems=4, ties=ties)
    found = optimize.minimize(
        lambda x: -likelihood(np.append(x[:3], 0), x[3], ties, votes),
        [0, 0, 0, 0.5],
        method="BFGS",
        tol=1e-10,
    )
    theta = np.append(found.x[:3], 0)
    assert result.log_strengths == pytest.approx(theta - theta.mean(), abs=1e-5)
    assert result.tie_parameter == pytest.approx(np.exp(found.x[3]), rel=1e-5)
    assert result.log_likelihood == pytest.approx(-found.fun, abs=1e-8)


def test_half_ties_and_covariates_against_statsmodels_logistic_regression(
    rng: np.random.Generator, textbook_clusters: None
) -> None:
    left, right, outcome = random_votes(rng, 5, 400)
    outcome = np.round(outcome + rng.random(400) * 0.01)
    covariates = np.column_stack([np.ones(400), rng.normal(size=400)])
    design = np.zeros((400, 6))
    design[np.arange(400), left] = 1.0
    design[np.arange(400), right] -= 1.0
    design = np.column_stack([design[:, :4], covariates])
    cluster = rng.integers(0, 30, size=400)
    fit = sm.GLM(outcome, design, family=sm.families.Binomial()).fit(
        tol=1e-14, cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    result = bradley_terry(left, right, outcome, n_systems=5, covariates=covariates, clusters=cluster)
    assert result.log_strengths[:4] - result.log_strengths[4] == pytest.approx(fit.params[:4], abs=1e-9)
    assert result.coefficients == pytest.approx(fit.params[4:], abs=1e-9)
    factor = (30 / 29) ** 0.5
    assert result.coefficient_standard_error == pytest.approx(fit.bse[4:] * factor, rel=1e-7)
    assert result.difference(0, 4).standard_error == pytest.approx(fit.bse[0] * factor, rel=1e-7)


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


def test_win_rates_say_which_systems_never_met_and_who_never_lost() -> None:
    result = win_rates([0, 1, 3], [1, 0, 4], [1, 1, 1], n_systems=6)
    assert (result.groups, result.undefeated, result.winless) == (((0, 1), (3, 4)), (3,), (4,))
    assert elo([0, 1, 3], [1, 0, 4], [1, 1, 1], n_systems=6).groups == result.groups


def test_win_rates_by_hand() -> None:
    result = win_rates([0, 0, 1, 2], [1, 2, 2, 0], [1, 0.5, 0, 0], n_systems=4)
    assert result.value[:3] == pytest.approx([2.5 / 3, 0.0, 1.5 / 3])
    assert np.isnan(result.value[3])
    assert result.undefined[3]
    assert result.n.tolist() == [3, 2, 3, 0]
    assert (result.wins + result.wins.T == result.counts).all()
    by_opponent = win_rates([0] * 9 + [0], [1] * 9 + [2], [1] * 9 + [0], n_systems=3, average="opponents")
    assert by_opponent.value[0] == pytest.approx(0.5)
