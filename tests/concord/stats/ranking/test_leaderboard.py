"""What every fit of strengths can be asked: Bradley-Terry, Plackett-Luce, and people's votes with a judge's."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from scipy import special

from concord.stats import InputError
from concord.stats.joint import prediction_powered_bradley_terry
from concord.stats.ranking import bradley_terry, plackett_luce

LEFT, RIGHT = np.array([0, 1, 2, 0, 1, 2, 0, 2] * 12), np.array([1, 2, 0, 2, 0, 1, 1, 1] * 12)
WON = np.array([1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 1, 1] * 8, dtype=float)


def boards(clusters=None):
    """The same votes three ways; the judge's weight is nothing."""
    rows = np.where(WON[:, None] == 1, np.stack([LEFT, RIGHT], 1), np.stack([RIGHT, LEFT], 1))
    judge = (WON, LEFT, RIGHT, WON)
    shared = {} if clusters is None else {"clusters": clusters}
    return (
        bradley_terry(LEFT, RIGHT, WON, n_systems=3, **shared),
        plackett_luce(rows, n_systems=3, **shared),
        prediction_powered_bradley_terry(LEFT, RIGHT, WON, *judge, n_systems=3, lam=0.0, **shared),
    )


@pytest.mark.parametrize("clusters", [None, np.arange(96) // 6])
def test_three_fits_of_the_same_votes_say_nearly_the_same(clusters) -> None:
    first, *others = boards(clusters)
    for fit in others:
        assert fit.rating() == pytest.approx(first.rating(), abs=1e-5)
        assert fit.win_probability(0, 2) == pytest.approx(first.win_probability(0, 2), abs=1e-8)
        one, two = fit.difference(0, 2), first.difference(0, 2)
        assert (one.value, one.n) == pytest.approx((two.value, two.n), abs=1e-8)
        assert one.df == two.df == np.inf if clusters is None else 13 < one.df < 16 > two.df > 13
        assert (one.low, one.high) == pytest.approx((two.low, two.high), abs=0.05)
        assert [row["system"] for row in fit.table()] == [row["system"] for row in first.table()]
        assert [row["votes"] for row in fit.table()] == [row["votes"] for row in first.table()]


def test_a_chance_of_winning_has_the_interval_of_its_difference() -> None:
    for fit in boards():
        gap, (low, high) = fit.difference(0, 2), fit.win_probability_interval(0, 2)
        assert (low, high) == pytest.approx(special.expit([gap.low, gap.high]))
        assert low < fit.win_probability(0, 2) < high
        assert fit.win_probability_interval(2, 0) == pytest.approx((1 - high, 1 - low))
        assert np.isnan(fit.win_probability_interval(1, 1)).all()


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_a_chance_of_winning_counts_ties_half(ties: str) -> None:
    outcome = np.where(np.arange(96) % 5 == 0, 0.5, WON)
    fit = bradley_terry(LEFT, RIGHT, outcome, n_systems=3, ties=ties)
    low, high = fit.win_probability_interval(0, 2)
    assert low < fit.win_probability(0, 2) < high
    assert fit.win_probability(0, 2) + fit.win_probability(2, 0) == pytest.approx(1)


def test_two_systems_and_nothing_else_give_the_interval_of_the_log_odds() -> None:
    """30 of 40 won: log 3 with standard error sqrt(1/30 + 1/10), times sqrt(40/39) for the leverages."""
    fit = bradley_terry([0] * 40, [1] * 40, [1] * 30 + [0] * 10, n_systems=2)
    error = np.sqrt((1 / 30 + 1 / 10) * 40 / 39)
    ends = special.expit(np.log(3) + np.array([-1, 1]) * 1.959963984540054 * error)
    assert fit.win_probability_interval(0, 1) == pytest.approx(ends, rel=1e-9)


def test_the_table_is_in_order_with_names_and_can_be_written() -> None:
    fit = boards()[0]
    rows = fit.table(names=["a", "b", "c"], base=0, scale=np.log(10))
    assert [row["rating"] for row in rows] == sorted(fit.log_strengths.tolist(), reverse=True)
    best = rows[0]
    code = "abc".index(best["system"])
    assert (best["rank"], best["rank_low"], best["rank_high"]) == (1, fit.rank_low[code], fit.rank_high[code])
    assert (best["rating_low"], best["rating_high"]) == pytest.approx((fit.low[code], fit.high[code]))
    assert best["votes"] == fit.n_votes[code]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(best))
    writer.writeheader()
    writer.writerows(rows)
    assert text.getvalue().startswith("rank,rank_low,rank_high,system,rating,rating_low,rating_high,votes")


def test_systems_without_votes_come_last_and_hold_nothing() -> None:
    fit = bradley_terry([1, 2, 1], [2, 1, 2], [1, 1, 1], n_systems=4)
    assert [row["system"] for row in fit.table()] == [1, 2, 0, 3]
    assert fit.table()[-1] == {
        **dict.fromkeys(("rank", "rank_low", "rank_high", "rating", "rating_low", "rating_high")),
        "system": 3,
        "votes": 0,
    }
    assert np.isnan(fit.win_probability_interval(0, 1)).all()
    nothing = bradley_terry([0], [1], [1], n_systems=2)
    assert [row["rating"] for row in nothing.table()] == [None, None]


@pytest.mark.parametrize("system", ["GPT 4", 1.5, None, 3, -1, True])
def test_what_is_no_system_is_refused_of_every_fit(system) -> None:
    for fit in boards():
        for ask in (fit.difference, fit.win_probability, fit.win_probability_interval):
            with pytest.raises(InputError, match="a system must be a code from 0 to 2"):
                ask(system, 0)
