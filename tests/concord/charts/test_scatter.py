"""Two figures against each other: both coordinates true, names beside their marks and never on another."""

from typing import Any

import pytest

from concord.charts.labels import Box, place_labels
from concord.charts.palette import look_of
from concord.charts.rows import Axis, ScatterRow, share
from concord.charts.scatter import scatter
from concord.charts.text import width_of

LATENCY = Axis(name="median latency", unit="\u00a0ms", low=0.0, better="lower")
ROWS = [
    ScatterRow(
        system="Ada", number=11, x=100.0, y=0.4, x_low=80.0, x_high=140.0, y_low=0.3, y_high=0.5, says="slow"
    ),
    ScatterRow(system="Babbage", number=5, x=400.0, y=0.8, x_low=300.0, x_high=500.0, y_low=0.7, y_high=0.9),
]


@pytest.fixture(scope="module")
def sheet(read: Any) -> Any:
    return read(scatter(ROWS, LATENCY, share("quality"), key="trade", title="Trade").pages[-1].svg)


def test_both_coordinates_and_both_intervals_are_where_the_ticks_say(sheet: Any, along: Any) -> None:
    at = along(sheet, "100\u00a0ms", 100.0, "400\u00a0ms", 400.0)
    low, high = sheet.text("40\u00a0%"), sheet.text("80\u00a0%")
    mark = sheet.mark("Ada: slow")
    assert mark.x == pytest.approx(at(100.0), abs=0.6)
    assert mark.y == pytest.approx(low.y - 4, abs=1)
    assert sheet.mark("Babbage").y == pytest.approx(high.y - 4, abs=1)
    lines = sheet.lines(look_of(11).colour)
    across = next(one for one in lines if "x2" in one.attributes)
    upward = next(one for one in lines if "x2" not in one.attributes)
    assert sorted([across.x, across.x + across.number("x2")]) == pytest.approx([at(80.0), at(140.0)], abs=0.6)
    step = (low.y - high.y) / 0.4
    assert abs(upward.number("y2")) == pytest.approx(0.2 * step, abs=0.6)


def test_a_system_has_its_own_colour_and_shape_whatever_stands_beside_it(sheet: Any, read: Any) -> None:
    alone = read(scatter(ROWS[:1], LATENCY, share("quality"), key="one", title="One").pages[0].svg)
    first, again = sheet.mark("Ada").attributes, alone.mark("Ada").attributes
    assert (first["fill"], first["d"]) == (again["fill"], again["d"])
    assert first["fill"] == look_of(11).colour
    assert first["d"] != sheet.mark("Babbage").attributes["d"]


def test_the_diagonal_joins_equal_values(read: Any) -> None:
    rows = [ScatterRow(system="a", number=1, x=0.2, y=0.6), ScatterRow(system="b", number=2, x=0.5, y=0.5)]
    sheet = read(
        scatter(rows, share("people"), share("machine"), key="d", title="d", diagonal=True).pages[-1].svg
    )
    line = next(one for one in sheet.seen if "stroke-dasharray" in one.attributes)
    equal = sheet.mark("b")
    part = (equal.x - line.x) / line.number("x2")
    assert line.y + part * line.number("y2") == pytest.approx(equal.y, abs=0.6)


def test_names_lie_on_no_other_name_or_mark() -> None:
    at = [(100.0 + 17 * (place % 5), 100.0 + 13 * (place // 5)) for place in range(20)]
    texts = [f"system {place}" for place in range(20)]
    placed = place_labels(at, texts, Box(left=0, right=300, top=0, bottom=300))
    boxes = []
    for label, text in zip(placed, texts, strict=True):
        if label is not None:
            left = label.x if label.anchor == "left" else label.x - width_of(text)
            boxes.append(Box(left=left, right=left + width_of(text), top=label.y - 8, bottom=label.y + 8))
    assert 3 <= len(boxes) < 20
    assert not any(one.meets(other) for place, one in enumerate(boxes) for other in boxes[:place])


@pytest.mark.parametrize("rows", [[], [ROWS[0], ROWS[0]]])
def test_no_row_and_a_system_twice_are_refused(rows: Any) -> None:
    with pytest.raises(ValueError, match="one a system"):
        scatter(rows, LATENCY, share("quality"), key="wrong", title="Wrong")
