"""Strengths from votes on few prompts by several raters."""

from typing import Any

import numpy as np
import pytest
from django.template.loader import render_to_string

from annotation.selectors.strengths import Votes, strengths
from concord.scorecards.services.compute import one_dimension
from tests.concord.scorecards import arrays


def cast(rng: np.random.Generator, *, examples: int, raters: int, systems: int, n: int) -> Votes:
    """No system is better, but each is on some prompts and for some raters."""
    prompt, taste = rng.normal(0, 0.6, (examples, systems)), rng.normal(0, 0.3, (raters, systems))
    left = rng.integers(systems, size=n)
    right = (left + rng.integers(1, systems, size=n)) % systems
    example, rater = rng.integers(examples, size=n), rng.integers(raters, size=n)
    gap = prompt[example, left] - prompt[example, right] + taste[rater, left] - taste[rater, right]
    outcome = (rng.random(n) < 1 / (1 + np.exp(-gap))).astype(float)
    return Votes(left=left, right=right, outcome=outcome, examples=example, raters=rater)


def test_differences_of_strengths_cover_other_prompts_and_raters_against_simulation() -> None:
    """Clustered by rater alone they cover about 75 %."""
    rng, covered, repeats = np.random.default_rng(0), 0, 150
    for _ in range(repeats):
        found = strengths(cast(rng, examples=25, raters=30, systems=6, n=1500), 6, confidence=0.95)
        both = found.difference(0, 1, 0.95)
        covered += both.low <= 0 <= both.high
    assert 0.89 <= covered / repeats <= 0.995


def test_ranks_stay_open_where_only_the_prompts_differ() -> None:
    votes = cast(np.random.default_rng(1), examples=8, raters=40, systems=5, n=4000)
    both, alone = (strengths(votes, 5, confidence=0.95, these_examples=fixed).fit for fixed in (False, True))
    assert (both.rank_low <= alone.rank_low).all()
    assert (both.rank_high >= alone.rank_high).all()
    assert (both.rank_high - both.rank_low).sum() > (alone.rank_high - alone.rank_low).sum()


@pytest.mark.parametrize(("examples", "raters"), [(8, 40), (60, 7)])
def test_the_fewer_clusters_give_the_degrees_of_freedom(examples: int, raters: int) -> None:
    """As for means. Mixed from both, equal systems with the votes of LLMFAO differed in 22 studies of 100, with these in none.

    Votes are spread evenly here: a system's clusters count for nearly as many as there are.
    """
    votes = cast(np.random.default_rng(3), examples=examples, raters=raters, systems=4, n=1500)
    found = strengths(votes, 4, confidence=0.95)
    fewest, df = min(examples, raters) - 1, found.fit.system_df
    assert ((df > 0.9 * fewest) & (df <= fewest)).all()
    assert found.difference(0, 1, 0.95).df == df[:2].min()


def test_a_difference_at_another_confidence() -> None:
    found = strengths(
        cast(np.random.default_rng(3), examples=20, raters=9, systems=4, n=800), 4, confidence=0.95
    )
    same, wider, given = (
        found.difference(0, 1, 0.95),
        found.difference(0, 1, 0.99),
        found.fit.difference(0, 1),
    )
    assert (same.low, same.high, same.p_value) == pytest.approx((given.low, given.high, given.p_value))
    assert (wider.p_value, wider.confidence) == (same.p_value, 0.99)
    assert wider.low < same.low < same.high < wider.high


def test_what_one_prompt_alone_says_of_a_system_has_no_interval() -> None:
    votes = cast(np.random.default_rng(3), examples=20, raters=9, systems=3, n=900)
    stray = np.arange(30)
    more = Votes(
        left=np.append(votes.left, np.full(30, 3)),
        right=np.append(votes.right, stray % 3),
        outcome=np.append(votes.outcome, stray % 2),
        examples=np.append(votes.examples, np.full(30, 7)),
        raters=np.append(votes.raters, stray % 9),
    )
    found = strengths(more, 4, confidence=0.95)
    assert found.fit.lone_groups() == ((0, 1, 2), (3,))
    assert np.isnan(found.difference(0, 3, 0.95).high)
    assert np.isfinite(found.difference(0, 1, 0.95).high)


def test_on_the_examples_judged_only_raters_are_a_sample() -> None:
    votes = cast(np.random.default_rng(1), examples=8, raters=40, systems=5, n=4000)
    others, here = (strengths(votes, 5, confidence=0.95, these_examples=fixed) for fixed in (False, True))
    assert (here.fit.standard_error < others.fit.standard_error).all()
    assert here.method.endswith("clustered by rater; for these 8 examples")


@pytest.mark.parametrize(("raters", "by"), [(3, "example; for these 3 raters"), (30, "rater and example")])
def test_what_the_votes_are_clustered_by(raters: int, by: str) -> None:
    votes = cast(np.random.default_rng(2), examples=30, raters=raters, systems=3, n=600)
    assert strengths(votes, 3, confidence=0.95).method == f"sandwich, clustered by {by}"


def newcomers(votes: list[tuple[int, int, float]]) -> dict[str, Any]:
    """The leaderboard's dimension for votes of nine raters on examples of their own: rows of (left, right, 1 for left)."""
    systems = tuple(sorted({one for left, right, _ in votes for one in (left, right)}))
    rows = [(left, right, e, e % 9, 1.0 if won else 3.0) for e, (left, right, won) in enumerate(votes)]
    people = arrays.votes(rows)
    return one_dimension(arrays.dimension(arrays.preference(), people), systems, baseline=None)


def test_an_undefeated_newcomer_leaves_the_others_on_the_leaderboard_and_leads_nothing() -> None:
    ring = [(5, 6, 1.0), (6, 7, 1.0), (7, 5, 1.0), (5, 6, 1.0)] * 10
    found = newcomers([*ring, (8, 5, 1.0), (8, 6, 1.0)])
    board = found["leaderboard"]["human"]
    assert [row["system"] for row in board["rows"]] == [8, 5, 7, 6]
    assert [row["rank"] for row in board["rows"]] == [None, 1, 2, 3]
    assert [(one["system"], one["votes"]) for one in board["undefeated"]] == [(8, 2)]
    assert board["undefeated"][0]["end"] < 0
    assert (board["undefined"], board["never_compared"]) == (None, [])
    assert board["rows"][0]["undefined"] == "the system has not lost yet: no finite strength"
    assert found["standing"]["leader"] == 5
    assert 8 in found["standing"]["not_told_from"]
    shown = render_to_string(
        "components/unplaced.html", {"board": {"undefeated": [{"name": "Newt", "votes": 2, "end": -1.7}]}}
    )
    assert "Newt has not lost yet (2 votes): a log strength of at least" in shown


def test_groups_that_never_met_are_named_once_and_nobody_leads() -> None:
    found = newcomers([(5, 6, 1.0), (6, 5, 1.0), (5, 6, 1.0), (7, 8, 1.0), (8, 7, 1.0), (8, 7, 1.0)] * 10)
    board = found["leaderboard"]["human"]
    assert board["never_compared"] == [[5, 6], [7, 8]]
    assert [(row["system"], row["rank"]) for row in board["rows"]] == [(5, 1), (6, 2), (8, 1), (7, 2)]
    assert (found["order"], found["standing"]["leader"]) == ([], None)
    assert "never compared" in found["standing"]["why_not"]
    shown = render_to_string(
        "components/unplaced.html", {"board": {"never_compared": [["A", "B"], ["C", "D"], ["E"]]}}
    )
    assert "A, B were never compared, directly or through others, with C, D; nor with E" in shown
