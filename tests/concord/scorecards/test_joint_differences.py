"""Differences of people and machine together: systems share examples, and so do judged and unjudged pairs."""

from itertools import combinations

import numpy as np
import pytest

from concord.scorecards.services.comparing import compare_joint
from concord.scorecards.services.compute import one_dimension
from concord.scorecards.services.join import both_sides, joined
from concord.scorecards.services.powered import Part, powered_difference, powered_mean
from concord.stats import joint
from tests.concord.scorecards.arrays import dimension, mean, preference, ratings, scores, verdicts, votes


def part(labels, machine, examples, judged) -> Part:
    """One person's label of every judged item."""
    at, rest = np.flatnonzero(judged), np.flatnonzero(~judged)
    return Part(
        labels=labels[at],
        machine=machine[at],
        examples=examples[at],
        answers=labels[at],
        answered=np.arange(len(at)),
        raters=np.zeros(len(at), dtype=np.int64),
        rest=machine[rest],
        rest_examples=examples[rest],
    )


def two_systems(rng: np.random.Generator, *, judged_alike: bool) -> list[tuple[float, Part]]:
    """Examples vary three times as much as answers to one of them; the first system is better by .3."""
    n, judged, hardness = 600, 100, rng.normal(0, 1.5, 600)
    first = rng.permutation(n) < judged
    found = []
    for sign, level in ((1.0, 0.3), (-1.0, 0.0)):
        label = hardness + level + rng.normal(0, 0.5, n)
        machine = 0.8 * label + rng.normal(0, 0.4, n) + 0.3
        chosen = first if judged_alike else rng.permutation(n) < judged
        found.append((sign, part(label, machine, np.arange(n), chosen)))
    return found


@pytest.mark.parametrize(("judged_alike", "shorter"), [(True, 0.55), (False, 0.7)])
def test_systems_that_share_examples_are_told_apart_against_simulation(judged_alike, shorter) -> None:
    """The interval covers, and is much shorter than that of two independent errors."""
    rng, covered, ratio, repeats = np.random.default_rng(8), 0, [], 400
    for _ in range(repeats):
        parts = two_systems(rng, judged_alike=judged_alike)
        found = powered_difference(parts[0][1], parts[1][1], share=False, confidence=0.95)
        alone = [powered_mean(each, share=False, confidence=0.95).standard_error for _, each in parts]
        covered += found.low <= 0.3 <= found.high
        ratio.append(found.standard_error / np.hypot(*alone))
    assert 0.925 <= covered / repeats <= 0.98
    assert np.mean(ratio) < shorter


def test_where_both_are_judged_on_the_same_examples_it_is_the_paired_estimate() -> None:
    (_, a), (_, b) = two_systems(np.random.default_rng(3), judged_alike=True)
    found = powered_difference(a, b, share=False, confidence=0.95)
    paired = joint.prediction_powered_difference(
        a.labels, b.labels, a.machine, b.machine, a.rest, b.rest, confidence=0.95
    )
    assert found.value == pytest.approx(paired.value)
    assert found.standard_error == pytest.approx(paired.standard_error, rel=0.01)
    assert found.weight == pytest.approx(paired.lam)


def head_to_head(rng: np.random.Generator, *, examples: int, systems: int, judged: float):
    """People's votes on a share of all pairs of every example, a judge's verdict on all; no system is better."""
    people, machine = [], []
    for example in range(examples):
        form = rng.normal(0, 1, systems)
        for left, right in combinations(range(systems), 2):
            chance = 1 / (1 + np.exp(-2 * (form[left] - form[right])))
            vote = rng.random() < chance
            verdict = vote if rng.random() < 0.8 else rng.random() < chance
            if rng.random() < judged:
                people.append((left + 1, right + 1, example, 0, 1.0 if vote else 3.0))
            machine.append((left + 1, right + 1, example, 1.0 if verdict else 3.0))
    return both_sides(votes(people), verdicts(machine), preference(), tuple(range(1, systems + 1)))


@pytest.mark.parametrize(("examples", "systems"), [(200, 2), (40, 4)])
def test_win_rates_of_systems_that_met_each_other_against_simulation(examples, systems) -> None:
    """What one wins the other loses: independent errors would be too short, and cover 82 % for two systems."""
    rng, covered, repeats = np.random.default_rng(4), 0, 200
    for _ in range(repeats):
        sides = head_to_head(rng, examples=examples, systems=systems, judged=0.3)
        found = compare_joint(sides, preference())(1, 2, 0.95)
        covered += found.low <= 0 <= found.high
    assert 0.91 <= covered / repeats <= 0.99


def test_one_win_rate_whose_examples_have_judged_and_unjudged_pairs_against_simulation() -> None:
    """Taken as different examples, these intervals cover 89 %."""
    rng, covered, repeats = np.random.default_rng(5), 0, 200
    for _ in range(repeats):
        sides = head_to_head(rng, examples=40, systems=5, judged=0.5)
        found = joined({1: sides[1]}, preference())[1]
        covered += found["low"] <= 0.5 <= found["high"]
    assert 0.915 <= covered / repeats <= 0.99


def test_a_joint_figure_takes_enough_raters_as_a_sample_and_says_so() -> None:
    rng = np.random.default_rng(1)
    taste, quality = rng.normal(0, 0.5, 12), rng.normal(3, 1, 300)
    rows = [
        (1, e, r, quality[e] + taste[r] + rng.normal(0, 0.3))
        for e in range(60)
        for r in (e % 12, (e + 5) % 12)
    ]
    machine = scores([(1, e, quality[e] + rng.normal(0, 0.3)) for e in range(300)])
    plan = mean(label_names={})
    many = joined(both_sides(ratings(rows), machine, plan, (1,)), plan)[1]
    few = joined(both_sides(ratings([(s, e, r % 3, v) for s, e, r, v in rows]), machine, plan, (1,)), plan)[1]
    assert "clustered by example and rater" in many["method"]
    assert "for these 3 raters" in few["method"]
    assert many["standard_error"] > 1.3 * few["standard_error"]


def test_the_table_of_joint_differences_is_adjusted_for_all_of_them() -> None:
    rng = np.random.default_rng(6)
    people, machine = [], []
    for e in range(200):
        for s in (1, 2, 3):
            quality = rng.normal(0, 0.2) + 3 + (e % 7) / 3 + (s == 3)
            machine.append((s, e, quality + rng.normal(0, 0.2)))
            if e < 60:
                people.append((s, e, 0, quality))
    found = one_dimension(
        dimension(mean(label_names={}), ratings(people), scores(machine)), (1, 2, 3), baseline=None
    )
    rows = found["differences"]["rows"]
    assert found["standing"]["side"] == "joint"
    assert found["standing"]["better_than"] == [1, 2] or found["standing"]["better_than"] == [2, 1]
    assert len(rows) == 3
    assert all(row["p_adjusted"] >= row["p_value"] for row in rows)
    assert all("on the examples of both" in row["method"] for row in rows)
    one = compare_joint(
        both_sides(ratings(people), scores(machine), mean(label_names={}), (1, 2, 3)), mean(label_names={})
    )(1, 2, 0.95)
    assert rows[0]["high"] - rows[0]["low"] > one.high - one.low


def test_the_p_value_of_systems_on_different_examples_is_that_of_their_interval() -> None:
    """One rater, 40 examples of each system: -1.17 [-1.42, -.91] was said with p = .125, and "cannot tell"."""
    rng = np.random.default_rng(3)
    parts = []
    for level, first in ((2.5, 0), (3.6, 1000)):
        label = np.clip(np.round(rng.normal(level, 1, 400)), 1, 5)
        machine = np.clip(np.round(label + rng.normal(0, 0.5, 400)), 1, 5)
        parts.append(part(label, machine, first + np.arange(400), np.arange(400) < 40))
    for confidence in (0.5, 0.9, 0.95, 0.9999):
        found = powered_difference(*parts, share=False, confidence=confidence)
        assert (found.p_value < 1 - confidence) == (not found.low <= 0 <= found.high)
    assert found.p_value < 1e-6
    assert found.statistic == pytest.approx(found.value / found.standard_error)
