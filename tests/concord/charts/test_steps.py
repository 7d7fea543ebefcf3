"""Cumulative shares: each curve steps at its values, and carries its mark and its name at a height of its own."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.charts.distribution import distribution
from concord.charts.palette import look_of
from concord.charts.rows import Axis, DistributionRow
from concord.charts.steps import corners

LATENCY = Axis(name="latency", unit="\u00a0ms", low=0.0)


def row(system: str, number: int, *values: float, undefined: str = "") -> DistributionRow:
    return DistributionRow(system=system, number=number, values=values, undefined=undefined)


def drawn(laid: Any, rows: Any, width: float = 640.0) -> Any:
    return laid(lambda: distribution(rows, LATENCY, key="s", title="t", form="steps", widths=(width,)))[0]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300))
def test_a_corner_is_the_share_of_values_at_most_so_high(values: list[float]) -> None:
    found = corners(values)
    assert len(found) == min(len(values), 200)
    assert found[-1] == (max(values), 1.0)
    assert found[0][0] == min(values)
    shares = [share for _, share in found]
    assert shares == sorted(set(shares))
    for value, share in found:
        below, at_most = np.mean(np.array(values) < value), np.mean(np.array(values) <= value)
        assert below < share <= at_most + 1e-12


def test_a_curve_begins_at_nought_and_reaches_one_on_the_scale(laid: Any) -> None:
    sheet = drawn(laid, [row("a", 1, 10.0, 20.0, 40.0)])
    panel = sheet.panels[0]
    curve = sheet.of("line")
    assert {one.mark["interpolate"] for one in curve} == {"step-after"}
    assert [one.row["place"] for one in curve] == [0, 1, 2, 3]
    at = {one.row["value"]: one.x for one in sheet.tick_words() if one.row["channel"] == "x"}
    assert sorted(at)[0] == 10.0
    assert [one.x for one in curve] == pytest.approx([at[10.0], at[10.0], at[20.0], at[40.0]])
    height = panel.bottom - panel.top
    assert [panel.bottom - one.y for one in curve] == pytest.approx([0.0, height / 3, 2 * height / 3, height])


def test_the_leftmost_curve_is_named_high_up_and_the_rightmost_low_down(laid: Any) -> None:
    rows = [row("late", 1, *range(60, 81)), row("soon", 2, *range(21)), row("between", 3, *range(30, 51))]
    sheet = drawn(laid, rows)
    panel = sheet.panels[0]
    height = panel.bottom - panel.top
    levels = {name: (panel.bottom - sheet.spot(name).y) / height for name in ("soon", "between", "late")}
    assert levels == pytest.approx({"soon": 0.85, "between": 0.55, "late": 0.25})
    # The mark lies on its own curve: at the value that so many of the 21 values do not exceed.
    ticks = [one for one in sheet.tick_words() if one.row["channel"] == "x"]
    first, last = ticks[0], ticks[-1]

    def value(x: float) -> float:
        part = (x - first.x) / (last.x - first.x)
        return float(first.row["value"] + part * (last.row["value"] - first.row["value"]))

    # ceil(.85 * 21) = 18th, ceil(.55 * 21) = 12th, ceil(.25 * 21) = 6th
    assert value(sheet.spot("soon").x) == pytest.approx(17)
    assert value(sheet.spot("between").x) == pytest.approx(41)
    assert value(sheet.spot("late").x) == pytest.approx(65)
    assert sheet.spot("late").row["says"] == "late: 21 values"


def test_a_lone_curve_is_named_in_the_middle(laid: Any) -> None:
    sheet = drawn(laid, [row("alone", 1, *range(1, 101))])
    panel = sheet.panels[0]
    assert (panel.bottom - sheet.spot("alone").y) / (panel.bottom - panel.top) == pytest.approx(0.55)
    assert sheet.word("alone").panel == 0


def test_curves_that_follow_each_other_differ_in_dashes_as_well_as_in_colour(laid: Any) -> None:
    sheet = drawn(laid, [row(f"s{i}", i, *range(i, i + 20)) for i in range(5)])
    seen = {one.mark["color"]: tuple(one.mark["strokeDash"]) for one in sheet.of("line")}
    assert list(seen) == [look_of(i).colour for i in range(5)]
    dashes = list(seen.values())
    assert len(set(dashes[:4])) == 4
    assert dashes[4] == dashes[0]


def test_who_has_no_values_is_said_below_and_counted_in_the_thousands_otherwise(laid: Any) -> None:
    rows = [row("a", 1, *range(1200)), row("b", 2, undefined="no timings"), row("c", 3, undefined="failed")]
    sheet = drawn(laid, rows)
    assert sheet.word("b: no timings; c: failed").y == sheet.word("latency →").y
    assert sheet.word("b: no timings; c: failed").box.right < sheet.word("latency →").box.left
    assert sheet.spot("a").row["says"] == "a: 1,200 values"
    assert len(sheet.spots()) == 1


@pytest.mark.parametrize("width", [288.0, 640.0, 1080.0])
def test_the_sheet_holds_every_word_and_grows_no_wider_than_it_helps(laid: Any, width: float) -> None:
    rows = [row(f"a system with a long name {i}", i, *range(10 * i, 10 * i + 50)) for i in range(8)]
    sheet = drawn(laid, rows, width)
    for one in [*sheet.words(), *sheet.tick_words()]:
        assert one.box.within(sheet.sheet), one.text
    panel = sheet.panels[0]
    assert panel.right - panel.left == min(width, 640) - 84
    assert panel.bottom - panel.top == max(220, round((min(width, 640) - 84) / 2))


def test_eight_systems_are_drawn_and_nine_are_not(laid: Any) -> None:
    eight = [row(str(i), i, 1.0, 2.0) for i in range(8)]
    assert len(drawn(laid, eight).spots()) == 8
    with pytest.raises(ValueError, match="more than 8 systems are not legible, but there are 9"):
        drawn(laid, [*eight, row("8", 8, 1.0)])
