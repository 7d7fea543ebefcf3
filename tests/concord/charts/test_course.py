"""A figure over how much evidence there was: a panel a name, all on one scale, each point and interval where the ticks say."""

from typing import Any

import pytest

from concord.charts.course import INKED, course
from concord.charts.rows import Axis, CourseRow

RATINGS = Axis(name="ratings", low=0.0)
ALPHA = Axis(name="alpha", high=1.0, line=0.0)
ROWS = [
    CourseRow(name="Tone", at=100.0, value=0.5, low=0.2, high=0.8, says="0.5 of 100"),
    CourseRow(name="Tone", at=300.0, value=0.6, low=0.5, high=0.7, says="0.6 of 300"),
    CourseRow(name="Harm", at=100.0, value=-0.3, low=-0.6, high=0.0, says="-0.3 of 100"),
    CourseRow(name="Harm", at=300.0, value=0.1, says="0.1 of 300"),
]


def drawn(read: Any, rows: Any = ROWS, page: int = -1) -> Any:
    return read(course(rows, RATINGS, ALPHA, key="alpha", title="Alpha").pages[page].svg)


def test_points_and_intervals_are_where_the_ticks_say(read: Any) -> None:
    sheet = drawn(read, ROWS[:2])
    zero, one = sheet.text("0.0").y, sheet.text("1.0").y
    left = sheet.text("0").x
    step = (sheet.text("200").x - left) / 200.0
    first, last = sheet.mark("Tone: 0.5 of 100"), sheet.mark("Tone: 0.6 of 300")
    assert first.x - left == pytest.approx(100.0 * step, abs=0.6)
    assert last.x - left == pytest.approx(300.0 * step, abs=0.6)
    assert (zero - 4) - first.y == pytest.approx(0.5 * (zero - one), abs=1.0)
    assert first.y - last.y == pytest.approx(0.1 * (zero - one), abs=0.6)
    lengths = sorted(abs(line.number("y2")) for line in sheet.lines(INKED))
    assert lengths == pytest.approx([0.2 * (zero - one), 0.6 * (zero - one)], abs=0.6)


def test_every_name_has_a_panel_and_all_share_one_scale(read: Any) -> None:
    sheet = drawn(read)
    assert sheet.texts().count("ratings") == sheet.texts().count("1.0") == 2
    tone, harm = sheet.text("Tone"), sheet.text("Harm")
    assert tone.y == harm.y
    assert harm.x > sheet.mark("Tone: 0.6 of 300").x
    assert sheet.mark("0.1 of 300").x - harm.x == pytest.approx(sheet.mark("0.6 of 300").x - tone.x, abs=0.01)
    assert len(sheet.lines(INKED)) == 3  # the fourth has no interval


def test_on_a_phone_panels_stand_one_below_the_other_and_nothing_sticks_out(read: Any) -> None:
    sheet = drawn(read, page=0)
    assert sheet.text("Harm").y > sheet.mark("Tone: 0.5 of 100").y + 60
    left, top, width, height = (float(part) for part in sheet.root.attrib["viewBox"].split())
    assert all(left <= mark.x <= left + width and top <= mark.y <= top + height for mark in sheet.marks())


def test_alpha_below_zero_has_room_and_the_line_of_chance_is_drawn(read: Any) -> None:
    sheet = drawn(read, ROWS[2:])
    assert "−1.0" in sheet.texts()
    chance = [one for one in sheet.seen if "stroke-dasharray" in one.attributes]
    assert [one.y for one in chance] == pytest.approx([sheet.text("0.0").y - 4], abs=1.0)


def test_the_description_says_what_was_found_last(read: Any) -> None:
    picture = course(list(reversed(ROWS)), RATINGS, ALPHA, key="alpha", title="Alpha")
    assert "Tone: 0.6 of 300" in picture.description
    assert "0.5 of 100" not in picture.description


@pytest.mark.parametrize("rows", [[], [ROWS[0], ROWS[0]]])
def test_no_row_and_one_place_twice_are_refused(rows: Any) -> None:
    with pytest.raises(ValueError, match="one a name and place"):
        course(rows, RATINGS, ALPHA, key="wrong", title="Wrong")


@pytest.mark.parametrize(
    "wrong", [{"at": float("inf")}, {"value": float("nan")}, {"low": 0.9}, {"high": 0.1}]
)
def test_what_cannot_be_drawn_is_refused_when_a_row_is_made(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must be finite|two ends"):
        CourseRow(**{"name": "Tone", "at": 1.0, "value": 0.5, **wrong})  # type: ignore[arg-type]
