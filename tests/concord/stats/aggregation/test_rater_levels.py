"""Levels of raters and units by least squares, however many raters there are."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.aggregation import _rater_levels
from concord.stats.aggregation._rater_levels import Linked, levels
from concord.stats.agreement._ratings import ratings

Rng = np.random.Generator


@pytest.mark.parametrize("most", [0, 2000])
@pytest.mark.parametrize("groups", [1, 2])
def test_levels_are_least_squares_with_raters_at_zero_in_each_group(
    most: int, groups: int, rng: Rng, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_rater_levels, "_MOST_RATERS", most)
    unit, rater = rng.integers(20, size=120), rng.integers(8, size=120)
    unit, rater = (
        unit // groups * groups + rater % groups,
        rater,
    )  # raters of one group see units of their own
    data = ratings(unit, rater, rng.normal(size=120))
    linked = Linked.of(data)
    found = levels(data, data.value, linked)
    n, r, u = len(data.unit), len(data.rater_codes), data.n_units
    design = np.zeros((n, r + u))
    design[np.arange(n), data.rater] = design[np.arange(n), r + data.unit] = 1.0
    solved, _, rank, _ = np.linalg.lstsq(design, data.value)
    assert linked.n == groups == r + u - rank
    square = float(np.square(data.value - design @ solved).sum())
    assert found.noise == pytest.approx(square / (n - rank))
    assert found.bias[data.rater] + found.unit[data.unit] == pytest.approx(design @ solved)
    for group in range(groups):
        assert found.bias[linked.of_rater == group].sum() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("most", [0, 2000])
def test_levels_that_fit_leave_nothing_also_along_a_chain(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hundred raters, of whom each shares two units with the next: rounding must not pass for noise."""
    monkeypatch.setattr(_rater_levels, "_MOST_RATERS", most)
    unit = np.repeat(np.arange(600), 2)
    rater = np.concatenate([[i // 2, i // 2 + 1] for i in range(600)])
    bias, level = np.sin(np.arange(301)), np.cos(np.arange(600))
    data = ratings(unit, rater, bias[rater] + level[unit])
    found = levels(data, data.value, Linked.of(data))
    assert found.noise == 0.0
    assert found.bias == pytest.approx(bias - bias.mean(), abs=1e-7)
    assert found.unit == pytest.approx(level + bias.mean(), abs=1e-7)
