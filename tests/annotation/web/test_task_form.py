"""A task's questions as a form: keys, what is filled in, and what comes back; no database."""

from typing import Any

import pytest

from annotation.selectors.tasks import Label, Question, Side, Task, _reference_blocks, _sides, parsed
from annotation.web.task_form import LETTERS, answers_in, keys_of, rows_of, text_of


def question(kind: str = "likert", *labels: tuple[float, str], pk: int = 1) -> Question:
    shown = tuple(Label(value, text) for value, text in labels)
    return Question(pk, "Q", "?", "", kind, shown, None, None, None, required=True)


def task(*questions: Question, **draft: Any) -> Task:
    return Task("k", "scale", [], None, None, (), questions, draft)


@pytest.mark.parametrize(
    ("kind", "labels", "keys"),
    [
        ("likert", [(1, "poor"), (2, "fair"), (3, "good")], ["1", "2", "3"]),
        ("likert", [(0, "poor"), (5, "good")], ["0", "5"]),
        ("likert", [(5, "good"), (1, "poor")], ["5", "1"]),
        ("likert", [(0.5, "poor"), (1, "good")], ["1", "2"]),
        ("likert", [(-1, "poor"), (1, "good")], ["1", "2"]),
        ("choice", [(7, "a"), (8, "b")], ["1", "2"]),
        ("likert", [(10, "poor"), (20, "good")], ["1", "2"]),
        ("likert", [(n, str(n)) for n in (8, 9, 10, 11)], ["8", "9", "x", "y"]),
        ("choice", [(1, "3"), (2, "none"), (3, " 2 ")], ["3", "x", "2"]),
    ],
)
def test_the_key_of_each_label(kind: str, labels: list[tuple[float, str]], keys: list[str]) -> None:
    assert keys_of(question(kind, *labels)) == keys


def test_the_tenth_label_is_zero_and_the_eleventh_has_no_key() -> None:
    assert keys_of(question("choice", *((n, f"label {n}") for n in range(12)))) == [*"1234567890", "", ""]


def test_letters_run_out_before_keys_are_given_twice() -> None:
    many = question("choice", (1, "1"), *((n, f"label {n}") for n in range(30)))
    keys = keys_of(many)
    assert keys == ["1", *LETTERS, *[""] * (30 - len(LETTERS))]
    assert not set(LETTERS) & set("cnsiu"), "comment, next, skip, instructions and undo have their own"


def test_a_draft_checks_its_option_and_no_other() -> None:
    rows = rows_of(
        task(
            question("likert", (1, "a"), (2, "b")),
            question("choice", (1, "x"), (2, "y"), pk=2),
            answers={"1": 2.0},
        )
    )
    assert [[option.checked for option in row.options] for row in rows] == [[False, True], [False, False]]
    assert [(row.number, row.cannot, row.reason, row.is_number) for row in rows] == [
        ("", False, "", False)
    ] * 2


def test_a_number_and_a_reason_are_filled_in_and_an_error_stands_at_its_question() -> None:
    numbers = (question("numeric", pk=1), question("numeric", pk=2), question("numeric", pk=3))
    draft = {"1": 4.0, "2": {"cannot_judge": "too dark"}, "3": 0.25}
    rows = rows_of(task(*numbers, answers=draft), errors={2: "Say why."})
    assert [(row.number, row.cannot, row.reason, row.error) for row in rows] == [
        ("4", False, "", ""),
        ("", True, "too dark", "Say why."),
        ("0.25", False, "", ""),
    ]
    assert all(row.is_number for row in rows)


@pytest.mark.parametrize(
    ("value", "text"), [(4.0, "4"), (4, "4"), (0.5, "0.5"), (-2.0, "-2"), ("x", "x"), (float("inf"), "inf")]
)
def test_a_number_as_a_form_carries_it(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_what_a_plain_form_said() -> None:
    post = {
        "q-1": "4",
        "q-2": "",
        "q-3": "cannot_judge",
        "reason-3": "blurred",
        "q-4": "cannot_judge",
        "comment": "hm",
        "reason-1": "unused",
    }
    assert answers_in(post) == {"1": "4", "3": {"cannot_judge": "blurred"}, "4": {"cannot_judge": ""}}


@pytest.mark.parametrize(
    ("reference", "blocks"),
    [
        (None, None),
        ("Paris", [{"type": "text", "text": "Paris"}]),
        (7, [{"type": "text", "text": "7"}]),
        (["Paris", "Lutetia"], [{"type": "text", "text": "Paris\nLutetia"}]),
        ([{"type": "code", "text": "x"}], [{"type": "code", "text": "x"}]),
        ([{"text": "x"}], [{"type": "text", "text": "{'text': 'x'}"}]),
        ([], []),
    ],
)
def test_a_reference_becomes_blocks(reference: Any, blocks: Any) -> None:
    assert _reference_blocks(reference) == blocks


def test_the_sides_of_a_task_and_the_order_in_which_they_are_shown() -> None:
    one, two = ("first", "text", None), ("second", "markdown", '[{"type": "text"}]')
    alone = (None, None, None)
    assert _sides([*one, *alone], swapped=False) == _sides([*one, *alone], swapped=True) == (Side("", *one),)
    first, second = Side("A", *one), Side("B", "second", "markdown", [{"type": "text"}])
    assert _sides([*one, *two], swapped=False) == (first, second)
    assert [(side.name, side.text) for side in _sides([*one, *two], swapped=True)] == [
        ("A", "second"),
        ("B", "first"),
    ]


def test_json_columns_are_read_whether_they_come_as_text_or_not() -> None:
    assert parsed('{"a": 1}') == parsed(b'{"a": 1}') == parsed({"a": 1}) == {"a": 1}
    assert parsed(None) is None
