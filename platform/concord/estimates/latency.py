"""How long a system took and what it cost: percentiles, means and speed, with examples as the sample."""

from dataclasses import dataclass, replace

import numpy as np

from concord.estimates.arrays import Floats, Ints, item_means, repeated
from concord.estimates.figure import Figure, Note, from_estimate, undefined
from concord.estimates.timings import Timings
from concord.stats import comparison, tails

QUANTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, kw_only=True)
class Latency:
    """One system's timings. Percentiles and means in milliseconds; `tokens_per_second` are those of a single request's output."""

    percentiles: dict[str, Figure]
    first_token: dict[str, Figure]
    mean_ms: Figure
    input_tokens: Figure
    output_tokens: Figure
    tokens_per_second: Figure
    cost: Figure
    cost_total: float | None
    input_tokens_total: int | None
    output_tokens_total: int | None
    outputs: int
    requests: int
    largest_batch: int
    notes: tuple[Note, ...]


def latency(timings: Timings, *, confidence: float = 0.95) -> Latency:
    """Return what the timings of one system say. Repeats of an example are alike: they are one cluster, not so many requests."""
    timings = timings.in_order()
    once = timings.where(timings.counts)
    return Latency(
        percentiles=percentiles(once.duration_ms, once.examples, confidence=confidence),
        first_token=_first_tokens(once, confidence),
        mean_ms=_mean(once.duration_ms, once.examples, confidence, "no output of this system was timed"),
        input_tokens=_mean(
            timings.input_tokens, timings.examples, confidence, "tokens of the input were not recorded"
        ),
        output_tokens=_mean(
            timings.output_tokens, timings.examples, confidence, "tokens of the output were not recorded"
        ),
        tokens_per_second=_speed(timings, confidence),
        cost=_mean(
            timings.cost,
            timings.examples,
            confidence,
            "no cost was recorded: prices of the system are not set",
        ),
        cost_total=_total(timings.cost),
        input_tokens_total=_whole(timings.input_tokens),
        output_tokens_total=_whole(timings.output_tokens),
        outputs=len(timings),
        requests=len(once),
        largest_batch=int(np.nanmax(timings.batch_size, initial=1)),
        notes=_batched(timings),
    )


def percentiles(values: Floats, examples: Ints, *, confidence: float = 0.95) -> dict[str, Figure]:
    """Return p50 to p99 of what is known of `values`, clustered by example where one was asked several times."""
    known = ~np.isnan(values)
    clusters = repeated(examples[known])
    return {
        name: _percentile(name, tails.percentile(values[known], q, clusters=clusters, confidence=confidence))
        for name, q in QUANTILES.items()
    }


def _percentile(name: str, found: tails.Percentile) -> Figure:
    figure = from_estimate(found, estimator="tails.percentile")
    if figure.defined or found.n >= found.n_needed:
        return figure
    needs = f"{name} needs at least {found.n_needed:,} requests, here are {found.n:,}"
    return replace(figure, undefined=needs)


def _first_tokens(once: Timings, confidence: float) -> dict[str, Figure]:
    if np.isnan(once.first_token_ms).all():
        return {}
    return percentiles(once.first_token_ms, once.examples, confidence=confidence)


def _mean(values: Floats, examples: Ints, confidence: float, reason: str) -> Figure:
    """Return a mean over examples of what is skewed by nature: a few answers are very long."""
    if not (~np.isnan(values)).any():
        return undefined(reason, confidence=confidence)
    per_example = item_means(examples, values)[1]
    found = comparison.mean(per_example, method="skewed", confidence=confidence)
    return from_estimate(
        found,
        estimator="comparison.mean",
        method="mean over examples, t interval opened towards the longer tail",
    )


def _speed(timings: Timings, confidence: float) -> Figure:
    """Return output tokens per second of single requests: in a batch the time is that of the whole batch."""
    single = ~(timings.batch_size > 1) & (timings.duration_ms > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = timings.output_tokens[single] / timings.duration_ms[single] * 1000
    return _mean(
        speed, timings.examples[single], confidence, "no single request with its tokens was recorded"
    )


def _batched(timings: Timings) -> tuple[Note, ...]:
    n = int((timings.batch_size > 1).sum())
    text = f"{n:,} outputs were answered in batches: their latency is that of the batch, which counts once."
    return (Note(code="batched", text=text),) if n else ()


def _total(values: Floats) -> float | None:
    return float(np.nansum(values)) if (~np.isnan(values)).any() else None


def _whole(values: Floats) -> int | None:
    total = _total(values)
    return None if total is None else round(total)
