"""What every coverage test shares: a case, its simulation, and the table that docs/methods/coverage.md keeps.

A case draws a sample whose truth is known and returns the nominal 95 % interval for it. The share of intervals that
hold the truth must lie between .93 and .97 at a small, a medium and a large size; where an interval is known to leave
that band, the case says why, and so does the method's page.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Interval = tuple[float, float, float]  # low, high, truth
Draw = Callable[[np.random.Generator, int], Interval]
ROUNDS = int(os.environ.get("CONCORD_COVERAGE_ROUNDS", "1000"))
_TRUTH: dict[str, float] = {}


@dataclass(frozen=True)
class Row:
    """A line of the table: of which case, and of which package's estimators."""

    package: str
    name: str
    line: str


TABLE: list[Row] = []


@dataclass(frozen=True)
class Case:
    name: str
    draw: Draw
    sizes: tuple[int, int, int]
    known: str = ""  # why it may leave the band, as the method's page says
    floor: float = 0.93
    ceiling: float = 0.97


def interval(result: Any, truth: float) -> Interval:
    """Return the interval of a result beside the truth."""
    return float(result.low), float(result.high), truth


def long_form(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return units, raters and values of a (units, raters) table."""
    unit, rater = np.indices(table.shape)
    return unit.ravel(), rater.ravel(), table.ravel()


def truth_of(key: str, compute: Callable[[], float]) -> float:
    """Return a truth that has no formula, computed once from a very large sample."""
    if key not in _TRUTH:
        _TRUTH[key] = compute()
    return _TRUTH[key]


def share_covered(case: Case, size: int) -> float:
    """Return how often the interval held the truth; an interval that is undefined is no interval."""
    rng = np.random.default_rng(zlib.crc32(f"{case.name} {size}".encode()))
    hits = drawn = 0
    for _ in range(ROUNDS):
        low, high, truth = case.draw(rng, size)
        if np.isfinite(low) and np.isfinite(high):
            drawn += 1
            hits += low - 1e-12 <= truth <= high + 1e-12
    assert drawn > 0.8 * ROUNDS, f"{case.name}: no interval in {ROUNDS - drawn} of {ROUNDS} draws"
    return hits / drawn


def check(case: Case) -> None:
    """Simulate, keep the line for the table, and fail outside the band (and what chance allows around it)."""
    shares = [share_covered(case, size) for size in case.sizes]
    cells = " | ".join(
        f"{size:,}: {share:.3f}".replace("0.", ".") for size, share in zip(case.sizes, shares, strict=True)
    )
    remark = "; ".join(part for part in (case.known, _fewer_rounds()) if part)
    line = f"| {case.name} | {cells} | {remark} |"
    TABLE.append(Row(_package(), case.name, line))
    print(f"\n{line}")
    slack = (1.5 if ROUNDS >= 1000 else 3) * (0.95 * 0.05 / ROUNDS) ** 0.5
    for share in shares:
        assert case.floor - slack <= share <= case.ceiling + slack, line


def _fewer_rounds() -> str:
    return "" if ROUNDS == 1000 else f"{ROUNDS} samples"


def _package() -> str:
    """Return the package of estimators that the running test is about: its folder's here, or what its module is named for."""
    path = Path(os.environ["PYTEST_CURRENT_TEST"].split("::")[0])
    return path.parent.name if path.parent.name != "coverage" else path.stem.split("_")[1]
