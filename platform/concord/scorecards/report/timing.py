"""How long the systems took, and what they cost, as a scorecard tells it."""

from typing import Any

import numpy as np

from concord.estimates.latency import QUANTILES, Latency, latency
from concord.estimates.timings import Timings


def timing(
    timings: Timings, systems: tuple[int, ...], *, dataset_timings: Timings | None, confidence: float
) -> dict[str, Any]:
    """Return percentiles, tokens and cost of each system; `dataset` describes all requests on the dataset as one heap."""
    found = {system: latency(timings.of(system), confidence=confidence) for system in systems}
    notes = dict.fromkeys(note for one in found.values() for note in one.notes)
    return {
        "unit": "ms",
        "systems": [{"system": system, **row(one)} for system, one in found.items()],
        "dataset": None if dataset_timings is None else _heap(dataset_timings),
        "notes": [note.as_dict() for note in notes],
    }


def row(found: Latency) -> dict[str, Any]:
    """Return one line of the table."""
    return {
        **{name: figure.as_dict() for name, figure in found.percentiles.items()},
        "first_token": {name: figure.as_dict() for name, figure in found.first_token.items()},
        "outputs": found.outputs,
        "mean_ms": found.mean_ms.as_dict(),
        "input_tokens": found.input_tokens.as_dict(),
        "output_tokens": found.output_tokens.as_dict(),
        "tokens_per_second": found.tokens_per_second.as_dict(),
        "cost": found.cost.as_dict(),
        "cost_total": found.cost_total,
    }


def _heap(timings: Timings) -> dict[str, Any] | None:
    """Return percentiles over all systems: they describe these requests, no system, so they have no interval."""
    observed = timings.in_order().duration_ms[timings.in_order().counts]
    if not len(observed):
        return None
    systems = len(np.unique(timings.systems))
    return {
        **{name: float(np.quantile(observed, q)) for name, q in QUANTILES.items()},
        "outputs": len(timings),
        "systems": systems,
        "note": f"the requests of {systems} systems in one heap: no system has these percentiles.",
    }
