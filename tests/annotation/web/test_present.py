"""A study's tables: for whom they speak, and decimals that agree down a column."""

from typing import Any

import pytest

from annotation.web.present import in_columns, in_scope
from concord.estimates.enums import Scope
from concord.estimates.formatting import estimate_parts


def figure(value: float, low: float, high: float) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "n": 24, "undefined": None}


def text(cell: dict[str, Any], scale: str = "") -> str:
    return estimate_parts(cell, scale=scale).value.replace("\u00a0", " ")


MEANS = [(4.392, 4.241, 4.54), (3.4, 3.03, 3.71), (1.82, 1.41, 2.12)]


def test_means_of_a_column_have_the_decimals_of_its_middle_interval() -> None:
    systems = [{"mean": figure(*one)} for one in MEANS]
    shown = in_columns({"criteria": [{"systems": systems}]})["criteria"][0]["systems"]
    assert [text(one["mean"]) for one in shown] == ["4.4", "3.4", "1.8"]


def test_each_answer_is_a_column_of_its_own() -> None:
    systems = [
        {"shares": [{"share": figure(0.5012, 0.499, 0.503)}, {"share": figure(0.31, 0.11, 0.53)}]},
        {"shares": [{"share": figure(0.4, 0.3979, 0.4021)}, {"share": figure(0.6, 0.4, 0.8)}]},
    ]
    shown = in_columns({"criteria": [{"systems": systems}]})["criteria"][0]["systems"]
    assert [text(one["shares"][0]["share"], "percent") for one in shown] == ["50.12 %", "40.00 %"]
    assert [text(one["shares"][1]["share"], "percent") for one in shown] == ["31 %", "60 %"]


@pytest.mark.parametrize(("name", "scale"), [("win_rate", "percent"), ("log_strength", "")])
def test_strengths_and_win_rates_agree_in_their_decimals(name: str, scale: str) -> None:
    by = 1 if scale else 100
    values = [(0.931, 0.9302, 0.9318), (0.51, 0.45, 0.57), (0.06, 0.02, 0.21)]
    rows = [
        {
            "win_rate": figure(0.5, 0.4, 0.6),
            "log_strength": figure(0, -1, 1),
            name: figure(*(by * each for each in one)),
        }
        for one in values
    ]
    in_columns({"criteria": [{"systems": [], "preferences": {"rows": rows}}]})
    assert [text(row[name], scale) for row in rows] == [
        f"{each}{' %' if scale else ''}" for each in (93, 51, 6)
    ]


def test_raters_agree_in_their_decimals() -> None:
    raters = [
        {"agreement": figure(0.792, 0.762, 0.821)},
        {"agreement": figure(0.76, 0.71, 0.81)},
        {"agreement": figure(0.74, 0.68, 0.8)},
    ]
    in_columns({"criteria": [], "raters": raters})
    assert [text(one["agreement"], "percent") for one in raters] == ["79 %", "76 %", "74 %"]


def test_the_scope_asked_for_is_shown_where_the_data_bear_it() -> None:
    ours, theirs = {"scope": "these_raters"}, {"scope": "other_raters"}
    content = {"criteria": [{**ours, "other_raters": theirs}, ours], "raters": ["kept"]}
    asked = in_scope(content, Scope.OTHER_RATERS)
    assert [(one["scope"], one["has_other_scope"]) for one in asked["criteria"]] == [
        ("other_raters", True),
        ("these_raters", False),
    ]
    assert asked["raters"] == ["kept"]
    assert [one["scope"] for one in in_scope(content, "")["criteria"]] == ["these_raters", "these_raters"]
