"""The power of McNemar's exact and mid-p tests, the number of discordant pairs being chance as well."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, as_floats
from concord.stats.planning._plan import upper_quantile

# Discordant pairs; with more the tests are that of chi-square, the exact one with half a step off.
_MOST = 20_000
_BESIDE = np.arange(-8.0, 6.0)  # counts beside the normal limit, among which the exact one lies


def power_of_counts(n: float, discordance: float, gap: float, alpha: float, mid_p: bool) -> float | None:
    """Return the chance that the test rejects, summed over the numbers of discordant pairs; None for very many."""
    n = math.floor(n)
    expected = n * discordance
    if expected > _MOST:
        return None
    reach = 8 * math.sqrt(expected) + 10
    m = np.arange(max(0.0, math.floor(expected - reach)), min(float(n), math.ceil(expected + reach)) + 1)
    least = _least(m, alpha, mid_p)
    towards = min((1 + gap / discordance) / 2, 1.0)
    rejected = _at_most(least, m, 1 - towards) + _at_most(least, m, towards)
    return float(_chances(m, n, discordance) @ rejected)


def _least(m: FloatArray, alpha: float, mid_p: bool) -> FloatArray:
    """Return the largest smaller count that the test rejects; a negative one where it rejects none."""
    near = np.floor((m - upper_quantile(alpha / 2) * np.sqrt(m)) / 2)
    k = near[:, None] + _BESIDE
    tail = _at_most(k, m[:, None], 0.5)
    if mid_p:
        tail = (tail + _at_most(k - 1, m[:, None], 0.5)) / 2
    rejects = (tail <= alpha / 2) & (2 * k < m[:, None])
    return as_floats(np.where(rejects, k, -1.0).max(axis=1))


def _at_most(k: FloatArray, m: FloatArray, p: float) -> FloatArray:
    """Return ``P(Binomial(m, p) <= k)``, as an incomplete beta function."""
    inside = (k >= 0) & (k < m)
    tail = special.betainc(np.where(inside, m - k, 1.0), np.where(inside, k + 1, 1.0), 1 - p)
    return np.where(inside, tail, np.where(k < 0, 0.0, 1.0))


def _chances(m: FloatArray, n: int, p: float) -> FloatArray:
    """Return ``P(Binomial(n, p) = m)``."""
    log = special.gammaln(n + 1) - special.gammaln(m + 1) - special.gammaln(n - m + 1)
    return as_floats(np.exp(log + special.xlogy(m, p) + special.xlog1py(n - m, -p)))
