"""Are rated items like the rest? The check that a joint figure must pass before it leads."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.joint import rated_like_rest


def test_it_is_welchs_test_of_means_and_of_distances_from_the_median(rng: np.random.Generator) -> None:
    rated, rest = rng.normal(0.2, 1, 60), rng.normal(0, 1.5, 400)
    found = rated_like_rest(rated, rest)
    middle = np.median(np.concatenate([rated, rest]))
    means = stats.ttest_ind(rated, rest, equal_var=False).pvalue
    spreads = stats.ttest_ind(np.abs(rated - middle), np.abs(rest - middle), equal_var=False).pvalue
    assert found.p_values[0] == pytest.approx([means, spreads])
    assert found.p_value == pytest.approx(2 * min(means, spreads))
    assert (found.rated[0], found.rest[0]) == pytest.approx((rated.mean(), rest.mean()))


@pytest.mark.parametrize("clustered", [False, True])
def test_false_alarms_are_as_rare_as_stated_against_simulation(clustered: bool) -> None:
    rng, alarms = np.random.default_rng(2), 0
    for _ in range(600):
        document = np.repeat(np.arange(100), 4) if clustered else np.arange(400)
        score = rng.normal(size=len(np.unique(document)))[document] + rng.normal(size=400)
        chosen = np.isin(document, rng.permutation(document)[:25])
        score = np.stack([score, score + rng.normal(size=400)], axis=1)
        found = rated_like_rest(
            score[chosen],
            score[~chosen],
            clusters=document[chosen] if clustered else None,
            unlabelled_clusters=document[~chosen] if clustered else None,
            false_alarm=0.1,
        )
        alarms += not found.holds
    assert 0.02 < alarms / 600 < 0.13


def test_it_finds_items_chosen_low_and_items_chosen_at_both_ends(rng: np.random.Generator) -> None:
    score = np.sort(rng.normal(size=400))
    low, ends = np.arange(400) < 60, (np.arange(400) < 30) | (np.arange(400) >= 370)
    for chosen in (low, ends):
        found = rated_like_rest(score[chosen], score[~chosen])
        assert (found.holds, found.code) == (False, "rated_unlike_rest")
        assert found.text is not None
    assert rated_like_rest(score[ends], score[~ends]).p_values[0, 0] > 0.01  # the means are alike
    apart = rated_like_rest([1.0] * 20, [0.0] * 50)
    assert not apart.holds
    assert apart.p_value < 1e-12


def test_where_nothing_can_be_compared_it_holds_and_says_so() -> None:
    assert rated_like_rest([1.0, 2.0], []).code == "no_rest"
    assert rated_like_rest([1.0], [1.0, 2.0]).code == "too_few_to_check"
    assert rated_like_rest([1.0] * 9, [1.0] * 9).code == "too_few_to_check"
    assert rated_like_rest([1.0] * 9, [1.0] * 9).holds
    with pytest.raises(InputError, match="same judges"):
        rated_like_rest([[1.0, 2.0]], [[1.0]])


def test_items_chosen_by_known_chances_are_weighed_by_them_against_simulation() -> None:
    """Chosen by score they are unlike the rest, and weighted alike: false alarms are as rare as stated."""
    rng, alarms, wrong = np.random.default_rng(3), 0, 0
    for _ in range(400):
        score = rng.normal(size=600)
        chance = 0.05 + 0.4 / (1 + np.exp(-score))
        chosen = rng.random(600) < chance
        split = score[chosen], score[~chosen]
        alarms += not rated_like_rest(*split, propensities=chance[chosen], false_alarm=0.05).holds
        wrong += not rated_like_rest(*split, propensities=np.full(chosen.sum(), 0.2), false_alarm=0.05).holds
    assert alarms / 400 < 0.08
    assert wrong / 400 > 0.9


def test_no_rare_score_among_the_rated_is_as_likely_as_the_hypergeometric_distribution_says() -> None:
    """None of 120 drawn from 900 with 30 such: chance .013 one-sided, and by Welch's t with no variance on a side 7e-8."""
    found = rated_like_rest(np.zeros(120), np.repeat([1.0, 0.0], [30, 750]))
    assert found.holds
    exact = stats.hypergeom.cdf(0, 900, 30, 120)
    assert 0.5 * exact < found.p_value < 5 * exact


@pytest.mark.parametrize("share", [0.01, 0.03, 0.3])
def test_random_draws_are_seldom_called_chosen_against_simulation(share: float) -> None:
    rng, called, repeats = np.random.default_rng(1), 0, 1500
    for _ in range(repeats):
        score = (rng.random(900) < share).astype(float)
        called += not rated_like_rest(score[:120], score[120:]).holds
    assert called / repeats <= 0.02


def test_a_real_choice_by_a_rare_score_is_found() -> None:
    assert not rated_like_rest(np.repeat([1.0, 0.0], [20, 100]), np.repeat([1.0, 0.0], [10, 770])).holds
