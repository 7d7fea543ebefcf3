"""What a run found: accuracy, slices, latency and tokens, each with its interval, its n and what was left out."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from concord.core.selectors.arrays import columns
from concord.stats import Estimate, comparison, tails
from evaluation.models import Run
from evaluation.scorers import methods
from evaluation.selectors.long_form import ONE_A_BATCH

QUANTILES = (0.5, 0.9, 0.95, 0.99)
MAX_SLICE_VALUES = 40


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """One scorer's estimate. `binary` scores have an exact (Clopper-Pearson) interval where each example was asked once."""

    title: str
    scorer_id: int
    criterion_id: int
    binary: bool
    estimate: Estimate
    computed_by: str


@dataclass(frozen=True, kw_only=True)
class SliceRow:
    name: str
    value: str
    estimate: Estimate


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Percentiles in milliseconds. What was answered in one batch shares one latency and counts once."""

    percentiles: dict[str, Estimate]
    first_token: dict[str, Estimate]
    unit: str
    largest_batch: int
    requests: int
    tokens_per_second: float | None
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None


def accuracies(run: Run) -> list[Accuracy]:
    """Every scorer of the run, in the benchmark's order."""
    failed = run.failures.filter(attempts__gte=run.settings["max_attempts"]).count()
    return [_accuracy(run, spec, failed) for spec in run.settings["scorers"]]


def slices(run: Run, accuracy: Accuracy) -> list[SliceRow]:
    """The scorer's estimate within every value of every slice that the examples have."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.key, x.value, array_agg(s.value ORDER BY s.id), array_agg(o.example_id ORDER BY s.id) "
            f"FROM {_ANSWERS} CROSS JOIN LATERAL jsonb_each_text(e.slices) x "
            "WHERE s.value IS NOT NULL GROUP BY x.key, x.value ORDER BY x.key, count(*) DESC, x.value",
            _parameters(run, accuracy.scorer_id, accuracy.criterion_id),
        )
        rows = cursor.fetchall()
    taken: dict[str, int] = {}
    found = []
    for name, value, values, examples in rows:
        taken[name] = taken.get(name, 0) + 1
        if taken[name] <= MAX_SLICE_VALUES:
            estimate = estimate_of(np.asarray(values, float), np.asarray(examples), binary=accuracy.binary)
            found.append(SliceRow(name=name, value=value, estimate=estimate))
    return found


def latency(run: Run) -> Latency | None:
    """None where nothing was timed."""
    found = columns(
        f"SELECT {ONE_A_BATCH} AS counts, t.duration_ms, coalesce(t.batch_size, 1) AS batch, "
        "coalesce(extract(epoch FROM t.first_token_at - t.sent_at) * 1000, 'NaN') AS first_ms, "
        "coalesce(t.input_tokens, -1) AS input, coalesce(t.output_tokens, -1) AS output, coalesce(t.cost, 'NaN') AS cost "
        "FROM evaluation_timing t JOIN catalog_output o ON o.id = t.output_id JOIN catalog_example e ON e.id = o.example_id "
        "WHERE o.output_set_id = %s AND o.system_id = %s AND e.version_id = %s ORDER BY o.id",
        {
            "counts": int,
            "duration_ms": float,
            "batch": int,
            "first_ms": float,
            "input": int,
            "output": int,
            "cost": float,
        },
        [run.answers_set_id, run.system_id, run.benchmark.version_id],
    )
    if not len(found["duration_ms"]):
        return None
    once = found["counts"] == 1
    seconds = float(found["duration_ms"][once].sum()) / 1000
    tokens = _total(found["output"])
    return Latency(
        percentiles=_percentiles(found["duration_ms"][once]),
        first_token=_percentiles(found["first_ms"][once]) if not np.isnan(found["first_ms"]).all() else {},
        unit="requests" if once.all() else "batches",
        largest_batch=int(found["batch"].max()),
        requests=len(found["batch"]),
        tokens_per_second=tokens / seconds if tokens and seconds else None,
        input_tokens=_total(found["input"]),
        output_tokens=tokens,
        cost=None if np.isnan(found["cost"]).all() else float(np.nansum(found["cost"])),
    )


def estimate_of(values: NDArray[np.float64], examples: NDArray[Any], *, binary: bool) -> Estimate:
    """A proportion with its exact interval; a mean clustered by example where there are epochs or the scores are not 0 and 1."""
    if _is_count(examples, binary):
        return comparison.proportion(int(values.sum()), len(values), "clopper-pearson")
    return comparison.mean(values, clusters=examples if _repeated(examples) else None)


def _is_count(examples: NDArray[Any], binary: bool) -> bool:
    return binary and not _repeated(examples)


def _repeated(examples: NDArray[Any]) -> bool:
    return len(np.unique(examples)) < len(examples)


_ANSWERS = (
    "evaluation_score s JOIN catalog_output o ON o.id = s.output_id AND s.scorer_id = %s AND s.criterion_id = %s "
    "AND s.other_output_id IS NULL AND o.output_set_id = %s AND o.system_id = %s "
    "JOIN catalog_example e ON e.id = o.example_id AND e.version_id = %s"
)


def _parameters(run: Run, scorer_id: int, criterion_id: int) -> list[Any]:
    return [scorer_id, criterion_id, run.answers_set_id, run.system_id, run.benchmark.version_id]


def _accuracy(run: Run, spec: dict[str, Any], failed: int) -> Accuracy:
    found = columns(
        f"SELECT coalesce(s.value, 'NaN') AS value, o.example_id AS example FROM {_ANSWERS} ORDER BY s.id",
        {"value": float, "example": int},
        _parameters(run, spec["scorer_id"], spec["criterion_id"]),
    )
    known = ~np.isnan(found["value"])
    binary = methods()[spec["method"]].binary
    estimate = estimate_of(found["value"][known], found["example"][known], binary=binary)
    left_out = {"no reference": int((~known).sum()), "failed examples": failed}
    return Accuracy(
        title=spec["title"],
        scorer_id=spec["scorer_id"],
        criterion_id=spec["criterion_id"],
        binary=binary,
        estimate=_with_omitted(estimate, {name: count for name, count in left_out.items() if count}),
        computed_by="comparison.proportion"
        if _is_count(found["example"][known], binary)
        else "comparison.mean",
    )


def _with_omitted(estimate: Estimate, omitted: dict[str, int]) -> Estimate:
    return replace(estimate, omitted={**estimate.omitted, **omitted})


def _percentiles(values: NDArray[np.float64]) -> dict[str, Estimate]:
    return {f"p{100 * q:g}": tails.percentile(values, q) for q in QUANTILES}


def _total(counts: NDArray[np.int64]) -> int | None:
    known = counts[counts >= 0]
    return int(known.sum()) if len(known) else None
