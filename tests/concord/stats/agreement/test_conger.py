"""Conger's kappa: Cohen's for two raters, and tables as irrCAC prints them."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.agreement import cohen_kappa, conger_kappa
from tests.concord.stats.agreement.tables import TWELVE, long_form


def test_conger_is_cohen_for_two_raters(rng: np.random.Generator) -> None:
    matrix = rng.integers(0, 3, size=(2, 40)).astype(float)
    for weights in (None, "linear"):
        ours = conger_kappa(*long_form(matrix), weights=weights)
        assert ours.value == pytest.approx(cohen_kappa(*long_form(matrix), weights=weights).value)


NAN = np.nan


def test_congers_kappa_as_irrcacs_pages_print_it() -> None:
    """.76282 with standard error .14917; there the third rater, not the second, is alone with the last subject."""
    table = TWELVE.copy()
    table[[1, 2], 11] = table[[2, 1], 11]
    result = conger_kappa(*long_form(table))
    assert result.value == pytest.approx(0.76282, abs=6e-6)
    assert result.standard_error == pytest.approx(0.14917, abs=6e-6)
