"""Scores and timings as long-form arrays: the one shape that feeds every estimator."""

from collections.abc import Sequence
from typing import Any

from concord.core.selectors.arrays import columns
from concord.estimates.scores import Scores
from concord.estimates.timings import Timings
from evaluation.models import Run, Scorer
from evaluation.states import ScorerKind


def scores_long(*, scorer_id: int, criterion_id: int, run: Run | None = None) -> Scores:
    """Every score of one scorer on one criterion, or only those of a run's own answers.

    A metric of Concord's own gives no value where an example has no reference: that is no answer, and has no row.
    """
    answered = "" if _may_be_unparsed(scorer_id) else "AND s.value IS NOT NULL"
    # A join that nothing needs can lead the planner astray: only a run's scores ask for the example's version.
    joined, where, parameters = ("", "", []) if run is None else (JOIN_EXAMPLE, f"AND {OF_RUN}", of_run(run))
    found = columns(
        "SELECT s.output_id AS outputs, coalesce(s.other_output_id, -1) AS other_outputs, o.system_id AS systems, "
        "coalesce(p.system_id, -1) AS other_systems, o.example_id AS examples, coalesce(s.value, 'NaN') AS values "
        "FROM evaluation_score s JOIN catalog_output o ON o.id = s.output_id "
        f"LEFT JOIN catalog_output p ON p.id = s.other_output_id {joined}"
        f"WHERE s.scorer_id = %s AND s.criterion_id = %s {answered} {where} ORDER BY s.id",
        {
            "outputs": int,
            "other_outputs": int,
            "systems": int,
            "other_systems": int,
            "examples": int,
            "values": float,
        },
        [scorer_id, criterion_id, *parameters],
    )
    return Scores(**found).in_order()


def _may_be_unparsed(scorer_id: int) -> bool:
    """Whether a score without a value is an answer that could not be read: a judge's, a classifier's, or an imported one."""
    found = Scorer.objects.filter(pk=scorer_id).values_list("kind", "method").first()
    return found is None or found[0] != ScorerKind.METRIC or found[1] == "imported"


JOIN_EXAMPLE = "JOIN catalog_example e ON e.id = o.example_id "
OF_RUN = "o.output_set_id = %s AND o.system_id = %s AND e.version_id = %s"


def of_run(run: Run) -> list[Any]:
    return [run.answers_set_id, run.system_id, run.benchmark.version_id]


# Members of a batch were sent at one instant by one run; single requests always count.
ONE_A_BATCH = (
    "(coalesce(t.batch_size, 1) <= 1 OR t.sent_at IS NULL OR row_number() OVER "
    "(PARTITION BY o.output_set_id, o.system_id, t.sent_at, t.duration_ms, t.batch_size ORDER BY o.id) = 1)::int"
)


# Milliseconds to the first token; nan where it was not measured.
FIRST_WORD_MS = "coalesce(extract(epoch FROM t.first_token_at - t.sent_at) * 1000, 'NaN')"


def timings_long(*, system_ids: Sequence[int], version_id: int | None = None) -> Timings:
    """Every timing of these systems, of one dataset version where it is given."""
    where = "o.system_id = ANY(%s) AND (%s::bigint IS NULL OR e.version_id = %s)"
    return _timings(where, [list(system_ids), version_id, version_id])


def timings_of_run(run: Run) -> Timings:
    """Every timing of a run's own answers."""
    return _timings(OF_RUN, of_run(run))


def _timings(where: str, parameters: list[Any]) -> Timings:
    found = columns(
        "SELECT o.system_id AS systems, o.example_id AS examples, o.id AS outputs, t.duration_ms, "
        f"{FIRST_WORD_MS} AS first_token_ms, {ONE_A_BATCH} AS counts, "
        "coalesce(t.batch_size::float8, 'NaN') AS batch_size, "
        "coalesce(t.input_tokens::float8, 'NaN') AS input_tokens, "
        "coalesce(t.output_tokens::float8, 'NaN') AS output_tokens, coalesce(t.cost, 'NaN') AS cost "
        "FROM evaluation_timing t JOIN catalog_output o ON o.id = t.output_id JOIN catalog_example e ON e.id = o.example_id "
        f"WHERE {where} ORDER BY o.id",
        {
            "systems": int,
            "examples": int,
            "outputs": int,
            "duration_ms": float,
            "first_token_ms": float,
            "counts": int,
            "batch_size": float,
            "input_tokens": float,
            "output_tokens": float,
            "cost": float,
        },
        parameters,
    )
    return Timings(**{**found, "counts": found["counts"].astype(bool)}).in_order()
