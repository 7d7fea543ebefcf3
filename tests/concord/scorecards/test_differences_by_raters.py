"""Differences of people's answers where the people are a sample too."""

import numpy as np
import pytest

from concord.scorecards.services.comparing import compare_answers
from concord.stats import comparison
from tests.concord.scorecards.arrays import mean, rate, ratings


def answers(rng: np.random.Generator, raters: int, *, labels: bool) -> list[tuple[int, int, int, float]]:
    """60 examples, three raters each; every rater has a taste of their own for either system, which differ by nothing."""
    taste, hardness, rows = rng.normal(0, 0.4, (2, raters)), rng.normal(0, 1, 60), []
    for example in range(60):
        for rater in rng.permutation(raters)[:3]:
            for system in (0, 1):
                said = hardness[example] + taste[system, rater] + rng.normal(0, 0.7)
                rows.append((system + 1, example, int(rater), (1.0 if said > 0 else 2.0) if labels else said))
    return rows


@pytest.mark.parametrize(("raters", "labels"), [(6, False), (12, False), (12, True)])
def test_a_difference_covers_what_other_raters_would_say_against_simulation(raters, labels) -> None:
    """With raters as fixed, it covers 60 to 80 %."""
    rng, covered, fixed, repeats = np.random.default_rng(raters), 0, 0, 250
    plan = rate() if labels else mean(label_names={})
    for _ in range(repeats):
        rows = answers(rng, raters, labels=labels)
        found = compare_answers(ratings(rows), plan, (1, 2))(1, 2, 0.95)
        nobody = [(system, example, -1, value) for system, example, _, value in rows]
        alone = compare_answers(ratings(nobody), plan, (1, 2))(1, 2, 0.95)
        covered += found.low <= 0 <= found.high
        fixed += alone.low <= 0 <= alone.high
    assert 0.915 <= covered / repeats <= 0.985
    assert fixed / repeats < 0.9


def test_the_method_says_whether_raters_are_a_sample() -> None:
    rows = answers(np.random.default_rng(0), 8, labels=False)
    plan = mean(label_names={})
    many = compare_answers(ratings(rows), plan, (1, 2))(1, 2, 0.95)
    few = compare_answers(ratings([(s, e, r % 4, v) for s, e, r, v in rows]), plan, (1, 2))(1, 2, 0.95)
    nobody = compare_answers(ratings([(s, e, -1, v) for s, e, _, v in rows]), plan, (1, 2))(1, 2, 0.95)
    assert many.method == "paired on examples, clustered by example and rater, t interval"
    assert few.method.endswith("; for these 4 raters")
    assert nobody.method.endswith("; raters not known")


def test_a_rater_who_is_lenient_to_all_systems_alike_widens_nothing() -> None:
    """Everybody judges both systems on every example, so leniency cancels and only what they see differently counts."""
    rng = np.random.default_rng(2)
    lenient, own = rng.normal(0, 5, 10), rng.normal(0, 1, (2, 40, 10))
    rows = [(s + 1, e, r, own[s, e, r] + lenient[r]) for s in (0, 1) for e in range(40) for r in range(10)]
    found = compare_answers(ratings(rows), mean(label_names={}), (1, 2))(1, 2, 0.95)
    assert found.standard_error < 0.15


def test_a_difference_by_raters_is_the_two_way_clustered_paired_one() -> None:
    """One rater an example, both systems: the difference of each example belongs to one rater."""
    rng = np.random.default_rng(7)
    first, second = rng.normal(0, 1, 40), rng.normal(0, 1, 40)
    rows = [(s, e, e % 8, v) for s, side in ((1, first), (2, second)) for e, v in enumerate(side)]
    found = compare_answers(ratings(rows), mean(label_names={}), (1, 2))(1, 2, 0.95)
    direct = comparison.paired_difference(first, second, clusters=np.arange(40), clusters2=np.arange(40) % 8)
    assert (found.value, found.standard_error) == pytest.approx(
        (direct.value, direct.standard_error), rel=1e-3
    )
    assert found.df == pytest.approx(direct.df)


def test_of_rare_events_the_exact_test_stands_beside_raters() -> None:
    """Six labels differ, all one way: 2 / 2**6 by McNemar, and no p-value below that whatever the raters show."""
    rows = [(1, e, e % 6, 1.0 if e < 6 else 2.0) for e in range(60)] + [(2, e, e % 6, 2.0) for e in range(60)]
    found = compare_answers(ratings(rows), rate(), (1, 2))(1, 2, 0.95)
    assert found.p_value >= 2 / 2**6
    assert found.low <= 0.1 <= found.high
