"""Who comes first and from whom it can be told, from differences written by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from concord.estimates.enums import Direction
from concord.estimates.families import Difference
from concord.estimates.figure import Figure, Note, undefined
from concord.scorecards.report.reading import Reading, comparisons_of, pairs_of, read
from concord.scorecards.report.standing import Standing, ranking_value, standing
from tests.concord.estimates.answers import dimension, mean, ratings

# Answers whose means are 4, 3, 3, 2, 1 for systems 1 to 5.
MEANS = {1: 4.0, 2: 3.0, 3: 3.0, 4: 2.0, 5: 1.0}


def reading(direction: Direction = Direction.HIGHER, means: dict[int, float] = MEANS) -> Reading:
    rows = [(s, e, 0, value + (e % 2 - 0.5)) for s, value in means.items() for e in range(10)]
    return read(dimension(mean(direction=direction, label_names={}), ratings(rows)), tuple(MEANS))


def gap(system: int, against: int, value: float, differs: bool, **changes: Any) -> Difference:
    fields: dict[str, Any] = {"value": value, "low": value - 0.1, "high": value + 0.1}
    return Difference(
        system=system, against=against, figure=Figure(**(fields | changes)), p_adjusted=0.5, differs=differs
    )


def test_the_others_are_beaten_not_told_apart_ahead_or_untested() -> None:
    note = Note(code="no_spread", text="no spread.")
    rows = [
        gap(1, 2, 1.0, True),
        gap(3, 1, -1.0, False),
        gap(4, 1, 0.5, True),
        gap(1, 5, 3.0, False, low=math.nan, high=math.nan, notes=(note,)),
        gap(2, 5, 9.0, True),
    ]
    found = standing(reading(), rows, baseline=None)
    assert (found.first, found.leader, found.side) == ((1,), 1, "human")
    assert (found.better_than, found.not_told_from, found.behind) == ((2,), (3,), (4,))
    assert (found.untested, found.why_untested) == ((5,), "no spread.")
    assert found.may_be_best == (3, 4), "beaten are 2 and 5, and 1 by 4"


def test_a_difference_that_is_undefined_gives_its_reason_and_one_that_is_missing_none() -> None:
    nothing = Difference(
        system=1, against=3, figure=undefined("nobody met"), p_adjusted=math.nan, differs=False
    )
    found = standing(reading(), [gap(1, 2, 1.0, True), nothing], baseline=None)
    assert found.untested == (3, 4, 5)
    assert found.why_untested == "nobody met"
    assert standing(reading(), [gap(1, s, 1.0, True) for s in (2, 3, 4, 5)], baseline=None).why_untested == ""


def test_two_with_the_best_figure_share_the_first_place_and_there_is_no_leader() -> None:
    found = standing(
        reading(Direction.LOWER, {1: 4.0, 2: 1.0, 3: 1.0, 4: 2.0}), [gap(2, 1, -3.0, True)], baseline=None
    )
    assert (found.first, found.leader) == ((2, 3), None)
    assert found.may_be_best == (2, 3, 4)
    assert found.better_than == found.not_told_from == ()


def test_against_a_baseline_systems_are_above_below_or_not_told_apart() -> None:
    rows = [gap(1, 3, 1.0, True), gap(3, 4, 1.0, True), gap(5, 3, -0.1, False), gap(1, 2, 1.0, True)]
    found = standing(reading(), rows, baseline=3)
    assert (found.above, found.below, found.not_told_from, found.untested) == ((1,), (4,), (5,), (2,))
    assert (found.baseline, found.leader, found.first) == (3, 1, (1,))
    assert found.better_than == ()
    assert standing(reading(), rows, baseline=99).baseline is None, "one that is not here is none"


@pytest.mark.parametrize(
    ("direction", "means", "why"),
    [
        (Direction.NONE, MEANS, "neither end of this scale is declared better"),
        (Direction.HIGHER, {1: 4.0}, "fewer than two systems have a figure"),
    ],
)
def test_where_nobody_leads_it_says_why(direction: Direction, means: dict[int, float], why: str) -> None:
    assert standing(reading(direction, means), [], baseline=None) == Standing(side="human", why_not=why)


def test_systems_are_ranked_by_their_means_from_the_better_end() -> None:
    assert reading().order == (1, 2, 3, 4, 5)
    assert reading(Direction.LOWER).order == (5, 4, 2, 3, 1)
    assert ranking_value(reading(), 4) == pytest.approx(2.0)


def test_which_pairs_are_compared_and_how_many_could_have_been() -> None:
    found = reading()
    assert pairs_of(found, baseline=3) == [(1, 3), (2, 3), (4, 3), (5, 3)]
    assert comparisons_of(found, baseline=3) == 4
    assert len(pairs_of(found, baseline=None)) == comparisons_of(found, baseline=None) == 10


def test_json_has_lists() -> None:
    shown = standing(reading(), [], baseline=None).as_dict()
    assert shown["first"] == [1]
    assert shown["untested"] == [2, 3, 4, 5]
    assert shown["leader"] == 1
