"""Ratings as a kind of record: what an entry must bind, and what a line becomes."""

from typing import Any

import pytest

from annotation.importing.ratings import Ratings
from concord.catalog.importing.fields import Reject

ONE = frozenset({"study", "criterion", "example", "system", "value"})
PAIR = ONE - {"system"} | {"left_system", "right_system"}
LINE = {"study": "S", "criterion": "help", "example": "e", "system": "a", "value": 4.0, "value__raw": "4"}
SIDES = {**LINE, "left_system": "a", "right_system": "b"}


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        (ONE - {"system"}, "Ratings need a system"),
        (PAIR - {"right_system"}, "both left_system and right_system"),
        (PAIR - {"left_system"}, "both left_system and right_system"),
        (PAIR | {"system"}, "not of both"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(bound: frozenset[str], said: str) -> None:
    (problem,) = Ratings({}, bound).problems()
    assert said in problem


def test_an_entry_is_of_outputs_or_of_pairs() -> None:
    assert [Ratings({}, bound).problems() for bound in (ONE, PAIR)] == [[], []]
    assert [Ratings({}, bound).study_kind for bound in (ONE, PAIR)] == ["scale", "side_by_side"]


def test_a_line_becomes_a_row_in_the_order_of_the_staging_table() -> None:
    said = {"epoch": 2, "rater": "ann", "comment": "fine", "seconds": 86_400.0}
    row = dict(zip(Ratings.columns, Ratings({}, ONE).parse({**LINE, **said}), strict=True))
    assert {name: row[name] for name in said} == said
    assert (row["system"], row["other_system"], row["value"]) == ("a", None, 4.0)
    pair = dict(zip(Ratings.columns, Ratings({}, PAIR).parse(SIDES), strict=True))
    assert (pair["system"], pair["other_system"], pair["rater"], pair["comment"]) == ("a", "b", None, "")


def test_an_answer_without_a_value_says_why() -> None:
    def reason(**line: Any) -> Any:
        return dict(
            zip(Ratings.columns, Ratings({}, ONE).parse({**LINE, "value": None, **line}), strict=True)
        )["reason"]

    assert reason(value__raw=" I refuse ") == "answered: I refuse"
    assert reason(value__raw="", reason="blurred") == "blurred"
    assert reason(value__raw="x", reason="y" * 500) == "y" * 400
    with pytest.raises(Reject, match="no reason why"):
        reason(value__raw=" ", reason=None)


@pytest.mark.parametrize(
    ("bound", "line", "column"),
    [
        (ONE, {**LINE, "system": ""}, "system"),
        (PAIR, {**SIDES, "left_system": None}, "left_system"),
        (PAIR, {**SIDES, "right_system": ""}, "right_system"),
        (PAIR, {**SIDES, "right_system": "a"}, "right_system"),
        (ONE, {**LINE, "seconds": -0.1}, "seconds"),
        (ONE, {**LINE, "seconds": 86_401.0}, "seconds"),
    ],
)
def test_a_line_that_cannot_be_a_rating_is_rejected(
    bound: frozenset[str], line: dict[str, Any], column: str
) -> None:
    with pytest.raises(Reject) as caught:
        Ratings({}, bound).parse(line)
    assert caught.value.column == column
