"""A simulated study with crossed examples and raters, and its plain generalized least squares."""

from __future__ import annotations

import numpy as np

PARTS = {"example": 0.6, "rater": 0.4, "system_example": 0.4, "system_rater": 0.3, "noise": 0.5}


def study(
    seed: int, shape: tuple[int, int, int] = (3, 12, 5), kept: float = 1.0, **parts: float
) -> dict[str, np.ndarray]:
    """Return answers of raters to systems on examples, some of them missing; the truth of system s is s / 10."""
    rng, sd = np.random.default_rng(seed), {**PARTS, **parts}
    s, i, r = (index.ravel() for index in np.indices(shape))
    y = s / 10 + rng.normal(0, sd["example"], shape[1])[i] + rng.normal(0, sd["rater"], shape[2])[r]
    y = y + rng.normal(0, sd["system_example"], shape[:2])[s, i]
    y = y + rng.normal(0, sd["system_rater"], (shape[0], shape[2]))[s, r] + rng.normal(0, sd["noise"], len(s))
    some = rng.random(len(s)) < kept
    return {"values": y[some], "systems": s[some], "examples": i[some], "raters": r[some]}


def generalized_least_squares(
    rows: dict[str, np.ndarray], parts: dict[str, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the systems' means and their covariance at given variances, by plain matrices."""
    s, i, r = rows["systems"], rows["examples"], rows["raters"]
    same = {"example": i, "rater": r, "system_example": 100 * i + s, "system_rater": 100 * r + s}
    v = parts["noise"] * np.eye(len(s))
    for name, codes in same.items():
        v += np.nan_to_num(parts[name]) * (codes[:, None] == codes)
    x = np.eye(s.max() + 1)[s]
    weights = np.linalg.solve(v, x)
    covariance = np.linalg.inv(x.T @ weights)
    return covariance @ weights.T @ rows["values"], covariance
