"""Simulated coverage of the intervals of concord.stats.ranking. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from concord.stats import ranking
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, truth_of

pytestmark = pytest.mark.slow
TRUTH = np.array([0.8, 0.2, -0.3, -0.7])
Votes = tuple[np.ndarray, np.ndarray, np.ndarray]


def chance(lead: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-lead))


def pairs(rng: np.random.Generator, n: int, s: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs in which the first systems meet more often than the last."""
    left = rng.choice(s, size=n, p=np.linspace(2, 1, s) / np.linspace(2, 1, s).sum())
    return left, (left + rng.integers(1, s, size=n)) % s


def won(rng: np.random.Generator, probability: np.ndarray) -> np.ndarray:
    return (rng.random(len(probability)) < probability).astype(float)


def with_ties(rng: np.random.Generator, lead: np.ndarray, ties: str) -> np.ndarray:
    """Return outcomes of Davidson's model with nu = .7, or of Rao and Kupper's with eta = 1.5."""
    if ties == "davidson":
        parts = np.stack([np.exp(lead / 2), np.full(len(lead), 0.7), np.exp(-lead / 2)])
        left, right = parts[0] / parts.sum(axis=0), parts[2] / parts.sum(axis=0)
    else:
        left, right = chance(lead - np.log(1.5)), chance(-lead - np.log(1.5))
    u = rng.random(len(lead))
    return np.where(u < left, 1.0, np.where(u < 1 - right, 0.5, 0.0))


def strengths(**options) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        left, right = pairs(rng, n)
        lead = TRUTH[left] - TRUTH[right]
        ties = options.get("ties", "half")
        outcome = won(rng, chance(lead)) if ties == "half" else with_ties(rng, lead, ties)
        found = ranking.bradley_terry(left, right, outcome, n_systems=4, rng=rng, **options)
        return float(found.low[0]), float(found.high[0]), 0.8

    return draw


def strengths_weighted(rng: np.random.Generator, n: int) -> Interval:
    """Pairs drawn by unlike chances, the votes weighted back by their inverse."""
    share = np.array([6, 3, 2, 2, 1, 1]) / 15
    drawn = rng.choice(6, size=n, p=share)
    left, right = (index[drawn] for index in np.triu_indices(4, 1))
    outcome = won(rng, chance(TRUTH[left] - TRUTH[right]))
    found = ranking.bradley_terry(left, right, outcome, n_systems=4, weights=1 / share[drawn])
    return float(found.low[0]), float(found.high[0]), 0.8


def difference(rng: np.random.Generator, n: int) -> Interval:
    left, right = pairs(rng, n)
    found = ranking.bradley_terry(left, right, won(rng, chance(TRUTH[left] - TRUTH[right])), n_systems=4)
    result = found.difference(1, 3)
    return result.low, result.high, 0.9


def coefficient(**options) -> Draw:
    """The coefficient of a skewed covariate (a difference in length), of which left has more where it is the better."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        left, right = pairs(rng, n)
        lead = TRUTH[left] - TRUTH[right]
        length = rng.exponential(size=n) - rng.exponential(size=n) + 0.5 * lead
        outcome = won(rng, chance(lead + 0.47 * length))
        found = ranking.bradley_terry(
            left, right, outcome, n_systems=4, covariates=length, rng=rng, **options
        )
        return float(found.coefficient_low[0]), float(found.coefficient_high[0]), 0.47

    return draw


def tastes(rng: np.random.Generator, raters: int) -> tuple[Votes, np.ndarray]:
    """Raters with tastes of their own, who gave 4 to 28 votes each."""
    rater = np.repeat(np.arange(raters), rng.integers(4, 29, size=raters))
    left, right = pairs(rng, len(rater))
    taste = TRUTH + 0.8 * rng.normal(size=(raters, 4))
    return (left, right, won(rng, chance(taste[rater, left] - taste[rater, right]))), rater


def two_tastes(rng: np.random.Generator, n: int) -> tuple[Votes, np.ndarray, np.ndarray]:
    """Raters and prompts, n of each, that favour systems of their own; every rater votes on 20 prompts."""
    rater, prompt = np.repeat(np.arange(n), 20), rng.integers(n, size=20 * n)
    left, right = pairs(rng, 20 * n)
    taste, ease = 0.7 * rng.normal(size=(n, 4)), 0.7 * rng.normal(size=(n, 4))
    lead = TRUTH[left] - TRUTH[right] + taste[rater, left] - taste[rater, right]
    return (left, right, won(rng, chance(lead + ease[prompt, left] - ease[prompt, right]))), rater, prompt


def of_the_average_rater_and_prompt() -> float:
    votes, _, _ = two_tastes(np.random.default_rng(1), 60_000)
    return float(ranking.bradley_terry(*votes, n_systems=4).log_strengths[0])


def strengths_two_ways(rng: np.random.Generator, n: int) -> Interval:
    truth = truth_of("strengths two ways", of_the_average_rater_and_prompt)
    votes, rater, prompt = two_tastes(rng, n)
    found = ranking.bradley_terry(*votes, n_systems=4, clusters=rater, clusters2=prompt)
    return float(found.low[0]), float(found.high[0]), truth


def of_the_average_rater() -> float:
    votes, _ = tastes(np.random.default_rng(1), 60_000)
    return float(ranking.bradley_terry(*votes, n_systems=4).log_strengths[0])


def strengths_clustered(**options) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = truth_of("clustered strengths", of_the_average_rater)
        votes, rater = tastes(rng, n)
        found = ranking.bradley_terry(*votes, n_systems=4, clusters=rater, rng=rng, **options)
        return float(found.low[0]), float(found.high[0]), truth

    return draw


def strengths_uneven(rng: np.random.Generator, n: int) -> Interval:
    """Five equal systems that each do better on some prompts; two prompts hold two thirds of the first one's votes."""
    first = rng.random(20 * n) < 0.4
    prompt = np.where(
        first & (rng.random(20 * n) < 2 / 3), rng.integers(2, size=20 * n), rng.integers(n, size=20 * n)
    )
    left = np.where(first, 0, rng.integers(1, 5, size=20 * n))
    right = np.where(first, rng.integers(1, 5, size=20 * n), (left + rng.integers(0, 3, size=20 * n)) % 4 + 1)
    ease = rng.normal(0, 0.6, size=(5, n))
    outcome = won(rng, chance(ease[left, prompt] - ease[right, prompt]))
    found = ranking.bradley_terry(left, right, outcome, n_systems=5, clusters=prompt)
    return float(found.low[0]), float(found.high[0]), 0.0


def every(inside: np.ndarray) -> Interval:
    """Return an interval that holds its truth exactly where all of ``inside`` hold."""
    return (-1.0, 1.0, 0.0) if inside.all() else (1.0, 2.0, 0.0)


def ranks(rng: np.random.Generator, n: int) -> Interval:
    """All true ranks at once, two systems being equal: a tied system must be allowed both of its ranks."""
    truth = np.array([1.0, 0.4, 0.4, 0.0, -0.6, -1.2])
    left, right = pairs(rng, n, 6)
    found = ranking.bradley_terry(left, right, won(rng, chance(truth[left] - truth[right])), n_systems=6)
    if not found.defined:
        return every(np.ones(1))
    first = 1 + (truth[:, None] < truth[None, :]).sum(axis=1)
    last = 6 - (truth[:, None] > truth[None, :]).sum(axis=1)
    return every((found.rank_low <= first) & (last <= found.rank_high))


def rate(average: str = "votes", weighted: bool = False) -> Draw:
    """A system that wins .9, .6 and .3 against opponents whom it meets unequally often, with ties."""
    p = np.array([0.9, 0.6, 0.3])

    def draw(rng: np.random.Generator, n: int) -> Interval:
        share = np.array([0.5, 0.3, 0.2])
        met = rng.choice(3, size=n, p=share)
        outcome = np.where(rng.random(n) < 0.2, 0.5, won(rng, p[met]))
        found = ranking.win_rates(
            np.zeros(n, dtype=int),
            met + 1,
            outcome,
            n_systems=4,
            average=average,
            weights=1 / share[met] if weighted else None,
        )
        even = average == "opponents" or weighted
        truth = 0.2 * 0.5 + 0.8 * float(p.mean() if even else share @ p)
        return float(found.low[0]), float(found.high[0]), truth

    return draw


def rate_clustered(average: str) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        rater = np.repeat(np.arange(n), rng.integers(3, 20, size=n))
        keen = rng.beta(4, 2, size=n)
        found = ranking.win_rates(
            np.zeros(len(rater), dtype=int),
            rng.integers(1, 4, size=len(rater)),
            won(rng, keen[rater]),
            n_systems=4,
            average=average,
            clusters=rater,
        )
        return float(found.low[0]), float(found.high[0]), 2 / 3

    return draw


def rankings(rng: np.random.Generator, n: int, taste: np.ndarray | None = None) -> np.ndarray:
    """Return rankings of three of four systems, best first."""
    table = np.argsort(-(TRUTH if taste is None else taste) - rng.gumbel(size=(n, 4)), axis=1)
    shown = rng.random((n, 4)).argsort(axis=1)[:, :3]
    kept = (table[:, :, None] == shown[:, None, :]).any(axis=2)
    return table[kept].reshape(n, 3)


def luce(rng: np.random.Generator, n: int) -> Interval:
    found = ranking.plackett_luce(rankings(rng, n), n_systems=4)
    return float(found.low[0]), float(found.high[0]), 0.8


def luce_sample(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    rater = np.repeat(np.arange(n), rng.integers(2, 12, size=n))
    return rankings(rng, len(rater), TRUTH + 0.8 * rng.normal(size=(n, 4))[rater]), rater


def luce_clustered(rng: np.random.Generator, n: int) -> Interval:
    def compute() -> float:
        table, _ = luce_sample(np.random.default_rng(2), 40_000)
        return float(ranking.plackett_luce(table, n_systems=4).log_strengths[0])

    truth = truth_of("clustered rankings", compute)
    table, rater = luce_sample(rng, n)
    found = ranking.plackett_luce(table, n_systems=4, clusters=rater)
    return float(found.low[0]), float(found.high[0]), truth


def chosen(clustered: bool) -> Callable[[np.random.Generator, int], Interval]:
    """Best and worst of three of four; the truth of the first by a large sample."""

    def sample(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        if not clustered:
            return rankings(rng, n), np.arange(n)
        return luce_sample(rng, n)

    def score(table: np.ndarray, clusters: np.ndarray | None) -> ranking.BestWorst:
        return ranking.best_worst(table, table[:, 0], table[:, 2], n_systems=4, clusters=clusters)

    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = truth_of(
            f"best-worst {clustered}",
            lambda: float(score(sample(np.random.default_rng(3), 100_000)[0], None).value[0]),
        )
        table, rater = sample(rng, n)
        found = score(table, rater if clustered else None)
        return float(found.low[0]), float(found.high[0]), truth

    return draw


AT_ONCE = "all true ranks in their ranges at once: at least .95"
TWO_PROMPTS = "two prompts hold two thirds of a system's votes: too narrow, and a note of the result says so"
CASES = [
    Case("bradley_terry, half", strengths(), (60, 200, 1500)),
    Case("bradley_terry, davidson", strengths(ties="davidson"), (80, 200, 1500)),
    Case("bradley_terry, rao-kupper", strengths(ties="rao-kupper"), (80, 200, 1500)),
    Case("bradley_terry, inverse chances as weights", strengths_weighted, (80, 200, 1500)),
    Case("bradley_terry, bootstrap", strengths(n_resamples=39), (80, 200, 600)),
    Case("bradley_terry, by rater", strengths_clustered(), (15, 50, 200)),
    Case("bradley_terry, by uneven prompts", strengths_uneven, (12, 40, 120), TWO_PROMPTS, 0.89),
    Case("bradley_terry, by rater and prompt", strengths_two_ways, (12, 40, 100)),
    Case(
        "bradley_terry, bootstrap by rater",
        strengths_clustered(n_resamples=39),
        (15, 40, 100),
    ),
    Case("bradley_terry, difference", difference, (60, 200, 1500), "errs on the wide side with few votes"),
    Case("bradley_terry, coefficient", coefficient(), (60, 200, 1500)),
    Case("bradley_terry, coefficient, bootstrap", coefficient(n_resamples=39), (80, 200, 400)),
    Case("bradley_terry, all ranks", ranks, (100, 400, 3000), AT_ONCE, 0.95, 1.0),
    Case("win_rates", rate(), (15, 60, 400)),
    Case("win_rates, over opponents", rate("opponents"), (20, 60, 400)),
    Case("win_rates, weighted", rate(weighted=True), (20, 60, 400)),
    Case("win_rates, by rater", rate_clustered("votes"), (12, 40, 200)),
    Case("win_rates, over opponents by rater", rate_clustered("opponents"), (12, 40, 200)),
    Case("plackett_luce", luce, (30, 100, 600)),
    Case("plackett_luce, by rater", luce_clustered, (15, 50, 200)),
    Case("best_worst", chosen(clustered=False), (20, 80, 500)),
    Case("best_worst, by rater", chosen(clustered=True), (15, 50, 200)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
