"""Coverage of agreement on spans."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from concord.stats import agreement
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval, truth_of
from tests.concord.stats.documents import documents

pytestmark = pytest.mark.slow


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


MATCHED = "few spans in few units: errs on the wide side"

UNEVEN = "some documents hold most of the spans: a little off with few"

CASES = [
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
