"""Scores as a kind of record: what an entry must bind, and what a line becomes."""

from typing import Any

import pytest

from concord.catalog.importing.fields import Reject
from evaluation.importing.scores import Scores

ONE = frozenset({"scorer", "criterion", "example", "system", "value"})
PAIR = ONE - {"system"} | {"left_system", "right_system"}
LINE = {"scorer": "J", "criterion": "safe", "example": "e", "system": "a", "value": 1.0}
SIDES = {
    "scorer": "J",
    "criterion": "safe",
    "example": "e",
    "left_system": "a",
    "right_system": "b",
    "value": 1.0,
}


@pytest.mark.parametrize(
    ("bound", "spec", "said"),
    [
        (ONE, {"scorer_kind": "oracle"}, "scorer_kind is one of"),
        (ONE - {"system"}, {}, "Scores need a system"),
        (PAIR - {"right_system"}, {}, "both left_system and right_system"),
        (PAIR - {"left_system"}, {}, "both left_system and right_system"),
        (PAIR | {"system"}, {}, "not of both"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(
    bound: frozenset[str], spec: dict[str, Any], said: str
) -> None:
    (problem,) = Scores(spec, bound).problems()
    assert said in problem


@pytest.mark.parametrize(("bound", "kind"), [(ONE, "judge"), (ONE, "metric"), (PAIR, "judge")])
def test_an_entry_that_makes_sense_has_no_problem(bound: frozenset[str], kind: str) -> None:
    assert Scores({"scorer_kind": kind}, bound).problems() == []
    assert Scores({}, bound).problems() == []


def test_a_line_becomes_a_row_in_the_order_of_the_staging_table() -> None:
    row = Scores({}, ONE).parse({**LINE, "epoch": 2, "value__raw": "1.0"})
    assert dict(zip(Scores.columns, row, strict=True)) == {
        "scorer": "J", "criterion": "safe", "system": "a", "other_system": None, "example": "e", "epoch": 2,
        "value": 1.0, "raw": "1.0",
    }  # fmt: skip
    assert dict(zip(Scores.columns, Scores({}, PAIR).parse(SIDES), strict=True))["other_system"] == "b"


def test_an_answer_that_could_not_be_read_keeps_its_words_and_an_empty_one_is_none() -> None:
    unread = Scores({}, ONE).parse({**LINE, "value": None, "value__raw": "I cannot say"})
    assert unread[-2:] == (None, "I cannot say")
    with pytest.raises(Reject, match="is empty"):
        Scores({}, ONE).parse({**LINE, "value": None, "value__raw": "  "})


@pytest.mark.parametrize(
    ("bound", "line", "column", "said"),
    [
        (ONE, {**LINE, "system": None}, "system", "is empty"),
        (PAIR, {**SIDES, "left_system": ""}, "left_system", "is empty"),
        (PAIR, {**SIDES, "right_system": None}, "right_system", "is empty"),
        (PAIR, {**SIDES, "right_system": "a"}, "right_system", "the same system"),
    ],
)
def test_a_line_without_its_systems_is_rejected(
    bound: frozenset[str], line: dict[str, Any], column: str, said: str
) -> None:
    with pytest.raises(Reject, match=said) as caught:
        Scores({}, bound).parse(line)
    assert caught.value.column == column
