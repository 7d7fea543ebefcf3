"""Quantile dots: fifty a system, each two hundredths of its values, piled up from the row's ground."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.charts.distribution import distribution
from concord.charts.dots import piled
from concord.charts.rows import Axis, DistributionRow
from concord.charts.scale import scale_around

LATENCY = Axis(name="latency", unit="\u00a0ms", low=0.0)


def row(system: str, number: int, *values: float, undefined: str = "") -> DistributionRow:
    return DistributionRow(system=system, number=number, values=values, undefined=undefined)


def drawn(laid: Any, rows: Any, width: float = 640.0, axis: Axis = LATENCY) -> Any:
    return laid(lambda: distribution(rows, axis, key="d", title="t", form="dots", widths=(width,)))[0]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=200))
def test_fifty_dots_in_columns_of_five_pixels_near_their_quantiles(values: list[float]) -> None:
    scale = scale_around(values, LATENCY)
    dots = piled(values, scale, 400.0, 60.0)
    assert len(dots) == 50
    for place, (x, y) in enumerate(dots):
        quantile = float(np.quantile(values, (place + 0.5) / 50))
        assert abs(x - scale.at(quantile, 400.0)) <= 2.5 + 1e-6
        assert x == min(round(x / 5) * 5, 400.0)
        # never below the ground, and never out of the forty pixels that a pile may take
        assert 60 - 2.5 - 40 <= y <= 60 - 2.5
    assert len(set(dots)) == 50


def test_a_pile_grows_by_five_pixels_until_it_would_leave_its_row() -> None:
    scale = scale_around([0.0, 100.0], Axis(name="x"))
    spread = piled([float(value) for value in range(101)], scale, 1000.0, 60.0)
    assert {y for _, y in spread} == {57.5}
    # fifty in one column share the forty pixels: 0.8 a dot
    ys = sorted(y for _, y in piled([50.0], scale, 1000.0, 60.0))
    assert ys[-1] == 57.5
    assert np.diff(ys) == pytest.approx([0.8] * 49)
    # ten in each of five columns: four pixels a dot
    five = piled([0.0, 25.0, 50.0, 75.0, 100.0] * 10, scale, 1000.0, 60.0)
    assert max(Counter(x for x, _ in five).values()) >= 10
    assert min(y for _, y in five) >= 60 - 2.5 - 40


def test_a_line_stands_at_the_median_below_the_dots(laid: Any) -> None:
    sheet = drawn(laid, [row("a", 1, 0.0, 10.0, 100.0)])
    at = {one.row["value"]: one.x for one in sheet.tick_words()}
    middle = next(one for one in sheet.of("rule") if one.mark["strokeWidth"] == 2)
    assert middle.x == pytest.approx(at[0.0] + (at[100.0] - at[0.0]) * 0.1)
    dots = list(sheet.of("point"))
    assert len(dots) == 50
    assert middle.y > max(one.y for one in dots)
    assert middle.y2 - middle.y == 6


def test_each_system_has_a_row_of_its_own_with_its_name_before_it(laid: Any) -> None:
    sheet = drawn(laid, [row("a", 1, 5.0), row("b", 2, 6.0), row("c", 3, undefined="no timings")])
    panel = sheet.panels[0]
    assert panel.bottom - panel.top == 3 * 56
    for place, name in enumerate("abc"):
        word = sheet.word(name)
        assert panel.top + 56 * place < word.y < panel.top + 56 * (place + 1)
        assert word.box.right < panel.left
    silent = sheet.word("no timings")
    assert panel.top + 112 < silent.y < panel.bottom
    for place, colour in enumerate(("var(--series-2)", "var(--series-3)")):
        ys = [one.y for one in sheet.of("point") if one.row["ink"] == colour]
        assert len(ys) == 50
        assert panel.top + 56 * place <= min(ys) <= max(ys) < panel.top + 56 * (place + 1)


def test_on_a_phone_names_stand_above_their_rows(laid: Any) -> None:
    for width, above in ((479.0, True), (480.0, False)):
        sheet = drawn(laid, [row("a name", 1, 5.0), row("b", 2, 6.0)], width)
        panel = sheet.panels[0]
        assert panel.bottom - panel.top == 2 * (56 + 16 * above)
        word = sheet.word("a name")
        assert (word.x >= panel.left) == above
        top = min(one.y for one in sheet.of("point") if one.row["ink"] == "var(--series-2)")
        assert (word.box.bottom < top) or not above


def test_names_take_no_more_than_their_share_of_the_sheet(laid: Any) -> None:
    long = "Donaudampfschifffahrtsgesellschaft" * 3
    for width in (300.0, 640.0, 1080.0):
        sheet = drawn(laid, [row(long, 1, 5.0, 9.0), row("b", 2, undefined=long)], width)
        for one in [*sheet.words(), *sheet.tick_words()]:
            assert one.box.within(sheet.sheet), (width, one.text)
        if width >= 480:
            assert sheet.panels[0].left - sheet.sheet.left == pytest.approx(0.24 * width + 16)


def test_the_line_of_a_limit_is_drawn_where_there_is_one(laid: Any) -> None:
    limited = drawn(laid, [row("a", 1, 5.0)], axis=Axis(name="x", line=20.0))
    assert [one.row["x"] for one in limited.of("rule") if one.mark.get("strokeDash")] == [20.0]
    free = drawn(laid, [row("a", 1, 5.0)])
    assert not [one for one in free.of("rule") if one.mark.get("strokeDash")]
