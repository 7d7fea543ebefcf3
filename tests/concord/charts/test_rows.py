"""A row that cannot be drawn is refused where it is made, with the value shown."""

import math
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from concord.charts.rows import Axis, DifferenceRow, DistributionRow, ForestRow, ScatterRow, share


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


@pytest.mark.parametrize(
    "figure",
    [
        {"value": 1.0},
        {"value": 1.0, "low": 1.0, "high": 1.0},
        {"value": 3.0, "low": 1.0, "high": 2.0},  # of a skewed estimator: the value beside its own interval
        {"value": None, "low": -math.inf, "high": math.inf},
        {"value": None, "undefined": "nobody was asked"},
    ],
)
def test_a_figure_may_be_a_point_an_interval_or_a_reason(figure: dict[str, Any]) -> None:
    assert ForestRow(system="a", dimension="b", side="joint", **figure).text == ""
    assert not DifferenceRow(system="a", against="b", **figure).told_apart


@pytest.mark.parametrize("wrong", [math.inf, -math.inf, math.nan])
def test_a_point_is_finite_on_both_axes(wrong: float) -> None:
    for x, y in ((wrong, 0.0), (0.0, wrong)):
        with pytest.raises(ValueError, match="value must be finite"):
            ScatterRow(system="a", number=1, x=x, y=y)
    with pytest.raises(ValueError, match="two ends"):
        ScatterRow(system="a", number=1, x=0.0, y=0.0, y_high=1.0)
    with pytest.raises(ValueError, match="two ends"):
        ScatterRow(system="a", number=1, x=0.0, y=0.0, x_low=1.0)
    with pytest.raises(ValueError, match="values must be finite"):
        DistributionRow(system="a", number=1, values=(0.0, wrong))


def test_a_line_lies_on_its_axis() -> None:
    assert share("x", line=0.0).line == 0.0
    assert share("x", line=1.0).line == 1.0
    assert Axis(name="x", line=-9.0).line == -9.0
    for line in (-0.01, 1.01):
        with pytest.raises(ValueError, match="line must lie between low and high"):
            share("x", line=line)
    with pytest.raises(ValueError, match="line must lie between"):
        Axis(name="x", low=2.0, line=1.0)


@pytest.mark.parametrize("factor", [-1.0, math.inf, math.nan])
def test_a_factor_is_finite_and_above_nought(factor: float) -> None:
    with pytest.raises(ValueError, match="factor must be a finite number above 0"):
        Axis(name="x", factor=factor)


def test_an_axis_that_runs_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match=r"low must be below high, but they are 2\.0 and 1\.0"):
        Axis(name="x", low=2.0, high=1.0)


def test_a_share_is_shown_in_percent_from_none_to_all() -> None:
    axis = share("right", better="higher", line=0.5)
    assert (axis.low, axis.high, axis.factor, axis.unit) == (0.0, 1.0, 100.0, "\u00a0%")
    assert (axis.better, axis.line, axis.name) == ("higher", 0.5, "right")


def test_rows_do_not_change_once_they_were_checked() -> None:
    row = DistributionRow(system="a", number=1, values=(1.0,))
    with pytest.raises(FrozenInstanceError):
        row.values = (math.nan,)  # type: ignore[misc]
