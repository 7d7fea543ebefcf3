"""Sample sizes for win rates, with ties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.stats import power as peers

from concord.stats.planning import n_for_win_rate


def test_win_rate_against_statsmodels_on_random_plans(rng: np.random.Generator) -> None:
    for _ in range(200):
        ties = float(rng.uniform(0, 0.6))
        win = 0.5 + float(rng.uniform(0.02, 0.98)) * (1 - ties) / 2 * float(rng.choice([-1, 1]))
        power, alpha = float(rng.uniform(0.6, 0.95)), float(rng.uniform(0.01, 0.1))
        null = (1 - ties) / 4
        sds = math.sqrt(null), math.sqrt(null - (win - 0.5) ** 2)
        expected = peers.normal_sample_size_one_tail(abs(win - 0.5), power, alpha / 2, *sds)
        plan = n_for_win_rate(win_rate=win, tie_rate=ties, power=power, alpha=alpha)
        assert plan.n == max(2, math.ceil(expected - 1e-6))
        reached = peers.normal_power_het(
            abs(win - 0.5), plan.n, alpha, std_null=sds[0], std_alternative=sds[1], alternative="larger"
        )
        half = peers.normal_power_het(
            abs(win - 0.5), plan.n, alpha / 2, std_null=sds[0], std_alternative=sds[1], alternative="larger"
        )
        assert plan.achieved == pytest.approx(half, abs=1e-9)
        assert reached > half
