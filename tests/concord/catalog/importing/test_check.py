"""What is wrong with a mapping, said in sentences, all at once."""

from typing import Any

import pytest

from concord.catalog.importing.check import check_shape, mapping_problems
from concord.core.errors import Invalid

COLUMNS = ["model", "id", "answer", "mark"]
OUTPUTS: dict[str, Any] = {
    "kind": "outputs",
    "fields": {"system": {"column": "model"}, "example": {"column": "id"}, "text": {"column": "answer"}},
}
GOOD: dict[str, Any] = {"dataset": "Small", "records": [OUTPUTS]}


def with_entry(**more: Any) -> dict[str, Any]:
    return {**GOOD, "records": [{**OUTPUTS, **more}]}


@pytest.mark.parametrize(
    "mapping",
    [
        GOOD,
        {**GOOD, "name": "n", "format": "csv", "encoding": "utf-8", "delimiter": ";", "skip_lines": 1, "header": True},
        {**GOOD, "decimal": ",", "empty": ["NA"], "version": 1, "criteria": []},
        {**GOOD, "version": 2**31 - 1},
        {**GOOD, "dataset": "x" * 160},
        with_entry(when={"column": "mark", "equals": ["1", 2, 0.5, True]}, skip_empty=True, duplicates="epochs"),
        with_entry(when={"column": "mark", "equals": "x"}),
        {"records": [{"kind": "systems", "fields": {"system": {"column": "model"}}}]},
        {**GOOD, "records": [OUTPUTS] * 50},
        with_entry(text_kind="code"),
    ],
)  # fmt: skip
def test_a_mapping_that_can_be_used(mapping: Any) -> None:
    assert mapping_problems(mapping, COLUMNS) == []


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (None, "A mapping is an object"),
        ([GOOD], "A mapping is an object"),
        ({"dataset": "x"}, "A mapping is an object"),
        ({"records": {}}, "A mapping is an object"),
        ({"records": []}, "A mapping is an object"),
        ({**GOOD, "records": [OUTPUTS] * 51}, "At most 50 records"),
        ({**GOOD, "colour": 1}, "'colour' is no part of a mapping."),
        ({**GOOD, "decimal": ";"}, '"decimal" is the mark'),
        ({**GOOD, "empty": "NA"}, '"empty" is a list'),
        ({**GOOD, "criteria": {}}, '"criteria" is a list'),
        ({**GOOD, "criteria": [{"template": "likert"}]}, "Give the criterion a name"),
        ({**GOOD, "records": ["outputs"]}, 'record 1: "kind" is one of systems, examples, outputs'),
        ({**GOOD, "records": [{"kind": ["outputs"]}]}, 'record 1: "kind" is one of'),
        ({**GOOD, "records": [OUTPUTS, {"kind": "poems"}]}, 'record 2: "kind" is one of'),
        (with_entry(fields=[]), '"fields" is a table'),
        (with_entry(colour="red"), "outputs have no 'colour'."),
        (with_entry(scorer_kind="judge"), "outputs have no 'scorer_kind'."),
        (
            with_entry(fields={**OUTPUTS["fields"], "rater": {"column": "id"}}),
            "outputs have no field 'rater'; they have system,",
        ),
        (with_entry(fields={**OUTPUTS["fields"], "text": "answer"}), 'text: write {"column": ...}'),
        (
            with_entry(fields={"system": {"column": "model"}, "text": {"column": "answer"}}),
            "outputs need example",
        ),
        (
            with_entry(fields={**OUTPUTS["fields"], "text": {"column": "reply"}}),
            "the file has no column 'reply'.",
        ),
        (with_entry(when={"column": "day", "equals": 1}), "the file has no column 'day'."),
        (with_entry(when={"column": "mark"}), '"when" is'),
        (with_entry(when="mark"), '"when" is'),
        (with_entry(when={"column": "mark", "equals": None}), '"when" is'),
        (with_entry(when={"column": "mark", "equals": [["x"]]}), '"when" is'),
        (with_entry(duplicates="merge"), '"duplicates" is'),
        ({"records": [OUTPUTS]}, "Say which dataset"),
        ({**GOOD, "dataset": " "}, "Say which dataset"),
        ({**GOOD, "dataset": 7}, "Say which dataset"),
        ({**GOOD, "dataset": "x" * 161}, "Say which dataset"),
        ({**GOOD, "version": 0}, '"version" is the number'),
        ({**GOOD, "version": 2**31}, '"version" is the number'),
        ({**GOOD, "version": "1"}, '"version" is the number'),
        ({**GOOD, "version": True}, '"version" is the number'),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(mapping: Any, said: str) -> None:
    (problem,) = mapping_problems(mapping, COLUMNS)
    assert said in problem


def test_everything_is_said_at_once() -> None:
    mapping = {"colour": 1, "records": [{"kind": "outputs"}, {"kind": "poems"}], "criteria": [{}, 1]}
    found = mapping_problems(mapping, COLUMNS)
    assert [problem.split(":")[0] for problem in found[-3:]] == ["record 1", "record 1", "record 2"]
    assert len(found) == 6


def test_a_file_of_one_column_was_perhaps_cut_by_another_mark() -> None:
    found = mapping_problems(GOOD, ["model;id;answer"])
    assert (
        found[0]
        == "record 1: the file has no column 'model'; it has only 'model;id;answer': say its delimiter."
    )
    assert repr("x" * 80) + ":" in mapping_problems(GOOD, ["x" * 90])[0]
    assert "delimiter" not in mapping_problems(GOOD, ["model;id", "answer"])[0]


@pytest.mark.parametrize(
    "mapping", [{}, {"records": [{}]}, {"records": [{"fields": {}}], "criteria": [{}]}, GOOD]
)
def test_what_can_be_kept_need_not_be_complete(mapping: Any) -> None:
    check_shape(mapping)


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ([], "is a JSON object"),
        ({"records": {}}, "lists of objects"),
        ({"records": ["x"]}, "lists of objects"),
        ({"criteria": [1]}, "lists of objects"),
        ({"records": [{"fields": []}]}, '"fields" is a table'),
        ({"name": "a\x00"}, "null byte"),
        ({"name": float("nan")}, "cannot be kept"),
    ],
)
def test_what_is_no_mapping_at_all_is_refused(mapping: Any, said: str) -> None:
    with pytest.raises(Invalid, match=said) as caught:
        check_shape(mapping)
    assert caught.value.code == "bad_mapping"
