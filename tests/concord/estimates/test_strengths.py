"""Strengths from votes on few prompts by several raters."""

import math

import numpy as np
import pytest
from scipy import stats

from concord.estimates.enums import Direction, Scope
from concord.estimates.families import rank_ranges
from concord.estimates.observations import observe
from concord.estimates.strengths import (
    Votes,
    order_by_strength,
    strength_contrasts,
    strength_family,
    strengths,
    unplaced,
    votes,
    win_rate,
    win_rate_over_opponents,
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


def test_votes_are_positions_of_systems_in_the_order_asked_for() -> None:
    """System 7 stands first: its place is 0, whatever its number; comparisons with systems not asked for are left out."""
    rows = [(2, 7, 0, 4, 1.0), (7, 5, 1, -1, 2.0), (5, 2, 2, 4, 3.0), (9, 2, 3, 4, 1.0), (2, 9, 3, 4, 1.0)]
    found = votes(answers.votes([*rows, (2, 5, 4, 4, 8.0)]), answers.preference(), (7, 2, 5))
    told = sorted(
        zip(
            found.examples.tolist(),
            found.left.tolist(),
            found.right.tolist(),
            found.outcome.tolist(),
            strict=True,
        )
    )
    assert told == [(0, 1, 0, 1.0), (1, 0, 2, 0.5), (2, 2, 1, 0.0)]
    assert found.systems == (7, 2, 5)
    assert sorted(found.raters.tolist()) == [-1, 4, 4]
    machine = votes(answers.verdicts([(2, 7, 0, 1.0)]), answers.preference(), (7, 2))
    assert machine.raters.tolist() == [-2]


def test_a_pair_judged_twice_from_either_side_is_one_unit() -> None:
    rows = [(1, 2, 0, 0, 1.0), (2, 1, 0, 1, 3.0), (1, 2, 1, 0, 1.0), (1, 3, 0, 0, 3.0)]
    found = votes(answers.votes(rows), answers.preference(), (1, 2, 3))
    assert len(np.unique(found.units)) == 3
    fit = strengths(found, scope=THESE, confidence=0.95)
    made = {
        (one.system, one.against): one.figure.n for one in strength_contrasts(fit, [(1, 2), (1, 3), (2, 3)])
    }
    assert made == {(1, 2): 2, (1, 3): 1, (2, 3): 0}


@pytest.mark.parametrize(
    ("examples", "clusters"),
    [([0, 1, 2, 3], ""), ([0, 0, 0, 0], ""), ([0, 0, 1, 1], "example"), ([0, 0, 1, 2], "example")],
)
def test_examples_are_clusters_where_some_have_several_votes_and_there_are_several(
    examples: list[int], clusters: str
) -> None:
    cast = Votes(
        systems=(1, 2),
        left=np.zeros(4, dtype=np.int64),
        right=np.ones(4, dtype=np.int64),
        outcome=np.array([1.0, 0.0, 1.0, 1.0]),
        units=np.arange(4),
        examples=np.array(examples),
        raters=np.array([0, 1, 0, 1]),
    )
    found = strengths(cast, scope=THESE, confidence=0.9)
    assert found.clustered_by == clusters
    assert found.method.endswith(f"clustered by {clusters}" if clusters else "every vote independent")
    both = strengths(cast, scope=OTHERS, confidence=0.9)
    assert both.clustered_by == " and ".join(["rater", *([clusters] if clusters else [])])
    fixed = strengths(cast, scope=OTHERS, confidence=0.9, these_examples=True)
    assert fixed.clustered_by == "rater"
    strength = found.strength(0)
    assert strength.value == pytest.approx(math.log(3) / 2)
    assert (strength.n, strength.confidence, strength.population.words) == (4, 0.9, "for these 2 raters")


def test_a_difference_of_strengths_has_the_error_of_log_odds() -> None:
    """Two systems, independent votes: the log odds of 30 wins and 20 losses have variance 1/30 + 1/20."""
    cast = votes(
        answers.votes([(1, 2, e, e, 1.0 if e < 30 else 3.0) for e in range(50)]), answers.preference(), (1, 2)
    )
    found = strengths(cast, scope=THESE, confidence=0.95)
    [one] = strength_contrasts(found, [(2, 1)], block=3)
    assert one.figure.value == pytest.approx(-math.log(1.5))
    assert one.figure.standard_error == pytest.approx(math.sqrt(1 / 30 + 1 / 20), rel=0.03)
    assert (one.figure.n, one.figure.estimator) == (50, "ranking.bradley_terry")
    assert one.influence is not None
    assert np.square(one.influence.values).sum() == pytest.approx(one.figure.standard_error**2, rel=1e-6)
    assert one.influence.examples.max() < -3_000_000
    assert len(set(one.influence.examples.tolist())) == len(one.influence.examples)


def test_the_order_is_by_strength_from_the_better_end() -> None:
    rows = [(1, 2, e, e, 1.0 if e % 3 else 3.0) for e in range(30)]
    rows += [(2, 3, 50 + e, e, 1.0 if e % 4 else 3.0) for e in range(30)]
    found = strengths(
        votes(answers.votes(rows), answers.preference(), (3, 2, 1)), scope=THESE, confidence=0.95
    )
    assert order_by_strength(found, Direction.HIGHER) == [1, 2, 3]
    assert order_by_strength(found, Direction.LOWER) == [3, 2, 1]


def test_a_win_rate_over_opponents_counts_each_opponent_the_same() -> None:
    """Nine wins of ten against one, one of two against another: 0.7, not 10 of 12."""
    rows = [(1, 2, e, e % 4, 1.0 if e else 3.0) for e in range(10)] + [
        (1, 3, 20 + e, e, 1.0 if e else 3.0) for e in range(2)
    ]
    question = answers.preference()
    observed = observe(answers.votes(rows), question).readable().of(1)
    over = win_rate_over_opponents(observed, question, scope=THESE)
    assert over.value == pytest.approx((0.9 + 0.5) / 2)
    assert (over.n, over.method) == (12, "mean of win rates over opponents, clustered by example")
    assert win_rate(observed, question, scope=THESE).value == pytest.approx(10 / 12)
    nobody = win_rate_over_opponents(observed.of(9), question, scope=THESE)
    assert nobody.undefined == "nobody judged an output of this system"
    others = win_rate_over_opponents(observed, question, scope=OTHERS)
    assert others.method.endswith("clustered by example and rater")


def test_systems_with_votes_of_few_clusters_are_named() -> None:
    rows = [(1, 2, e, e, 1.0 if e % 2 else 3.0) for e in range(20)]
    rows += [(2, 3, 100 + e // 10, e, 1.0 if e % 3 else 3.0) for e in range(30)]
    found = strengths(
        votes(answers.votes(rows), answers.preference(), (1, 2, 3)), scope=THESE, confidence=0.95
    )
    assert found.few_clusters == [3]
