"""The difference of two systems: value, error, degrees of freedom, and what moves it."""

import math

import numpy as np
import pytest
from scipy import stats

from concord.estimates.contrasts import Contrast, contrasts, error_of_machine
from concord.estimates.enums import Scope
from concord.estimates.observations import observe
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
