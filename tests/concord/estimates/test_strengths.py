"""Strengths from votes on few prompts by several raters."""

import math

import numpy as np
import pytest
from scipy import stats

from concord.estimates.enums import Direction, Scope
from concord.estimates.families import rank_ranges
from concord.estimates.strengths import (
    Votes,
    order_by_strength,
    strength_contrasts,
    strength_family,
    strengths,
    unplaced,
    votes,
)
from tests.concord.estimates import answers

OTHERS, THESE = Scope.OTHER_RATERS, Scope.THESE_RATERS


def cast(rng: np.random.Generator, *, examples: int, raters: int, systems: int, n: int) -> Votes:
    """No system is better, but each is on some prompts and for some raters."""
    prompt, taste = rng.normal(0, 0.6, (examples, systems)), rng.normal(0, 0.3, (raters, systems))
    left = rng.integers(systems, size=n)
    right = (left + rng.integers(1, systems, size=n)) % systems
    example, rater = rng.integers(examples, size=n), rng.integers(raters, size=n)
    gap = prompt[example, left] - prompt[example, right] + taste[rater, left] - taste[rater, right]
    outcome = (rng.random(n) < 1 / (1 + np.exp(-gap))).astype(float)
    return Votes(
        systems=tuple(range(systems)),
        left=left,
        right=right,
        outcome=outcome,
        units=np.arange(n),
        examples=example,
        raters=rater,
    )


def test_differences_of_strengths_cover_other_prompts_and_raters_against_simulation() -> None:
    """Clustered by rater alone they cover about 75 %."""
    rng, covered, repeats = np.random.default_rng(0), 0, 150
    for _ in range(repeats):
        votes = cast(rng, examples=25, raters=30, systems=6, n=1500)
        found = strengths(votes, scope=OTHERS, confidence=0.95)
        both = strength_contrasts(found, [(0, 1)])[0].figure
        covered += abs(both.value) <= stats.t.ppf(0.975, both.df) * both.standard_error
    assert 0.89 <= covered / repeats <= 0.995


def test_ranks_stay_open_where_only_the_prompts_differ() -> None:
    votes = cast(np.random.default_rng(1), examples=8, raters=40, systems=5, n=4000)
    open_ranks = []
    for fixed in (False, True):
        found = strengths(votes, scope=OTHERS, confidence=0.95, these_examples=fixed)
        told = strength_family(found, 0.95).differences
        ranges = rank_ranges(told, votes.systems, Direction.HIGHER)
        open_ranks.append(sum(high - low for low, high in ranges.values()))
    assert open_ranks[0] > open_ranks[1]


def test_what_one_prompt_alone_says_of_a_system_has_no_interval() -> None:
    votes = cast(np.random.default_rng(3), examples=20, raters=9, systems=3, n=900)
    stray = np.arange(30)
    more = Votes(
        systems=(0, 1, 2, 3),
        units=np.arange(930),
        left=np.append(votes.left, np.full(30, 3)),
        right=np.append(votes.right, stray % 3),
        outcome=np.append(votes.outcome, stray % 2),
        examples=np.append(votes.examples, np.full(30, 7)),
        raters=np.append(votes.raters, stray % 9),
    )
    found = strengths(more, scope=OTHERS, confidence=0.95)
    assert found.fit.lone_groups() == ((0, 1, 2), (3,))
    alone, together = strength_contrasts(found, [(0, 3), (0, 1)])
    assert (alone.testable, together.testable) == (False, True)
    told = strength_family(found, 0.95)
    assert (told.size, told.untested) == (3, 3)


def test_on_the_examples_judged_only_raters_are_a_sample() -> None:
    votes = cast(np.random.default_rng(1), examples=8, raters=40, systems=5, n=4000)
    others, here = (
        strengths(votes, scope=OTHERS, confidence=0.95, these_examples=fixed) for fixed in (False, True)
    )
    assert (here.fit.standard_error < others.fit.standard_error).all()
    assert here.clustered_by == "rater"


@pytest.mark.parametrize("raters", [3, 30])
@pytest.mark.parametrize(("scope", "by"), [(THESE, "example"), (OTHERS, "rater and example")])
def test_what_the_votes_are_clustered_by_follows_the_scope_and_not_the_number_of_raters(
    raters: int, scope: Scope, by: str
) -> None:
    votes = cast(np.random.default_rng(2), examples=30, raters=raters, systems=3, n=600)
    assert strengths(votes, scope=scope, confidence=0.95).clustered_by == by


def test_n_of_a_difference_counts_pairs_that_met_and_not_both_sides() -> None:
    """36 pairs of Ada and Bob, each voted on by two people: 36 pairs, not 72 votes nor 144 for both."""
    rows = [(1, 2, e, r, 1.0 if (e + r) % 3 else 3.0) for e in range(36) for r in (0, 1)]
    rows += [(2, 3, e, 0, 1.0 if e % 2 else 3.0) for e in range(20)]
    cast_ = votes(answers.votes(rows), answers.preference(), (1, 2, 3))
    found = strengths(cast_, scope=THESE, confidence=0.95)
    met = {
        (one.system, one.against): one.figure.n for one in strength_contrasts(found, [(1, 2), (2, 3), (1, 3)])
    }
    assert met == {(1, 2): 36, (2, 3): 20, (1, 3): 0}


def test_groups_that_never_met_are_not_ranked_and_are_named_once() -> None:
    rows = [(1, 2, e, e % 5, 1.0 if e % 3 else 3.0) for e in range(30)]
    rows += [(3, 4, e, e % 5, 1.0 if e % 4 else 3.0) for e in range(30)]
    cast_ = votes(answers.votes(rows), answers.preference(), (1, 2, 3, 4))
    found = strengths(cast_, scope=THESE, confidence=0.95)
    assert unplaced(found).never_compared == ((1, 2), (3, 4))
    assert order_by_strength(found, Direction.HIGHER) == []
    across = strength_contrasts(found, [(1, 3)])[0]
    assert across.figure.undefined


def test_an_undefeated_newcomer_leaves_the_others_their_strengths() -> None:
    ring = [(5, 6), (6, 7), (7, 5), (5, 6)] * 10
    rows = [(left, right, e, e % 9, 1.0) for e, (left, right) in enumerate([*ring, (8, 5), (8, 6)])]
    cast_ = votes(answers.votes(rows), answers.preference(), (5, 6, 7, 8))
    found = strengths(cast_, scope=THESE, confidence=0.95)
    apart = unplaced(found)
    assert [(one.system, one.votes) for one in apart.undefeated] == [(8, 2)]
    assert math.isfinite(apart.undefeated[0].end)
    assert order_by_strength(found, Direction.HIGHER) == [5, 7, 6, 8]
    assert found.strength(3).undefined
    assert found.strength(0).has_interval
