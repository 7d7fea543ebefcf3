"""What a plan promises is reached: power, and the half-width of an interval, in simulated studies of the planned size.

Slow: ``pytest -m slow -s`` prints the rows, which docs/methods/sample_size.md and n_for_alpha.md keep. Each row is a
share (of studies that found the effect, or of the promised width that the interval had on average) at three planned
sizes, beside what was planned.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from scipy import special, stats

from concord.stats import agreement, comparison, planning
from tests.concord.stats.coverage.harness import long_form

pytestmark = pytest.mark.slow
ROUNDS = int(os.environ.get("CONCORD_COVERAGE_ROUNDS", "1000"))
Study = Callable[
    [np.random.Generator, float], tuple[int, float]
]  # the planned n, and 1 or 0, or a share of the width


def clusters(rng: np.random.Generator, n: int, each: int, icc: float) -> tuple[np.ndarray, np.ndarray]:
    """Return n standard normal values in clusters that are alike by icc, and the clusters."""
    group = np.arange(n) // each
    own = rng.normal(0, icc**0.5, size=group.max() + 1)[group]
    return own + rng.normal(0, (1 - icc) ** 0.5, size=n), group


def difference_paired(rng: np.random.Generator, effect: float) -> tuple[int, float]:
    n = planning.n_for_difference(effect=effect, sd=1.0, correlation=0.6, distribution="t").n
    assert n is not None
    both = rng.multivariate_normal([effect, 0], [[1, 0.6], [0.6, 1]], size=n)
    return n, float(comparison.paired_difference(both[:, 0], both[:, 1]).p_value < 0.05)


def difference_unpaired(rng: np.random.Generator, effect: float) -> tuple[int, float]:
    n = planning.n_for_difference(effect=effect, sd=1.0, paired=False, distribution="t").n
    assert n is not None
    first, second = rng.normal(effect, 1, size=n), rng.normal(size=n)
    error = np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / n)
    t = abs(first.mean() - second.mean()) / error
    return n, float(2 * special.stdtr(2 * n - 2, -t) < 0.05)


def difference_clustered(rng: np.random.Generator, effect: float) -> tuple[int, float]:
    """Differences with sd sqrt(2) that are alike by .2 within clusters of 8."""
    plan = planning.n_for_difference(effect=effect, sd=1.0, icc=0.2, cluster_size=8, distribution="t")
    n = (plan.clusters or 0) * 8
    noise, group = clusters(rng, n, 8, 0.2)
    return n, float(comparison.mean(effect + 2**0.5 * noise, clusters=group).p_value < 0.05)


def difference_repeats(rng: np.random.Generator, effect: float) -> tuple[int, float]:
    n = planning.n_for_difference(effect=effect, sd=0.5, noise_sd=1.0, repeats=4, distribution="t").n
    assert n is not None
    first = effect + rng.normal(0, 0.5, size=n) + rng.normal(size=(n, 4)).mean(axis=1)
    second = rng.normal(0, 0.5, size=n) + rng.normal(size=(n, 4)).mean(axis=1)
    return n, float(comparison.paired_difference(first, second).p_value < 0.05)


def win_rate(rng: np.random.Generator, gap: float) -> tuple[int, float]:
    """The score test of one half, ties counting half."""
    n = planning.n_for_win_rate(win_rate=0.5 + gap, tie_rate=0.2).n
    assert n is not None
    votes = rng.choice([0.0, 0.5, 1.0], p=[0.4 - gap, 0.2, 0.4 + gap], size=n)
    return n, float(abs(votes.mean() - 0.5) > 1.959964 * np.sqrt(0.8 / 4 / n))


def win_rate_clustered(rng: np.random.Generator, gap: float) -> tuple[int, float]:
    """Raters of 10 votes each whose leanings differ, so that votes of one rater are alike by .1."""
    plan = planning.n_for_win_rate(win_rate=0.5 + gap, icc=0.1, cluster_size=10, distribution="t")
    raters = plan.clusters or 0
    p = 0.5 + gap
    chance = rng.beta(9 * p, 9 * (1 - p), size=raters)  # icc = 1 / (9 + 1)
    share = rng.binomial(10, chance) / 10
    return raters * 10, float(comparison.mean(share, null=0.5).p_value < 0.05)


def proportions_paired(rng: np.random.Generator, gap: float) -> tuple[int, float]:
    """McNemar's test of systems that are right on .7 + gap and .7 of the examples."""
    n = planning.n_for_proportion_difference(first=0.7 + gap, second=0.7, discordance=0.25).n
    assert n is not None
    only_a, only_b = (0.25 + gap) / 2, (0.25 - gap) / 2
    cell = rng.choice(4, p=[0.3 - only_a, only_a, only_b, 0.7 - only_b], size=n)
    found = comparison.mcnemar(np.isin(cell, (1, 3)), np.isin(cell, (2, 3)), "asymptotic")
    return n, float(found.p_value < 0.05)


def proportions_exact(rng: np.random.Generator, gap: float) -> tuple[int, float]:
    """The test that `mcnemar` makes unless asked for another."""
    n = planning.n_for_proportion_difference(first=0.7 + gap, second=0.7, discordance=0.25, method="exact").n
    assert n is not None
    only_a, only_b = (0.25 + gap) / 2, (0.25 - gap) / 2
    cell = rng.choice(4, p=[0.3 - only_a, only_a, only_b, 0.7 - only_b], size=n)
    return n, float(comparison.mcnemar(np.isin(cell, (1, 3)), np.isin(cell, (2, 3))).p_value < 0.05)


def proportions_unpaired(method: str) -> Study:
    """The chi-square test without correction, and Fisher's exact test where the plan allows for it."""

    def study(rng: np.random.Generator, gap: float) -> tuple[int, float]:
        plan = planning.n_for_proportion_difference(first=0.3 + gap, second=0.3, paired=False, method=method)
        n = plan.n
        assert n is not None
        a, b = rng.binomial(n, 0.3 + gap), rng.binomial(n, 0.3)
        if method == "continuity":
            return n, float(stats.fisher_exact([[a, n - a], [b, n - b]])[1] < 0.05)
        share = (a + b) / 2 / n
        return n, float(abs(a - b) / n > 1.959964 * np.sqrt(2 * share * (1 - share) / n))

    return study


def proportion_against(rng: np.random.Generator, gap: float) -> tuple[int, float]:
    n = planning.n_for_proportion(p=0.7 + gap, null=0.7).n
    assert n is not None
    found = comparison.proportion(int(rng.binomial(n, 0.7 + gap)), n)
    return n, float(not found.low <= 0.7 <= found.high)


def width_over_raters(rng: np.random.Generator, half: float) -> tuple[int, float]:
    """60 examples, all scored by the planned raters; the two-way interval of their mean."""
    n = planning.n_for_raters(
        half_width=half, rater_sd=0.6, repeat_sd=1.0, example_sd=0.3, examples=60, distribution="t"
    ).n
    assert n is not None
    example, rater = (i.ravel() for i in np.indices((60, n)))
    y = 0.3 * rng.normal(size=60)[example] + 0.6 * rng.normal(size=n)[rater] + rng.normal(size=60 * n)
    found = comparison.mean(y, clusters=example, clusters2=rater)
    return n, (found.high - found.low) / 2 / half


def width_of_mean(rng: np.random.Generator, half: float) -> tuple[int, float]:
    n = planning.n_for_mean(half_width=half, sd=1.0, distribution="t").n
    assert n is not None
    found = comparison.mean(rng.normal(size=n))
    return n, (found.high - found.low) / 2 / half


def width_of_clustered_mean(rng: np.random.Generator, half: float) -> tuple[int, float]:
    plan = planning.n_for_mean(half_width=half, sd=1.0, icc=0.3, cluster_size=6, distribution="t")
    n = (plan.clusters or 0) * 6
    values, group = clusters(rng, n, 6, 0.3)
    found = comparison.mean(values, clusters=group)
    return n, (found.high - found.low) / 2 / half


def width_of_proportion(rng: np.random.Generator, half: float) -> tuple[int, float]:
    n = planning.n_for_proportion(half_width=half, p=0.3).n
    assert n is not None
    found = comparison.proportion(int(rng.binomial(n, 0.3)), n)
    return n, (found.high - found.low) / 2 / half


def width_of_alpha(raters: int, prevalence: list[float], alpha: float) -> Study:
    """The spread of the estimate itself: 1.96 standard deviations over the promised half-width."""

    def study(rng: np.random.Generator, half: float) -> tuple[int, float]:
        n = planning.n_for_alpha(alpha=alpha, raters=raters, prevalence=prevalence, half_width=half).n
        assert n is not None
        found = agreement.krippendorff_alpha(
            *long_form(ratings(rng, n, raters, prevalence, alpha)), level="nominal", n_resamples=0
        )
        return n, 1.959964 * (found.value - alpha) / half

    return study


def ratings(
    rng: np.random.Generator, n: int, raters: int, prevalence: list[float], alpha: float
) -> np.ndarray:
    k = len(prevalence)
    truth = rng.choice(k, p=prevalence, size=n)
    guess = rng.choice(k, p=prevalence, size=(n, raters))
    return np.where((rng.random(n) < alpha)[:, None], truth[:, None], guess)


def power_of_alpha(rng: np.random.Generator, gap: float) -> tuple[int, float]:
    """One-sided at .05 by the spread that alpha has where it equals the null."""
    plan = planning.n_for_alpha(alpha=0.4 + gap, null=0.4, raters=3, prevalence=[0.5, 0.3, 0.2])
    n = plan.n
    assert n is not None
    flat = planning.n_for_alpha(alpha=0.4, raters=3, prevalence=[0.5, 0.3, 0.2], half_width=0.01)
    spread = flat.achieved / 1.959964 * np.sqrt((flat.n or 0) / n)
    table = ratings(rng, n, 3, [0.5, 0.3, 0.2], 0.4 + gap)
    found = agreement.krippendorff_alpha(*long_form(table), level="nominal", n_resamples=0)
    return n, float(found.value - 0.4 > 1.644854 * spread)


POWERS: list[tuple[str, Study, tuple[float, float, float]]] = [
    ("n_for_difference, paired (t)", difference_paired, (1.1, 0.4, 0.15)),
    ("n_for_difference, unpaired (t)", difference_unpaired, (1.2, 0.5, 0.2)),
    ("n_for_difference, clustered (t)", difference_clustered, (1.0, 0.5, 0.2)),
    ("n_for_difference, repeats (t)", difference_repeats, (1.1, 0.5, 0.2)),
    ("n_for_win_rate, 20 % ties", win_rate, (0.2, 0.1, 0.05)),
    ("n_for_win_rate, clustered (t)", win_rate_clustered, (0.15, 0.1, 0.05)),
    ("n_for_proportion_difference, paired", proportions_paired, (0.18, 0.1, 0.05)),
    ("n_for_proportion_difference, exact", proportions_exact, (0.18, 0.1, 0.05)),
    ("n_for_proportion_difference, unpaired", proportions_unpaired("score"), (0.4, 0.2, 0.08)),
    ("n_for_proportion_difference, Fisher's test", proportions_unpaired("continuity"), (0.4, 0.2, 0.08)),
    ("n_for_proportion, against .7", proportion_against, (0.15, 0.1, 0.05)),
    ("n_for_alpha, power above .4", power_of_alpha, (0.25, 0.15, 0.08)),
]
WIDTHS: list[tuple[str, Study, tuple[float, float, float]]] = [
    ("n_for_mean (t)", width_of_mean, (0.5, 0.2, 0.08)),
    ("n_for_mean, clustered (t)", width_of_clustered_mean, (0.4, 0.2, 0.1)),
    ("n_for_raters, 60 examples (t)", width_over_raters, (0.4, 0.25, 0.18)),
    ("n_for_proportion, .3", width_of_proportion, (0.15, 0.08, 0.04)),
]
SPREADS: list[tuple[str, Study, tuple[float, float, float]]] = [
    ("n_for_alpha, 2 raters, .5", width_of_alpha(2, [0.5, 0.5], 0.6), (0.2, 0.1, 0.06)),
    ("n_for_alpha, 3 raters, .6/.3/.1", width_of_alpha(3, [0.6, 0.3, 0.1], 0.6), (0.2, 0.1, 0.06)),
    ("n_for_alpha, 5 raters, .9/.1", width_of_alpha(5, [0.9, 0.1], 0.4), (0.2, 0.12, 0.08)),
    ("n_for_alpha, 4 raters, alpha 0", width_of_alpha(4, [0.4, 0.3, 0.3], 0.0), (0.1, 0.06, 0.04)),
]


def simulated(name: str, study: Study, at: float) -> tuple[int, np.ndarray]:
    rng = np.random.default_rng(zlib.crc32(f"{name} {at}".encode()))
    rows = [study(rng, at) for _ in range(ROUNDS)]
    return rows[0][0], np.array([row[1] for row in rows])


def row(name: str, found: list[tuple[int, float]], remark: str) -> str:
    cells = " | ".join(f"{n:,}: {share:.3f}".replace(" 0.", " .") for n, share in found)
    line = f"| {name} | {cells} | {remark} |"
    print(f"\n{line}")
    return line


@pytest.mark.parametrize(("name", "study", "sizes"), POWERS, ids=[row[0] for row in POWERS])
def test_planned_power_is_reached(name: str, study: Study, sizes: tuple[float, float, float]) -> None:
    found = [(n, float(hits.mean())) for n, hits in (simulated(name, study, at) for at in sizes)]
    line = row(name, found, "power planned: .800")
    slack = 3 * (0.8 * 0.2 / ROUNDS) ** 0.5
    for n, share in found:
        # Whole numbers and clusters round a small plan up.
        assert 0.8 - 0.015 - slack < share < 0.8 + slack + 2.5 / n + 0.015, line


@pytest.mark.parametrize(("name", "study", "sizes"), WIDTHS, ids=[row[0] for row in WIDTHS])
def test_planned_width_is_reached(name: str, study: Study, sizes: tuple[float, float, float]) -> None:
    found = [(n, float(share.mean())) for n, share in (simulated(name, study, at) for at in sizes)]
    line = row(name, found, "mean half-width over the planned one")
    for _, share in found:
        assert 0.9 < share < 1.03, line


@pytest.mark.parametrize(("name", "study", "sizes"), SPREADS, ids=[row[0] for row in SPREADS])
def test_planned_spread_of_alpha_is_reached(
    name: str, study: Study, sizes: tuple[float, float, float]
) -> None:
    found = [(n, float(off.std())) for n, off in (simulated(name, study, at) for at in sizes)]
    line = row(name, found, "1.96 standard deviations over the planned half-width")
    for _, share in found:
        assert 0.88 < share < 1.12, line
