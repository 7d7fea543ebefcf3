"""The forest: every figure where its scale says, every gap a word."""

import math
from typing import Any

import pytest

from concord.charts.forest import forest
from concord.charts.rows import Axis, ForestRow, share

HELPFUL = share("Helpfulness", better="higher", line=0.5)
TONE = Axis(name="Tone", better="lower")


def row(
    system: str, dimension: str, side: Any = "people", value: float | None = 0.5, **more: Any
) -> ForestRow:
    if value is not None:
        more = {"low": value - 0.1, "high": value + 0.1, "text": f"{value:.2f}"} | more
    return ForestRow(system=system, dimension=dimension, side=side, value=value, **more)


ROWS = [
    row("Ada", "Helpfulness", value=0.7),
    row("Ada", "Helpfulness", "machine", 0.6),
    row("Ada", "Helpfulness", "joint", 0.65),
    row("Ada", "Tone", value=3.0),
    row("Babbage", "Helpfulness", value=0.3),
    row("Babbage", "Tone", value=None, undefined="nobody was asked"),
]


@pytest.fixture(scope="module")
def drawn() -> Any:
    return forest(ROWS, [HELPFUL, TONE], key="quality", title="Two systems")


@pytest.fixture(scope="module")
def sheet(drawn: Any, read: Any) -> Any:
    return read(drawn.pages[-1].svg)


def test_values_and_intervals_lie_where_the_ticks_say(sheet: Any, along: Any) -> None:
    at = along(sheet, "20\u00a0%", 0.2, "80\u00a0%", 0.8)
    for says, value in (
        ("Ada, Helpfulness, people", 0.7),
        ("Ada, Helpfulness, machine", 0.6),
        ("Babbage, Helpfulness", 0.3),
    ):
        mark = sheet.mark(says)
        assert mark.x == pytest.approx(at(value), abs=0.6)
        line = next(one for one in sheet.lines(mark.attributes["fill"]) if abs(one.y - mark.y) < 0.1)
        assert line.x == pytest.approx(at(value - 0.1), abs=0.6)
        assert line.x + line.number("x2") == pytest.approx(at(value + 0.1), abs=0.6)


def test_the_line_of_reference_stands_at_its_value(sheet: Any, along: Any) -> None:
    dashed = [one for one in sheet.seen if "stroke-dasharray" in one.attributes]
    assert len(dashed) == 1
    assert dashed[0].x == pytest.approx(along(sheet, "20\u00a0%", 0.2, "80\u00a0%", 0.8)(0.5), abs=0.6)


def test_sides_differ_in_shape_and_not_only_in_colour(sheet: Any) -> None:
    cell = [
        sheet.mark(f"Ada, Helpfulness, {side}")
        for side in ("people:", "machine:", "people and machine together:")
    ]
    assert "A" in cell[0].attributes["d"]
    assert len({mark.attributes["d"] for mark in cell}) == 3
    assert cell[0].y < cell[1].y < cell[2].y


def test_one_mark_for_each_figure_and_one_name_for_each_system(sheet: Any) -> None:
    assert len([mark for mark in sheet.marks() if ", " in mark.says]) == 5
    assert [text for text in sheet.texts() if text in ("Ada", "Babbage")] == ["Ada", "Babbage"]


def test_what_is_missing_says_why_in_its_row(sheet: Any, drawn: Any) -> None:
    assert sheet.text("nobody was asked").y == sheet.text("Babbage").y
    assert "Babbage on Tone: nobody was asked" in drawn.description


def test_each_side_of_the_legend_is_there_once(sheet: Any) -> None:
    assert [text for text in sheet.texts() if text in ("people", "machine", "people and machine together")] == [
        "people", "machine", "people and machine together",
    ]  # fmt: skip


def test_an_open_interval_ends_in_an_arrow_at_the_end_of_the_scale(read: Any, along: Any) -> None:
    rows = [
        row("Ada", "Tone", value=2.0, low=1.0, high=3.0),
        ForestRow(
            system="Babbage",
            dimension="Tone",
            side="people",
            value=None,
            low=2.0,
            high=math.inf,
            says="above 2",
        ),
    ]
    sheet = read(forest(rows, [TONE], key="open", title="Open").pages[-1].svg)
    at = along(sheet, "1.0", 1.0, "3.0", 3.0)
    arrow = [mark for mark in sheet.marks() if "Babbage" in mark.says]
    assert [mark.x for mark in arrow] == [pytest.approx(at(3.0), abs=0.6)]
    assert sheet.text("above 2")


def test_twenty_systems_on_twelve_dimensions_stay_legible_and_inside(read: Any) -> None:
    axes = [share(f"Dimension {place} with a name of some length") for place in range(12)]
    rows = [
        row(f"a system with a rather long name, {system}", axis.name, side, 0.2 + 0.03 * system)
        for axis in axes
        for system in range(20)
        for side in ("people", "machine", "joint")
    ]
    picture = forest(rows, axes, key="many", title="Many", widths=(300.0, 1080.0))
    for page in picture.pages:
        sheet = read(page.svg)
        left, top, width, height = (float(part) for part in sheet.root.attrib["viewBox"].split())
        assert len([mark for mark in sheet.marks() if ", " in mark.says]) == 20 * 12 * 3
        outside = [
            one for one in sheet.seen if not (left <= one.x <= left + width and top <= one.y <= top + height)
        ]
        assert outside == []
        assert len({round(one.x) for one in sheet.seen if one.text.startswith("Dimension")}) == (
            1 if page.width == 300 else 4
        )


@pytest.mark.parametrize(
    ("rows", "axes", "says"),
    [
        ([], [TONE], "needs rows"),
        ([row("Ada", "Wit")], [TONE], "none of the dimensions"),
        ([row("Ada", "Tone"), row("Ada", "Tone")], [TONE], "two rows"),
        ([row("Ada", "Tone")], [TONE, HELPFUL], "no row, not even one that says why"),
        ([row("Ada", "Tone")], [TONE, TONE], "names of their own"),
    ],
)
def test_rows_that_do_not_fit_together_are_refused(rows: Any, axes: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        forest(rows, axes, key="wrong", title="Wrong")


def test_figures_in_full_are_not_cut_beside_long_names(read: Any) -> None:
    says = "96.7\u00a0% [95.3\u00a0%, 97.7\u00a0%] n\u00a0=\u00a0900"
    one = row("A convolutional network of ours, 1", "Exact match", "machine", 0.967, says=says)
    picture = forest(
        [one], [share("Exact match")], key="wide", title="One", widths=(320.0, 480.0, 560.0, 640.0)
    )
    for page in picture.pages[1:]:
        words = read(page.svg).texts()
        assert says in words or "0.97" in words
        assert not any("…" in word and "%" in word for word in words)
