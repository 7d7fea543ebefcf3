"""Ratings as masked arrays and tables of objects."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import agreement

pytestmark = pytest.mark.filterwarnings("error")


UNITS, RATERS, VALUES = [1, 1, 2, 2, 3, 3], [0, 1] * 3, [1, 1, 2, 2, 1, 2]


def test_masked_arrays_and_tables_of_objects_hold_missing_ratings() -> None:
    masked = np.ma.array(VALUES, mask=[0, 0, 1, 0, 0, 0])
    objects = np.array([1, 1, None, 2, 1, 2], dtype=object)
    plain = [1, 1, np.nan, 2, 1, 2]
    for function in (agreement.fleiss_kappa, agreement.percent_agreement):
        expected = function(UNITS, RATERS, plain).value
        assert function(UNITS, RATERS, masked).value == expected
        assert function(UNITS, RATERS, objects).value == expected
