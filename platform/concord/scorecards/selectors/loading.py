"""A scorecard's evidence, loaded from PostgreSQL as arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import connection

from annotation.selectors.draws import urn
from annotation.selectors.long_form import ratings_long
from concord.catalog.selectors.questions import question_of
from concord.catalog.selectors.slices import examples_where
from concord.estimates.arrays import Ints
from concord.estimates.enums import Choice
from concord.estimates.question import Question
from concord.estimates.ratings import Ratings
from concord.estimates.scores import Scores
from concord.estimates.timings import Timings
from concord.scorecards.evidence import DimensionEvidence, Evidence, Target
from concord.scorecards.models import Dimension, Scorecard
from concord.scorecards.selectors.versions import version_of
from evaluation.selectors.long_form import scores_long, timings_long


def load(scorecard: Scorecard) -> Evidence:
    """Return everything that the scorecard is computed from. Call it in one repeatable-read transaction."""
    systems = {system.pk: str(system) for system in scorecard.systems.order_by("name", "version", "pk")}
    version_id = version_of(scorecard)
    slices = slice_examples(version_id) if version_id else {}
    dimensions = tuple(
        _dimension(dimension, tuple(systems), version_id, slices)
        for dimension in scorecard.dimensions.select_related("criterion", "study", "scorer", "scorecard")
    )
    return Evidence(
        systems=tuple(systems),
        names=systems,
        dimensions=dimensions,
        timings=timings_long(system_ids=list(systems), version_id=version_id),
        dataset_timings=_dataset_timings(scorecard, version_id),
        baseline=scorecard.baseline_id,
        confidence=scorecard.confidence,
    )


def asked(dimension: Dimension) -> Question:
    """Return the dimension as a question."""
    scorecard = dimension.scorecard
    return question_of(
        dimension.criterion,
        name=dimension.name,
        estimand=dimension.estimand,
        labels=tuple(float(label) for label in dimension.labels),
        direction=dimension.direction,
        scope=scorecard.scope,
        confidence=scorecard.confidence,
    )


def _dimension(
    dimension: Dimension,
    systems: tuple[int, ...],
    version_id: int | None,
    slices: Mapping[str, Mapping[str, Ints]],
) -> DimensionEvidence:
    question = asked(dimension)
    examples = examples_where(version_id, dimension.where) if version_id else None
    ratings = _ratings(dimension, systems, examples)
    target = (
        _target(systems, version_id, examples, ratings) if version_id and not question.is_pairwise else None
    )
    scores = _scores(dimension, systems, examples, target)
    choice, why = _choice(dimension, scores)
    return DimensionEvidence(
        question=question,
        ratings=ratings,
        scores=scores,
        target=target,
        slices=_within(slices, examples),
        primary=dimension.primary,
        choice=choice,
        choice_why=why,
    )


def _ratings(dimension: Dimension, systems: tuple[int, ...], examples: Ints | None) -> Ratings | None:
    if dimension.study_id is None:
        return None
    found = ratings_long(study_id=dimension.study_id, criterion_id=dimension.criterion_id)
    return found.where(_chosen(found, systems, examples))


def _scores(
    dimension: Dimension, systems: tuple[int, ...], examples: Ints | None, target: Target | None
) -> Scores | None:
    if dimension.scorer_id is None:
        return None
    found = scores_long(scorer_id=dimension.scorer_id, criterion_id=dimension.criterion_id)
    kept = _chosen(found, systems, examples)
    if target is not None:
        kept &= np.isin(found.outputs, target.outputs)
    return found.where(kept)


def _choice(dimension: Dimension, scores: Scores | None) -> tuple[Choice, str]:
    """Return how the outputs were chosen that people judged among those that the machine scored, and why not by lot."""
    if dimension.study_id is None or scores is None:
        return Choice.UNKNOWN, ""
    drawn = urn(study_id=dimension.study_id, criterion_id=dimension.criterion_id)
    why = drawn.why
    if drawn.outputs is not None:
        scored = np.concatenate([scores.outputs, scores.other_outputs[scores.other_outputs >= 0]])
        beyond = len(np.setdiff1d(scored, drawn.outputs))
        if not beyond:
            return Choice.DRAWN, ""
        why = f"the machine also judged {beyond} outputs that the study did not draw from"
    return (Choice.DECLARED, "") if drawn.declared else (Choice.UNKNOWN, why)


def _chosen(side: Ratings | Scores, systems: tuple[int, ...], examples: Ints | None) -> Any:
    """Return which answers are about systems of the scorecard and examples of the dimension."""
    known = np.array(systems, dtype=np.int64)
    kept = np.isin(side.systems, known) & ((side.other_systems < 0) | np.isin(side.other_systems, known))
    return kept if examples is None else kept & np.isin(side.examples, examples)


def slice_examples(version_id: int) -> dict[str, dict[str, Ints]]:
    """Return the example ids of every value of every slice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.key, s.value, array_agg(e.id ORDER BY e.id) FROM catalog_example e, jsonb_each_text(e.slices) s "
            "WHERE e.version_id = %s GROUP BY s.key, s.value ORDER BY s.key, s.value",
            [version_id],
        )
        rows = cursor.fetchall()
    found: dict[str, dict[str, Ints]] = {}
    for name, value, ids in rows:
        found.setdefault(name, {})[value] = np.array(ids, dtype=np.int64)
    return found


def _within(slices: Mapping[str, Mapping[str, Ints]], examples: Ints | None) -> dict[str, dict[str, Ints]]:
    """Return the slices as far as they lie in the dimension's examples; values without an example go."""
    if examples is None:
        return {}
    kept = {
        name: {value: ids[np.isin(ids, examples)] for value, ids in values.items()}
        for name, values in slices.items()
    }
    return {name: {value: ids for value, ids in values.items() if len(ids)} for name, values in kept.items()}


def _target(
    systems: tuple[int, ...], version_id: int, examples: Ints | None, ratings: Ratings | None
) -> Target:
    """Return the outputs that count: what people judged, and elsewhere the newest set of each system and example."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, system_id, example_id, newest FROM (SELECT o.id, o.system_id, o.example_id, "
            "rank() OVER (PARTITION BY o.system_id, o.example_id ORDER BY o.output_set_id DESC) = 1 AS newest "
            "FROM catalog_output o JOIN catalog_example e ON e.id = o.example_id "
            "WHERE e.version_id = %s AND o.system_id = ANY(%s)) q ORDER BY id",
            [version_id, list(systems)],
        )
        rows = np.array(cursor.fetchall() or np.empty((0, 4)), dtype=np.int64)
    if examples is not None:
        rows = rows[np.isin(rows[:, 2], examples)]
    rated = np.isin(rows[:, 0], ratings.outputs) if ratings is not None else np.zeros(len(rows), dtype=bool)
    place = np.unique(rows[:, 1:3], axis=0, return_inverse=True)[1].reshape(-1)
    has_rated = np.bincount(place, weights=rated, minlength=int(place.max(initial=-1)) + 1)[place] > 0
    kept = np.where(has_rated, rated, rows[:, 3] == 1)
    return Target(outputs=rows[kept, 0], systems=rows[kept, 1], examples=rows[kept, 2])


def _dataset_timings(scorecard: Scorecard, version_id: int | None) -> Timings | None:
    """Return the timings of every system that answered the dataset, for a table that leaves none out."""
    if version_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT o.system_id FROM catalog_output o JOIN catalog_example e ON e.id = o.example_id "
            "JOIN catalog_system s ON s.id = o.system_id WHERE e.version_id = %s AND s.workspace_id = %s",
            [version_id, scorecard.workspace_id],
        )
        systems = sorted(row[0] for row in cursor.fetchall())
    return timings_long(system_ids=systems, version_id=version_id)
