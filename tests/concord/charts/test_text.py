"""Labels come from anybody and have to fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

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


FONT = ImageFont.load_default(12)
PHRASES = [
    "system", "Median latency of all answers", "Helpfulness (higher is better)", "0.72 [0.68, 0.76] n = 1,234",
    "people and machine together", "WWW.MMM.com", "illicit lilies", "100 %", "Demo convolutional network", "§3: a/b",
]  # fmt: skip


@pytest.mark.parametrize("text", PHRASES)
def test_widths_are_reckoned_rather_too_wide_against_a_real_font(text: str) -> None:
    real = FONT.getlength(text)
    assert real <= width_of(text) <= 1.6 * real


def test_a_bold_or_a_larger_text_is_wider_in_proportion() -> None:
    assert width_of("word", bold=True) == pytest.approx(1.08 * width_of("word"))
    assert width_of("word", size=24) == pytest.approx(2 * width_of("word"))
    assert width_of("") == 0.0


def test_marks_on_letters_and_joiners_take_no_room() -> None:
    assert width_of("e\u0301") == width_of("e")
    assert width_of("a\u200db") == width_of("ab")
    assert width_of("نَ") == width_of("ن")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", "(no name)"),
        (" \t\n ", "(no name)"),
        ("\u202eevil\u202c", "evil"),
        ("a\u200eb\u200fc\u061cd", "a b c d"),
        ("a\u2066b\u2069", "a b"),
        ("a\u2028b\u2029c", "a b c"),
        ("x\ufffey\uffffz", "x y z"),
        ("x\U0001fffey\U0010ffffz", "x y z"),
        ("\ufffd", "\ufffd"),
        ("a\u0085b\x7fc", "a b c"),
        ("👩\u200d🔬 & <b>\"'", "👩\u200d🔬 & <b>\"'"),
        ("شبكة", "شبكة"),
        ("5\u202f%", "5\u202f%"),
    ],
)
def test_what_turns_or_breaks_a_line_becomes_a_blank_and_all_else_stays(given: str, kept: str) -> None:
    assert clean(given) == kept


def test_a_text_that_just_fits_is_not_cut() -> None:
    assert fitted("nnnn", width_of("nnnn")) == "nnnn"
    assert fitted("nnnn", width_of("nnnn") - 0.01) == "nn…"
    assert fitted("nnnn", width_of("nnnn"), bold=True) == "nn…"
    assert fitted("n nn", width_of("n …")) == "n…"


@given(st.text(min_size=1, max_size=80), st.floats(30, 300), st.integers(1, 3), st.booleans())
def test_wrapped_lines_fit_are_few_and_lose_nothing_but_their_end(
    text: str, room: float, lines: int, bold: bool
) -> None:
    found = wrapped(clean(text), room, lines=lines, bold=bold)
    assert 1 <= len(found) <= lines
    assert all(width_of(one, bold=bold) <= room for one in found)
    if not any(one.endswith("…") for one in found):
        assert " ".join(found) == clean(text)


def test_words_stay_on_a_line_while_they_just_fit() -> None:
    room = width_of("one two")
    assert wrapped("one two six", room) == ("one two", "six")
    assert wrapped("one two six", room - 0.01) == ("one", "two six")
    assert wrapped("one two", room, bold=True) == ("one", "two")
    assert wrapped("one two six", room, lines=1) == ("one t…",)
    assert wrapped("one two six ten", room, lines=3) == ("one two", "six ten")
