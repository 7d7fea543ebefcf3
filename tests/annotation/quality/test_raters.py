"""The raters of a study side by side, on a handful of ratings worked out by hand."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from annotation.quality import raters as module
from annotation.quality.raters import rater_table
from concord.estimates.ratings import Ratings

NAMES = {1: "Ada", 2: "Ben", 3: "Cleo", 4: "Dan"}


@pytest.fixture(autouse=True)
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    """The raters' names without a database."""
    known = [SimpleNamespace(pk=pk, name=name, is_simulated=pk == 4) for pk, name in NAMES.items()]

    def those(pk__in: list[int]) -> list[Any]:
        return [one for one in known if one.pk in pk__in]

    monkeypatch.setattr(module, "Rater", SimpleNamespace(objects=SimpleNamespace(filter=those)))


def ratings(rows: list[tuple[int, int, float]], seconds: list[float] | None = None) -> Ratings:
    """Rows of (unit, rater, value); each unit is an output of its own example."""
    units, raters, values = (np.array(column) for column in zip(*rows, strict=True))
    none = np.full(len(rows), -1)
    return Ratings(
        units=units,
        outputs=units,
        other_outputs=none,
        systems=np.zeros_like(units),
        other_systems=none,
        examples=units,
        raters=raters,
        values=values.astype(float),
        swapped=np.zeros(len(rows), dtype=bool),
        seconds=np.full(len(rows), np.nan) if seconds is None else np.array(seconds, dtype=float),
    )


def everybody(units: int, values: dict[int, Any]) -> list[tuple[int, int, float]]:
    """`values[rater](unit)` for every unit and rater."""
    return [(unit, rater, value(unit)) for unit in range(units) for rater, value in values.items()]


def test_agreement_with_the_others_is_the_mean_over_units() -> None:
    # Unit 1: Ada and Ben say 5, Cleo 4. Unit 2: all say 1. Unit 3: Ada alone.
    rows = [(1, 1, 5), (1, 2, 5), (1, 3, 4), (2, 1, 1), (2, 2, 1), (2, 3, 1), (3, 1, 2)]
    found = {row["name"]: row for row in rater_table([ratings(rows)])}
    assert {
        name: (row["count"], row["agreement"]["value"], row["agreement"]["n"]) for name, row in found.items()
    } == {
        "Ada": (3, 0.75, 2),  # a half and one; nobody else saw unit 3
        "Ben": (2, 0.75, 2),
        "Cleo": (2, 0.5, 2),
    }
    assert all("p_value" not in row for row in found.values())


def test_most_ratings_come_first_and_equals_by_name() -> None:
    rows = [(1, 3, 1), (1, 2, 1), (2, 2, 1), (1, 1, 1), (3, 4, 1), (4, 4, 1)]
    found = rater_table([ratings(rows)])
    assert [(row["name"], row["count"], row["is_simulated"]) for row in found] == [
        ("Ben", 2, False),
        ("Dan", 2, True),
        ("Ada", 1, False),
        ("Cleo", 1, False),
    ]


def test_two_questions_about_one_unit_are_one_unit_of_work() -> None:
    first = ratings([(1, 1, 5), (1, 2, 5), (2, 1, 5), (2, 2, 4)])
    second = ratings([(1, 1, 0), (1, 2, 1)])
    found = {row["name"]: row for row in rater_table([first, second])}
    assert found["Ada"]["count"] == 2
    # On unit 1 the same in one question of two, on unit 2 not: the mean of 1/2 and 0.
    assert found["Ada"]["agreement"]["value"] == pytest.approx(0.25)


def test_anonymous_ratings_count_among_the_others_and_have_no_row() -> None:
    found = rater_table([ratings([(1, 1, 5), (1, -1, 5), (1, -1, 4)])])
    assert [(row["name"], row["agreement"]["value"]) for row in found] == [("Ada", 0.5)]


def test_the_median_time_leaves_out_what_was_not_measured() -> None:
    rows = [(unit, 1, 1) for unit in range(4)] + [(0, 2, 1)]
    found = {row["name"]: row for row in rater_table([ratings(rows, [2, 9, np.nan, 4, np.nan])])}
    assert found["Ada"]["median_seconds"] == 4
    assert found["Ben"]["median_seconds"] is None


def timed(seconds: dict[int, float], units: int = 10) -> dict[str, str]:
    rows = everybody(units, dict.fromkeys(seconds, lambda unit: 1))
    found = rater_table([ratings(rows, [seconds[rater] for _, rater, _ in rows])])
    return {row["name"]: row["attention"] for row in found}


def test_less_than_a_third_of_the_usual_time_is_said() -> None:
    # The medians are 3, 10, 12 and 8: the usual time is 9 s, and a third of it 3 s.
    assert timed({1: 3.0, 2: 10, 3: 12, 4: 8}) == dict.fromkeys(NAMES.values(), "")
    marked = timed({1: 2.9, 2: 10, 3: 12, 4: 8})
    assert marked == {**dict.fromkeys(NAMES.values(), ""), "Ada": "takes less than a third of the usual 9 s"}


def test_nobody_is_hasty_among_two_or_on_a_few_units() -> None:
    assert set(timed({1: 1, 2: 100}).values()) == {""}
    assert set(timed({1: 1, 2: 100, 3: 100}, units=9).values()) == {""}
    assert timed({1: 1, 2: 100, 3: 100}, units=10)["Ada"]


def test_a_rater_who_agrees_with_nobody_is_marked_and_the_others_are_not() -> None:
    fair = {rater: (lambda unit: unit % 3) for rater in (1, 2, 3)}
    found = {row["name"]: row for row in rater_table([ratings(everybody(12, {**fair, 4: lambda unit: 9}))])}
    assert found["Ada"]["agreement"]["value"] == pytest.approx(2 / 3)
    assert found["Dan"]["agreement"]["value"] == 0
    assert [found[name]["attention"] for name in ("Ada", "Ben", "Cleo")] == ["", "", ""]
    assert found["Dan"]["attention"] == "agrees with the others less than is usual (0.67)"


def test_too_few_units_or_raters_mark_nobody() -> None:
    odd: dict[int, Any] = {1: lambda unit: 1, 2: lambda unit: 1, 3: lambda unit: 2}
    assert [row["attention"] for row in rater_table([ratings(everybody(9, odd))])] == ["", "", ""]
    assert [bool(row["attention"]) for row in rater_table([ratings(everybody(10, odd))])] == [
        False,
        False,
        True,
    ]
    two = rater_table([ratings(everybody(50, {1: lambda unit: unit, 2: lambda unit: -1 - unit}))])
    assert [row["attention"] for row in two] == ["", ""], "of two that differ, who is the odd one?"


def test_a_little_less_agreement_is_chance() -> None:
    values: dict[int, Any] = {rater: (lambda unit: unit % 2) for rater in (1, 2, 3)}
    values[4] = lambda unit: (unit + (unit % 6 == 0)) % 2  # another answer on two units of twelve
    assert [row["attention"] for row in rater_table([ratings(everybody(12, values))])] == [""] * 4


def test_a_study_without_ratings_has_no_raters() -> None:
    assert rater_table([]) == []
    assert rater_table([ratings([(1, -1, 5)])]) == []
