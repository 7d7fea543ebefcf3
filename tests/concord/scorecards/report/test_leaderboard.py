"""A leaderboard's rows, counted by hand, and its strengths beside a logistic regression."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from concord.estimates.enums import Scope
from concord.estimates.figure import Figure, undefined
from concord.scorecards.report.leaderboard import average_opponent, leaderboard
from concord.scorecards.report.reading import read
from concord.scorecards.report.scorecard import headline
from tests.concord.estimates.answers import dimension, preference, votes

# Ada beats Bob 3 times, loses once, ties once; Bob beats Cleo twice and loses twice; two people judged one pair.
ROWS = [
    (1, 2, 0, 0, 1.0),
    (1, 2, 0, 1, 1.0),
    (2, 1, 1, 0, 3.0),
    (1, 2, 2, 1, 3.0),
    (1, 2, 3, 0, 2.0),
    (2, 3, 4, 0, 1.0),
    (2, 3, 5, 1, 1.0),
    (3, 2, 6, 0, 1.0),
    (2, 3, 7, 1, 3.0),
]


def board(
    rows: list[tuple[int, int, int, int, float]], systems: tuple[int, ...], ranks: Any = None
) -> dict[str, Any]:
    found = read(dimension(preference(), votes(rows)), systems)
    assert found.people is not None
    return leaderboard(found.boards["human"], found.people, found.question, ranks=ranks or {})


def test_rows_count_votes_pairs_and_opponents() -> None:
    found = board(ROWS, (1, 2, 3))
    assert (found["votes"], found["pairs"], found["ties"]) == (9, 8, 1)
    assert found["ties_share"] == pytest.approx(1 / 9)
    rows = {row["system"]: row for row in found["rows"]}
    counted = ("votes", "pairs", "won", "tied", "lost", "opponents")
    assert [[rows[system][name] for name in counted] for system in (1, 2, 3)] == [
        [5, 4, 3, 1, 1, 1],
        [9, 8, 3, 1, 5, 2],
        [4, 4, 2, 0, 2, 1],
    ]
    assert [rows[system]["win_rate"]["value"] for system in (1, 3, 2)] == pytest.approx(
        [3.5 / 5, 2 / 4, 3.5 / 9]
    )


def test_strengths_are_those_of_the_logistic_model_and_average_0() -> None:
    """Along a line of systems each gap is the log odds of its own comparisons: 3.5 to 1.5, and 2 to 2."""
    found = board(ROWS, (1, 2, 3))
    rows = {row["system"]: row for row in found["rows"]}
    logs = {system: row["log_strength"]["value"] for system, row in rows.items()}
    assert logs[1] - logs[2] == pytest.approx(math.log(3.5 / 1.5), abs=1e-6)
    assert logs[2] - logs[3] == pytest.approx(0, abs=1e-6)
    assert sum(logs.values()) == pytest.approx(0, abs=1e-9)
    for system, row in rows.items():
        assert row["win_rate_average"]["value"] == pytest.approx(1 / (1 + math.exp(-logs[system])))
        odds = [math.exp(one) for one in logs.values()]
        assert row["strength"] == pytest.approx(math.exp(logs[system]) / sum(odds))
    assert found["rows"][0]["system"] == 1
    assert rows[1]["rank"] == 1
    assert (found["undefined"], found["converged"], found["estimator"]) == (
        None,
        True,
        "ranking.bradley_terry",
    )
    assert found["never_compared"] in ([], [[1, 2, 3]])


def test_ranks_are_the_familys_and_a_system_nobody_judged_has_none() -> None:
    found = board(ROWS, (1, 2, 3, 4), ranks={1: (1, 2), 2: (1, 3), 3: (2, 3), 4: (1, 4)})
    rows = {row["system"]: row for row in found["rows"]}
    assert [(rows[s]["rank_low"], rows[s]["rank_high"]) for s in (1, 2, 3, 4)] == [
        (1, 2),
        (1, 3),
        (2, 3),
        (None, None),
    ]
    assert rows[4]["rank"] is None
    assert (rows[4]["votes"], rows[4]["opponents"]) == (0, 0)


def test_a_strength_as_a_chance_against_the_average_system() -> None:
    found = average_opponent(
        Figure(value=0.0, low=-math.log(3), high=math.log(4), standard_error=0.3, method="m")
    )
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.25, 0.8))
    assert math.isnan(found.standard_error)
    assert found.method == "wins against the average system: m"
    nothing = undefined("never met")
    assert average_opponent(nothing) is nothing


def many(systems: int) -> Any:
    """Each system meets the next one; the higher its number, the more often it wins."""
    rng = np.random.default_rng(0)
    rows = [
        (a, a % systems + 1, e * 100 + a, e % 5, 1.0 if rng.random() < (0.3 if a < systems else 0.9) else 3.0)
        for a in range(1, systems + 1)
        for e in range(12)
    ]
    return dimension(preference(scope=Scope.THESE_RATERS), votes(rows))


@pytest.mark.parametrize(("systems", "shown"), [(40, 40 * 39 // 2), (41, 40)])
def test_of_more_than_forty_systems_the_leader_alone_is_set_against_each(systems: int, shown: int) -> None:
    """The family stays that of every pair: which one leads was found in these very data."""
    found = read(many(systems), tuple(range(1, systems + 1)))
    made, [(rows, _)] = headline([found], baseline=None, confidence=0.95)
    assert len(rows) == shown
    assert made.size + made.untested == systems * (systems - 1) // 2
    if systems > 40:
        assert {row.system for row in rows} == {found.order[0]}
        assert found.order[0] not in {row.against for row in rows}
