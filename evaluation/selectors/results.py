"""What a run found: accuracy, slices, latency and tokens, each with its interval, its n and what was left out."""

from dataclasses import dataclass

import numpy as np
from django.db import connection

from concord.catalog.models import Criterion
from concord.catalog.selectors.questions import usual_question
from concord.estimates.arrays import Ints
from concord.estimates.figure import Figure
from concord.estimates.latency import Latency, latency
from concord.estimates.levels import machine_level
from concord.estimates.observations import observe
from evaluation.models import Run, Score
from evaluation.selectors.long_form import of_run, scores_long, timings_of_run

MAX_SLICE_VALUES = 40


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """One scorer's figure."""

    title: str
    scorer_id: int
    criterion_id: int
    is_share: bool
    estimate: Figure


@dataclass(frozen=True, kw_only=True)
class SliceRow:
    name: str
    value: str
    estimate: Figure


def accuracies(run: Run) -> list[Accuracy]:
    """Every scorer of the run, in the benchmark's order."""
    failed = run.failures.filter(attempts__gte=run.settings["max_attempts"]).count()
    criteria = Criterion.objects.in_bulk([spec["criterion_id"] for spec in run.settings["scorers"]])
    return [
        _accuracy(run, spec["title"], spec["scorer_id"], criteria[spec["criterion_id"]], failed)
        for spec in run.settings["scorers"]
        if spec["criterion_id"] in criteria
    ]


def slices(run: Run, accuracy: Accuracy) -> list[SliceRow]:
    """The scorer's figure within every value of every slice that the examples have."""
    criterion = Criterion.objects.get(pk=accuracy.criterion_id)
    question = usual_question(criterion)
    heard = observe(
        scores_long(scorer_id=accuracy.scorer_id, criterion_id=accuracy.criterion_id, run=run), question
    )
    scored = np.unique(heard.examples)
    taken: dict[str, int] = {}
    found = []
    for name, value, examples in _slices_of(run):
        known = np.intersect1d(examples, scored)
        if not len(known):
            continue
        taken[name] = taken.get(name, 0) + 1
        if taken[name] <= MAX_SLICE_VALUES:
            estimate = machine_level(heard.on(known), question)
            found.append(SliceRow(name=name, value=value, estimate=estimate))
    return found


def latency_of(run: Run) -> Latency | None:
    """None where nothing was timed."""
    found = timings_of_run(run)
    return latency(found) if len(found) else None


def _accuracy(run: Run, title: str, scorer_id: int, criterion: Criterion, failed: int) -> Accuracy:
    question = usual_question(criterion)
    scores = scores_long(scorer_id=scorer_id, criterion_id=criterion.pk, run=run)
    without = Score.objects.filter(
        scorer_id=scorer_id,
        criterion=criterion,
        other_output=None,
        value=None,
        output__output_set_id=run.answers_set_id,
        output__system_id=run.system_id,
        output__example__version_id=run.benchmark.version_id,
    ).count() - int(np.isnan(scores.values).sum())
    figure = machine_level(observe(scores, question), question)
    return Accuracy(
        title=title,
        scorer_id=scorer_id,
        criterion_id=criterion.pk,
        is_share=question.on_unit_scale,
        estimate=figure.without({"no reference": without, "failed examples": failed}),
    )


def _slices_of(run: Run) -> list[tuple[str, str, Ints]]:
    """Every value of every slice with its examples, the commonest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.key, x.value, array_agg(DISTINCT e.id) FROM catalog_output o "
            "JOIN catalog_example e ON e.id = o.example_id CROSS JOIN LATERAL jsonb_each_text(e.slices) x "
            "WHERE o.output_set_id = %s AND o.system_id = %s AND e.version_id = %s "
            "GROUP BY x.key, x.value ORDER BY x.key, count(*) DESC, x.value",
            of_run(run),
        )
        rows = cursor.fetchall()
    return [(name, value, np.array(ids, dtype=np.int64)) for name, value, ids in rows]
