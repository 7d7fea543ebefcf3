"""Building the units of a study in bulk, inside PostgreSQL: a million units never pass through Python."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from annotation.models import Draw, Study, Unit
from annotation.services.pairing import pair_columns
from annotation.states import StudyKind, StudyState
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.models import Output
from concord.core.actors import Actor
from concord.core.errors import Conflict, Invalid
from concord.core.services import audit

# The output of each system for each example: from the newest set, or from the newest of the sets that were chosen.
CHOSEN = """
CREATE TEMPORARY TABLE chosen_output ON COMMIT DROP AS
SELECT DISTINCT ON (o.example_id, o.system_id) o.id, o.example_id, o.system_id, e.key
FROM catalog_output o JOIN catalog_example e ON e.id = o.example_id
WHERE e.version_id = %(version)s AND o.system_id = ANY(%(systems)s)
  AND (%(sets)s::bigint[] IS NULL OR o.output_set_id = ANY(%(sets)s))
  AND e.slices @> %(where)s::jsonb
  AND (%(most)s::bigint IS NULL OR e.id IN (
      SELECT id FROM catalog_example WHERE version_id = %(version)s AND slices @> %(where)s::jsonb
      ORDER BY hashtextextended(key, %(seed)s), id LIMIT %(most)s))
ORDER BY o.example_id, o.system_id, o.output_set_id DESC, o.epoch
"""

# The order of units is a hash of names with the study's seed: random to people, and the same again for the same seed.
SINGLE = """
INSERT INTO annotation_unit
    (study_id, example_id, output_id, position, swap_first, wanted, given, free, open, handed_out)
SELECT %(study)s, c.example_id, c.id,
       row_number() OVER (ORDER BY hashtextextended(c.key || '/' || s.name || '/' || s.version, %(seed)s), c.id),
       false, %(wanted)s, 0, %(wanted)s, true, 0
FROM chosen_output c JOIN catalog_system s ON s.id = c.system_id
"""

# Each example takes the next pairs of the round robin, starting where the example before it stopped; pairs that the example has
# no outputs for are passed over. Every second meeting of two systems has the other one on the left. That is the unit's own
# left, which answers refer to: if it followed the systems' ids, "left" would mean "the better system" and chance-corrected
# agreement about sides would fall with every clear winner.
PAIRS = """
INSERT INTO annotation_unit
    (study_id, example_id, output_id, other_output_id, position, swap_first, wanted, given, free, open, handed_out)
SELECT %(study)s, t.example_id, CASE WHEN t.turned THEN t.other ELSE t.output END,
       CASE WHEN t.turned THEN t.output ELSE t.other END,
       row_number() OVER (ORDER BY hashtextextended(t.key || '/' || t.seq, %(seed)s), t.output, t.other),
       false, %(wanted)s, 0, %(wanted)s, true, 0
FROM (
    SELECT m.*, m.swapped <> (row_number() OVER (PARTITION BY m.seq ORDER BY m.turn) %% 2 = 0) AS turned
FROM (
    SELECT x.example_id, x.key, x.turn, p.* FROM (
        SELECT example_id, key, row_number() OVER (ORDER BY hashtextextended(key, %(seed)s), example_id) - 1 AS turn
        FROM (SELECT DISTINCT example_id, key FROM chosen_output) AS each_example
    ) AS x CROSS JOIN LATERAL (
        SELECT q.seq, q.swapped, l.id AS output, r.id AS other
        FROM unnest(%(first)s::bigint[], %(second)s::bigint[], %(swapped)s::boolean[])
             WITH ORDINALITY AS q(first, second, swapped, seq)
        JOIN chosen_output l ON l.example_id = x.example_id AND l.system_id = q.first
        JOIN chosen_output r ON r.example_id = x.example_id AND r.system_id = q.second
        ORDER BY (q.seq - 1 + %(pairs)s - (x.turn * %(each)s) %% %(pairs)s) %% %(pairs)s
        LIMIT %(each)s
    ) AS p
) AS m
) AS t
"""


def build_units(
    *,
    actor: Actor,
    study: Study,
    pairs_per_example: int | None = None,
    output_sets: Sequence[int] | None = None,
    where: Mapping[str, str] | None = None,
    examples: int | None = None,
) -> int:
    """Make the units of a draft from the outputs that exist now, replacing what was built before; returns how many.

    A scale study gets one unit for each output; side by side, all pairs of systems on each example, or `pairs_per_example`
    of them, chosen so that systems meet equally often and stand first equally often. `where` keeps only examples whose
    slices have these values; `examples` takes a random sample of that many of them. The study's `Draw` says how.
    """
    require(actor=actor, workspace=study.workspace, to=Action.DESIGN)
    if examples is not None and examples < 1:
        raise Invalid("Ask for at least one example.", code="too_few_examples", field="examples")
    with transaction.atomic():
        state = Study.objects.select_for_update().values_list("state", flat=True).get(pk=study.pk)
        if state != StudyState.DRAFT:
            raise Conflict(
                "The units of a study are fixed once it was opened.", code="illegal_move", state=state
            )
        Unit.objects.filter(study=study)._raw_delete(using="default")
        chosen = {
            "sets": list(output_sets) if output_sets is not None else None,
            "where": json.dumps(dict(where or {})),
            "most": examples,
        }
        count = _insert(study, pairs_per_example, chosen)
        _keep_draw(study, where=dict(where or {}), output_sets=chosen["sets"], examples=examples)
        Study.objects.filter(pk=study.pk).update(units_count=count)
        study.units_count = count
        audit.record(actor=actor, verb="units.built", workspace_id=study.workspace_id, obj=study, units=count)
    _analyse()
    return count


def _keep_draw(study: Study, **how: Any) -> None:
    """Write down out of which outputs the units were drawn: later ones were not among them."""
    newest = Output.objects.aggregate(last=Max("pk"))["last"] or 0
    Draw.objects.update_or_create(study=study, defaults={**how, "last_output": newest})


def _insert(study: Study, pairs_per_example: int | None, chosen: dict[str, Any]) -> int:
    systems = list(study.systems.order_by("id").values_list("id", flat=True))
    values: dict[str, Any] = {
        "study": study.pk,
        "seed": study.seed,
        "wanted": study.wanted,
        "version": study.version_id,
        "systems": systems,
        **chosen,
    }
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS chosen_output")
        # Right after an import the planner believes that there are no such outputs, and would look each up in a loop.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(CHOSEN, values)
        cursor.execute("SET LOCAL enable_nestloop = on")
        cursor.execute("CREATE INDEX ON chosen_output (example_id, system_id)")
        cursor.execute("ANALYZE chosen_output")
        if study.kind == StudyKind.SCALE:
            cursor.execute(SINGLE, values)
        else:
            cursor.execute(PAIRS, {**values, **_pairs(systems, pairs_per_example)})
        return int(cursor.rowcount)


def _pairs(systems: list[int], pairs_per_example: int | None) -> dict[str, Any]:
    if len(systems) < 2:
        raise Invalid(
            "A side-by-side study needs two systems or more.", code="too_few_systems", field="systems"
        )
    first, second, swapped = pair_columns(systems)
    if pairs_per_example is not None and pairs_per_example < 1:
        raise Invalid(
            "Ask for at least one pair per example.", code="too_few_pairs", field="pairs_per_example"
        )
    each = min(pairs_per_example or len(first), len(first))
    return {"first": first, "second": second, "swapped": swapped, "each": each, "pairs": len(first)}


def _analyse() -> None:
    """Tell the planner about the new rows, so that the queue is read by its index from the first task on."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE annotation_unit")
