"""How long the systems took, and what they cost."""

from typing import Any

import numpy as np

from concord.scorecards.evidence import FloatArray, Timings
from concord.scorecards.services.figures import figure, undefined
from concord.stats import comparison, tails

PERCENTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}


def latency(
    timings: Timings,
    systems: tuple[int, ...],
    *,
    dataset_timings: Timings | None = None,
    confidence: float = 0.95,
) -> dict[str, Any]:
    """Return percentiles, tokens and cost of each system; `dataset` describes all requests on the dataset as one heap."""
    return {
        "unit": "ms",
        "systems": [{"system": system, **row(timings.of(system), confidence)} for system in systems],
        "dataset": None if dataset_timings is None else _heap(dataset_timings),
        "notes": _notes(_only(timings, systems)),
    }


def _heap(timings: Timings) -> dict[str, Any] | None:
    """Return percentiles over all systems: they describe these requests, no system, so they have no interval."""
    observed = timings.duration_ms[timings.counts]
    if not len(observed):
        return None
    systems = len(np.unique(timings.systems))
    return {
        **{name: float(np.quantile(observed, q)) for name, q in PERCENTILES.items()},
        "outputs": len(timings.duration_ms),
        "systems": systems,
        "note": f"the requests of {systems} systems in one heap: no system has these percentiles.",
    }


def row(timings: Timings, confidence: float) -> dict[str, Any]:
    """Return one line of the table."""
    observed = timings.duration_ms[timings.counts]
    figures = {
        name: figure(tails.percentile(observed, q, confidence=confidence)) for name, q in PERCENTILES.items()
    }
    return {
        **figures,
        "outputs": len(timings.duration_ms),
        "mean_ms": _mean(observed, confidence, "no output of this system was timed"),
        "input_tokens": _mean(timings.input_tokens, confidence, "tokens of the input were not recorded"),
        "output_tokens": _mean(timings.output_tokens, confidence, "tokens of the output were not recorded"),
        "tokens_per_second": _speed(timings, confidence),
        "cost": _mean(timings.cost, confidence, "no cost was recorded: prices of the system are not set"),
        "cost_total": float(np.nansum(timings.cost)) if (~np.isnan(timings.cost)).any() else None,
    }


def _mean(values: FloatArray, confidence: float, reason: str) -> dict[str, Any]:
    if not (~np.isnan(values)).any():
        return undefined(reason, confidence=confidence)
    return figure(comparison.mean(values, confidence=confidence))


def _speed(timings: Timings, confidence: float) -> dict[str, Any]:
    """Return output tokens per second of single requests: in a batch the time is that of the whole batch."""
    single = ~(timings.batch_size > 1) & (timings.duration_ms > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = timings.output_tokens[single] / timings.duration_ms[single] * 1000
    return _mean(speed, confidence, "no single request with its tokens was recorded")


def _only(timings: Timings, systems: tuple[int, ...]) -> Timings:
    kept = np.isin(timings.systems, np.array(systems, dtype=np.int64))
    return Timings(**{name: array[kept] for name, array in vars(timings).items()})


def _notes(timings: Timings) -> list[str]:
    batched = int((timings.batch_size > 1).sum())
    return (
        [
            f"{batched} outputs were answered in batches: their latency is that of the batch, which counts once."
        ]
        if batched
        else []
    )
