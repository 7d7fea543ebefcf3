"""A cheap sign of whether the evidence, or what is made of it, has changed: counts and sums, without loading it."""

from typing import Any

from django.db.models import BigIntegerField, Count, DecimalField, F, Func, Max, Q, QuerySet, Sum
from django.db.models.functions import Cast

from annotation.models import Rating
from concord.catalog.models import DatasetVersion, Output
from concord.scorecards.models import Scorecard
from concord.scorecards.selectors.versions import version_of
from evaluation.models import Score, Timing

# Raise it when the same evidence would give other figures: snapshots made before are then stale, and computed again.
METHODS_VERSION = 15


class Exact(Func):
    """A number whose sum does not depend on the order of the rows, as that of floats does."""

    template = "(%(expressions)s)::numeric"
    output_field = DecimalField()


def stamp(scorecard: Scorecard) -> dict[str, Any]:
    """Return what changes whenever ratings, scores, outputs or timings of this scorecard are added, undone or corrected.

    A count and a largest id would miss an import that was undone while another brought as many, and a score written over.
    """
    dimensions = list(
        scorecard.dimensions.values("criterion_id", "study_id", "scorer_id", "study__declared_random")
    )
    systems = list(scorecard.systems.order_by("pk").values_list("pk", flat=True))
    version = version_of(scorecard)
    return {
        "methods": METHODS_VERSION,
        "declared": [d["study__declared_random"] for d in dimensions],
        "ratings": [_ratings(d["study_id"], d["criterion_id"]) for d in dimensions if d["study_id"]],
        "scores": [_scores(d["scorer_id"], d["criterion_id"]) for d in dimensions if d["scorer_id"]],
        "outputs": _outputs(systems, version),
        "timings": _timings(scorecard, systems, version),
        "examples": _examples(version),
        "edited": scorecard.updated_at.isoformat(),
    }


def _examples(version_id: int | None) -> str | None:
    if version_id is None:
        return None
    found: str | None = DatasetVersion.objects.filter(pk=version_id).values_list("digest", flat=True).first()
    return found


def _ratings(study_id: int, criterion_id: int) -> list[Any]:
    return _sums(Rating.objects.filter(study_id=study_id, criterion_id=criterion_id, current=True), "value")


def _scores(scorer_id: int, criterion_id: int) -> list[Any]:
    return _sums(Score.objects.filter(scorer_id=scorer_id, criterion_id=criterion_id), "value")


def _outputs(systems: list[int], version_id: int | None) -> list[Any]:
    return _sums(Output.objects.filter(system_id__in=systems, example__version_id=version_id))


def _timings(scorecard: Scorecard, systems: list[int], version_id: int | None) -> list[Any]:
    """Return those of every system on the dataset, which the export describes too; without a dataset those of the systems."""
    rows = Timing.objects.filter(output__system__workspace_id=scorecard.workspace_id)
    mine = Q(output__example__version_id=version_id) if version_id else Q(output__system_id__in=systems)
    return _sums(rows.filter(mine), "duration_ms")


def _sums(rows: QuerySet[Any], value: str = "") -> list[Any]:
    """Return how many rows there are, and sums that no other rows or values are likely to have."""
    id_ = Cast("pk", BigIntegerField())
    wanted: dict[str, Any] = {"n": Count("pk"), "last": Max("pk"), "ids": Sum(id_)}
    if value:
        exact = Exact(F(value))
        wanted |= {"values": Count(value), "sum": Sum(exact), "mixed": Sum(exact * Exact(id_ % 1009 + 1))}
    found = rows.aggregate(**wanted)
    return [str(item) if item is not None else None for item in found.values()]
