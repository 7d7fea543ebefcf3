"""Which pairs to ask for next, and their chances."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.ranking import bradley_terry, next_pairs, win_rates
from tests.concord.stats.ranking.votes import random_votes

pytestmark = pytest.mark.filterwarnings("error")


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
