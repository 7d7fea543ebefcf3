"""Gwet's AC: his published table, and weights of tiny steps."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import agreement
from concord.stats.agreement import conger_kappa, fleiss_kappa, gwet_ac, percent_agreement
from tests.concord.stats.agreement.tables import TWELVE, categories_by_unit, long_form

pytestmark = pytest.mark.filterwarnings("error")


STEPS = np.array([0, 1, 1, 1, 0, 0, 2, 2, 1, 2, 0, 0])


def twelve(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.repeat(np.arange(6), 2), np.tile([0, 1], 6), values


@pytest.mark.parametrize("weights", ["linear", "quadratic", "radical", "circular", "bipolar"])
def test_weights_of_tiny_steps_are_those_of_short_arcs(weights: str) -> None:
    tiny = agreement.gwet_ac(*twelve(STEPS * 1e-200), weights=weights).value
    straight = agreement.gwet_ac(*twelve(STEPS), weights="quadratic" if weights == "circular" else weights)
    assert tiny == pytest.approx(straight.value, abs=1e-12)
    two = agreement.gwet_ac(*twelve((STEPS > 0) * 5e-324), weights=weights).value
    assert two == pytest.approx(agreement.gwet_ac(*twelve(STEPS > 0)).value, abs=1e-12)


NAN = np.nan


def test_gwets_twelve_by_four_table() -> None:
    assert gwet_ac(*long_form(TWELVE)).value == pytest.approx(0.775, abs=5e-4)
    assert fleiss_kappa(*long_form(TWELVE)).value == pytest.approx(0.761, abs=5e-4)
    assert conger_kappa(*long_form(TWELVE)).value == pytest.approx(0.762, abs=5e-4)
    assert gwet_ac(*long_form(TWELVE)).standard_error == pytest.approx(0.143, abs=1e-3)


@pytest.mark.parametrize(
    ("function", "weights", "value", "error"),
    [
        (gwet_ac, None, 0.77544, 0.14295),
        (fleiss_kappa, None, 0.76117, 0.15302),
        (gwet_ac, "bipolar", 0.90037, 0.10582),
    ],
)
def test_gwets_table_as_irrcacs_pages_print_it(function, weights, value: float, error: float) -> None:
    result = function(*long_form(TWELVE), weights=weights)
    assert result.value == pytest.approx(value, abs=6e-6)
    assert result.standard_error == pytest.approx(error, abs=6e-6)
    assert percent_agreement(*long_form(TWELVE)).value == pytest.approx(0.81818, abs=5e-6)


def test_fewer_than_thirty_units_keep_the_symmetric_interval() -> None:
    table = np.zeros((29, 2), dtype=int)
    table[:2] = [[1, 1], [1, 0]]
    found = gwet_ac(*categories_by_unit(table), categories=[0, 1])
    assert found.low == pytest.approx(found.value - stats.t.ppf(0.975, 28) * found.standard_error)
    assert "only 2 of 29 units differ" in found.notes[0]
