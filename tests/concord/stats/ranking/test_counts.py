"""Counts of votes that grow say what a computation of all votes says."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.ranking import VoteCounts, bradley_terry, win_rates
from tests.concord.stats.ranking.votes import random_votes

pytestmark = pytest.mark.filterwarnings("error")


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
