"""Coverage of Krippendorff's alpha and its differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from concord.stats import agreement
from tests.concord.stats.coverage.agreement.samples import (
    UNSEEN,
    Make,
    by_chance,
    easy,
    gaps,
    graded,
    nominal,
    rare,
    rare_gaps,
)
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval, long_form, truth_of

pytestmark = pytest.mark.slow


Level = str | Callable[..., np.ndarray]


def _skewed(rng: np.random.Generator, n: int) -> np.ndarray:
    """Positive amounts, spread over two orders of magnitude."""
    return np.exp(rng.normal(0, 1, size=n)[:, None] + rng.normal(0, 0.6, size=(n, 3)))


def _amounts(rng: np.random.Generator, n: int) -> np.ndarray:
    """Positive amounts with a tail like the exponential's."""
    return rng.gamma(1, 1, size=n)[:, None] + rng.gamma(1, 0.7, size=(n, 3))


def _sliders(rng: np.random.Generator, n: int) -> np.ndarray:
    """Numbers without steps and without tails."""
    return rng.normal(size=n)[:, None] + rng.normal(0, 0.7, size=(n, 3))


def _sets(rng: np.random.Generator, n: int) -> np.ndarray:
    """Sets of three labels as bit masks: each rater flips a label of the unit's set now and then."""
    truth = rng.random((n, 1, 3)) < np.array([0.5, 0.3, 0.2])
    return ((truth ^ (rng.random((n, 3, 3)) < 0.15)) * np.array([1, 2, 4])).sum(axis=2)


def _heard(rng: np.random.Generator, n: int) -> np.ndarray:
    """Twenty ratings of each unit, some units harder than others."""
    truth, easy = rng.choice(3, p=[0.5, 0.3, 0.2], size=n), 0.5 + 0.4 * rng.random(n)
    return np.where(rng.random((n, 20)) < easy[:, None], truth[:, None], rng.integers(0, 3, (n, 20)))


def _heard_grades(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.clip(np.round(rng.normal(2, 1.2, size=n)[:, None] + rng.normal(0, 0.8, size=(n, 20))), 0, 4)


def alpha(level: Level, make: Make) -> Draw:
    name = f"alpha {level} {make.__name__}"

    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = truth_of(
            name,
            lambda: (
                agreement.krippendorff_alpha(
                    *long_form(make(np.random.default_rng(1), 300_000)), level=level, n_resamples=0
                ).value
            ),
        )
        return interval(
            agreement.krippendorff_alpha(*long_form(make(rng, n)), level=level, n_resamples=500, rng=rng),
            truth,
        )

    return draw


def clustered(level: Level) -> Draw:
    """Eight outputs of each of n examples, three raters: outputs of an example are alike, and alike in how hard they are."""

    def make(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
        output = rng.normal(0, 0.75, size=(n, 1, 1)) + rng.normal(0, 0.65, size=(n, 8, 1))
        noise = np.exp(rng.normal(-0.3, 0.6, size=(n, 1, 1))) * rng.normal(size=(n, 8, 3))
        table = np.clip(np.round(3 + output + noise), 1, 5).reshape(-1, 3)
        return (*long_form(table), np.repeat(np.arange(n), 24))

    def found(rng: np.random.Generator, n: int, n_resamples: int) -> agreement.Alpha:
        *ratings, example = make(rng, n)
        return agreement.krippendorff_alpha(*ratings, level=level, clusters=example, n_resamples=n_resamples)

    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = truth_of(f"clustered {level}", lambda: found(np.random.default_rng(1), 40_000, 0).value)
        return interval(found(rng, n, 1), truth)

    return draw


def _many_raters(rng: np.random.Generator, n: int, n_raters: int) -> np.ndarray:
    """Raters who are right with a probability of their own."""
    truth = rng.choice(3, p=[0.5, 0.3, 0.2], size=n)
    skill = rng.beta(6, 3, size=n_raters)
    return np.where(rng.random((n, n_raters)) < skill, truth[:, None], rng.integers(0, 3, size=(n, n_raters)))


def _own_levels(rng: np.random.Generator, n: int, n_raters: int) -> np.ndarray:
    """Grades by raters who are milder or stricter than others, and more or less careful."""
    noise = rng.normal(size=(n, n_raters)) * np.exp(rng.normal(0, 0.4, size=n_raters))
    return np.clip(
        np.round(rng.normal(2, 1.2, size=(n, 1)) + rng.normal(0, 0.5, size=n_raters) + noise), 0, 4
    )


def both_ways(
    make: Callable[..., np.ndarray], level: Level, n_raters: int, per_unit: int | None = None
) -> Draw:
    """Units and raters are both a sample; each unit has the ratings of all, or of some drawn for it."""

    def found(rng: np.random.Generator, n: int, raters: int, each: int | None, **options) -> agreement.Alpha:
        table = make(rng, n, raters).astype(float)
        if each is not None:
            table[rng.random(table.shape).argsort(axis=1) >= each] = np.nan
        return agreement.krippendorff_alpha(*long_form(table), level=level, **options)

    def mean_alpha() -> float:
        many = (found(np.random.default_rng(i), 1500, 400, None, n_resamples=0) for i in range(6))
        return float(np.mean([alpha.value for alpha in many]))

    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = truth_of(f"both ways {make.__name__} {level}", mean_alpha)
        return interval(found(rng, n, n_raters, per_unit, resample="units+raters"), truth)

    return draw


def difference(level: str) -> Draw:
    """Two crowds on the same units, the second more careful."""

    def both(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
        centre = rng.normal(2, 1.2, size=n)[:, None]
        noise = np.hstack([rng.normal(0, 1.0, size=(n, 3)), rng.normal(0, 0.6, size=(n, 3))])
        unit, rater, value = long_form(np.clip(np.round(centre + noise), 0, 4))
        return unit, rater, value, (rater >= 3).astype(int)

    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = truth_of(
            f"difference {level}",
            lambda: (
                agreement.alpha_difference(
                    *both(np.random.default_rng(1), 200_000), level=level, n_resamples=0
                ).value
            ),
        )
        return interval(
            agreement.alpha_difference(*both(rng, n), level=level, n_resamples=500, rng=rng), truth
        )

    return draw


FEW_RATERS = "few ratings of each rater: too wide with few units"

TAILS = "long tails: a few of the largest values decide, too narrow"

RARE = "at 60 units about three have the rarer answer: too wide, and a note of the result says so"

EASY = "at 30 units often none disagrees: too wide"

LITTLE = "three to five units: too narrow, and a note of the result says so"

FEW = "five clusters: a little too narrow"

CASES = [
    Case("alpha nominal (BCa)", alpha("nominal", nominal), (15, 60, 400)),
    Case("alpha ordinal (BCa)", alpha("ordinal", graded), (15, 60, 400)),
    Case("alpha interval (BCa)", alpha("interval", graded), (15, 60, 400)),
    Case("alpha ratio (BCa), skewed", alpha("ratio", _skewed), (15, 60, 400), TAILS, 0.92),
    Case("alpha interval (BCa), skewed", alpha("interval", _amounts), (20, 60, 400), TAILS, 0.9),
    Case("alpha interval, normal numbers", alpha("interval", _sliders), (15, 60, 400)),
    Case("alpha nominal (BCa), 5 % prevalence", alpha("nominal", rare), (60, 200, 1000), RARE, 0.93, 0.995),
    Case(
        "alpha nominal, 2 % prevalence, missing",
        alpha("nominal", rare_gaps),
        (60, 150, 600),
        UNSEEN,
        0.92,
        1.0,
    ),
    Case(
        "alpha nominal, 3 % prevalence by chance",
        alpha("nominal", by_chance),
        (150, 400, 2000),
        UNSEEN,
        0.92,
        1.0,
    ),
    Case("alpha nominal, hardly any disagreement", alpha("nominal", easy), (30, 100, 400), EASY, 0.93, 0.99),
    Case("alpha ordinal (BCa), ratings missing", alpha("ordinal", gaps), (15, 60, 400)),
    Case("alpha MASI (BCa)", alpha(agreement.distances.masi, _sets), (15, 60, 400)),
    Case("alpha nominal, 20 ratings a unit", alpha("nominal", _heard), (6, 12, 60)),
    Case("alpha ordinal, 20 ratings a unit", alpha("ordinal", _heard_grades), (6, 12, 60)),
    Case("alpha nominal, 3 to 5 units of 20 ratings", alpha("nominal", _heard), (3, 4, 5), LITTLE, 0.85),
    Case(
        "alpha ordinal, 3 to 5 units of 20 ratings", alpha("ordinal", _heard_grades), (3, 4, 5), LITTLE, 0.85
    ),
    Case("alpha nominal, 8 units a cluster", clustered("nominal"), (5, 25, 400), FEW, 0.89),
    Case("alpha interval, 8 units a cluster", clustered("interval"), (5, 25, 400), FEW, 0.89),
    Case("alpha, units+raters", both_ways(_many_raters, "nominal", 12), (20, 60, 200)),
    Case(
        "alpha, units+raters, 5 raters",
        both_ways(_many_raters, "nominal", 5),
        (20, 60, 200),
        FEW_RATERS,
        ceiling=0.985,
    ),
    Case(
        "alpha, units+raters, 3 of 12 a unit",
        both_ways(_many_raters, "nominal", 12, 3),
        (20, 60, 200),
        FEW_RATERS,
        ceiling=0.985,
    ),
    Case("alpha ordinal, units+raters", both_ways(_own_levels, "ordinal", 12), (20, 60, 200)),
    Case(
        "alpha interval, units+raters, 3 of 40 a unit",
        both_ways(_own_levels, "interval", 40, 3),
        (40, 100, 400),
        FEW_RATERS,
        ceiling=0.99,
    ),
    Case("alpha_difference, nominal", difference("nominal"), (15, 60, 400)),
    Case("alpha_difference, ordinal", difference("ordinal"), (15, 60, 400)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
