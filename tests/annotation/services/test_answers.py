"""What a rater may answer, and what an answer becomes in the unit's own orientation; no database."""

import math
from types import SimpleNamespace
from typing import Any

import pytest

from annotation.services import answers as module
from annotation.services.answers import (
    Answer,
    Scale,
    checked,
    clean_text,
    mirrors_of,
    read_answers,
    scales_of,
    turned,
)
from annotation.services.submitting import MOST_SECONDS, _check_move, _sane
from annotation.services.submitting import Held as HeldTask
from annotation.states import ASSIGNMENT_MOVES, STUDY_MOVES, AssignmentState
from concord.core.errors import Conflict, Invalid


def scale(pk: int = 1, **more: Any) -> Scale:
    given: dict[str, Any] = {
        "name": f"Q{pk}",
        "required": True,
        "values": frozenset(),
        "mirrors": {},
        "minimum": None,
        "maximum": None,
    }
    return Scale(criterion_id=pk, **{**given, **more})


LABELS = scale(1, values=frozenset({1.0, 2.0, 5.0}))
RANGE = scale(2, minimum=0.0, maximum=10.0)
FREE = scale(3, required=False)


def errors(answers: dict[int, Answer], *scales: Scale) -> dict[int, str]:
    """What is refused, by criterion; nothing where the answers are taken as they are."""
    try:
        return {} if checked(scales, answers, swapped=False) == answers else {0: "changed"}
    except Invalid as refusal:
        return {**refusal.details["errors"], **({} if refusal.code == "answers" else {0: refusal.code})}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(1.0), ""),
        (Answer(5.0), ""),
        (Answer(3.0), "3 is not one of the labels."),
        (Answer(1.5), "1.5 is not one of the labels."),
        (Answer(math.nan), "The answer must be a finite number."),
        (Answer(-math.inf), "The answer must be a finite number."),
        (Answer(None, "no sound"), ""),
        (Answer(None, "  "), "Please say in a few words why it cannot be judged."),
        (Answer(None), "Please say in a few words why it cannot be judged."),
    ],
)
def test_answers_to_labels(answer: Answer, said: str) -> None:
    assert errors({1: answer}, LABELS) == ({1: said} if said else {})


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, ""), (10.0, ""), (9.99, ""), (-0.1, "-0.1 is below 0."), (10.5, "10.5 is above 10.")],
)
def test_the_ends_of_a_range_belong_to_it(value: float, said: str) -> None:
    assert errors({2: Answer(value)}, RANGE) == ({2: said} if said else {})
    assert errors({2: Answer(value)}, scale(2)) == {}, "without ends everything finite fits"


def test_what_is_required_must_be_answered_and_what_is_not_asked_must_not() -> None:
    missing = {1: "Please answer “Q1”, or say why it cannot be judged."}
    assert errors({3: Answer(4.0)}, LABELS, FREE) == missing
    assert errors({1: Answer(1.0)}, LABELS, FREE) == {}
    assert errors({1: Answer(1.0), 9: Answer(1.0)}, LABELS) == {9: "This study does not ask that."}
    assert errors({9: Answer(1.0)}, LABELS) == {9: "This study does not ask that.", **missing}
    assert errors({}, LABELS, RANGE).keys() == {1, 2}


def test_an_answer_to_nothing_is_no_answer() -> None:
    assert errors({}, FREE, scale(4, required=False)) == {3: "Answer at least one question."}


MIRRORED = scale(1, values=frozenset({2.0, 0.0, -2.0}), mirrors={2.0: -2.0, -2.0: 2.0})


def test_swapped_answers_are_turned_and_turning_twice_changes_nothing() -> None:
    for value, stored in ((2.0, -2.0), (-2.0, 2.0), (0.0, 0.0)):
        answer = Answer(value)
        assert checked((MIRRORED,), {1: answer}, swapped=True) == {1: Answer(stored)}
        assert checked((MIRRORED,), {1: answer}, swapped=False) == {1: answer}
        assert turned(MIRRORED, turned(MIRRORED, answer)) == answer
    unjudged = Answer(None, "blurred")
    assert turned(MIRRORED, unjudged) is unjudged


def label(value: float, outcome: str, **more: Any) -> dict[str, Any]:
    return {"value": value, "label": outcome, "outcome": outcome, **more}


@pytest.mark.parametrize(
    ("labels", "mirrors"),
    [
        ([label(1, "left"), label(2, "right")], {1: 2, 2: 1}),
        ([label(1, "left"), label(0, "tie"), label(2, "right")], {1: 2, 2: 1}),
        ([label(1, "left"), label(2, "left"), label(3, "right"), label(4, "right")], {}),
        ([label(1, "left"), label(2, "left"), label(3, "right")], {}),
        ([label(2, "left", mirror=-2), label(1, "left", mirror=-1)], {2: -2, 1: -1}),
        ([label(1, "left", mirror=3), label(2, "right")], {1: 3, 2: 1}),
        ([], {}),
    ],
)
def test_which_label_says_the_same_with_the_sides_exchanged(
    labels: list[dict[str, Any]], mirrors: dict[float, float]
) -> None:
    assert mirrors_of("preference", labels) == mirrors
    assert mirrors_of("likert", labels) == {}


def test_scales_come_from_the_tables_as_they_lie_there(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        (7, "Better", "?", "", "preference", '[{"value": 1, "label": "A", "outcome": "left"},'
         ' {"value": 2, "label": "B", "outcome": "right"}]', None, None, None, True),
        (8, "Size", "?", "", "numeric", "[]", 0.0, 9.0, 0.5, False),
        (9, "None", "?", "", "numeric", None, None, None, None, False),
    ]  # fmt: skip
    monkeypatch.setattr(module, "asked_rows", lambda seat: rows)
    seat: Any = SimpleNamespace()
    assert scales_of(seat) == (
        Scale(7, "Better", True, frozenset({1.0, 2.0}), {1.0: 2.0, 2.0: 1.0}, None, None),
        Scale(8, "Size", False, frozenset(), {}, 0.0, 9.0),
        Scale(9, "None", False, frozenset(), {}, None, None),
    )


@pytest.mark.parametrize(
    ("raw", "answers"),
    [
        ({"1": 4}, {1: Answer(4.0)}),
        ({1: "4.5"}, {1: Answer(4.5)}),
        ({"1": None, "2": 0}, {2: Answer(0.0)}),
        ({"1": {"cannot_judge": " too dark\x00 "}}, {1: Answer(None, "too dark")}),
        ({"1": {"cannot_judge": ""}}, {1: Answer(None, "")}),
        ({}, {}),
    ],
)
def test_answers_as_they_come_in_json(raw: Any, answers: dict[int, Answer]) -> None:
    assert read_answers(raw) == answers


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([1], "object from criterion to value"),
        ("1", "object from criterion to value"),
        ({"quality": 1}, "'quality' is not the id of a criterion"),
        ({None: 1}, "None is not the id"),
        ({"1": True}, "neither a number nor a reason"),
        ({"1": {"reason": "x"}}, "neither a number nor a reason"),
        ({"1": "four"}, "is not a number: 'four'"),
        ({"1": 10**400}, "is not a number"),
        ({"1": {"cannot_judge": "x" * 401}}, "The reason has 401 characters; at most 400 are kept"),
    ],
)
def test_what_is_no_answer_is_told(raw: Any, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_answers(raw)


def test_a_text_may_be_as_long_as_the_limit_without_what_is_not_kept() -> None:
    assert clean_text(" ab\x00c ", 3, "It") == "abc"
    with pytest.raises(Invalid, match="It has 4 characters; at most 3 are kept") as caught:
        clean_text("abcd", 3, "It")
    assert caught.value.code == "too_long"


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [
        (None, None),
        (0.0, 0.0),
        (12.5, 12.5),
        (-0.1, None),
        (math.nan, None),
        (math.inf, None),
        (MOST_SECONDS, 86_400.0),
        (1e9, 86_400.0),
    ],
)
def test_seconds_that_a_browser_can_have_measured(seconds: float | None, kept: float | None) -> None:
    assert _sane(seconds) == kept


def test_the_moves_of_a_task() -> None:
    allowed = {(str(a), str(b)) for a, targets in ASSIGNMENT_MOVES.items() for b in targets}
    assert allowed == {
        ("leased", "submitted"), ("leased", "skipped"), ("leased", "expired"), ("leased", "returned"),
        ("submitted", "leased"),
        ("expired", "leased"), ("expired", "submitted"), ("expired", "skipped"), ("expired", "returned"),
        ("returned", "leased"), ("returned", "submitted"), ("returned", "skipped"),
    }  # fmt: skip
    assert set(ASSIGNMENT_MOVES) == set(AssignmentState)


@pytest.mark.parametrize(
    ("state", "to", "said"),
    [
        ("skipped", "submitted", "You skipped this task before"),
        ("skipped", "returned", "You skipped this task before"),
        ("submitted", "skipped", "answered already"),
        ("submitted", "returned", "answered already"),
    ],
)
def test_a_task_that_is_gone_says_how(state: str, to: str, said: str) -> None:
    with pytest.raises(Conflict, match=said) as caught:
        _check_move(HeldTask(1, 1, state, swapped=False), AssignmentState(to))
    assert caught.value.code == "task_gone"
    _check_move(HeldTask(1, 1, "leased", swapped=False), AssignmentState(to))


def test_the_moves_of_a_study() -> None:
    assert {(str(a), str(b)) for a, targets in STUDY_MOVES.items() for b in targets} == {
        ("draft", "live"), ("draft", "closed"), ("live", "paused"), ("live", "closed"),
        ("paused", "live"), ("paused", "closed"), ("closed", "live"),
    }  # fmt: skip
