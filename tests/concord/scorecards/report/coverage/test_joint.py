"""People and machine in one figure: what leads holds its truth; none leads whose check failed, or whose outputs may be picked."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import special

from concord.estimates import joint
from concord.estimates.enums import Choice, Scope
from concord.estimates.families import family
from concord.estimates.levels import level
from concord.estimates.observations import Observations, observe
from concord.estimates.ratings import Ratings
from concord.estimates.scores import Scores
from tests.concord.scorecards.report.coverage import studies
from tests.concord.scorecards.report.coverage.studies import ROUNDS, holds, keep, repeat

pytestmark = pytest.mark.slow
THESE = Scope.THESE_RATERS
OUTPUTS, SHARES = 400, np.array([0.6, 0.8])
SAID = {Choice.DRAWN: "recorded", Choice.DECLARED: "declared"}
Chosen = Callable[[np.random.Generator, "Truth", int], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Of two systems' outputs (2, OUTPUTS): which are good, which the machine calls good, how long they are."""

    good: np.ndarray
    said: np.ndarray
    long: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Sides:
    people: Observations
    machine: Observations


def at_random(rng: np.random.Generator, truth: Truth, rated: int) -> np.ndarray:
    """Return which outputs people judge, (rated,): the same examples of each system, drawn by lot."""
    return np.sort(rng.choice(OUTPUTS, rated, replace=False))


def by_quality(rng: np.random.Generator, truth: Truth, rated: int) -> np.ndarray:
    """Return examples of which those with a good output of the first system are picked three times as often."""
    return _picked(rng, np.where(truth.good[0], 3.0, 1.0), rated)


def by_machine(rng: np.random.Generator, truth: Truth, rated: int) -> np.ndarray:
    """Return examples of which those that the machine calls good are picked three times as often."""
    return _picked(rng, np.where(truth.said[0], 3.0, 1.0), rated)


def by_length(rng: np.random.Generator, truth: Truth, rated: int) -> np.ndarray:
    """Return examples of which long answers, which are better, are picked more often."""
    return _picked(rng, np.exp(0.8 * truth.long[0]), rated)


def half_by_quality(rng: np.random.Generator, truth: Truth, rated: int) -> np.ndarray:
    """Return one half by lot, the other by quality."""
    first = rng.choice(OUTPUTS, rated // 2, replace=False)
    odds = np.where(truth.good[0], 3.0, 1.0)
    odds[first] = 0
    return np.sort(np.append(first, _picked(rng, odds, rated - rated // 2)))


def only_good(rng: np.random.Generator, truth: Truth, rated: int) -> np.ndarray:
    """Return easy examples: some that the first system gets right."""
    return _picked(rng, np.where(truth.good[0], 1.0, 0.0), rated)


def _picked(rng: np.random.Generator, odds: np.ndarray, rated: int) -> np.ndarray:
    return np.sort(rng.choice(OUTPUTS, rated, replace=False, p=odds / odds.sum()))


CHOSEN_BY_HAND = {
    "by quality": by_quality,
    "by the machine's score": by_machine,
    "by length, which goes with quality": by_length,
    "one half by lot, one by quality": half_by_quality,
    "only good ones": only_good,
}


def judged(rng: np.random.Generator, chosen: Chosen, rated: int, right: float = 0.9) -> Sides:
    """Two systems' outputs to the same examples: a machine judges all, right with this chance, one person some."""
    long = rng.normal(size=(2, OUTPUTS))
    good = 0.5 * long + np.sqrt(0.75) * rng.normal(size=long.shape) < special.ndtri(SHARES)[:, None]
    said = np.where(rng.random(good.shape) < right, good, ~good)
    some = chosen(rng, Truth(good=good, said=said, long=-long), rated)
    question = studies.share(THESE)
    ratings: Ratings = studies._ratings(
        good[:, some, None].astype(float), np.ones((2, rated, 1), dtype=bool), examples=some
    )
    system, example = (axis.ravel() for axis in np.indices(said.shape))
    nothing = np.full(said.size, -1)
    scores = Scores(
        outputs=system * 100_000 + example,
        other_outputs=nothing,
        systems=system,
        other_systems=nothing,
        examples=example,
        values=said.ravel().astype(float),
    )
    return Sides(people=observe(ratings, question), machine=observe(scores, question))


def led(name: str, chosen: Chosen, rated: int, choice: Choice) -> np.ndarray:
    """Return how often the joint figure holds, would lead, holds where it leads, fails its check, and leads in spite of it."""
    question = studies.share(THESE)

    def once(rng: np.random.Generator) -> np.ndarray:
        sides = judged(rng, chosen, rated)
        alone = {0: level(sides.people.of(0), question, scope=THESE)}
        found = joint.levels(sides.people, sides.machine, [0], question, alone=alone, choice=choice)[0]
        held = found.figure.low <= SHARES[0] <= found.figure.high
        failed = any(note.code == "rated_unlike_rest" for note in found.about_people)
        shown = float(held) if found.leads else np.nan
        return np.array([held, found.leads, shown, failed, found.leads and failed])

    return repeat(name, once)


def words(row: np.ndarray) -> str:
    held, leads, shown, failed, _ = row
    then = f" and then holds {shown:.3f}" if leads else ""
    return f"joint {held:.3f}, leads in {leads:.3f}{then}, check failed in {failed:.3f}"


@pytest.mark.parametrize("rated", [30, 100])
@pytest.mark.parametrize("choice", [Choice.DRAWN, Choice.DECLARED])
def test_levels_of_outputs_drawn_by_lot(choice: Choice, rated: int) -> None:
    name = f"joint share: {rated} of {OUTPUTS} outputs rated, drawn by lot, which is {SAID[choice]}"
    held, leads, shown, failed, against = row = led(name, at_random, rated, choice)
    keep(name, words(row))
    assert holds(float(held), high=0.98), held
    assert holds(float(shown), high=0.98), shown
    assert failed <= joint.FALSE_ALARM[choice] + 3 * np.sqrt(0.05 * 0.95 / ROUNDS)
    assert leads > 0.9
    assert against == 0


@pytest.mark.parametrize("rated", [30, 100])
@pytest.mark.parametrize("how", CHOSEN_BY_HAND)
def test_none_leads_where_people_may_have_chosen(how: str, rated: int) -> None:
    """Of a joint figure that leads at most one in twenty may be wrong: so none may lead in these studies."""
    name = f"joint share: {rated} of {OUTPUTS} outputs rated, chosen {how}"
    _, leads, _, _, _ = row = led(name, CHOSEN_BY_HAND[how], rated, Choice.UNKNOWN)
    keep(name, words(row), "how they were chosen is not known")
    assert leads <= 0.01


@pytest.mark.parametrize("rated", [30, 100])
def test_differences(rated: int) -> None:
    question = studies.share(THESE)
    name = (
        f"joint difference of shares: {rated} of {OUTPUTS} outputs rated of each of two systems, drawn by lot"
    )

    def once(rng: np.random.Generator) -> np.ndarray:
        sides = judged(rng, at_random, rated)
        made = joint.contrasts(sides.people, sides.machine, [(0, 1)], question)
        found = family(made, confidence=0.95).differences[0]
        gap = SHARES[0] - SHARES[1]
        return np.array(
            [found.figure.low <= gap <= found.figure.high, found.differs and found.figure.value > 0]
        )

    held, false = repeat(name, once)
    keep(name, f"{held:.3f}, false better {false:.3f}")
    assert holds(float(held), high=0.98), held
    assert false <= 0.05
