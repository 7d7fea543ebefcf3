"""The difference of two systems: value, error, degrees of freedom, and what moves it."""

import math

import numpy as np
import pytest
from scipy import stats

from concord.estimates.contrasts import (
    Contrast,
    by_pair,
    contrasts,
    error_of_machine,
    every_pair,
    shared_items,
    t_of_p,
)
from concord.estimates.enums import Scope
from concord.estimates.families import family
from concord.estimates.observations import Items, observe
from concord.estimates.question import Question
from tests.concord.estimates.answers import mean, rate, ratings, scores

THESE, OTHERS = Scope.THESE_RATERS, Scope.OTHER_RATERS


def compared(rows: list[tuple[int, int, int, float]], question: Question, scope: Scope = THESE) -> Contrast:
    return contrasts(observe(ratings(rows), question).readable(), [(1, 2)], question, scope=scope)[0]


def test_means_on_shared_examples_are_paired_against_scipys_paired_t() -> None:
    a, b = np.array([4.0, 5, 3, 4, 5, 2]), np.array([3.0, 3, 3, 4, 4, 1])
    found = compared([(s, e, 0, v) for s, x in ((1, a), (2, b)) for e, v in enumerate(x)], mean()).figure
    reference = stats.ttest_rel(a, b)
    assert found.value / found.standard_error == pytest.approx(reference.statistic)
    assert (found.df, found.n) == (5, 6)


def test_means_on_different_examples_are_welchs_against_scipy() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.integers(1, 6, 20).astype(float), rng.integers(2, 6, 12).astype(float)
    rows = [(1, e, 0, v) for e, v in enumerate(a)] + [(2, 100 + e, 0, v) for e, v in enumerate(b)]
    found = compared(rows, mean()).figure
    reference = stats.ttest_ind(a, b, equal_var=False)
    assert found.value / found.standard_error == pytest.approx(reference.statistic)
    assert found.df == pytest.approx(reference.df)
    assert found.n == 32


def test_shares_have_one_example_more_each_way_against_bonett_and_price() -> None:
    """Their Wald interval of a paired difference with half an observation added to each cell: 2 examples that differ, n + 2."""
    rows = [(1, e, 0, 1.0 if e < 13 else 2.0) for e in range(34)]
    rows += [(2, e, 0, 1.0 if e < 5 or e == 33 else 2.0) for e in range(34)]
    found = compared(rows, rate())
    b, c, n = 8 + 1, 1 + 1, 34 + 2
    assert found.figure.value == pytest.approx(7 / 34)
    assert found.centre == pytest.approx((b - c) / n)
    wald = math.sqrt((b + c) / n**2 - (b - c) ** 2 / n**3)
    assert found.figure.standard_error == pytest.approx(wald, rel=0.02)


@pytest.mark.parametrize("labels", [(1.0, 1.0), (2.0, 1.0)])
def test_shares_that_never_vary_still_have_an_error(labels: tuple[float, float]) -> None:
    found = compared([(s, e, 0, labels[s - 1]) for s in (1, 2) for e in range(12)], rate())
    assert found.testable
    assert found.figure.standard_error > 0.05


def test_means_that_never_vary_have_no_test_and_say_why() -> None:
    found = compared([(s, e, 0, float(s)) for s in (1, 2) for e in range(12)], mean())
    assert not found.testable
    assert [note.code for note in found.figure.notes] == ["no_spread"]


def test_what_moves_a_contrast_adds_up_to_its_error() -> None:
    rng = np.random.default_rng(2)
    rows = [(s, e, r, float(rng.integers(1, 6))) for s in (1, 2) for e in range(30) for r in range(3)]
    found = compared(rows, mean())
    influence = found.influence
    assert influence is not None
    assert math.sqrt(30 / 29 * np.square(influence.values).sum()) == pytest.approx(
        found.figure.standard_error
    )


def test_what_raters_disagree_about_is_part_of_the_error_for_other_raters() -> None:
    """Each rater has systems of their own to like: for these raters that is no error, for others it is."""
    rng = np.random.default_rng(3)
    taste = rng.normal(0, 0.8, (3, 6))
    rows = [
        (s, e, r, 3 + taste[s, r] + rng.normal(0, 0.3)) for s in (1, 2) for e in range(40) for r in range(6)
    ]
    here, others = (compared(rows, mean(label_names={}), scope) for scope in (THESE, OTHERS))
    assert here.figure.value == pytest.approx(others.figure.value)
    assert others.figure.standard_error > 3 * here.figure.standard_error
    gaps = [taste[1, r] - taste[2, r] for r in range(6)]
    assert others.figure.standard_error == pytest.approx(np.std(gaps, ddof=1) / math.sqrt(6), rel=0.25)


def test_severity_alone_is_no_error_of_a_difference() -> None:
    """A rater who gives both systems a point less takes nothing from what is between them."""
    rng = np.random.default_rng(4)
    severity = rng.normal(0, 1.5, 6)
    rows = [
        (s, e, r, 3 + s + severity[r] + rng.normal(0, 0.5))
        for s in (1, 2)
        for e in range(40)
        for r in range(6)
    ]
    found = compared(rows, mean(label_names={}), OTHERS)
    assert found.figure.standard_error < 0.15


def test_a_system_without_answers_is_a_reason() -> None:
    found = compared([(1, e, 0, 3.0 + e % 2) for e in range(10)], mean())
    assert found.figure.undefined == "one of the two systems has no answers"


def test_the_machines_error_is_on_the_very_same_items() -> None:
    question = mean()
    people = observe(ratings([(1, e, r, 3.0 + (e + r) % 3) for e in range(20) for r in (0, 1)]), question)
    machine = observe(scores([(1, e, 4.0 + e % 2) for e in range(60)]), question)
    found = error_of_machine(1, people, machine, question).figure
    gaps = [4.0 + e % 2 - np.mean([3.0 + (e + r) % 3 for r in (0, 1)]) for e in range(20)]
    reference = stats.ttest_1samp(gaps, 0.0)
    assert found.value == pytest.approx(np.mean(gaps))
    assert found.value / found.standard_error == pytest.approx(reference.statistic)
    assert found.n == 20


def answered(
    own: dict[int, np.ndarray], first: dict[int, int] | None = None
) -> list[tuple[int, int, int, float]]:
    """Rows of each system's answers on examples counted from `first`, of one rater."""
    return [
        (s, (first or {}).get(s, 0) + e, 0, float(v))
        for s, values in own.items()
        for e, v in enumerate(values)
    ]


def test_a_contrast_says_of_whom_how_and_within_which_bounds() -> None:
    rng = np.random.default_rng(11)
    own = {1: rng.integers(1, 6, 12), 2: rng.integers(1, 6, 12)}
    question = mean(confidence=0.9)
    found = compared(answered(own), question)
    assert (found.system, found.against, found.bounds) == (1, 2, (-4.0, 4.0))
    assert found.centre == found.figure.value
    assert (found.figure.confidence, found.figure.method) == (0.9, "paired on examples")
    assert found.figure.estimator == "comparison.paired_difference"
    assert (found.figure.population.words, found.figure.notes) == ("for this one rater", ())
    assert compared(answered(own), rate()).bounds == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (range(10), range(5, 20), [5, 6, 7, 8, 9]),
        (range(10), range(6, 20), None),
        (range(10), range(7, 9), [7, 8]),
        (range(3), range(20), [0, 1, 2]),
        (range(3), range(5, 9), None),
    ],
)
def test_five_shared_examples_or_all_of_one_are_enough_to_compare_on(
    a: range, b: range, expected: list[int] | None
) -> None:
    sides = [Items(items=np.array(one), examples=np.array(one), values=np.zeros(len(one))) for one in (a, b)]
    found = shared_items(*sides)
    assert (None if found is None else found.tolist()) == expected


def test_what_moves_welchs_difference_adds_up_to_its_error_and_has_opposite_signs() -> None:
    """The squares add up to the variance with n instead of n - 1; the few shared examples move both sides at once."""
    rng = np.random.default_rng(12)
    a, b = rng.normal(3, 1, 20), rng.normal(2.5, 1, 12)
    found = compared(answered({1: a, 2: b}, {2: 100}), mean(label_names={}))
    influence = found.influence
    assert influence is not None
    assert found.figure.method == "two means on different examples (Welch)"
    assert found.figure.estimator == "comparison.difference"
    np.testing.assert_allclose(influence.values[:20], (a - a.mean()) / 20)
    np.testing.assert_allclose(influence.values[20:], -(b - b.mean()) / 12)
    assert influence.examples.tolist() == [*range(20), *range(100, 112)]
    assert set(influence.raters.tolist()) == {-1}


@pytest.mark.parametrize("apart", [False, True])
def test_shares_for_other_raters_have_the_two_way_variance(apart: bool) -> None:
    """The value is the difference of both sides' means over the examples compared, each example counting the same."""
    rng = np.random.default_rng(13)
    taste = rng.uniform(0.2, 0.8, (3, 6))
    rows = [
        (s, e + 100 * (s - 1) * apart, r, 1.0 if rng.random() < taste[s, r] else 2.0)
        for s in (1, 2)
        for e in range(40)
        for r in range(6)
        if apart or (e + r) % 3
    ]
    found = compared(rows, rate(), OTHERS)
    sides = []
    for system in (1, 2):
        own = [(e, float(v == 1.0)) for s, e, _, v in rows if s == system]
        sides.append(np.mean([np.mean([v for e, v in own if e == one]) for one in {e for e, _ in own}]))
    assert found.figure.value == pytest.approx(sides[0] - sides[1])
    n = 80 if apart else 40
    assert found.figure.n == n
    assert found.centre == pytest.approx((sides[0] - sides[1]) * n / (n + 2))
    assert found.figure.method.startswith("two means on different" if apart else "paired on examples")
    assert found.figure.method.endswith("clustered by example and rater, one example more each way")
    assert found.figure.estimator == "comparison.mean"
    influence = found.influence
    assert influence is not None
    ways = [np.unique(codes, return_inverse=True)[1] for codes in (influence.examples, influence.raters)]
    squares = [np.square(np.bincount(way, influence.values)).sum() for way in ways]
    cells = np.square(np.bincount(ways[0] * 6 + ways[1], influence.values)).sum()
    own = math.sqrt(found.figure.standard_error**2 - 2 / (n + 2) ** 2) * (n + 2) / n
    assert own == pytest.approx(math.sqrt(squares[0] + squares[1] - cells), rel=0.12)


def test_the_machines_error_for_other_raters_has_the_raters_as_a_sample_too() -> None:
    rng = np.random.default_rng(14)
    severity = rng.normal(0, 0.5, 6)
    rows = [(1, e, r, 3 + severity[r] + rng.normal(0, 0.4)) for e in range(30) for r in range(6)]
    machine_says = 3.3 + rng.normal(0, 0.2, 60)
    question = mean(label_names={}, scope=OTHERS, minimum=1.0, maximum=5.0)
    people = observe(ratings(rows), question)
    machine = observe(scores([(1, e, v) for e, v in enumerate(machine_says)]), question)
    found = error_of_machine(1, people, machine, question)
    gaps = np.array([machine_says[e] - v for _, e, _, v in rows])
    assert found.figure.value == pytest.approx(gaps.mean())
    assert (found.figure.n, found.system, found.against, found.bounds) == (30, 1, -1, (-4.0, 4.0))
    assert found.figure.method == "paired on items, clustered by example and rater"
    # Raters are crossed with examples and differ: their spread is nearly all of the error.
    raters = np.array([gaps[r::6].mean() for r in range(6)])
    assert found.figure.standard_error == pytest.approx(raters.std(ddof=1) / math.sqrt(6), rel=0.1)
    influence = found.influence
    assert influence is not None
    np.testing.assert_allclose(np.sort(influence.values), np.sort((gaps - gaps.mean()) / 180), atol=1e-12)


def test_one_rater_cannot_speak_of_others_about_the_machine() -> None:
    question = mean(scope=OTHERS)
    people = observe(ratings([(1, e, 0, 3.0 + e % 2) for e in range(10)]), question)
    machine = observe(scores([(1, e, 4.0 - e % 3) for e in range(10)]), question)
    assert error_of_machine(1, people, machine, question).figure.method == "paired on examples"


def test_nothing_judged_by_both_is_a_reason() -> None:
    question = mean()
    people, machine = observe(ratings([(1, 0, 0, 3.0)]), question), observe(scores([(1, 1, 3.0)]), question)
    found = error_of_machine(1, people, machine, question)
    assert found.figure.undefined == "nothing was judged by both"
    assert (found.system, found.against) == (1, -1)
    assert not found.testable


def test_two_outputs_of_one_example_are_one_gap() -> None:
    """Two systems' items of a machine's error never mix; of one system, examples count, not outputs."""
    question = mean()
    people = observe(
        ratings([(1, e % 4, r, 2.0 + (e % 4 + r) % 2) for e in range(4) for r in (0, 1, 2)]), question
    )
    machine = observe(scores([(1, e, 2.0 + e % 2) for e in range(4)]), question)
    found = error_of_machine(1, people, machine, question).figure
    gaps = [2.0 + e % 2 - np.mean([2.0 + (e + r) % 2 for r in range(3)]) for e in range(4)]
    assert (found.n, found.df) == (4, 3)
    assert found.standard_error == pytest.approx(np.std(gaps, ddof=1) / 2)


@pytest.mark.parametrize("df", [3.0, 40.0, math.inf])
@pytest.mark.parametrize("p", [0.9, 0.05, 1e-6])
def test_the_statistic_of_a_p_value_against_scipy(p: float, df: float) -> None:
    assert t_of_p(p, df) == pytest.approx(stats.t.isf(p / 2, df))


def test_a_p_value_of_0_still_has_a_statistic() -> None:
    for df in (1.0, 2.5, 3.0, 10.0, 77.7, 1e4, math.inf):
        assert 20 < t_of_p(0.0, df) < math.inf, df
    assert t_of_p(1.0, 10) == pytest.approx(0.0, abs=1e-12)


def test_every_pair_is_named_once_in_the_order_of_the_systems() -> None:
    assert every_pair([3, 1, 2]) == [(3, 1), (3, 2), (1, 2)]
    rows = answered({1: np.arange(1, 7), 2: np.arange(6, 0, -1), 3: np.array([1, 1, 2, 2, 3, 3])})
    found = contrasts(observe(ratings(rows), mean()), every_pair([1, 2, 3]), mean(), scope=THESE)
    assert list(by_pair(found)) == [(1, 2), (1, 3), (2, 3)]
    assert by_pair(found)[1, 3].figure.value == pytest.approx(3.5 - 2.0)


def test_all_systems_are_in_one_mixed_model_with_their_own_influences() -> None:
    rng = np.random.default_rng(15)
    rows = [
        (s, e, r, 2.0 + 0.4 * s + rng.normal(0, 0.3) * r + rng.normal(0, 0.5))
        for s in (1, 2, 3)
        for e in range(20)
        for r in range(4)
    ]
    question = mean(label_names={}, minimum=0.0, maximum=10.0, confidence=0.9)
    found = contrasts(observe(ratings(rows), question), every_pair([1, 2, 3]), question, scope=OTHERS)
    means = [np.mean([v for s, *_, v in rows if s == one]) for one in (1, 2, 3)]
    gaps = [means[0] - means[1], means[0] - means[2], means[1] - means[2]]
    assert [one.figure.value for one in found] == pytest.approx(gaps)
    assert {one.figure.estimator for one in found} == {"comparison.crossed_effects"}
    assert {one.bounds for one in found} == {(-10.0, 10.0)}
    assert {one.figure.confidence for one in found} == {0.9}
    first, _, third = (one.influence for one in found)
    assert first is not None
    assert third is not None
    second = found[1].influence
    assert second is not None
    np.testing.assert_allclose(first.values + third.values, second.values, atol=1e-9)
    assert np.abs(first.values).max() > 0
    assert [one.centre for one in found] == [one.figure.value for one in found]


def test_a_contrast_with_a_test_of_its_own_enters_a_family_by_its_p() -> None:
    found = compared([(s, e, 0, 3.0 + (e * s) % 3) for s in (1, 2) for e in range(9)], mean())
    own = Contrast(system=1, against=2, figure=found.figure, centre=-2.0, p_value=0.03)
    t = own.tested_as / found.figure.standard_error
    assert 2 * stats.t.sf(-t, found.figure.df) == pytest.approx(0.03)
    assert found.tested_as == found.centre


@pytest.mark.parametrize("question", [rate(), mean()])
def test_one_example_in_common_gives_a_value_and_no_test(question: Question) -> None:
    """Its degrees of freedom are 0, and a family refuses those: one such pair once kept a whole scorecard from being computed."""
    rows = [(1, 0, 0, 1.0), *((2, e, 0, 2.0 - e % 2) for e in range(6))]
    found = compared(rows, question)
    assert found.figure.value == (1.0 if question.is_share else -1.0)
    assert [note.code for note in found.figure.notes] == ["one_example"]
    made = family([found], confidence=0.95)
    assert (made.size, made.untested, made.differences[0].differs) == (0, 1, False)
    assert not made.differences[0].figure.has_interval
