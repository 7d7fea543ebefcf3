"""Shares of wins: variances of weighted votes and of votes against several opponents, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from concord.stats._binomial import wilson
from concord.stats._clustered import cluster_variance
from concord.stats.ranking._rates import rate

SCORE = np.array([1.0, 0.0, 0.5, 1.0, 1.0, 0.0, 1.0, 0.5])
WEIGHT = np.array([1.0, 2.0, 1.0, 1.0, 0.5, 1.0, 1.0, 2.0])


def check(found, value: float, variance: float, df: float, confidence: float) -> None:
    worth = value * (1 - value) / variance
    worth *= (stats.norm.isf((1 - confidence) / 2) / stats.t.isf((1 - confidence) / 2, df)) ** 2
    assert found.value == pytest.approx(value)
    assert found.error == pytest.approx(math.sqrt(variance))
    assert (found.low, found.high) == pytest.approx(wilson(value, worth, confidence))


def test_weighted_votes_have_the_variance_of_their_weighted_mean() -> None:
    part = WEIGHT / WEIGHT.sum()
    value = float(part @ SCORE)
    variance = 8 / 7 * float(((part * (SCORE - value)) ** 2).sum())
    check(rate(SCORE, WEIGHT, None, 0.9), value, variance, 7, 0.9)


def test_votes_of_clusters_have_the_clusters_variance() -> None:
    cluster = np.array([5, 5, 6, 6, 7, 8, 8, 9])
    found = cluster_variance(SCORE, WEIGHT, cluster - 5)
    check(
        rate(SCORE, WEIGHT, cluster, 0.95), float(WEIGHT @ SCORE / WEIGHT.sum()), found.value, found.df, 0.95
    )


def test_of_fixed_opponents_only_what_varies_within_them_counts() -> None:
    """Three votes against one, four against the second, a lone one against the third, about the mean of all."""
    stratum = np.array([0, 0, 0, 1, 1, 1, 1, 2])
    even = np.ones(8)
    value = float(SCORE.mean())
    parts = [SCORE[stratum == s] for s in (0, 1)]
    variances = [len(p) * p.var(ddof=1) / 64 for p in parts]
    lone = ((0.5 - value) / 8) ** 2
    total = sum(variances) + lone
    df = total**2 / (variances[0] ** 2 / 2 + variances[1] ** 2 / 3 + lone**2 / 1)
    check(rate(SCORE, even, None, 0.95, stratum), value, total, df, 0.95)
    weighted = rate(SCORE, WEIGHT, None, 0.95, stratum)
    share, expected = WEIGHT / WEIGHT.sum(), 0.0
    value = float(share @ SCORE)
    for s in (0, 1):
        own = WEIGHT[stratum == s]
        inside = own / own.sum()
        away = SCORE[stratum == s] - inside @ SCORE[stratum == s]
        expected += ((share[stratum == s] * away) ** 2).sum() / (1 - (inside**2).sum())
    expected += (share[7] * (0.5 - value)) ** 2
    assert weighted.error == pytest.approx(math.sqrt(expected))


def test_votes_that_do_not_vary_are_worth_their_number() -> None:
    ones = np.ones(6)
    found = rate(ones, np.array([1.0, 1, 1, 1, 1, 3]), None, 0.95)
    assert (found.value, found.error) == (1.0, 0.0)
    assert (found.low, found.high) == pytest.approx(wilson(1.0, 64 / 14, 0.95))
    clustered = rate(ones, ones, np.array([0, 0, 0, 0, 1, 1]), 0.95)
    assert (clustered.low, clustered.high) == pytest.approx(wilson(1.0, 36 / 20, 0.95))
    one = rate(np.array([1.0, 0.0]), np.ones(2), np.zeros(2, dtype=int), 0.95)
    assert math.isnan(one.error)
    assert (one.low, one.high) == pytest.approx(wilson(0.5, 1.0, 0.95))
