"""A cheap sign of whether the evidence has changed: counts and largest ids, without loading it."""

from typing import Any

from django.db.models import Count, Max

from annotation.models import Rating
from concord.catalog.models import Output
from concord.scorecards.models import Scorecard
from concord.scorecards.selectors.versions import version_of
from evaluation.models import Score, Timing


def stamp(scorecard: Scorecard) -> dict[str, Any]:
    """Return what changes whenever ratings, scores, outputs or timings of this scorecard are added, undone or corrected."""
    dimensions = list(scorecard.dimensions.values("criterion_id", "study_id", "scorer_id"))
    systems = list(scorecard.systems.order_by("pk").values_list("pk", flat=True))
    return {
        "ratings": [_ratings(d["study_id"], d["criterion_id"]) for d in dimensions if d["study_id"]],
        "scores": [_scores(d["scorer_id"], d["criterion_id"]) for d in dimensions if d["scorer_id"]],
        "outputs": _outputs(systems, version_of(scorecard)),
        "timings": _timings(systems, version_of(scorecard)),
        "edited": scorecard.updated_at.isoformat(),
    }


def _ratings(study_id: int, criterion_id: int) -> list[int | None]:
    rows = Rating.objects.filter(study_id=study_id, criterion_id=criterion_id, current=True)
    return list(rows.aggregate(n=Count("pk"), last=Max("pk")).values())


def _scores(scorer_id: int, criterion_id: int) -> list[int | None]:
    rows = Score.objects.filter(scorer_id=scorer_id, criterion_id=criterion_id)
    return list(rows.aggregate(n=Count("pk"), last=Max("pk")).values())


def _outputs(systems: list[int], version_id: int | None) -> list[int | None]:
    rows = Output.objects.filter(system_id__in=systems, example__version_id=version_id)
    return list(rows.aggregate(n=Count("pk"), last=Max("pk")).values())


def _timings(systems: list[int], version_id: int | None) -> list[int | None]:
    rows = Timing.objects.filter(output__system_id__in=systems)
    if version_id:
        rows = rows.filter(output__example__version_id=version_id)
    return list(rows.aggregate(n=Count("pk"), last=Max("pk")).values())
