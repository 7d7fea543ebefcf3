"""The same figures on parts of the data: only these examples, only this side, and nothing where there are too few."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from concord.estimates.enums import Scope
from concord.scorecards.report.reading import read
from concord.scorecards.report.slices import by_slice
from tests.concord.estimates.answers import dimension, ints, mean, rate, ratings, scores


def sliced(
    slices: dict[str, dict[str, Any]], systems: tuple[int, ...] = (1, 2), **sides: Any
) -> list[dict[str, Any]]:
    return by_slice(read(dimension(mean(), slices=slices, **sides), systems))


PEOPLE = ratings([(s, e, r, float(s + e % 3)) for s in (1, 2) for e in range(20) for r in (0, 1)])
MACHINE = scores([(s, e, float(5 - s - e % 2)) for s in (1, 2) for e in range(20)])


def test_a_figure_is_that_of_the_slices_examples_alone() -> None:
    found = sliced({"topic": {"b": ints(range(6)), "a": ints(range(6, 20))}}, people=PEOPLE, machine=MACHINE)
    assert [(one["slice"], one["omitted"]) for one in found] == [("topic", None)]
    a, b = found[0]["values"]
    assert (a["value"], a["examples"], b["value"], b["examples"]) == ("a", 14, "b", 6)
    for part, examples in ((a, range(6, 20)), (b, range(6))):
        for cell in part["cells"]:
            system = cell["system"]
            assert cell["human"]["value"] == pytest.approx(np.mean([system + e % 3 for e in examples]))
            assert cell["automatic"]["value"] == pytest.approx(
                np.mean([5 - system - e % 2 for e in examples])
            )
            assert cell["human"]["population"]["words"] == "for these 2 raters"
            assert cell["automatic"]["population"]["scope"] == Scope.EXAMPLES
    assert [cell["system"] for cell in a["cells"]] == [1, 2]


def test_a_side_that_is_not_there_has_no_figure() -> None:
    slices = {"topic": {"a": ints(range(10)), "b": ints(range(10, 20))}}
    people = sliced(slices, people=PEOPLE)[0]["values"][0]["cells"][0]
    machine = sliced(slices, machine=MACHINE)[0]["values"][0]["cells"][0]
    assert people["automatic"] is None
    assert people["human"] is not None
    assert machine["human"] is None
    assert machine["automatic"] is not None


def test_five_examples_are_enough_and_four_are_too_few() -> None:
    found = sliced({"t": {"four": ints(range(4)), "six": ints(range(4, 9)), "x": ints([99])}}, people=PEOPLE)
    four, five, nobody = (one["cells"][0]["human"] for one in found[0]["values"])
    assert four["undefined"] == "4 examples: too few to say (5 needed)"
    assert (four["n"], four["value"], four["confidence"]) == (4, None, 0.95)
    assert five["undefined"] is None
    assert "too few" not in nobody["undefined"]


def test_slices_are_in_order_and_one_value_is_no_slice() -> None:
    two = {"a": ints([1, 2]), "b": ints([3])}
    found = sliced({"z": two, "y": two, "one": {"a": ints([1])}}, people=PEOPLE)
    assert [one["slice"] for one in found] == ["y", "z"]


@pytest.mark.parametrize(
    ("values", "systems", "shown"), [(30, 2, True), (31, 2, False), (20, 100, True), (20, 101, False)]
)
def test_more_values_than_one_can_read_are_named_and_left_out(values: int, systems: int, shown: bool) -> None:
    slices = {"t": {f"{i:02}": ints([i]) for i in range(values)}}
    found = sliced(slices, tuple(range(1, systems + 1)), people=ratings([(1, 0, 0, 3.0)]))[0]
    if shown:
        assert found["omitted"] is None
        assert len(found["values"]) == values
        return
    assert found["omitted"] == f"{values} values for {systems} systems are too many to show"
    assert found["values"] == []


def test_a_rate_of_a_slice_counts_its_own_examples() -> None:
    people = ratings([(1, e, 0, 1.0 if e < 5 else 2.0) for e in range(20)])
    slices = {"t": {"a": ints(range(10)), "b": ints(range(10, 20))}}
    found = by_slice(read(dimension(rate(), people, slices=slices), (1,)))[0]["values"]
    assert [one["cells"][0]["human"]["value"] for one in found] == [0.5, 0.0]
    assert [one["cells"][0]["human"]["n"] for one in found] == [10, 10]
