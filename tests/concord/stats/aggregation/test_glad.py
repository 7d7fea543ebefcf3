"""GLAD stays where crowd-kit's own steps lead."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from crowdkit.aggregation import GLAD
from pandas import Series

from concord.stats.aggregation import glad
from tests.concord.stats.aggregation.crowds import random_sets

Ratings = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("unclipped")
def test_glad_stays_where_crowd_kits_own_steps_lead(rng: np.random.Generator) -> None:
    for data, frame, k in random_sets(rng, 40):
        result = glad(*data, tolerance=1e-10)
        assert result.converged
        model = GLAD()
        model._init(frame)
        model.alphas_ = Series(result.ability, index=result.rater_codes)
        model.betas_ = Series(-result.difficulty, index=result.unit_codes)
        joined = model._e_step(model._join_all(frame.copy(), model.alphas_, model.betas_, model.priors_))
        again = model.probas_.sort_index()[list(range(k))].to_numpy()
        assert again == pytest.approx(result.posterior, abs=1e-9)
        uphill = model._gradient_Q(joined)
        assert max(np.abs(slope).max() for slope in uphill) < 1e-9


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
