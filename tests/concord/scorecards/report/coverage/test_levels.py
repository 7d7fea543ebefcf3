"""One system's figure, pointwise: how often its interval holds the truth, for whom it says it does."""

import numpy as np
import pytest

from concord.estimates.enums import Scope
from concord.estimates.levels import level
from concord.estimates.observations import observe
from tests.concord.scorecards.report.coverage import studies
from tests.concord.scorecards.report.coverage.studies import SCOPES, Design, holds, keep, repeat

pytestmark = pytest.mark.slow
THESE, OTHERS = Scope.THESE_RATERS, Scope.OTHER_RATERS


@pytest.mark.parametrize("scope", list(SCOPES))
@pytest.mark.parametrize("raters", [1, 3, 5, 12])
@pytest.mark.parametrize(("examples", "seen"), [(30, 1.0), (60, 1.0), (60, 0.3)])
def test_means(scope: Scope, raters: int, examples: int, seen: float) -> None:
    if raters == 1 and scope == OTHERS:
        pytest.skip("one rater cannot speak of others: the figure says that it does not")
    design = Design(examples=examples, raters=raters, systems=1, seen=seen)
    name = f"mean, {SCOPES[scope]}: {examples} examples, {raters} raters{', a third of the cells' if seen < 1 else ''}"

    def once(rng: np.random.Generator) -> np.ndarray:
        study = studies.on_a_scale(rng, design)
        question = studies.scale(scope)
        found = level(observe(study.ratings, question), question, scope=scope)
        return np.array([found.low <= study.truth(scope)[0] <= found.high])

    covered = float(repeat(name, once)[0])
    keep(name, f"{covered:.3f}")
    few = scope == OTHERS and raters == 3
    assert holds(covered, high=1.0 if few else 0.97), covered


@pytest.mark.parametrize("scope", list(SCOPES))
@pytest.mark.parametrize("raters", [1, 3, 12])
@pytest.mark.parametrize("truth", [0.02, 0.2, 0.5, 0.98])
def test_shares(scope: Scope, raters: int, truth: float) -> None:
    if raters == 1 and scope == OTHERS:
        pytest.skip("one rater cannot speak of others: the figure says that it does not")
    design = Design(examples=60, raters=raters, systems=1)
    name = f"share of {truth:g}, {SCOPES[scope]}: 60 examples, {raters} raters"

    def once(rng: np.random.Generator) -> np.ndarray:
        study = studies.yes_or_no(rng, design, share=truth)
        question = studies.share(scope)
        found = level(observe(study.ratings, question), question, scope=scope)
        return np.array([found.low <= truth <= found.high, 0 <= found.low <= found.high <= 1])

    covered, inside = repeat(name, once)
    keep(name, f"{covered:.3f}")
    assert inside == 1.0
    assert holds(float(covered), high=1.0), covered


@pytest.mark.parametrize("raters", [3, 5, 12])
@pytest.mark.parametrize("truth", [0.05, 0.2, 0.5])
def test_shares_by_raters_who_differ_more_than_their_own_answers(raters: int, truth: float) -> None:
    """The variance between raters is 1.5 times that of one rater's answers, as large as people's on hard questions."""
    design = Design(example=1.0, noise=1.0, rater=1.5**0.5, raters=raters, systems=1)
    name = f"share of {truth:g}, others like them: 60 examples, {raters} raters most unlike"
    question = studies.share(OTHERS)

    def once(rng: np.random.Generator) -> np.ndarray:
        study = studies.unlike_raters(rng, design, share=truth)
        found = level(observe(study.ratings, question), question, scope=OTHERS)
        return np.array([found.low <= truth <= found.high])

    covered = float(repeat(name, once)[0])
    keep(name, f"{covered:.3f}")
    assert holds(covered, high=1.0), covered


@pytest.mark.parametrize("repeats", [1, 5])
@pytest.mark.parametrize("truth", [0.02, 0.5, 0.9, 0.98])
def test_accuracies_of_runs_with_repeats(repeats: int, truth: float) -> None:
    name = f"accuracy of a run of {truth:g}: 100 examples, asked {repeats} time{'s' * (repeats > 1)}"
    question = studies.share(THESE)

    def once(rng: np.random.Generator) -> np.ndarray:
        chance = rng.beta(8 * truth, 8 * (1 - truth), (1, 100, 1))
        values = (rng.random((1, 100, repeats)) < chance).astype(float)
        ratings = studies._ratings(values, np.ones(values.shape, dtype=bool))
        found = level(observe(ratings, question), question, scope=THESE)
        return np.array([found.low <= truth <= found.high])

    covered = float(repeat(name, once)[0])
    keep(name, f"{covered:.3f}")
    assert holds(covered, high=1.0), covered
