"""The answers of a run with their scores, for reading: all, or only the wrong or right ones."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from concord.catalog.models import Output
from evaluation.models import Run, Score

SHOWN = ("all", "wrong", "right", "unscored")


def answers_of(run: Run, *, shown: str = "all") -> QuerySet[Output]:
    """Outputs in the order of their examples. Right and wrong are by the first scorer: 1, or anything below."""
    pairs = [(spec["scorer_id"], spec["criterion_id"]) for spec in run.settings["scorers"]]
    rows: QuerySet[Output] = Output.objects.filter(
        output_set_id=run.answers_set_id,
        system_id=run.system_id,
        example__version_id=run.benchmark.version_id,
    )
    if shown in SHOWN[1:] and pairs:
        rows = rows.filter(_first_score(pairs[0], shown))
    return rows.select_related("example").order_by("example__position", "example_id", "epoch")


def count_hidden_keys(run: Run) -> int:
    """Answers in which the system repeated a key, and a mark stands instead."""
    return answers_of(run).filter(hidden_keys__gt=0).count()


def _first_score(pair: tuple[int, int], shown: str) -> Any:
    mine = Score.objects.filter(
        scorer_id=pair[0], criterion_id=pair[1], output=OuterRef("pk"), other_output=None
    )
    match shown:
        case "right":
            return Exists(mine.filter(value__gte=1))
        case "wrong":
            return Exists(mine.filter(value__lt=1))
    return ~Exists(mine.exclude(value=None))


def with_scores(run: Run, outputs: list[Output]) -> list[dict[str, Any]]:
    """Each output with its scores in the order of the run's scorers; one query."""
    pairs = [(spec["scorer_id"], spec["criterion_id"]) for spec in run.settings["scorers"]]
    found = Score.objects.filter(
        output__in=outputs, other_output=None, scorer_id__in=[scorer for scorer, _ in pairs]
    )
    by_place = {
        (score.output_id, score.scorer_id, score.criterion_id): score
        for score in found.select_related("criterion")
    }
    return [
        {
            "output": output,
            "example": output.example,
            "scores": [by_place.get((output.pk, *pair)) for pair in pairs],
        }
        for output in outputs
    ]
