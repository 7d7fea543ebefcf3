"""What a headline states: families that hold together, false and true "better", with 2 to 12 raters."""

import itertools

import numpy as np
import pytest
from scipy import stats

from concord.estimates.contrasts import contrasts, every_pair
from concord.estimates.enums import Direction, Scope
from concord.estimates.families import Family, family
from concord.estimates.observations import observe
from concord.estimates.population import FEWEST_RATERS
from concord.estimates.question import Question
from concord.estimates.ratings import Ratings
from concord.estimates.strengths import strength_contrasts, strengths, votes
from tests.concord.scorecards.report.coverage import studies
from tests.concord.scorecards.report.coverage.studies import ROUNDS, SCOPES, Design, holds, keep, repeat

pytestmark = pytest.mark.slow
THESE, OTHERS = Scope.THESE_RATERS, Scope.OTHER_RATERS
POWER: dict[tuple[str, Scope], list[float]] = {}


def compared(ratings: Ratings, question: Question, systems: int) -> Family:
    """Return the family that a headline rests on, as a study's page and a scorecard make it."""
    pairs = every_pair(range(systems))
    if question.is_pairwise:
        fit = strengths(
            votes(ratings, question, tuple(range(systems))), scope=question.scope, confidence=0.95
        )
        return family(strength_contrasts(fit, pairs), confidence=0.95)
    return family(
        contrasts(observe(ratings, question), pairs, question, scope=question.scope), confidence=0.95
    )


def told(found: Family, truth: np.ndarray, best: int) -> list[float]:
    """Whether all intervals hold their differences, whether any "better" is false, and whether the best is better than all."""
    rows = found.differences
    gaps = [truth[one.system] - truth[one.against] for one in rows]
    inside = [
        one.figure.low - 1e-12 <= gap <= one.figure.high + 1e-12
        for one, gap in zip(rows, gaps, strict=True)
        if one.figure.has_interval
    ]
    false = [
        one.differs and (gap == 0 or (gap > 0) != (one.figure.value > 0))
        for one, gap in zip(rows, gaps, strict=True)
    ]
    beats = [one.better(Direction.HIGHER) == best for one in rows if best in (one.system, one.against)]
    return [float(all(inside)), float(any(false)), float(all(beats))]


@pytest.mark.parametrize("scope", list(SCOPES))
@pytest.mark.parametrize("raters", [2, 3, 5, 12])
@pytest.mark.parametrize("gap", [0.0, 0.45])
def test_means(scope: Scope, raters: int, gap: float) -> None:
    if scope == OTHERS and raters < FEWEST_RATERS:
        pytest.skip("two raters are no sample of others: pages speak of these two alone")
    design, question = Design(raters=raters, gap=gap), studies.scale(scope)
    name = f"means, {SCOPES[scope]}: 4 systems, 60 examples, {raters} raters, best by {gap:g}"

    def once(rng: np.random.Generator) -> np.ndarray:
        study = studies.on_a_scale(rng, design)
        truth = study.truth(scope)
        found = compared(study.ratings, question, 4)
        reference = crossed_model(study.ratings, design, 3) if scope == OTHERS else np.nan
        return np.array([*told(found, truth, 3), reference])

    covered, false, better, reference = repeat(name, once)
    POWER.setdefault((f"means {gap}", scope), []).append(float(better))
    beside = f" (crossed model with Tukey's test: {reference:.3f})" if gap and scope == OTHERS else ""
    keep(name, f"together {covered:.3f}, false better {false:.3f}, best found {better:.3f}{beside}")
    few = scope == OTHERS and raters <= 3
    assert holds(float(covered), high=1.0 if few else 0.97), covered
    if gap and scope == OTHERS:
        assert better >= 0.9 * reference - 2 * np.sqrt(0.25 / ROUNDS)


def crossed_model(ratings: Ratings, design: Design, best: int) -> float:
    """Whether the crossed model of the whole table finds the best better than all, from its mean squares alone.

    Balanced: V = max(MS_sr + MS_se - MS_ser, MS_sr, MS_se) / RE of each system, Satterthwaite's df, Tukey's studentized range.
    """
    s, e, r = design.systems, design.examples, design.raters
    y = ratings.values.reshape(s, e, r)
    y = y - y.mean(axis=(1, 2), keepdims=True) - (y - y.mean(axis=(1, 2), keepdims=True)).mean(axis=0)
    by_rater, by_example = y.mean(axis=1, keepdims=True), y.mean(axis=2, keepdims=True)
    rest = y - by_rater - by_example
    free = np.array([(s - 1) * (r - 1), (s - 1) * (e - 1), (s - 1) * (e - 1) * (r - 1)])
    squares = np.array([e * np.sum(by_rater**2), r * np.sum(by_example**2), np.sum(rest**2)]) / free
    both = squares[0] + squares[1] - squares[2]
    place = int(np.argmax(squares[:2]))
    variance, df = squares[place], float(free[place])
    if both > variance:
        variance, df = both, both**2 / np.sum(squares**2 / free)
    means = ratings.values.reshape(s, -1).mean(axis=1)
    nearest = means[best] - np.delete(means, best).max()
    return float(stats.studentized_range.sf(nearest / np.sqrt(variance / (e * r)), s, df) <= 0.05)


@pytest.mark.parametrize("scope", list(SCOPES))
@pytest.mark.parametrize("raters", [3, 5])
def test_means_with_missing_cells(scope: Scope, raters: int) -> None:
    design, question = Design(raters=raters, gap=0.45, seen=0.6), studies.scale(scope)
    name = (
        f"means, {SCOPES[scope]}: 4 systems, 60 examples, {raters} raters who see three in five, best by 0.45"
    )

    def once(rng: np.random.Generator) -> np.ndarray:
        study = studies.on_a_scale(rng, design)
        return np.array(told(compared(study.ratings, question, 4), study.truth(scope), 3))

    covered, false, better = repeat(name, once)
    keep(name, f"together {covered:.3f}, false better {false:.3f}, best found {better:.3f}")
    assert holds(float(covered), high=1.0 if scope == OTHERS and raters <= 3 else 0.97), covered
    assert false <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / ROUNDS), false


@pytest.mark.parametrize("scope", list(SCOPES))
@pytest.mark.parametrize("raters", [3, 5, 12])
@pytest.mark.parametrize("gap", [0.0, 0.9])
def test_strengths_of_pairs(scope: Scope, raters: int, gap: float) -> None:
    design, question = Design(raters=raters, gap=gap), studies.preference(scope)
    name = f"strengths of pairs, {SCOPES[scope]}: 4 systems, 60 examples, {raters} raters, best by {gap:g}"

    def once(rng: np.random.Generator) -> np.ndarray:
        ratings, strength = studies.pairs(rng, design)
        return np.array(told(compared(ratings, question, 4), strength, 3))

    _, false, better = repeat(name, once)
    POWER.setdefault((f"pairs {gap}", scope), []).append(float(better))
    keep(
        name,
        # equal for others, they are not for these, who have their tastes: "better" of these is no false one
        f"{f'false better {false:.3f}, ' if scope == OTHERS else ''}best found {better:.3f}",
        "ties and tastes draw strengths together",
    )
    if not gap and scope == OTHERS:
        assert false <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / ROUNDS), false


@pytest.mark.parametrize("scope", list(SCOPES))
@pytest.mark.parametrize("raters", [3, 12])
@pytest.mark.parametrize("truth", [0.05, 0.5])
def test_shares_of_equal_systems(scope: Scope, raters: int, truth: float) -> None:
    design, question = Design(raters=raters), studies.share(scope)
    name = f"shares of {truth:g}, {SCOPES[scope]}: 4 equal systems, 60 examples, {raters} raters"

    def once(rng: np.random.Generator) -> np.ndarray:
        study = studies.yes_or_no(rng, design, share=truth)
        return np.array(told(compared(study.ratings, question, 4), study.for_others, 3)[:2])

    covered, false = repeat(name, once)
    keep(name, f"together {covered:.3f}, false better {false:.3f}")
    assert holds(float(covered), high=1.0), covered
    assert false <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / ROUNDS), false


@pytest.mark.parametrize("scope", list(SCOPES))
@pytest.mark.parametrize("raters", [3, 5])
def test_six_dimensions_of_equal_systems(scope: Scope, raters: int) -> None:
    """91 of 100 such scorecards held a false "better" somewhere before differences of all dimensions were one family."""
    design, question = Design(raters=raters, examples=40), studies.scale(scope)
    name = f"headline of six dimensions, {SCOPES[scope]}: 4 equal systems, 40 examples, {raters} raters"
    pairs = every_pair(range(4))

    def once(rng: np.random.Generator) -> np.ndarray:
        truths, found = [], []
        for _ in range(6):
            study = studies.on_a_scale(rng, design)
            truths += [study.truth(scope)] * len(pairs)
            found += contrasts(observe(study.ratings, question), pairs, question, scope=scope)
        rows = family(found, confidence=0.95).differences
        gaps = [truth[one.system] - truth[one.against] for one, truth in zip(rows, truths, strict=True)]
        inside = [one.figure.low <= gap <= one.figure.high for one, gap in zip(rows, gaps, strict=True)]
        return np.array([float(all(inside))])

    covered = float(repeat(name, once)[0])
    keep(name, f"together {covered:.3f}, a false statement {1 - covered:.3f}")
    assert holds(covered, high=0.99), covered


def test_more_raters_never_make_better_rarer() -> None:
    """Within one scope; run after the rows above, which it reads."""
    for (name, scope), found in POWER.items():
        if name.endswith(" 0.0"):
            continue
        slack = 3 * np.sqrt(0.25 / ROUNDS)
        assert all(later >= earlier - slack for earlier, later in itertools.pairwise(found)), (
            name,
            scope,
            found,
        )
