"""The one-coin model stays where crowd-kit's own steps lead."""

from __future__ import annotations

import numpy as np
import pytest
from crowdkit.aggregation import DawidSkene, OneCoinDawidSkene
from pandas import DataFrame

from concord.stats.aggregation import one_coin
from tests.concord.stats.aggregation.crowds import random_sets

Ratings = tuple[np.ndarray, np.ndarray, np.ndarray]


def soft(result, k: int) -> DataFrame:
    return DataFrame(result.posterior, index=result.unit_codes, columns=range(k))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("unclipped")
def test_one_coin_stays_where_crowd_kits_own_steps_lead(rng: np.random.Generator) -> None:
    for data, frame, k in random_sets(rng, 40):
        result = one_coin(*data, tolerance=1e-13)
        assert result.converged
        probabilities = soft(result, k)
        skills = OneCoinDawidSkene._m_step(frame, probabilities)
        assert skills.sort_index().to_numpy() == pytest.approx(result.reliability, abs=1e-9)
        errors = OneCoinDawidSkene._process_skills_to_errors(frame, probabilities, skills)
        again = DawidSkene._e_step(frame, probabilities.mean(), errors).sort_index()[list(range(k))]
        assert again.to_numpy() == pytest.approx(result.posterior, abs=1e-9)
