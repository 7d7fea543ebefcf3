"""Simulated coverage of the intervals of concord.stats.ranking. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import ranking
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, truth_of

pytestmark = pytest.mark.slow


def strengths(**options) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = np.array([0.8, 0.2, -0.3, -0.7])
        left = rng.integers(4, size=n)
        right = (left + rng.integers(1, 4, size=n)) % 4
        lead = truth[left] - truth[right]
        if options.get("ties", "half") == "half":
            outcome = (rng.random(n) < 1 / (1 + np.exp(-lead))).astype(float)
        else:
            parts = np.stack([np.exp(lead / 2), np.full(n, 0.7), np.exp(-lead / 2)])
            u = rng.random(n) * parts.sum(axis=0)
            outcome = np.where(u < parts[0], 1.0, np.where(u < parts[0] + parts[1], 0.5, 0.0))
        found = ranking.bradley_terry(left, right, outcome, n_systems=4, rng=rng, **options)
        return float(found.low[0]), float(found.high[0]), 0.8

    return draw


def strengths_clustered(rng: np.random.Generator, n: int) -> Interval:
    """Raters with tastes of their own; the truth is the strength of the average rater's mixture, by a large sample."""

    def sample(rng: np.random.Generator, raters: int):
        rater = np.repeat(np.arange(raters), 12)
        left = rng.integers(4, size=len(rater))
        right = (left + rng.integers(1, 4, size=len(rater))) % 4
        taste = np.array([0.8, 0.2, -0.3, -0.7]) + 0.8 * rng.normal(size=(raters, 4))
        lead = taste[rater, left] - taste[rater, right]
        return left, right, (rng.random(len(rater)) < 1 / (1 + np.exp(-lead))).astype(float), rater

    truth = truth_of(
        "clustered strengths",
        lambda: float(
            ranking.bradley_terry(*sample(np.random.default_rng(1), 60_000)[:3], n_systems=4).log_strengths[0]
        ),
    )
    left, right, outcome, rater = sample(rng, n)
    found = ranking.bradley_terry(left, right, outcome, n_systems=4, clusters=rater)
    return float(found.low[0]), float(found.high[0]), truth


def win_rate(rng: np.random.Generator, n: int) -> Interval:
    outcome = rng.choice([1.0, 0.5, 0.0], p=[0.5, 0.2, 0.3], size=n)
    found = ranking.win_rates(np.zeros(n, dtype=int), np.ones(n, dtype=int), outcome, n_systems=2)
    return float(found.low[0]), float(found.high[0]), 0.6


CASES = [
    Case("bradley_terry, half", strengths(), (60, 200, 1500)),
    Case("bradley_terry, davidson", strengths(ties="davidson"), (80, 200, 1500)),
    Case("bradley_terry, bootstrap", strengths(n_resamples=150), (80, 200, 800)),
    Case("bradley_terry, by rater", strengths_clustered, (15, 50, 200), "few raters", 0.91),
    Case("win_rates", win_rate, (15, 60, 400)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
