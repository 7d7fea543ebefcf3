"""Scores and timings as long-form arrays: the one shape that feeds every estimator."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from concord.core.selectors.arrays import columns

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """One position a score, ordered by score id. `values` is nan where the machine's answer could not be read.

    `other_outputs` and `other_systems` are -1 where one output was scored alone. A pair is in the order (output, other output).
    """

    outputs: Ints
    other_outputs: Ints
    systems: Ints
    other_systems: Ints
    examples: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Timings:
    """One position a timed output. `duration_ms` is in milliseconds; counts and cost are nan where they are not known.

    `counts` is true for one output of each batch: what was answered together shares one duration, which is one observation.
    """

    systems: Ints
    examples: Ints
    outputs: Ints
    duration_ms: Floats
    counts: NDArray[np.bool_]
    batch_size: Floats
    input_tokens: Floats
    output_tokens: Floats
    cost: Floats

    def __len__(self) -> int:
        return len(self.duration_ms)


def scores_long(*, scorer_id: int, criterion_id: int) -> Scores:
    """Every score of one scorer on one criterion."""
    found = columns(
        "SELECT s.output_id AS outputs, coalesce(s.other_output_id, -1) AS other_outputs, o.system_id AS systems, "
        "coalesce(p.system_id, -1) AS other_systems, o.example_id AS examples, coalesce(s.value, 'NaN') AS values "
        "FROM evaluation_score s JOIN catalog_output o ON o.id = s.output_id "
        "LEFT JOIN catalog_output p ON p.id = s.other_output_id "
        "WHERE s.scorer_id = %s AND s.criterion_id = %s ORDER BY s.id",
        {
            "outputs": int,
            "other_outputs": int,
            "systems": int,
            "other_systems": int,
            "examples": int,
            "values": float,
        },
        [scorer_id, criterion_id],
    )
    return Scores(**found)


# Members of a batch were sent at one instant by one run; single requests always count.
ONE_A_BATCH = (
    "(coalesce(t.batch_size, 1) <= 1 OR t.sent_at IS NULL OR row_number() OVER "
    "(PARTITION BY o.output_set_id, o.system_id, t.sent_at, t.duration_ms, t.batch_size ORDER BY o.id) = 1)::int"
)


def timings_long(*, system_ids: Sequence[int], version_id: int | None = None) -> Timings:
    """Every timing of these systems, of one dataset version where it is given."""
    found = columns(
        "SELECT o.system_id AS systems, o.example_id AS examples, o.id AS outputs, t.duration_ms, "
        f"{ONE_A_BATCH} AS counts, "
        "coalesce(t.batch_size::float8, 'NaN') AS batch_size, "
        "coalesce(t.input_tokens::float8, 'NaN') AS input_tokens, "
        "coalesce(t.output_tokens::float8, 'NaN') AS output_tokens, coalesce(t.cost, 'NaN') AS cost "
        "FROM evaluation_timing t JOIN catalog_output o ON o.id = t.output_id JOIN catalog_example e ON e.id = o.example_id "
        "WHERE o.system_id = ANY(%s) AND (%s::bigint IS NULL OR e.version_id = %s) ORDER BY o.id",
        {
            "systems": int,
            "examples": int,
            "outputs": int,
            "duration_ms": float,
            "counts": int,
            "batch_size": float,
            "input_tokens": float,
            "output_tokens": float,
            "cost": float,
        },
        [list(system_ids), version_id, version_id],
    )
    return Timings(**{**found, "counts": found["counts"].astype(bool)})
