"""Studies in which all raters judge all systems on all examples, or some of it, for the coverage of `crossed_effects`."""

from __future__ import annotations

from typing import Any

import numpy as np

from concord.stats import comparison
from tests.concord.stats.coverage.harness import Case, Draw, Interval, interval

THREE_SYSTEMS = "two raters: a little too narrow"
TWO = "one difference between raters to go by: too wide"


def drawn(
    rng: np.random.Generator, shape: tuple[int, int, int], design: str, system_rater: float, rater: float
) -> dict[str, np.ndarray]:
    """Return answers to systems that are all alike: standard deviations .6 (example), .4 (system x example), .5 (noise)."""
    s, i, r = (index.ravel() for index in np.indices(shape))
    y = rng.normal(0, 0.6, shape[1])[i] + rng.normal(0, rater, shape[2])[r]
    y = y + rng.normal(0, 0.4, shape[:2])[s, i] + rng.normal(0, system_rater, (shape[0], shape[2]))[s, r]
    y = y + rng.normal(0, 0.5, len(s))
    kept = np.ones(len(s), dtype=bool)
    if design == "missing":
        kept = rng.random(len(s)) < 0.65
    if design == "one a cell":
        kept = r == rng.integers(0, shape[2], shape[:2])[s, i]
    return {"values": y[kept], "systems": s[kept], "examples": i[kept], "raters": r[kept]}


def raters(figure: str, design: str = "complete", *, system_rater: float = 0.15, rater: float = 0.4) -> Draw:
    """Return the draw of a level or a difference with n raters of 30 examples."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        shape = (3, 60 if design == "one a cell" else 30, n)
        found = comparison.crossed_effects(**drawn(rng, shape, design, system_rater, rater))
        return figure_of(found, figure, 0.0)

    return draw


def examples(figure: str, n_raters: int, *, n_systems: int = 3, system_rater: float = 0.15) -> Draw:
    """Return the same with few raters of n examples."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        rows = drawn(rng, (n_systems, n, n_raters), "complete", system_rater, 0.4)
        return figure_of(comparison.crossed_effects(**rows), figure, 0.0)

    return draw


def these_raters(rng: np.random.Generator, n: int) -> Interval:
    """The difference for four raters who keep their leanings, a third of the answers missing."""
    rows = drawn(rng, (2, n, 4), "missing", 0.0, 0.4)
    leaning = rng.normal(0, 0.4, (2, 4))
    rows["values"] = rows["values"] + leaning[rows["systems"], rows["raters"]]
    found = comparison.crossed_effects(**rows, raters_as="fixed")
    return figure_of(found, "difference", float(leaning[0].mean() - leaning[1].mean()))


def figure_of(found: Any, figure: str, truth: float) -> Interval:
    if figure == "level":
        return float(found.low[0]), float(found.high[0]), truth
    return interval(found.difference(0, 1), truth)


CASES = [
    Case("crossed_effects, level, raters of 30 examples", raters("level"), (3, 5, 12)),
    Case("crossed_effects, difference, raters of 30 examples", raters("difference"), (3, 5, 12)),
    Case("crossed_effects, difference, a third missing", raters("difference", "missing"), (3, 5, 12)),
    Case("crossed_effects, difference, one answer a cell", raters("difference", "one a cell"), (3, 5, 12)),
    Case("crossed_effects, difference, raters agree on systems", raters("difference", system_rater=0.0), (3, 5, 12)),
    Case("crossed_effects, difference, raters have favourites", raters("difference", system_rater=0.5), (3, 5, 12)),
    Case("crossed_effects, level, raters alike", raters("level", rater=0.0, system_rater=0.0), (3, 5, 12)),
    Case("crossed_effects, level, raters most unlike", raters("level", rater=1.5), (3, 5, 12)),
    Case("crossed_effects, difference, two raters, three systems", examples("difference", 2), (15, 40, 100), THREE_SYSTEMS, 0.91),
    Case(
        "crossed_effects, difference, two raters, two systems",
        examples("difference", 2, n_systems=2),
        (15, 40, 100),
        TWO,
        ceiling=1.0,
    ),
    Case("crossed_effects, level, two raters", examples("level", 2), (15, 40, 100), TWO, ceiling=1.0),
    Case("crossed_effects, difference, these four raters", these_raters, (15, 40, 100)),
]  # fmt: skip


def share_better(n_raters: int, rounds: int, *, n_systems: int = 3) -> float:
    """Return how often a system that is .6 better is seen to be so by that many raters of 30 examples."""
    rng, seen = np.random.default_rng(7), 0
    for _ in range(rounds):
        rows = drawn(rng, (n_systems, 30, n_raters), "complete", 0.15, 0.4)
        rows["values"] = rows["values"] + 0.6 * (rows["systems"] == 0)
        seen += comparison.crossed_effects(**rows).difference(0, 1).low > 0
    return seen / rounds
