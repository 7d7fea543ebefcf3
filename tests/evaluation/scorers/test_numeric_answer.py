"""The final number of an answer, and when it is the right one."""

from decimal import Decimal

import pytest

from evaluation.scorers import Answer, Task
from evaluation.scorers.base import NO_REFERENCE
from evaluation.scorers.numeric_answer import NumericAnswer, final_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("#### 7 apples", "7"),
        ("####7", "7"),
        ("#### -7", "-7"),
        ("#### $7.50", "7.50"),
        ("#### -$7", "-7"),
        ("#### $ 7", "7"),
        ("#### £1,234,567", "1234567"),
        ("#### -.5", "-0.5"),
        ("#### 3 and then 9", "3"),
        ("### 3 and then 9", "9"),
        ("#### none, but 4", "4"),
        ("3-2", "2"),
        ("3 - 2", "2"),
        ("3 -2", "-2"),
        ("(-2)", "-2"),
        ("= -$5", "-5"),
        ("about .5", "0.5"),
        ("50%", "50"),
        ("1,234.5.", "1234.5"),
        ("version 2.", "2"),
        ("at 7 o'clock", "7"),
        ("x2", None),
        ("", None),
        ("####", None),
    ],
)
def test_the_number_that_a_text_ends_with(text: str, number: str | None) -> None:
    assert final_number(text) == (None if number is None else Decimal(number))


def test_only_marked_numbers_where_the_benchmark_says_so() -> None:
    assert final_number("5, so #### 6, or 7", marked_only=True) == 6
    assert final_number("5, so 6, or 7", marked_only=True) is None


@pytest.mark.parametrize(
    ("given", "tolerance", "value"),
    [
        ("3.15", 0.01, 1),  # exactly at the tolerance
        ("3.13", 0.01, 1),
        ("3.1501", 0.01, 0),
        ("3.1299", 0.01, 0),
        ("3.14", 0.0, 1),
        ("3.140", 0.0, 1),
        ("3.1400001", 0.0, 0),
        ("-3.14", 1, 0),
    ],
)
def test_a_tolerance_includes_its_ends(given: str, tolerance: float, value: float) -> None:
    scorer = NumericAnswer(tolerance=tolerance)
    assert scorer.score(Answer(text=given), Task(reference=3.14)).value == value


def test_one_of_several_references_is_enough_and_words_among_them_are_none() -> None:
    task = Task(reference=["four", 4, "#### 5"])
    assert [NumericAnswer().score(Answer(text=text), task).value for text in ("4", "5", "6")] == [1, 1, 0]
    assert NumericAnswer().score(Answer(text="4"), Task(reference=["four"])) == NO_REFERENCE


def test_a_verdict_keeps_the_number_and_nothing_where_there_is_none() -> None:
    hit, miss, none = (
        NumericAnswer().score(Answer(text=text), Task(reference=1000))
        for text in ("it is 1,000.", "it is 999", "no idea")
    )
    assert [(one.value, one.raw) for one in (hit, miss, none)] == [(1, "1000"), (0, "999"), (0, "")]


def test_the_mark_counts_in_the_answer_as_in_the_reference() -> None:
    scorer = NumericAnswer(marked_only=True)
    assert scorer.score(Answer(text="7"), Task(reference="it is 7")).value == 0
    assert scorer.score(Answer(text="#### 7"), Task(reference="it is 7")).value == 1
