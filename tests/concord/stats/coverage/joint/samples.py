"""Rated and unrated outputs with a machine's scores, of the kinds that several estimators are simulated on."""

from __future__ import annotations

import numpy as np

from concord.stats import joint
from tests.concord.stats.coverage.harness import Draw, Interval, interval


def judged(rng: np.random.Generator, truth: np.ndarray, kind: str) -> np.ndarray:
    """Return a machine's predictions that are good, useless, the opposite of right, perfect or constant."""
    noise = rng.normal(size=len(truth))
    return {
        "good": truth + 0.5 + 0.6 * truth.std() * noise,
        "useless": 2 * noise,
        "opposite": -truth + 0.6 * noise,
        "perfect": truth.copy(),
        "constant": np.full(len(truth), 0.5),
    }[kind]


def verdicts(
    rng: np.random.Generator, n: int, share: float, accuracy: float
) -> tuple[np.ndarray, np.ndarray]:
    label = (rng.random(n) < share).astype(float)
    return label, np.where(rng.random(n) < accuracy, label, 1 - label)


def binary(share: float, accuracy: float, ratio: float = 10, rate: bool = False) -> Draw:
    call = joint.prediction_powered_win_rate if rate else joint.prediction_powered_mean

    def draw(rng: np.random.Generator, n: int) -> Interval:
        y, f = verdicts(rng, n + int(ratio * n), share, accuracy)
        return interval(call(y[:n], f[:n], f[n:]), share)

    return draw


def clustered(shared: bool, rate: bool = False) -> Draw:
    """Documents of 2 to 13 items; labels on whole documents, or here and there in all of them."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        documents = n if shared else 4 * n
        document = np.repeat(np.arange(documents), rng.integers(2, 14, size=documents))
        y = (rng.normal(size=documents)[document] + rng.normal(size=len(document))) / np.sqrt(2)
        f = y + 0.4 * rng.normal(size=documents)[document] + 0.6 * rng.normal(size=len(document))
        if rate:
            y, f = (y > 0).astype(float), 1 / (1 + np.exp(-2 * f))
        labelled = rng.random(len(document)) < 0.3 if shared else document < n
        call = joint.prediction_powered_win_rate if rate else joint.prediction_powered_mean
        found = call(
            y[labelled],
            f[labelled],
            f[~labelled],
            clusters=document[labelled],
            unlabelled_clusters=document[~labelled],
        )
        return interval(found, 0.5 if rate else 0.0)

    return draw


def by_chance(rate: bool = False, **options) -> Draw:
    """Items are labelled by chances that follow a prediction whose error depends on it too; n is the mean count of labels."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        y = rng.normal(size=5 * n)
        f = y + 0.2 * y**2 + 0.5 * rng.normal(size=len(y))
        keen = 0.4 + 1 / (1 + np.exp(-f))
        chance = np.clip(0.2 * keen / keen.mean(), 0.02, 0.95)
        if rate:
            y, f = (y > 0).astype(float), 1 / (1 + np.exp(-2 * f))
        drawn = rng.random(len(y)) < chance
        call = joint.prediction_powered_win_rate if rate else joint.prediction_powered_mean
        found = call(y[drawn], f[drawn], f[~drawn], propensities=chance[drawn], **options)
        return interval(found, 0.5 if rate else 0.0)

    return draw


def near_one(judges: int, two: bool = False) -> Draw:
    """Systems that are right in 95 of 100 cases; judges in 85, or 90, 80 and 70."""

    def said(rng: np.random.Generator, y: np.ndarray) -> np.ndarray:
        chances = (0.85,) if judges == 1 else (0.9, 0.8, 0.7)
        return np.stack([np.where(rng.random(len(y)) < p, y, 1 - y) for p in chances], axis=1)

    def draw(rng: np.random.Generator, n: int) -> Interval:
        hard, parts = rng.normal(size=11 * n), []
        for _ in range(2 if two else 1):
            y = ((hard + rng.normal(size=11 * n)) / np.sqrt(2) < 1.6448536).astype(float)
            parts.append((y, said(rng, y)))
        if not two:
            [(y, f)] = parts
            return interval(joint.prediction_powered_mean(y[:n], f[:n], f[n:]), 0.95)
        found = joint.prediction_powered_difference(
            *(y[:n] for y, _ in parts), *(f[:n] for _, f in parts), *(f[n:] for _, f in parts)
        )
        return interval(found, 0.0)

    return draw


FEW_LABELS = "errs on the wide side with few labels"

BOUNDED = "errors not yet seen are added to few labels of 0 and 1: errs on the wide side"

DISCRETE = "few failures come in steps: may hold more than it says"
