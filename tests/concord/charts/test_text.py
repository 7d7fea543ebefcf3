"""Labels come from anybody and have to fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.charts.text import clean, fitted, width_of, wrapped


@given(st.text())
def test_a_cleaned_text_is_one_line_of_printable_characters(text: str) -> None:
    found = clean(text)
    assert found
    assert found == clean(found)
    assert not any(
        ord(one) < 32 or 0xD800 <= ord(one) < 0xE000 or ord(one) in (0x202E, 0xFFFE) for one in found
    )
    found.encode()


def test_cleaning_keeps_what_holds_numbers_and_units_together() -> None:
    assert clean("12\u00a0%  and\tmore\n") == "12\u00a0% and more"


@given(st.text(min_size=1, max_size=60), st.floats(20, 400))
def test_a_fitted_text_fits(text: str, room: float) -> None:
    found = fitted(clean(text), room)
    assert width_of(found) <= room
    assert found == clean(text) or found.endswith("…")


def test_wide_letters_and_wide_scripts_take_more_room() -> None:
    assert width_of("WWWW") > width_of("nnnn") > width_of("iiii")
    assert width_of("模型") == 24.0


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", ("short",)),
        ("two words here", ("two words", "here")),
        ("one two three four five six", ("one two", "three fou…")),
    ],
)
def test_a_long_name_takes_two_lines_and_then_an_ellipsis(text: str, lines: tuple[str, ...]) -> None:
    assert wrapped(text, 70.0) == lines
