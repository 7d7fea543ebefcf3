"""The same question asked of each package: value, low and high of a level or of a difference."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

Answer = tuple[float, float, float]
NONE = (float("nan"),) * 3


def intervals(package: str, shape: Any, studies: list[dict[str, Any]]) -> np.ndarray:
    """Return (rounds, 3) value, low and high; nan where the package refuses."""
    ask = {"concord": concord, "glide": glide, "truescore": truescore}[package](shape)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for study in studies:
            try:
                found.append(ask(study))
            except (ValueError, ZeroDivisionError, np.linalg.LinAlgError):
                found.append(NONE)
    return np.array(found)


def concord(shape: Any) -> Callable[[dict[str, Any]], Answer]:
    """Ask concord.stats.joint."""
    from concord.stats import joint

    def level(s: dict[str, Any]) -> Any:
        if shape.what == "level":
            return joint.prediction_powered_mean(s["labels"], s["judged"], s["rest"])
        m = len(s["labels"])
        every = np.concatenate([s["judged"], s["rest"]])
        system = joint.Judged(predictions=every, ratings=s["labels"], rated=np.arange(m))
        return joint.joint_level(system, bounds=(1, 5))

    def difference(s: dict[str, Any]) -> Any:
        return joint.prediction_powered_difference(
            *(s[f"{x}{y}"] for x in ("labels", "judged", "rest") for y in ("_a", "_b"))
        )

    call = level if shape.what in ("level", "scale") else difference
    return lambda study: (lambda found: (found.value, found.low, found.high))(call(study))


def glide(shape: Any) -> Callable[[dict[str, Any]], Answer]:
    """Ask glide-py: PPI++ of one judge, of several its MultiPPI; a difference is the mean of differences."""
    from glide.estimators import MultiPPIMeanEstimator, PPIMeanEstimator  # type: ignore[import-not-found,unused-ignore]

    def ask(s: dict[str, Any]) -> Answer:
        label, judged = _one_sample(s)
        y = np.concatenate([label, np.full(len(judged) - len(label), np.nan)])
        if judged.shape[1] == 1:
            found = PPIMeanEstimator().estimate(y, judged[:, 0])
        else:
            found = MultiPPIMeanEstimator().estimate(y, judged)
        interval = found.confidence_interval
        return interval.mean, interval.lower_bound, interval.upper_bound

    return ask


def truescore(shape: Any) -> Callable[[dict[str, Any]], Answer]:
    """Ask truescore, which knows one judge: of several, the mean of what they say."""
    from truescore.correct import ppi_estimate  # type: ignore[import-not-found,unused-ignore]

    def ask(s: dict[str, Any]) -> Answer:
        label, judged = _one_sample(s)
        found = ppi_estimate(judged.mean(axis=1), label, np.arange(len(label)))
        return found.point, found.low, found.high

    return ask


def _one_sample(s: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and the judges' verdicts of all items, or the differences of both."""
    if "labels" in s:
        return s["labels"], np.concatenate([s["judged"], s["rest"]])
    a, b = (np.concatenate([s[f"judged{x}"], s[f"rest{x}"]]) for x in ("_a", "_b"))
    return s["labels_a"] - s["labels_b"], a - b
