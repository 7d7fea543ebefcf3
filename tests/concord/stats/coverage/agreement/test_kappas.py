"""Coverage of kappas, AC1 and plain agreement."""

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


def kappa(function: Callable, weights: str | None = None, make: Make = nominal) -> Draw:
    columns = 2 if function is agreement.cohen_kappa else None
    n_categories = {nominal: 3, rare: 2, rare_gaps: 2, by_chance: 2, easy: 2}.get(make, 5)
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


KAPPAS = {
    "cohen_kappa": agreement.cohen_kappa,
    "fleiss_kappa": agreement.fleiss_kappa,
    "conger_kappa": agreement.conger_kappa,
    "gwet_ac": agreement.gwet_ac,
}

CASES = [
    Case(
        "fleiss_kappa, 2 % prevalence, missing",
        kappa(agreement.fleiss_kappa, None, rare_gaps),
        (60, 150, 600),
        UNSEEN,
        0.92,
        1.0,
    ),
    Case(
        "fleiss_kappa, 3 % prevalence by chance",
        kappa(agreement.fleiss_kappa, None, by_chance),
        (150, 400, 2000),
        UNSEEN,
        0.92,
        1.0,
    ),
    Case("percent agreement", percent("units", nominal), (15, 60, 400)),
    Case("percent agreement, pairs", percent("pairs", gaps), (15, 60, 400)),
    Case("cohen_kappa", kappa(agreement.cohen_kappa), (15, 60, 400)),
    Case("cohen_kappa, quadratic", kappa(agreement.cohen_kappa, "quadratic", graded), (30, 100, 400)),
    Case("fleiss_kappa", kappa(agreement.fleiss_kappa), (30, 100, 400)),
    Case(
        "fleiss_kappa, quadratic, missing", kappa(agreement.fleiss_kappa, "quadratic", gaps), (30, 100, 400)
    ),
    Case("gwet_ac", kappa(agreement.gwet_ac), (30, 100, 400)),
    Case("gwet_ac, linear, missing", kappa(agreement.gwet_ac, "linear", gaps), (30, 100, 400)),
    Case("conger_kappa", kappa(agreement.conger_kappa), (30, 100, 400)),
    Case("conger_kappa, linear, missing", kappa(agreement.conger_kappa, "linear", gaps), (30, 100, 400)),
    *(
        Case(f"{name}, 5 % prevalence", kappa(KAPPAS[name], None, rare), (60, 200, 1000), UNSEEN, 0.92, 1.0)
        for name in KAPPAS
    ),
    *(
        Case(
            f"{name}, hardly any disagreement",
            kappa(KAPPAS[name], None, easy),
            (30, 100, 400),
            UNSEEN,
            0.92,
            1.0,
        )
        for name in KAPPAS
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
