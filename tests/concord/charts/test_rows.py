"""A row that cannot be drawn is refused where it is made, with the value shown."""

import math
from typing import Any

import pytest

from concord.charts.rows import Axis, DifferenceRow, DistributionRow, ForestRow, ScatterRow


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        ({"value": None}, "undefined"),
        ({"value": math.nan}, "value must be finite or None, but is nan"),
        ({"value": 1.0, "low": 0.5}, "two ends"),
        ({"value": 1.0, "low": 2.0, "high": 0.5}, "low must not be above high"),
        ({"value": 1.0, "low": math.nan, "high": 2.0}, "nan"),
    ],
)
def test_a_figure_without_a_reason_or_with_ends_that_cannot_be_is_refused(figure: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ForestRow(system="a", dimension="b", side="people", **figure)
    with pytest.raises(ValueError, match=says):
        DifferenceRow(system="a", against="b", **figure)


def test_other_rows_refuse_what_they_cannot_draw() -> None:
    wrong: Any = "crowd"
    with pytest.raises(ValueError, match="crowd"):
        ForestRow(system="a", dimension="b", side=wrong, value=1.0)
    with pytest.raises(ValueError, match="inf"):
        ScatterRow(system="a", number=1, x=math.inf, y=0.0)
    with pytest.raises(ValueError, match="nan"):
        DistributionRow(system="a", number=1, values=(1.0, math.nan))
    with pytest.raises(ValueError, match="say why"):
        DistributionRow(system="a", number=1, values=())


def test_an_axis_has_ends_in_order_and_a_factor_above_nought() -> None:
    with pytest.raises(ValueError, match="below"):
        Axis(name="x", low=1.0, high=1.0)
    with pytest.raises(ValueError, match="factor"):
        Axis(name="x", factor=0.0)
    with pytest.raises(ValueError, match="line"):
        Axis(name="x", line=math.nan)
