"""Simulated studies whose truth is known, and the table that docs/claims.md keeps of what pages say of them."""

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special

from concord.estimates.enums import Estimand, Kind, Level, Scope
from concord.estimates.question import Question
from concord.estimates.ratings import Ratings

ROUNDS = int(os.environ.get("CONCORD_COVERAGE_ROUNDS", "1000"))
SCOPES = {Scope.THESE_RATERS: "these raters", Scope.OTHER_RATERS: "others like them"}


@dataclass(frozen=True, kw_only=True)
class Design:
    """A crossed study: every rater answers about every system on every example, or a share of these."""

    examples: int = 60
    systems: int = 4
    raters: int = 3
    example: float = 0.6
    rater: float = 0.4
    system_example: float = 0.4
    system_rater: float = 0.2
    noise: float = 0.6
    seen: float = 1.0
    gap: float = 0.0  # of the last system to all others


@dataclass(frozen=True, kw_only=True)
class Study:
    """Ratings with the truth behind them: each system's mean for other raters and for these, (S,) each."""

    ratings: Ratings
    for_others: np.ndarray
    for_these: np.ndarray

    def truth(self, scope: Scope) -> np.ndarray:
        return self.for_others if scope == Scope.OTHER_RATERS else self.for_these


def on_a_scale(rng: np.random.Generator, design: Design) -> Study:
    """Answers on a continuous scale: system + example + rater + both with system + noise."""
    s, e, r = design.systems, design.examples, design.raters
    mean = np.zeros(s)
    mean[-1] = design.gap
    by_rater = rng.normal(0, design.rater, (1, 1, r)) + rng.normal(0, design.system_rater, (s, 1, r))
    quality = rng.normal(0, design.example, (1, e, 1)) + rng.normal(0, design.system_example, (s, e, 1))
    values = mean[:, None, None] + quality + by_rater + rng.normal(0, design.noise, (s, e, r))
    these = mean + by_rater.mean(axis=2).reshape(-1)
    return Study(ratings=_ratings(values, _seen(rng, design)), for_others=mean, for_these=these)


def yes_or_no(rng: np.random.Generator, design: Design, *, share: float, alike: float = 0.7) -> Study:
    """Yes or no: with chance `alike` every rater answers as the example is, else by chance; equal systems."""
    s, e, r = design.systems, design.examples, design.raters
    truth = rng.random((s, e, 1)) < share
    own = rng.random((s, e, r)) < share
    values = np.where(rng.random((s, e, r)) < alike, truth, own).astype(float)
    level = np.full(s, share)
    return Study(ratings=_ratings(values, _seen(rng, design)), for_others=level, for_these=level)


def unlike_raters(rng: np.random.Generator, design: Design, *, share: float) -> Study:
    """Yes or no by a normal below (probit): the share for other raters is `share`, for these it is what they would say of all."""
    s, e, r = design.systems, design.examples, design.raters
    size = np.sqrt(design.example**2 + design.rater**2 + design.noise**2)
    by_rater = rng.normal(0, design.rater, (1, 1, r))
    below = by_rater + rng.normal(0, design.example, (s, e, 1)) + rng.normal(0, design.noise, (s, e, r))
    values = (below < special.ndtri(share) * size).astype(float)
    own = np.hypot(design.example, design.noise)
    these = special.ndtr((special.ndtri(share) * size - by_rater) / own).mean()
    return Study(
        ratings=_ratings(values, _seen(rng, design)),
        for_others=np.full(s, share),
        for_these=np.full(s, these),
    )


def _seen(rng: np.random.Generator, design: Design) -> np.ndarray:
    shape = (design.systems, design.examples, design.raters)
    if design.seen >= 1:
        return np.ones(shape, dtype=bool)
    seen = rng.random((1, *shape[1:])) < design.seen
    seen[0, np.arange(design.examples), rng.integers(design.raters, size=design.examples)] = True
    return np.broadcast_to(seen, shape)


def _ratings(values: np.ndarray, seen: np.ndarray, *, examples: np.ndarray | None = None) -> Ratings:
    system, example, rater = (axis[seen] for axis in np.indices(values.shape))
    example = example if examples is None else examples[example]
    outputs = system * 100_000 + example
    nothing = np.full(len(system), -1)
    return Ratings(
        units=outputs,
        outputs=outputs,
        other_outputs=nothing,
        systems=system,
        other_systems=nothing,
        examples=example,
        raters=rater,
        values=values[seen],
        swapped=np.zeros(len(system), dtype=bool),
        seconds=np.full(len(system), np.nan),
    )


def pairs(rng: np.random.Generator, design: Design, *, ties: float = 0.2) -> tuple[Ratings, np.ndarray]:
    """Votes on every pair of systems by every rater on every example; the systems' log strengths (S,), summing to 0."""
    s, e, r = design.systems, design.examples, design.raters
    strength = np.zeros(s)
    strength[-1] = design.gap
    strength -= strength.mean()
    form = rng.normal(0, design.system_example, (s, e, 1)) + rng.normal(0, design.system_rater, (s, 1, r))
    one, two = np.triu_indices(s, 1)
    gap = (strength[one] - strength[two])[:, None, None] + form[one] - form[two]
    wins = rng.random(gap.shape) < 1 / (1 + np.exp(-gap))
    values = np.where(rng.random(gap.shape) < ties, 2.0, np.where(wins, 1.0, 3.0))
    pair, example, rater = (axis.ravel() for axis in np.indices(gap.shape))
    left, right = one[pair], two[pair]
    return Ratings(
        units=(left * 100 + right) * 100_000 + example,
        outputs=left * 100_000 + example,
        other_outputs=right * 100_000 + example,
        systems=left,
        other_systems=right,
        examples=example,
        raters=rater,
        values=values.ravel(),
        swapped=np.zeros(len(left), dtype=bool),
        seconds=np.full(len(left), np.nan),
    ), strength


def scale(scope: Scope) -> Question:
    return Question(name="quality", kind=Kind.NUMERIC, scope=scope)


def share(scope: Scope) -> Question:
    return Question(
        name="unsafe",
        kind=Kind.YES_NO,
        level=Level.NOMINAL,
        estimand=Estimand.RATE,
        labels=(1.0,),
        label_names={0.0: "no", 1.0: "yes"},
        scope=scope,
    )


def preference(scope: Scope) -> Question:
    return Question(
        name="better",
        kind=Kind.PREFERENCE,
        level=Level.NOMINAL,
        estimand=Estimand.WIN_RATE,
        outcomes={1.0: 1.0, 2.0: 0.5, 3.0: 0.0},
        scope=scope,
    )


def repeat(name: str, once: Callable[[np.random.Generator], np.ndarray]) -> np.ndarray:
    """Return the mean over the rounds of what `once` returns (nan is no answer), from a seed that follows the name."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return np.nanmean([once(rng) for _ in range(ROUNDS)], axis=0)


def keep(name: str, cells: str, remark: str = "") -> None:
    """Keep a row for the table that CONCORD_CLAIMS_TABLE names, as for docs/claims.md."""
    fewer = "" if ROUNDS == 1000 else f"{ROUNDS} studies"
    line = f"| {name} | {cells} | {'; '.join(part for part in (remark, fewer) if part)} |"
    target = os.environ.get("CONCORD_CLAIMS_TABLE")
    if target:  # row by row, so that what has been run is kept
        with Path(target).open("a") as file:
            file.write(f"{line}\n")
    print(f"\n{line}")


def holds(share: float, low: float = 0.93, high: float = 0.97) -> bool:
    """Whether the share lies in the band, or beyond it by no more than chance explains in 99 of 100 tables."""
    off = [2.576 * np.sqrt(edge * (1 - edge) / ROUNDS) for edge in (low, high)]
    return bool(low - off[0] <= share <= high + off[1])
