"""How the outputs that people judged were chosen: by lot, where the platform did it and can show out of which."""

import json
from dataclasses import dataclass

import numpy as np
from django.db import connection

from annotation.models import Draw, Study
from concord.estimates.arrays import Ints

# Units that came before the last one answered and have no answer: more, and it was not the lot alone that chose.
MOST_UNANSWERED = 0.05

# Units are handed out in an order drawn by lot, so the first so many of them are a sample too; gaps in it are not.
ANSWERED = """
SELECT count(*) FILTER (WHERE answered), count(*), coalesce(bool_or(brought), false) FROM (
    SELECT answered, brought, max(position) FILTER (WHERE answered) OVER () AS last, position FROM (
        SELECT u.position, u.batch_id IS NOT NULL AS brought, EXISTS (
            SELECT FROM annotation_rating r WHERE r.unit_id = u.id AND r.criterion_id = %(criterion)s AND r.current
            AND r.value IS NOT NULL) AS answered
        FROM annotation_unit u WHERE u.study_id = %(study)s) AS each_unit) AS every_unit
WHERE position <= last AND (answered OR NOT brought)
"""

# Repeats of the same set stand for each other. In one pass: joined to itself, the table is read once for each of its rows where
# the planner takes it for empty.
URN = """
SELECT id FROM (
    SELECT o.id, o.output_set_id, max(o.output_set_id) OVER (PARTITION BY o.example_id, o.system_id) AS newest
    FROM catalog_output o JOIN catalog_example e ON e.id = o.example_id
    WHERE e.version_id = %(version)s AND o.system_id = ANY(%(systems)s) AND o.id <= %(last)s
      AND (%(sets)s::bigint[] IS NULL OR o.output_set_id = ANY(%(sets)s)) AND e.slices @> %(where)s::jsonb) AS found
WHERE output_set_id = newest ORDER BY id
"""


@dataclass(frozen=True, kw_only=True)
class Urn:
    """The outputs out of which those that people judged were drawn by lot; None where they were not, and `why` not.

    `declared`: somebody answers for it that they were, although nothing here shows it.
    """

    outputs: Ints | None
    why: str = ""
    declared: bool = False


def urn(*, study_id: int, criterion_id: int) -> Urn:
    """Return out of which outputs those with an answer to this question were drawn."""
    study = Study.objects.get(pk=study_id)
    draw = Draw.objects.filter(study=study).first()
    if draw is None:
        return Urn(
            outputs=None,
            why="the study was imported" if study.batch_id else "nothing records it",
            declared=study.declared_random,
        )
    why = _not_by_lot_alone(study_id, criterion_id)
    if why:
        return Urn(outputs=None, why=why, declared=study.declared_random)
    return Urn(outputs=_outputs(study, draw), declared=study.declared_random)


def _not_by_lot_alone(study_id: int, criterion_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(ANSWERED, {"study": study_id, "criterion": criterion_id})
        answered, reached, brought = cursor.fetchone()
    if brought:
        return "some of its units were imported"
    if answered < (1 - MOST_UNANSWERED) * reached:
        return f"people left {reached - answered} of {reached} units without an answer"
    return ""


def _outputs(study: Study, draw: Draw) -> Ints:
    with connection.cursor() as cursor:
        cursor.execute(
            URN,
            {
                "version": study.version_id,
                "systems": list(study.systems.values_list("id", flat=True)),
                "sets": draw.output_sets,
                "where": json.dumps(draw.where),
                "last": draw.last_output,
            },
        )
        return np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)
