"""What is computed by a short cut against the formula written out."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from concord.stats.aggregation import glad


def test_the_objective_of_glad_is_the_likelihood_summed_over_labels(rng: np.random.Generator) -> None:
    units, raters = (index.ravel() for index in np.indices((12, 4)))
    values = rng.integers(3, size=48)
    result = glad(units, raters, values, tolerance=1e-10)
    assert result.converged

    def objective(ability: np.ndarray, log_ease: np.ndarray) -> float:
        total = -(np.square(ability - 1).sum() + np.square(log_ease - 1).sum()) / 2
        for unit in range(12):
            right = 1 / (1 + np.exp(-ability * np.exp(log_ease[unit])))
            given = values[units == unit]
            labels = [np.where(given == label, right, (1 - right) / 2).prod() / 3 for label in range(3)]
            total += math.log(sum(labels))
        return float(total)

    found = result.ability, -result.difficulty
    assert result.log_likelihood[-1] == pytest.approx(objective(*found), rel=1e-12)
    for moved, place in itertools.product((1e-4, -1e-4), range(4)):
        assert objective(found[0] + moved * (np.arange(4) == place), found[1]) <= objective(*found)
