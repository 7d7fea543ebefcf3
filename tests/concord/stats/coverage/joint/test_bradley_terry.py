"""Coverage of prediction-powered strengths."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import joint
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, truth_of

pytestmark = pytest.mark.slow


STRENGTH = np.array([0.8, 0.2, -0.3, -0.7])


def contests(rng: np.random.Generator, rater: np.ndarray | None, n: int) -> tuple[np.ndarray, ...]:
    left = rng.integers(4, size=n)
    right = (left + rng.integers(1, 4, size=n)) % 4
    taste = STRENGTH if rater is None else STRENGTH + 0.8 * rng.normal(size=(int(rater.max()) + 1, 4))
    own = taste if rater is None else taste[rater]
    lead = (own[left] - own[right]) if rater is None else own[np.arange(n), left] - own[np.arange(n), right]
    outcome = (rng.random(n) < 1 / (1 + np.exp(-lead))).astype(float)
    return left, right, outcome


def strengths(accuracy: float) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        left, right, outcome = contests(rng, None, 9 * n)
        judge = np.where(rng.random(9 * n) < accuracy, outcome, 1 - outcome)
        found = joint.prediction_powered_bradley_terry(
            left[:n], right[:n], outcome[:n], judge[:n], left[n:], right[n:], judge[n:], n_systems=4
        )
        return float(found.low[0]), float(found.high[0]), 0.8

    return draw


def strengths_one_way(rng: np.random.Generator, n: int) -> Interval:
    """A judge who, where it errs, always prefers the system of the lower code, which is the better one."""
    left, right, outcome = contests(rng, None, 10 * n)
    judge = np.where(rng.random(10 * n) < 0.85, outcome, (left < right).astype(float))
    found = joint.prediction_powered_bradley_terry(
        left[:n], right[:n], outcome[:n], judge[:n], left[n:], right[n:], judge[n:], n_systems=4
    )
    return float(found.low[0]), float(found.high[0]), 0.8


def strengths_clustered(rng: np.random.Generator, n: int) -> Interval:
    """Raters with tastes of their own; the judge decides other comparisons, each on its own."""
    from concord.stats.ranking import bradley_terry

    def average() -> float:
        rater = np.repeat(np.arange(60_000), 12)
        votes = contests(np.random.default_rng(1), rater, len(rater))
        return float(bradley_terry(*votes, n_systems=4).log_strengths[0])

    truth = truth_of("clustered strengths, even pairs", average)
    sizes = rng.integers(4, 29, size=n)
    rater = np.repeat(np.arange(5 * n), np.concatenate([sizes, rng.integers(4, 29, size=4 * n)]))
    left, right, outcome = contests(rng, rater, len(rater))
    judge = np.where(rng.random(len(rater)) < 0.85, outcome, 1 - outcome)
    k = int(sizes.sum())
    found = joint.prediction_powered_bradley_terry(
        left[:k],
        right[:k],
        outcome[:k],
        judge[:k],
        left[k:],
        right[k:],
        judge[k:],
        n_systems=4,
        clusters=rater[:k],
        unlabelled_clusters=rater[k:],
    )
    return float(found.low[0]), float(found.high[0]), truth


def strengths_by_chance(paired: bool) -> Draw:
    """People see comparisons by chances that follow judge and pair, or one system's pairs more often; it is judged best, too."""

    def judge(rng: np.random.Generator, left: np.ndarray, right: np.ndarray, won: np.ndarray) -> np.ndarray:
        right_in = np.where(np.minimum(left, right) == 0, 0.9, 0.75)
        return np.where(rng.random(len(won)) < right_in, won, 1 - won)

    def by_item(rng: np.random.Generator, n: int) -> Interval:
        left, right, won = contests(rng, None, 10 * n)
        said = judge(rng, left, right, won)
        keen = 0.4 + 1.2 * (np.minimum(left, right) == 0) + 0.8 * said
        chance = np.clip(0.1 * keen / keen.mean(), 0.01, 0.95)
        drawn = rng.random(10 * n) < chance
        found = joint.prediction_powered_bradley_terry(
            *(x[drawn] for x in (left, right, won, said)),
            *(x[~drawn] for x in (left, right, said)),
            n_systems=4,
            propensities=chance[drawn],
        )
        return float(found.low[0]), float(found.high[0]), 0.8

    def by_pair(rng: np.random.Generator, n: int) -> Interval:
        left, right, won = contests(rng, None, 12 * n)  # of the first quarter people see a third
        said = judge(rng, left, right, won)
        rest = slice(3 * n, None)
        chance = np.where(np.minimum(left, right) == 0, 0.5, 0.5 / 3)[: 3 * n]
        kept = np.flatnonzero(rng.random(3 * n) < chance)
        found = joint.prediction_powered_bradley_terry(
            *(x[kept] for x in (left, right, won, said)),
            left[rest],
            right[rest],
            said[rest],
            n_systems=4,
            weights=1 / chance[kept],
        )
        return float(found.low[0]), float(found.high[0]), 0.8

    return by_pair if paired else by_item


CASES = [
    Case("prediction_powered_bradley_terry", strengths(0.85), (60, 150, 400)),
    Case("prediction_powered_bradley_terry, useless judge", strengths(0.5), (60, 150, 400)),
    Case(
        "prediction_powered_bradley_terry, judge errs one way",
        strengths_one_way,
        (60, 150, 400),
        "few votes may hold none of its errors: too narrow",
        0.86,
    ),
    Case("prediction_powered_bradley_terry, by rater", strengths_clustered, (15, 40, 100)),
    Case("prediction_powered_bradley_terry, known chances", strengths_by_chance(False), (60, 150, 400)),
    Case("prediction_powered_bradley_terry, weighted pairs", strengths_by_chance(True), (60, 150, 400)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
