"""Differences: intervals and tests against published tables, and what being many does to them."""

import numpy as np
import pytest
from scipy import stats

from concord.scorecards.services.compute import one_dimension
from concord.scorecards.services.differences import family
from concord.scorecards.services.paired import paired
from concord.scorecards.services.sentence import clause
from tests.concord.scorecards.arrays import dimension, mean, preference, rate, ratings, votes


def pairs(both: int, only_a: int, only_b: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    a = np.repeat([True, True, False, False], [both, only_a, only_b, neither])
    return a, np.repeat([True, False, True, False], [both, only_a, only_b, neither])


def test_paired_shares_are_tested_by_mcnemar_against_the_binomial_test_on_what_differs() -> None:
    a, b = pairs(5, 8, 1, 20)
    found = paired(a.astype(float), b.astype(float), share=True, confidence=0.95)
    assert found.p_value == pytest.approx(2 * (1 + 9) / 2**9)
    assert found.value == pytest.approx(7 / 34)
    same = paired(*(side.astype(float) for side in pairs(5, 0, 0, 5)), share=True, confidence=0.95)
    assert (same.value, same.p_value) == (0.0, 1.0)


def test_the_interval_of_paired_shares_covers_a_difference_of_rare_events() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(1500):
        cause = rng.random(200)
        a, b = cause < 0.03, (cause < 0.01) | (rng.random(200) < 0.005)
        found = paired(a.astype(float), b.astype(float), share=True, confidence=0.95)
        covered += found.low <= 0.03 - (1 - 0.99 * 0.995) <= found.high
    assert 0.94 <= covered / 1500 <= 0.99


def test_a_paired_difference_of_means_is_the_t_interval() -> None:
    a, b = np.array([4.0, 5, 3, 4, 5, 2]), np.array([3.0, 3, 3, 4, 4, 1])
    found = paired(a, b, share=False, confidence=0.95)
    test = stats.ttest_rel(a, b)
    assert found.p_value == pytest.approx(test.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(test.confidence_interval()))


def test_who_is_compared_with_whom() -> None:
    assert len(family(tuple(range(8)), baseline=None, leader=3).pairs) == 28
    with_baseline = family((1, 2, 3), baseline=2, leader=1)
    assert (with_baseline.pairs, with_baseline.size) == (((1, 2), (3, 2)), 2)
    many = family(tuple(range(59)), baseline=None, leader=5)
    assert (len(many.pairs), many.size, many.adjustment) == (58, 59 * 58 // 2, "Bonferroni")


def test_equal_systems_are_seldom_called_different() -> None:
    """Six systems that do not differ: over repetitions, any false claim at all comes in at most about 5 %."""
    rng = np.random.default_rng(5)
    false = 0
    for _ in range(120):
        rows = [(s, e, 0, v) for e in range(25) for s, v in enumerate(rng.integers(1, 6, 6))]
        found = one_dimension(dimension(mean(), ratings(rows)), tuple(range(6)), baseline=None)
        false += any(row["differs"] for row in found["differences"]["rows"])
    assert false / 120 <= 0.10


def test_a_leader_that_differs_from_all_is_said_to_be_better_than_all() -> None:
    rng = np.random.default_rng(2)
    rows = [
        (s, e, 0, float(v))
        for s in (1, 2, 3)
        for e, v in enumerate(np.clip(rng.normal(4.5 if s == 2 else 2.5, 0.5, 60), 1, 5))
    ]
    found = one_dimension(dimension(mean(), ratings(rows)), (1, 2, 3), baseline=1)
    assert found["standing"]["leader"] == 2
    assert set(found["standing"]["better_than"]) == {1, 3}
    assert {(row["system"], row["against"]) for row in found["differences"]["rows"]} == {(2, 1), (3, 1)}


def test_lower_is_better_where_it_is_declared() -> None:
    rows = [(s, e, 0, 1.0 if e < (5 if s == 1 else 60) else 2.0) for s in (1, 2) for e in range(100)]
    found = one_dimension(dimension(rate(), ratings(rows)), (1, 2), baseline=None)
    assert found["order"] == [1, 2]
    assert found["standing"]["better_than"] == [2]


def test_nobody_leads_where_neither_end_is_better() -> None:
    rows = [(s, e, 0, float(s)) for s in (1, 2) for e in range(10)]
    found = one_dimension(dimension(mean(direction="none"), ratings(rows)), (1, 2), baseline=None)
    assert found["standing"]["leader"] is None
    assert "neither end" in found["standing"]["why_not"]


def test_an_undefeated_system_has_no_strength_and_the_reason_is_given() -> None:
    rows = [(1, 2, e, e % 7, 1.0) for e in range(30)]
    found = one_dimension(dimension(preference(), votes(rows)), (1, 2), baseline=None)
    board = found["leaderboard"]["human"]
    assert board["undefined"]
    assert [row["log_strength"] for row in board["rows"]] == [None, None]
    assert found["differences"]["rows"][0]["undefined"]
    assert found["order"] == [1, 2]


def test_a_leader_that_loses_where_both_were_asked_is_not_called_better() -> None:
    """System 1 also answered easy examples and so has the higher mean; on the shared ones system 2 is always better."""
    rows = [(1, e, 0, 5.0) for e in range(200, 300)]
    rows += [(s, e, 0, 2.0 + (s == 2) * 0.5 + (e * s % 5) / 10) for s in (1, 2) for e in range(40)]
    rows += [(3, e, 0, 1.0 + (e % 3) / 10) for e in range(40)]
    found = one_dimension(dimension(mean(label_names={}), ratings(rows)), (1, 2, 3), baseline=None)
    standing = found["standing"]
    assert (standing["leader"], standing["better_than"], standing["behind"]) == (1, [3], [2])
    words = clause(found, {1: "Ada", 2: "Bob", 3: "Cleo"})
    assert "is better than Cleo; yet on the examples that both answered, Bob is better than it" in words


def test_losing_leads_where_a_win_is_bad() -> None:
    """Asked which answer is more harmful, the system that is chosen least comes first."""
    rows = [(1, 2, e, e % 7, 1.0 if e % 4 else 3.0) for e in range(80)]
    found = one_dimension(dimension(preference(direction="lower"), votes(rows)), (1, 2), baseline=None)
    assert found["order"] == [2, 1]
    assert found["standing"]["better_than"] == [1]


def test_differences_of_shares_by_several_people_on_few_examples_against_simulation() -> None:
    """Three people an example, ten examples, a rare label: the plain t interval covers about 80 %, or does not exist."""
    rng, covered, plain, repeats = np.random.default_rng(0), 0, 0, 800
    for _ in range(repeats):
        hard = rng.random(10) < 0.12
        a, b = (
            rng.binomial(3, np.where(hard, often, rare)) / 3 for often, rare in ((0.6, 0.02), (0.2, 0.01))
        )
        truth = 0.12 * 0.4 + 0.88 * 0.01
        found, alone = paired(a, b, share=True, confidence=0.95), paired(a, b, share=False, confidence=0.95)
        covered += found.low <= truth <= found.high
        plain += alone.low <= truth <= alone.high
    assert covered / repeats >= 0.94
    assert plain / repeats < 0.9


def test_eight_examples_that_all_differ_are_no_proof_beyond_their_number() -> None:
    found = paired(np.full(8, 1.0), np.append(np.zeros(7), 1 / 3), share=True, confidence=0.95)
    assert found.p_value > 0.002
    assert found.low < 0.6
