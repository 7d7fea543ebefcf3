"""Rows, dimensions, names and numbers at every width: nothing on something else, nothing beyond the sheet."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.charts.differences import differences
from concord.charts.forest import forest
from concord.charts.rows import Axis, DifferenceRow, ForestRow, share

NAMES = st.text(min_size=1, max_size=60).filter(lambda name: bool(name.strip()))
WIDTHS = (300.0, 470.0, 480.0, 640.0, 1080.0)


def row(system: str, dimension: str, side: Any = "people", value: float | None = 0.5, **more: Any) -> Any:
    if value is not None:
        more = {"low": value - 0.1, "high": value + 0.1, "text": f"{value:.2f}"} | more
    return ForestRow(system=system, dimension=dimension, side=side, value=value, **more)


def many(systems: int, dimensions: int, *, sides: Any = ("people",), says: str = "") -> tuple[Any, Any]:
    axes = [share(f"Dimension {place}", better="higher") for place in range(dimensions)]
    rows = [
        row(f"system {number}", axis.name, side, 0.2 + 0.02 * number, says=says)
        for axis in axes
        for number in range(systems)
        for side in sides
    ]
    return rows, axes


def drawn(laid: Any, rows: Any, axes: Any, *widths: float) -> Any:
    found = laid(lambda: forest(rows, axes, key="f", title="t", widths=widths or (1080.0,)))
    return found if len(widths) > 1 else found[0]


def test_what_is_read_off_the_specification_is_what_vega_draws(laid: Any, read: Any) -> None:
    """The quick reading of the other tests against the SVG, mark by mark and word by word."""
    rows, axes = many(3, 5, sides=("people", "machine"), says="0.50 [0.40, 0.60]")
    rows = [one for one in rows if one.system != "system 1" or one.dimension != "Dimension 0"]
    rows.append(row("system 1", "Dimension 0", value=None, undefined="not asked"))
    for width in (300.0, 640.0):
        told = drawn(laid, rows, axes, width)
        seen = read(forest(rows, axes, key="f", title="t", widths=(width,)).pages[0].svg)
        marks = sorted((one.row["says"], round(one.x), round(one.y)) for one in told.spots())
        assert marks == sorted((one.says, round(one.x), round(one.y)) for one in seen.marks())
        written = sorted((one.text, round(one.x), round(one.y, -1)) for one in told.words())
        ticks = {one.text for one in told.tick_words()}
        found = [(one.text, one.x, one.y) for one in seen.seen if one.tag == "text" and one.text not in ticks]
        assert [text for text, *_ in written] == sorted(text for text, *_ in found)
        for text, x, _ in written:
            assert any(text == other and abs(x - at) < 1.5 for other, at, _ in found)
        assert ticks == {one.text for one in seen.seen if one.tag == "text" and one.text.endswith("%")}


def assert_tidy(sheet: Any) -> None:
    written = [*sheet.words(), *sheet.tick_words()]
    for one in written:
        assert one.box.within(sheet.sheet), f"{one.text!r} sticks out: {one.box} of {sheet.sheet}"
    for one, other in combinations(written, 2):
        assert not one.box.meets(other.box), f"{one.text!r} lies on {other.text!r}"
    for one in [*sheet.spots(), *sheet.of("rule")]:
        assert sheet.sheet.left <= min(one.x, one.x2) <= max(one.x, one.x2) <= sheet.sheet.right
        assert sheet.sheet.top <= min(one.y, one.y2) <= max(one.y, one.y2) <= sheet.sheet.bottom


@settings(max_examples=10)
@given(
    names=st.lists(NAMES, min_size=1, max_size=4, unique=True),
    dimensions=st.lists(NAMES, min_size=1, max_size=3, unique=True),
    says=st.sampled_from(["", "0.50 [0.40, 0.60]", "0.50 [0.40, 0.60] n = 1,234,567"]),
    width=st.sampled_from(WIDTHS),
)
def test_no_text_lies_on_another_or_beyond_the_sheet_whatever_the_names(
    laid: Any, names: list[str], dimensions: list[str], says: str, width: float
) -> None:
    axes = [share(name, better="lower") for name in dimensions]
    sides = ("people", "machine", "joint")
    rows = [row(name, axis.name, side, says=says) for name in names for axis in axes for side in sides]
    assert_tidy(drawn(laid, rows, axes, width))


@pytest.mark.parametrize("width", [300.0, 480.0, 1080.0])
@pytest.mark.parametrize("dimensions", [1, 3, 5])
def test_any_number_of_dimensions_is_tidy_at_any_width(laid: Any, dimensions: int, width: float) -> None:
    rows, axes = many(3, dimensions, sides=("people", "joint"), says="0.5 [0.4, 0.6] n = 40")
    rows.append(row("silent", axes[0].name, value=None, undefined="nobody was asked about this one here"))
    rows += [row("silent", axis.name, value=None, undefined="no answer") for axis in axes[1:]]
    assert_tidy(drawn(laid, rows, axes, width))


def test_dimensions_stand_side_by_side_while_they_are_legible_and_bands_are_equally_long(laid: Any) -> None:
    for dimensions, width, columns in ((2, 1080.0, 2), (4, 640.0, 2), (5, 640.0, 2), (3, 300.0, 1)):
        sheet = drawn(laid, *many(2, dimensions), width)
        assert len({panel.left for panel in sheet.panels}) == columns, (dimensions, width)
        assert all(panel.right - panel.left >= 120 for panel in sheet.panels)
    # four that would fit three beside each other stand as two and two
    four = drawn(laid, *many(2, 4), 760.0)
    assert [
        sum(panel.top == top for panel in four.panels) for top in sorted({p.top for p in four.panels})
    ] in (
        [4],
        [2, 2],
    )


def test_below_480_pixels_a_name_stands_above_its_marks_and_from_there_beside_them(laid: Any) -> None:
    phone, paper = drawn(laid, *many(2, 1), 479.0, 480.0)
    for sheet, above in ((phone, True), (paper, False)):
        name, mark = sheet.word("system 0"), sheet.spot("system 0")
        assert (mark.y - name.y >= 12) == above
        assert (name.box.right < sheet.panels[0].left) == (not above)


def test_three_marks_of_a_cell_are_twelve_pixels_apart_around_the_middle_of_their_row(laid: Any) -> None:
    sheet = drawn(laid, *many(2, 1, sides=("people", "machine", "joint")))
    panel = sheet.panels[0]
    height = (panel.bottom - panel.top) / 2
    assert height == 3 * 12 + 10
    for system in range(2):
        ys = [one.y for one in sheet.spots() if f"system {system}," in one.row["says"]]
        assert ys == pytest.approx([panel.top + height * (system + 0.5) + d for d in (-12, 0, 12)])
        assert sheet.word(f"system {system}").y == pytest.approx(panel.top + height * (system + 0.5))


def test_a_row_of_one_mark_is_at_least_as_high_as_a_line_of_text(laid: Any) -> None:
    panel = drawn(laid, *many(4, 1)).panels[0]
    assert (panel.bottom - panel.top) / 4 == 24


def test_every_second_row_has_a_ground_that_reaches_from_the_names_to_the_end(laid: Any) -> None:
    sheet = drawn(laid, *many(5, 2))
    grounds = list(sheet.of("rect"))
    assert len(grounds) == 2 * 2
    tops = sorted({(one.y, one.y2) for one in grounds})
    assert tops == [(24.0, 48.0), (72.0, 96.0)]
    spans = sorted({(one.x, one.x2) for one in grounds})
    assert spans[0][0] == sheet.sheet.left
    assert spans[0][1] == pytest.approx(spans[1][0])
    numbers = max(one.x for one in sheet.words() if one.text.startswith("0."))
    assert spans[1][1] == pytest.approx(numbers)


def test_numbers_stand_in_full_where_all_dimensions_fit_and_in_short_where_not(laid: Any) -> None:
    full = "0.20 [0.10, 0.30] n = 40"
    wide, narrow = drawn(laid, *many(2, 3, says=full), 640.0, 1600.0)[::-1]
    assert [one.text for one in wide.words()].count(full) == 6
    assert [one.text for one in narrow.words()].count("0.20") == 3
    assert full not in [one.text for one in narrow.words()]


def test_numbers_end_flush_with_the_end_of_their_column(laid: Any) -> None:
    sheet = drawn(laid, *many(3, 2))
    numbers = [one for one in sheet.words() if one.text.startswith("0.")]
    assert {one.mark["align"] for one in numbers} == {"right"}
    assert len({one.x for one in numbers}) == 2
    for one in numbers:
        assert one.box.left > sheet.panels[one.panel].right


def test_a_header_says_which_way_is_better_and_what_the_line_means(laid: Any) -> None:
    axes = [
        Axis(name="Up", better="higher", line=0.5, line_says="chance"),
        Axis(name="Down", better="lower", line=0.5, line_says="limit"),
        Axis(name="Plain"),
    ]
    sheet = drawn(laid, [row("a", axis.name) for axis in axes], axes)
    up, down = sheet.word("better →"), sheet.word("← better")
    chance, limit = sheet.word("┆ chance"), sheet.word("┆ limit")
    assert (up.mark["align"], up.x, up.panel) == ("right", sheet.panels[0].right, 0)
    assert (down.mark["align"], down.x, down.panel) == ("left", sheet.panels[1].left, 1)
    assert (chance.mark["align"], chance.x) == ("left", sheet.panels[0].left)
    assert (limit.mark["align"], limit.x) == ("right", sheet.panels[1].right)
    assert {up.y, down.y, chance.y, limit.y} == {-11.0}
    dashed = [one for one in sheet.of("rule") if one.mark.get("strokeDash")]
    assert [one.panel for one in dashed] == [0, 1]
    titles = [one for one in sheet.words() if one.mark["fontWeight"] == "bold"]
    assert [one.text for one in titles] == ["Up", "Down", "Plain"]
    assert len({one.y for one in titles}) == 1


def test_a_long_name_of_a_dimension_takes_two_lines_sixteen_pixels_apart(laid: Any) -> None:
    axis = Axis(name="How well the answer says what the question wanted to know about " * 2)
    sheet = drawn(laid, [row("a", axis.name)], [axis], 300.0)
    titles = [one for one in sheet.words() if one.mark["fontWeight"] == "bold"]
    assert [one.y for one in titles] == [titles[0].y, titles[0].y + 16]
    assert titles[1].text.endswith("…")
    assert all(one.box.right <= sheet.sheet.right for one in titles)


def test_the_legend_wraps_where_it_is_wider_than_the_sheet(laid: Any) -> None:
    rows, axes = many(1, 1, sides=("people", "machine", "joint"))
    for width, lines in ((300.0, {0: 2, 1: 1}), (1080.0, {0: 3})):
        sheet = drawn(laid, rows, axes, width)
        named = [sheet.word(one) for one in ("people", "machine", "people and machine together")]
        heights = sorted({one.y for one in named})
        assert {place: [one.y for one in named].count(y) for place, y in enumerate(heights)} == lines
        for one in named:
            mark = next(m for m in sheet.spots() if m.row["says"] == one.text)
            assert (mark.y, mark.x) == (one.y, pytest.approx(one.x - 11))
            assert mark.x >= sheet.sheet.left + 6


def test_intervals_that_are_open_end_in_an_arrow_at_either_end(laid: Any) -> None:
    rows = [
        row("a", "x", value=2.0, low=1.0, high=3.0),
        row("below", "x", value=1.5, low=-float("inf"), high=2.0),
        row("above", "x", value=1.5, low=1.0, high=float("inf")),
    ]
    sheet = drawn(laid, rows, [Axis(name="x")])
    panel = sheet.panels[0]
    arrows = {one.row["shape"]: one.x for one in sheet.spots() if "triangle" in one.row["shape"]}
    assert arrows == {"triangle-left": panel.left, "triangle-right": panel.right}
    spans = [(one.x, one.x2) for one in sheet.of("rule") if "low" in one.row]
    assert spans[1][0] == panel.left
    assert spans[2][1] == panel.right


def test_differences_are_filled_or_hollow_and_without_words_show_their_value(laid: Any) -> None:
    rows = [
        DifferenceRow(system="a", against="b", value=0.25, low=0.1, high=0.4, told_apart=True),
        DifferenceRow(system="a", against="c", value=None, low=-0.5, high=0.5),
    ]
    (sheet,) = laid(lambda: differences(rows, Axis(name="gap"), key="d", title="t", widths=(640.0,)))
    assert sheet.spot("a − b").row["says"] == "a − b: 0.25, told apart"
    assert [one.row["says"] for one in sheet.spots()] == ["a − b: 0.25, told apart", "told apart"]
    lines = [one for one in sheet.of("rule") if "low" in one.row]
    assert len(lines) == 2
    middle = next(one.x for one in sheet.of("rule") if one.mark.get("strokeDash"))
    assert (lines[1].x + lines[1].x2) / 2 == pytest.approx(middle)


@pytest.mark.parametrize("width", [260.0, 300.0, 479.0, 480.0, 1080.0])
@pytest.mark.parametrize(
    ("axis", "values"),
    [
        (Axis(name="gap", unit="\u00a0pp", factor=100.0), (-0.2, 0.2)),
        (Axis(name="latency", unit="\u00a0ms", low=0.0), (20_100.0, 38_000.0)),
        (Axis(name="score"), (0.41234, 0.41236)),
    ],
    ids=["points", "milliseconds", "many digits"],
)
def test_the_texts_of_the_outermost_ticks_are_never_cut_off(
    laid: Any, axis: Axis, values: tuple[float, float], width: float
) -> None:
    rows = [
        row(name, axis.name, value=value, low=value, high=value)
        for name, value in zip("ab", values, strict=True)
    ]
    sheet = drawn(laid, rows, [axis], width)
    assert_tidy(sheet)
    ticks = sheet.tick_words()
    assert ticks[0].x == sheet.panels[0].left
    assert ticks[-1].x == pytest.approx(sheet.panels[0].right)
