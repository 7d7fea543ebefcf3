"""Differences: a line where there is none, filled where told apart, hollow where not."""

from typing import Any

import pytest

from concord.charts.differences import differences
from concord.charts.rows import Axis, DifferenceRow

POINTS = Axis(name="Helpfulness", unit="\u00a0pp", factor=100.0, better="higher")
ROWS = [
    DifferenceRow(
        system="Ada", against="Babbage", value=0.2, low=0.1, high=0.3, told_apart=True, says="+20 pp"
    ),
    DifferenceRow(system="Ada", against="Curie", value=-0.1, low=-0.3, high=0.1, says="−10 pp"),
    DifferenceRow(system="Babbage", against="Curie", value=None, undefined="never compared"),
]


def test_contrasts_lie_on_their_scale_around_a_line_at_nought(read: Any, along: Any) -> None:
    sheet = read(differences(ROWS, POINTS, key="gap", title="Gaps").pages[-1].svg)
    at = along(sheet, "−20\u00a0pp", -0.2, "20\u00a0pp", 0.2)
    told, not_told = sheet.mark("Ada − Babbage"), sheet.mark("Ada − Curie")
    assert (told.x, not_told.x) == (pytest.approx(at(0.2), abs=0.6), pytest.approx(at(-0.1), abs=0.6))
    dashed = [one.x for one in sheet.seen if "stroke-dasharray" in one.attributes]
    assert dashed == [pytest.approx(at(0.0), abs=0.6)]
    assert told.attributes["fill"] == "var(--ink)"
    assert not_told.attributes["fill"] == "var(--surface)"
    assert not_told.attributes["stroke"] == "var(--ink)"
    assert "not told apart" in not_told.says
    assert sheet.text("never compared").y == sheet.text("Babbage − Curie").y


def test_a_ratio_has_its_line_at_one(read: Any, along: Any) -> None:
    row = DifferenceRow(system="a", against="b", value=1.5, low=0.5, high=2.0)
    sheet = read(differences([row], Axis(name="odds", line=1.0), key="r", title="r").pages[-1].svg)
    dashed = [one.x for one in sheet.seen if "stroke-dasharray" in one.attributes]
    assert dashed == [pytest.approx(along(sheet, "0.4", 0.4, "2.0", 2.0)(1.0), abs=0.6)]


def test_the_description_counts_verdicts() -> None:
    picture = differences(ROWS, POINTS, key="gap", title="Gaps", widths=(640.0,))
    assert "1 told apart, filled; 1 not told apart" in picture.description
    assert "Babbage − Curie: never compared" in picture.description


@pytest.mark.parametrize("rows", [[], [ROWS[0], ROWS[0]]])
def test_no_row_and_two_of_a_pair_are_refused(rows: Any) -> None:
    with pytest.raises(ValueError, match="one a pair"):
        differences(rows, POINTS, key="gap", title="Gaps")


def test_on_a_phone_a_name_has_its_room_before_the_figure_is_written_in_full(read: Any) -> None:
    row = DifferenceRow(
        system="first system",
        against="other",
        value=0.2,
        low=0.1,
        high=0.3,
        text="0.2",
        says="0.2 [0.1, 0.3] n = 4,000",
    )
    sheet = read(differences([row], POINTS, key="gap", title="Gaps", widths=(288.0,)).pages[0].svg)
    assert {"first system − other", "0.2"} <= set(sheet.texts())
