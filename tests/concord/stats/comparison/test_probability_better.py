"""The probability of being better: closed forms, midranks, and rank packages."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special, stats

from concord.stats import comparison
from concord.stats.comparison import paired_difference, probability_better
from tests.concord.stats.comparison.samples import with_gaps


def test_probability_better_of_proportions_against_the_closed_form() -> None:
    """P(p1 > p2) for Beta(a, b) with whole numbers has a closed form; here by a fine grid of both."""
    a, b = [1] * 30 + [0] * 20, [1] * 22 + [0] * 28
    p = (np.arange(4000) + 0.5) / 4000
    first = stats.beta.pdf(p, 30.5, 20.5) / 4000
    expected = float((first * stats.beta.cdf(p, 22.5, 28.5)).sum())
    assert probability_better(a, b, paired=False).value == pytest.approx(expected, abs=1e-4)
    pairs = probability_better([3.0, 4.0, 5.0, 7.0], [2.0, 4.5, 4.0, 5.0])
    t = paired_difference([3.0, 4.0, 5.0, 7.0], [2.0, 4.5, 4.0, 5.0])
    assert pairs.value == pytest.approx(1 - t.p_value / 2)
    assert probability_better([1.0], [2.0]).undefined


Rng = np.random.Generator
EXACT = {"rel": 1e-9, "abs": 1e-9}
SETS = range(200)


def test_probability_better_against_piecewise_quadrature(rng: Rng) -> None:
    """The integral of one posterior's density times the other's tail, between their quantiles."""
    quantiles = np.array([1e-12, 1e-9, 1e-6, 1e-3, 0.1, 0.5, 0.9, 0.999, 1 - 1e-6, 1 - 1e-9, 1 - 1e-12])
    node, weight = np.polynomial.legendre.leggauss(60)
    for _ in SETS:
        n, m = int(rng.integers(2, 80)), int(rng.integers(2, 80))
        j, k = int(rng.integers(1, n)), int(rng.integers(1, m))
        margin = float(rng.choice([0.0, 0.1, -0.3]))
        a, b = np.repeat([1.0, 0.0], [j, n - j]), np.repeat([1.0, 0.0], [k, m - k])
        one, two = (j + 0.5, n - j + 0.5), (k + 0.5, m - k + 0.5)
        breaks = np.append(
            special.betaincinv(*two, quantiles), special.betaincinv(*one, quantiles) - margin
        ).clip(0, 1)
        ends = np.unique(np.append(breaks, [0.0, 1.0]))
        x = ends[:-1, None] + np.diff(ends)[:, None] * (node + 1) / 2
        density = np.exp((two[0] - 1) * np.log(x) + (two[1] - 1) * np.log1p(-x) - special.betaln(*two))
        tail = special.betaincc(*one, (x + margin).clip(0, 1))
        expected = float((density * tail * np.diff(ends)[:, None] * weight / 2).sum())
        found = comparison.probability_better(np.append(a, np.nan), b, paired=False, margin=margin)
        assert found.value == pytest.approx(expected, abs=1e-9)
        if margin > 0:
            beyond = comparison.probability_better(a, b, paired=False, margin=found.low)
            assert beyond.value == pytest.approx(0.975, abs=1e-9)


def test_paired_answers_against_their_dirichlet_posterior(rng: Rng) -> None:
    """Altham (1971): the share that differ and the share of these that speak for a are independent Betas."""
    for _ in range(30):
        only_a, only_b, both, neither = (int(n) for n in rng.integers(0, 25, size=4))
        a = np.repeat([1.0, 0.0, 1.0, 0.0, np.nan], [only_a, only_b, both, neither, 1])
        b = np.repeat([0.0, 1.0, 1.0, 0.0, 1.0], [only_a, only_b, both, neither, 1])
        if len(a) < 2:
            continue
        differ, lean = stats.beta(only_a + only_b + 1, both + neither + 1), (only_a + 0.5, only_b + 0.5)
        assert comparison.probability_better(a, b).value == pytest.approx(
            special.betaincc(*lean, 0.5), abs=1e-12
        )
        margin = float(rng.choice([0.02, 0.15, -0.1]))
        expected, _ = integrate.quad(
            lambda d: differ.pdf(d) * special.betaincc(*lean, np.clip((1 + margin / d) / 2, 0, 1)),  # noqa: B023
            1e-12, 1, points=[abs(margin), differ.mean()], limit=400, epsabs=1e-11,
        )  # fmt: skip
        found = comparison.probability_better(a, b, margin=margin)
        assert found.value == pytest.approx(expected, abs=1e-8)
        assert found.n == len(a) - 1
        drawn = rng.dirichlet(np.array([only_a, only_b, both, neither]) + 0.5, size=4000)
        assert found.standard_error == pytest.approx((drawn[:, 0] - drawn[:, 1]).std(), rel=0.06)
        for end, chance in ((found.low, 0.975), (found.high, 0.025)):
            beyond = comparison.probability_better(a, b, margin=end)
            assert beyond.value == pytest.approx(chance, abs=1e-8)
        turned = comparison.probability_better(b, a)
        assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-10)


def test_paired_answers_that_never_differ_leave_it_open() -> None:
    same = comparison.probability_better([1, 0, 1, 1], [1, 0, 1, 1])
    assert (same.value, same.difference) == (pytest.approx(0.5), 0.0)
    assert same.low == pytest.approx(-same.high) != 0
    clustered = comparison.probability_better([1, 0, 1, 1], [1, 0, 0, 0], clusters=[0, 0, 1, 2])
    assert clustered.notes == ("only 2 pairs differ: Student's t is rough for answers of 0 and 1.",)


def test_welchs_posterior_against_scipy(rng: Rng) -> None:
    for _ in SETS:
        a, b = with_gaps(rng, int(rng.integers(3, 30))), with_gaps(rng, int(rng.integers(3, 30)))
        theirs = stats.ttest_ind(a, b, equal_var=False, nan_policy="omit", alternative="greater")
        assert comparison.probability_better(a, b, paired=False).value == pytest.approx(
            1 - theirs.pvalue, **EXACT
        )


def test_moments_of_the_posteriors_against_scipy() -> None:
    from concord.stats.comparison._beta_gap import Beta

    for a, b in ((0.5, 30.5), (7.5, 2.5), (200.5, 0.5)):
        assert Beta(a, b).mean == pytest.approx(stats.beta.mean(a, b))
        assert Beta(a, b).variance == pytest.approx(stats.beta.var(a, b))
