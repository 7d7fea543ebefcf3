"""Coverage of differences stated together, of ranks, and of crossed raters and examples."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.comparison import _max_normal
from tests.concord.stats.coverage.comparison.samples import WIDE
from tests.concord.stats.coverage.crossed import CASES as CROSSED
from tests.concord.stats.coverage.crossed import share_better
from tests.concord.stats.coverage.few_raters import (
    best_of,
    family_of,
    family_of_people,
    one_shared_error,
)
from tests.concord.stats.coverage.harness import ROUNDS, Case, check

pytestmark = pytest.mark.slow
Rng = np.random.Generator


CASES = [
    Case("simultaneous, 4 systems", family_of(4, 1), (4, 12, 60), "fewer: nearly Sidak"),
    Case("simultaneous, 4 systems, 6 dimensions", family_of(4, 6), (8, 30, 100)),
    Case("simultaneous, 10 systems", family_of(10, 1), (8, 30, 100)),
    Case(
        "simultaneous, Sidak",
        family_of(4, 1, False),
        (4, 12, 60),
        "takes nothing for known of the correlation",
        ceiling=0.98,
    ),
    Case(
        "simultaneous, one error for all", one_shared_error, (2, 4, 20), "Tukey's is narrower", ceiling=0.98
    ),
    Case("simultaneous, 3 raters", family_of_people(3), (30, 60, 100), WIDE, ceiling=1.0),
    Case("simultaneous, 5 raters", family_of_people(5), (30, 60, 100), WIDE, ceiling=0.985),
    Case("rank_ranges", best_of("ranks"), (8, 30, 100), "holds more than the differences", ceiling=1.0),
    Case(
        "multiple_comparisons_with_best",
        best_of("best"),
        (8, 30, 100),
        "holds for the least favourable truth",
        ceiling=1.0,
    ),
    *CROSSED,
]


@pytest.fixture
def quick_families(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find each family's critical value from 4,096 draws on a coarse grid: it moves by a hundredth at most."""
    monkeypatch.setattr(_max_normal, "_DRAWS", 1 << 12)
    monkeypatch.setattr(_max_normal, "_GROUPS", 64)
    monkeypatch.setattr(_max_normal, "_GRID", np.linspace(0.0, 9.0, 61))


@pytest.mark.usefixtures("quick_families")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("n_systems", [2, 3])
def test_raters_added_never_cost_a_verdict(n_systems: int) -> None:
    rounds = max(ROUNDS // 4, 50)
    verdicts = [share_better(n, rounds, n_systems=n_systems) for n in (2, 3, 4, 6, 10)]
    assert verdicts == sorted(verdicts) or np.diff(verdicts).min() > -2 * (0.25 / rounds) ** 0.5, verdicts
    assert verdicts[-1] > 0.95, verdicts
