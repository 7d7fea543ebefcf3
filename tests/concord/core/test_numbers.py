"""What counts as a number in what others send."""

import math
import sys

import pytest

from concord.core.numbers import is_number


@pytest.mark.parametrize("value", [0, -1, 2**60, 0.5, -1e300, sys.float_info.max, -sys.float_info.max])
def test_finite_numbers(value: object) -> None:
    assert is_number(value)


@pytest.mark.parametrize(
    "value", [True, False, None, "1", [1], math.nan, math.inf, -math.inf, 10**400, -(10**400)]
)
def test_what_no_column_holds(value: object) -> None:
    assert not is_number(value)
