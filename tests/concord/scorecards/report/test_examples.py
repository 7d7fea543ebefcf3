"""The items that a reader should look at, worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from concord.estimates.agreement import among_people
from concord.estimates.enums import Direction, Level, Scope
from concord.scorecards.report.examples import examples
from tests.concord.estimates.answers import dimension, mean, preference, ratings, scores, verdicts, votes


def chosen(question: Any, people: Any = None, machine: Any = None) -> dict[str, list[dict[str, Any]]]:
    agreed = None
    if people is not None and len(people):
        agreed = among_people(people, level=Level.INTERVAL, scope=Scope.THESE_RATERS, confidence=0.95)
    return examples(dimension(question, people, machine), agreed)


def test_disputed_are_those_with_most_of_the_disagreement_and_none_without() -> None:
    """Two raters are 0, 1, 2, 3 apart: squared 14 in all, 3.5 a unit; any two of the eight answers 76 / 28 (1 - alpha)."""
    rows = [(1, e, r, 1.0 + e * r) for e in range(4) for r in (0, 1)]
    found = chosen(mean(), ratings(rows))["disputed"]
    assert [(one["example"], one["unit"], one["output"]) for one in found] == [
        (3, 1003, 1003),
        (2, 1002, 1002),
        (1, 1001, 1001),
    ]
    assert [one["part"] for one in found] == pytest.approx(
        [part / 14 * 3.5 / (76 / 28) for part in (9, 4, 1)]
    )
    assert found[0]["answers"] == ["1", "4"]
    assert (found[0]["system"], found[0]["other_system"], found[0]["other_output"]) == (1, None, None)


def test_eight_of_each_kind_at_most() -> None:
    people = ratings(
        [(1, e, r, 1.0 + 4 * ((e + r) % 2)) for e in range(20) for r in (0, 1)] + [(1, 50, 0, 5.0)]
    )
    machine = scores([(1, e, 5.0) for e in range(20)])
    found = chosen(mean(), people, machine)
    assert [len(found[kind]) for kind in ("disputed", "machine_off", "worst")] == [8, 8, 8]


def test_the_machine_is_furthest_off_where_its_answer_is_far_from_peoples_mean() -> None:
    people = ratings([(1, 0, 0, 1.0), (1, 0, 1, 2.0), (1, 1, 0, 5.0), (1, 2, 0, 3.0), (1, 3, 0, 3.0)])
    machine = scores([(1, 0, 4.0), (1, 1, 1.0), (1, 2, 3.0), (1, 9, 5.0)])
    found = chosen(mean(), people, machine)["machine_off"]
    assert [(one["example"], one["people"], one["machine"], one["gap"]) for one in found] == [
        (1, 5.0, 1.0, -4.0),
        (0, 1.5, 4.0, 2.5),
    ]
    assert found[1]["answers"] == ["1", "2"], "each person's own"


def test_of_a_pair_the_machine_is_turned_to_peoples_sides() -> None:
    """People and machine both prefer system 1 in example 0, shown the other way round: that is no gap."""
    people = votes([(1, 2, 0, 0, 1.0), (1, 2, 1, 0, 1.0), (1, 2, 2, 0, 2.0)])
    machine = verdicts([(2, 1, 0, 3.0), (2, 1, 1, 1.0), (1, 2, 2, 1.0)])
    found = chosen(preference(), people, machine)["machine_off"]
    assert [(one["example"], one["people"], one["machine"], one["gap"]) for one in found] == [
        (1, 1.0, 0.0, -1.0),
        (2, 0.5, 1.0, 0.5),
    ]
    first = found[0]
    assert (first["system"], first["other_system"]) == (1, 2)
    assert (first["output"], first["other_output"]) == (1001, 2001)


@pytest.mark.parametrize(
    ("direction", "expected"),
    [(Direction.HIGHER, [(0, 1.0), (1, 2.5)]), (Direction.LOWER, [(2, 5.0), (1, 2.5)])],
)
def test_the_worst_are_those_at_the_bad_end(direction: Direction, expected: list[tuple[int, float]]) -> None:
    people = ratings([(1, 0, 0, 1.0), (1, 1, 0, 2.0), (1, 1, 1, 3.0), (1, 2, 0, 5.0)])
    found = chosen(mean(direction=direction), people)["worst"]
    assert [(one["example"], one["value"]) for one in found] == expected, "what is best is no bad example"


def test_people_say_what_is_worst_and_the_machine_only_where_they_said_nothing() -> None:
    machine = scores([(1, 0, 5.0), (1, 1, 1.0), (1, 2, 5.0)])
    people = ratings([(1, 0, 0, 1.0), (1, 1, 0, 5.0)])
    assert [one["example"] for one in chosen(mean(), people, machine)["worst"]] == [0]
    for nobody in (None, ratings([])):
        found = chosen(mean(), nobody, machine)
        assert [one["example"] for one in found["worst"]] == [1]
        assert found["disputed"] == found["machine_off"] == []


def test_nothing_is_worst_in_a_comparison_or_where_neither_end_is_better_or_all_are_alike() -> None:
    assert chosen(preference(), votes([(1, 2, 0, 0, 1.0), (1, 2, 1, 0, 3.0)]))["worst"] == []
    rows = [(1, 0, 0, 1.0), (1, 1, 0, 5.0)]
    assert chosen(mean(direction=Direction.NONE), ratings(rows))["worst"] == []
    assert chosen(mean(), ratings([(1, 0, 0, 4.0), (1, 1, 0, 4.0)]))["worst"] == []


def test_a_number_without_a_label_is_shown_as_it_is() -> None:
    found = chosen(mean(label_names={}), ratings([(1, 0, 0, 1.25), (1, 1, 0, 3.0)]))["worst"]
    assert found[0]["answers"] == ["1.25"]
