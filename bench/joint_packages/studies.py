"""Simulated studies: few items that people labelled, ten times as many that only judges saw."""

from __future__ import annotations

import zlib
from statistics import NormalDist
from typing import Any

import numpy as np

Study = dict[str, Any]  # labels (n,), judged (n, k), rest (N, k); of two systems with _a and _b
RATIO = 10
# The chance of each judge to say yes where people do, and no where people do.
ACCURACY = {
    "one": ((0.85, 0.85),),
    "three": ((0.9, 0.9), (0.8, 0.8), (0.7, 0.7)),
    "useless": ((0.6, 0.6),),
    "nearly perfect": ((0.95, 0.95),),
    "lenient": ((0.95, 0.6),),
    "three alike": ((0.9, 0.85), (0.88, 0.8), (0.8, 0.9)),
}


def of(shape: Any, rounds: int) -> list[Study]:
    """Return so many studies, the same for every package."""
    seed = zlib.crc32(f"{shape.what} {shape.judges} {shape.n} {shape.truth}".encode())
    rng = np.random.default_rng(seed)
    draw = {"level": _level, "scale": _scale}.get(shape.what, _two)
    return [draw(rng, shape) for _ in range(rounds)]


def _split(n: int, label: np.ndarray, judged: np.ndarray, name: str = "") -> Study:
    return {f"labels{name}": label[:n], f"judged{name}": judged[:n], f"rest{name}": judged[n:]}


def _level(rng: np.random.Generator, shape: Any) -> Study:
    label = (rng.random((1 + RATIO) * shape.n) < shape.truth).astype(float)
    return _split(shape.n, label, _judged(rng, label, shape.judges))


def _two(rng: np.random.Generator, shape: Any) -> Study:
    """Two systems on the same examples, which are hard for both."""
    m = (1 + RATIO) * shape.n
    hardness, study = rng.normal(size=m), Study()
    for name, truth in (("_a", shape.truth), ("_b", shape.truth - 0.1 * (shape.what == "smaller"))):
        ease = (hardness + rng.normal(size=m)) / np.sqrt(2)
        label = (ease < NormalDist().inv_cdf(truth)).astype(float)
        study |= _split(shape.n, label, _judged(rng, label, shape.judges), name)
    return study


def _scale(rng: np.random.Generator, shape: Any) -> Study:
    """Answers from 1 to 5 whose mean lies at that share of the scale; a judge is off by one step where it errs."""
    label = 1.0 + rng.binomial(4, shape.truth, size=(1 + RATIO) * shape.n)
    columns = []
    for right, _ in ACCURACY[shape.judges]:
        off = np.where(rng.random(len(label)) < right, 0, rng.choice((-1, 1), size=len(label)))
        columns.append(np.clip(label + off, 1, 5))
    return _split(shape.n, label, np.stack(columns, axis=1))


def _judged(rng: np.random.Generator, label: np.ndarray, judges: str) -> np.ndarray:
    """Return the judges' verdicts, (m, k); of three that are alike, half of the errors are common."""
    common, columns = rng.random(len(label)), []
    for yes, no in ACCURACY[judges]:
        luck = rng.random(len(label))
        if judges == "three alike":
            luck = np.where(rng.random(len(label)) < 0.5, common, luck)
        columns.append(np.where(label == 1, luck < yes, luck >= no).astype(float))
    return np.stack(columns, axis=1)
