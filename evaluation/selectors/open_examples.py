"""Which examples of a shard still have to be answered."""

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection

from evaluation.models import Run, Shard
from evaluation.states import AskedBy


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the database says of an example."""

    id: int
    content: list[dict[str, Any]]
    choices: list[Any] | None
    reference: Any
    slices: dict[str, Any]


ANSWERED = (
    "SELECT FROM catalog_output o WHERE o.output_set_id = %(set)s AND o.system_id = %(system)s "
    "AND o.example_id = e.id AND o.epoch = %(epoch)s"
)
# OFFSET 0: each example looks its answer up by the index. Joined instead, a set of 5,000 outputs that PostgreSQL has no
# statistics of yet (just imported) was read once for every example.
LOOKED_UP = " OFFSET 0"
# A recording is done when every scorer has spoken.
SCORED = (
    ANSWERED
    + " AND (SELECT count(*) FROM evaluation_score s WHERE s.output_id = o.id AND s.other_output_id IS NULL "
    "AND (s.scorer_id, s.criterion_id) IN (SELECT * FROM unnest(%(scorers)s::bigint[], %(criteria)s::bigint[]))) >= %(wanted)s"
)


def open_examples(run: Run, shard: Shard) -> list[Facts]:
    """The shard's examples that are neither answered nor out of tries, in order."""
    answered = SCORED if run.settings["asked_by"] == AskedBy.RECORDING else ANSWERED
    pairs = {(spec["scorer_id"], spec["criterion_id"]) for spec in run.settings["scorers"]}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.content, e.choices, e.reference, e.slices FROM catalog_example e "
            "WHERE e.version_id = %(version)s AND e.position >= %(first)s AND e.position < %(last)s "
            f"AND NOT EXISTS ({answered}{LOOKED_UP}) "
            "AND NOT EXISTS (SELECT FROM evaluation_failure f WHERE f.run_id = %(run)s AND f.example_id = e.id "
            f"AND f.epoch = %(epoch)s AND f.attempts >= %(tries)s{LOOKED_UP}) ORDER BY e.position, e.id",
            {
                "version": run.benchmark.version_id,
                "first": shard.first,
                "last": shard.last,
                "set": run.answers_set_id,
                "system": run.system_id,
                "epoch": shard.epoch,
                "run": run.pk,
                "tries": run.settings["max_attempts"],
                "scorers": [scorer for scorer, _ in pairs],
                "criteria": [criterion for _, criterion in pairs],
                "wanted": len(pairs),
            },
        )
        rows = cursor.fetchall()
    return [
        Facts(id=i, content=_json(c), choices=_json(ch), reference=_json(r), slices=_json(s))
        for i, c, ch, r, s in rows
    ]


def _json(value: Any) -> Any:
    """Django's cursors give JSON columns as text."""
    return json.loads(value) if isinstance(value, str) else value
