"""Spread: dots stand for equal shares, steps reach every share, bars begin at nought."""

import re
from typing import Any

import numpy as np
import pytest

from concord.charts.distribution import distribution
from concord.charts.palette import look_of
from concord.charts.rows import Axis, DistributionRow
from concord.charts.steps import corners

LATENCY = Axis(name="latency", unit="\u00a0ms", low=0.0)
ROWS = [
    DistributionRow(system="Ada", number=1, values=tuple(float(value) for value in range(1, 101))),
    DistributionRow(system="Babbage", number=2, values=(50.0,) * 10),
    DistributionRow(system="Curie", number=3, values=(), undefined="no timings"),
]


def drawn(form: Any, read: Any, rows: Any = ROWS) -> Any:
    return read(distribution(rows, LATENCY, key="spread", title="Spread", form=form).pages[-1].svg)


def test_fifty_dots_a_system_and_half_of_them_below_the_median(read: Any, along: Any) -> None:
    sheet = drawn("dots", read)
    at = along(sheet, "0\u00a0ms", 0.0, "100\u00a0ms", 100.0)
    dots = [
        one for one in sheet.seen if one.tag == "path" and one.attributes.get("fill") == look_of(1).colour
    ]
    assert len(dots) == 50
    assert sum(one.x < at(50.5) for one in dots) == 25
    same = [
        one for one in sheet.seen if one.tag == "path" and one.attributes.get("fill") == look_of(2).colour
    ]
    assert [one.x for one in same] == pytest.approx([at(50.0)] * 50, abs=3)
    assert len({one.y for one in same}) == 50
    assert sheet.text("no timings")


def test_bars_begin_at_nought_and_their_height_is_the_share(read: Any) -> None:
    sheet = drawn("bars", read)
    bar = next(
        one for one in sheet.seen if one.tag == "path" and one.attributes.get("fill") == look_of(2).colour
    )
    height = abs(float(re.findall(r"v(-?[\d.]+)", bar.attributes["d"])[0]))
    assert [text for text in sheet.texts() if text.endswith("\u00a0%")][:3] == [
        "0\u00a0%",
        "50\u00a0%",
        "100\u00a0%",
    ]
    none, all_ = sheet.text("0\u00a0%"), sheet.text("100\u00a0%")
    assert height == pytest.approx(none.y - all_.y, abs=0.6)


def test_steps_are_the_shares_of_values_at_most_so_high() -> None:
    values = np.array([3.0, 1.0, 2.0, 2.0])
    assert corners(values.tolist()) == [(1.0, 0.25), (2.0, 0.5), (2.0, 0.75), (3.0, 1.0)]
    many = np.random.default_rng(1).normal(size=5000)
    found = corners(many.tolist())
    assert len(found) == 200
    for value, share in found:
        assert share == pytest.approx(np.mean(many <= value))


def test_each_curve_has_dashes_and_a_name_of_its_own(read: Any) -> None:
    sheet = drawn("steps", read)
    curves = [one for one in sheet.seen if one.tag == "path" and one.attributes.get("stroke-dasharray")]
    assert len({one.attributes["stroke-dasharray"] for one in curves}) == 2
    assert {"Ada", "Babbage"} <= set(sheet.texts())
    assert sheet.text("Curie: no timings")


def test_the_description_counts_values_and_says_what_is_missing() -> None:
    picture = distribution(ROWS, LATENCY, key="spread", title="Spread", widths=(640.0,))
    assert "Ada: 100 values" in picture.description
    assert "Curie: no timings" in picture.description


@pytest.mark.parametrize(
    ("rows", "form", "says"),
    [
        ([], "dots", "needs rows"),
        ([ROWS[0], ROWS[0]], "dots", "one a system"),
        ([ROWS[2]], "dots", "no system has a value"),
        (ROWS, "pie", "pie"),
        ([DistributionRow(system=str(i), number=i, values=(1.0,)) for i in range(9)], "steps", "more than 8"),
    ],
)
def test_what_cannot_be_drawn_is_refused(rows: Any, form: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        distribution(rows, LATENCY, key="wrong", title="Wrong", form=form)
