"""Coverage of intraclass correlations."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import agreement
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval, long_form

pytestmark = pytest.mark.slow


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


CASES = [
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
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
