"""A figure keeps what it is told, stays within its scale, and has no nan in JSON."""

from __future__ import annotations

import math

import numpy as np
import pytest

from concord.estimates.enums import Direction, Estimand, Kind, Scope
from concord.estimates.figure import Figure, Note, from_estimate, json_ready, undefined
from concord.estimates.population import MACHINES, Population, may_speak_of_others, population_of
from concord.estimates.question import ends
from concord.stats import comparison
from tests.concord.estimates.answers import mean, preference, rate

A, B = Note(code="a", text="a."), Note(code="b", text="b.")


def test_an_estimators_result_is_kept_whole() -> None:
    found = comparison.mean(np.array([1.0, 2.0, 4.0, 3.0]), confidence=0.9)
    figure = from_estimate(found, estimator="comparison.mean", notes=(A,))
    assert (figure.value, figure.low, figure.high, figure.n) == (found.value, found.low, found.high, 4)
    assert (figure.standard_error, figure.df, figure.confidence) == (found.standard_error, 3, 0.9)
    assert (figure.method, figure.estimator, figure.population) == (found.method, "comparison.mean", MACHINES)
    assert figure.notes[-1] == A
    told = from_estimate(found, estimator="x", n=7, method="by hand")
    assert (told.n, told.method) == (7, "by hand")
    assert math.isnan(from_estimate(comparison.proportion(3, 9), estimator="x").df)


def test_notes_are_kept_once_and_counts_of_nothing_are_not() -> None:
    figure = Figure(value=1.0, notes=(A,), omitted={"x": 2})
    assert figure.noted(B, A).notes == (A, B)
    assert figure.without({"y": 3, "z": 0}).omitted == {"x": 2, "y": 3}
    assert figure.without({"x": 0}).omitted == {}
    assert figure.with_more(p=1).with_more(q=2).more == {"p": 1, "q": 2}


@pytest.mark.parametrize(
    ("low", "high", "cut"),
    [(-0.2, 0.4, (0.0, 0.4)), (0.7, 1.3, (0.7, 1.0)), (1.1, 1.3, (1.0, 1.0)), (0.2, 0.3, (0.2, 0.3))],
)
def test_an_interval_ends_where_the_scale_does(low: float, high: float, cut: tuple[float, float]) -> None:
    found = Figure(value=0.5, low=low, high=high).within((0.0, 1.0))
    assert (found.low, found.high) == cut


def test_an_interval_needs_both_ends() -> None:
    assert Figure(value=1, low=0, high=2).has_interval
    assert not Figure(value=1, low=0).has_interval
    assert not Figure(value=1, high=0).has_interval
    assert not Figure(value=1, low=-math.inf, high=2).has_interval
    assert Figure(value=1).defined
    assert not undefined("why").defined


def test_what_is_undefined_says_why_and_what_else_is_known() -> None:
    shown = undefined("nobody", n=3, confidence=0.9, outputs=0).as_dict()
    assert (shown["undefined"], shown["n"], shown["confidence"], shown["outputs"]) == ("nobody", 3, 0.9, 0)
    assert shown["value"] is shown["low"] is shown["high"] is shown["df"] is None
    assert (shown["method"], shown["notes"], shown["omitted"]) == ("none", [], {})


def test_json_has_plain_numbers() -> None:
    values = {
        "a": np.float64("nan"),
        "b": [np.int64(3), math.inf],
        "c": (A, 1.5),
        "d": np.bool_(True),
        "e": None,
    }
    assert json_ready(values) == {
        "a": None,
        "b": [3, None],
        "c": [{"code": "a", "text": "a."}, 1.5],
        "d": True,
        "e": None,
    }


def test_whom_a_figure_speaks_of() -> None:
    def words(raters: list[int], scope: Scope) -> str:
        return population_of(np.array(raters, dtype=np.int64), scope).words

    these, others = Scope.THESE_RATERS, Scope.OTHER_RATERS
    assert words([0, 0], these) == "for this one rater"
    assert words([0, 5, 5, 9], these) == "for these 3 raters"
    assert words([0, 1, -1, -1], these) == "for these 2 raters and 2 anonymous answers"
    assert words([-1, -1], these) == "for the people who answered here, who are not known apart"
    assert words([0, 5, 9], others) == "for raters like these 3"
    assert words([-2, -2], others) == "for examples like these"
    assert Population(scope=these, raters=1200).words == "for these 1,200 raters"
    counts = population_of(np.array([3, 3, -1]), these)
    assert (counts.raters, counts.anonymous) == (1, 1)


@pytest.mark.parametrize(
    ("raters", "may"),
    [([0, 1], False), ([0, 0, 1], False), ([0, 1, 2, -1], False), ([], False), ([4, 0, 7], True)],
)
def test_three_raters_known_apart_can_speak_of_others(raters: list[int], may: bool) -> None:
    assert may_speak_of_others(np.array(raters, dtype=np.int64)) is may


def test_the_ends_of_a_scale_are_its_limits_or_else_its_labels() -> None:
    assert ends([], None, None) == (-math.inf, math.inf)
    assert ends([2.0, 5.0, 1.0], None, None) == (1.0, 5.0)
    assert ends([2.0, 5.0], 0.0, 9.0) == (0.0, 9.0)
    assert mean().bounds == (1.0, 5.0)
    assert rate().bounds == preference().bounds == (0.0, 1.0)
    assert mean(label_names={0.0: "no", 1.0: "yes"}).on_unit_scale
    assert not mean().on_unit_scale


def test_what_kind_of_question_it_is() -> None:
    assert [one.is_share for one in (mean(), rate(), preference())] == [False, True, True]
    assert [one.is_pairwise for one in (mean(), rate(), preference())] == [False, False, True]
    assert [mean(direction=one).lower_is_better for one in Direction] == [
        one == Direction.LOWER for one in Direction
    ]
    assert mean().is_labelled
    assert not mean(label_names={}).is_labelled
    assert not mean(kind=Kind.NUMERIC).is_labelled
    assert mean().estimand == Estimand.MEAN


def test_answers_as_what_is_averaged() -> None:
    values = np.array([1.0, 2.0, np.nan, 3.0])
    assert rate(labels=(1.0, 3.0)).numbers(values).tolist() == [1.0, 0.0, 0.0, 1.0]
    np.testing.assert_array_equal(preference().numbers(values), [1.0, 0.5, np.nan, 0.0])
    np.testing.assert_array_equal(mean().numbers(values), values)


def test_a_figure_that_was_told_nothing_else_is_of_95_percent_and_has_no_value() -> None:
    nothing = Figure()
    assert (nothing.confidence, nothing.n, nothing.method, nothing.estimator) == (0.95, 0, "none", "")
    assert np.isnan([nothing.value, nothing.low, nothing.high, nothing.standard_error, nothing.df]).all()
    assert (nothing.population, nothing.undefined, nothing.notes, dict(nothing.omitted)) == (
        MACHINES,
        None,
        (),
        {},
    )
