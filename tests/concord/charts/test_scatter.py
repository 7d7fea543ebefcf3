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


def drawn(laid: Any, rows: Any, width: float = 640.0, *, x: Any = LATENCY, y: Any = None, **more: Any) -> Any:
    y = share("quality") if y is None else y
    return laid(lambda: scatter(rows, x, y, key="s", title="t", widths=(width,), **more))[0]


def test_a_scatter_keeps_its_shape_and_stops_growing(laid: Any) -> None:
    for width, across, height in ((288.0, 192, 240), (640.0, 544, 337), (1080.0, 624, 387)):
        panel = drawn(laid, ROWS, width).panels[0]
        assert (panel.right - panel.left, panel.bottom - panel.top) == (across, height)


@pytest.mark.parametrize("width", [288.0, 640.0, 1080.0])
def test_names_of_axes_ticks_and_systems_lie_inside_and_on_nothing_else(laid: Any, width: float) -> None:
    rows = [
        ScatterRow(system=f"a system with a long name {i}", number=i, x=40.0 * i, y=0.1 + 0.08 * (i % 7))
        for i in range(12)
    ]
    long = Axis(name="median latency of everything that was asked " * 3, unit="\u00a0ms", better="lower")
    sheet = drawn(laid, rows, width, x=long, y=share("share of answers that are right " * 3))
    written = [*sheet.words(), *sheet.tick_words()]
    for place, one in enumerate(written):
        assert one.box.within(sheet.sheet), one.text
        assert not any(one.box.meets(other.box) for other in written[:place]), one.text


def test_axes_say_their_name_which_way_is_better_and_where_they_lead(laid: Any) -> None:
    sheet = drawn(laid, ROWS, y=share("quality", better="higher"))
    across, up = sheet.word("median latency (lower is better) →"), sheet.word("↑ quality (higher is better)")
    panel = sheet.panels[0]
    assert (across.x, across.mark["align"]) == (panel.right, "right")
    assert across.y > panel.bottom
    assert up.y < panel.top
    assert sheet.word("Ada").box.within(sheet.sheet)
    plain = drawn(laid, ROWS, x=Axis(name="time"))
    assert plain.word("time →")


def test_lines_of_limits_cross_the_whole_plot(laid: Any) -> None:
    sheet = drawn(laid, ROWS, x=Axis(name="t", line=200.0), y=share("q", line=0.5))
    panel = sheet.panels[0]
    upright, level = [one for one in sheet.of("rule") if one.mark.get("strokeDash")]
    assert (upright.x, sorted([upright.y, upright.y2])) == (upright.x2, [panel.top, panel.bottom])
    assert (level.y, sorted([level.x, level.x2])) == (level.y2, [panel.left, panel.right])
    assert upright.row["x"] == 200.0
    assert level.row["y"] == 0.5
    assert not [one for one in drawn(laid, ROWS).of("rule") if one.mark.get("strokeDash")]


def test_the_diagonal_runs_over_what_both_axes_have(laid: Any) -> None:
    rows = [ScatterRow(system="a", number=1, x=0.2, y=0.9), ScatterRow(system="b", number=2, x=0.5, y=0.4)]
    sheet = drawn(laid, rows, x=share("people"), y=share("machine"), diagonal=True)
    line = next(one for one in sheet.of("rule") if one.mark.get("strokeDash"))
    assert (line.row["x"], line.row["x2"]) == (line.row["y"], line.row["y2"]) == (0.2, 1.0)
    ticks = [
        [one.text for one in sheet.tick_words() if one.row["channel"] == channel] for channel in ("x", "y")
    ]
    assert ticks[0] == ticks[1]


def test_an_interval_of_one_axis_only_is_one_line_and_an_open_one_ends_at_the_edge(laid: Any) -> None:
    rows = [
        ScatterRow(system="a", number=1, x=100.0, y=0.5, x_low=50.0, x_high=float("inf")),
        ScatterRow(system="b", number=2, x=200.0, y=0.6, y_low=0.2, y_high=0.7),
        ScatterRow(system="c", number=3, x=300.0, y=0.7),
    ]
    sheet = drawn(laid, rows)
    lines = [one for one in sheet.of("rule") if one.mark.get("strokeOpacity")]
    assert [one.row["ink"] for one in lines] == [look_of(1).colour, look_of(2).colour]
    assert lines[0].y == lines[0].y2 == sheet.spot("a").y
    assert lines[0].x2 == sheet.panels[0].right
    assert lines[1].x == lines[1].x2 == sheet.spot("b").x
    assert [one.row["says"] for one in sheet.spots()] == ["a", "b", "c"]


def test_a_description_names_forty_systems_and_counts_the_rest() -> None:
    rows = [ScatterRow(system=f"s{i}", number=i, x=float(i), y=0.5, says=f"v{i}") for i in range(43)]
    picture = scatter(rows, LATENCY, share("quality"), key="many", title="t", widths=(300.0,))
    assert picture.description.startswith("43 systems as marks, median latency across and quality upwards")
    assert "s39: v39; and 3 more. The table" in picture.description
    assert "s40" not in picture.description
    few = scatter(rows[:40], LATENCY, share("quality"), key="few", title="t", widths=(300.0,))
    assert "s39: v39. The table" in few.description
