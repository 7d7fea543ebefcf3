"""Simulated coverage of the intervals of concord.stats.comparison. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from concord.stats import comparison
from concord.stats.comparison import _max_normal
from tests.concord.stats.coverage.crossed import CASES as CROSSED
from tests.concord.stats.coverage.crossed import share_better
from tests.concord.stats.coverage.few_raters import (
    best_of,
    family_of,
    family_of_people,
    gap_of_people,
    one_shared_error,
    pairs_of_people,
    people,
)
from tests.concord.stats.coverage.harness import ROUNDS, Case, Draw, Interval, check, interval, truth_of

pytestmark = pytest.mark.slow
Rng = np.random.Generator


def groups(rng: Rng, n: int, most: int = 9) -> np.ndarray:
    """Return n clusters of unequal size."""
    return np.repeat(np.arange(n), rng.integers(1, most, size=n))


def noisy(rng: Rng, group: np.ndarray) -> np.ndarray:
    return rng.normal(size=group.max() + 1)[group] + rng.normal(size=len(group))


def not_rejected(p_value: float) -> Interval:
    """Return an interval that holds its truth where a test at .05 keeps its null."""
    return 0.0, 1.0, 0.5 if p_value > 0.05 else 2.0


def proportion(method: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        p = rng.uniform(0.05, 0.95)
        return interval(comparison.proportion(int(rng.binomial(n, p)), n, method), p)

    return draw


def mean_of_gamma(shape: float, method: str = "t") -> Draw:
    return lambda rng, n: interval(comparison.mean(rng.gamma(shape, size=n), method=method), shape)


def mean_of_normal(rng: Rng, n: int) -> Interval:
    return interval(comparison.mean(rng.normal(size=n), method="skewed"), 0.0)


def mean_of_lognormal(rng: Rng, n: int) -> Interval:
    return interval(comparison.mean(np.exp(rng.normal(size=n)), method="skewed"), float(np.exp(0.5)))


def mean_of_skewed_clusters(rng: Rng, n: int) -> Interval:
    group = groups(rng, n)
    y = rng.exponential(size=n)[group] + rng.exponential(size=len(group))
    return interval(comparison.mean(y, clusters=group, method="skewed"), 2.0)


def mean_weighted(rng: Rng, n: int) -> Interval:
    """Sampled with known chances, weighted by their inverse; the chance goes with the value."""
    chance = rng.choice([0.2, 0.5, 1.0], size=20 * n)
    y = rng.normal(size=20 * n) + 2 * chance
    taken = rng.choice(20 * n, size=n, p=chance / chance.sum())
    return interval(comparison.mean(y[taken], weights=1 / chance[taken]), 2 * 1.7 / 3)


def mean_clustered(rng: Rng, n: int) -> Interval:
    group = groups(rng, n)
    return interval(comparison.mean(noisy(rng, group), clusters=group), 0.0)


def mean_of_few_clusters(rng: Rng, n: int) -> Interval:
    group = np.repeat(np.arange(5), rng.permutation([n // 2, n // 2, n, n, 2 * n]))
    return interval(comparison.mean(noisy(rng, group), clusters=group), 0.0)


def mean_weighted_clusters(rng: Rng, n: int) -> Interval:
    group = groups(rng, n)
    weight = rng.uniform(0.3, 3, size=len(group))
    return interval(comparison.mean(noisy(rng, group), clusters=group, weights=weight), 0.0)


def crossed(rng: Rng, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values, raters and examples of an incomplete crossing in which raters differ in diligence."""
    rater, example = (i.ravel() for i in np.indices((n, n)))
    kept = rng.random(n * n) < rng.uniform(0.4, 1, size=n)[rater]
    rater, example = rater[kept], example[kept]
    y = rng.normal(size=n)[rater] + rng.normal(size=n)[example] + rng.normal(size=len(rater))
    return y, rater, example


def mean_two_way(rng: Rng, n: int) -> Interval:
    y, rater, example = crossed(rng, n)
    return interval(comparison.mean(y, clusters=rater, clusters2=example), 0.0)


def paired(ways: int) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        if ways == 0:
            level = rng.gamma(2, size=n)
            a, b = level + rng.gamma(4, size=n), level + rng.gamma(3, size=n)
            return interval(comparison.paired_difference(a, b), 1.0)
        if ways == 1:
            group = groups(rng, n)
            a, b = noisy(rng, group) + 0.5, noisy(rng, group)
            return interval(comparison.paired_difference(a, b, clusters=group), 0.5)
        y, rater, example = crossed(rng, n)
        b = rng.normal(size=len(y))
        found = comparison.paired_difference(y + b, b, clusters=rater, clusters2=example)
        return interval(found, 0.0)

    return draw


def two_means(kind: str) -> Draw:
    """Two systems of unequal spread and number of answers; rated by raters of their own, or by overlapping ones."""

    def draw(rng: Rng, n: int) -> Interval:
        if kind == "alone":
            return interval(
                comparison.difference(rng.normal(1, 1, size=n), rng.normal(0, 3, size=2 * n)), 1.0
            )
        one, two = groups(rng, n), groups(rng, n) + (n // 2 if kind == "shared" else n)
        severity = rng.normal(size=2 * n)
        a = 1 + severity[one] + rng.normal(size=len(one))
        b = severity[two] + 2 * rng.normal(size=len(two))
        return interval(comparison.difference(a, b, clusters_a=one, clusters_b=two), 1.0)

    return draw


def two_shares(method: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        p, q = rng.uniform(0.05, 0.95, size=2)
        a, b = (rng.random(n) < p).astype(float), (rng.random(2 * n) < q).astype(float)
        return interval(comparison.difference(a, b, method=method), float(p - q))

    return draw


def two_clustered_shares(shared: bool) -> Draw:
    """Shares .8 and .7 of raters who differ in severity (probit, intraclass correlation 1/3)."""

    def draw(rng: Rng, n: int) -> Interval:
        one, two = groups(rng, n), groups(rng, n) + (n // 2 if shared else n)
        severity = rng.normal(size=2 * n)
        a = severity[one] + np.sqrt(2) * rng.normal(size=len(one)) < 0.8416212 * np.sqrt(3)
        b = severity[two] + np.sqrt(2) * rng.normal(size=len(two)) < 0.5244005 * np.sqrt(3)
        return interval(comparison.difference(a, b, clusters_a=one, clusters_b=two), 0.1)

    return draw


def shares(p: float, ways: int, weighted: bool = False) -> Draw:
    """Answers whose share p varies between clusters (beta, intraclass correlation 1/4) of unequal size."""

    def draw(rng: Rng, n: int) -> Interval:
        group = groups(rng, n) if ways else np.arange(n)
        each = rng.beta(3 * p, 3 * (1 - p), size=n)[group] if ways else np.full(n, p)
        options: dict[str, Any] = {"clusters": group} if ways else {}
        if weighted:
            options["weights"] = rng.uniform(0.3, 3, size=len(group))
        y = (rng.random(len(group)) < each).astype(float)
        return interval(comparison.clustered_proportion(y, **options), p)

    return draw


def shares_two_way(rng: Rng, n: int) -> Interval:
    y, rater, example = crossed(rng, n)
    return interval(
        comparison.clustered_proportion((y < 0.8).astype(float), clusters=rater, clusters2=example),
        0.677918,  # Phi(0.8 / sqrt(3))
    )


def mcnemar(method: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        level = rng.normal(size=n)
        a, b = ((level + rng.normal(size=n) > -c).astype(float) for c in (0.6, 0.2))
        return interval(comparison.mcnemar(a, b, method), 0.1080842)  # Phi(.6 / sqrt 2) - Phi(.2 / sqrt 2)

    return draw


def wilcoxon(method: str) -> Draw:
    return lambda rng, n: interval(comparison.wilcoxon(rng.standard_t(4, size=n), method=method), 0.0)


def wilcoxon_tied(rng: Rng, n: int) -> Interval:
    a, b = (np.round(rng.normal(size=n) * 1.5) for _ in range(2))
    return interval(comparison.wilcoxon(a, b), 0.0)


def wilcoxon_with_zeros(rng: Rng, n: int) -> Interval:
    """Every second difference is zero; the rest lie around 1."""
    gap = np.where(rng.random(n) < 0.5, 0.0, 1 + rng.standard_t(4, size=n))
    return interval(comparison.wilcoxon(gap), 1.0)


def bootstrap(**options: Any) -> Draw:
    return lambda rng, n: interval(
        comparison.bootstrap(rng.gamma(4, size=n), n_resamples=600, rng=rng, **options), 4.0
    )


def bootstrap_correlation(method: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        x = rng.normal(size=n)
        rows = np.stack([x, 0.6 * x + 0.8 * rng.normal(size=n)], axis=1)
        found = comparison.bootstrap(
            rows, _correlation, method=method, widened=True, n_resamples=300, rng=rng
        )
        return interval(found, 0.6)

    return draw


def _correlation(rows: np.ndarray) -> float:
    x, y = rows.T - rows.mean(axis=0)[:, None]
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))


def bootstrap_clusters(rng: Rng, n: int) -> Interval:
    group = groups(rng, n)
    found = comparison.bootstrap(noisy(rng, group), clusters=group, widened=True, n_resamples=600, rng=rng)
    return interval(found, 0.0)


def margin_interval(function: Any, clustered: bool) -> Draw:
    """The interval of a margin test at alpha .025 is one of .95."""

    def draw(rng: Rng, n: int) -> Interval:
        group = groups(rng, n) if clustered else np.arange(n)
        a, b = noisy(rng, group) + 0.3, noisy(rng, group)
        found = function(a, b, margin=1.0, clusters=group if clustered else None, alpha=0.025)
        return interval(found, 0.3)

    return draw


def falsely_shown(function: Any, true: float) -> Draw:
    """At the margin itself the claim is false, and shown with a chance of at most alpha."""

    def draw(rng: Rng, n: int) -> Interval:
        b = rng.normal(size=n)
        found = function(b + rng.normal(true, 1, size=n), b, margin=1.0, alpha=0.05)
        return not_rejected(0.0 if found.shown else 1.0)

    return draw


def permutation(kind: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        group = groups(rng, n, most=5) if kind == "clustered" else np.arange(n)
        a, b = noisy(rng, group), noisy(rng, group)
        options: dict[str, Any] = {"clusters": group} if kind == "clustered" else {}
        found = comparison.permutation_test(
            a, b, paired=kind != "unpaired", n_resamples=399, rng=rng, **options
        )
        return not_rejected(found.p_value)

    return draw


def better(kind: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        if kind == "shares":
            p, q = rng.uniform(0.1, 0.9, size=2)
            a, b = (rng.random(n) < p).astype(float), (rng.random(2 * n) < q).astype(float)
            return interval(comparison.probability_better(a, b, paired=False), float(p - q))
        if kind == "means":
            a, b = rng.normal(1, 1, size=n), rng.normal(0, 3, size=2 * n)
            return interval(comparison.probability_better(a, b, paired=False), 1.0)
        if kind == "answers":
            chance = rng.dirichlet([2.0, 2.0, 4.0, 4.0])  # only a, only b, both, neither
            cell = rng.choice(4, size=n, p=chance)
            found = comparison.probability_better(np.isin(cell, (0, 2)), np.isin(cell, (1, 2)))
            return interval(found, float(chance[0] - chance[1]))
        group = groups(rng, n)
        a, b = noisy(rng, group) + 1, noisy(rng, group)
        return interval(comparison.probability_better(a, b, clusters=group), 1.0)

    return draw


def sequence(rng: Rng, n: int) -> Interval:
    """The running intersection holds the mean at the end exactly where every interval held it."""
    p = rng.uniform(0.1, 0.9)
    found = comparison.confidence_sequence(rng.beta(2 * p, 2 * (1 - p), size=n))
    if np.isnan(found.low):
        return 0.0, 0.0, 1.0
    return interval(found, p)


def evidence(rng: Rng, n: int) -> Interval:
    p = rng.uniform(0.1, 0.9)
    found = comparison.e_value((rng.random(n) < p).astype(float), null=p)
    return not_rejected(found.p_value)


def passes(function: Any, k: int, clustered: bool) -> Draw:
    """Examples from easy to hopeless: chances of a pass are U-shaped, ten tries each."""

    def chances(rng: Rng, n: int) -> tuple[np.ndarray, np.ndarray]:
        group = groups(rng, n, most=5) if clustered else np.arange(n)
        topic = rng.uniform(0.2, 1.2, size=n)[group] if clustered else 0.7
        return group, rng.beta(topic, 0.7) if clustered else rng.beta(0.7, 0.7, size=n)

    def draw(rng: Rng, n: int) -> Interval:
        def truth() -> float:
            p = chances(np.random.default_rng(1), 1_000_000)[1]
            return float((1 - (1 - p) ** k if function is comparison.pass_at_k else p**k).mean())

        group, p = chances(rng, n)
        found = function(10, rng.binomial(10, p), k, clusters=group if clustered else None)
        return interval(found, truth_of(f"{function.__name__} {k} {clustered}", truth))

    return draw


def growing_clusters(share: float) -> Draw:
    """n clusters of 3 to many answers, nearly all alike."""

    def draw(rng: Rng, n: int) -> Interval:
        group = np.repeat(np.arange(n), (3 * np.arange(1, n + 1) ** 1.2).astype(int))
        value = 0.8**0.5 * rng.normal(size=n)[group] + 0.2**0.5 * rng.normal(size=len(group))
        found = comparison.clustered_proportion((value < stats.norm.ppf(share)).astype(float), clusters=group)
        return interval(found, share)

    return draw


def tailed_difference(rng: Rng, n: int) -> Interval:
    """Lognormal values, ten times as many on one side."""
    return interval(comparison.difference(rng.lognormal(size=n), rng.lognormal(size=10 * n)), 0.0)


def solved(k: int, method: str) -> Draw:
    """Nearly all examples are always solved, the rest three times of ten; ten tries each."""

    def draw(rng: Rng, n: int) -> Interval:
        p = np.where(rng.random(n) < 0.95, 1.0, 0.3)
        found = comparison.pass_at_k(10, rng.binomial(10, p), k, method=method)
        return interval(found, 0.95 + 0.05 * (1 - 0.7**k))

    return draw


SLOPE, DIFFICULTY = np.array([0.8, 1.2, 1.6, 1.0, 1.4]), np.array([-1.0, -0.5, 0.0, 0.5, 1.0])


def irt(what: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        ability = rng.normal(size=n)
        chance = 1 / (1 + np.exp(-SLOPE * (ability[:, None] - DIFFICULTY)))
        person, item = (i.ravel() for i in np.indices(chance.shape))
        found = comparison.irt_2pl(person, item, (rng.random(chance.shape) < chance).ravel())
        truth = {"discrimination": SLOPE, "difficulty": DIFFICULTY, "ability": ability}[what]
        low, high = getattr(found, f"{what}_low"), getattr(found, f"{what}_high")
        one = int(rng.integers(len(truth)))
        return float(low[one]), float(high[one]), float(truth[one])

    return draw


FEW = "three raters who differ tell little of others"
WIDE = "too wide where raters hardly differ"
TWO = "two raters tell nothing of others: too wide to be of use"
DISCRETE = "counts come in steps: an exact interval holds at least what it says, and its coverage jumps"
SKEWED = (
    "skewed values: too narrow where they are few; a note of the result says so and names method='skewed'"
)
LOGNORMAL = "skewness 6: a little too narrow with few values"
UNEVEN = "answers fill whole clusters of very unlike size: too narrow where one is rare"
TAILED = "long tails on sides of unlike size: too narrow; a note of the result says so"
SELDOM = "an answer that few clusters hold counts for no more than these: a little too wide with few of them"
ALIKE = "few differ: taken for no more answers than examples, a little too wide"
SKEWED_FEW = "few differ, and by little: a little too narrow with few examples"
SKEWED_ROWS = "skewed values: a little too narrow with few rows"
ALWAYS = "share of whole sequences: holds at all times at once, and is wide for it"
margins = (comparison.equivalence, comparison.non_inferiority)
CASES = [
    Case("proportion, Wilson", proportion("wilson"), (15, 60, 400)),
    Case("proportion, Jeffreys", proportion("jeffreys"), (15, 60, 400)),
    Case(
        "proportion, Clopper-Pearson", proportion("clopper-pearson"), (15, 60, 400), DISCRETE, ceiling=0.995
    ),
    Case("mean, t", mean_of_gamma(4), (15, 60, 400), SKEWED, 0.92),
    Case("mean, t, strongly skewed", mean_of_gamma(1), (15, 60, 400), SKEWED, 0.87),
    Case("mean, skewed, of gamma values", mean_of_gamma(4, "skewed"), (15, 60, 400)),
    Case("mean, skewed, strongly skewed", mean_of_gamma(1, "skewed"), (15, 60, 400)),
    Case("mean, skewed, of lognormal values", mean_of_lognormal, (15, 60, 400), LOGNORMAL, 0.9),
    Case("mean, skewed, of normal values", mean_of_normal, (15, 60, 400)),
    Case("mean, skewed, clustered", mean_of_skewed_clusters, (8, 25, 150)),
    Case("mean, weights", mean_weighted, (15, 60, 400)),
    Case("mean, clustered", mean_clustered, (8, 25, 150)),
    Case("mean, 5 clusters", mean_of_few_clusters, (4, 20, 100)),
    Case("mean, clustered, weights", mean_weighted_clusters, (8, 25, 150)),
    Case(
        "mean, two-way clustered",
        mean_two_way,
        (8, 20, 60),
        "few clusters: errs on the wide side",
        ceiling=0.98,
    ),
    Case("paired_difference", paired(0), (15, 60, 400)),
    Case("paired_difference, clustered", paired(1), (8, 25, 150)),
    Case(
        "paired_difference, two-way",
        paired(2),
        (8, 20, 60),
        "few clusters: errs on the wide side",
        ceiling=0.98,
    ),
    Case("difference, means", two_means("alone"), (8, 30, 200)),
    Case("difference, means, clustered", two_means("clustered"), (8, 25, 100)),
    Case("difference, means, shared clusters", two_means("shared"), (8, 25, 100)),
    Case("difference, shares, score", two_shares("score"), (15, 60, 300)),
    Case("difference, shares, Newcombe", two_shares("newcombe"), (15, 60, 300)),
    Case("difference, shares, clustered", two_clustered_shares(False), (12, 40, 150)),
    Case("difference, shares, shared clusters", two_clustered_shares(True), (12, 40, 150)),
    Case("clustered_proportion, no clusters", shares(0.2, 0), (30, 100, 400)),
    Case("clustered_proportion, clustered", shares(0.2, 1), (12, 40, 150), SELDOM, ceiling=0.985),
    Case("clustered_proportion, weights", shares(0.2, 1, True), (12, 40, 150), SELDOM, ceiling=0.985),
    Case("clustered_proportion, two-way", shares_two_way, (8, 20, 50), SELDOM, ceiling=0.995),
    *(
        Case(
            f"clustered_proportion, {p:.0%}, {r} raters{', who differ' * (v > 0)}",
            people(p, r, v),
            (30, 60, 100),
            known,
            0.92,
            1.0,
        )
        for p in (0.5, 0.8, 0.95, 0.99)
        for r, v, known in ((3, 0.0, WIDE), (3, 0.3, FEW), (5, 0.3, FEW), (12, 0.3, ""))
    ),
    Case("clustered_proportion, 2 raters", people(0.8, 2, 0.3), (30, 60, 100), TWO, ceiling=1.0),
    Case(
        "clustered_proportion, each rater a tenth",
        people(0.8, 12, 0.3, 0.1),
        (60, 100, 200),
        WIDE,
        ceiling=0.99,
    ),
    *(
        Case(
            f"clustered_proportion, votes of {r} raters",
            pairs_of_people(r, 0.5),
            (30, 60, 100),
            FEW,
            0.92,
            0.98,
        )
        for r in (3, 5, 12)
    ),
    *(
        Case(f"mean, {r} raters{told}", gap_of_people(r, spread), (30, 60, 100), WIDE, ceiling=0.995)
        for r in (3, 5, 12)
        for spread, told in ((0.0, " who are alike"), (0.1, ""), (0.5, " who differ much"))
    ),
    Case("mean, each rater a tenth", gap_of_people(12, 0.3, 0.1), (60, 100, 200), WIDE, ceiling=0.985),
    Case("simultaneous, 4 systems", family_of(4, 1), (4, 12, 60), "fewer: nearly Sidak"),
    Case("simultaneous, 4 systems, 6 dimensions", family_of(4, 6), (8, 30, 100)),
    Case("simultaneous, 10 systems", family_of(10, 1), (8, 30, 100)),
    Case(
        "simultaneous, Sidak",
        family_of(4, 1, False),
        (4, 12, 60),
        "takes nothing for known of the correlation",
        ceiling=0.98,
    ),
    Case(
        "simultaneous, one error for all", one_shared_error, (2, 4, 20), "Tukey's is narrower", ceiling=0.98
    ),
    Case("simultaneous, 3 raters", family_of_people(3), (30, 60, 100), WIDE, ceiling=1.0),
    Case("simultaneous, 5 raters", family_of_people(5), (30, 60, 100), WIDE, ceiling=0.985),
    Case("rank_ranges", best_of("ranks"), (8, 30, 100), "holds more than the differences", ceiling=1.0),
    Case(
        "multiple_comparisons_with_best",
        best_of("best"),
        (8, 30, 100),
        "holds for the least favourable truth",
        ceiling=1.0,
    ),
    Case("mcnemar, exact", mcnemar("exact"), (30, 100, 600), DISCRETE, ceiling=0.99),
    Case("mcnemar, mid-p", mcnemar("mid-p"), (30, 100, 600)),
    Case("mcnemar, asymptotic", mcnemar("asymptotic"), (30, 100, 600)),
    Case("wilcoxon (Hodges-Lehmann)", wilcoxon("exact"), (10, 40, 200), DISCRETE, ceiling=0.98),
    Case("wilcoxon, normal", wilcoxon("normal"), (10, 40, 200), DISCRETE, ceiling=0.98),
    Case(
        "wilcoxon, tied",
        wilcoxon_tied,
        (10, 40, 200),
        "ties: too wide, as its ends can fall on few values only",
        ceiling=1.0,
    ),
    Case("wilcoxon, half of them zero", wilcoxon_with_zeros, (24, 80, 400), DISCRETE, ceiling=0.98),
    Case("bootstrap (BCa, widened)", bootstrap(widened=True), (15, 60, 300), SKEWED_ROWS, 0.92),
    Case("bootstrap (BCa)", bootstrap(), (15, 60, 300), "not widened: too narrow with few rows", 0.89),
    Case(
        "bootstrap (percentile, widened)",
        bootstrap(method="percentile", widened=True),
        (15, 60, 300),
        SKEWED_ROWS,
        0.92,
    ),
    Case(
        "bootstrap (percentile)",
        bootstrap(method="percentile"),
        (15, 60, 300),
        "not widened: too narrow with few rows",
        0.88,
    ),
    Case("bootstrap of a correlation (BCa)", bootstrap_correlation("bca"), (20, 50, 150)),
    Case("bootstrap of a correlation (percentile)", bootstrap_correlation("percentile"), (20, 50, 150)),
    Case("bootstrap by clusters (BCa, widened)", bootstrap_clusters, (10, 30, 100)),
    Case("equivalence", margin_interval(comparison.equivalence, False), (10, 40, 200)),
    Case("equivalence, clustered", margin_interval(comparison.equivalence, True), (8, 25, 100)),
    Case("equivalence, not falsely shown", falsely_shown(margins[0], 1.0), (10, 40, 200), ceiling=1.0),
    Case("non_inferiority", margin_interval(comparison.non_inferiority, False), (10, 40, 200)),
    Case("non_inferiority, not falsely shown", falsely_shown(margins[1], -1.0), (10, 40, 200)),
    Case("permutation_test, paired, not rejected", permutation("paired"), (8, 30, 100)),
    Case("permutation_test, clustered, not rejected", permutation("clustered"), (8, 30, 100)),
    Case("permutation_test, unpaired, not rejected", permutation("unpaired"), (6, 20, 60)),
    Case("probability_better, shares", better("shares"), (15, 60, 300)),
    Case("probability_better, paired answers", better("answers"), (15, 60, 300)),
    Case("probability_better, means", better("means"), (8, 30, 200)),
    Case("probability_better, clustered pairs", better("pairs"), (8, 25, 150)),
    Case("confidence_sequence, at all times", sequence, (50, 300, 2000), ALWAYS, 0.95, 1.0),
    Case("e_value, never over 20", evidence, (50, 300, 2000), ALWAYS, 0.95, 1.0),
    Case("pass_at_k", passes(comparison.pass_at_k, 3, False), (15, 60, 300)),
    Case("pass_at_k, clustered", passes(comparison.pass_at_k, 3, True), (12, 40, 150)),
    Case("clustered_proportion, 50 %, uneven clusters alike", growing_clusters(0.5), (10, 30, 100)),
    Case(
        "clustered_proportion, 10 %, uneven clusters alike", growing_clusters(0.1), (10, 30, 100), UNEVEN, 0.8
    ),
    Case("difference, means, long tails", tailed_difference, (10, 30, 200), TAILED, 0.84),
    Case("pass_at_k, nearly all solved, k = 1", solved(1, "wilson"), (15, 60, 300), ceiling=0.98),
    Case("pass_at_k, nearly all solved, k = 5", solved(5, "wilson"), (15, 60, 300), ALIKE, ceiling=0.99),
    Case(
        "pass_at_k, skewed, nearly all solved, k = 5",
        solved(5, "skewed"),
        (60, 164, 500),
        SKEWED_FEW,
        0.9,
        0.985,
    ),
    Case("pass_hat_k", passes(comparison.pass_hat_k, 3, False), (15, 60, 300)),
    Case("pass_hat_k, clustered", passes(comparison.pass_hat_k, 3, True), (12, 40, 150)),
    Case("irt_2pl, discrimination", irt("discrimination"), (150, 400, 1000)),
    Case(
        "irt_2pl, difficulty", irt("difficulty"), (150, 400, 1000), "errs on the wide side with few examinees"
    ),
    Case("irt_2pl, ability", irt("ability"), (150, 400, 1000)),
    *CROSSED,
]


@pytest.fixture
def quick_families(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find each family's critical value from 4,096 draws on a coarse grid: it moves by a hundredth at most."""
    monkeypatch.setattr(_max_normal, "_DRAWS", 1 << 12)
    monkeypatch.setattr(_max_normal, "_GROUPS", 64)
    monkeypatch.setattr(_max_normal, "_GRID", np.linspace(0.0, 9.0, 61))


@pytest.mark.usefixtures("quick_families")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("n_systems", [2, 3])
def test_raters_added_never_cost_a_verdict(n_systems: int) -> None:
    rounds = max(ROUNDS // 4, 50)
    shares = [share_better(n, rounds, n_systems=n_systems) for n in (2, 3, 4, 6, 10)]
    assert shares == sorted(shares) or np.diff(shares).min() > -2 * (0.25 / rounds) ** 0.5, shares
    assert shares[-1] > 0.95, shares
