"""Simulated coverage of the intervals of concord.stats.agreement. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from concord.stats import agreement
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval, long_form, truth_of
from tests.concord.stats.documents import documents

pytestmark = pytest.mark.slow
Level = str | Callable[..., np.ndarray]
Make = Callable[[np.random.Generator, int], np.ndarray]


def _nominal(rng: np.random.Generator, n: int) -> np.ndarray:
    truth = rng.choice(3, p=[0.6, 0.25, 0.15], size=n)
    return np.where(rng.random((n, 3)) < 0.65, truth[:, None], rng.integers(0, 3, size=(n, 3)))


def _graded(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.clip(np.round(rng.normal(2, 1.2, size=n)[:, None] + rng.normal(0, 0.8, size=(n, 3))), 0, 4)


def _rare(rng: np.random.Generator, n: int) -> np.ndarray:
    """One answer in twenty, three raters."""
    truth = (rng.random(n) < 0.05).astype(int)
    return np.where(rng.random((n, 3)) < 0.8, truth[:, None], rng.random((n, 3)) < 0.05).astype(float)


def _by_chance(rng: np.random.Generator, n: int) -> np.ndarray:
    """An answer of three in a hundred, by two raters who do not look."""
    return (rng.random((n, 2)) < 0.03).astype(float)


def _rare_gaps(rng: np.random.Generator, n: int) -> np.ndarray:
    """An answer of two in a hundred; five raters, each of whom leaves out three units in ten."""
    truth = rng.random(n) < 0.02
    table = (rng.random((n, 5)) < np.where(truth, 0.8, 0.01)[:, None]).astype(float)
    table[rng.random((n, 5)) < 0.3] = np.nan
    return table


def _gaps(rng: np.random.Generator, n: int) -> np.ndarray:
    """Five raters, of whom each leaves out two units in five; the first two rate everything."""
    table = np.clip(np.round(rng.normal(2, 1.2, size=n)[:, None] + rng.normal(0, 0.8, size=(n, 5))), 0, 4)
    table[:, 2:][rng.random((n, 3)) < 0.4] = np.nan
    return table


def _skewed(rng: np.random.Generator, n: int) -> np.ndarray:
    """Positive amounts, spread over two orders of magnitude."""
    return np.exp(rng.normal(0, 1, size=n)[:, None] + rng.normal(0, 0.6, size=(n, 3)))


def _amounts(rng: np.random.Generator, n: int) -> np.ndarray:
    """Positive amounts with a tail like the exponential's."""
    return rng.gamma(1, 1, size=n)[:, None] + rng.gamma(1, 0.7, size=(n, 3))


def _sliders(rng: np.random.Generator, n: int) -> np.ndarray:
    """Numbers without steps and without tails."""
    return rng.normal(size=n)[:, None] + rng.normal(0, 0.7, size=(n, 3))


def _easy(rng: np.random.Generator, n: int) -> np.ndarray:
    """Two answers as common, two raters of whom each errs three times in a hundred: often no unit disagrees."""
    truth = rng.random(n) < 0.5
    return (truth[:, None] ^ (rng.random((n, 2)) < 0.03)).astype(float)


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


def kappa(function: Callable, weights: str | None = None, make: Make = _nominal) -> Draw:
    columns = 2 if function is agreement.cohen_kappa else None
    n_categories = {_nominal: 3, _rare: 2, _rare_gaps: 2, _by_chance: 2, _easy: 2}.get(make, 5)
    options = {"weights": weights, "categories": np.arange(n_categories)}

    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = truth_of(
            f"kappa {function.__name__} {weights} {make.__name__}",
            lambda: (
                function(*long_form(make(np.random.default_rng(1), 300_000)[:, :columns]), **options).value
            ),
        )
        return interval(function(*long_form(make(rng, n)[:, :columns]), **options), truth)

    return draw


def percent(weighting: str, make: Make) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = truth_of(
            f"percent {weighting} {make.__name__}",
            lambda: (
                agreement.percent_agreement(
                    *long_form(make(np.random.default_rng(1), 300_000)), weighting=weighting
                ).value
            ),
        )
        return interval(agreement.percent_agreement(*long_form(make(rng, n)), weighting=weighting), truth)

    return draw


def icc(form: str, missing: float = 0.0) -> Draw:
    """Five raters whose levels differ with variance 1/4, noise .64, units of variance 1."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        y = rng.normal(size=n)[:, None] + rng.normal(0, 0.8, size=(n, 5))
        level = rng.normal(0, 0.5, size=(n, 5) if form[4] == "1" else 5)
        y = y + level
        y[:, 2:][rng.random((n, 3)) < missing] = np.nan
        result = agreement.icc(*long_form(y), form=form)
        noise = 0.64 + (0.0 if form[4] == "3" else 0.25)
        k = result.ratings_per_unit if form[6] == "k" else 1
        return interval(result, 1 / (1 + noise / k))

    return draw


def correlation(coefficient: str, *, graded: bool = False, examples: bool = False) -> Draw:
    """Normal numbers that correlate by .6, or grades of them; or eight outputs of each example, which share its quality."""

    def columns(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        each = 8 if examples else 1
        quality, error = rng.normal(0, 1, (2, n, 1)) * (1.0 if examples else 0.0)
        a = quality + rng.normal(0, 1, (n, each))
        b = a + 2 * error + rng.normal(0, 1, (n, each)) * (1.0 if examples else 4 / 3)
        both = np.stack([a, b]).reshape(2, -1)
        a, b = np.round(both) if graded else both
        return a, b, np.arange(n).repeat(each)

    def truth() -> float:
        a, b, _ = columns(np.random.default_rng(5), 50_000 if examples else 400_000)
        return float(agreement.correlation(a, b, coefficient=coefficient).value)

    def draw(rng: np.random.Generator, n: int) -> Interval:
        a, b, example = columns(rng, n)
        found = agreement.correlation(a, b, coefficient=coefficient, clusters=example if examples else None)
        return interval(found, truth_of(f"correlation {coefficient} {graded} {examples}", truth))

    return draw


def icc_of_half(form: str) -> Draw:
    """Two ratings a unit, one of them always by the same of eight raters."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        rater = np.stack([np.zeros(n, dtype=int), rng.integers(1, 8, n)], axis=1)
        level = rng.normal(0, 0.55, size=8)
        y = rng.normal(size=n)[:, None] + level[rater] + rng.normal(0, 0.8, size=(n, 2))
        result = agreement.icc(np.repeat(np.arange(n), 2), rater.ravel(), y.ravel(), form=form)
        noise = 0.64 + (0.0 if form[4] == "3" else 0.55**2)
        return interval(result, 1 / (1 + noise / (2 if form[6] == "k" else 1)))

    return draw


def _marked(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    """Up to two errors in a text; each of two raters sees most of them, and is off by a character now and then."""
    rows: list[tuple[float, ...]] = []
    for unit in range(n):
        starts = rng.integers(0, 5, size=rng.integers(0, 3)) * 20
        for rater in range(2):
            seen = np.unique(starts)[rng.random(len(np.unique(starts))) < 0.75]
            mine = [(s + rng.integers(0, 2) * (rng.random() < 0.5), s + 8) for s in seen]
            rows += [(unit, rater, a, b) for a, b in mine] or [(unit, rater, np.nan, np.nan)]
    return tuple(np.array(rows).T)


def spans(mode: str, make: Callable[..., tuple[np.ndarray, ...]] = _marked) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = truth_of(
            f"spans {mode} {make.__name__}",
            lambda: (
                agreement.span_agreement(
                    *make(np.random.default_rng(1), 30_000), mode=mode, n_resamples=0
                ).value
            ),
        )
        return interval(agreement.span_agreement(*make(rng, n), mode=mode, n_resamples=500, rng=rng), truth)

    return draw


FEW_RATERS = "few ratings of each rater: too wide with few units"
MATCHED = "few spans in few units: errs on the wide side"
UNEVEN = "some documents hold most of the spans: a little off with few"
TAILS = "long tails: a few of the largest values decide, too narrow"
RARE = "at 60 units about three have the rarer answer: too wide, and a note of the result says so"
EASY = "at 30 units often none disagrees: too wide"
UNSEEN = "next to no unit has the rarer answer, or disagrees: errs on the wide side"
KAPPAS = {
    "cohen_kappa": agreement.cohen_kappa,
    "fleiss_kappa": agreement.fleiss_kappa,
    "conger_kappa": agreement.conger_kappa,
    "gwet_ac": agreement.gwet_ac,
}
LITTLE = "three to five units: too narrow, and a note of the result says so"
FEW = "five clusters: a little too narrow"
CASES = [
    Case("alpha nominal (BCa)", alpha("nominal", _nominal), (15, 60, 400)),
    Case("alpha ordinal (BCa)", alpha("ordinal", _graded), (15, 60, 400)),
    Case("alpha interval (BCa)", alpha("interval", _graded), (15, 60, 400)),
    Case("alpha ratio (BCa), skewed", alpha("ratio", _skewed), (15, 60, 400), TAILS, 0.92),
    Case("alpha interval (BCa), skewed", alpha("interval", _amounts), (20, 60, 400), TAILS, 0.9),
    Case("alpha interval, normal numbers", alpha("interval", _sliders), (15, 60, 400)),
    Case("alpha nominal (BCa), 5 % prevalence", alpha("nominal", _rare), (60, 200, 1000), RARE, 0.93, 0.995),
    Case(
        "alpha nominal, 2 % prevalence, missing",
        alpha("nominal", _rare_gaps),
        (60, 150, 600),
        UNSEEN,
        0.92,
        1.0,
    ),
    Case(
        "fleiss_kappa, 2 % prevalence, missing",
        kappa(agreement.fleiss_kappa, None, _rare_gaps),
        (60, 150, 600),
        UNSEEN,
        0.92,
        1.0,
    ),
    Case(
        "alpha nominal, 3 % prevalence by chance",
        alpha("nominal", _by_chance),
        (150, 400, 2000),
        UNSEEN,
        0.92,
        1.0,
    ),
    Case(
        "fleiss_kappa, 3 % prevalence by chance",
        kappa(agreement.fleiss_kappa, None, _by_chance),
        (150, 400, 2000),
        UNSEEN,
        0.92,
        1.0,
    ),
    Case("alpha nominal, hardly any disagreement", alpha("nominal", _easy), (30, 100, 400), EASY, 0.93, 0.99),
    Case("alpha ordinal (BCa), ratings missing", alpha("ordinal", _gaps), (15, 60, 400)),
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
    Case("percent agreement", percent("units", _nominal), (15, 60, 400)),
    Case("percent agreement, pairs", percent("pairs", _gaps), (15, 60, 400)),
    Case("cohen_kappa", kappa(agreement.cohen_kappa), (15, 60, 400)),
    Case("cohen_kappa, quadratic", kappa(agreement.cohen_kappa, "quadratic", _graded), (30, 100, 400)),
    Case("fleiss_kappa", kappa(agreement.fleiss_kappa), (30, 100, 400)),
    Case(
        "fleiss_kappa, quadratic, missing", kappa(agreement.fleiss_kappa, "quadratic", _gaps), (30, 100, 400)
    ),
    Case("gwet_ac", kappa(agreement.gwet_ac), (30, 100, 400)),
    Case("gwet_ac, linear, missing", kappa(agreement.gwet_ac, "linear", _gaps), (30, 100, 400)),
    Case("conger_kappa", kappa(agreement.conger_kappa), (30, 100, 400)),
    Case("conger_kappa, linear, missing", kappa(agreement.conger_kappa, "linear", _gaps), (30, 100, 400)),
    *(
        Case(f"{name}, 5 % prevalence", kappa(KAPPAS[name], None, _rare), (60, 200, 1000), UNSEEN, 0.92, 1.0)
        for name in KAPPAS
    ),
    *(
        Case(
            f"{name}, hardly any disagreement",
            kappa(KAPPAS[name], None, _easy),
            (30, 100, 400),
            UNSEEN,
            0.92,
            1.0,
        )
        for name in KAPPAS
    ),
    *(Case(form, icc(form), (10, 40, 200)) for form in ("ICC(1,1)", "ICC(3,1)", "ICC(1,k)", "ICC(3,k)")),
    Case("ICC(2,1), 5 raters", icc("ICC(2,1)"), (10, 40, 200)),
    Case("ICC(2,k), 5 raters", icc("ICC(2,k)"), (10, 40, 200)),
    *(
        Case(f"{form}, ratings missing", icc(form, 0.4), (10, 40, 200))
        for form in ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(2,k)")
    ),
    *(
        Case(f"{form}, one of eight raters gives half", icc_of_half(form), (20, 60, 200))
        for form in ("ICC(2,1)", "ICC(3,1)", "ICC(2,k)")
    ),
    *(
        Case(f"correlation, {name}, {what}", correlation(name, **shape), sizes)
        for name in ("pearson", "spearman", "kendall")
        for what, shape, sizes in (
            ("normal", {}, (20, 60, 300)),
            ("graded", {"graded": True}, (20, 60, 300)),
            ("graded, eight outputs of each example", {"graded": True, "examples": True}, (20, 60, 300)),
        )
    ),
    Case("span_agreement, exact", spans("exact"), (15, 40, 120), MATCHED, 0.93, 0.985),
    Case("span_agreement, overlap", spans("overlap"), (15, 40, 120), MATCHED, 0.93, 0.985),
    Case("span_agreement, character", spans("character"), (15, 40, 120), MATCHED, 0.93, 0.985),
    *(
        Case(
            f"span_agreement, {mode}, uneven documents",
            spans(mode, documents),
            (3, 8, 30),
            UNEVEN,
            0.92,
            0.98,
        )
        for mode in ("exact", "overlap", "character")
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
