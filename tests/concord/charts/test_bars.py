"""Histograms: twenty ranges of one scale, shares that add up to one, every bar from nought."""

from typing import Any

import numpy as np
import pytest

from concord.charts.distribution import distribution
from concord.charts.rows import Axis, DistributionRow

LATENCY = Axis(name="latency", unit="\u00a0ms", low=0.0)


def row(system: str, number: int, *values: float, undefined: str = "") -> DistributionRow:
    return DistributionRow(system=system, number=number, values=values, undefined=undefined)


def drawn(laid: Any, rows: Any, width: float = 640.0) -> Any:
    return laid(lambda: distribution(rows, LATENCY, key="b", title="t", form="bars", widths=(width,)))[0]


def test_bars_hold_the_shares_of_values_in_twentieths_of_the_scale(laid: Any) -> None:
    values = [0.0, 1.0, 4.9, 5.0, 52.0, 100.0, 100.0, 99.0]
    sheet = drawn(laid, [row("a", 1, *values)])
    bars = list(sheet.of("rect"))
    panel = sheet.panels[0]
    found = {(round(one.row["a"], 6), round(one.row["b"], 6)): one.row["t"] for one in bars}
    # From 0 to 100 a range is five wide and holds its lower end; the last holds its upper end too.
    assert found == {(0, 5): 3 / 8, (5, 10): 1 / 8, (50, 55): 1 / 8, (95, 100): 3 / 8}
    assert {one.y2 for one in bars} == {panel.bottom}
    tick = next(one for one in sheet.tick_words() if one.row["channel"] == "y" and one.row["value"] > 0)
    for one in bars:
        rise = (panel.bottom - one.y) / (panel.bottom - tick.y)
        assert rise == pytest.approx(one.row["t"] / tick.row["value"])
        assert one.x2 - one.x == pytest.approx((panel.right - panel.left) / 20)


def test_shares_of_each_system_add_up_to_one_on_a_scale_of_shares_for_all(laid: Any) -> None:
    rng = np.random.default_rng(3)
    rows = [row("a", 1, *rng.gamma(2, 10, 400)), row("b", 2, *rng.gamma(2, 20, 37)), row("c", 3, 5.0)]
    sheet = drawn(laid, rows, 1080.0)
    for place in range(3):
        parts = [one.row["t"] for one in sheet.of("rect") if one.panel == place]
        assert sum(parts) == pytest.approx(1.0)
        assert min(parts) > 0
    shown = [
        [one.text for one in sheet.tick_words() if one.panel == place and one.row["channel"] == "y"]
        for place in range(3)
    ]
    assert shown == [["0\u00a0%", "50\u00a0%", "100\u00a0%"]] * 3


@pytest.mark.parametrize(
    ("systems", "width", "across"),
    [(1, 640.0, 1), (2, 640.0, 2), (3, 1080.0, 3), (4, 1080.0, 3), (4, 300.0, 1)],
)
def test_as_many_stand_side_by_side_as_stay_legible(
    laid: Any, systems: int, width: float, across: int
) -> None:
    sheet = drawn(laid, [row(f"system {i}", i, 1.0, 2.0 + i, 9.0) for i in range(systems)], width)
    assert len({panel.left for panel in sheet.panels}) == across
    assert len({panel.top for panel in sheet.panels}) == -(-systems // across)
    for one in [*sheet.words(), *sheet.tick_words()]:
        assert one.box.within(sheet.sheet), one.text
    written = [*sheet.words(), *sheet.tick_words()]
    for place, one in enumerate(written):
        assert not any(one.box.meets(other.box) for other in written[:place]), one.text
    assert {panel.bottom - panel.top for panel in sheet.panels} == {110.0}
    assert max(panel.right - panel.left for panel in sheet.panels) <= 420


def test_what_the_heights_mean_is_said_once(laid: Any) -> None:
    sheet = drawn(laid, [row("a", 1, 1.0), row("b", 2, 2.0)])
    said = [one for one in sheet.words() if one.text.startswith("↑")]
    assert [(one.text, one.panel) for one in said] == [("↑ share of values, latency →", 0)]
    names = [one for one in sheet.words() if one.mark["fontWeight"] == "bold"]
    assert [one.text for one in names] == ["a", "b"]


def test_who_has_no_values_says_why_in_place_of_bars(laid: Any) -> None:
    sheet = drawn(laid, [row("a", 1, 1.0), row("b", 2, undefined="the run failed")])
    panel = sheet.panels[1]
    word = sheet.word("the run failed")
    assert panel.left < word.x < panel.right
    assert word.y == (panel.top + panel.bottom) / 2
    assert not [one for one in sheet.of("rect") if one.panel == 1]
