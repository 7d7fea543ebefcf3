"""pass@k and pass^k: closed forms, every subset, and intervals within bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError, comparison
from concord.stats.comparison import clustered_proportion, pass_at_k, pass_hat_k, proportion


def test_pass_at_k_against_the_papers_formula_and_enumeration() -> None:
    for n, c, k in ((10, 3, 1), (10, 3, 5), (7, 0, 2), (6, 6, 3), (8, 5, 4)):
        at_least = 1 - math.comb(n - c, k) / math.comb(n, k)
        every = math.comb(c, k) / math.comb(n, k)
        assert pass_at_k(n, c, k).value == pytest.approx(at_least, abs=1e-12)
        assert pass_hat_k(n, c, k).value == pytest.approx(every, abs=1e-12)
    several = pass_at_k([10, 10, 10], [1, 5, 9], 1)
    assert several.value == pytest.approx(0.5)
    assert several.n == 3
    for bad in ((5, 6, 1), (3, 1, 4)):
        with pytest.raises(InputError):
            pass_at_k(*bad)
    assert pass_at_k([], [], 1).undefined


def test_all_solved_or_nearly_so_has_an_interval_within_bounds() -> None:
    every = pass_at_k(10, [10] * 30, 1)
    alone = proportion(30, 30)
    assert (every.value, every.low, every.high) == (1.0, pytest.approx(alone.low), 1.0)
    once = pass_at_k(1, [1] * 18 + [0] * 2, 1)  # one try: a share of examples
    assert (once.low, once.high) == pytest.approx(
        (clustered_proportion([1] * 18 + [0] * 2).low, clustered_proportion([1] * 18 + [0] * 2).high)
    )
    nearly = pass_at_k(10, [10] * 58 + [3, 4], 5)
    assert not nearly.notes
    share, z = 0.9982142857142856, 1.959964  # Wilson's at 60 answers
    centre, half = share + z * z / 120, z * np.sqrt(share * (1 - share) / 60 + z * z / 14400)
    assert nearly.low == pytest.approx((centre - half) / (1 + z * z / 60), abs=1e-6)
    bent = pass_at_k(10, [10] * 58 + [3, 4], 5, method="skewed")
    assert bent.low > nearly.low  # bent by what was seen, it knows of no other hard example
    assert bent.high == 1.0
    assert pass_hat_k(5, [5, 5, 4, 0], 2, method="t").high == 1.0
    with pytest.raises(InputError, match="method must be one of wilson, t, skewed"):
        pass_at_k(10, [5], 1, method="bca")


def test_pass_at_k_of_very_many_tries() -> None:
    """With one pass of n, k tries hold it with the chance k / n; with one failure none do with 1 - k / n."""
    assert pass_at_k([20_000], [1], 10_001).value == pytest.approx(10_001 / 20_000, rel=1e-9)
    assert pass_hat_k([20_000], [19_999], 10_001).value == pytest.approx(1 - 10_001 / 20_000, rel=1e-9)
    assert pass_hat_k([20_000], [10_000], 10_001).value == 0


def test_human_eval_style_pass_rates() -> None:
    """Chen et al. (2021): with 200 samples and 1 pass, pass@100 is one half; tau-bench's pass^k falls with k."""
    assert comparison.pass_at_k(200, [1], 100).value == pytest.approx(0.5)
    assert comparison.pass_at_k(200, [0, 10, 200], 1).value == pytest.approx((0 + 0.05 + 1) / 3)
    falls = [comparison.pass_hat_k(8, [8, 6, 4, 2], k).value for k in range(1, 9)]
    assert falls == sorted(falls, reverse=True)
    assert falls[-1] == 0.25


Rng = np.random.Generator
EXACT = {"rel": 1e-9, "abs": 1e-9}
SETS = range(200)


def test_pass_at_k_against_the_papers_code(rng: Rng) -> None:
    """Chen et al. (2021), figure 3: ``1 - prod(1 - k / arange(n - c + 1, n + 1))``."""
    for _ in SETS:
        n = rng.integers(20, 300, size=int(rng.integers(1, 20)))
        c, k = (rng.random(len(n)) * (n + 1)).astype(int), int(rng.integers(1, 20))
        theirs = [
            1.0 if a - b < k else 1.0 - np.prod(1.0 - k / np.arange(a - b + 1, a + 1))
            for a, b in zip(n.tolist(), c.tolist(), strict=True)
        ]
        every = [math.comb(b, k) / math.comb(a, k) for a, b in zip(n.tolist(), c.tolist(), strict=True)]
        assert comparison.pass_at_k(n, c, k).value == pytest.approx(np.mean(theirs), **EXACT)
        assert comparison.pass_hat_k(n, c, k).value == pytest.approx(np.mean(every), **EXACT)


def test_impossible_counts_are_named() -> None:
    for given, passes in (([5, 5, 5], [1, 6, 7]), ([5, 5, 5], [0, -1, 3])):
        with pytest.raises(InputError, match=rf"c must lie between 0 and n, got {passes[1]} of 5"):
            pass_at_k(given, passes, 1)
    with pytest.raises(InputError, match="every example needs at least k = 4 tries, got 3"):
        pass_hat_k([4, 3, 9], [1, 1, 1], 4)
    with pytest.raises(InputError, match="k must be at least 1"):
        pass_at_k(5, [1], 0)
    assert pass_at_k([4], [1], 4).value == 1.0
    assert pass_at_k([3, 6], 2, 3).value == pytest.approx((1 + 1 - 4 / 20) / 2)  # one count of passes for all


def test_results_say_what_they_are_of() -> None:
    """The standard error and degrees of freedom are those of a mean of the examples' chances; Wilson's the interval."""
    c = np.array([0, 3, 10, 7, 5, 5])
    chance = c / 10
    for method, start in (
        ("wilson", "pass@1 over examples, "),
        ("t", "pass@1 over examples, "),
        ("skewed", "pass@1"),
    ):
        found = pass_at_k(10, c, 1, method=method, confidence=0.9)
        assert found.method.startswith(start)
        assert found.standard_error == pytest.approx(stats.sem(chance))
        assert (found.df, found.n, found.confidence) == (5, 6, 0.9)
    by_t = pass_at_k(10, c, 1, method="t", confidence=0.9)
    half = stats.t.isf(0.05, 5) * stats.sem(chance)
    assert (by_t.low, by_t.high) == pytest.approx((chance.mean() - half, chance.mean() + half))
    hat = pass_hat_k(10, c, 2, clusters=[0, 0, 1, 1, 2, 2])
    assert hat.method.startswith("pass^2 over examples, ")
    assert hat.df == 2
    low = pass_at_k(10, [0, 0, 0, 1], 1, method="t")
    assert (low.low, low.value) == (0.0, pytest.approx(0.025))
