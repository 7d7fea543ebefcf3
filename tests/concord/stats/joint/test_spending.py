"""What to spend on labels, and which to ask for next."""

from __future__ import annotations

import math

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.joint import best_next_labels, budget


def test_no_whole_numbers_of_labels_and_predictions_are_more_precise_than_the_plan() -> None:
    rng = np.random.default_rng(4)
    for _ in range(60):
        total, price, r = 10 ** rng.uniform(0.7, 2.5), 10 ** rng.uniform(-4, 0.3), rng.uniform(-1, 1)
        plan = budget(total=total, label_cost=1.0, prediction_cost=price, correlation=r)
        errors = [1 / math.sqrt(math.floor(total))]
        for n in range(2, int(total) + 1):
            items = math.floor((total - n) / price)
            if items >= n:
                errors.append(math.sqrt((1 - r * r) / n + r * r / items))
        assert plan.standard_error == pytest.approx(min(errors), rel=1e-9)
        assert plan.cost <= total * (1 + 1e-9)


def test_next_labels_have_the_chances_they_claim(rng: np.random.Generator) -> None:
    unsure = np.append(rng.random(50), [np.nan, 30.0])
    hits = np.zeros(52)
    for _ in range(2000):
        result = best_next_labels(unsure, n=15, rng=rng)
        assert len(result.chosen) == 15
        hits[result.chosen] += 1
    assert hits / 2000 == pytest.approx(result.propensity, abs=0.06)
    assert result.propensity.sum() == pytest.approx(15)
    assert result.propensity.max() <= 1
    assert best_next_labels(np.zeros(4), n=2).propensity.tolist() == [0.5] * 4
    with pytest.raises(InputError):
        best_next_labels([1.0], n=2)


def test_budget_beats_its_neighbours() -> None:
    plan = budget(total=500, label_cost=1.0, prediction_cost=0.02, correlation=0.85)
    for labels in (plan.labels - 30, plan.labels + 30):
        items = (500 - labels) / 0.02
        assert plan.standard_error <= np.sqrt((1 - 0.85**2) / labels + 0.85**2 / items) + 1e-4
    assert plan.cost <= 500
    useless = budget(total=500, label_cost=1.0, prediction_cost=0.02, correlation=0.0)
    assert (useless.labels, useless.predictions) == (500, 0)


def test_labels_alone_have_the_error_of_their_number() -> None:
    found = budget(total=400.0, label_cost=1.0, prediction_cost=0.01, correlation=0.8, sd=2.0)
    assert found.labels_only_error == pytest.approx(2.0 / 20)
    n, m = found.labels, found.predictions
    assert found.standard_error == pytest.approx(2 * ((1 - 0.64) / n + 0.64 / m) ** 0.5)
    assert found.cost == pytest.approx(n + 0.01 * m)
    assert found.cost <= 400
    alone = budget(total=9.5, label_cost=1.0, prediction_cost=1.0, correlation=0.1)
    assert (alone.labels, alone.predictions, alone.cost) == (9, 0, 9.0)
    assert alone.standard_error == alone.labels_only_error == pytest.approx(1 / 3)
