"""The marks that all pictures share: what Vega is told, with nothing left to its taste."""

from typing import Any

import pytest

from concord.charts import marks
from concord.charts.palette import INK, SURFACE
from concord.charts.rows import Axis, share
from concord.charts.scale import scale_around

SHARE = scale_around([0.0, 1.0], share("x"))


def test_a_filled_mark_has_an_edge_of_the_ground_and_a_hollow_one_is_all_edge() -> None:
    filled = marks.spot(0.5, 9, shape="circle", ink=INK, says="a")
    hollow = marks.spot(0.5, 9, shape="circle", ink=INK, says="a", hollow=True)
    assert (filled["fill"], filled["stroke"], filled["edge"]) == (INK, SURFACE, 1.0)
    assert (hollow["fill"], hollow["stroke"], hollow["edge"]) == (SURFACE, INK, 1.75)
    assert filled["area"] == hollow["area"] == 72
    assert (filled["value"], filled["y"], filled["says"]) == (0.5, 9, "a")


def test_marks_look_equally_large() -> None:
    """A square of the same area as a circle looks larger, a diamond is reckoned by the square around it."""
    assert marks.AREAS["square"] < marks.AREAS["circle"] < marks.AREAS["triangle-up"] < marks.AREAS["diamond"]


def test_the_scale_is_ours_and_vega_rounds_nothing() -> None:
    layer = marks.points([marks.spot(0.5, 9, shape="circle", ink=INK, says="a")], SHARE)
    scale = layer["encoding"]["x"]["scale"]
    assert scale == {"domain": [0.0, 1.0], "nice": False, "zero": False}
    assert layer["encoding"]["y"]["scale"] is None
    assert layer["mark"] == {"type": "point", "filled": True, "opacity": 1}


@pytest.mark.parametrize(
    ("axis", "values", "shown"),
    [
        (share("x"), [0.0, 1.0], "format(datum.value * 100.0, ',.0f') + \"\\u00a0%\""),
        (Axis(name="x"), [0.41, 0.43], "format(datum.value * 1.0, ',.3f') + \"\""),
        (Axis(name="x", unit="\u00a0s", factor=0.001), [0, 4000], "format(datum.value * 0.001, ',.0f') + \"\\u00a0s\""),
        (Axis(name="x", unit="' + alert(1) + \""), [0.0, 1.0], "format(datum.value * 1.0, ',.1f') + \"' + alert(1) + \\\"\""),
    ],
)  # fmt: skip
def test_a_tick_shows_its_value_in_the_axis_own_unit(axis: Axis, values: Any, shown: str) -> None:
    found = marks.tick_axis(scale_around(values, axis), orient="bottom").to_dict()
    assert found["labelExpr"] == shown
    assert found["orient"] == "bottom"
    assert found["tickCount"] == len(found["values"])


def test_ticks_are_texts_only_and_none_is_left_out() -> None:
    found = marks.tick_axis(SHARE).to_dict()
    off = ("labelOverlap", "labelFlush", "labelBound", "ticks", "domain", "grid", "aria")
    assert [found[name] for name in off] == [False] * 7
    assert found["title"] is None
    assert found["values"] == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])


def test_grounds_lie_under_the_second_fourth_and_every_other_row() -> None:
    rows = marks.stripes(4, 10.0, -5.0, 90.0)["data"]["values"]
    assert rows == [
        {"a": -5.0, "b": 90.0, "t": 10.0, "u": 20.0},
        {"a": -5.0, "b": 90.0, "t": 30.0, "u": 40.0},
    ]
    assert marks.stripes(1, 10.0, 0.0, 9.0)["data"]["values"] == []


def test_a_gridline_at_every_tick_over_the_whole_height() -> None:
    layer = marks.gridlines(SHARE, 80.0)
    assert [one["x"] for one in layer["data"]["values"]] == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert {(one["t"], one["u"]) for one in layer["data"]["values"]} == {(0.0, 80.0)}
    assert layer["encoding"]["y2"]["field"] == "u"


def test_texts_are_grouped_by_side_and_weight_and_empty_ones_dropped() -> None:
    rows = [
        marks.word(0, 0, "a"),
        marks.word(0, 0, "b", bold=True),
        marks.word(0, 0, "c", anchor="right"),
        marks.word(0, 0, ""),
        marks.word(0, 0, "d"),
    ]
    layers = marks.words(rows)
    found = [
        (one["mark"]["align"], one["mark"]["fontWeight"], [row["text"] for row in one["data"]["values"]])
        for one in layers
    ]
    assert found == [("left", "normal", ["a", "d"]), ("left", "bold", ["b"]), ("right", "normal", ["c"])]
    assert {one["mark"]["fontSize"] for one in layers} == {12}


def test_a_halo_lies_behind_its_text_in_the_colour_of_the_ground() -> None:
    behind, before = marks.words([marks.word(1, 2, "a")], halo=True)
    assert (behind["mark"]["stroke"], behind["mark"]["strokeWidth"]) == (SURFACE, 3)
    assert behind["data"]["values"] == [{**before["data"]["values"][0], "ink": SURFACE}]
    assert "stroke" not in before["mark"]
    assert before["data"]["values"][0]["ink"] == INK


def test_an_interval_goes_from_low_to_high_in_its_own_colour() -> None:
    layer = marks.intervals([{"low": 0.2, "high": 0.4, "y": 9.0, "ink": INK}], SHARE)
    ways = layer["encoding"]
    assert (ways["x"]["field"], ways["x2"]["field"], ways["y"]["field"], ways["color"]["field"]) == (
        "low", "high", "y", "ink",
    )  # fmt: skip
    assert ways["color"]["scale"] is None


def test_a_line_across_stands_at_its_value_from_top_to_bottom() -> None:
    layer = marks.line_across(0.5, SHARE, 70.0)
    assert layer["data"]["values"] == [{"x": 0.5, "t": 0.0, "u": 70.0}]
    assert layer["mark"]["strokeDash"] == [4, 3]


def test_marks_of_a_legend_stand_at_pixels() -> None:
    row = {**marks.spot(0, 5, shape="square", ink=INK, says="people"), "x": 12.0}
    layer = marks.free_points([row])
    assert layer["encoding"]["x"] == {"field": "x", "type": "quantitative", "scale": None, "axis": None}
    assert layer["encoding"]["description"] == {"field": "says", "type": "nominal"}
