"""Simulated coverage of the intervals of concord.stats.fairness. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from concord.stats import fairness
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval, truth_of

pytestmark = pytest.mark.slow


def group_mean(ways: str) -> Draw:
    """Raters of unequal diligence, a shared set of 40 examples; ``ways`` says which of both hang together."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        rater = np.repeat(np.arange(n), rng.integers(1, 12, size=n))
        example = rng.integers(40, size=len(rater))
        y = rng.normal(size=len(rater))
        y += rng.normal(size=n)[rater] if "r" in ways else 0.0
        y += rng.normal(size=40)[example] if "e" in ways else 0.0
        found = fairness.group_estimates(
            y,
            np.zeros(len(y), dtype=int),
            raters=rater if "r" in ways else None,
            examples=example if "e" in ways else None,
            minimum=2,
        )
        return interval(found[0], 0.0)

    return draw


def group_rate(rng: np.random.Generator, n: int) -> Interval:
    """Shares of 0 and 1 around .85, raters leaning differently."""
    rater = np.repeat(np.arange(n), rng.integers(1, 8, size=n))
    lean = rng.beta(3.4, 0.6, size=n)
    y = (rng.random(len(rater)) < lean[rater]).astype(float)
    return interval(
        fairness.group_estimates(y, np.zeros(len(y), dtype=int), raters=rater, minimum=2)[0], 0.85
    )


def gap(measure: str, ways: str, *, unequal: int = 1, noise: float = 1.0, own: float = 1.0) -> Draw:
    """n raters in one group and ``unequal`` times as many in the other, 10 ratings each."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        raters = n * (1 + unequal)
        rater = np.repeat(np.arange(raters), 10)
        group = (rater < n).astype(int)
        example = np.tile(np.arange(10), raters) + 10 * rng.integers(2, size=len(rater))
        y = noise * rng.normal(size=len(rater))
        y += own * rng.normal(size=raters)[rater] if "r" in ways else 0.0
        y += own * rng.normal(size=20)[example] if "e" in ways else 0.0
        found = fairness.gap(
            np.exp(y / 2) if measure == "ratio" else y,
            group,
            of=1,
            versus=0,
            raters=rater if "r" in ways else None,
            examples=example if "e" in ways else None,
            measure=measure,
            minimum=2,
            n_resamples=200 if len(ways) == 2 else 600,
            rng=rng,
        )
        return interval(found, 1.0 if measure == "ratio" else 0.0)

    return draw


def ratio_of_rates(rng: np.random.Generator, n: int) -> Interval:
    """Shares of 0 and 1 around a quarter, raters leaning differently; eight times as many in the other group."""
    rater = np.repeat(np.arange(9 * n), 10)
    y = (rng.random(len(rater)) < rng.beta(2, 6, size=9 * n)[rater]).astype(float)
    group = (rater < n).astype(int)
    return interval(
        fairness.gap(y, group, of=1, versus=0, raters=rater, measure="ratio", minimum=2, n_resamples=100), 1.0
    )


def gap_of_examples(rng: np.random.Generator, n: int) -> Interval:
    """Groups of n and of 2 n examples, each rated by the same 12 raters, who take to both groups differently."""
    example, rater = (i.ravel() for i in np.indices((3 * n, 12)))
    group = (example < n).astype(int)
    y = rng.normal(size=12)[rater] + 0.7 * rng.normal(size=(12, 2))[rater, group]
    y += rng.normal(size=3 * n)[example] + rng.normal(size=len(example))
    found = fairness.gap(
        y, group, of=1, versus=0, raters=rater, examples=example, minimum=2, n_resamples=200, rng=rng
    )
    return interval(found, 0.0)


def odds(field: str) -> Draw:
    """Rates of three groups; the truth is the same in all of them."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        group, real = rng.integers(3, size=6 * n), rng.random(6 * n) < 0.5
        said = rng.random(6 * n) < np.where(real, 0.8, 0.15)
        found = fairness.equalised_odds(said, real, group, minimum=2)
        truth = {"true_positive_rate": 0.8, "false_positive_rate": 0.15, "positive_rate": 0.475}[field]
        return interval(getattr(found.groups[int(rng.integers(len(found.groups)))], field), truth)

    return draw


def odds_gap(field: str, rates: list[float], *, clustered: bool = False, shared: bool = False) -> Draw:
    """The greatest difference of groups of unequal size; clusters of 5 cases, in one group or in all of them."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        k, true = len(rates), np.array(rates)
        of_group = np.repeat(np.arange(k), np.round(n * np.linspace(1, 2, k)).astype(int))
        group = np.repeat(of_group, 5) if clustered else of_group
        cluster = np.repeat(np.arange(len(of_group)), 5) if clustered else np.arange(len(group))
        lean = special.ndtri(true)[group]
        if shared:
            cluster = rng.permutation(cluster)
        if clustered:
            lean = lean * np.sqrt(1 / 0.7) + np.sqrt(0.3 / 0.7) * rng.normal(size=cluster.max() + 1)[cluster]
        real = rng.random(len(group)) < 0.5
        hit, false = rng.normal(size=len(group)) < lean, rng.random(len(group)) < 0.2
        found = fairness.equalised_odds(
            np.where(real, hit, false), real, group, clusters=cluster if clustered else None, minimum=2
        )
        low, high = getattr(found, field)
        return low, high, max(rates) - min(rates)

    return draw


def cells(spread: float, *, clustered: bool) -> Draw:
    """One of twelve cells of very unequal size, drawn anew each time."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        mean = rng.normal(0, spread, size=12)
        cell = np.repeat(np.arange(12), rng.integers(2, 2 + 2 * n, size=12))
        rater = np.arange(len(cell))
        y = mean[cell] + rng.normal(size=len(cell))
        if clustered:
            each = rng.integers(1, 6, size=len(cell))
            cell, rater, y = np.repeat(cell, each), np.repeat(rater, each), np.repeat(y, each)
            y = y + rng.normal(size=len(y))
        found = fairness.intersections(
            y, np.column_stack([cell // 3, cell % 3]), clusters=rater if clustered else None
        )
        i = int(rng.integers(12))
        return float(found.low[i]), float(found.high[i]), float(mean[i])

    return draw


def cells_of_unlike_raters(*, crossed: bool) -> Draw:
    """One of six cells; every eighth of the raters (one at least) gave twenty times as many answers as the others."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        mean = rng.normal(0, 0.7, size=6)
        rater = np.repeat(np.arange(n), np.where(rng.permutation(n) % 8 == 0, 100, 5))
        cell = rng.integers(6, size=len(rater)) if crossed else rater % 6
        y = mean[cell] + rng.normal(0, 0.55, size=n)[rater] + rng.normal(0, 0.85, size=len(rater))
        found = fairness.intersections(y, cell[:, None], clusters=rater)
        i = int(rng.integers(len(found.value)))
        return float(found.low[i]), float(found.high[i]), float(mean[found.cells[i, 0]])

    return draw


def cells_answered_once(rng: np.random.Generator, n: int) -> tuple[float, float, float]:
    """Each of n raters answers once in each of six cells, which differ little beside the raters."""
    mean, cell = rng.normal(0, 0.2, size=6), np.tile(np.arange(6), n)
    y = mean[cell] + np.repeat(rng.normal(size=n), 6) + rng.normal(size=6 * n)
    found = fairness.intersections(y, cell[:, None], clusters=np.repeat(np.arange(n), 6))
    i = int(rng.integers(6))
    return float(found.low[i]), float(found.high[i]), float(mean[i])


def item(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An item that is easier for group 1 by .6 on the log-odds at each of five levels; group 0 is the smaller one."""
    group, level = (rng.random(n) < 0.65).astype(int), rng.integers(5, size=n)
    return (rng.random(n) < special.expit(level - 2 + 0.6 * group)).astype(float), group, level


def mantel_haenszel(rng: np.random.Generator, n: int) -> Interval:
    return interval(fairness.mantel_haenszel_dif(*item(rng, n)), float(np.exp(0.6)))


def logistic(rng: np.random.Generator, n: int) -> Interval:
    return interval(fairness.logistic_dif(*item(rng, n)), 0.6)


def rated_item(rng: np.random.Generator, n: int, true: float, mixed: bool) -> tuple[np.ndarray, ...]:
    """n raters who lean differently (sd .7), 20 answers each at five levels; of one group each, or of both."""
    rater = np.repeat(np.arange(n), 20)
    group = rng.integers(2, size=len(rater)) if mixed else rater % 2
    level = rng.integers(5, size=len(rater))
    chance = special.expit(0.7 * (level - 2) + true * group + rng.normal(0, 0.7, size=n)[rater])
    return (rng.random(len(rater)) < chance).astype(int), group, level, rater


def rated_dif(function: str, true: float, mixed: bool) -> Draw:
    def estimate(rng: np.random.Generator, n: int) -> Interval:
        y, group, level, rater = rated_item(rng, n, true, mixed)
        found = getattr(fairness, function)(y, group, level, clusters=rater)
        if isinstance(found, fairness.LogisticDif):
            return found.low, found.high, found.log_odds
        return found.low, found.high, found.value

    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = truth_of(
            f"{function} {true} {mixed}", lambda: estimate(np.random.default_rng(1), 100_000)[2]
        )  # the raters' own gap is not that of all raters together
        return (*estimate(rng, n)[:2], truth if true else float(function.startswith("mantel")))

    return draw


def bbq(ambiguous: bool) -> Draw:
    """Templates of eight examples whose pull towards the stereotype differs."""

    def leanings(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        template = np.repeat(np.arange(n), 8)
        pull = rng.beta(3, 2, size=n)[template]
        unknown = rng.random(len(template)) < 0.5
        return np.where(unknown, 0, np.where(rng.random(len(template)) < pull, 1, -1)), template

    def draw(rng: np.random.Generator, n: int) -> Interval:
        leaning, template = leanings(rng, n)
        truth = truth_of(f"bbq {ambiguous}", lambda: 0.1 if ambiguous else 0.2)
        return interval(fairness.bbq_bias(leaning, ambiguous=ambiguous, clusters=template), truth)

    return draw


def permutation(*, missing: bool, idle: bool = False) -> Draw:
    """How often a true null is kept at 5 %: raters who lean differently, groups without meaning.

    With ``idle`` the raters of one group rate a quarter of what the others rate, and the test is that group's.
    """

    def draw(rng: np.random.Generator, n: int) -> Interval:
        unit, rater = (i.ravel() for i in np.indices((25, n)))
        own = rng.dirichlet([2.0, 2.0, 2.0], size=n)
        value = (rng.random(len(unit))[:, None] > np.cumsum(own, axis=1)[rater]).sum(axis=1).astype(float)
        if missing:
            value[rng.random(len(value)) < 0.6] = np.nan
        if idle:
            value[(rng.random(len(value)) < 0.75) & (rater % 3 == 0)] = np.nan
        found = fairness.in_group_agreement(
            unit, rater, value, np.arange(n), np.arange(n) % 3 > 0, n_permutations=99, rng=rng
        )
        return 0.0, found.p_values[0] if idle else found.p_value, 0.05000001

    return draw


TPR = "true_positive_interval"
MANY = "the greatest difference of several estimates: wide where the true one is small beside the noise"
SHARES = "shares of few raters: errs on the wide side"
FEW = "a little off with few raters or examples"
WIDE = "too wide where raters and examples hardly differ"
POOLED = "share of cells held; wide where they do not differ at all"
LEVEL = "share of tests of no difference that do not reject at 5 %"
ODDS = "errs on the wide side with few answers at a level"
CASES = [
    Case("group_estimates, raters", group_mean("r"), (10, 30, 150), FEW, 0.92),
    Case("group_estimates, examples", group_mean("e"), (20, 60, 300), FEW, 0.92),
    Case("group_estimates, two-way", group_mean("re"), (12, 30, 100), FEW, 0.92, 0.98),
    Case("group_estimates, neither", group_mean(""), (10, 30, 150)),
    Case("group_estimates, rate by raters", group_rate, (10, 30, 150), FEW, 0.92, 0.985),
    Case("gap (by rater)", gap("difference", "r"), (6, 15, 40)),
    Case("gap, 1 to 8 raters", gap("difference", "r", unequal=8), (6, 12, 24)),
    Case("gap, ratio (by rater)", gap("ratio", "r"), (6, 15, 40)),
    Case("gap, ratio, 1 to 8 raters", gap("ratio", "r", unequal=8), (6, 12, 24)),
    Case("gap, ratio of rates, 1 to 8 raters", ratio_of_rates, (6, 12, 24), SHARES, ceiling=0.98),
    Case("gap (by example)", gap("difference", "e"), (6, 15, 40), ceiling=0.98, known=FEW),
    Case("gap, values alone", gap("difference", ""), (2, 5, 15)),
    Case("gap, two-way", gap("difference", "re"), (6, 15, 30), WIDE, ceiling=0.99),
    Case(
        "gap, two-way, noise", gap("difference", "re", noise=3.0, own=0.3), (6, 15, 30), WIDE, ceiling=0.995
    ),
    Case("gap, ratio, two-way", gap("ratio", "re"), (6, 15, 30), WIDE, ceiling=0.99),
    Case("gap, two-way, same raters in both", gap_of_examples, (6, 15, 30), FEW, ceiling=0.98),
    Case("equalised_odds, true positives", odds("true_positive_rate"), (15, 60, 400)),
    Case("equalised_odds, false positives", odds("false_positive_rate"), (15, 60, 400)),
    Case("equalised_odds, positives", odds("positive_rate"), (15, 60, 400)),
    Case("equalised_odds, gap of 2 groups", odds_gap(TPR, [0.8, 0.6]), (30, 100, 600), MANY, ceiling=1.0),
    Case("equalised_odds, no gap of 2 groups", odds_gap(TPR, [0.8, 0.8]), (30, 100, 600)),
    Case("equalised_odds, no gap of 4 groups", odds_gap(TPR, [0.8] * 4), (30, 100, 600), MANY, ceiling=0.98),
    Case(
        "equalised_odds, gap of 4 groups",
        odds_gap(TPR, [0.9, 0.8, 0.7, 0.6]),
        (30, 100, 600),
        MANY,
        ceiling=1.0,
    ),
    Case(
        "equalised_odds, gap by clusters",
        odds_gap(TPR, [0.8, 0.6, 0.6], clustered=True),
        (15, 40, 150),
        MANY,
        ceiling=1.0,
    ),
    Case(
        "equalised_odds, no gap, by clusters",
        odds_gap(TPR, [0.7] * 3, clustered=True),
        (15, 40, 150),
        MANY,
        ceiling=0.98,
    ),
    Case(
        "equalised_odds, no gap, groups share clusters",
        odds_gap(TPR, [0.7] * 3, clustered=True, shared=True),
        (15, 40, 150),
        MANY,
        ceiling=0.98,
    ),
    Case(
        "equalised_odds, difference",
        odds_gap("difference_interval", [0.8, 0.6]),
        (30, 100, 600),
        MANY,
        ceiling=1.0,
    ),
    Case(
        "equalised_odds, no difference",
        odds_gap("difference_interval", [0.8] * 3),
        (30, 100, 600),
        MANY,
        ceiling=0.98,
    ),
    Case("intersections", cells(0.5, clustered=False), (3, 10, 40), POOLED, 0.925),
    Case("intersections, by rater", cells(0.5, clustered=True), (3, 10, 40), POOLED, 0.925),
    Case(
        "intersections, by raters of unlike size",
        cells_of_unlike_raters(crossed=False),
        (18, 40, 150),
        POOLED,
        ceiling=0.98,
    ),
    Case(
        "intersections, by such raters of all cells",
        cells_of_unlike_raters(crossed=True),
        (8, 24, 100),
        POOLED,
        ceiling=0.98,
    ),
    Case("intersections, by raters of one answer a cell", cells_answered_once, (8, 24, 100), POOLED, 0.925),
    Case(
        "intersections, cells that differ a little",
        cells(0.2, clustered=False),
        (3, 10, 40),
        POOLED,
        ceiling=0.98,
    ),
    Case(
        "intersections, cells that do not differ",
        cells(0.0, clustered=False),
        (3, 10, 40),
        POOLED,
        ceiling=1.0,
    ),
    Case("mantel_haenszel_dif", mantel_haenszel, (80, 300, 2000), ODDS, ceiling=0.98),
    Case(
        "mantel_haenszel_dif, raters of one group",
        rated_dif("mantel_haenszel_dif", 0.6, False),
        (20, 60, 200),
    ),
    Case(
        "mantel_haenszel_dif, raters of both groups",
        rated_dif("mantel_haenszel_dif", 0.6, True),
        (20, 60, 200),
    ),
    Case("mantel_haenszel_dif, raters, no gap", rated_dif("mantel_haenszel_dif", 0.0, False), (20, 60, 200)),
    Case("logistic_dif, raters of one group", rated_dif("logistic_dif", 0.6, False), (20, 60, 200)),
    Case("logistic_dif, raters of both groups", rated_dif("logistic_dif", 0.6, True), (20, 60, 200)),
    Case("logistic_dif, raters, no gap", rated_dif("logistic_dif", 0.0, False), (20, 60, 200)),
    Case("logistic_dif", logistic, (80, 300, 2000), ODDS, ceiling=0.98),
    Case("bbq_bias, ambiguous", bbq(True), (15, 40, 200)),
    Case("bbq_bias, disambiguated", bbq(False), (15, 40, 200)),
    Case("in_group_agreement, p-value", permutation(missing=False), (7, 12, 24), LEVEL),
    Case("in_group_agreement, p-value, 60 % missing", permutation(missing=True), (7, 12, 24), LEVEL),
    Case(
        "in_group_agreement, p-value, a group that rates little",
        permutation(missing=False, idle=True),
        (15, 30, 60),
        LEVEL,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
